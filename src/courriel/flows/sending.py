"""Sending messages: one, or many in flight, in the best way that the server knows.

A message is prepared and judged before a byte of it goes out, put in flight as one transaction,
and settled into a receipt or an error. When the reply shows a quirk of the server (``wire.smtp.
quirks``) the message is put in flight again in the way that the quirk's remedy says.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterable, Iterable, Iterator
from dataclasses import replace
from typing import Any, cast

from courriel.errors import CourrielError, Disconnected, Misused, SendRefused, TimedOut, Uncertain
from courriel.faces import Emit, Flow, Items
from courriel.flows.dialogue import Dialogue
from courriel.flows.effects import End, Pull
from courriel.flows.envelope import (
    Traits,
    check_options,
    check_size,
    check_traits,
    mail_command,
    rcpt_commands,
)
from courriel.flows.opening import replace_connection
from courriel.flows.outcomes import receipt_of
from courriel.model.address import AddressesLike, AddressLike
from courriel.model.outgoing import Outgoing, Sendable, prepare
from courriel.model.receipt import Receipt
from courriel.model.sendoptions import SendOptions
from courriel.protocol.smtp import SmtpMachine
from courriel.protocol.transaction import Outcome, Transaction
from courriel.wire.smtp.body import has_long_line, normalise, stuff
from courriel.wire.smtp.quirks import CHUNKING, NESTED, PARAMETERS, PIPELINING, Quirk

_OPERATION = "send"


class Flight:
    """One message in flight: what is to be sent, and its transaction on a machine."""

    __slots__ = ("announce", "body", "dialogue", "machine", "options", "outgoing", "transaction")

    def __init__(self, dialogue: Dialogue, outgoing: Outgoing, options: SendOptions) -> None:
        if len(outgoing.recipients) > dialogue.profile.limits.recipients:
            raise Misused(
                f"the message has {len(outgoing.recipients)} recipients",
                hint=f"At most {dialogue.profile.limits.recipients} (Limits.recipients).",
            )
        self.dialogue = dialogue
        self.outgoing = outgoing
        self.options = options
        self.body = normalise(outgoing.content)
        self.announce = True
        self._launch()

    machine: SmtpMachine
    transaction: Transaction

    def _launch(self) -> None:
        """Put the message in flight on the machine of now."""
        machine, outgoing, body = self.dialogue.machine, self.outgoing, self.body
        options = self.options
        if outgoing.delivery_receipt and "DSN" in machine.capabilities:
            options = _with_receipt(options)
        chunked = "CHUNKING" in machine.capabilities
        traits = Traits(
            octets=len(body),
            eight_bit=not body.isascii(),
            binary=has_long_line(body) or (chunked and b"\0" in body),
            utf8=outgoing.utf8,
        )
        if options.size_check:
            check_size(machine, traits, outgoing.labels, outgoing.message_id)
        check_traits(machine, traits, chunked=chunked)
        transaction = Transaction(
            mail_command(
                machine,
                outgoing.sender,
                traits,
                options,
                announce=self.announce and PARAMETERS.name not in self.dialogue.quirks,
            ),
            rcpt_commands(outgoing.recipients, options),
            body if chunked else stuff(body),
            chunked=chunked,
            per_recipient=self.dialogue.lmtp,
        )
        self.machine = machine
        self.transaction = machine.transact(transaction)

    def settle(self) -> Flow[Receipt]:
        """Wait for the outcome; raise SendRefused, Uncertain or Broken where it is not good."""
        while True:
            try:
                outcome = yield from conclude(
                    self.machine, self.transaction, self.outgoing.message_id
                )
            except (Disconnected, Uncertain):
                cause = self.machine.dropped
                if cause is None:
                    raise
                yield from self._again(cause)
                continue
            quirk = quirk_in(outcome, self.transaction, self.machine, announced=self.announce)
            if quirk is None:
                return receipt_of(
                    outcome,
                    self.outgoing.labels,
                    self.outgoing.message_id,
                    per_recipient=self.dialogue.lmtp,
                )
            yield from self._again(quirk)

    def _again(self, quirk: Quirk) -> Flow[None]:
        """Send once more, in the way of the quirk's remedy."""
        self.announce = self.announce and quirk is not PARAMETERS
        yield from adapt(self.dialogue, self.machine, quirk)
        self._launch()


def _with_receipt(options: SendOptions) -> SendOptions:
    """Return options that ask for the notification that the message itself asks for."""
    return options if options.notify else replace(options, notify=("SUCCESS", "FAILURE"))


def conclude(
    machine: SmtpMachine, transaction: Transaction, message_id: str | None
) -> Flow[Outcome]:
    """Wait for a transaction's outcome; a message that was handed over has none but an answer."""
    try:
        return (yield from transaction)
    except Uncertain as error:
        error.message_id = message_id
        raise
    except TimedOut as error:
        if transaction.end is None or transaction.done:
            # It is not handed over; or this is the machine's own word, and it knows better.
            raise
        uncertain = Uncertain(
            f"the message was handed over, but its answer did not come in time: {error.message}",
            hint="It may have been sent; sending it again may deliver it twice.",
            message_id=message_id,
            session_usable=machine.usable,
        )
        raise uncertain from error


def mend(dialogue: Dialogue) -> Flow[None]:
    """Replace a connection that a quirk has cost, so that whoever comes next need not know."""
    machine = dialogue.current
    quirk = None if machine is None else machine.dropped
    if machine is not None and quirk is not None:
        yield from adapt(dialogue, machine, quirk)


def adapt(dialogue: Dialogue, machine: SmtpMachine, quirk: Quirk) -> Flow[None]:
    """Do what a quirk's remedy says, before the message is sent once more."""
    dialogue.quirks |= {quirk.name}
    if quirk is PIPELINING:
        machine.distrust(dialogue.quirks)
    elif quirk in (CHUNKING, NESTED):
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
    announced = announced and transaction.mail.announces
    if announced and mail is not None and PARAMETERS.seen_in(mail):
        return PARAMETERS
    replies = (mail, *outcome.recipients, outcome.data)
    if transaction.pipelined and any(r is not None and PIPELINING.seen_in(r) for r in replies):
        return PIPELINING
    return None


def send_one(
    dialogue: Dialogue,
    email: Sendable,
    sender: AddressLike | None,
    recipients: AddressesLike,
    options: SendOptions,
) -> Flow[Receipt]:
    """Send one message and return its receipt."""
    try:
        check_options(options)
        outgoing = prepare(email, sender=sender, recipients=recipients)
        yield from mend(dialogue)
        return (yield from settle_one(Flight(dialogue, outgoing, options)))
    except CourrielError as error:
        error.operation = error.operation or _OPERATION
        raise


def settle_one(flight: Flight) -> Flow[Receipt]:
    """Settle a message that the caller waits for alone; if he stops waiting, give it up."""
    try:
        return (yield from flight.settle())
    finally:
        flight.machine.withdraw(flight.transaction)


def send_stream(
    dialogue: Dialogue,
    emails: Iterable[Sendable] | AsyncIterable[Sendable],
    sender: AddressLike | None,
    recipients: AddressesLike,
    options: SendOptions,
) -> Items[Receipt]:
    """Send many messages, as many in flight as the window allows, and emit receipts in order."""
    dialogue.machine  # noqa: B018 - Not open is an error of the call, not of each message.
    check_options(options)
    iterator = _iterator(emails)
    limits = dialogue.profile.limits
    ahead: deque[Flight | Receipt] = deque()
    octets = 0
    end: End | Exception | None = None
    try:
        while True:
            while (
                end is None
                and len(ahead) < limits.window_messages
                and octets < limits.window_octets
            ):
                email = yield from _pull(iterator)
                if isinstance(email, (End, Exception)):
                    end = email
                    break
                if not dialogue.usable:
                    yield from _mended(dialogue)
                begun = _begin(dialogue, email, sender, recipients, options)
                octets += len(begun.body) if isinstance(begun, Flight) else 0
                ahead.append(begun)
            if not ahead:
                if isinstance(end, Exception):
                    raise end
                return
            first = ahead[0]
            if isinstance(first, Flight):
                octets -= len(first.body)
                first = yield from _receipt(first)
            ahead.popleft()
            yield Emit(first)
    finally:
        # Whoever stops iterating gets no more sent, but keeps his connection. The last one first,
        # so that none is written in the place of one that is given up.
        for flight in reversed(ahead):
            if isinstance(flight, Flight):
                flight.machine.recall(flight.transaction)


def _pull(iterator: Iterator[Sendable]) -> Flow[Sendable | End | Exception]:
    """Return the next message, or what the caller's iterator raised: first come the receipts."""
    try:
        return (yield from Pull(iterator))
    except Exception as error:  # noqa: BLE001 - It is raised again behind the receipts.
        return error


def _iterator(emails: Any) -> Iterator[Sendable]:
    many = hasattr(emails, "__iter__") or hasattr(emails, "__aiter__")
    if not many or isinstance(emails, (str, bytes, bytearray, memoryview)):
        raise Misused("send_many takes an iterable of messages", hint="Use send for one message.")
    if hasattr(emails, "__aiter__"):
        iterator = emails.__aiter__()  # The asyncio driver awaits its items.
    else:
        iterator = iter(emails)
    return cast("Iterator[Sendable]", iterator)


def _begin(
    dialogue: Dialogue,
    email: Sendable,
    sender: AddressLike | None,
    recipients: AddressesLike,
    options: SendOptions,
) -> Flight | Receipt:
    message_id = None
    try:
        outgoing = prepare(email, sender=sender, recipients=recipients)
        message_id = outgoing.message_id
        return Flight(dialogue, outgoing, options)
    except CourrielError as error:
        return _failed(error, message_id)


def _receipt(flight: Flight) -> Flow[Receipt]:
    try:
        return (yield from flight.settle())
    except CourrielError as error:
        return _failed(error, flight.outgoing.message_id)


def _mended(dialogue: Dialogue) -> Flow[None]:
    """Mend if that is possible; where it is not, each message is told so by itself."""
    try:
        yield from mend(dialogue)
    except CourrielError:
        return


def _failed(error: CourrielError, message_id: str | None) -> Receipt:
    error.operation = error.operation or "send_many"
    refused = error.refused if isinstance(error, SendRefused) else {}
    return Receipt(message_id, (), refused, None, error)
