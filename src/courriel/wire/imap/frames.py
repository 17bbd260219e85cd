"""From octets to whole server responses (RFC 9051, 2.2.2 and 4.3): framing, and nothing of grammar.

::

    response = line *( literal-octets line )      literal = ["~"] "{" number "}" CRLF *OCTET

A line that ends in the marker of a literal goes on behind the octets that the marker counts. Since
lines and literals are consumed here before anybody reads a word of them, bad grammar can never
lose the place where the next response begins. Every size is judged before anything is allocated,
and time is linear whatever the segments are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeAlias

from courriel.errors import Garbled
from courriel.model.limits import Limits
from courriel.model.moulds import mould
from courriel.model.spool import Spool

_MARKER = re.compile(rb"\{(\d{1,40})\}\Z")
# The text of these ends as its author likes, and holds no literal (resp-text).
_SPOKEN = re.compile(rb"(?:[^ ]{1,64} (?:OK|NO|BAD|BYE|PREAUTH)\b|\+)", re.IGNORECASE)

Octets: TypeAlias = "bytes | Spool"

_OVERHEAD = 64
"""What a literal takes in memory besides its octets, about."""
_LITERALS = 256
"""Literals of the size ``Limits.literal_memory`` that one response may hold, or more that are
smaller: one that has more is no answer to anything that we ask. A file weighs as much."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One response, without its last CRLF.

    In ``text`` a literal is its marker, directly followed by what comes behind
    its octets; those are in ``literals``, in order.
    """

    text: bytes
    literals: tuple[Octets, ...] = ()
    held: int = field(default=0, compare=False)
    """Octets that it holds in memory; a file counts for as many as could have stayed there."""


_frame = mould(Frame)


class FrameReader:
    """Cuts what arrives into frames. ``limits`` bound lines, literals and what stays in memory."""

    __slots__ = (
        "_at",
        "_data",
        "_held",
        "_limits",
        "_literals",
        "_missing",
        "_octets",
        "_pending",
        "_pieces",
        "_spool",
        "octets_of_literals",
    )

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._data = b""
        self._at = 0
        self._pending = bytearray()
        """Octets of a line whose end has not come."""
        self._pieces: list[bytes] = []
        """The lines of a response that goes on."""
        self._literals: list[Octets] = []
        self._octets = 0
        """Octets of text in the response so far."""
        self._held = 0
        """Octets of the literals in the response so far, as ``Frame.held`` counts them."""
        self._missing = 0
        """Octets of a literal that have not come."""
        self._spool: Spool | None = None
        self.octets_of_literals = 0
        """Octets of literals that have come, whole or not."""

    @property
    def leftover(self) -> bool:
        """Whether something has arrived that is no whole frame."""
        return self._at < len(self._data) or bool(
            self._pending or self._pieces or self._missing or self._literals
        )

    def rest(self) -> bytes:
        """Return what lies behind the last frame, and forget it: it is not ours to read."""
        rest = bytes(self._pending) + self._data[self._at :]
        self._data, self._at = b"", 0
        self._pending.clear()
        return rest

    def feed(self, data: bytes) -> None:
        """Take what has arrived; all that came before must have been asked for."""
        self._data = self._data[self._at :] + data if self._at < len(self._data) else data
        self._at = 0

    def next_frame(self) -> Frame | None:
        """Return the next whole response, or None. Raises Garbled beyond a bound."""
        while True:
            if self._missing and not self._fill():
                return None
            line = self._line()
            if line is None:
                return None
            octets = self._announced(line)
            if octets is None:
                return self._finished(line)
            self._pieces.append(line)
            self._octets += len(line)
            self._hold(octets)
            self._missing = octets
            if not octets:
                self._literals.append(b"")

    def _line(self) -> bytes | None:
        data, at = self._data, self._at
        end = data.find(b"\n", at)
        if end < 0:
            self._keep(data[at:] if at else data)
            return None
        self._at = end + 1
        line = data[at : end - 1 if end > at and data[end - 1] == 13 else end]
        if self._pending:
            line = b"".join((self._pending, data[at:end])).removesuffix(b"\r")
            self._octets -= len(self._pending)
            self._pending.clear()
        if self._octets + len(line) > self._limits.response_line:
            raise self._too_long()
        return line

    def _keep(self, piece: bytes) -> None:
        """Put aside the beginning of a line, so that no octet is looked at twice."""
        self._data, self._at = b"", 0
        if piece:
            self._pending += piece
            self._octets += len(piece)
            if self._octets > self._limits.response_line:
                raise self._too_long()

    def _announced(self, line: bytes) -> int | None:
        """Return the size of the literal that follows a line, or None."""
        if not line.endswith(b"}"):
            return None
        found = _MARKER.search(line, max(0, len(line) - 44))
        if found is None:
            return None
        octets = int(found[1])
        if octets > self._limits.literal:
            raise Garbled(
                f"the server announces a literal of {octets} octets",
                hint=f"Limits.literal allows {self._limits.literal}.",
            )
        if not self._pieces and _SPOKEN.match(line):
            return None
        return octets

    def _hold(self, octets: int) -> None:
        """Count a literal before its first octet is taken."""
        memory = self._limits.literal_memory
        self._held += min(octets, memory) + _OVERHEAD
        if self._held > _LITERALS * (memory + _OVERHEAD):
            raise Garbled(
                "a response has too many literals to be held",
                hint="Limits.literal_memory bounds each of them.",
            )

    def _fill(self) -> bool:
        """Take the octets of a literal; whether it is whole now."""
        data, at, missing = self._data, self._at, self._missing
        if self._spool is None and len(data) - at >= missing:
            # The usual case: all of it is here.
            self._literals.append(data[at : at + missing])
            self._at = at + missing
            self._missing = 0
            self.octets_of_literals += missing
            return True
        if self._spool is None:
            self._spool = Spool(self._limits.literal_memory)
        piece = data[at : at + missing]
        self._spool.write(piece)
        self.octets_of_literals += len(piece)
        self._at = at + len(piece)
        self._missing = missing - len(piece)
        if self._missing:
            self._data, self._at = b"", 0
            return False
        spool, self._spool = self._spool, None
        self._literals.append(spool.read() if spool.in_memory else spool)
        return True

    def _finished(self, line: bytes) -> Frame:
        if not self._pieces:
            self._octets = 0
            return _frame(line, (), len(line))
        text = b"".join((*self._pieces, line))
        frame = _frame(text, tuple(self._literals), len(text) + self._held)
        self._pieces.clear()
        self._literals.clear()
        self._octets = self._held = 0
        return frame

    def _too_long(self) -> Garbled:
        return Garbled(
            f"a response has more than {self._limits.response_line} octets without an end",
            hint="Limits.response_line bounds it.",
        )
