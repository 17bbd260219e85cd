"""Sending a message out of files, a chunk at a time, so that it is never held as a whole.

A message that is ready comes out of one file; one that was composed is a draft, whose attachments
are read and encoded on the way. What fits the eager limit is read at once and goes the way of all
messages. A larger one is fed: its envelope goes first, and the body follows in chunks as the
transport takes them. Its line ends and dots are made safe on the way, with the same rules as
everywhere.
"""

from __future__ import annotations

from typing import IO, cast

from courriel.errors import CourrielError, Misused, NotSupported
from courriel.faces import Flow
from courriel.flows.effects import Offload
from courriel.flows.envelope import (
    Traits,
    check_options,
    check_size,
    check_traits,
    long_line,
    mail_command,
    rcpt_commands,
)
from courriel.flows.files import octets_left, position, read, rewind
from courriel.flows.flight import (
    Flight,
    adapt,
    check_count,
    conclude,
    give_up,
    mend,
    quirk_in,
    settle_one,
)
from courriel.flows.outcomes import receipt_of
from courriel.flows.smtp_opening import SmtpDialogue
from courriel.model.address import AddressesLike, AddressLike
from courriel.model.draft import Draft
from courriel.model.outgoing import Outgoing, prepare
from courriel.model.receipt import Receipt
from courriel.model.sendoptions import SendOptions
from courriel.model.transfer import Transfer
from courriel.protocol.smtp import SmtpMachine
from courriel.protocol.transaction import Outcome, Transaction
from courriel.wire.lines import Normaliser
from courriel.wire.smtp.body import Stuffer
from courriel.wire.smtp.quirks import PARAMETERS

_OPERATION = "send_source"
# A header of a ready-made message is looked at for its Message-ID, and no further.
_HEADER = 64 * 1024


def send_source(
    dialogue: SmtpDialogue,
    source: bytes | IO[bytes],
    sender: AddressLike,
    recipients: AddressesLike,
    options: SendOptions,
) -> Flow[Receipt]:
    """Send a ready-made message, given as bytes or as an open binary file."""
    try:
        check_options(options)
        yield from mend(dialogue)
        if isinstance(source, (bytes, bytearray, memoryview)):
            flight = Flight(dialogue, _ready_made(bytes(source), sender, recipients), options)
            return (yield from settle_one(flight))
        if not hasattr(source, "read"):
            raise Misused(
                f"a message cannot be read from {type(source).__name__}",
                hint="Give bytes, or a file opened in binary mode.",
            )
        return (yield from _send_file(dialogue, source, sender, recipients, options))
    except CourrielError as error:
        error.operation = error.operation or _OPERATION
        error.session_usable = error.session_usable and dialogue.usable
        raise


def _ready_made(content: bytes, sender: AddressLike, recipients: AddressesLike) -> Outgoing:
    """Return the message with its own bytes untouched: the envelope alone is ours."""
    if recipients is None:
        raise Misused("send_source needs recipients", hint="Or use send, which reads the header.")
    head = prepare(content[:_HEADER], sender=sender, recipients=recipients)
    return Outgoing(head.sender, head.recipients, head.labels, content, head.message_id, head.utf8)


def _send_file(
    dialogue: SmtpDialogue,
    file: IO[bytes],
    sender: AddressLike,
    recipients: AddressesLike,
    options: SendOptions,
) -> Flow[Receipt]:
    limits = dialogue.profile.limits
    first = yield from read(file, limits.eager_body + 1)
    outgoing = _ready_made(first, sender, recipients)
    if len(first) <= limits.eager_body:
        flight = Flight(dialogue, outgoing, options)
        return (yield from settle_one(flight))
    check_count(dialogue, outgoing)
    start = yield from Offload(lambda: position(file))
    announce = PARAMETERS.name not in dialogue.quirks
    while True:
        machine = dialogue.machine
        rest = yield from Offload(lambda: octets_left(file))
        octets = None if rest is None else len(first) + rest
        transaction = _transact(dialogue, outgoing, octets, options, announce=announce)
        try:
            yield from _feed(machine, transaction, first, file)
            outcome = yield from conclude(machine, transaction, outgoing)
        except CourrielError as error:
            give_up(machine, transaction, error)
            raise
        finally:
            machine.withdraw(transaction)
        quirk = quirk_in(outcome, transaction, machine, announced=announce)
        if quirk is not None:
            dialogue.quirks |= {quirk.name}
        if quirk is None or start is None:
            break
        yield from adapt(dialogue, machine, quirk)
        announce = announce and quirk is not PARAMETERS
        yield from rewind(file, start)
    return receipt_of(outcome, outgoing.labels, outgoing.message_id, per_recipient=dialogue.lmtp)


def _transact(
    dialogue: SmtpDialogue,
    outgoing: Outgoing,
    octets: int | None,
    options: SendOptions,
    *,
    announce: bool,
) -> Transaction:
    """Put the envelope of a fed message in flight."""
    machine = dialogue.machine
    # What the file holds is not known yet, so it is called all that the server can take.
    eight_bit = "8BITMIME" in machine.capabilities
    chunked = "CHUNKING" in machine.capabilities
    binary = announce and chunked and "BINARYMIME" in machine.capabilities
    traits = Traits(octets, eight_bit=eight_bit, binary=binary, utf8=outgoing.utf8)
    if options.size_check:
        check_size(machine, traits, outgoing.labels, outgoing.message_id)
    check_traits(machine, traits, chunked=chunked)
    return machine.transact(
        Transaction(
            mail_command(machine, outgoing.sender, traits, options, announce=announce),
            rcpt_commands(outgoing.recipients, options),
            None,
            chunked=chunked,
            per_recipient=dialogue.lmtp,
        )
    )


class DraftFlight(Flight):
    """A composed message whose files are read while it is sent."""

    __slots__ = ("_draft",)

    _draft: Draft

    def _launch(self) -> None:
        transfer = self.transfer
        draft = self.outgoing.draft(transfer)
        assert draft is not None  # It has files, or it would be an ordinary flight.
        self._draft = draft
        self.octets = self.octets or draft.octets
        binary = transfer is Transfer.BINARY
        traits = Traits(draft.octets, draft.eight_bit, binary=binary, utf8=self.outgoing.utf8)
        self._transact(traits, None, chunked=self.chunked)

    def _concluded(self) -> Flow[Outcome]:
        file = cast("IO[bytes]", self._draft.opened())
        as_it_is = self._draft.transfer is Transfer.BINARY
        yield from _feed(self.machine, self.transaction, b"", file, as_it_is=as_it_is)
        return (yield from super()._concluded())


def _feed(
    machine: SmtpMachine,
    transaction: Transaction,
    first: bytes,
    file: IO[bytes],
    *,
    as_it_is: bool = False,
) -> Flow[None]:
    """Bring the body as the transport takes it; ``as_it_is`` leaves its line ends alone."""
    chunk_octets = machine.limits.body_chunk
    normaliser, stuffer = Normaliser(), None if transaction.chunked else Stuffer()
    seven_bit = "8BITMIME" not in machine.capabilities
    chunks = [first[i : i + chunk_octets] for i in range(0, len(first), chunk_octets)]
    chunks.reverse()
    while (yield from machine.hungry(transaction)):
        chunk = chunks.pop() if chunks else (yield from read(file, chunk_octets))
        data = chunk
        if not as_it_is:
            data = normaliser.feed(chunk) if chunk else normaliser.finish()
        if seven_bit and not data.isascii():
            raise NotSupported(
                "the server does not offer 8BITMIME, and the message has octets above 127",
                capability="8BITMIME",
                hint="Encode its parts as quoted-printable or base64.",
            )
        if normaliser.long_line and not transaction.chunked:
            raise long_line()
        if stuffer is not None:
            data = stuffer.feed(data)
        if data or not chunk:
            # An LF whose CR ended the chunk before leaves nothing; Postfix refuses BDAT 0.
            machine.feed(transaction, data, last=not chunk)
        if not chunk:
            return
