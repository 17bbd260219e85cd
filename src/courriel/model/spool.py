"""Octets that arrive in pieces: held in memory up to a bound, beyond it in a temporary file.

So a message that nobody has taken yet costs no memory, however long it is. Only that storage lives
here; what the octets mean is known elsewhere.
"""

from __future__ import annotations

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
