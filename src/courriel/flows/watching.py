"""Watching a folder: IDLE where the server has it (RFC 2177), looking now and then where not.

IDLE is one command among others: as soon as anything else is submitted the machine leaves it, and
here it is taken up again. It is also left before the server would lose patience. A server that
refuses it, or ends it by itself, is looked at now and then like one without. All who watch one
folder share it; who watches a folder while others watch another looks at it in turn. What happened
while another folder was selected is found by comparing the UIDs of then and now.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right

from courriel.errors import Misused, Refused
from courriel.faces import Emit, Flow, Items
from courriel.flows.effects import Now, Within
from courriel.flows.imap_dialogue import ImapDialogue
from courriel.flows.searching import find
from courriel.flows.selecting import folder_of, submit_in
from courriel.model.characters import excerpt
from courriel.model.events import Arrived, Event, FlagsChanged, Resynchronise, Vanished
from courriel.model.folder import Folder
from courriel.model.query import Query, where
from courriel.model.uids import HIGHEST, UidSet
from courriel.protocol.imap.fates import RENEWED
from courriel.protocol.imap.observers import Observer
from courriel.protocol.imap.selected import Selected
from courriel.protocol.imap.tickets import ImapTicket
from courriel.protocol.ticket import Ticket
from courriel.wire.imap.commands import Fetch, Idle, Noop
from courriel.wire.imap.fetched import Fetched
from courriel.wire.imap.sets import EVERY

_OPERATION = "watch"
_TRIES = 5
"""How often a folder that moves while it is looked at is looked at again at once."""


def watch(dialogue: ImapDialogue, folder: str | Folder, timeout: float | None) -> Items[Event]:
    """Emit what happens in a folder; end after ``timeout`` seconds."""
    watcher: Watcher | None = None
    try:
        place = folder_of(dialogue, folder, operation=_OPERATION)
        until = yield from _deadline(timeout)
        watcher = Watcher(dialogue, place)
        yield from watcher.learn()
        while True:
            for event in watcher.taken():
                yield Emit(event)
            if (yield from watcher.look()):
                continue
            if not (yield from watcher.rest(until)):
                return
    finally:
        if watcher is not None:
            watcher.leave()


def _deadline(timeout: object) -> Flow[float | None]:
    if timeout is None:
        return None
    if not isinstance(timeout, (int, float)) or isinstance(timeout, bool) or not timeout >= 0:
        raise Misused(f"timeout cannot be {excerpt(timeout)}", hint="Give seconds, or None.")
    now = yield from Now()
    return now + timeout


class Watcher:
    """Somebody who watches one folder over one connection."""

    __slots__ = (
        "_dialogue",
        "_folder",
        "_idle",
        "_known",
        "_machine",
        "_misses",
        "_modseq",
        "_observer",
    )

    def __init__(self, dialogue: ImapDialogue, folder: str) -> None:
        self._dialogue = dialogue
        self._folder = folder
        self._machine = dialogue.machine
        self._observer: Observer = self._machine.news.watch(folder)
        self._known: UidSet | None = None
        """The folder's UIDs, as far as they were told; None before it was looked at."""
        self._modseq: int | None = None
        self._idle: ImapTicket | None = None
        self._misses = 0
        """How often the folder has moved while it was looked at, one time after the other."""

    def taken(self) -> list[Event]:
        """Return what has been told, and forget it."""
        events = list(self._observer.events)
        self._known = self._told()
        self._observer.events.clear()
        return events

    def _told(self) -> UidSet | None:
        """Return what is known when all events that wait are told."""
        known = self._known
        for event in self._observer.events if known is not None else ():
            if isinstance(event, Arrived):
                known = (known or UidSet()) | UidSet.of(event.ids)
            elif isinstance(event, Vanished):
                known = (known or UidSet()) - UidSet.of(event.ids)
        return known

    # Looking at the folder.

    def learn(self) -> Flow[None]:
        """Look at the folder as a whole: from now on its numbers have UIDs."""
        observer = self._observer
        observer.lost = observer.grown = False
        try:
            now = yield from self._numbered()
        except Refused as error:
            if error.condition != RENEWED or self._known is None:
                raise
            # What was known is void, and there is nothing to compare with.
            self._known = None
            observer.tell(Resynchronise(self._folder, error.message))
            observer.lost = True
            return
        selected = self._selected()
        if selected is None or now is None:
            observer.lost = True
            self._misses += 1
            return
        self._misses = 0
        before, modseq = self._told(), self._modseq
        self._modseq = selected.highest_modseq
        if before is None:
            self._known = now
            return
        if gone := before - now:
            observer.tell(Vanished(self._folder, tuple(gone)))
        if new := now - before:
            observer.tell(Arrived(self._folder, tuple(new)))
        if modseq is not None:
            yield from self._tell_flags(before & now, modseq)

    def _selected(self) -> Selected | None:
        selected = self._machine.selected
        return selected if selected is not None and selected.folder == self._folder else None

    def _numbered(self) -> Flow[UidSet | None]:
        """Return the folder's UIDs, known by number from now on; None where it was left again."""
        selected = self._selected()
        if selected is not None and selected.uids is not None:
            # Somebody else who watches has asked for them.
            return UidSet.of(selected.uids)
        found = yield from self._search(where.all)
        if found is not None:
            uids, selected = found
            selected.uids = array("I", uids)
            return uids
        return None

    def _search(self, query: Query) -> Flow[tuple[UidSet, Selected] | None]:
        """Find messages; None when their numbers have moved meanwhile: nobody knows which did."""
        before = self._selected()
        shifts = 0 if before is None else before.shifts
        uids = yield from find(self._dialogue, query, self._folder)
        selected = self._selected()
        if selected is None or selected.shifts != (shifts if selected is before else 0):
            return None
        return uids, selected

    def _tell_flags(self, known: UidSet, since: int) -> Flow[None]:
        """Ask which flags have changed while nobody told (RFC 7162, 3.1.4.1)."""
        if "CONDSTORE" not in self._machine.words | self._machine.enabled:
            return
        command = Fetch(EVERY, ("UID", "FLAGS"), changed_since=since, folder=self._folder)
        completed = yield from submit_in(self._dialogue, command, self._folder)
        for answer in completed.all(Fetched):
            if answer.uid is not None and answer.flags is not None and answer.uid in known:
                self._observer.tell(FlagsChanged(self._folder, answer.uid, answer.flags))

    def look(self) -> Flow[bool]:
        """Find out what is only known to have happened; whether there was anything."""
        observer = self._observer
        if observer.events:
            return True
        yield from self._heed_end()
        if observer.lost:
            self._machine.check_usable()
            if self._misses >= _TRIES:
                return False
            yield from self.learn()
            return True
        if not observer.grown:
            return False
        observer.grown = False
        yield from self._find_new()
        return True

    def _find_new(self) -> Flow[None]:
        selected = self._selected()
        if selected is not None and selected.uids is not None:
            if len(selected.uids) < selected.exists:
                selected = yield from self._number_new(selected.uids)
            if selected is not None and selected.uids is not None:
                self._tell_new(selected.uids)
                return
        self._observer.lost = True

    def _number_new(self, uids: array[int]) -> Flow[Selected | None]:
        """Have messages behind those numbered numbered too; None where that cannot be done."""
        last = uids[-1] if uids else 0
        found = yield from self._search(where.id_range(last + 1))
        if found is None:
            if (selected := self._selected()) is not None:
                selected.uids = None
            return None
        new, selected = found
        if selected.uids is not None:
            # "n:*" names the last message even when it is older (RFC 9051, 9), and somebody else
            # who watches may have numbered some of them.
            last = selected.uids[-1] if selected.uids else 0
            selected.uids.extend(uid for uid in new if last < uid <= HIGHEST)
            if len(selected.uids) != selected.exists:
                selected.uids = None
        return selected

    def _tell_new(self, uids: array[int]) -> None:
        known = self._told()
        last = 0 if known is None else known.greatest or 0
        if new := tuple(uids[bisect_right(uids, last) :]):
            self._observer.tell(Arrived(self._folder, new))

    # Waiting.

    def rest(self, until: float | None) -> Flow[bool]:
        """Wait for news; False when the time is over."""
        news, observer = self._machine.news, self._observer
        limits = self._dialogue.profile.limits
        now = yield from Now()
        if until is not None and now >= until:
            return False
        again = now + limits.poll
        if observer.lost:
            return (yield from self._breathe(limits.poll if until is None else until - now))
        idles = "IDLE" in self._machine.words or "IMAP4REV2" in self._machine.words
        if idles and now >= news.idle_again(limits.poll) and not news.contested(self._folder):
            again = self._join_idle(now) + limits.idle
        else:
            self._idle = None
        observer.calm()
        seconds = max(0.0, (again if until is None else min(again, until)) - now)
        if (yield from Within(observer.news, seconds)):
            return True
        if until is not None and (yield from Now()) >= until:
            return False
        yield from self._renew()
        return True

    def _breathe(self, seconds: float) -> Flow[bool]:
        """Leave a server in peace that has moved the folder whenever it was looked at."""
        observer = self._observer
        self._misses = 0
        observer.news = Ticket()
        yield from Within(observer.news, min(seconds, self._dialogue.profile.limits.poll))
        return True

    def _join_idle(self, now: float) -> float:
        """Have the server tell what happens, on behalf of all who watch; return since when."""
        news = self._machine.news
        if news.idle is None or news.idle.done:
            news.idle_since = now
            news.idle = submit_in(self._dialogue, Idle(folder=self._folder), self._folder)
        self._idle = news.idle
        return news.idle_since

    def _heed_end(self) -> Flow[None]:
        """Take note that IDLE has ended; raise why, if it never came before the server."""
        idle = self._idle
        if idle is not None and idle.done:
            self._idle = None
            if idle.tagged is None:
                yield from idle

    def _renew(self) -> Flow[None]:
        if self._idle is not None:
            self._end_idle()
        elif not self._observer.lost:
            yield from submit_in(self._dialogue, Noop(folder=self._folder), self._folder)

    def _end_idle(self) -> None:
        news = self._machine.news
        idle = news.idle
        if idle is not None and idle is self._idle:
            news.idle = None
            self._machine.end_idle(idle)

    def leave(self) -> None:
        """Watch no more."""
        news = self._machine.news
        news.leave(self._observer)
        if not news.observers:
            self._end_idle()
