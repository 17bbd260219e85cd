"""Steps: the octets that are written in one go, and the replies they will bring.

A command is one step. A transaction is cut into as few steps as PIPELINING and CHUNKING allow
(RFC 2920, 3.1; RFC 3030, 4.2)::

    PIPELINING and CHUNKING   [MAIL RCPT… BDAT-LAST message]
    PIPELINING                [MAIL RCPT… DATA] [message .]
    neither                   [MAIL] [RCPT] … [DATA] [message .]

The message after DATA is a step that the machine makes when it sees the 354.
"""

from __future__ import annotations

from collections.abc import Iterator

from courriel.model.receipt import Reply
from courriel.protocol.ticket import Ticket
from courriel.protocol.transaction import BODY, DATA, MAIL, Transaction
from courriel.wire.sasl.echo import Echo
from courriel.wire.smtp.commands import RSET, Auth, AuthResponse, Command, Mail, Rcpt, bdat


class CommandTicket(Ticket[Reply]):
    """The ticket of a command that gets exactly one reply."""

    __slots__ = ("echo", "verb")

    def __init__(self, verb: str, echo: Echo | None = None) -> None:
        super().__init__()
        self.verb = verb
        self.echo = echo
        """What the reply must not repeat where it is shown; None for what is no secret."""


class Step:
    """Octets for the wire, who they belong to, and the slots of their replies."""

    __slots__ = ("_shown", "data", "ends_group", "octets", "opens", "owner", "slots", "streams")

    def __init__(
        self,
        data: bytes,
        owner: CommandTicket | Transaction,
        slots: tuple[int, ...],
        *,
        ends_group: bool = False,
        opens: bool = False,
        streams: bool = False,
        shown: tuple[Command | Mail | Rcpt, ...] = (),
    ) -> None:
        self.data = data
        self.owner = owner
        self.slots = slots
        self.ends_group = ends_group
        """Whether nothing may be written behind it before it is answered."""
        self.opens = opens
        """Whether it begins a transaction."""
        self.streams = streams
        """Whether the chunks of a fed body come right behind it."""
        self._shown = shown
        self.octets = len(owner.body or b"") if isinstance(owner, Transaction) else 0

    @property
    def chunked(self) -> bool:
        """Whether it belongs to a transaction under CHUNKING."""
        return isinstance(self.owner, Transaction) and self.owner.chunked

    def shown(self) -> Iterator[str]:
        """Yield what a log may show of it."""
        for command in self._shown:
            yield command.shown()
        if DATA in self.slots:
            yield "DATA"
        if BODY in self.slots:
            yield f"<message of {self.octets} octets>"


def command_step(command: Command) -> Step:
    """Return the step of a single command."""
    return Step(
        command.encode(),
        CommandTicket(
            command.verb, command.echo if isinstance(command, Auth | AuthResponse) else None
        ),
        (0,),
        ends_group=command.ends_group,
        shown=(command,),
    )


def reset_step() -> Step:
    """Return a RSET whose answer nobody waits for."""
    return command_step(RSET)


def steps_of(transaction: Transaction, *, pipelining: bool) -> list[Step]:
    """Return the steps of a transaction up to its message. Encodes, so it may raise Misused."""
    recipients = transaction.recipients
    lines = [transaction.mail.encode(), *[rcpt.encode() for rcpt in recipients]]
    slots = [MAIL, *range(len(recipients))]
    body, fed = transaction.body, transaction.body is None
    if not transaction.chunked:
        lines.append(b"DATA\r\n")
        slots.append(DATA)
    elif body is not None:
        lines.append(bdat(len(body), last=True) + body)
        slots.append(BODY)
    commands: tuple[Mail | Rcpt, ...] = (transaction.mail, *recipients)
    ends_group = not transaction.chunked
    if pipelining:
        data = b"".join(lines)
        return [
            Step(
                data,
                transaction,
                tuple(slots),
                ends_group=ends_group,
                opens=True,
                streams=fed,
                shown=commands,
            )
        ]
    last = len(lines) - 1
    return [
        Step(
            line,
            transaction,
            (slots[place],),
            ends_group=ends_group and place == last,
            opens=place == 0,
            streams=fed and place == last,
            shown=commands[place : place + 1],
        )
        for place, line in enumerate(lines)
    ]
