r"""Say what a FETCH asks for, in words that never mark a message as seen.

::

    fetch-att = "ENVELOPE" / "FLAGS" / "INTERNALDATE" / "RFC822.SIZE" / "BODYSTRUCTURE" / "UID" /
                "BODY.PEEK" section ["<" number "." nz-number ">"] / …      RFC 3501, 9
              / "BINARY.PEEK" section-binary [partial] / "BINARY.SIZE" section-binary
                                                                            RFC 3516, 7
    section   = "[" [section-spec] "]"

``BODY[``, ``BINARY[``, ``RFC822`` and ``RFC822.TEXT`` set ``\Seen``, and the macros hide what they
ask for: none of them passes here.

Only the words and their check live here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from courriel.errors import Misused
from courriel.model.characters import excerpt
from courriel.wire.imap.arguments import (
    astring,
    number,
)

_PART = r"[1-9][0-9]{0,9}(?:\.[1-9][0-9]{0,9}){0,100}"
_NAME = r'(?:[^\x00-\x20\x7f-\U0010ffff(){%*"\\\]]{1,200}|"[^\x00-\x1f\x7f-\U0010ffff"\\]{1,200}")'
_SPEC = rf"HEADER\.FIELDS(?:\.NOT)? \({_NAME}(?: {_NAME}){{0,200}}\)|HEADER|TEXT"
_SECTION = rf"(?:{_PART}(?:\.(?:{_SPEC}|MIME))?|{_SPEC})?"
_PARTIAL = r"(?:<[0-9]{1,19}\.[1-9][0-9]{0,18}>)?"
_ITEM = re.compile(
    rf"BODY\.PEEK\[{_SECTION}\]{_PARTIAL}|BINARY\.PEEK\[(?:{_PART})?\]{_PARTIAL}"
    rf"|BINARY\.SIZE\[(?:{_PART})?\]|PREVIEW \(LAZY\)|[A-Z][A-Z0-9.-]{{0,60}}",
    re.I | re.A,
)
_REFUSED = frozenset({"RFC822", "RFC822.TEXT", "ALL", "FAST", "FULL"})
_MOST = 2**63 - 1


def item(word: str | bytes) -> bytes:
    """Return one item as it is sent; raises Misused for what marks as seen or is no item."""
    text = word.decode("latin-1") if isinstance(word, bytes) else str(word)
    if _ITEM.fullmatch(text) is None or text.upper() in _REFUSED:
        raise Misused(
            f"{excerpt(word)} cannot be fetched",
            operation="FETCH",
            hint="Ask for single items, and for content by BODY.PEEK or BINARY.PEEK.",
        )
    return text.encode("ascii")


def peek(
    section: str = "",
    *,
    fields: Iterable[str] = (),
    offset: int = 0,
    octets: int | None = None,
) -> bytes:
    """Return the item for a section, such as ``"HEADER"`` or ``"1.MIME"``; ``""`` is everything.

    ``fields``: only these fields of the header of ``section``, which is
    ``""`` or the number of a part. ``octets``: at most so many, from
    ``offset`` on.
    """
    names = [_field(name) for name in fields]
    if names:
        start = f"{section}." if section else ""
        section = f"{start}HEADER.FIELDS ({' '.join(names)})"
    return item(f"BODY.PEEK[{section}]{_partial(offset, octets)}")


def binary_peek(part: str, *, offset: int = 0, octets: int | None = None) -> bytes:
    """Return the item for the decoded content of a part (RFC 3516, 4.2)."""
    return item(f"BINARY.PEEK[{part}]{_partial(offset, octets)}")


def binary_size(part: str) -> bytes:
    """Return the item for the size of the decoded content of a part (RFC 3516, 4.3)."""
    return item(f"BINARY.SIZE[{part}]")


def _field(name: str) -> str:
    written = astring(name, what="the name of a header field")
    return written.decode("latin-1") if isinstance(written, bytes) else ""


def _partial(offset: int, octets: int | None) -> str:
    if octets is None and offset == 0:
        return ""
    start = number(offset, "an offset", most=_MOST)
    length = number(_MOST if octets is None else octets, "a length", least=1, most=_MOST)
    return f"<{start.decode()}.{length.decode()}>"
