"""Sending a message out of files, a chunk at a time, so that it is never held as a whole.

A message that is ready comes out of one file; one that was composed is a draft, whose attachments
are read and encoded on the way. What fits the eager limit is read at once and goes the way of all
messages. A larger one is fed: its envelope goes first, and the body follows in chunks as the
transport takes them. Its line ends and dots are made safe on the way, with the same rules as
everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, cast

from courriel.errors import CourrielError, Misused, NotSupported, TimedOut
from courriel.faces import Flow
from courriel.flows.effects import Offload
from courriel.flows.envelope import Traits, check_options, long_line
from courriel.flows.files import octets_left, position, read, rewind
from courriel.flows.flight import Flight, check_count, mend, settle_one
from courriel.flows.hearing import bring
from courriel.flows.smtp_opening import SmtpDialogue
from courriel.model.address import AddressesLike, AddressLike
from courriel.model.outgoing import Outgoing, prepare
from courriel.model.receipt import Receipt
from courriel.model.sendoptions import SendOptions
from courriel.model.transfer import Transfer
from courriel.protocol.smtp import SmtpMachine
from courriel.protocol.smtp_fates import given_up
from courriel.protocol.transaction import Outcome, Transaction
from courriel.wire.lines import Normaliser
from courriel.wire.smtp.body import Stuffer
from courriel.wire.smtp.quirks import Quirk

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
        yield from mend(dialogue)
        return (yield from settle_one(Flight(dialogue, outgoing, options)))
    check_count(dialogue, outgoing)
    start = yield from Offload(lambda: position(file))
    rest = yield from Offload(lambda: octets_left(file))
    # Another's message may have cost the connection meanwhile.
    yield from mend(dialogue)
    source = _Source(first, file, start, None if rest is None else len(first) + rest)
    return (yield from settle_one(FileFlight(dialogue, outgoing, options, source)))


@dataclass(frozen=True, slots=True)
class _Source:
    """A file that holds a message: the ``first`` octets are read, and it stands at ``start``."""

    first: bytes
    file: IO[bytes]
    start: int | None
    """None where one cannot go back to it."""
    octets: int | None
    """All that there are, None where that is not known."""


class FedFlight(Flight):
    """A message whose body is brought a piece at a time while it is sent."""

    __slots__ = ("_meal",)

    _meal: FileMeal

    def _serve(self, first: bytes, file: IO[bytes], *, as_it_is: bool = False) -> None:
        """Say where the body comes from."""
        self._meal = FileMeal(self.machine, self.transaction, first, file, as_it_is=as_it_is)
        self.transaction.meal = self._meal

    def _concluded(self) -> Flow[Outcome]:
        while True:
            # Even behind the last of it: others may have brought it, and what they found is here.
            yield from bring(self.machine, self.transaction)
            if self._meal.error is not None:
                raise self._meal.error
            if not self.transaction.deserted:
                return (yield from super()._concluded())
            if not (yield from self._rewound()):
                raise given_up()
            yield from mend(self.dialogue)
            self._launch()

    def _again(self, quirk: Quirk) -> Flow[bool]:
        # Who cannot have it read again is spared the same when he repeats it himself.
        self.dialogue.quirks |= {quirk.name}
        return (yield from self._rewound()) and (yield from super()._again(quirk))

    def _rewound(self) -> Flow[bool]:
        """Go back to where the body begins; tell whether that can be done."""
        yield from ()
        return True


class DraftFlight(FedFlight):
    """A composed message whose files are read while it is sent."""

    __slots__ = ()

    def _launch(self) -> None:
        transfer = self.transfer
        draft = self.outgoing.draft(transfer)
        assert draft is not None  # It has files, or it would be an ordinary flight.
        self.octets = self.octets or draft.octets
        binary = transfer is Transfer.BINARY
        traits = Traits(draft.octets, draft.eight_bit, binary=binary, utf8=self.outgoing.utf8)
        self._transact(traits, None, chunked=self.chunked)
        as_it_is = draft.transfer is Transfer.BINARY
        self._serve(b"", cast("IO[bytes]", draft.opened()), as_it_is=as_it_is)


class FileFlight(FedFlight):
    """A ready-made message that is read out of a file while it is sent."""

    __slots__ = ("_source",)

    def __init__(
        self, dialogue: SmtpDialogue, outgoing: Outgoing, options: SendOptions, source: _Source
    ) -> None:
        self._source = source
        super().__init__(dialogue, outgoing, options)

    def _launch(self) -> None:
        capabilities, source = self.dialogue.machine.capabilities, self._source
        # What the file holds is not known yet, so it is called all that the server can take.
        eight_bit = "8BITMIME" in capabilities
        binary = self._announces and self.chunked and "BINARYMIME" in capabilities
        traits = Traits(source.octets, eight_bit, binary=binary, utf8=self.outgoing.utf8)
        self._transact(traits, None, chunked=self.chunked)
        self._serve(source.first, source.file)

    def _rewound(self) -> Flow[bool]:
        start = self._source.start
        if start is not None:
            yield from rewind(self._source.file, start)
        return start is not None


class FileMeal:
    """The body of one transaction, out of a file; ``as_it_is`` leaves its line ends alone."""

    __slots__ = (
        "_as_it_is",
        "_file",
        "_first",
        "_machine",
        "_normaliser",
        "_stuffer",
        "_transaction",
        "error",
    )

    def __init__(
        self,
        machine: SmtpMachine,
        transaction: Transaction,
        first: bytes,
        file: IO[bytes],
        *,
        as_it_is: bool,
    ) -> None:
        self._machine = machine
        self._transaction = transaction
        self._file = file
        self._first = memoryview(first)
        self._as_it_is = as_it_is
        self._normaliser = Normaliser()
        self._stuffer = None if transaction.chunked else Stuffer()
        self.error: Exception | None = None
        """Why there is no more of it; whose message it is must be told, whoever found out."""

    def serve(self) -> Flow[None]:
        """Bring the next piece, and give the message up where there is none to be had."""
        transaction, machine = self._transaction, self._machine
        try:
            data, last = yield from self._piece()
        except TimedOut:
            # It is the time of whoever waits that is over.
            raise
        except Exception as error:  # noqa: BLE001 - It is raised where the message belongs.
            self.error = error
            machine.withdraw(transaction)
            return
        machine.feed(transaction, data, last=last)

    def _piece(self) -> Flow[tuple[bytes, bool]]:
        """Return the next octets for the wire, and whether they are the last."""
        while True:
            chunk = yield from self._chunk()
            data = self._made_safe(chunk)
            if data or not chunk:
                # An LF whose CR ended the chunk before leaves nothing; Postfix refuses BDAT 0.
                return data, not chunk

    def _chunk(self) -> Flow[bytes]:
        octets = self._machine.limits.body_chunk
        if not self._first:
            return (yield from read(self._file, octets))
        chunk, self._first = bytes(self._first[:octets]), self._first[octets:]
        return chunk

    def _made_safe(self, chunk: bytes) -> bytes:
        data, normaliser = chunk, self._normaliser
        if not self._as_it_is:
            data = normaliser.feed(chunk) if chunk else normaliser.finish()
        if not data.isascii() and "8BITMIME" not in self._machine.capabilities:
            raise NotSupported(
                "the server does not offer 8BITMIME, and the message has octets above 127",
                capability="8BITMIME",
                hint="Encode its parts as quoted-printable or base64.",
            )
        if normaliser.long_line and not self._transaction.chunked:
            raise long_line()
        return data if self._stuffer is None else self._stuffer.feed(data)
