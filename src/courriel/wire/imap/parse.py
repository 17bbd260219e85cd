"""Turn one frame into one answer.

::

    response-tagged = tag SP resp-cond-state CRLF                      RFC 9051, 9
    resp-cond-state = ("OK" / "NO" / "BAD") SP resp-text
    continue-req    = "+" SP (resp-text / base64) CRLF
    response-data   = "*" SP … CRLF

The first words decide who reads the rest: a table for untagged names, one for those that follow a
number. What is in no table is ``Unknown``; what is in one and cannot be read is ``Garbled``, which
for an untagged answer need not be the end of the session, since its frame was whole.

Only that decision, and the answers that are mere words, live here.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from courriel.model.limits import Limits
from courriel.wire.imap import fetch, lists, searches
from courriel.wire.imap.answers import (
    Answer,
    CapabilityList,
    Condition,
    Continuation,
    Enabled,
    Exists,
    Expunged,
    FlagList,
    Identity,
    Recent,
    Tagged,
    Unknown,
)
from courriel.wire.imap.codes import skip_code
from courriel.wire.imap.cursor import Cursor
from courriel.wire.imap.frames import Frame
from courriel.wire.imap.lexis import flag, readable

_FETCH = re.compile(rb"\* ([0-9]{1,10}) FETCH \(")
_UNTAGGED = re.compile(rb"\* *(?:([0-9]{1,20})(?: +|\Z))?([A-Za-z][A-Za-z0-9.\-]*)?(?![^ \[(]) *")
_TAGGED = re.compile(
    rb'([^\x00-\x20(){%*"\\+\x7f][^\x00-\x20(){%*"\\\x7f]*) +([A-Za-z]+)(?: +|(?=\[)|\Z)'
)
_STATES = frozenset({b"OK", b"NO", b"BAD"})


def parse(frame: Frame, limits: Limits, *, utf8: bool = False) -> Answer:
    """Return what a frame says.

    ``utf8``: whether names of folders are UTF-8, after ``ENABLE UTF8=ACCEPT``
    (RFC 6855) or ``IMAP4rev2``. Raises Garbled for what cannot be read.
    """
    usual = fetch.read_whole(frame, limits) or fetch.read_listed(frame, limits)
    if usual is not None:
        return usual
    text = frame.text
    found = _FETCH.match(text)
    if found is not None:
        cursor = Cursor(text, frame.literals, limits, found.end(), utf8=utf8)
        return fetch.read(cursor, int(found[1]))
    cursor = Cursor(text, frame.literals, limits, utf8=utf8)
    if text.startswith(b"*"):
        return _untagged(cursor)
    if text.startswith(b"+"):
        return _continuation(cursor)
    return _tagged(cursor)


def _tagged(cursor: Cursor) -> Tagged:
    found = _TAGGED.match(cursor.text)
    if found is None:
        cursor.fail("a tagged answer")
    status = found[2].upper()
    if status not in _STATES:
        cursor.position = found.start(2)
        cursor.fail("OK, NO or BAD")
    cursor.position = found.end()
    code = skip_code(cursor)
    return Tagged(found[1], status.decode(), code, _spoken(cursor))


def _continuation(cursor: Cursor) -> Continuation:
    cursor.position = 1
    cursor.skip(b" ")
    text = cursor.text[cursor.position :]
    return Continuation(text, skip_code(cursor))


def _untagged(cursor: Cursor) -> Answer:
    found = _UNTAGGED.match(cursor.text)
    if found is None or found[2] is None:
        return Unknown(cursor.text)
    cursor.position = found.end()
    name = found[2].upper()
    if found[1] is not None:
        numbered = _NUMBERED.get(name)
        if numbered is None:
            return Unknown(cursor.text)
        number = int(found[1])
        if number > _HIGHEST:
            cursor.fail("a number of 32 bits")
        return numbered(cursor, number)
    if name in _CONDITIONS:
        code = skip_code(cursor)
        return Condition(name.decode(), code, _spoken(cursor))
    reader = _READERS.get(name)
    return Unknown(cursor.text) if reader is None else reader(cursor)


_HIGHEST = 4_294_967_295
_CONDITIONS = frozenset({*_STATES, b"BYE", b"PREAUTH"})


def _spoken(cursor: Cursor) -> str:
    return readable(cursor.text[cursor.position :].strip())


def _fetch(cursor: Cursor, number: int) -> Answer:
    cursor.insist(b"(")
    return fetch.read(cursor, number)


def _exists(_cursor: Cursor, number: int) -> Answer:
    return Exists(number)


def _recent(_cursor: Cursor, number: int) -> Answer:
    return Recent(number)


def _expunged(cursor: Cursor, number: int) -> Answer:
    if not number:
        cursor.position = 2
        cursor.fail("the number of a message")
    return Expunged(number)


_NUMBERED: dict[bytes, Callable[[Cursor, int], Answer]] = {
    b"FETCH": _fetch,
    b"EXISTS": _exists,
    b"RECENT": _recent,
    b"EXPUNGE": _expunged,
    # Of mailutils, a quirk.
    b"EXPUNGED": _expunged,
}


def _words(cursor: Cursor) -> frozenset[str]:
    return cursor.bare_words(cursor.text[cursor.position :])


def _capability(cursor: Cursor) -> Answer:
    return CapabilityList(_words(cursor))


def _enabled(cursor: Cursor) -> Answer:
    return Enabled(_words(cursor))


def _flags(cursor: Cursor) -> Answer:
    return FlagList(frozenset(flag(one) for one in cursor.words() if one))


def _identity(cursor: Cursor) -> Answer:
    """Read ``"ID" SP (nil / "(" *(string SP nstring) ")")`` (RFC 2971, 4)."""
    fields: dict[str, str | None] = {}
    values = cursor.tree()
    flat = values if isinstance(values, list) else []
    for name, value in zip(flat[::2], flat[1::2], strict=False):
        if isinstance(name, bytes):
            fields[readable(name).lower()] = readable(value) if isinstance(value, bytes) else None
    return Identity(fields)


_READERS: dict[bytes, Callable[[Cursor], Answer]] = {
    b"CAPABILITY": _capability,
    b"ENABLED": _enabled,
    b"FLAGS": _flags,
    b"LIST": lists.listed,
    b"XLIST": lists.listed,
    b"LSUB": lists.subscribed,
    b"STATUS": lists.status,
    b"NAMESPACE": lists.namespace,
    b"QUOTA": lists.quota,
    b"QUOTAROOT": lists.quota_roots,
    b"SEARCH": searches.search,
    b"SORT": searches.sort,
    b"ESEARCH": searches.esearch,
    b"THREAD": searches.thread,
    b"VANISHED": searches.vanished,
    b"ID": _identity,
}
"""RFC 9051, 7; XLIST is Gmail's, from before RFC 6154."""
