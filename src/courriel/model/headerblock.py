"""Find, read and cut header fields in the bytes of a message that will be sent.

::

    field = name *WSP ":" value *(line-end 1*WSP value) line-end     RFC 5322, 2.2 and 4.5

A line ends with CR LF, but also with a bare CR or LF here, because what is sent has those turned
into CR LF: a field that hides behind one would come to life on the way. The block ends at the
first empty line, or at a line of white space when what follows it is no field: so the messages that
are read here end their header, and most servers. Some programs may look for fields behind it; so a
blind copy that seems to stand there is refused: to them it is a field, to all others the body's.

Only this view of the bytes lives here; it decodes nothing. Time is linear.
"""

from __future__ import annotations

import re

from courriel.errors import Misused

_END = re.compile(rb"(?:\r\n|\n|\r(?!\n)){2}")
_FOLDED = rb"[^\r\n]*(?:(?:\r\n|\n|\r(?!\n))[ \t][^\r\n]*)*"
_FIELD = re.compile(rb"(?:\A|(?<=[\r\n]))([!-9;-~]+)[ \t]*:(" + _FOLDED + rb")")
_BLIND = re.compile(
    rb"(?:\A|(?<=[\r\n]))(?:resent-)?bcc[ \t]*:" + _FOLDED + rb"(?:\r\n|\n|\r|\Z)", re.IGNORECASE
)
_WHITE = re.compile(rb"(?<=[\r\n])[ \t]+[\r\n][ \t\r\n]*")
_NAME = re.compile(rb"[!-9;-~]+[ \t]*:")
_PARAMETER = re.compile(rb"[A-Za-z][A-Za-z0-9*_-]{0,40}[ \t]*=")
_LAST_END = re.compile(rb"(?:\r\n|\n|\r)\Z")
_LINE_ENDS = re.compile(rb"[\r\n]+")
_MESSAGE_ID = re.compile(rb"\s*(<[^<>\r\n\x00]{1,990}>)")


def header_end(content: bytes) -> int:
    """Return where the header block ends: behind its last line end.

    That is before the empty line, or the lines of white space that stand for one.
    """
    if content[:1] in {b"\r", b"\n"}:
        return 0
    end = content.find(b"\r\n\r\n")
    # The usual case, unless an empty line with other line ends comes before it.
    if end >= 0 and (
        content.count(b"\r\n", 0, end) == content.count(b"\r", 0, end)
        and content.count(b"\r\n", 0, end) == content.count(b"\n", 0, end)
    ):
        if content.find(b" \r\n", 0, end) < 0 and content.find(b"\t\r\n", 0, end) < 0:
            return end + 2
        return _end_by_white(content, end + 2)
    return _end_by_white(content, _end_by_nothing(content))


def _end_by_nothing(content: bytes) -> int:
    """Return where the empty line begins."""
    found = _END.search(content)
    if found is None:
        return len(content)
    return found.start() + (2 if found[0].startswith(b"\r\n") else 1)


def _end_by_white(content: bytes, end: int) -> int:
    """Return where the lines of white space begin behind which there are no fields, else ``end``.

    A parameter behind ``;`` is part of the field, as for the reader of mails.
    """
    behind = 0
    for found in _WHITE.finditer(content, 0, end):
        start, before, behind = found.start(), behind, found.end()
        folded = behind == end or content[behind - 1 : behind] in {b" ", b"\t"}
        if folded or _NAME.match(content, behind, end):
            continue
        goes_on = content[before:start].rstrip().endswith(b";")
        if not (goes_on and _PARAMETER.match(content, behind, end)):
            return start
    return end


def fields(head: bytes) -> list[tuple[str, bytes]]:
    """Return every field of a header block: its name in lower case, its value unfolded."""
    return [
        (name.decode("ascii").lower(), _LINE_ENDS.sub(b"", value))
        for name, value in _FIELD.findall(head)
    ]


def without_blind(content: bytes, end: int) -> bytes:
    """Return a message whose header block ends at ``end`` without Bcc and Resent-Bcc fields.

    Raises Misused when one seems to stand behind a header that ends in white space.
    """
    rest = content[end : end + 1]
    if rest in {b" ", b"\t"} and _BLIND.search(content, end, _end_by_nothing(content)):
        raise Misused(
            "a blind copy stands behind the line of white space that ends the header",
            operation="send",
            hint="Make that line empty, or take the blind copy out.",
        )
    head = content[:end]
    shorter = _BLIND.sub(b"", head)
    if len(shorter) == len(head):
        return content
    if not shorter and rest in {b" ", b"\t"}:
        # Without a field before it, white space ends no header.
        found = _LAST_END.search(head)
        shorter = found[0] if found else b"\r\n"
    return shorter + content[end:]


def message_id_of(head: bytes, lowered: bytes) -> str | None:
    """Return the Message-ID with its angle brackets, or None; ``lowered`` is ``head.lower()``."""
    at = lowered.find(b"\nmessage-id:")
    if at >= 0:
        found = _MESSAGE_ID.match(head, at + 12)
        return found[1].decode("utf-8", "replace") if found else None
    if b"message-id" not in lowered:
        return None
    for name, value in fields(head):
        if name == "message-id":
            found = _MESSAGE_ID.match(value)
            return found[1].decode("utf-8", "replace") if found else None
    return None
