"""Write octets to a new file in a directory of the user's choice, over nothing and through no link.

The directory is opened once, where the platform can do so, and the file is made inside of it: a
directory that is put into its place meanwhile gets nothing.

Only the writing lives here; which name is safe is ``filename``'s business.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from courriel.errors import Misused
from courriel.model.filename import candidates

__all__ = ["saved"]

_OPERATION = "save"
_TRIES = 10_000
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
_NEW |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
# A directory that may be written and not be read can be opened as a place only.
_PLACE = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0)
_INSIDE = {os.open, os.unlink} <= os.supports_dir_fd


def saved(
    directory: str | os.PathLike[str], name: str, pieces: Callable[[], Iterable[bytes]]
) -> Path:
    """Write the pieces to a file of that name, or a numbered one, and return its path.

    Raises Misused when there is no such directory, OSError when the file system refuses.
    """
    folder = _folder(directory)
    with _opened(folder) as place:
        for _, candidate in zip(range(_TRIES), candidates(name), strict=False):
            path = folder / candidate
            where = path if place is None else candidate
            try:
                descriptor = os.open(where, _NEW, 0o666, dir_fd=place)
            except FileExistsError:
                continue
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.writelines(pieces())
            except BaseException:
                os.unlink(where, dir_fd=place)
                raise
            return path
    raise Misused(
        f"{_TRIES} files are called {name!r} already",
        operation=_OPERATION,
        hint="Save into an empty directory.",
    )


def _folder(directory: object) -> Path:
    if not isinstance(directory, (str, os.PathLike)):
        raise Misused(
            f"a file cannot be saved into {type(directory).__name__}",
            operation=_OPERATION,
            hint="Give the path of a directory.",
        )
    try:
        folder = Path(directory)
        found = folder.is_dir()
    except (TypeError, ValueError) as error:
        raise Misused(
            "the directory to save into has a path that none can have",
            operation=_OPERATION,
            hint="Give its path as a string.",
        ) from error
    if not found:
        raise Misused(
            f"{str(folder)!r} is not a directory", operation=_OPERATION, hint="Create it first."
        )
    return folder


@contextmanager
def _opened(folder: Path) -> Iterator[int | None]:
    """Open a directory, where files can be made inside of an open one."""
    if not _INSIDE:
        yield None
        return
    place = os.open(folder, _PLACE)
    try:
        yield place
    finally:
        os.close(place)
