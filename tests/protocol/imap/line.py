"""An IMAP machine at the end of a line: what it says, what it hears, as text.

The tests of the machine speak to it without driver, socket or clock. Saying is taking: what
``said`` returns has left for the server, all of it. Waiting is a flow that is stepped here.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Generic, TypeVar

from courriel.model.limits import Limits
from courriel.model.uids import UidSet
from courriel.protocol.imap.machine import ImapMachine
from courriel.protocol.imap.tickets import ImapTicket
from courriel.wire.imap.answers import Answer
from courriel.wire.imap.commands import Fetch, Select
from courriel.wire.imap.fetched import Fetched

T = TypeVar("T")

PLAIN = ("IMAP4REV1",)


class Line:
    """A machine that has been greeted and knows what the server offers."""

    def __init__(self, *offers: str, limits: Limits | None = None) -> None:
        self.machine = ImapMachine(limits or Limits())
        self.hear("* OK ready")
        self.machine.learn((*PLAIN, *offers))

    def hear(self, *lines: str) -> None:
        """Have the server say these lines."""
        self.machine.receive_data("".join(f"{line}\r\n" for line in lines).encode("latin-1"))

    def said(self) -> list[str]:
        """Return the lines that the machine has to say, and let them go."""
        data = self.machine.data_to_send()
        self.machine.data_sent(len(data))
        return data.decode("latin-1").splitlines()

    def select(self, folder: str = "INBOX", exists: int = 3, *, read_only: bool = False) -> None:
        """Have a folder selected; its tag is the next."""
        ticket = self.machine.submit(Select(folder, read_only=read_only))
        self.said()
        self.hear(f"* {exists} EXISTS", f"{ticket.tag.decode()} OK selected")
        assert ticket.done

    def fetch(self, uids: tuple[int, ...], *items: str, folder: str = "INBOX") -> ImapTicket:
        """Put a UID FETCH in flight; of flags unless something else is named."""
        return self.machine.submit(Fetch(UidSet.of(uids), items or ("FLAGS",), folder=folder))


class Stepped(Generic[T]):
    """A flow that is stepped by hand: ``go`` takes it to its next wait, or to its end."""

    def __init__(self, flow: Generator[Any, Any, T]) -> None:
        self.flow = flow
        self.waiting: Any = None
        self.results: list[T] = []

    @property
    def ended(self) -> bool:
        return bool(self.results)

    def go(self) -> Stepped[T]:
        try:
            self.waiting = self.flow.send(None)
        except StopIteration as stop:
            self.waiting = None
            self.results.append(stop.value)
        return self


def uids(answers: list[Answer] | tuple[Answer, ...]) -> list[int | None]:
    """Return the UIDs of the FETCHes among some answers."""
    return [answer.uid for answer in answers if isinstance(answer, Fetched)]
