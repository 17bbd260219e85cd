r"""Bringing messages into another folder: by COPY, and by MOVE or what stands in for it.

Without MOVE (RFC 6851) a message is copied, and when the copy is there the old one is marked
``\Deleted`` and expunged by its UID. Without UIDPLUS it stays there marked, because EXPUNGE would
take with it what somebody else has marked: nothing is ever removed but what the caller has named.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from courriel.errors import Refused
from courriel.faces import Flow
from courriel.flows.batches import all_done, in_pieces, outcomes
from courriel.flows.changing import Ids, expunges_by_uid
from courriel.flows.imap_dialogue import ImapDialogue
from courriel.flows.selecting import folder_name, place_of, uids_of
from courriel.flows.taking import taken
from courriel.model.flags import DELETED
from courriel.model.folder import Folder
from courriel.model.uids import UidSet
from courriel.protocol.imap.tickets import Completed
from courriel.wire.imap.answers import Condition, Copied
from courriel.wire.imap.commands import Command, Copy, Expunge, Move, Store


def copy(
    dialogue: ImapDialogue, ids: Ids, to: str | Folder, folder: str | Folder | None
) -> Flow[dict[int, int]]:
    """Copy messages into another folder; return the new UID of each where the server says it."""
    return _transfer(dialogue, ids, to, folder, "copy")


def move(
    dialogue: ImapDialogue, ids: Ids, to: str | Folder, folder: str | Folder | None
) -> Flow[dict[int, int]]:
    """Move messages into another folder; return the new UID of each where the server says it."""
    return _transfer(dialogue, ids, to, folder, "move")


def _transfer(
    dialogue: ImapDialogue,
    ids: Ids,
    to: str | Folder,
    folder: str | Folder | None,
    operation: str,
) -> Flow[dict[int, int]]:
    named = yield from taken(ids)
    place = place_of(dialogue, named, folder, operation)
    target = folder_name(dialogue, to, operation=operation)
    uids = uids_of(named, operation=operation)
    words = dialogue.machine.words
    kind: type[Copy | Move] = Copy
    if operation == "move":
        if "MOVE" not in words and "IMAP4REV2" not in words:
            return (yield from _move_by_hand(dialogue, uids, target, place))
        kind = Move
    tickets = in_pieces(dialogue, uids, lambda piece: [kind(piece, target, folder=place)])
    return _new_uids(dialogue, (yield from all_done(tickets)), uids)


def _move_by_hand(
    dialogue: ImapDialogue, uids: UidSet, target: str, place: str
) -> Flow[dict[int, int]]:
    """Copy; mark and expunge only what was copied (RFC 6851, 3.3)."""
    tickets = in_pieces(dialogue, uids, lambda piece: [Copy(piece, target, folder=place)])
    copies = yield from outcomes(tickets)
    done: list[Completed] = []
    copied = UidSet()
    refusal: Refused | None = None
    for ticket, outcome in zip(tickets, copies, strict=True):
        if isinstance(outcome, Refused):
            refusal = refusal or outcome
        elif isinstance(ticket.command, Copy) and isinstance(ticket.command.uids, UidSet):
            done.append(outcome)
            copied |= ticket.command.uids
    by_uid = expunges_by_uid(dialogue)

    def removal(piece: UidSet) -> Iterable[Command]:
        yield Store(piece, "+", (DELETED,), folder=place)
        if by_uid:
            yield Expunge(piece, folder=place)

    yield from all_done(in_pieces(dialogue, copied, removal))
    if refusal is not None:
        raise refusal
    return _new_uids(dialogue, done, uids)


def _new_uids(dialogue: ImapDialogue, done: Iterable[Completed], uids: UidSet) -> dict[int, int]:
    """Return new UIDs by old ones, of no more messages than were named (RFC 4315, 3)."""
    most = min(len(uids), dialogue.machine.limits.answers)
    found: dict[int, int] = {}
    for completed in done:
        for copied in _copied(completed):
            found.update((old, new) for old, new in islice(copied.pairs(), most) if old in uids)
    return found


def _copied(completed: Completed) -> Iterable[Copied]:
    # MOVE tells it in an untagged OK, because the messages are gone at its end (RFC 6851, 4.3).
    codes = [said.code for said in completed.all(Condition)]
    for code in (*codes, completed.tagged.code):
        if code is not None and isinstance(code.value, Copied):
            yield code.value
