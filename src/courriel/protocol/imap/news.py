"""What the server tells without being asked, brought to those who watch the folder.

Everything here is said by UID; what is told of a number whose UID is not known is found out by
looking at the folder anew. IDLE is one for all who watch the same folder. Those who watch different
ones cannot have it, since only one folder is selected: they look in turn, now and then.
"""

from __future__ import annotations

from courriel.model.events import FlagsChanged, Resynchronise
from courriel.model.events import Vanished as Gone
from courriel.protocol.imap.observers import Observer
from courriel.protocol.imap.selected import Selected
from courriel.protocol.imap.tickets import ImapTicket
from courriel.wire.imap.answers import Answer, Exists, Expunged, Vanished
from courriel.wire.imap.fetched import Fetched


class Newsroom:
    """The observers of one connection."""

    __slots__ = ("idle", "idle_since", "observers", "spurned")

    def __init__(self) -> None:
        self.observers: list[Observer] = []
        self.idle: ImapTicket | None = None
        """The IDLE that was submitted last, for all who watch."""
        self.idle_since = 0.0
        """When that was, on the clock of whoever submitted it."""
        self.spurned = False
        """Whether the server has refused the last IDLE, or ended it unasked."""

    def watch(self, folder: str) -> Observer:
        """Return a new observer of a folder; give it back with ``leave``."""
        observer = Observer(folder)
        self.observers.append(observer)
        return observer

    def leave(self, observer: Observer) -> None:
        """Forget an observer."""
        if observer in self.observers:
            self.observers.remove(observer)
            self.stir()

    def idle_again(self, pause: float) -> float:
        """Return when IDLE may be begun: not at once, where the server wants none."""
        spurned = self.spurned and self.idle is not None and self.idle.done
        return self.idle_since + pause if spurned else 0.0

    def contested(self, folder: str) -> bool:
        """Whether somebody watches another folder than that."""
        return any(observer.folder != folder for observer in self.observers)

    def tell(self, selected: Selected, answer: Answer) -> None:
        """Take an answer about the selected folder that no command has asked for."""
        match answer:
            case Exists(number):
                grown = number > selected.exists
                fewer = number < selected.exists
                selected.take(answer)
                for observer in self._of(selected.folder):
                    if grown:
                        observer.grow()
                    elif fewer:
                        # Messages cannot vanish so (RFC 9051, 7.4.1): we have lost count.
                        selected.uids = None
                        self._lose(observer, "messages vanished without a word")
            case Expunged(number):
                selected.take(answer)
                uid = selected.expunged(number)
                self._gone(selected, () if uid is None else (uid,))
            case Vanished(False, _):
                selected.take(answer)
                self._gone(selected, selected.vanished(answer))
            case Fetched():
                self._changed(selected, answer)
            case _:
                selected.take(answer)

    def _gone(self, selected: Selected, uids: tuple[int, ...]) -> None:
        for observer in self._of(selected.folder):
            if uids:
                observer.tell(Gone(selected.folder, uids))
            elif selected.uids is None:
                # Which it was is found by looking at the folder as a whole.
                observer.lose()

    def _changed(self, selected: Selected, answer: Fetched) -> None:
        uid = selected.uid_of(answer)
        if uid is None or answer.flags is None:
            return
        for observer in self._of(selected.folder):
            observer.tell(FlagsChanged(selected.folder, uid, answer.flags))

    def left(self, folder: str) -> None:
        """Take note that a folder is not selected any more, so that nothing more is told of it.

        Who watches it selects it again; but where others watch another folder
        that waits for his turn, lest both do nothing else.
        """
        for observer in self._of(folder):
            observer.lost = True
            if not self.contested(folder):
                observer.stir()

    def stir(self) -> None:
        """Have everybody look: IDLE is over, and somebody may want it again."""
        for observer in self.observers:
            observer.stir()

    def end(self) -> None:
        """Wake everybody: the connection is over."""
        for observer in self.observers:
            observer.lose()

    def _lose(self, observer: Observer, reason: str) -> None:
        if not observer.lost:
            observer.lost = True
            observer.tell(Resynchronise(observer.folder, reason))

    def _of(self, folder: str) -> list[Observer]:
        return [observer for observer in self.observers if observer.folder == folder]
