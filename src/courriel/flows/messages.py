"""Fetching messages and parts of them, by UID, without marking anything as seen.

One message is one command. Many are asked for in batches, a few of them in flight, so that the line
is never idle and no more is held than those: what comes out of order waits in its batch, and large
messages wait in temporary files.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Iterator
from itertools import islice

from courriel.errors import Refused
from courriel.faces import Emit, EmitMany, Flow, Items
from courriel.flows.imap_dialogue import ImapDialogue
from courriel.flows.selecting import id_list, place_of, submit_in, uid_of
from courriel.flows.taking import taken
from courriel.model.email import Email
from courriel.model.folder import Folder
from courriel.model.spool import Spool
from courriel.model.summary import Summary
from courriel.model.uids import UidSet
from courriel.protocol.imap.tickets import Completed, ImapTicket
from courriel.wire.imap.commands import Fetch
from courriel.wire.imap.fetched import Fetched
from courriel.wire.imap.items import peek

WHOLE, HEADER = "", "HEADER"
_BATCHES = 4
"""Commands in flight."""
_FIRST = 32
"""Messages of the first ones."""
_SMALL = 32 * 1024
"""Octets of a message below which more are asked for at a time."""
_ROOM = 256 * 1024
"""Octets of messages that are handed over in one step."""


def source(
    dialogue: ImapDialogue,
    id: int | Summary,  # noqa: A002 - The public API names it so.
    folder: str | Folder | None,
    section: str,
    operation: str,
) -> Flow[bytes]:
    """Return the octets of one section of a message."""
    place = place_of(dialogue, id, folder, operation)
    uid = uid_of(id, operation=operation)
    command = Fetch(UidSet.of([uid]), (peek(section),), folder=place)
    completed = yield from submit_in(dialogue, command, place)
    content = _section(completed, uid, section)
    if content is None:
        raise absent([uid], place)
    return content


def _section(completed: Completed, uid: int, section: str) -> bytes | None:
    for answer in completed.all(Fetched):
        content = answer.sections.get(section)
        # NIL is what Dovecot says of a message that is gone.
        if answer.uid == uid and content is not None:
            return octets(content)
    return None


def octets(content: bytes | Spool) -> bytes:
    """Return a section's octets, wherever they are kept."""
    return content if isinstance(content, bytes) else content.read()


def absent(uids: Iterable[int], folder: str) -> Refused:
    """Return the error for messages that the folder does not hold."""
    named = str(UidSet.of(uids))
    return Refused(
        f"the folder {folder!r} has no message {named[:200]}",
        hint="Somebody may have moved or deleted it; list the messages again.",
        command="UID FETCH",
        condition="NONEXISTENT",
    )


def fetch(
    dialogue: ImapDialogue,
    id: int | Summary,  # noqa: A002 - The public API names it so.
    folder: str | Folder | None,
    section: str,
    operation: str,
) -> Flow[Email]:
    """Return a message, or its header, as an Email."""
    return Email.from_source((yield from source(dialogue, id, folder, section, operation)))


def fetch_many(
    dialogue: ImapDialogue,
    ids: Iterable[int | Summary] | AsyncIterable[int | Summary],
    folder: str | Folder | None,
) -> Items[Email]:
    """Emit messages in the order of ``ids``; raise behind them if some were not there."""
    operation = "fetch_many"
    named = yield from taken(ids)
    wanted = id_list(named, operation=operation)
    place = place_of(dialogue, named, folder, operation)
    stream = _Stream(dialogue, place, wanted)
    missing: list[int] = []
    try:
        while (batch := stream.next_batch()) is not None:
            yield from batch.emit(missing)
        if missing:
            raise absent(missing, place)
    finally:
        stream.give_up()


class _Stream:
    """The batches of one call: one is taken from, the next are on their way."""

    __slots__ = ("_batches", "_dialogue", "_folder", "_largest", "_size", "_uids")

    def __init__(self, dialogue: ImapDialogue, folder: str, uids: list[int]) -> None:
        self._dialogue = dialogue
        self._folder = folder
        self._uids: Iterator[int] = iter(uids)
        self._largest = max(1, dialogue.profile.limits.fetch_window // _BATCHES)
        self._size = min(_FIRST, self._largest)
        self._batches: list[_Batch] = []

    def next_batch(self) -> _Batch | None:
        """Return the batch to take from now, with those behind it in flight."""
        if self._batches:
            self._learn(self._batches.pop(0))
        while len(self._batches) < _BATCHES and (uids := list(islice(self._uids, self._size))):
            command = Fetch(UidSet.of(uids), (peek(WHOLE),), folder=self._folder)
            ticket = submit_in(self._dialogue, command, self._folder)
            self._batches.append(_Batch(ticket, uids))
        return self._batches[0] if self._batches else None

    def _learn(self, batch: _Batch) -> None:
        """Ask for more at a time while the messages are small, for fewer when they are not."""
        if batch.octets <= _SMALL * batch.count:
            self._size = min(self._size * 2, self._largest)
        else:
            self._size = min(_FIRST, self._largest)

    def give_up(self) -> None:
        """Want nothing more."""
        for batch in self._batches:
            batch.ticket.give_up()


class _Batch:
    """One FETCH of several messages, and what has come of them out of turn."""

    __slots__ = ("_here", "_repeats", "_uids", "octets", "ticket")

    def __init__(self, ticket: ImapTicket, uids: list[int]) -> None:
        self.ticket = ticket
        self._uids = uids
        self._repeats = len(set(uids)) < len(uids)
        self.octets = 0
        """Octets of the messages that were emitted."""
        self._here: dict[int, bytes | Spool] = {}

    @property
    def count(self) -> int:
        """How many messages were asked for."""
        return len(self._uids)

    def emit(self, missing: list[int]) -> Items[Email]:
        """Emit the messages in the order asked for; note those that did not come."""
        here, uids = self._here, self._uids
        place, end = 0, len(uids)
        while answers := (yield from self.ticket.more()):
            for answer in answers:
                if not isinstance(answer, Fetched):
                    continue
                content = answer.sections.get(WHOLE)
                if content is not None:
                    here[answer.uid or 0] = content
            ready: list[Email] = []
            room = _ROOM
            while place < end and uids[place] in here:
                ready.append(self._taken(place))
                place += 1
                room -= ready[-1].size
                if room <= 0:
                    # Of large ones no more are in memory than must be.
                    yield EmitMany(ready)
                    ready, room = [], _ROOM
            if ready:
                yield EmitMany(ready)
        for late in range(place, end):
            if uids[late] in here:
                yield Emit(self._taken(late))
            else:
                missing.append(uids[late])

    def _taken(self, place: int) -> Email:
        uid = self._uids[place]
        # One that is asked for twice stays until it was given twice.
        again = self._repeats and uid in self._uids[place + 1 :]
        content = octets(self._here[uid] if again else self._here.pop(uid))
        self.octets += len(content)
        return Email.from_source(content)
