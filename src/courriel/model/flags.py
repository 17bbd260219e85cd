r"""Name the flags of a message, and check those that a caller wants to set.

::

    flag           = "\Answered" / "\Flagged" / "\Deleted" / "\Seen" / "\Draft" /
                     flag-keyword / flag-extension                    RFC 3501, 9
    flag-keyword   = "$MDNSent" / "$Forwarded" / "$Junk" / … / atom   RFC 9051, 9
    flag-extension = "\" atom
    ATOM-CHAR      = any CHAR except "(" / ")" / "{" / SP / CTL / "%" / "*" / DQUOTE / "\" / "]"

System flags are compared without case and always spelt as above, so that ``SEEN in flags`` holds
whatever a server writes. Keywords keep their spelling.

Only the names and their check live here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from courriel.errors import Misused
from courriel.model.characters import excerpt

__all__ = [
    "ANSWERED",
    "DELETED",
    "DRAFT",
    "FLAGGED",
    "FORWARDED",
    "JUNK",
    "MDN_SENT",
    "NOT_JUNK",
    "PHISHING",
    "RECENT",
    "SEEN",
    "SYSTEM",
    "canonical",
    "flags_of",
]

SEEN = "\\Seen"
ANSWERED = "\\Answered"
FLAGGED = "\\Flagged"
DELETED = "\\Deleted"
DRAFT = "\\Draft"
RECENT = "\\Recent"
"""Set by an IMAP4rev1 server for the first session that sees a message; nobody else can."""

FORWARDED = "$Forwarded"
MDN_SENT = "$MDNSent"
JUNK = "$Junk"
NOT_JUNK = "$NotJunk"
PHISHING = "$Phishing"

SYSTEM = (SEEN, ANSWERED, FLAGGED, DELETED, DRAFT, RECENT)

OCTETS = 1_000
"""One flag. Dovecot keeps 50, Cyrus 256."""

_SPELLING = {flag.lower(): flag for flag in SYSTEM}
_WORDS = {flag[1:].lower(): flag for flag in SYSTEM}
_FLAG = re.compile(r'\\?[^\x00-\x20\x7f-\U0010ffff(){%*"\\\]]+')
_OPERATION = "flags"


def canonical(flag: str) -> str:
    """Return a flag as a server wrote it, a system flag in its one spelling."""
    return _SPELLING.get(flag.lower(), flag) if flag[:1] == "\\" else flag


def flags_of(value: str | Iterable[str]) -> tuple[str, ...]:
    r"""Return the flags that a caller names, in order, each once.

    ``value`` is one flag or several. System flags may be written in any case,
    with or without the backslash: ``"seen"`` is ``"\Seen"``. ``\Recent`` is
    left out, because no client can set it (RFC 3501, 2.3.2) and the flags of
    one message are often given to another. Raises Misused for what cannot be
    a flag: empty, not ASCII, with a space or one of ``(){%*"\]``.
    """
    flags: object = (value,) if isinstance(value, str) else value
    if isinstance(flags, (bytes, bytearray)) or not isinstance(flags, Iterable):
        raise Misused(
            f"flags must be words, not {type(flags).__name__}",
            operation=_OPERATION,
            hint='Write "seen", or ("seen", "flagged").',
        )
    found: dict[str, str] = {}
    for flag in flags:
        name = checked_flag(flag)
        if name != RECENT:
            found.setdefault(name.lower(), name)
    return tuple(found.values())


def checked_flag(flag: object) -> str:
    """Return one flag in its one spelling, Recent included; raises Misused as ``flags_of``."""
    if not isinstance(flag, str) or len(flag) > OCTETS or _FLAG.fullmatch(flag) is None:
        raise Misused(
            f"{excerpt(flag)} cannot be a flag",
            operation=_OPERATION,
            hint="A flag is one word of ASCII letters, digits and signs such as $ - _ .",
        )
    return _WORDS.get(flag.lower()) or canonical(flag)
