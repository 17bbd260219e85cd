"""Octets that arrive in pieces: held in memory up to a bound, beyond it in a temporary file.

So a message that nobody has taken yet costs no memory, however long it is. Only that storage lives
here; what the octets mean is known elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import IO


class Spool:
    """A growing body. ``bound`` is how many octets of it are held in memory."""

    __slots__ = ("_bound", "_file", "_pieces", "octets")

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._pieces: list[bytes] = []
        self._file: IO[bytes] | None = None
        self.octets = 0
        """How many there are."""

    def write(self, piece: bytes) -> None:
        """Add what has arrived. Raises OSError when there is no room for a temporary file."""
        self.octets += len(piece)
        if self._file is not None:
            self._file.write(piece)
            return
        self._pieces.append(piece)
        if self.octets > self._bound:
            import tempfile

            # It is gone with the spool: see __del__.
            self._file = tempfile.TemporaryFile()  # noqa: SIM115
            self._file.writelines(self._pieces)
            self._pieces.clear()

    def __del__(self) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def in_memory(self) -> bool:
        """Whether no file was needed."""
        return self._file is None

    def read(self) -> bytes:
        """Return all octets; may be called again."""
        if self._file is not None:
            self._file.seek(0)
            return self._file.read()
        if len(self._pieces) > 1:
            self._pieces = [b"".join(self._pieces)]
        return self._pieces[0] if self._pieces else b""

    @property
    def size(self) -> int:
        """How many octets there are, as an attachment calls it."""
        return self.octets

    def pieces(self, octets: int) -> Iterator[bytes]:
        """Yield all octets, that many at a time; several may read at once."""
        if self._file is not None:
            self._file.flush()
        for start in range(0, self.octets, octets):
            if self._file is None:
                yield self.read()[start : start + octets]
            else:
                yield _read_at(self._file, start, octets)


def _read_at(file: IO[bytes], start: int, octets: int) -> bytes:
    """Read from a place, without moving another reader's place where the system can do that."""
    if not hasattr(os, "pread"):
        file.seek(start)
        return file.read(octets)
    data = os.pread(file.fileno(), octets, start)
    while len(data) < octets and (
        more := os.pread(file.fileno(), octets - len(data), start + len(data))
    ):
        data += more
    return data
