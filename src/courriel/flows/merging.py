"""One answer for each message, however a server splits or repeats what it says of it (H17).

What is complete goes on at once. What is not waits for the rest, and those behind it wait too, so
that the order stays; nobody waits longer than for the end of the command. What is said of a message
again is passed over. No more is held than messages that one command asks for.
"""

from __future__ import annotations

from collections.abc import Iterable

from courriel.wire.imap.answers import Answer
from courriel.wire.imap.fetched import Fetched


def merged(answers: Iterable[Answer]) -> dict[int, Fetched]:
    """Return the answers to a whole command, one for each message, by UID."""
    merging = Merging()
    return {each.uid or 0: each for each in (*merging.take(answers), *merging.rest())}


class Merging:
    """The answers to one FETCH for summaries, as they come."""

    __slots__ = ("_held", "_news", "_told")

    def __init__(self) -> None:
        self._told: set[int] = set()
        self._held: dict[int, Fetched] = {}
        self._news: dict[int, Fetched] = {}
        """What was said of messages of which nothing else has come, or which are gone."""

    def take(self, answers: Iterable[Answer]) -> list[Fetched]:
        """Take answers; return those to which nothing is missing, in the order of their coming."""
        for answer in answers:
            if isinstance(answer, Fetched) and answer.uid is not None:
                self._take(answer, answer.uid)
        ready: list[Fetched] = []
        for answer in self._held.values():
            if answer.size is None or answer.envelope is None or answer.structure is None:
                break
            ready.append(answer)
        for answer in ready:
            assert answer.uid is not None
            del self._held[answer.uid]
            self._told.add(answer.uid)
        return ready

    def rest(self) -> list[Fetched]:
        """Return, at the end of the command, what was still waited for."""
        rest = list(self._held.values())
        self._held.clear()
        return rest

    def _take(self, answer: Fetched, uid: int) -> None:
        if uid in self._told:
            return
        held = self._held.get(uid) or self._news.get(uid)
        if held is None:
            held = answer
        else:
            held.complete(answer)
        if held.describes:
            self._news.pop(uid, None)
            self._held[uid] = held
        else:
            self._news[uid] = held
