"""The SMTP machine: commands out, replies in, matched by position (RFC 5321, 2920, 3030, 2033).

Commands may be submitted at any time. The machine writes them as far as the rules allow:

* without PIPELINING nothing is written while an answer is outstanding;
* a command that must end its group (RFC 2920, 3.1) holds the line until it is answered;
* a message's body follows its 354 at once, and the next transaction's group follows the body;
* under CHUNKING whole messages follow each other, as many as the window of ``Limits`` allows.

So a flow that wants many messages in flight just submits them, and one that is cancelled leaves
nothing half said: what it submitted is finished here, and its answers are swallowed by its ticket.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Collection

from courriel.errors import CourrielError, Disconnected, Garbled, InsecureConnection, Uncertain
from courriel.model.limits import Limits
from courriel.model.receipt import Reply
from courriel.protocol.machine import WIRE, Machine
from courriel.protocol.smtp_steps import CommandTicket, Step, command_step, reset_step, steps_of
from courriel.protocol.ticket import Ticket
from courriel.protocol.transaction import BODY, CHUNK, DATA, Transaction
from courriel.wire.smtp.body import TERMINATOR
from courriel.wire.smtp.capabilities import Capabilities
from courriel.wire.smtp.commands import Command, bdat
from courriel.wire.smtp.quirks import CHUNKING, PIPELINING
from courriel.wire.smtp.replies import ReplyReader


class SmtpMachine(Machine):
    """One SMTP or LMTP connection, from the greeting on."""

    __slots__ = (
        "_dirty",
        "_expected",
        "_feeding",
        "_flying",
        "_flying_octets",
        "_held",
        "_logging",
        "_reader",
        "_sealed",
        "_steps",
        "_streaming",
        "capabilities",
        "greeted",
        "pipelining",
    )

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.capabilities = Capabilities()
        self.pipelining = False
        """Whether commands may be sent before the ones in front are answered."""
        self._reader = ReplyReader(limits)
        self._expected: deque[tuple[CommandTicket | Transaction, int]] = deque()
        self._steps: deque[Step] = deque()
        self._held = False
        self._sealed = False
        self._dirty = False
        self._streaming: Transaction | None = None
        self._feeding: tuple[Transaction, Ticket[bool]] | None = None
        self._flying = 0
        self._flying_octets = 0
        self._logging = WIRE.isEnabledFor(logging.DEBUG)
        self.greeted = CommandTicket("greeting")
        """The ticket of the server's first reply."""
        self._expected.append((self.greeted, 0))

    @property
    def awaiting(self) -> bool:
        return bool(self._expected)

    @property
    def idle(self) -> bool:
        """Whether nothing is in flight and nothing waits to be sent."""
        return not self._expected and not self._steps and self._streaming is None

    def learn(self, reply: Reply) -> None:
        """Take the capabilities from the reply to EHLO or LHLO."""
        self.capabilities = Capabilities.of(reply)
        self.pipelining = "PIPELINING" in self.capabilities

    def distrust(self, quirks: Collection[str]) -> None:
        """Leave unused what this server is known to offer and not to honour."""
        if CHUNKING.name in quirks:
            self.capabilities = self.capabilities.without("CHUNKING", "BINARYMIME")
        if PIPELINING.name in quirks:
            self.pipelining = False

    # Commands in.

    def submit(self, command: Command) -> Ticket[Reply]:
        """Put a command in flight; its ticket is resolved with the reply.

        Raises Misused when an argument cannot be sent.
        """
        step = command_step(command)
        ticket = step.owner
        assert isinstance(ticket, CommandTicket)
        if self._ready_for(ticket):
            self._steps.append(step)
            self._advance()
        return ticket

    def transact(self, transaction: Transaction) -> Transaction:
        """Put a whole message in flight; its ticket is resolved with the outcome.

        Raises Misused when an address or parameter cannot be sent.
        """
        steps = steps_of(transaction, pipelining=self.pipelining)
        if self._ready_for(transaction):
            self._steps.extend(steps)
            self._advance()
        return transaction

    def _ready_for(self, ticket: CommandTicket | Transaction) -> bool:
        if self.error is None and not self._expected and self._reader.leftover:
            self._unasked()
        if self.error is None:
            return True
        ticket.fail(_not_sent(self.error))
        return False

    # Bodies that are fed.

    def hungry(self, transaction: Transaction) -> Ticket[bool]:
        """Return a ticket that says whether more of a fed body is welcome.

        It is resolved with True once the transport has taken what was fed
        before and the server is ready for more, with False once the message is
        refused for certain.
        """
        ticket: Ticket[bool] = Ticket()
        if self.error is not None:
            ticket.fail(self._fate(transaction, self.error))
        else:
            self._feeding = (transaction, ticket)
            self._check_feeding()
        return ticket

    def feed(self, transaction: Transaction, chunk: bytes, *, last: bool) -> None:
        """Send the next octets of a fed body, as its ``hungry`` ticket allowed."""
        if self.error is not None or transaction is not self._streaming:
            return
        if transaction.chunked:
            self._send(bdat(len(chunk), last=last))
        if chunk:
            self._send(chunk)
        if last and not transaction.chunked:
            self._send(TERMINATOR)
        self._log_body(len(chunk))
        if last:
            transaction.end = self.octets_queued
            self._streaming = None
        if transaction.chunked or last:
            self._expect(transaction, BODY if last else CHUNK)
        if last:
            self._advance()

    def withdraw(self, transaction: Transaction) -> None:
        """Give up a message that nobody waits for any more: as far as possible nobody shall get it.

        What is not written yet never will be. Between the chunks of a fed body
        a RSET ends it (RFC 3030, 2). After DATA only the end of the connection
        does: at once in the middle of the message, else when the 354 comes.
        A message that is handed over stays so, and its answer is swallowed.
        """
        if self._feeding is not None and self._feeding[0] is transaction:
            self._feeding = None
        if transaction.done or transaction.end is not None or self.error is not None:
            return
        transaction.over = True
        if self._streaming is transaction:
            self._streaming = None
            self._dirty = True
            if transaction.welcome:
                self.condemn(_given_up())
                return
        if transaction.written:
            self._settle(transaction)
        self._advance()

    def _check_feeding(self) -> None:
        if self._feeding is None:
            return
        transaction, ticket = self._feeding
        if not transaction.over:
            if transaction.chunked:
                ready = transaction.accepted and (self.pipelining or not transaction.outstanding)
            else:
                ready = transaction.welcome
            if self._streaming is not transaction or not ready:
                return
            if self.octets_sent < self.octets_queued:
                return
        self._feeding = None
        ticket.resolve(not transaction.over)

    def data_sent(self, octets: int) -> None:
        super().data_sent(octets)
        self._check_feeding()

    # Lines out.

    def _advance(self) -> None:
        """Write what the rules allow now."""
        steps = self._steps
        while steps and not self._held and self._streaming is None:
            step = steps[0]
            owner = step.owner
            if isinstance(owner, Transaction) and owner.over:
                steps.popleft()
                self._settle(owner)
                continue
            if self._expected and (not self.pipelining or not step.may_follow(self)):
                return
            steps.popleft()
            if step.opens and (self._dirty or (self._flying and step.chunked)):
                # Whatever became of the message in front, this one starts afresh (RFC 3030, 2).
                self._dirty = False
                self._write(reset_step())
                if not self.pipelining:
                    steps.appendleft(step)
                    return
            self._write(step)

    def has_room_for(self, octets: int) -> bool:
        """Whether the window has room for one more message of that size."""
        return not self._flying or (
            self._flying < self.limits.window_messages
            and self._flying_octets + octets <= self.limits.window_octets
        )

    def _write(self, step: Step) -> None:
        if self._logging:
            for line in step.shown():
                WIRE.debug("C: %s", line)
        self._send(step.data)
        owner = step.owner
        for slot in step.slots:
            self._expected.append((owner, slot))
        self._held = step.ends_group
        if isinstance(owner, Transaction):
            owner.outstanding += len(step.slots)
            if step.opens:
                owner.written = True
                self._flying += 1
                self._flying_octets += step.octets
            if step.streams:
                self._streaming = owner
            if step.slots[-1] == BODY:
                owner.end = self.octets_queued

    def _expect(self, transaction: Transaction, slot: int) -> None:
        transaction.outstanding += 1
        self._expected.append((transaction, slot))

    # Replies in.

    def receive_data(self, data: bytes) -> None:
        if self.error is not None:
            return
        reader, expected = self._reader, self._expected
        reader.feed(data)
        try:
            while expected:
                reply = reader.next_reply()
                if reply is None:
                    break
                self.answers += 1
                self._dispatch(reply)
                if not self.usable:
                    return
            else:
                if reader.leftover:
                    self._unasked()
        except Garbled as error:
            self.condemn(error)
        # Only now: an answer that was already here cannot belong to what is written next.
        self._advance()
        self._check_feeding()

    def _dispatch(self, reply: Reply) -> None:
        owner, slot = self._expected.popleft()
        if self._logging:
            WIRE.debug("S: %s", "334 …" if reply.code == 334 else reply)
        if not self._expected:
            self._held = False
        if reply.positive if slot == DATA else reply.intermediate and not _challenges(owner):
            self._expected.appendleft((owner, slot))
            self.condemn(_out_of_step(reply))
            return
        if isinstance(owner, Transaction):
            self._answer(owner, slot, reply)
        else:
            if owner.verb == "STARTTLS" and reply.positive:
                self._sealed = True
            owner.resolve(reply)
        if reply.code == 421:
            self.condemn(_shutting_down(reply))

    def _answer(self, transaction: Transaction, slot: int, reply: Reply) -> None:
        transaction.take(slot, reply)
        if slot == DATA and transaction.welcome:
            if transaction.over and transaction.accepted:
                self.condemn(_given_up())
            elif transaction.over:
                # RFC 2920, 3.1: nobody was accepted, yet the server waits for the message.
                self._streaming = None
                self._steps.appendleft(Step(TERMINATOR, transaction, (BODY,)))
            elif transaction.body is not None:
                body = transaction.body + TERMINATOR
                self._steps.appendleft(Step(body, transaction, (BODY,)))
            return
        if slot == BODY and transaction.finals_missing > 0:
            transaction.outstanding += 1
            self._expected.appendleft((transaction, BODY))
            return
        if transaction.over and self._streaming is transaction:
            self._streaming = None
        self._settle(transaction)

    def _settle(self, transaction: Transaction) -> None:
        if not transaction.settled or transaction.done:
            return
        if transaction.written:
            self._land(transaction)
            outcome = transaction.outcome
            # A transaction that MAIL opened and no message closed is still open on the server.
            if not outcome.final and outcome.mail is not None and outcome.mail.positive:
                self._dirty = True
        transaction.resolve(transaction.outcome)

    def _land(self, transaction: Transaction) -> None:
        self._flying -= 1
        self._flying_octets -= len(transaction.body or b"")

    # The end.

    def seal(self) -> None:
        """Check that the conversation is clean before TLS starts (RFC 3207, 4.2).

        Raises InsecureConnection when octets arrived that TLS does not protect.
        """
        if self._expected or self._reader.leftover:
            error = _injected()
            self.condemn(error)
            raise error

    def begin_secured(self) -> None:
        """Forget everything that was learned before TLS (RFC 3207, 4.2)."""
        self._sealed = False
        self.secured = True
        self.capabilities = Capabilities()
        self.pipelining = False
        self._reader = ReplyReader(self.limits)

    def _unasked(self) -> None:
        """Judge octets that no command asked for."""
        if self._sealed:
            self.condemn(_injected())
            return
        reply = self._reader.next_reply()
        if reply is not None and reply.code == 421:
            self.condemn(_shutting_down(reply))
        elif reply is not None or self._reader.leftover and self._steps:
            self.condemn(
                Garbled(
                    "the server sent a reply to a command that was not sent",
                    hint="The session is out of step; open a new one.",
                )
            )

    def _fail_all(self, error: CourrielError) -> None:
        owners = dict.fromkeys(owner for owner, _ in self._expected)
        owners.update(dict.fromkeys(step.owner for step in self._steps))
        if self._streaming is not None:
            owners[self._streaming] = None
        self._expected.clear()
        self._steps.clear()
        self._streaming = None
        for owner in owners:
            if owner.done:
                continue
            if isinstance(owner, Transaction) and owner.refused_for_certain:
                owner.resolve(owner.outcome)
            else:
                owner.fail(self._fate(owner, error))
        if self._feeding is not None:
            (transaction, ticket), self._feeding = self._feeding, None
            if transaction.refused_for_certain:
                ticket.resolve(False)
            else:
                ticket.fail(self._fate(transaction, error))

    def _fate(self, owner: CommandTicket | Transaction, error: CourrielError) -> CourrielError:
        """Return the truth about one command when the connection ended with ``error``."""
        if not isinstance(owner, Transaction):
            return error
        if owner.end is None or self.octets_sent < owner.end:
            return _not_sent(error)
        uncertain = Uncertain(
            f"the message was handed over, but its answer never came: {error.message}",
            hint="It may have been sent; sending it again may deliver it twice.",
        )
        uncertain.__cause__ = error
        return uncertain

    def _log_body(self, octets: int) -> None:
        if self._logging:
            WIRE.debug("C: <%d octets of message>", octets)


def _challenges(owner: CommandTicket | Transaction) -> bool:
    """Whether a 3yz reply is an answer to this command (RFC 4954, 4)."""
    return isinstance(owner, CommandTicket) and owner.verb == "AUTH"


def _given_up() -> Disconnected:
    return Disconnected(
        "a message was given up while it was being sent, so the connection was dropped",
        hint="Open the session again.",
    )


def _not_sent(error: CourrielError) -> CourrielError:
    if not isinstance(error, Disconnected):
        return error
    not_sent = Disconnected(
        f"the message was not sent: {error.message}", hint="Open the session again and repeat."
    )
    not_sent.__cause__ = error
    return not_sent


def _shutting_down(reply: Reply) -> Disconnected:
    return Disconnected(f"the server ended the session: {reply}", hint="Open a new session later.")


def _out_of_step(reply: Reply) -> Garbled:
    return Garbled(
        f"the server answered {reply.code} where that is no answer",
        hint="The session is out of step; open a new one.",
    )


def _injected() -> InsecureConnection:
    return InsecureConnection(
        "octets arrived between STARTTLS and the TLS handshake: somebody may be tampering",
        hint="Use implicit TLS (port 465) or another network.",
    )
