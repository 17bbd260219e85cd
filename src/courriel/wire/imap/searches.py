"""Read what SEARCH, SORT and THREAD found.

::

    mailbox-data    = "SEARCH" *(SP nz-number) [SP "(" "MODSEQ" SP mod-sequence-value ")"]
                      "SORT" *(SP nz-number)                           RFC 3501; 5256; 7162
    esearch-response = "ESEARCH" [search-correlator] [SP "UID"] *(SP search-return-data)
    search-return-data = "MIN" SP nz-number / "MAX" SP nz-number / "ALL" SP sequence-set /
                      "COUNT" SP number / "MODSEQ" SP … / "PARTIAL" SP "(" range SP (set / nil) ")"
                                                                       RFC 9051; 9394
    thread-list     = "(" (thread-members / thread-nested) ")"         RFC 5256, 5

Results stay ranges. Threads are walked with a stack and given back flat: one may have as many
levels as the folder has messages.

Only the reading of these answers lives here.
"""

from __future__ import annotations

import re
from array import array
from typing import Any

from courriel.errors import Misused
from courriel.model.uids import UidSet
from courriel.wire.imap.answers import Found, Ranges, Slice, Threads, Vanished
from courriel.wire.imap.codes import ordered
from courriel.wire.imap.cursor import Cursor

# A class of characters, since every repetition of a group costs memory.
_NUMBERS = re.compile(rb"[ ,0-9]*+")
_MODSEQ = re.compile(rb" *\(MODSEQ +(-?[0-9]{1,19})\)", re.IGNORECASE)
_WINDOW = re.compile(rb"(-?[0-9]{1,10}):(-?[0-9]{1,10})")
_KEY = re.compile(rb"[A-Za-z][A-Za-z0-9.-]*")
_PARENTHESIS = re.compile(rb"[ ()]++")
_SLICE = 64 * 1024
_MEMBER = re.compile(rb"[ ]*([()]|[0-9]{1,10})")


def search(cursor: Cursor) -> Found:
    """Return the set that a SEARCH names."""
    numbers = _numbers(cursor)
    found = _MODSEQ.match(cursor.text, cursor.position)
    modseq: int | None = None
    if found is not None:
        cursor.position = found.end()
        modseq = max(int(found[1]), 0) or None
    _end(cursor)
    try:
        return Found("SEARCH", numbers=UidSet.of(numbers), modseq=modseq)
    except Misused:
        cursor.fail("numbers from 1 to 4294967295")


def sort(cursor: Cursor) -> Found:
    """Return the numbers that a SORT names, in order."""
    numbers = _numbers(cursor)
    found = _MODSEQ.match(cursor.text, cursor.position)
    if found is not None:
        cursor.position = found.end()
    _end(cursor)
    modseq = None if found is None else max(int(found[1]), 0) or None
    return Found("SORT", numbers=tuple(numbers), modseq=modseq)


def _numbers(cursor: Cursor) -> array[int]:
    """Return numbers in order: half a million take less memory than as text."""
    numbers = array("I")
    if cursor.skip_nil():
        return numbers
    text = (cursor.skip_pattern(_NUMBERS) or b"").replace(b",", b" ")
    start = 0
    while start < len(text):
        end = text.find(b" ", start + _SLICE)
        end = len(text) if end < 0 else end
        try:
            numbers.extend(map(int, text[start:end].split()))
        except (OverflowError, ValueError):
            cursor.fail("numbers up to 4294967295")
        start = end
    return numbers


def _end(cursor: Cursor) -> None:
    if not cursor.at_end:
        cursor.fail("the end of the answer")


def esearch(cursor: Cursor) -> Found:
    """Return what an ESEARCH says; items that are not known are stepped over."""
    tag: bytes | None = None
    if cursor.skip(b"("):
        correlator = _correlator(cursor)
        tag = correlator.get(b"TAG")
    by_uid = False
    facts: dict[str, Any] = {}
    while True:
        # Parentheses around the results mean nothing.
        cursor.skip_pattern(_PARENTHESIS)
        if cursor.position >= len(cursor.text):
            break
        key = (cursor.skip_pattern(_KEY) or cursor.fail("a result")).upper()
        cursor.spaces()
        if key == b"UID":
            by_uid = True
        elif key == b"ALL":
            facts["order"] = _set(cursor)
        elif key == b"PARTIAL":
            facts["partial"] = _partial(cursor)
        elif key in _NUMBERED:
            facts[_NUMBERED[key]] = cursor.some_number()
        else:
            cursor.skip_value()
    return Found(
        "ESEARCH",
        tag=tag,
        by_uid=by_uid,
        numbers=_as_set(cursor, facts.get("order", ())),
        **facts,
    )


_NUMBERED = {b"COUNT": "count", b"MIN": "least", b"MAX": "greatest", b"MODSEQ": "modseq"}


def _correlator(cursor: Cursor) -> dict[bytes, bytes]:
    """Return what is in ``(TAG "A1" MAILBOX "x" UIDVALIDITY 1)`` (RFC 9051, 9; RFC 7377)."""
    values: dict[bytes, bytes] = {}
    cursor.spaces()
    while not cursor.skip(b")"):
        key = cursor.atom().upper()
        cursor.spaces()
        values[key] = cursor.astring()
        cursor.spaces()
    return values


def _set(cursor: Cursor) -> Ranges:
    """Return a set that may be empty, which no grammar allows and some servers write."""
    cursor.spaces()
    if cursor.position >= len(cursor.text) or cursor.skip(b'""') or cursor.skip_nil():
        return ()
    if cursor.text[cursor.position : cursor.position + 1].isdigit():
        return ordered(cursor)
    return ()


def _as_set(cursor: Cursor, ranges: Ranges) -> UidSet:
    try:
        return UidSet(ranges)
    except Misused:
        cursor.fail("numbers from 1 to 4294967295")


def _partial(cursor: Cursor) -> Slice:
    cursor.insist(b"(")
    cursor.spaces()
    window = _WINDOW.match(cursor.text, cursor.position)
    if window is None:
        cursor.fail("a range")
    cursor.position = window.end()
    order = _set(cursor)
    cursor.insist(b")")
    return Slice(int(window[1]), int(window[2]), _as_set(cursor, order), order)


def thread(cursor: Cursor) -> Threads:
    """Return all threads, flat, each message with its depth."""
    members: list[tuple[int, int]] = []
    # The depth at which each open list goes on, and whether it has a member yet.
    depths: list[int] = []
    depth = 0
    empty = False
    while (found := _MEMBER.match(cursor.text, cursor.position)) is not None:
        step = found[1]
        if step == b"(":
            if empty:
                # Lists side by side without a parent: it is not in this folder.
                members.append((0, depth))
                depth += 1
            depths.append(depth)
            empty = True
        elif step == b")":
            if not depths:
                cursor.fail("a thread")
            depth = depths.pop()
            empty = False
            if depths and depths[-1] > depth:
                depth = depths[-1]
        elif not depths:
            cursor.fail("a thread in parentheses")
        else:
            members.append((int(step), depth))
            depth += 1
            empty = False
        cursor.position = found.end()
    if depths:
        cursor.fail("the end of a thread")
    _end(cursor)
    return Threads(tuple(members))


def vanished(cursor: Cursor) -> Vanished:
    """Return ``VANISHED [SP "(EARLIER)"] SP known-uids`` (RFC 7162, 7)."""
    earlier = False
    if cursor.skip(b"("):
        if cursor.atom().upper() != b"EARLIER":
            cursor.fail("EARLIER")
        cursor.insist(b")")
        cursor.spaces()
        earlier = True
    if cursor.at_end:
        return Vanished(earlier, UidSet(()))
    uids = cursor.uid_set()
    _end(cursor)
    return Vanished(earlier, uids)
