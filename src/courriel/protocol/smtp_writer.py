"""The writing half of the SMTP machine: what may go out when.

The rules, and where they come from:

* without PIPELINING nothing is written while an answer is outstanding (RFC 5321, 2.1);
* a command that must end its group holds the line until it is answered (RFC 2920, 3.1);
* a message's body follows its 354 at once, and the next transaction's group follows the body;
* under CHUNKING whole messages follow each other (RFC 3030, 4.2), as many as the window of
  ``Limits`` allows;
* what follows a message that failed, or under CHUNKING one whose fate is open, goes behind a RSET,
  so that the failure of one cannot touch the next.

Replies are not read here; ``smtp`` reads them and has this half go on.
"""

from __future__ import annotations

from collections import deque

from courriel.model.limits import Limits
from courriel.protocol.machine import Machine, wire_log
from courriel.protocol.smtp_fates import fate, given_up
from courriel.protocol.smtp_steps import CommandTicket, Step, reset_step
from courriel.protocol.ticket import Ticket
from courriel.protocol.transaction import BODY, CHUNK, DATA, Transaction
from courriel.wire.smtp.body import TERMINATOR
from courriel.wire.smtp.commands import bdat


class SmtpWriter(Machine):
    """Steps waiting to be written, and the replies expected for those that were."""

    __slots__ = (
        "_cautious",
        "_deaf",
        "_dirty",
        "_expected",
        "_feeding",
        "_flying",
        "_flying_octets",
        "_held",
        "_log",
        "_steps",
        "_streaming",
        "pipelining",
    )

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.pipelining = False
        """Whether commands may be sent before the ones in front are answered."""
        self._expected: deque[tuple[CommandTicket | Transaction, int]] = deque()
        self._steps: deque[Step] = deque()
        self._deaf = False
        """Whether the server loses what arrives behind the end of a message, a quirk."""
        self._held = False
        self._dirty = False
        self._cautious = False
        self._streaming: Transaction | None = None
        self._feeding: dict[Transaction, Ticket[bool]] = {}
        self._flying = 0
        self._flying_octets = 0
        self._log = wire_log()

    @property
    def awaiting(self) -> bool:
        # A server that takes no octets holds us up as much as one that gives no answer.
        return bool(self._expected) or self.octets_sent < self.octets_queued

    @property
    def idle(self) -> bool:
        """Whether nothing is in flight and nothing waits to be sent."""
        return not self._expected and not self._steps and self._streaming is None

    # Lines out.

    def _advance(self) -> None:
        """Write what the rules allow now."""
        steps = self._steps
        while steps and not self._held and self._streaming is None:
            step = steps[0]
            owner = step.owner
            if isinstance(owner, Transaction) and owner.over and not owner.welcome:
                # Of a refused message nothing more is written, but the dot that a 354 waits for.
                steps.popleft()
                self._settle(owner)
                continue
            if self._expected and (not self.pipelining or not self._may_follow(step)):
                return
            steps.popleft()
            if step.opens and self._needs_reset(step):
                self._dirty = False
                self._write(reset_step())
                if not self.pipelining:
                    steps.appendleft(step)
                    return
            self._write(step)

    def _needs_reset(self, step: Step) -> bool:
        """Whether a transaction must be forgotten before the next may begin.

        Under CHUNKING the state behind a refused BDAT is not defined (RFC 3030,
        2), so what follows a message in flight starts afresh. The end of DATA
        closes a transaction, refused or not (RFC 5321, 4.1.1.4); where it does
        not, that is a quirk.
        """
        return self._dirty or (self._flying > 0 and (self._cautious or step.chunked))

    def _may_follow(self, step: Step) -> bool:
        """Whether a step may be written while others are unanswered: the window decides."""
        if not step.opens or not self._flying:
            return True
        return (
            self._flying < self.limits.window_messages
            and self._flying_octets + step.octets <= self.limits.window_octets
        )

    def _write(self, step: Step) -> None:
        if self._log is not None:
            for line in step.shown():
                self._log.debug("C: %s", line)
        self._send(step.data)
        owner = step.owner
        for slot in step.slots:
            self._expected.append((owner, slot))
        self._held = step.ends_group or (self._deaf and step.slots[-1] == BODY)
        if isinstance(owner, Transaction):
            owner.outstanding += len(step.slots)
            if step.opens:
                owner.written = True
                owner.unreset = self._flying > 0 and not (self._cautious or step.chunked)
                self._flying += 1
                self._flying_octets += step.octets
            if step.streams:
                self._streaming = owner
            if step.slots[-1] == BODY:
                owner.end = self.octets_queued

    def _expect(self, transaction: Transaction, slot: int) -> None:
        transaction.outstanding += 1
        self._expected.append((transaction, slot))

    def _settle(self, transaction: Transaction) -> None:
        if not transaction.settled or transaction.done:
            return
        if transaction.written:
            self._land(transaction)
            outcome = transaction.outcome
            # A transaction that MAIL opened and no message closed is still open on the server, and
            # on some (see quirks) even one whose message was refused.
            closed = any(reply.positive for reply in outcome.final)
            if not closed and outcome.mail is not None and outcome.mail.positive:
                self._dirty = True
        transaction.resolve(transaction.outcome)

    def _land(self, transaction: Transaction) -> None:
        self._flying -= 1
        self._flying_octets -= len(transaction.body or b"")

    # Bodies that are fed.

    def hungry(self, transaction: Transaction) -> Ticket[bool]:
        """Return a ticket that says whether more of a fed body is welcome.

        It is resolved with True once the transport has taken what was fed
        before and the server is ready for more, with False once the message is
        refused for certain.
        """
        ticket: Ticket[bool] = Ticket()
        if transaction.refused_for_certain:
            ticket.resolve(False)
        elif self.error is not None:
            ticket.fail(fate(transaction, self.error, self.octets_sent))
        else:
            self._feeding[transaction] = ticket
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
            self._held = self._deaf
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
        self._feeding.pop(transaction, None)
        if transaction.done or transaction.end is not None or self.error is not None:
            return
        transaction.over = True
        if self._streaming is transaction:
            self._streaming = None
            self._dirty = True
            if transaction.welcome:
                self.condemn(given_up())
                return
        if transaction.written:
            self._settle(transaction)
        self._advance()

    def recall(self, transaction: Transaction) -> None:
        """Withdraw a message unless DATA has announced it, which would cost the connection."""
        if (transaction, DATA) not in self._expected:
            self.withdraw(transaction)

    def _check_feeding(self) -> None:
        """Answer those who wait to feed: the one whose turn it is, and those who need not."""
        for transaction in tuple(self._feeding):
            if transaction.over or self._may_feed(transaction):
                self._feeding.pop(transaction).resolve(not transaction.over)

    def _may_feed(self, transaction: Transaction) -> bool:
        if self._streaming is not transaction or self.octets_sent < self.octets_queued:
            return False
        if not transaction.chunked:
            return transaction.welcome
        return bool(transaction.accepted) and (self.pipelining or not transaction.outstanding)

    def data_sent(self, octets: int) -> None:
        super().data_sent(octets)
        self._check_feeding()

    def _log_body(self, octets: int) -> None:
        if self._log is not None:
            self._log.debug("C: <%d octets of message>", octets)
