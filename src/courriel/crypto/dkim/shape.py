"""Write a DKIM-Signature field, and put it in front of a message.

The field is folded where white space may stand: behind a tag, and at the colons of ``h=``. Its last
tag is ``b=``, so that the signature can follow what was signed.

Only the shape lives here.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable

from courriel.crypto.dkim.split import postmark

_NAME = "DKIM-Signature:"
_LINE = 76


def unsigned(tags: Iterable[str]) -> bytes:
    """Return the field with these tags and an empty ``b=``, without its CRLF."""
    lines = [_NAME]
    for piece in _pieces(tags):
        if len(lines[-1]) + len(piece) > _LINE:
            lines.append(piece if piece.startswith(" ") else f" {piece}")
        else:
            lines[-1] += piece
    return "\r\n".join(lines).encode("ascii")


def _pieces(tags: Iterable[str]) -> Iterable[str]:
    for tag in tags:
        *firsts, last = tag.split(":") if tag.startswith("h=") else [tag]
        for position, each in enumerate([*(f"{first}:" for first in firsts), f"{last};"]):
            yield each if position else f" {each}"
    yield " b="


def value(signature: bytes) -> bytes:
    """Return what follows ``b=``: the signature on lines of its own."""
    text = b64encode(signature)
    width = _LINE - 2
    return b"".join(b"\r\n  " + text[at : at + width] for at in range(0, len(text), width))


def in_front(field: bytes, source: bytes) -> bytes:
    """Return a message with one more field; lines end in LF alone where the message's do."""
    first = source.find(b"\n")
    line_end = b"\n" if source[max(0, first - 1) : first] != b"\r" else b"\r\n"
    field = field.replace(b"\r\n", line_end) + line_end
    # The line that an mbox file puts before each message stays the first.
    start = postmark(source)
    return source[:start] + field + source[start:]
