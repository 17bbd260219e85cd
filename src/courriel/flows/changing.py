r"""Changing the messages of a folder where they are: their flags, and whether they stay.

Deleting is two steps (RFC 9051, 6.3.4 and 6.4.3): a message is marked ``\Deleted``, and EXPUNGE
removes what is marked, whoever has marked it. Single messages are only removed where the server
can expunge by UID (RFC 4315).
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable
from typing import Literal, TypeAlias

from courriel.errors import Misused, NotSupported
from courriel.faces import Flow
from courriel.flows.batches import all_done, in_pieces
from courriel.flows.imap_dialogue import ImapDialogue
from courriel.flows.selecting import place_of, submit_in, uids_of
from courriel.flows.taking import taken
from courriel.model.flags import DELETED, flags_of
from courriel.model.folder import Folder
from courriel.model.summary import Summary
from courriel.wire.imap.commands import Expunge, Store

Ids: TypeAlias = "int | Summary | Iterable[int | Summary] | AsyncIterable[int | Summary]"
Flags: TypeAlias = "str | Iterable[str]"
Change: TypeAlias = "tuple[Literal['+', '-', ''], tuple[str, ...]]"


def flag(
    dialogue: ImapDialogue,
    ids: Ids,
    folder: str | Folder | None,
    *,
    add: Flags = (),
    remove: Flags = (),
    replace: Flags | None = None,
    operation: str = "flag",
) -> Flow[None]:
    """Add flags to messages and remove some, or replace all that they have."""
    named = yield from taken(ids)
    place = place_of(dialogue, named, folder, operation)
    uids = uids_of(named, operation=operation)
    changes = _changes(add, remove, replace)
    yield from all_done(
        in_pieces(
            dialogue,
            uids,
            lambda piece: [Store(piece, mode, flags, folder=place) for mode, flags in changes],
        )
    )


def _changes(add: Flags, remove: Flags, replace: Flags | None) -> list[Change]:
    more, fewer = flags_of(add), flags_of(remove)
    if replace is not None:
        if more or fewer:
            raise Misused("flags are replaced, or else added and removed")
        return [("", flags_of(replace))]
    changes: list[Change] = []
    if more:
        changes.append(("+", more))
    if fewer:
        changes.append(("-", fewer))
    if not changes:
        raise Misused("no flag is named", hint="Give add, remove or replace.")
    return changes


def delete(dialogue: ImapDialogue, ids: Ids, folder: str | Folder | None) -> Flow[None]:
    r"""Mark messages as ``\Deleted``."""
    return flag(dialogue, ids, folder, add=DELETED, operation="delete")


def expunge(dialogue: ImapDialogue, ids: Ids | None, folder: str | Folder | None) -> Flow[None]:
    r"""Remove for good what is ``\Deleted``: everything, or only what is named of it."""
    operation = "expunge"
    named = yield from taken(ids)
    place = place_of(dialogue, named, folder, operation)
    if named is None:
        yield from submit_in(dialogue, Expunge(folder=place), place, write=True)
        return
    uids = uids_of(named, operation=operation)
    if not uids:
        return
    if not expunges_by_uid(dialogue):
        raise NotSupported(
            "the server cannot expunge single messages",
            capability="UIDPLUS",
            hint="expunge() without ids removes all that anybody has marked.",
        )
    yield from all_done(in_pieces(dialogue, uids, lambda piece: [Expunge(piece, folder=place)]))


def expunges_by_uid(dialogue: ImapDialogue) -> bool:
    """Whether the server has UID EXPUNGE (RFC 4315; RFC 9051, 6.4.9)."""
    words = dialogue.machine.words
    return "UIDPLUS" in words or "IMAP4REV2" in words
