"""Message bodies made safe for the wire (RFC 5321, 2.3.8, 4.1.1.4 and 4.5.2).

Every line ends in CRLF and no bare CR or LF is left; under DATA a leading dot is doubled after
that, so that CRLF.CRLF can only be ours. The work is done by ``bytes`` methods on whole chunks;
``Normaliser`` and ``Stuffer`` keep the one thing that a chunk border can hide: what came last.
"""

from __future__ import annotations

import re

from courriel.errors import Misused

_LINE_END = re.compile(rb"\r\n|\r|\n")
# RFC 5321, 4.5.3.1.6: 1000 octets with the CRLF.
LINE_OCTETS = 998
# Some servers drop NUL before they look for the end of the data.
_HIDDEN_DOT = re.compile(rb"(?:^|\n)\0+\.")
_HIDDEN_OR_HIDING = re.compile(rb"\n\0+(?:\.|\Z)")

TERMINATOR = b".\r\n"


def normalise(data: bytes) -> bytes:
    """Return ``data`` with every line end as CRLF, the last line ended."""
    rest = data.replace(b"\r\n", b"")
    if b"\n" in rest or b"\r" in rest:
        data = _LINE_END.sub(b"\r\n", data)
    return data if data.endswith(b"\r\n") or not data else data + b"\r\n"


def stuff(data: bytes) -> bytes:
    """Return normalised ``data`` with the leading dots of its lines doubled (RFC 5321, 4.5.2).

    Raises Misused for a NUL between line start and dot, which some servers read as end of data.
    """
    if b"\0" in data and _HIDDEN_DOT.search(data):
        raise hidden_dot()
    if b"\r\n." in data:
        data = data.replace(b"\r\n.", b"\r\n..")
    return b"." + data if data.startswith(b".") else data


def has_long_line(data: bytes) -> bool:
    """Whether a line of normalised ``data`` exceeds 998 octets."""
    start, most = 0, LINE_OCTETS + 2
    while len(data) - start > most:
        # From the last line end within reach, so that one look covers many short lines.
        end = data.rfind(b"\n", start, start + most)
        if end < 0:
            return True
        start = end + 1
    return False


def hidden_dot() -> Misused:
    """Return the error for a NUL that hides a dot at the start of a line."""
    return Misused(
        "the message has a NUL between the start of a line and a dot",
        operation="send",
        hint="Some servers would end the message there; encode the part as base64.",
    )


class Normaliser:
    """``normalise`` for a body that comes in chunks."""

    __slots__ = ("_after_cr", "_ended", "_line", "long_line")

    def __init__(self) -> None:
        self._after_cr = False
        self._ended = True
        self._line = 0
        self.long_line = False
        """Whether a line of more than 998 octets was seen."""

    def feed(self, chunk: bytes) -> bytes:
        """Return the next octets for the wire."""
        if not chunk:
            return b""
        if self._after_cr and chunk.startswith(b"\n"):
            # The CR was already written as CRLF at the end of the chunk before.
            chunk = chunk[1:]
        if not chunk:
            self._after_cr = False
            return b""
        self._after_cr = chunk.endswith(b"\r")
        breaks = chunk.count(b"\r\n")
        if breaks != chunk.count(b"\n") or breaks != chunk.count(b"\r"):
            chunk = _LINE_END.sub(b"\r\n", chunk)
        self._ended = chunk.endswith(b"\r\n")
        self._measure(chunk)
        return chunk

    def _measure(self, chunk: bytes) -> None:
        first = chunk.find(b"\n")
        length = self._line + (len(chunk) if first < 0 else first)
        self.long_line |= length > LINE_OCTETS + 1 or has_long_line(chunk[first + 1 :])
        self._line = length if first < 0 else len(chunk) - chunk.rfind(b"\n") - 1

    def finish(self) -> bytes:
        """Return what ends the last line."""
        self.long_line |= self._line > LINE_OCTETS
        return b"" if self._ended else b"\r\n"


class Stuffer:
    """``stuff`` for a normalised body that comes in chunks."""

    __slots__ = ("_hiding", "_tail")

    def __init__(self) -> None:
        # Whether nothing but NULs stands between the start of the line and the border.
        self._hiding = False
        # As if a line had just ended, so that a dot at the very start is seen.
        self._tail = b"\r\n"

    def feed(self, chunk: bytes) -> bytes:
        """Return the next octets for the wire."""
        if not chunk:
            return b""
        # Only the last octets decide whether a dot at the border starts a line.
        tail, self._tail = self._tail, (self._tail + chunk)[-2:]
        if self._hiding or b"\0" in chunk:
            found = _HIDDEN_OR_HIDING.search((b"\n\0" if self._hiding else tail) + chunk)
            if found is not None and found[0].endswith(b"."):
                raise hidden_dot()
            self._hiding = found is not None
        return (tail + chunk).replace(b"\r\n.", b"\r\n..")[len(tail) :]
