r"""Guess what a folder is for from its name, where no server says so.

Servers without SPECIAL-USE (RFC 6154) leave it to clients, which create ``Sent`` in the language of
their user. A guess is only made for folders at the top, or directly in INBOX or another folder that
servers use as a root, because ``Customers/Archive`` is somebody's own; and for one folder a use,
the one whose name stands first in the table.

Only the attributes of servers and the guess live here; the names are in ``use_names``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from courriel.model.folder import Folder
from courriel.model.use_names import NAMES

__all__ = ["ATTRIBUTES", "INBOX_USE", "with_uses"]

INBOX_USE = "inbox"
"""The use of INBOX, which needs no attribute (RFC 9051, 5.1)."""

ATTRIBUTES: Mapping[str, str] = {
    "\\all": "all",
    "\\allmail": "all",
    "\\archive": "archive",
    "\\drafts": "drafts",
    "\\flagged": "flagged",
    "\\starred": "flagged",
    "\\important": "important",
    "\\junk": "junk",
    "\\spam": "junk",
    "\\sent": "sent",
    "\\trash": "trash",
}
"""RFC 6154, 2; RFC 8457, 3; and the words of XLIST, Gmail's attribute before there was a norm."""

_ROOTS = frozenset({"inbox", "[gmail]", "[google mail]", "mail"})


def with_uses(folders: Iterable[Folder]) -> list[Folder]:
    """Return folders with what each is for: as its server says, else as its name says."""
    told = [_told(folder) for folder in folders]
    known = {folder.use for folder in told}
    names = _names()
    best: dict[str, tuple[int, int]] = {}
    for place, folder in enumerate(told):
        guess = _guess(folder, names)
        if guess is not None and guess[0] not in known:
            use, rank = guess
            best[use] = min(best.get(use, (rank, place)), (rank, place))
    for use, (_, place) in best.items():
        told[place] = replace(told[place], use=use, use_source="name")
    return told


def _told(folder: Folder) -> Folder:
    if folder.name == "INBOX":
        return replace(folder, use=INBOX_USE, use_source="server")
    for attribute in sorted(folder.attributes):
        use = ATTRIBUTES.get(attribute.lower())
        if use is not None:
            return replace(folder, use=use, use_source="server")
    return folder


def _guess(folder: Folder, names: dict[str, tuple[str, int]]) -> tuple[str, int] | None:
    """Return a use and how good a guess it is, the lower the better."""
    if folder.use is not None or not folder.selectable:
        return None
    parent = folder.parent
    if parent is not None and parent.casefold() not in _ROOTS:
        return None
    return names.get(_plain(folder.short_name))


def _names() -> dict[str, tuple[str, int]]:
    table: dict[str, tuple[str, int]] = {}
    for use, names in NAMES.items():
        for rank, name in enumerate(names.split("|")):
            table.setdefault(_plain(name), (use, rank))
    return table


def _plain(name: str) -> str:
    """Return a name as it is compared: without regard to case, width and composition."""
    from unicodedata import normalize

    return normalize("NFKC", normalize("NFKC", name).casefold()).strip()
