"""What folders are called by people, and what their servers call them.

A name that a server has spelt against the rules is kept octet by octet (``wire.imap.names``), which
nobody can type: ``R&D`` as it stands, and not ``R&-D``. Once a list of all folders has told of it,
it is meant by what is shown of it, unless another folder has that very name. NUL, CR and LF are in
no name that is typed; where a server has told of a folder with such a name, it can be named so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import islice

from courriel.errors import Misused
from courriel.model.characters import excerpt
from courriel.model.folder import Folder
from courriel.wire.imap.names import decoded, encoded

_BREAKS = frozenset("\r\n\0")
_MOST = 10_000
"""Odd names that are remembered; no account has as many."""


def exact(folder: Folder, *, utf8: bool) -> str:
    """Return the name that is written as the server has written it."""
    if not folder.raw or encoded(folder.name, utf8=utf8) == folder.raw:
        return folder.name
    # Some write UTF-8 where it was not agreed upon, and know the folder by no other octets.
    return decoded(folder.raw, utf8=utf8)


class FolderNames:
    """The odd names that the server of one session has told of."""

    __slots__ = ("_meant", "_told")

    def __init__(self) -> None:
        self._told: set[str] = set()
        self._meant: dict[str, str] = {}
        """The odd names by what is shown of them."""

    def learn(self, folders: Iterable[Folder], *, every: bool, utf8: bool) -> None:
        """Take note of folders that were listed, ``every`` one there is, or some."""
        shown = {exact(folder, utf8=utf8): folder.shown for folder in folders}
        odd = {name: plain for name, plain in islice(shown.items(), _MOST) if name != plain}
        if len(self._told) < _MOST:
            self._told.update(odd)
        if every:
            alike = Counter(shown.values())
            self._meant = {plain: name for name, plain in odd.items() if alike[plain] == 1}

    def forget(self, name: str) -> None:
        """Take note that a folder of that very name is made."""
        self._meant.pop(name, None)

    def meant(self, name: str, *, operation: str) -> str:
        """Return the name of the folder that a caller means by ``name``.

        Raises Misused for NUL, CR and LF in a name that the server has not told.
        """
        if not _BREAKS.isdisjoint(name) and name not in self._told:
            raise Misused(
                f"{excerpt(name)} is no name of a folder: it holds a line end or a NUL",
                operation=operation,
                hint="If there is such a folder, take it from folders().",
            )
        return self._meant.get(name, name)
