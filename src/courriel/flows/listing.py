"""Listing a folder: summaries, streamed, and never more of the folder than is wanted.

The first and the last of a whole folder are found by arithmetic on sequence numbers, anything else
by a search that answers in ranges, and fetched by UID, so that somebody else's EXPUNGE shifts
nothing. Either way it is done in batches, two in flight, so that no more is held than those.
"""

from __future__ import annotations

from collections.abc import Iterator

from courriel.errors import Misused
from courriel.faces import Emit, EmitMany, Flow, Items
from courriel.flows.imap_dialogue import ImapDialogue
from courriel.flows.merging import Merging, merged
from courriel.flows.places import Walk
from courriel.flows.saving import outermost, saves
from courriel.flows.searching import find, newest
from courriel.flows.selecting import folder_of, look_at, submit_in
from courriel.model.characters import excerpt
from courriel.model.folder import Folder
from courriel.model.moulds import mould
from courriel.model.query import Query, where
from courriel.model.summary import Summary
from courriel.model.uids import UidSet
from courriel.protocol.imap.machine import ImapMachine
from courriel.protocol.imap.tickets import ImapTicket
from courriel.wire.imap.commands import Fetch
from courriel.wire.imap.fetched import Fetched

_OPERATION = "messages"
_BATCH = 250
"""Summaries of one FETCH; about 300 KB."""
_ITEMS = ("UID", "FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODYSTRUCTURE")


def messages(
    dialogue: ImapDialogue,
    folder: str | Folder,
    unread: bool | None,
    query: Query | None,
    newest_first: bool,
    limit: int | None,
) -> Items[Summary]:
    """Emit the summaries of a folder's messages that answer a query."""
    place = folder_of(dialogue, folder, operation=_OPERATION)
    wanted = _query(unread, query)
    _check_limit(limit)
    if limit == 0:
        return
    if wanted is None and limit is not None:
        yield from _edge(dialogue, place, newest_first, limit)
        return
    if wanted is not None and limit == 1 and saves(dialogue.machine.words):
        told = items(dialogue.machine)
        found = yield from outermost(dialogue, wanted, place, told, last=newest_first)
        if found is not None:
            yield EmitMany([summary_of(answer, place) for answer in found])
            return
    uids = yield from _found(dialogue, place, wanted, newest_first, limit)
    yield from _summaries(dialogue, place, uids, newest_first)


def _query(unread: bool | None, query: Query | None) -> Query | None:
    if query is not None and not isinstance(query, Query):
        raise Misused(f"{excerpt(query)} is no query", hint="Make one with where, as where.unseen.")
    if unread is None:
        return query
    state = where.unseen if unread else where.seen
    return state if query is None else state & query


def _check_limit(limit: object) -> None:
    if limit is None:
        return
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 0:
        raise Misused(f"limit cannot be {excerpt(limit)}", hint="Give a whole number, or None.")


def _found(
    dialogue: ImapDialogue,
    place: str,
    query: Query | None,
    newest_first: bool,
    limit: int | None,
) -> Flow[UidSet]:
    wanted = where.all if query is None else query
    if newest_first and limit is not None:
        return (yield from newest(dialogue, wanted, place, limit))
    uids = yield from find(dialogue, wanted, place)
    if limit is not None and len(uids) > limit:
        uids = next(_chunks(uids, limit, False))
    return uids


# By sequence number.


def _edge(dialogue: ImapDialogue, place: str, newest_first: bool, limit: int) -> Items[Summary]:
    """Emit the first or last messages of a folder by their place in it (RFC 9051, 2.3.1.2)."""
    selected = yield from look_at(dialogue, place)
    walk = Walk(dialogue, selected, items(dialogue.machine), newest_first, limit)
    try:
        while walk.fly(_BATCH):
            yield EmitMany([summary_of(answer, place) for answer in (yield from walk.next())])
    finally:
        walk.give_up()
    if walk.left and walk.lost:
        uids = yield from _found(dialogue, place, walk.rest, newest_first, walk.left)
        yield from _summaries(dialogue, place, uids, newest_first)


# By UID.


def _summaries(
    dialogue: ImapDialogue, place: str, uids: UidSet, newest_first: bool
) -> Items[Summary]:
    chunks = _chunks(uids, _BATCH, newest_first)
    wanted = items(dialogue.machine)
    flying: list[ImapTicket] = []
    try:
        while True:
            while len(flying) < 2 and (chunk := next(chunks, None)) is not None:
                flying.append(submit_in(dialogue, Fetch(chunk, wanted, folder=place), place))
            if not flying:
                return
            if newest_first:
                completed = yield from flying.pop(0)
                here = merged(completed.all(Fetched))
                for uid in sorted(here, reverse=True):
                    yield Emit(summary_of(here[uid], place))
            else:
                merging = Merging()
                while answers := (yield from flying[0].more()):
                    ready = merging.take(answers)
                    yield EmitMany([summary_of(answer, place) for answer in ready])
                yield EmitMany([summary_of(answer, place) for answer in merging.rest()])
                flying.pop(0)
    finally:
        for ticket in flying:
            ticket.give_up()


def _chunks(uids: UidSet, size: int, descending: bool) -> Iterator[UidSet]:
    """Yield a set in sets of so many numbers, without expanding its ranges."""
    ranges: list[tuple[int, int]] = []
    room = size
    for first, last in reversed(uids.ranges) if descending else uids.ranges:
        while first <= last:
            count = min(room, last - first + 1)
            if descending:
                ranges.append((last - count + 1, last))
                last -= count
            else:
                ranges.append((first, first + count - 1))
                first += count
            room -= count
            if not room:
                yield UidSet(tuple(ranges))
                ranges, room = [], size
    if ranges:
        yield UidSet(tuple(ranges))


def items(machine: ImapMachine) -> tuple[bytes | str, ...]:
    """Return what a summary asks for; what only some servers know is asked of those."""
    words = machine.words
    more: list[str] = []
    if "OBJECTID" in words:
        more += ["EMAILID", "THREADID"]
    if "X-GM-EXT-1" in words:
        more += ["X-GM-LABELS", "X-GM-MSGID", "X-GM-THRID"]
    if "PREVIEW" in words:
        # What the server does not have at hand is not worth waiting for (RFC 8970, 3.2).
        more.append("PREVIEW (LAZY)")
    if machine.selected is not None and machine.selected.highest_modseq is not None:
        # A folder that keeps none refuses the whole command (RFC 7162, 3.1.2.2).
        more.append("MODSEQ")
    return (*_ITEMS, *more)


def summary_of(answer: Fetched, folder: str) -> Summary:
    """Return the summary that a FETCH holds; envelope and parts are read when looked at."""
    thread, email = answer.thread_id, answer.email_id
    if answer.gm_thread_id is not None:
        thread = thread or str(answer.gm_thread_id)
    if answer.gm_message_id is not None:
        email = email or str(answer.gm_message_id)
    assert answer.uid is not None  # It is asked for by UID.
    return _summary(
        answer.uid,
        folder,
        answer.size or 0,
        answer.flags or frozenset(),
        answer.received,
        answer.preview,
        thread,
        email,
        answer.modseq,
        answer.labels,
        answer.read_envelope,
        answer.read_structure,
        answer.noted,
    )


_summary = mould(Summary)
