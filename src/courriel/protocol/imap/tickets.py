"""The tickets of IMAP commands: what came for one, and the parts of a long exchange.

A command is answered by any number of untagged answers and one tagged. Whoever wants the answers
as they come takes them with ``more``; whoever waits for the end gets all of them in ``Completed``.
An abandoned ticket stays in its place until its tag has come, and drops what comes for it.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, TypeVar

from courriel.faces import Flow
from courriel.protocol.imap.selected import Selected
from courriel.protocol.ticket import Ticket
from courriel.wire.imap.answers import Answer, Continuation, Tagged
from courriel.wire.imap.traits import Command, Does

A = TypeVar("A")

_NOTED = 10_000
"""Messages that a command is known one by one to have been told of."""


@dataclass(frozen=True, slots=True)
class Completed:
    """A command that the server has carried out: its end, an OK as a rule, and what came for it."""

    tagged: Tagged
    answers: tuple[Answer, ...]

    def all(self, kind: type[A]) -> list[A]:
        """Return the answers of one kind, in order."""
        return [answer for answer in self.answers if isinstance(answer, kind)]

    def last(self, kind: type[A]) -> A | None:
        """Return the last answer of one kind, or None."""
        found = self.all(kind)
        return found[-1] if found else None


class _Told:
    """The messages that a command was told of: exactly at first, then by the highest of them.

    Servers tell in rising order; what a listing of millions was told must not be kept one by one.
    """

    __slots__ = ("_highest", "_numbers")

    def __init__(self) -> None:
        self._highest = 0
        self._numbers: set[int] = set()

    def lacks(self, number: int) -> bool:
        """Whether it was not told of the message, as far as that is known."""
        if number > self._highest:
            return True
        return len(self._numbers) < _NOTED and number not in self._numbers

    def note(self, number: int) -> bool:
        """Take note of a message; tell whether that is news."""
        lacking = self.lacks(number)
        if lacking:
            if number > self._highest:
                self._highest = number
            if len(self._numbers) < _NOTED:
                self._numbers.add(number)
        return lacking


class ImapTicket(Ticket[Completed]):
    """The ticket of a command."""

    __slots__ = (
        "_arrival",
        "_told",
        "answers",
        "asked",
        "command",
        "count",
        "end",
        "given_up",
        "octets",
        "selected",
        "tag",
        "tagged",
        "turns",
    )

    def __init__(self, command: Command) -> None:
        super().__init__()
        self.command = command
        self.tag = b""
        """Empty until it is written."""
        self.answers: list[Answer] = []
        self.count = 0
        """Answers that came for it."""
        self.octets = 0
        """Octets of those that nobody has taken."""
        self.asked: frozenset[str] | None = None
        """What a FETCH asks for, as ``telling`` writes it; None before anybody looked."""
        self.end: int | None = None
        """The machine's ``octets_queued`` when its last octet was written, None before that."""
        self.given_up = False
        self.selected: Selected | None = None
        """The folder that was selected at the end of the command."""
        self.tagged: Tagged | None = None
        """The end of the command, whether the server has carried it out or not."""
        self.turns: list[Continuation] = []
        """What the server has asked of whoever carries an exchange on, and nobody took yet."""
        self._arrival: Ticket[None] | None = None
        self._told: dict[frozenset[str], _Told] = {}

    def __iter__(self) -> Generator[Any, Any, Completed]:
        if not self.done:
            try:
                yield self
            except BaseException:
                self.give_up()
                raise
        if self.error is not None:
            raise self.error
        return self.value

    def give_up(self) -> None:
        """Want nothing more of it; the tag is still awaited."""
        self.abandoned = self.given_up = True
        self.wake = None
        self._arrival = None
        if not self._kept:
            self.answers, self.octets = [], 0

    @property
    def _kept(self) -> bool:
        """Whether the machine needs the answers, even when nobody else does."""
        return Does.SELECTS in self.command.does

    def add(self, answer: Answer, octets: int = 0) -> None:
        """Take an answer that came for this command, and holds so many octets."""
        self.count += 1
        if not self.given_up or self._kept:
            self.answers.append(answer)
            self.octets += octets
            self._arrived()

    def lacks(self, number: int, told: frozenset[str]) -> bool:
        """Whether it was not told that of the message yet."""
        of = self._told.get(told)
        return of is None or of.lacks(number)

    def tell(self, number: int, told: frozenset[str]) -> bool:
        """Take note of what it was told of a message; tell whether it lacked that."""
        of = self._told.get(told)
        if of is None:
            of = self._told[told] = _Told()
        return of.note(number)

    def ask(self, turn: Continuation) -> None:
        """Take a continuation request of an exchange."""
        self.turns.append(turn)
        self._arrived()

    def more(self) -> Flow[list[Answer]]:
        """Wait for answers and take them; an empty list when the command is done.

        Raises Refused, or why the connection broke, behind the last answers.
        """
        while not self.answers:
            if self.done:
                if self.error is not None:
                    raise self.error
                return []
            yield from self._wait()
        taken, self.answers, self.octets = self.answers, [], 0
        return taken

    def turn(self) -> Flow[Continuation | None]:
        """Wait for the server's next request; None when the command is done."""
        while not self.turns:
            if self.done:
                return None
            yield from self._wait()
        return self.turns.pop(0)

    def _wait(self) -> Flow[None]:
        arrival: Ticket[None] = Ticket()
        self._arrival = arrival
        try:
            yield arrival
        except BaseException:
            self.give_up()
            raise

    def _arrived(self) -> None:
        arrival, self._arrival = self._arrival, None
        if arrival is not None:
            arrival.resolve(None)

    def _finish(self) -> None:
        super()._finish()
        self._arrived()
