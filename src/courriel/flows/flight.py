"""One message in flight, in the best way that the server knows.

It is judged before a byte of it goes out, put in flight as one transaction, and settled into a
receipt or an error. When the reply shows a quirk of the server (``wire.smtp.quirks``) the message
is put in flight again in the way that the quirk's remedy says.
"""

from __future__ import annotations

from copy import copy
from dataclasses import replace

from courriel.errors import CourrielError, Disconnected, Misused, TimedOut, Uncertain
from courriel.faces import Flow
from courriel.flows.envelope import (
    Traits,
    check_size,
    check_traits,
    mail_command,
    rcpt_commands,
)
from courriel.flows.hearing import bring
from courriel.flows.outcomes import receipt_of, tell_apart
from courriel.flows.smtp_opening import SmtpDialogue, replace_connection
from courriel.model.outgoing import Outgoing
from courriel.model.receipt import Receipt
from courriel.model.sendoptions import SendOptions
from courriel.model.transfer import Transfer
from courriel.protocol.smtp import SmtpMachine
from courriel.protocol.transaction import Outcome, Transaction
from courriel.wire.lines import has_long_line, normalise
from courriel.wire.smtp.body import stuff
from courriel.wire.smtp.quirks import CHUNKING, FULL, NESTED, PARAMETERS, PIPELINING, Quirk


class Flight:
    """One message in flight: what is to be sent, and its transaction on a machine."""

    __slots__ = ("announce", "dialogue", "machine", "octets", "options", "outgoing", "transaction")

    def __init__(self, dialogue: SmtpDialogue, outgoing: Outgoing, options: SendOptions) -> None:
        check_count(dialogue, outgoing)
        self.dialogue = dialogue
        self.outgoing = outgoing
        self.options = options
        self.announce = True
        self.octets = 0
        self._launch()

    machine: SmtpMachine
    transaction: Transaction
    octets: int
    """How many the message had when it was first put in flight; they count in the window."""

    def _launch(self) -> None:
        """Put the message in flight on the machine of now."""
        outgoing, chunked, binary = self.outgoing, self.chunked, False
        body = outgoing.message
        if not isinstance(body, bytes):
            # Only what was composed here can be written in the form that suits the server.
            transfer = self.transfer
            binary = transfer is Transfer.BINARY
            body = outgoing.written(transfer)
        elif outgoing.recodable:
            body = outgoing.written(self.transfer)
        if not binary:
            body = normalise(body)
        self.octets = self.octets or len(body)
        traits = Traits(
            octets=len(body),
            eight_bit=not body.isascii(),
            binary=binary or has_long_line(body) or (chunked and b"\0" in body),
            utf8=outgoing.utf8,
        )
        self._transact(traits, body if chunked else stuff(body), chunked=chunked)

    @property
    def chunked(self) -> bool:
        """Whether the message goes by BDAT."""
        return "CHUNKING" in self.dialogue.machine.capabilities

    @property
    def _announces(self) -> bool:
        return self.announce and PARAMETERS.name not in self.dialogue.quirks

    @property
    def transfer(self) -> Transfer:
        """How much of an octet the server of now takes, where it can be told so."""
        offered = self.dialogue.machine.capabilities
        if not self._announces or "8BITMIME" not in offered:
            return Transfer.SEVEN_BIT
        if self.options.binary and "BINARYMIME" in offered and self.chunked:
            return Transfer.BINARY
        return Transfer.EIGHT_BIT

    def _transact(self, traits: Traits, body: bytes | None, *, chunked: bool) -> None:
        """Put the envelope in flight, and the body with it where it is there."""
        machine, outgoing, options = self.dialogue.machine, self.outgoing, self.options
        if outgoing.delivery_receipt and "DSN" in machine.capabilities:
            options = _with_receipt(options)
        if options.size_check:
            check_size(machine, traits, outgoing.labels, outgoing.message_id)
        check_traits(machine, traits, chunked=chunked)
        transaction = Transaction(
            mail_command(machine, outgoing.sender, traits, options, announce=self._announces),
            rcpt_commands(outgoing.recipients, options),
            body,
            chunked=chunked,
            per_recipient=self.dialogue.lmtp,
        )
        self.machine = machine
        self.transaction = machine.transact(transaction)

    def settle(self) -> Flow[Receipt]:
        """Wait for the outcome; raise SendRefused, Uncertain or Broken where it is not good."""
        while True:
            try:
                outcome = yield from self._concluded()
            except (Disconnected, Uncertain):
                cause = self.machine.dropped
                if cause is None or not (yield from self._again(cause)):
                    raise
                continue
            quirk = quirk_in(outcome, self.transaction, self.machine, announced=self.announce)
            if quirk is None or not (yield from self._again(quirk)):
                return receipt_of(
                    outcome,
                    self.outgoing.labels,
                    self.outgoing.message_id,
                    per_recipient=self.dialogue.lmtp,
                )

    def _concluded(self) -> Flow[Outcome]:
        """Wait for the outcome."""
        return conclude(self.machine, self.transaction, self.outgoing)

    def _again(self, quirk: Quirk) -> Flow[bool]:
        """Send once more, in the way of the quirk's remedy; tell whether that can be done."""
        self.announce = self.announce and quirk is not PARAMETERS
        yield from adapt(self.dialogue, self.machine, quirk)
        yield from mend(self.dialogue)
        self._launch()
        return True


def check_count(dialogue: SmtpDialogue, outgoing: Outgoing) -> None:
    """Raise Misused for more recipients than ``Limits.recipients`` allows."""
    most = dialogue.profile.limits.recipients
    if len(outgoing.recipients) > most:
        raise Misused(
            f"the message has {len(outgoing.recipients)} recipients",
            hint=f"At most {most} (Limits.recipients).",
        )


def _with_receipt(options: SendOptions) -> SendOptions:
    """Return options that ask for the notification that the message itself asks for."""
    return options if options.notify else replace(options, notify=("SUCCESS", "FAILURE"))


def conclude(machine: SmtpMachine, transaction: Transaction, outgoing: Outgoing) -> Flow[Outcome]:
    """Wait for a transaction's outcome; a message that was handed over has none but an answer."""
    try:
        if machine.feeds:
            yield from bring(machine, transaction)
        return (yield from transaction)
    except Uncertain as error:
        _tell(error, transaction, outgoing)
        raise
    except TimedOut as error:
        if transaction.end is None or transaction.done:
            # It is not handed over; or this is the machine's own word, and it knows better.
            raise
        raise unanswered(machine, transaction, outgoing, error) from error


def unanswered(
    machine: SmtpMachine, transaction: Transaction, outgoing: Outgoing, error: TimedOut
) -> TimedOut | Uncertain:
    """Return what is true of one message in flight when the caller's own time is over."""
    if transaction.end is None:
        late = copy(error)
        late.__cause__ = error.__cause__
        return late
    uncertain = Uncertain(
        f"the message was handed over, but its answer did not come in time: {error.message}",
        hint="It may have been sent; sending it again may deliver it twice.",
        session_usable=machine.usable,
    )
    uncertain.__cause__ = error
    _tell(uncertain, transaction, outgoing)
    return uncertain


def _tell(error: Uncertain, transaction: Transaction, outgoing: Outgoing) -> None:
    error.message_id = outgoing.message_id
    tell_apart(error, transaction.outcome, outgoing.labels, per_recipient=transaction.per_recipient)


def in_step(machine: SmtpMachine, transaction: Transaction) -> bool:
    """Whether the connection goes on after a message that was given up.

    It does not when DATA may have announced that message already: its 354 can
    only be answered by hanging up.
    """
    if not machine.usable:
        return False
    if transaction.done or transaction.chunked or transaction.end is not None:
        return True
    known = all(reply is not None for reply in transaction.outcome.recipients)
    return not (transaction.outstanding and (transaction.pipelined or known))


def mend(dialogue: SmtpDialogue) -> Flow[None]:
    """Replace a connection that a quirk has cost, so that whoever comes next need not know."""
    machine = dialogue.current
    quirk = None if machine is None else machine.dropped
    if machine is not None and quirk is not None:
        yield from adapt(dialogue, machine, quirk)


def adapt(dialogue: SmtpDialogue, machine: SmtpMachine, quirk: Quirk) -> Flow[None]:
    """Do what a quirk's remedy says, before the message is sent once more."""
    dialogue.quirks |= {quirk.name}
    if quirk is PIPELINING:
        machine.distrust(dialogue.quirks)
    elif quirk in (CHUNKING, NESTED, FULL):
        yield from replace_connection(dialogue, machine)


def quirk_in(
    outcome: Outcome, transaction: Transaction, machine: SmtpMachine, *, announced: bool
) -> Quirk | None:
    """Return the quirk that a failed transaction shows, or None."""
    if any(reply.positive for reply in outcome.final):
        return None
    mail = outcome.mail
    cause = machine.dropped
    if cause is CHUNKING and transaction.chunked:
        return CHUNKING
    if cause is NESTED and mail is not None and transaction.unreset and NESTED.seen_in(mail):
        return NESTED
    if cause is FULL and mail is not None and FULL.seen_in(mail):
        return FULL
    announced = announced and transaction.mail.announces
    if announced and mail is not None and PARAMETERS.seen_in(mail):
        return PARAMETERS
    replies = (mail, *outcome.recipients, outcome.data)
    if transaction.pipelined and any(r is not None and PIPELINING.seen_in(r) for r in replies):
        return PIPELINING
    return None


def settle_one(flight: Flight) -> Flow[Receipt]:
    """Settle a message that the caller waits for alone; if he stops waiting, give it up."""
    try:
        return (yield from flight.settle())
    except CourrielError as error:
        give_up(flight.machine, flight.transaction, error)
        raise
    finally:
        flight.machine.withdraw(flight.transaction)


def give_up(machine: SmtpMachine, transaction: Transaction, error: CourrielError) -> None:
    """Withdraw a message that failed, and say in its error whether the session survives that."""
    machine.withdraw(transaction)
    error.session_usable = error.session_usable and in_step(machine, transaction)
