r"""Read a FETCH: the answer of which thousands come, so the one whose reading has to be quick.

::

    msg-att        = "(" (msg-att-dynamic / msg-att-static)
                     *(SP (msg-att-dynamic / msg-att-static)) ")"      RFC 9051, 9
    msg-att-static = "ENVELOPE" SP envelope / "INTERNALDATE" SP date-time /
                     "RFC822.SIZE" SP number64 /
                     "BODY" ["STRUCTURE"] SP body /
                     "BODY" section ["<" number ">"] SP nstring /
                     "BINARY" section-binary SP (nstring / literal8) /
                     "BINARY.SIZE" section-binary SP number / "UID" SP uniqueid

An answer of nothing but the items that a list of messages needs is one match of one pattern. In
others, each item that nearly every answer holds is. All others, and those in an unusual spelling,
go through a table of names; an item that is not in it is kept unread.

Only the reading of this one answer lives here.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from courriel.errors import Garbled
from courriel.model.decoding import decoded
from courriel.model.flags import SYSTEM
from courriel.model.limits import Limits
from courriel.model.spool import Spool
from courriel.wire.imap import names
from courriel.wire.imap.cursor import Cursor, Raw
from courriel.wire.imap.fetched import Fetched
from courriel.wire.imap.frames import Frame
from courriel.wire.imap.lexis import QUOTED, UNESCAPED, flag, nested, word


def _items(string: bytes) -> bytes:
    """Return a pattern for the usual items, but for the contents of messages."""
    return (
        rb"UID ([0-9]{1,10})"
        rb'|FLAGS \(([^()"{]*+)\)'
        rb"|RFC822\.SIZE ([0-9]{1,18})"
        rb'|INTERNALDATE "([^"\\]*+)"'
        rb"|ENVELOPE (" + nested(string) + rb")"
        rb"|BODYSTRUCTURE (" + nested(string) + rb")"
        rb"|MODSEQ \(([0-9]{1,18})\)"
    )


_OBJECT = rb"\((?!(?i:NIL)\))[A-Za-z0-9_-]{1,255}\)"
_LISTED = re.compile(
    rb"\* ([0-9]{1,10}) FETCH \((?>(?: ?(?:"
    + _items(UNESCAPED)
    + rb"|PREVIEW (NIL|\{[0-9]{1,10}\}|" + UNESCAPED + rb")"
    + rb"|EMAILID (" + _OBJECT + rb")"
    + rb"|THREADID (NIL|" + _OBJECT + rb"))(?=[ )]))+)\)"
)  # fmt: skip
_USUAL = re.compile(
    rb" ?(?:" + _items(QUOTED) + rb"|BODY\[([0-9A-Z.]*+)\] \{([0-9]{1,19})\})(?=[ )])", re.DOTALL
)
_LONGEST = 256 * 1024
"""Octets of text that are matched as a whole: every round of a pattern costs memory."""
_WHOLE = re.compile(
    rb"\* ([0-9]{1,10}) FETCH \(UID ([0-9]{1,10}) BODY\[([0-9A-Z.]*+)\] \{([0-9]{1,19})\}\)"
)
_UID, _FLAGS, _SIZE, _DATE, _ENVELOPE, _STRUCTURE, _MODSEQ, _SECTION, _OCTETS = range(1, 10)
_NAME = re.compile(rb"[A-Za-z0-9.\-_]+")
_SECTION_TEXT = re.compile(
    rb'\[((?>(?:[^\]"({]|' + QUOTED + rb'|\((?>(?:[^()"]|' + QUOTED + rb")*)\))*))\]"
    rb"(<[0-9]{1,19}>)?",
    re.DOTALL,
)
_FLAG_OF = {name.encode(): name for name in SYSTEM}


def read_whole(frame: Frame, limits: Limits) -> Fetched | None:
    """Return what a frame says when it is one section of one message, as usual, else None."""
    if len(frame.literals) != 1:
        return None
    found = _WHOLE.fullmatch(frame.text)
    if found is None:
        return None
    number, uid, section, announced = found.groups()
    content = frame.literals[0]
    octets = content.octets if isinstance(content, Spool) else len(content)
    if int(announced) != octets:
        return None
    fetched = Fetched(int(number), limits)
    fetched.uid = int(uid)
    fetched.sections[section.decode()] = content
    return fetched


def read_listed(frame: Frame, limits: Limits) -> Fetched | None:
    """Return what a frame says when it is the usual answer to who lists messages, else None."""
    literal: bytes | None = None
    if frame.literals:
        first, *others = frame.literals
        if others or isinstance(first, Spool) or len(first) > limits.imap_token:
            return None
        literal = first
    if len(frame.text) > _LONGEST:
        return None
    found = _LISTED.fullmatch(frame.text)
    if found is None:
        return None
    (number, uid, flags, size, arrival, envelope, structure, modseq, preview, email, thread) = (
        found.groups()
    )
    if frame.text.count(b"\\") != (flags or b"").count(b"\\"):
        # A string may hold the mark of its end, which this pattern does not know.
        return None
    fetched = Fetched(int(number), limits)
    if uid is not None:
        fetched.uid = int(uid)
    if flags is not None:
        fetched.flags = _flags(flags)
    if size is not None:
        fetched.size = int(size)
    if envelope is not None:
        fetched.envelope = Raw(envelope)
    if structure is not None:
        fetched.structure = Raw(structure)
    if modseq is not None:
        fetched.modseq = int(modseq)
    if email is not None:
        fetched.email_id = email[1:-1].decode("ascii")
    if thread is not None and thread != b"NIL":
        fetched.thread_id = thread[1:-1].decode("ascii")
    fetched.arrival = arrival
    return _previewed(fetched, preview, literal)


def _previewed(fetched: Fetched, preview: bytes | None, literal: bytes | None) -> Fetched | None:
    """Take the preview, the one item of a list in which servers like to write a literal."""
    if literal is not None:
        if preview != b"{%d}" % len(literal):
            return None
        fetched.preview = decoded(literal, "utf-8")[0]
    elif preview is not None and preview != b"NIL":
        if preview.startswith(b"{"):
            return None
        fetched.preview = decoded(preview[1:-1], "utf-8")[0]
    return fetched


def read(cursor: Cursor, number: int) -> Fetched:
    """Return the answer about message ``number``; the cursor stands behind the first parenthesis.

    Raises Garbled. An ENVELOPE or BODYSTRUCTURE that has no end loses what comes behind it, not
    the message.
    """
    fetched = Fetched(number, cursor.limits)
    text = cursor.text
    usual = _USUAL.match if len(text) <= _LONGEST else _none
    position = cursor.position
    while True:
        found = usual(text, position)
        if found is None:
            cursor.position = position
            if _ended(cursor):
                return fetched
            if not _other(cursor, fetched):
                return fetched
            position = cursor.position
            continue
        position = found.end()
        kind = found.lastindex
        if kind == _UID:
            fetched.uid = int(found[_UID])
        elif kind == _FLAGS:
            fetched.flags = _flags(found[_FLAGS])
        elif kind == _SIZE:
            fetched.size = int(found[_SIZE])
        elif kind == _DATE:
            fetched.arrival = found[_DATE]
        elif kind == _ENVELOPE:
            fetched.envelope = Raw(found[_ENVELOPE])
        elif kind == _STRUCTURE:
            fetched.structure = Raw(found[_STRUCTURE])
        elif kind == _MODSEQ:
            fetched.modseq = int(found[_MODSEQ])
        else:
            # The marker of a literal, which the cursor compares with the literal.
            cursor.position = found.start(_OCTETS) - 1
            fetched.sections[found[_SECTION].decode()] = cursor.skip_literal()


def _none(_text: bytes, _position: int) -> re.Match[bytes] | None:
    return None


def _ended(cursor: Cursor) -> bool:
    """Whether the answer is over; a missing last parenthesis is no harm."""
    cursor.spaces()
    if cursor.position >= len(cursor.text):
        return True
    if not cursor.skip(b")"):
        return False
    if not cursor.at_end:
        cursor.fail("the end of the answer")
    return True


def _other(cursor: Cursor, fetched: Fetched) -> bool:
    """Read an item by the table; False when nothing behind it can be read."""
    name = cursor.skip_pattern(_NAME)
    if name is None:
        cursor.fail("the name of a FETCH item")
    upper = name.upper()
    if cursor.text.startswith(b"[", cursor.position):
        _section(cursor, fetched, upper)
        return True
    cursor.spaces()
    if upper in _NESTED_ITEMS:
        return _kept(cursor, fetched, upper)
    reader = _READERS.get(upper)
    if reader is None:
        fetched.unknown[upper.decode()] = cursor.skip_value().text
    else:
        reader(cursor, fetched)
    return True


_NESTED_ITEMS = {b"ENVELOPE", b"BODYSTRUCTURE", b"BODY"}


def _kept(cursor: Cursor, fetched: Fetched, name: bytes) -> bool:
    """Keep an ENVELOPE or a structure unread; False when it has no end."""
    start, used = cursor.position, cursor.used
    complete = True
    try:
        raw = cursor.skip_value()
    except Garbled:
        # What can be read of it is read when it is asked for.
        complete = False
        raw = Raw(cursor.text[start:], cursor.literals[used:])
        fetched.defects += (f"{name.decode()} without an end, and nothing behind it can be read",)
    if name == b"ENVELOPE":
        fetched.envelope = raw
    elif name == b"BODYSTRUCTURE" or fetched.structure is None:
        fetched.structure = raw
    return complete


def _flags(text: bytes) -> frozenset[str]:
    return frozenset([_FLAG_OF.get(one) or flag(one) for one in text.split()])


def _section(cursor: Cursor, fetched: Fetched, name: bytes) -> None:
    """Read what is in a section: ``BODY[1]<0> {5}``, ``BINARY[1] ~{5}``, ``BINARY.SIZE[1] 5``."""
    found = _SECTION_TEXT.match(cursor.text, cursor.position)
    if found is None:
        cursor.fail("a section in brackets")
    cursor.position = found.end()
    cursor.spaces()
    section = _canonical(found[1])
    if name == b"BINARY.SIZE":
        fetched.binary_sizes[section] = cursor.number()
        return
    if name in (b"BINARY", b"BINARY.PEEK"):
        section = f"BINARY:{section}"
    elif name not in (b"BODY", b"BODY.PEEK"):
        cursor.fail("BODY or BINARY")
    fetched.sections[section + (found[2] or b"").decode()] = _content(cursor)


def _canonical(section: bytes) -> str:
    """Return a section in one spelling: upper case, one space, field names without quotes."""
    spaced = section.replace(b'"', b"").replace(b"(", b" (").replace(b"( ", b"(")
    return word(b" ".join(spaced.split()).replace(b" )", b")")).upper()


def _content(cursor: Cursor) -> bytes | Spool | None:
    """Return the octets of a section, wherever they are kept; None for NIL."""
    literal = cursor.skip_literal()
    return cursor.nstring() if literal is None else literal


def _content_of(section: str) -> Callable[[Cursor, Fetched], None]:
    def reader(cursor: Cursor, fetched: Fetched) -> None:
        fetched.sections[section] = _content(cursor)

    return reader


def _uid(cursor: Cursor, fetched: Fetched) -> None:
    fetched.uid = cursor.number()


def _all_flags(cursor: Cursor, fetched: Fetched) -> None:
    fetched.flags = frozenset(flag(one) for one in cursor.words() if one)


def _size(cursor: Cursor, fetched: Fetched) -> None:
    fetched.size = cursor.some_number()


def _arrival(cursor: Cursor, fetched: Fetched) -> None:
    fetched.arrival = cursor.nstring()


def _saved(cursor: Cursor, fetched: Fetched) -> None:
    fetched.saved = cursor.nstring()


def _modseq(cursor: Cursor, fetched: Fetched) -> None:
    parenthesised = cursor.skip(b"(")
    fetched.modseq = cursor.some_number()
    if parenthesised:
        cursor.insist(b")")


def _preview(cursor: Cursor, fetched: Fetched) -> None:
    # RFC 8970, 3.1: at most 256 characters of UTF-8.
    literal = cursor.skip_string()
    if literal is None:
        literal = cursor.nstring()
    fetched.preview = None if literal is None else decoded(literal, "utf-8")[0]


def _object(cursor: Cursor) -> str | None:
    """Return an object identifier: ``"(" objectid ")"`` or NIL (RFC 8474, 7)."""
    parenthesised = cursor.skip(b"(")
    found = cursor.nstring()
    if parenthesised:
        cursor.insist(b")")
    return word(found) if found else None


def _email_id(cursor: Cursor, fetched: Fetched) -> None:
    fetched.email_id = _object(cursor)


def _thread_id(cursor: Cursor, fetched: Fetched) -> None:
    fetched.thread_id = _object(cursor)


def _labels(cursor: Cursor, fetched: Fetched) -> None:
    fetched.labels = frozenset(
        names.decoded(label, utf8=cursor.utf8 or not label.isascii()) for label in cursor.words()
    )


def _gm_message_id(cursor: Cursor, fetched: Fetched) -> None:
    fetched.gm_message_id = cursor.some_number()


def _gm_thread_id(cursor: Cursor, fetched: Fetched) -> None:
    fetched.gm_thread_id = cursor.some_number()


_READERS: dict[bytes, Callable[[Cursor, Fetched], None]] = {
    b"UID": _uid,
    b"FLAGS": _all_flags,
    b"INTERNALDATE": _arrival,
    b"RFC822.SIZE": _size,
    b"RFC822": _content_of(""),
    b"RFC822.HEADER": _content_of("HEADER"),
    b"RFC822.TEXT": _content_of("TEXT"),
    b"MODSEQ": _modseq,
    b"PREVIEW": _preview,
    b"SAVEDATE": _saved,
    b"EMAILID": _email_id,
    b"THREADID": _thread_id,
    b"X-GM-LABELS": _labels,
    b"X-GM-MSGID": _gm_message_id,
    b"X-GM-THRID": _gm_thread_id,
}
"""RFC 9051, 7.5.2; RFC 7162, 8970, 8514, 8474; Gmail's extensions."""
