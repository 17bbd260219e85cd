"""Say where the octets of a file are that is too large to be held: on disk, under a name or none.

A store knows its size and gives its octets in pieces, to as many readers at once as there are. What
has a path is read when it is needed; what came as an open file is copied at once, because its owner
may close it: a short one into memory, a long one into a temporary file.

Only stores live here; ``attachment`` holds them.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from courriel.errors import Misused
from courriel.model.characters import excerpt
from courriel.model.spool import Spool

PIECE = 256 * 1024
"""Octets that are read at a time."""

_IN_MEMORY = 1024 * 1024
"""Octets of an open file that are kept in memory; a longer one goes to a temporary file."""
_OPERATION = "Attachment"


class Store(Protocol):
    """Where octets are that are not in memory."""

    @property
    def size(self) -> int:
        """How many there are."""
        ...

    def pieces(self, octets: int) -> Iterator[bytes]:
        """Yield them, that many at a time, fewer at the end."""
        ...


@dataclass(frozen=True, slots=True)
class FileAt:
    """A file by its path: opened each time, so that it can be read by several at once."""

    path: str
    size: int
    """How many octets it had when it was named."""

    def now(self) -> int:
        """Return how many octets it has now. Raises OSError when it is gone."""
        return os.stat(self.path).st_size

    def pieces(self, octets: int) -> Iterator[bytes]:
        """Yield its octets, that many at a time. Raises OSError when it cannot be read."""
        with open(self.path, "rb") as file:
            while piece := file.read(octets):
                yield piece


def file_at(path: str) -> FileAt:
    """Return a store for a path. Raises Misused when there is no file."""
    name: object = path
    try:
        found = os.stat(path) if isinstance(name, str) else None
    except (OSError, ValueError):
        found = None
    if found is None:
        raise Misused(
            f"there is no file {excerpt(path)}",
            operation=_OPERATION,
            hint="Check the path; hand text over as bytes: text.encode().",
        )
    if not stat.S_ISREG(found.st_mode):
        directory = stat.S_ISDIR(found.st_mode)
        raise Misused(
            f"{excerpt(path)} is {'a directory' if directory else 'a pipe or a device'}, no file",
            operation=_OPERATION,
            hint="Name the files in it." if directory else "Read it, and hand over its bytes.",
        )
    return FileAt(path, found.st_size)


def spooled(file: BinaryIO) -> Spool:
    """Read a file to its end. Raises Misused when it is none, or open for text."""
    if not hasattr(file, "read"):
        raise Misused(
            f"the content of an attachment cannot be {type(file).__name__}",
            operation=_OPERATION,
            hint="Give bytes, a path, or an open binary file.",
        )
    spool = Spool(_IN_MEMORY)
    while piece := _read(file):
        spool.write(piece)
    return spool


def _read(file: BinaryIO) -> bytes:
    try:
        piece: object = file.read(PIECE)
    except (OSError, ValueError) as error:
        # A file that is closed, or open for writing only, says so by a ValueError.
        raise Misused(
            f"the file cannot be read: {error}",
            operation=_OPERATION,
            hint="Hand it over while it is open for reading.",
        ) from error
    if not isinstance(piece, bytes):
        raise Misused(
            "the file is open for text", operation=_OPERATION, hint='Open it with mode "rb".'
        )
    return piece
