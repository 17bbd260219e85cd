"""What the server tells without being asked, brought to those who watch the folder.

Everything here is said by UID; a number that has none that we know of is news that cannot be told,
so whoever watches is told to look anew.
"""

from __future__ import annotations

from courriel.model.events import FlagsChanged, Resynchronise
from courriel.model.events import Vanished as Gone
from courriel.protocol.imap.observers import Observer
from courriel.protocol.imap.selected import Selected
from courriel.wire.imap.answers import Answer, Exists, Expunged, Vanished
from courriel.wire.imap.fetched import Fetched


class Newsroom:
    """The observers of one connection."""

    __slots__ = ("observers",)

    def __init__(self) -> None:
        self.observers: list[Observer] = []

    def watch(self, folder: str) -> Observer:
        """Return a new observer of a folder; give it back with ``leave``."""
        observer = Observer(folder)
        self.observers.append(observer)
        return observer

    def leave(self, observer: Observer) -> None:
        """Forget an observer."""
        if observer in self.observers:
            self.observers.remove(observer)

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
                        self._lose(observer, "messages vanished without a word")
            case Expunged(number):
                selected.take(answer)
                self._gone(selected, (selected.expunged(number),))
            case Vanished(False, _):
                selected.take(answer)
                self._gone(selected, selected.vanished(answer))
            case Fetched():
                self._changed(selected, answer)
            case _:
                selected.take(answer)

    def _gone(self, selected: Selected, uids: tuple[int | None, ...]) -> None:
        known = tuple(uid for uid in uids if uid is not None)
        for observer in self._of(selected.folder):
            if known:
                observer.tell(Gone(selected.folder, known))
            if len(known) < len(uids):
                self._lose(observer, "a message vanished that was not known")

    def _changed(self, selected: Selected, answer: Fetched) -> None:
        uid = selected.uid_of(answer)
        if uid is None or answer.flags is None:
            return
        for observer in self._of(selected.folder):
            observer.tell(FlagsChanged(selected.folder, uid, answer.flags))

    def left(self, folder: str) -> None:
        """Take note that a folder is not selected any more, so that nothing more is told of it."""
        for observer in self._of(folder):
            observer.lost = True
            observer.stir()

    def stir(self) -> None:
        """Have everybody look: IDLE is over, and somebody may want it again."""
        for observer in self.observers:
            observer.stir()

    def end(self) -> None:
        """Wake everybody: the connection is over."""
        for observer in self.observers:
            observer.lost = True
            observer.stir()

    def _lose(self, observer: Observer, reason: str) -> None:
        if not observer.lost:
            observer.lost = True
            observer.tell(Resynchronise(observer.folder, reason))

    def _of(self, folder: str) -> list[Observer]:
        return [observer for observer in self.observers if observer.folder == folder]
