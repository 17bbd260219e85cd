"""Find, read and cut header fields in the bytes of a message that will be sent.

::

    field = name *WSP ":" value *(line-end 1*WSP value) line-end     RFC 5322, 2.2 and 4.5

A line ends with CR LF, but also with a bare CR or LF here, because what is sent has those turned
into CR LF: a field that hides behind one would come to life on the way. The block ends at the
first empty line.

Only this view of the bytes lives here; it decodes nothing. Time is linear.
"""

from __future__ import annotations

import re

_END = re.compile(rb"(?:\r\n|\n|\r(?!\n)){2}")
_FOLDED = rb"[^\r\n]*(?:(?:\r\n|\n|\r(?!\n))[ \t][^\r\n]*)*"
_FIELD = re.compile(rb"(?:\A|(?<=[\r\n]))([!-9;-~]+)[ \t]*:(" + _FOLDED + rb")")
_BLIND = re.compile(
    rb"(?:\A|(?<=[\r\n]))(?:resent-)?bcc[ \t]*:" + _FOLDED + rb"(?:\r\n|\n|\r|\Z)", re.IGNORECASE
)
_LINE_ENDS = re.compile(rb"[\r\n]+")
_MESSAGE_ID = re.compile(rb"\s*(<[^<>\r\n\x00]{1,990}>)")


def header_end(content: bytes) -> int:
    """Return where the header block ends: behind its last line end, before the empty line."""
    if content[:1] in {b"\r", b"\n"}:
        return 0
    end = content.find(b"\r\n\r\n")
    # The usual case, unless an empty line with other line ends comes before it.
    if end >= 0 and (
        content.count(b"\r\n", 0, end) == content.count(b"\r", 0, end)
        and content.count(b"\r\n", 0, end) == content.count(b"\n", 0, end)
    ):
        return end + 2
    found = _END.search(content)
    if found is None:
        return len(content)
    return found.start() + (2 if found[0].startswith(b"\r\n") else 1)


def fields(head: bytes) -> list[tuple[str, bytes]]:
    """Return every field of a header block: its name in lower case, its value unfolded."""
    return [
        (name.decode("ascii").lower(), _LINE_ENDS.sub(b"", value))
        for name, value in _FIELD.findall(head)
    ]


def without_blind(head: bytes) -> bytes:
    """Return a header block without its Bcc and Resent-Bcc fields."""
    return _BLIND.sub(b"", head)


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
