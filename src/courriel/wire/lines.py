"""Put the line ends of a message right, whole or in chunks.

Mail has one line end, CRLF (RFC 5322, 2.3), and whoever stores or passes a message on takes a bare
CR or LF for something else. The work is done by ``bytes`` methods on whole chunks; ``Normaliser``
keeps the one thing that a chunk border can hide: what came last.

Only line ends live here; what else a protocol does to a message is its own affair.
"""

from __future__ import annotations

import re

_LINE_END = re.compile(rb"\r\n|\r|\n")
# RFC 5321, 4.5.3.1.6: 1000 octets with the CRLF.
LINE_OCTETS = 998


def normalise(data: bytes) -> bytes:
    """Return ``data`` with every line end as CRLF, the last line ended."""
    rest = data.replace(b"\r\n", b"")
    if b"\n" in rest or b"\r" in rest:
        data = _LINE_END.sub(b"\r\n", data)
    return data if data.endswith(b"\r\n") or not data else data + b"\r\n"


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
