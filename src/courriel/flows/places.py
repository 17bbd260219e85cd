"""Walking through a folder from one of its ends, by the places of its messages.

A message's number is its place in the folder, until one before it is expunged (RFC 9051, 2.3.1.2).
So numbers only become smaller: whoever goes down from the last message meets those that have moved
once more, and leaves them out; whoever goes up from the first could miss some when anything has
moved, and is lost.

Batches are asked for by number, a few in flight, and what is told of them is passed on by UID.
"""

from __future__ import annotations

from collections import deque

from courriel.faces import Flow
from courriel.flows.imap_dialogue import ImapDialogue
from courriel.flows.merging import merged
from courriel.flows.selecting import submit_in
from courriel.model.query import Query, where
from courriel.model.uids import UidSet
from courriel.protocol.imap.selected import Selected
from courriel.protocol.imap.tickets import ImapTicket
from courriel.wire.imap.commands import Fetch
from courriel.wire.imap.fetched import Fetched
from courriel.wire.imap.sets import From, NumberSet

_AHEAD = 2
"""Batches in flight."""
_IN_VAIN = 3
"""Batches in a row of which nothing may come: what is gone, and not said to be, is stepped over."""


class Places:
    """The places that nobody has asked for yet, in a folder of ``exists`` messages."""

    __slots__ = ("_exists", "_newest_first", "_next")

    def __init__(self, exists: int, *, newest_first: bool) -> None:
        self._exists = exists
        self._newest_first = newest_first
        self._next = exists if newest_first else 1

    def take(self, count: int, exists: int) -> NumberSet | None:
        """Return where the next messages are, at most so many; None when there are no more.

        ``exists`` is how many the folder holds now: to name more is an error (RFC 9051, 9).
        """
        if self._newest_first:
            return self._take_down(count, exists)
        first, last = self._next, min(self._next + count - 1, self._exists, exists)
        if last < first:
            return None
        self._next = last + 1
        return UidSet(((first, last),))

    def _take_down(self, count: int, exists: int) -> NumberSet | None:
        last = min(self._next, exists)
        first = max(1, last - count + 1)
        if last < first:
            return None
        # Of the newest, those are the first that arrive in the meantime.
        newest = self._next == self._exists
        self._next = first - 1
        return From(first) if newest else UidSet(((first, last),))


class Walk:
    """A way through a folder: ``items`` of its first or last ``limit`` messages, in order."""

    __slots__ = (
        "_dialogue",
        "_flying",
        "_in_vain",
        "_items",
        "_newest_first",
        "_places",
        "_reached",
        "_selected",
        "_shifts",
        "left",
        "lost",
    )

    def __init__(
        self,
        dialogue: ImapDialogue,
        selected: Selected,
        items: tuple[bytes | str, ...],
        newest_first: bool,
        limit: int,
    ) -> None:
        self._dialogue = dialogue
        self._selected = selected
        self._shifts = selected.shifts
        self._places = Places(selected.exists, newest_first=newest_first)
        self._items = items
        self._newest_first = newest_first
        self._flying: deque[tuple[ImapTicket, int]] = deque()
        self._reached: int | None = None
        """The UID that was told of last."""
        self._in_vain = 0
        self.left = limit
        """How many are still wanted."""
        self.lost = False
        """Whether the way cannot be gone on, so that ``rest`` must be searched for."""

    def fly(self, batch: int) -> bool:
        """Put batches in flight, as far as they are wanted; whether there is one to wait for."""
        if self.lost or not self.left:
            return False
        asked = sum(count for _, count in self._flying)
        while len(self._flying) < _AHEAD and asked < self.left:
            count = min(batch, self.left - asked)
            numbers = self._places.take(count, self._selected.exists)
            if numbers is None:
                break
            place = self._selected.folder
            command = Fetch(numbers, self._items, by_sequence=True, folder=place)
            self._flying.append((submit_in(self._dialogue, command, place), count))
            asked += count
        return bool(self._flying)

    def next(self) -> Flow[list[Fetched]]:
        """Return what the next batch tells of messages that are further on, in their order."""
        ticket, _ = self._flying.popleft()
        completed = yield from ticket
        moved = self._has_moved(ticket.selected)
        if moved and self._reached is not None and not self._newest_first:
            self.lost = True
            return []
        here = merged(completed.all(Fetched))
        fresh = sorted(filter(self._is_ahead, here), reverse=self._newest_first)[: self.left]
        self.left -= len(fresh)
        self._reached = fresh[-1] if fresh else self._reached
        self._in_vain = 0 if fresh else self._in_vain + 1
        self.lost = self._in_vain > _IN_VAIN
        return [here[uid] for uid in fresh]

    def _has_moved(self, now: Selected | None) -> bool:
        """Whether numbers mean other messages than when the walk began, as far as is known."""
        if now is None or now is self._selected:
            return self._selected.shifts != self._shifts
        # Another folder was selected in between.
        self._selected, self._shifts = now, -1
        return True

    def _is_ahead(self, uid: int) -> bool:
        if self._reached is None:
            return True
        return uid < self._reached if self._newest_first else uid > self._reached

    @property
    def rest(self) -> Query:
        """What is still ahead, as a query."""
        if self._reached is None:
            return where.all
        if self._newest_first:
            return where.ids(range(1, self._reached))
        return where.id_range(self._reached + 1)

    def give_up(self) -> None:
        """Want nothing more."""
        for ticket, _ in self._flying:
            ticket.give_up()
