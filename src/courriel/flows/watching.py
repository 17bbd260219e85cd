"""Watching a folder: IDLE where the server has it (RFC 2177), looking now and then where not.

IDLE is one command among others: as soon as anything else is submitted the machine leaves it, and
here it is taken up again. It is also left before the server would lose patience. What happened
while another folder was selected is found by comparing the UIDs of then and now.
"""

from __future__ import annotations

from array import array

from courriel.errors import CourrielError, Misused
from courriel.faces import Emit, Flow, Items
from courriel.flows.effects import Now, Within
from courriel.flows.imap_dialogue import ImapDialogue
from courriel.flows.searching import find
from courriel.flows.selecting import folder_of, submit_in
from courriel.model.characters import excerpt
from courriel.model.events import Arrived, Event, FlagsChanged, Vanished
from courriel.model.query import where
from courriel.model.uids import HIGHEST, UidSet
from courriel.protocol.imap.observers import Observer
from courriel.protocol.imap.selected import Selected
from courriel.protocol.imap.tickets import ImapTicket
from courriel.wire.imap.commands import Fetch, Idle, Noop
from courriel.wire.imap.fetched import Fetched
from courriel.wire.imap.sets import EVERY

_OPERATION = "watch"


def watch(dialogue: ImapDialogue, folder: str, timeout: float | None) -> Items[Event]:
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
    except CourrielError as error:
        error.operation = error.operation or _OPERATION
        raise
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

    __slots__ = ("_dialogue", "_folder", "_idle", "_known", "_machine", "_modseq", "_observer")

    def __init__(self, dialogue: ImapDialogue, folder: str) -> None:
        self._dialogue = dialogue
        self._folder = folder
        self._machine = dialogue.machine
        self._observer: Observer = self._machine.news.watch(folder)
        self._known: UidSet | None = None
        """The folder's UIDs when it was last looked at as a whole."""
        self._modseq: int | None = None
        self._idle: ImapTicket | None = None

    def taken(self) -> list[Event]:
        """Return what has been told, and forget it."""
        events = list(self._observer.events)
        self._observer.events.clear()
        return events

    def learn(self) -> Flow[None]:
        """Look at the folder as a whole: from now on its numbers have UIDs."""
        observer = self._observer
        observer.lost = observer.grown = False
        uids = yield from find(self._dialogue, where.all, self._folder)
        selected = self._selected()
        if selected is None:
            observer.lost = True
            return
        selected.uids = array("I", uids)
        before, self._known = self._known, uids
        if before is not None:
            self._tell_difference(before, uids)
            yield from self._tell_flags(before)
        self._modseq = selected.highest_modseq

    def _selected(self) -> Selected | None:
        selected = self._machine.selected
        return selected if selected is not None and selected.folder == self._folder else None

    def _tell_difference(self, before: UidSet, now: UidSet) -> None:
        if gone := before - now:
            self._observer.tell(Vanished(self._folder, tuple(gone)))
        if new := now - before:
            self._observer.tell(Arrived(self._folder, tuple(new)))

    def _tell_flags(self, before: UidSet) -> Flow[None]:
        """Ask which flags have changed while nobody told (RFC 7162, 3.1.4.1)."""
        if self._modseq is None or "CONDSTORE" not in self._machine.words | self._machine.enabled:
            return
        command = Fetch(EVERY, ("UID", "FLAGS"), changed_since=self._modseq, folder=self._folder)
        completed = yield from submit_in(self._dialogue, command, self._folder)
        for answer in completed.all(Fetched):
            if answer.uid is not None and answer.flags is not None and answer.uid in before:
                self._observer.tell(FlagsChanged(self._folder, answer.uid, answer.flags))

    def look(self) -> Flow[bool]:
        """Find out what is only known to have happened; whether there was anything."""
        observer = self._observer
        if observer.events:
            return True
        if observer.lost:
            self._machine.check_usable()
            yield from self.learn()
            return True
        if not observer.grown:
            return False
        observer.grown = False
        yield from self._find_new()
        return True

    def _find_new(self) -> Flow[None]:
        selected = self._selected()
        last = selected.uids[-1] if selected is not None and selected.uids else 0
        found = yield from find(self._dialogue, where.id_range(last + 1), self._folder)
        selected = self._selected()
        if selected is None or selected.uids is None:
            self._observer.lost = True
            return
        # "n:*" names the last message even when it is older (RFC 9051, 9).
        new = tuple(found - UidSet(((1, last),)) if last else found)
        if new and new[-1] <= HIGHEST:
            selected.uids.extend(new)
            self._known = (self._known or UidSet()) | UidSet.of(new)
            self._observer.tell(Arrived(self._folder, new))
        if len(selected.uids) != selected.exists:
            self._observer.lost = True

    def rest(self, until: float | None) -> Flow[bool]:
        """Wait for news; False when the time is over."""
        limits = self._dialogue.profile.limits
        idles = "IDLE" in self._machine.words or "IMAP4REV2" in self._machine.words
        patience = float(limits.idle if idles else limits.poll)
        now = yield from Now()
        if until is not None and now >= until:
            return False
        if idles and (self._idle is None or self._idle.done):
            self._idle = submit_in(self._dialogue, Idle(folder=self._folder), self._folder)
        observer = self._observer
        observer.calm()
        seconds = patience if until is None else min(patience, until - now)
        if (yield from Within(observer.news, seconds)):
            yield from self._raise_refusal()
            return True
        if until is not None and (yield from Now()) >= until:
            return False
        yield from self._renew(idles)
        return True

    def _raise_refusal(self) -> Flow[None]:
        """Raise why IDLE has ended, unless somebody else only wanted to speak."""
        if self._idle is not None and self._idle.done:
            yield from self._idle

    def _renew(self, idles: bool) -> Flow[None]:
        if idles and self._idle is not None:
            self._machine.end_idle(self._idle)
            self._idle = None
        else:
            yield from submit_in(self._dialogue, Noop(folder=self._folder), self._folder)

    def leave(self) -> None:
        """Watch no more."""
        self._machine.news.leave(self._observer)
        if self._idle is not None and not self._idle.done:
            self._machine.end_idle(self._idle)
