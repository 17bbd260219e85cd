"""The SMTP machine: commands out, replies in, matched by position (RFC 5321, 2920, 3030, 2033).

Commands may be submitted at any time; ``smtp_writer`` writes them as far as the rules allow. So a
flow that wants many messages in flight just submits them, and one that is cancelled leaves nothing
half said: what it submitted is finished here, and its answers are swallowed by its ticket.
"""

from __future__ import annotations

from collections.abc import Collection

from courriel.errors import CourrielError, Garbled
from courriel.model.limits import Limits
from courriel.model.receipt import Reply
from courriel.protocol.smtp_fates import (
    dropped,
    fate,
    given_up,
    injected,
    out_of_step,
    refused_midway,
    shutting_down,
    unasked,
)
from courriel.protocol.smtp_steps import CommandTicket, Step, command_step, steps_of
from courriel.protocol.smtp_writer import SmtpWriter
from courriel.protocol.transaction import BODY, CHUNK, DATA, MAIL, Transaction
from courriel.wire.smtp.body import TERMINATOR
from courriel.wire.smtp.capabilities import Capabilities
from courriel.wire.smtp.commands import QUIT, Command
from courriel.wire.smtp.quirks import CHUNKING, DEAF, FULL, NESTED, PIPELINING, Quirk
from courriel.wire.smtp.replies import ReplyReader


class SmtpMachine(SmtpWriter):
    """One SMTP or LMTP connection, from the greeting on."""

    __slots__ = (
        "_brought",
        "_knows_bdat",
        "_reader",
        "_sealed",
        "_suspected",
        "capabilities",
        "dropped",
        "greeted",
    )

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.capabilities = Capabilities()
        self._reader = ReplyReader(limits)
        self._sealed = False
        self._brought = False
        """Whether the server has taken a message on this connection."""
        self._knows_bdat = False
        self._suspected: tuple[Transaction, int, Reply] | None = None
        self.dropped: Quirk | None = None
        """The quirk that the connection was dropped for; what has no answer on it was not taken."""
        self.greeted = CommandTicket("greeting")
        """The ticket of the server's first reply."""
        self._expected.append((self.greeted, 0))

    def learn(self, reply: Reply) -> None:
        """Take the capabilities from the reply to EHLO or LHLO."""
        self.capabilities = Capabilities.of(reply)
        self.pipelining = "PIPELINING" in self.capabilities
        self._deaf = DEAF.seen_in(reply)

    def distrust(self, quirks: Collection[str]) -> None:
        """Leave unused what this server is known to offer and not to honour."""
        if CHUNKING.name in quirks:
            self.capabilities = self.capabilities.without("CHUNKING", "BINARYMIME")
        if PIPELINING.name in quirks:
            self.pipelining = False
        self._cautious = self._cautious or NESTED.name in quirks

    # Commands in.

    def submit(self, command: Command) -> CommandTicket:
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
        transaction.pipelined = self.pipelining
        steps = steps_of(transaction, pipelining=self.pipelining)
        if self._ready_for(transaction):
            if transaction.body is None:
                self._fed.append(transaction)
            self._steps.extend(steps)
            self._advance()
        return transaction

    def _ready_for(self, ticket: CommandTicket | Transaction) -> bool:
        if self.error is None and not self._expected and self._reader.leftover:
            self._unasked(writing=True)
        if self.error is None:
            return True
        ticket.fail(fate(ticket, self.error, self.octets_sent))
        return False

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
                    self._unasked(writing=bool(self._steps))
        except Garbled as error:
            owner = expected[0][0] if expected else None
            if isinstance(owner, CommandTicket) and owner.echo is not None:
                # What came in place of a reply may be the secret that it should have answered.
                error.excerpt = "…"
            self.condemn(error)
        # Only now: an answer that was already here cannot belong to what is written next.
        self._advance()
        self._check_feeding()

    def _dispatch(self, reply: Reply) -> None:
        if self._suspected is not None:
            self._judge(self._suspected, reply)
            if not self.usable:
                return
        owner, slot = self._expected.popleft()
        if isinstance(owner, CommandTicket) and owner.echo is not None:
            reply = owner.echo.removed_from(reply)
        if self._log is not None:
            self._log.debug("S: %s", "334 …" if reply.code == 334 else reply)
        if not self._expected:
            self._held = False
        if reply.positive if slot == DATA else reply.intermediate and not _challenges(owner):
            self._expected.appendleft((owner, slot))
            self.condemn(out_of_step(reply))
            return
        if isinstance(owner, Transaction):
            self._answer(owner, slot, reply)
        else:
            if owner.verb == "STARTTLS" and reply.positive:
                self._sealed = True
            owner.resolve(reply)
        if reply.code == 421:
            self.condemn(shutting_down(reply))

    def _answer(self, transaction: Transaction, slot: int, reply: Reply) -> None:
        if transaction.chunked and slot in (CHUNK, BODY) and not self._knows_bdat:
            if CHUNKING.seen_in(reply):
                self._suspected = transaction, slot, reply
                if self._flying == 1:
                    self._drop_for(CHUNKING, transaction, CHUNK, reply)
                return
            self._knows_bdat = reply.positive
        if slot == MAIL and transaction.unreset and self._dirty and NESTED.seen_in(reply):
            # The message in front was refused, and its transaction lives on: add nothing to it.
            self._drop_for(NESTED, transaction, MAIL, reply)
            return
        if slot == MAIL and not reply.positive and self._is_last(reply):
            self._drop_for(FULL, transaction, MAIL, reply)
            return
        if slot == BODY and reply.positive:
            self._brought = True
        self._take(transaction, slot, reply)

    def _is_last(self, reply: Reply) -> bool:
        """Whether the server takes no more messages, and nothing of what is in flight."""
        if not (self._brought and FULL.seen_in(reply)):
            return False
        # Behind a 421 it reads no more (RFC 5321, 3.8); else we must have said no more.
        return reply.code == 421 or self._flying == 1

    def _judge(self, suspected: tuple[Transaction, int, Reply], following: Reply) -> None:
        """Decide what a 500 to the first BDAT meant, by the reply behind it.

        Where BDAT is not known the message is read as commands, and its first
        line is none; where it is, the next is the RSET in front of the next
        message, and the 500 was an answer about this message.
        """
        self._suspected = None
        transaction, slot, reply = suspected
        if following.positive:
            self._knows_bdat = True
            self._take(transaction, slot, reply)
        else:
            self._drop_for(CHUNKING, transaction, CHUNK, reply)

    def _drop_for(self, quirk: Quirk, transaction: Transaction, slot: int, reply: Reply) -> None:
        """End the connection because of a quirk that a transaction's reply has shown."""
        self._suspected = None
        transaction.take(slot, reply)
        transaction.resolve(transaction.outcome)
        self.dropped = quirk
        self.condemn(dropped(quirk))

    def _take(self, transaction: Transaction, slot: int, reply: Reply) -> None:
        transaction.take(slot, reply)
        if slot == DATA and transaction.welcome:
            if transaction.over and transaction.accepted:
                # A lone dot would be a message to somebody. The ticket must learn of the end too.
                self._expected.appendleft((transaction, slot))
                self.condemn(given_up())
            elif transaction.over:
                # RFC 2920, 3.1: nobody was accepted, yet the server waits for the message.
                self._streaming = None
                self._dirty = True
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

    # The end.

    @property
    def words(self) -> frozenset[str]:
        return self.capabilities.words

    def part(self) -> None:
        if self.usable and self.idle:
            self.submit(QUIT)

    def seal(self) -> None:
        """Check that the conversation is clean before TLS starts (RFC 3207, 4.2).

        Raises InsecureConnection when octets arrived that TLS does not protect.
        """
        if self._expected or self._reader.leftover:
            error = injected()
            self.condemn(error)
            raise error

    def begin_secured(self) -> None:
        """Forget everything that was learned before TLS (RFC 3207, 4.2)."""
        self._sealed = False
        self.secured = True
        self.capabilities = Capabilities()
        self.pipelining = False
        self._reader = ReplyReader(self.limits)

    def _unasked(self, *, writing: bool) -> None:
        """Judge octets that no command asked for; what is written next cannot be answered yet."""
        if self._sealed:
            self.condemn(injected())
            return
        reply = self._reader.next_reply()
        message = self._streaming
        midway = message is not None and message.welcome
        if reply is None:
            # In the middle of a message nothing else is written, and this may be its refusal.
            if writing and not midway:
                self.condemn(unasked())
        elif reply.code == 421:
            self.condemn(shutting_down(reply))
        elif message is not None and midway and reply.code >= 400:
            self._cut_short(message, reply)
        else:
            self.condemn(unasked())

    def _cut_short(self, message: Transaction, reply: Reply) -> None:
        """Take the answer to a message that the server would not hear to its end.

        Whether it reads on, and as what, is not known; a dot might have the half delivered, and the
        rest might be read as commands. Only the end of the connection is safe.
        """
        if self._log is not None:
            self._log.debug("S: %s", reply)
        message.cut_short(reply)
        self._streaming = None
        self._settle(message)
        self.condemn(refused_midway(reply))

    def _fail_all(self, error: CourrielError) -> None:
        if self._suspected is not None:
            (transaction, slot, reply), self._suspected = self._suspected, None
            transaction.take(slot, reply)
            transaction.resolve(transaction.outcome)
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
                owner.fail(fate(owner, error, self.octets_sent))


def _challenges(owner: CommandTicket | Transaction) -> bool:
    """Whether a 3yz reply is an answer to this command (RFC 4954, 4)."""
    return isinstance(owner, CommandTicket) and owner.verb == "AUTH"
