"""Say where a reader of a list can have himself taken off it.

::

    List-Unsubscribe: <https://…>, <mailto:…>                    RFC 2369, 3.2
    List-Unsubscribe-Post: List-Unsubscribe=One-Click            RFC 8058, 3.1

With exactly one ``https`` address the mail program can do it by itself, with a POST to it, so that
field is added. Both must be covered by a DKIM signature (RFC 8058, 4).

Only the check, the two fields and their reading live here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from courriel.errors import Misused
from courriel.model.characters import excerpt, single_line
from courriel.model.limits import DEFAULT

FIELDS = frozenset({"list-unsubscribe", "list-unsubscribe-post"})

_URI = re.compile(r"(https?://|mailto:)[!#-;=?-Z_a-z~\[\]%@]+", re.IGNORECASE)
_BRACKETED = re.compile(r"<\s*((?:https?://|mailto:)[^<>]{1,2000})>", re.IGNORECASE)
_LONGEST = 900
_MOST = DEFAULT.mail_links
_OPERATION = "Email"


def checked_unsubscribe(value: Iterable[str] | str | None) -> tuple[str, ...]:
    """Return the URIs under which one can unsubscribe, without angle brackets.

    Raises Misused for anything but ``https:``, ``http:`` and ``mailto:`` URIs
    in ASCII.
    """
    if value is None:
        return ()
    given: object = [value] if isinstance(value, str) else value
    if isinstance(given, (bytes, bytearray)) or not isinstance(given, Iterable):
        raise Misused(
            f"unsubscribe cannot be {type(value).__name__}",
            operation=_OPERATION,
            hint='Write unsubscribe="https://example.org/leave/4711".',
        )
    return tuple(_checked(uri) for uri in given)


def _checked(uri: str) -> str:
    bare = single_line(uri, what="unsubscribe", operation=_OPERATION)
    if bare.startswith("<") and bare.endswith(">"):
        bare = bare[1:-1]
    # A comma separates URIs, and not every reader looks for the brackets (RFC 2369, 2).
    if _URI.fullmatch(bare) is None or "," in bare or len(bare) > _LONGEST:
        raise Misused(
            f"unsubscribe cannot be {excerpt(uri)}",
            operation=_OPERATION,
            hint="Write https://… or mailto:…, percent-encoded, in ASCII.",
        )
    return bare


def unsubscribe_fields(uris: tuple[str, ...]) -> list[tuple[str, list[str]]]:
    """Return the header fields for the URIs, as names and words."""
    if not uris:
        return []
    words = [f"<{uri}>," for uri in uris]
    words[-1] = words[-1][:-1]
    fields = [("List-Unsubscribe", words)]
    if sum(uri.lower().startswith("https:") for uri in uris) == 1:
        fields.append(("List-Unsubscribe-Post", ["List-Unsubscribe=One-Click"]))
    return fields


def unsubscribe_links(value: str) -> tuple[str, ...]:
    """Return the URIs of a field that was read; what is no link is left out."""
    found = _BRACKETED.findall(value[: _MOST * _LONGEST])
    # A long link may be folded, and has no space of its own (RFC 2369, 2).
    return tuple("".join(uri.split()) for uri in found[:_MOST])


def has_more_links(value: str) -> bool:
    """Tell whether a field that was read holds more links than are given."""
    return len(_BRACKETED.findall(value)) > len(unsubscribe_links(value))
