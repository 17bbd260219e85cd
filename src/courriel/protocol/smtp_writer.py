"""The writing half of the SMTP machine: what may go out when.

The rules, and where they come from:

* without PIPELINING nothing is written while an answer is outstanding (RFC 5321, 2.1);
* a command that must end its group holds the line until it is answered (RFC 2920, 3.1);
* a message's body follows its 354 at once, and the next transaction's group follows the body;
* under CHUNKING whole messages follow each other (RFC 3030, 4.2), as many as the window of
  ``Limits`` allows;
* what follows a message that failed, or under CHUNKING one whose fate is open, goes behind a RSET,
  so that the failure of one cannot touch the next;
* a body that is fed holds up all that is behind it, so it is not only its sender who brings it: of
  those who wait for an answer one is called each time that more of it is welcome.

Replies are not read here; ``smtp`` reads them and has this half go on.
"""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TypeAlias

from courriel.model.limits import Limits
from courriel.protocol.machine import Machine, wire_log
from courriel.protocol.smtp_fates import given_up
from courriel.protocol.smtp_steps import CommandTicket, Step, reset_step
from courriel.protocol.ticket import Ticket
from courriel.protocol.transaction import BODY, CHUNK, DATA, Transaction
from courriel.wire.smtp.body import TERMINATOR
from courriel.wire.smtp.commands import bdat

Owner: TypeAlias = "CommandTicket | Transaction"


class SmtpWriter(Machine):
    """Steps waiting to be written, and the replies expected for those that were."""

    __slots__ = (
        "_bearer",
        "_called",
        "_cautious",
        "_deaf",
        "_dirty",
        "_expected",
        "_fed",
        "_flying",
        "_flying_octets",
        "_held",
        "_log",
        "_steps",
        "_streaming",
        "_waiting",
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
        self._fed: deque[Transaction] = deque()
        """Messages whose bodies are to be fed, until they are."""
        self._waiting: dict[Owner, Ticket[Transaction | None]] = {}
        """Whose answers are waited for by somebody who can be called to bring a body."""
        self._bearer: Owner | None = None
        """Who was called last."""
        self._called: Transaction | None = None
        """What he was called for, while he is at it."""
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

    @property
    def feeds(self) -> bool:
        """Whether a body is still to be fed, for which what was submitted behind it must wait."""
        fed = self._fed
        while fed and (fed[0].done or fed[0].end is not None):
            fed.popleft()
        return bool(fed)

    def hungry(self, waiting: Owner) -> Ticket[Transaction | None]:
        """Return a ticket that says of which message a piece is to be brought now, and by whom.

        Who waits for an answer asks so, for the body of his own message or for
        one in front. He is told a message once the transport has taken what was
        fed before and the server is ready for more, and None once there is
        nothing left but to wait for the answer. Each time one of all is called:
        who brought the piece before, else whose message it is, else the first.
        Until he asks again, or deserts, nobody else is.
        """
        call: Ticket[Transaction | None] = Ticket()
        if self._bearer is waiting:
            self._called = None
        if waiting.done or (
            isinstance(waiting, Transaction) and (waiting.over or waiting.end is not None)
        ):
            call.resolve(None)
        else:
            self._waiting[waiting] = call
            waiting.wake = partial(self._sate, waiting)
        self._check_feeding()
        return call

    def _sate(self, waiting: Owner) -> None:
        """Tell who waits for an answer that it is here."""
        call = self._waiting.pop(waiting, None)
        if call is not None:
            call.resolve(None)

    def desert(self, waiting: Owner) -> None:
        """Take note that somebody will not be here when he is called, or does not finish.

        What he was bringing of another's message may be lost, so that message
        is given up; what becomes of his own is his affair.
        """
        waiting.wake = None
        self._waiting.pop(waiting, None)
        if self._bearer is waiting:
            called, self._called, self._bearer = self._called, None, None
            if called is not None and called is not waiting and called is self._streaming:
                called.deserted = True
                self.withdraw(called)

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
        if transaction.done or transaction.end is not None or self.error is not None:
            return
        if self._streaming is transaction and transaction.welcome:
            # Its own ticket learns of it too: whose it is may wait while another gives it up.
            self.condemn(given_up())
            return
        transaction.over = True
        if self._streaming is transaction:
            self._streaming = None
            self._dirty = True
        if transaction.written:
            self._settle(transaction)
        self._advance()

    def recall(self, transaction: Transaction) -> None:
        """Withdraw a message unless DATA has announced it, which would cost the connection."""
        if (transaction, DATA) in self._expected:
            return
        if transaction is self._streaming and transaction.welcome and not transaction.begun:
            # Whoever is the next to wait brings it.
            return
        self.withdraw(transaction)

    def _check_feeding(self) -> None:
        """Call somebody to bring the next piece of a body, when it is welcome."""
        streaming, waiting = self._streaming, self._waiting
        if not waiting or streaming is None or streaming is self._called:
            return
        if not self._may_feed(streaming):
            return
        # Who has just brought a piece is awake; a thread that leads may rest until octets come.
        chosen = self._bearer if self._bearer in waiting else None
        if chosen is None:
            chosen = streaming if streaming in waiting else next(iter(waiting))
        self._bearer, self._called, streaming.begun = chosen, streaming, True
        waiting.pop(chosen).resolve(streaming)

    def _may_feed(self, transaction: Transaction) -> bool:
        if self.octets_sent < self.octets_queued:
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
