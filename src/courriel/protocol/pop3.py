"""The POP3 machine: commands out, answers in, matched by position (RFC 1939, 2449, 2595).

Commands may be submitted at any time; they are written as far as the rules allow:

* without PIPELINING one by one, each when the one in front is answered;
* with it (RFC 2449, 6.8) within a window, so that neither side waits for the other with full
  buffers: so many octets of commands, and so many octets of the answers that they will bring;
* a command that must end its group holds the line until it is answered.

What nobody waits for any more stays in its place and swallows its answer; if it was not written
yet, it never will be. Which messages are marked for deletion is read off the answers as they come,
so that it is known whoever has stopped waiting for them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from courriel.errors import CourrielError, Disconnected, Garbled, InsecureConnection
from courriel.model.limits import Limits
from courriel.protocol.machine import Machine, wire_log
from courriel.protocol.ticket import Ticket
from courriel.wire.pop3.capabilities import Capabilities
from courriel.wire.pop3.commands import NOOP, QUIT, RSET, Brings, Command, Delete
from courriel.wire.pop3.replies import Answer, AnswerReader

_COMMANDS_IN_FLIGHT = 4096
"""Octets of commands on their way: what the smallest socket buffers take, and Dovecot's own."""


class Asked(Ticket[Answer]):
    """A command with its ticket; ``expected`` is how many octets its answer may bring."""

    __slots__ = ("command", "expected", "octets")

    def __init__(self, command: Command, expected: int) -> None:
        super().__init__()
        self.command = command
        self.expected = expected
        self.octets = 0
        """Octets of the command as it was written."""


class Pop3Machine(Machine):
    """One POP3 connection, from the greeting on."""

    __slots__ = (
        "_answers_in_flight",
        "_commands_in_flight",
        "_expected",
        "_held",
        "_log",
        "_reader",
        "_sealed",
        "_waiting",
        "capabilities",
        "greeted",
        "marked",
        "pipelining",
    )

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.capabilities = Capabilities()
        self.pipelining = False
        """Whether commands may be sent before the ones in front are answered."""
        self.marked: set[int] = set()
        """The numbers of the messages that QUIT will remove."""
        self._reader = AnswerReader(limits)
        self._expected: deque[Asked] = deque()
        self._waiting: deque[Asked] = deque()
        self._held = False
        self._sealed = False
        self._commands_in_flight = 0
        self._answers_in_flight = 0
        self._log = wire_log()
        self.greeted = Asked(NOOP, 0)
        """The ticket of the server's greeting, which comes like an answer."""
        self._expected.append(self.greeted)

    @property
    def awaiting(self) -> bool:
        # A server that takes no octets holds us up as much as one that gives no answer.
        return bool(self._expected) or self.octets_sent < self.octets_queued

    @property
    def idle(self) -> bool:
        return not self._expected and not self._waiting

    @property
    def words(self) -> frozenset[str]:
        return self.capabilities.words

    def learn(self, capabilities: Capabilities) -> None:
        """Believe the server what it can do, from now on."""
        self.capabilities = capabilities
        self.pipelining = "PIPELINING" in capabilities

    # Commands in.

    def submit(self, command: Command, expected: int = 0) -> Ticket[Answer]:
        """Put a command in flight; its ticket is resolved with the answer.

        ``expected`` octets are what the answer may bring, as well as is known.
        Raises Misused when an argument cannot be sent.
        """
        asked = Asked(command, expected)
        data = command.encode()
        asked.octets = len(data)
        if self.error is None and not self._expected and self._reader.leftover:
            self._unasked(writing=True)
        if self.error is not None:
            asked.fail(self.error)
        elif self._may_write(asked):
            self._write(asked, data)
        else:
            self._waiting.append(asked)
        return asked

    def withdraw(self, tickets: Iterable[Ticket[Answer]]) -> None:
        """Give up commands that nobody waits for any more."""
        given_up = {ticket for ticket in tickets if not ticket.done}
        for ticket in given_up:
            ticket.abandoned = True
        if given_up and self._waiting:
            self._waiting = deque(asked for asked in self._waiting if asked not in given_up)

    def _may_write(self, asked: Asked) -> bool:
        if self._held or (self._waiting and self._waiting[0] is not asked):
            return False
        if not self._expected:
            return True
        return (
            self.pipelining
            and self._commands_in_flight + asked.octets <= _COMMANDS_IN_FLIGHT
            and self._answers_in_flight + asked.expected <= self.limits.window_octets
        )

    def _write(self, asked: Asked, data: bytes) -> None:
        if self._log is not None:
            self._log.debug("C: %s", asked.command.shown())
        self._send(data)
        self._expected.append(asked)
        self._commands_in_flight += asked.octets
        self._answers_in_flight += asked.expected
        self._held = asked.command.ends_group

    def _advance(self) -> None:
        """Write what the rules allow now."""
        waiting = self._waiting
        while waiting and self._may_write(waiting[0]):
            asked = waiting.popleft()
            if not asked.abandoned:
                self._write(asked, asked.command.encode())

    # Answers in.

    def receive_data(self, data: bytes) -> None:
        if self.error is not None:
            return
        reader, expected = self._reader, self._expected
        reader.feed(data)
        try:
            while expected:
                asked = expected[0]
                answer = reader.next_answer(asked.command.brings, keep=not asked.abandoned)
                if answer is None:
                    break
                self.answers += 1
                expected.popleft()
                self._dispatch(asked, answer)
                if not self.usable:
                    return
            else:
                if reader.leftover:
                    self._unasked(writing=bool(self._waiting))
        except Garbled as error:
            if expected and expected[0].command.echo is not None:
                # What came in place of an answer may be the secret that it should have answered.
                error.excerpt = "…"
            self.condemn(error)
        except OSError as error:
            self.condemn(_no_room(error))
        if reader.inside:
            self.octets_of_bodies += len(data)
        # Only now: an answer that was already here cannot belong to what is written next.
        self._advance()

    def _dispatch(self, asked: Asked, answer: Answer) -> None:
        command = asked.command
        self._commands_in_flight -= asked.octets
        self._answers_in_flight -= asked.expected
        if not self._expected:
            self._held = False
        echo = command.echo
        if echo is not None:
            remove = echo.removed_from_challenge if answer.challenge else echo.removed
            answer = replace(answer, text=remove(answer.text))
        if self._log is not None:
            self._log.debug("S: %s", "+ …" if answer.challenge else answer)
        if answer.challenge and command.verb != "AUTH":
            asked.fail(_out_of_step())
            self.condemn(_out_of_step())
            return
        if answer.positive:
            self._take_note(command)
        asked.resolve(answer)

    def _take_note(self, command: Command) -> None:
        """Remember what a command has changed for those behind it."""
        if isinstance(command, Delete):
            self.marked.add(command.number)
        elif command == RSET:
            self.marked.clear()
        elif command.verb == "STLS":
            self._sealed = True

    # The end.

    def part(self) -> None:
        if self.usable and self.idle:
            self.submit(QUIT)

    def seal(self) -> None:
        """Check that the conversation is clean before TLS starts (RFC 2595, 4).

        Raises InsecureConnection when octets arrived that TLS does not protect.
        """
        if self._expected or self._reader.leftover:
            error = _injected()
            self.condemn(error)
            raise error

    def begin_secured(self) -> None:
        """Forget everything that was learned before TLS (RFC 2595, 4)."""
        self._sealed = False
        self.secured = True
        self.learn(Capabilities())
        self._reader = AnswerReader(self.limits)

    def _unasked(self, *, writing: bool) -> None:
        """Judge octets that no command asked for; what is written next cannot be answered yet."""
        if self._sealed:
            self.condemn(_injected())
            return
        try:
            answer = self._reader.next_answer(Brings.NOTHING)
        except Garbled:
            self.condemn(_unasked())
            return
        if answer is not None and answer.status == "-ERR":
            # Servers end a session that was idle for long with such a line (RFC 1939, 3).
            self.condemn(_ended(answer))
        elif answer is not None or writing:
            self.condemn(_unasked())

    def _fail_all(self, error: CourrielError) -> None:
        failed = [*self._expected, *self._waiting]
        self._expected.clear()
        self._waiting.clear()
        for asked in failed:
            if not asked.done:
                asked.fail(error)


def _ended(answer: Answer) -> Disconnected:
    return Disconnected(f"the server ended the session: {answer}", hint="Open a new one.")


def _out_of_step() -> Garbled:
    return Garbled(
        "the server asked for a response where none is due",
        hint="The session is out of step; open a new one.",
    )


def _unasked() -> Garbled:
    return Garbled(
        "the server sent an answer to a command that was not sent",
        hint="The session is out of step; open a new one.",
    )


def _no_room(error: OSError) -> Disconnected:
    return Disconnected(
        f"a large message could not be put aside: {error.strerror}",
        hint="Make room where temporary files go, or raise Limits.literal_memory.",
    )


def _injected() -> InsecureConnection:
    return InsecureConnection(
        "octets arrived between STLS and the TLS handshake: somebody may be tampering",
        hint="Use implicit TLS (port 995) or another network.",
    )
