"""Read the response codes: what a server says to programs in brackets, in front of its words.

::

    resp-text      = ["[" resp-text-code "]" SP] [text]                RFC 9051, 9
    resp-text-code = "ALERT" / "BADCHARSET" [SP "(" charset *(SP charset) ")"] / capability-data /
                     "PERMANENTFLAGS" SP "(" [flag-perm *(SP flag-perm)] ")" /
                     "UIDNEXT" SP nz-number / resp-code-apnd / resp-code-copy / … /
                     atom [SP 1*<any TEXT-CHAR except "]">]

A code that cannot be read never spoils the answer that it stands in: its value is None. The value
of one that is not in the table is its text.

Only codes live here; a new one is a line in the table.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from courriel.errors import Garbled
from courriel.wire.imap.answers import Appended, Code, Copied, Ranges
from courriel.wire.imap.cursor import Cursor
from courriel.wire.imap.lexis import flag, word

_NAME = re.compile(rb"[^\x00-\x20\]\[(){\"]+")
_CLOSED = re.compile(rb" *\]")
_VALUE = re.compile(rb" ?([^\]]*)\]")


def skip_code(cursor: Cursor) -> Code | None:
    """Return the code that stands here, or None; the cursor is behind its bracket then."""
    start, used = cursor.position, cursor.used
    if not cursor.skip(b"["):
        return None
    cursor.spaces()
    name = cursor.skip_pattern(_NAME)
    if name is None:
        cursor.position = start
        return None
    text = word(name).upper()
    before = cursor.position
    reader = _READERS.get(text)
    if reader is not None:
        try:
            cursor.spaces()
            value = reader(cursor)
            if cursor.skip_pattern(_CLOSED) is not None:
                return Code(text, value)
        except Garbled:
            # Its text is stepped over below.
            pass
        cursor.position, cursor.used = before, used
    found = _VALUE.match(cursor.text, before)
    if found is None:
        # A bracket that never closes belongs to the words.
        cursor.position = start
        return None
    cursor.position = found.end()
    return Code(text, None if reader is not None else word(found[1]) or None)


def _number(cursor: Cursor) -> int | None:
    return cursor.some_number()


def _nothing(_cursor: Cursor) -> None:
    return None


def _flags(cursor: Cursor) -> frozenset[str]:
    return frozenset(flag(one) for one in cursor.words())


def _words(cursor: Cursor) -> tuple[str, ...]:
    if cursor.text.startswith(b"]", cursor.position):
        return ()
    return tuple(word(one) for one in cursor.words())


def _capabilities(cursor: Cursor) -> frozenset[str]:
    found = cursor.skip_pattern(_TO_BRACKET) or b""
    return cursor.bare_words(found)


_TO_BRACKET = re.compile(rb"[^\]]+")


def _text(cursor: Cursor) -> str:
    return word(cursor.skip_pattern(_TO_BRACKET) or b"")


def _set(cursor: Cursor) -> Any:
    return cursor.uid_set()


def _appended(cursor: Cursor) -> Appended:
    validity = cursor.number()
    cursor.spaces()
    return Appended(validity, cursor.uid_set())


def _copied(cursor: Cursor) -> Copied | None:
    validity = cursor.number()
    cursor.spaces()
    if cursor.text.startswith(b"]", cursor.position):
        # Nothing was copied, and some servers say so in full.
        return None
    source = ordered(cursor)
    cursor.spaces()
    return Copied(validity, source, ordered(cursor))


def ordered(cursor: Cursor) -> Ranges:
    """Return a sequence-set without ``*`` as its ranges, in the order in which they stand."""
    text = cursor.number_set()
    if text.count(b",") >= cursor.limits.answers:
        cursor.fail(f"at most {cursor.limits.answers} ranges")
    ranges: list[tuple[int, int]] = []
    for piece in text.split(b","):
        first, colon, last = piece.partition(b":")
        start = int(first)
        ranges.append((start, int(last) if colon else start))
    return tuple(ranges)


def _mailbox_id(cursor: Cursor) -> str | None:
    found = cursor.words()
    return word(found[0]) if found else None


_READERS: dict[str, Callable[[Cursor], Any]] = {
    **dict.fromkeys(
        (
            *("ALERT", "PARSE", "READ-ONLY", "READ-WRITE", "TRYCREATE", "UIDNOTSTICKY", "CLOSED"),
            *("NOMODSEQ", "HASCHILDREN", "COMPRESSIONACTIVE", "NOTSAVED", "USEATTR"),
            *("UNAVAILABLE", "AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED"),
            *("PRIVACYREQUIRED", "CONTACTADMIN", "NOPERM", "INUSE", "EXPUNGEISSUED"),
            *("CORRUPTION", "SERVERBUG", "CLIENTBUG", "CANNOT", "LIMIT", "OVERQUOTA"),
            *("ALREADYEXISTS", "NONEXISTENT", "TOOBIG", "UNKNOWN-CTE"),
        ),
        _nothing,
    ),
    **dict.fromkeys(
        ("UIDNEXT", "UIDVALIDITY", "UNSEEN", "HIGHESTMODSEQ", "APPENDLIMIT"),
        _number,
    ),
    "PERMANENTFLAGS": _flags,
    "BADCHARSET": _words,
    "CAPABILITY": _capabilities,
    "APPENDUID": _appended,
    "COPYUID": _copied,
    "MODIFIED": _set,
    "MAILBOXID": _mailbox_id,
    "REFERRAL": _text,
    "NEWNAME": _text,
}
"""RFC 9051, 7.1; RFC 5530, 7162 (MODIFIED), 8474, 4978, 7889, 2221. Numbers are None where they
are negative or missing."""

KNOWN = frozenset(_READERS)
"""The names of these codes, which are public words."""
