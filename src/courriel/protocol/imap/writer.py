"""The writing half of the IMAP machine: which command goes out when, and how far.

Commands wait in one queue. The first goes out when the gate (``inflight``) lets it, when the folder
that it must run in is selected, and when nobody else's literal is half said. IDLE is left as soon
as anything else wants to be said (RFC 2177, 3).
"""

from __future__ import annotations

from collections import deque
from copy import copy

from courriel.errors import CourrielError, Disconnected, Misused
from courriel.model.limits import Limits
from courriel.protocol.imap.inflight import InFlight
from courriel.protocol.imap.selected import Selected
from courriel.protocol.imap.tickets import ImapTicket
from courriel.protocol.machine import Machine, wire_log
from courriel.protocol.ticket import Ticket
from courriel.wire.imap import commands
from courriel.wire.imap.fragments import (
    PLAIN,
    Dialect,
    Fragment,
    Literal,
    StreamLiteral,
    marker,
    waits,
)
from courriel.wire.imap.traits import Command, Does


class ImapWriter(Machine):
    """Commands out."""

    __slots__ = (
        "_asked",
        "_flying",
        "_gate",
        "_idling",
        "_leaving_idle",
        "_log",
        "_missing",
        "_next_tag",
        "_queue",
        "_rest",
        "_rooms",
        "_turning",
        "_unselected",
        "_writing",
        "dialect",
        "selected",
    )

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.dialect: Dialect = PLAIN
        """How commands are written to this server."""
        self.selected: Selected | None = None
        self._queue: deque[ImapTicket] = deque()
        self._flying: dict[bytes, ImapTicket] = {}
        self._gate = InFlight()
        self._turning: list[ImapTicket] = []
        """Commands not yet answered that change what is selected."""
        self._unselected: CourrielError | None = None
        """Why no folder is selected, where the server has refused one."""
        self._writing: ImapTicket | None = None
        """Whose line is half said."""
        self._rest: list[Fragment] = []
        self._missing = 0
        """Octets of a literal that its flow has still to bring."""
        self._rooms: dict[ImapTicket, Ticket[None]] = {}
        self._asked = False
        """Whether an exchange waits for us, and not for the server."""
        self._idling = False
        self._leaving_idle = False
        self._next_tag = 0
        self._log = wire_log()

    @property
    def heading(self) -> tuple[str, bool] | None:
        """The folder that will be selected when all is answered, and whether only for reading."""
        if self._turning:
            command = self._turning[-1].command
            if isinstance(command, commands.Select):
                return command.name, command.read_only
            return None
        return None if self.selected is None else (self.selected.folder, self.selected.examined)

    @property
    def awaiting(self) -> bool:
        resting = self._idling and not self._leaving_idle
        if (resting or self._asked) and len(self._flying) == 1:
            return self.octets_sent < self.octets_queued
        return bool(self._flying) or self.octets_sent < self.octets_queued

    @property
    def idle(self) -> bool:
        resting = not self._flying or (self._idling and len(self._flying) == 1)
        return resting and not self._queue

    # Commands in.

    def submit(self, command: Command) -> ImapTicket:
        """Put a command in flight, or in the queue for it; its ticket is resolved with its end.

        Raises Misused when an argument cannot be sent.
        """
        ticket = ImapTicket(command)
        if self.error is not None:
            ticket.fail(self.error)
            return ticket
        # Whatever cannot be expressed is refused here, before it is anybody's turn.
        command.encode(self.dialect)
        self._queue.append(ticket)
        if Does.SELECTS in command.does:
            self._turning.append(ticket)
        self._advance()
        return ticket

    def room(self, ticket: ImapTicket) -> Ticket[None]:
        """Return a ticket that is resolved when the octets of a stream may be brought.

        It is resolved too when the command has ended before that.
        """
        room = self._rooms.get(ticket)
        if room is None:
            room = Ticket()
            if not ticket.done:
                self._rooms[ticket] = room
            if ticket.done or (self._writing is ticket and self._missing):
                room.resolve(None)
        return room

    def feed(self, ticket: ImapTicket, data: bytes) -> None:
        """Bring octets of a stream that has room. Raises Misused for more than were announced."""
        if ticket.done or self._writing is not ticket:
            return
        if len(data) > self._missing:
            raise Misused("the message is longer than it was when it was announced")
        self._missing -= len(data)
        self._send(data)
        if not self._missing:
            self._go_on()
            self._advance()

    def end_idle(self, ticket: ImapTicket) -> None:
        """Leave an IDLE that nobody wants any more, now or as soon as it has begun."""
        ticket.give_up()
        if self.error is None and self._idling and ticket.tag in self._flying:
            self._leave_idle()

    def cut(self, ticket: ImapTicket) -> None:
        """Give up a command whose literal is half said: only hanging up can end it."""
        ticket.give_up()
        if self._writing is ticket and not ticket.done:
            self.condemn(
                Disconnected(
                    "a message was given up while it was being sent, so the connection was dropped",
                    hint="Open the session again.",
                )
            )

    # Lines out.

    def _advance(self) -> None:
        """Write what may be written now."""
        queue = self._queue
        while queue and self._writing is None and self.error is None:
            ticket = queue[0]
            command = ticket.command
            if ticket.given_up and Does.SELECTS not in command.does:
                queue.popleft()
                continue
            if self._idling:
                self._leave_idle()
                return
            if self._gate.count >= self.limits.window_messages or not self._gate.allows(command):
                return
            queue.popleft()
            if command.folder is not None and not self._is_selected(command.folder):
                ticket.fail(self._not_selected(command.folder))
                continue
            self._begin(ticket)

    def _is_selected(self, folder: str) -> bool:
        return self.selected is not None and self.selected.folder == folder

    def _not_selected(self, folder: str) -> CourrielError:
        if self._unselected is not None:
            return copy(self._unselected)
        return Misused(f"the folder {folder!r} is not selected any more", hint="Repeat the call.")

    def _begin(self, ticket: ImapTicket) -> None:
        try:
            fragments = ticket.command.encode(self.dialect)
        except CourrielError as error:
            # What is written has changed since it was submitted (ENABLE).
            if Does.SELECTS in ticket.command.does:
                self._turning.remove(ticket)
                self._unselected = error
            ticket.fail(error)
            return
        self._next_tag += 1
        ticket.tag = b"A%d" % self._next_tag
        self._flying[ticket.tag] = ticket
        self._gate.add(ticket.command)
        if self._log is not None:
            self._log.debug("C: %s %s", ticket.tag.decode(), ticket.command.shown())
        self._writing = ticket
        self._rest = [ticket.tag + b" ", *fragments]
        self._go_on()

    def _go_on(self) -> None:
        """Write on until the server, or the flow that brings a stream, must say something."""
        rest, ticket = self._rest, self._writing
        out: list[bytes] = []
        assert ticket is not None
        while rest:
            fragment = rest.pop(0)
            if isinstance(fragment, bytes):
                out.append(fragment)
                continue
            out.append(marker(fragment, self.dialect) + b"\r\n")
            if waits(fragment, self.dialect):
                rest.insert(0, fragment)
                self._send(b"".join(out))
                return
            if self._pour(fragment, out):
                return
        out.append(b"\r\n")
        self._writing = None
        self._send(b"".join(out))
        ticket.end = self.octets_queued

    def handed_over(self, ticket: ImapTicket) -> bool:
        """Whether the transport has taken a command with its last octet, or will still do so."""
        return ticket.end is not None and (self.usable or self.octets_sent >= ticket.end)

    def _pour(self, literal: Literal | StreamLiteral, out: list[bytes]) -> bool:
        """Write a literal's octets; whether its flow has to bring them."""
        if isinstance(literal, Literal):
            out.append(literal.data)
            return False
        if not literal.octets:
            return False
        self._missing = literal.octets
        self._send(b"".join(out))
        assert self._writing is not None
        room = self._rooms.get(self._writing)
        if room is not None and not room.done:
            room.resolve(None)
        return True

    def _invited(self) -> None:
        """Send the literal that the server has just agreed to."""
        ticket = self._writing
        if ticket is not None and ticket.given_up and isinstance(ticket.command, commands.Append):
            # Until now the server could refuse it. With these octets it would be in the folder.
            self.cut(ticket)
            return
        literal = self._rest.pop(0)
        assert not isinstance(literal, bytes)
        out: list[bytes] = []
        if not self._pour(literal, out):
            self._rest.insert(0, b"".join(out))
            self._go_on()

    @property
    def _waits_for_invitation(self) -> bool:
        if self._writing is None or self._missing or not self._rest:
            return False
        return not isinstance(self._rest[0], bytes)

    def _leave_idle(self) -> None:
        if not self._leaving_idle and self._idling:
            self._leaving_idle = True
            if self._log is not None:
                self._log.debug("C: DONE")
            self._send(commands.DONE + b"\r\n")
