"""Putting many messages into a folder: several in one command where the server takes that.

With MULTIAPPEND (RFC 3502) all messages of one command are stored, or none; without it each has a
command of its own. Commands are in flight together, within a window of octets, so that no more is
held than that. When a message is refused no further ones are begun; those in flight are waited for,
and the error says which messages are in the folder.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, TypeVar, cast

from courriel.errors import Broken, CourrielError, Misused, Refused, Uncertain
from courriel.faces import Flow
from courriel.flows.appending import Storable, as_file, octets_of
from courriel.flows.effects import END, QUICK_ITERATORS, End
from courriel.flows.filing import Filing, check_room, new_uids, reopen, upload_of
from courriel.flows.imap_dialogue import ImapDialogue
from courriel.flows.pulling import Raised, pulled
from courriel.flows.selecting import folder_name
from courriel.model.email import Email
from courriel.model.flags import flags_of
from courriel.model.folder import Folder
from courriel.model.headerblock import header_end, message_id_of
from courriel.model.limits import MIB
from courriel.model.uids import UidSet
from courriel.protocol.imap.tickets import ImapTicket
from courriel.wire.imap.commands import Append, Upload
from courriel.wire.imap.fragments import Literal
from courriel.wire.lines import Normaliser

E = TypeVar("E", bound=CourrielError)

_OPERATION = "append_many"
_COMMAND = 2 * MIB
"""Octets of the messages of one command; a larger message has one of its own."""


def append_many(
    dialogue: ImapDialogue,
    folder: str | Folder,
    messages: Iterable[Storable] | AsyncIterable[Storable],
    flags: str | Iterable[str],
    received: datetime | None,
) -> Flow[list[int | None]]:
    """Put messages into a folder; return the UID of each, None where the server does not say it."""
    name = folder_name(dialogue, folder, operation=_OPERATION)
    filing = Filing(name, flags_of(flags), received)
    return (yield from _Series(dialogue, filing, _iterator(messages)).store())


def _iterator(messages: Any) -> Iterator[Storable]:
    many = hasattr(messages, "__iter__") or hasattr(messages, "__aiter__")
    # A file gives lines, and a message of the standard library the names of its fields.
    one = isinstance(messages, (str, bytes, bytearray, memoryview, Email))
    if not many or one or hasattr(messages, "read") or hasattr(messages, "get_payload"):
        raise Misused("append_many takes an iterable of messages", hint="Use append for one.")
    if hasattr(messages, "__aiter__"):
        # The asyncio driver awaits its items.
        return cast("Iterator[Storable]", messages.__aiter__())
    return cast("Iterator[Storable]", iter(messages))


@dataclass(slots=True)
class _Sent:
    """One command in flight, and the places of its messages in the series."""

    ticket: ImapTicket
    places: range
    octets: int


class _Series:
    """The messages of one call. Places are counted from 1, as errors tell them."""

    __slots__ = (
        "_begun",
        "_dialogue",
        "_filing",
        "_flying",
        "_group",
        "_here",
        "_iterator",
        "_largest",
        "_machine",
        "_octets",
        "_open",
        "_open_id",
    )

    def __init__(
        self, dialogue: ImapDialogue, filing: Filing, iterator: Iterator[Storable]
    ) -> None:
        self._dialogue = dialogue
        self._machine = dialogue.machine
        self._filing = filing
        self._iterator = iterator
        self._begun = 0
        """The place of the last message that was taken."""
        self._group: list[Upload] = []
        """Messages that wait for others to share a command with."""
        self._flying: deque[_Sent] = deque()
        self._octets = 0
        """Octets of what is in flight."""
        self._here: dict[int, int | None] = {}
        """The UIDs of the messages that are in the folder."""
        self._open: list[int] = []
        """Messages that may be there, or not."""
        self._open_id: str | None = None
        """The Message-ID of the first of them."""
        self._largest = 0
        """Octets of a message that there was room for."""

    def store(self) -> Flow[list[int | None]]:
        """Put all messages into the folder."""
        failure: Exception | None = None
        try:
            failure = yield from self._begin_all()
            while self._flying:
                refusal = yield from self._settle()
                failure = failure or refusal
        except (Broken, Uncertain) as error:
            told = self._unanswered(error, failure)
            if told is error:
                raise
            raise told from error
        finally:
            # The last first, so that none is written in the place of one that is given up.
            for sent in reversed(self._flying):
                sent.ticket.give_up()
        if failure is not None:
            raise self._accounted(failure)
        return [self._here[place] for place in range(1, self._begun + 1)]

    # Commands out.

    def _begin_all(self) -> Flow[Exception | None]:
        """Put messages in flight until there are no more; or return why one cannot be."""
        while True:
            message = yield from _next(self._iterator)
            if isinstance(message, Raised):
                return message.error
            if isinstance(message, End):
                self._send(self._begun)
                return None
            self._begun += 1
            try:
                yield from self._add(message)
            except (Misused, Refused) as error:
                return _about(error, range(self._begun, self._begun + 1))
            if (refusal := (yield from self._make_room())) is not None:
                return refusal

    def _add(self, message: Storable) -> Flow[None]:
        """Put a message into the next command."""
        message = as_file(self._dialogue, message)
        content, whole = yield from octets_of(self._dialogue, message)
        if not whole:
            yield from self._stream(content, cast("IO[bytes]", message))
            return
        content = Normaliser().feed(content)
        if len(content) > self._largest:
            yield from check_room(self._dialogue, self._filing.folder, len(content))
            self._largest = len(content)
        upload = upload_of(self._filing, Literal(content), content[: header_end(content)])
        # Here it can be said which message cannot be sent.
        upload.encode(self._machine.dialect)
        if _octets(self._group) + len(content) > _COMMAND:
            self._send(self._begun - 1)
        self._group.append(upload)
        if "MULTIAPPEND" not in self._machine.words:
            self._send(self._begun)

    def _stream(self, first: bytes, file: IO[bytes]) -> Flow[None]:
        """Put a large file into the folder, behind everything before it."""
        from courriel.flows.uploading import append_file

        self._send(self._begun - 1)
        try:
            uid = yield from append_file(self._dialogue, self._filing, first, file)
        except Uncertain as error:
            self._note_open((self._begun,), error.message_id)
            raise
        self._here[self._begun] = uid

    def _send(self, last: int) -> None:
        """Put a command in flight with all messages that wait for it, up to that place."""
        if self._group:
            group = tuple(self._group)
            self._group.clear()
            reopen(self._dialogue, self._filing.folder)
            ticket = self._machine.submit(Append(self._filing.folder, group))
            places = range(last - len(group) + 1, last + 1)
            self._flying.append(_Sent(ticket, places, _octets(group)))
            self._octets += _octets(group)

    def _make_room(self) -> Flow[Refused | None]:
        """Take in the answers that are here, and wait for others while the window is full."""
        flying, window = self._flying, self._machine.limits.window_octets
        while flying and (flying[0].ticket.done or self._octets > window):
            if (refusal := (yield from self._settle())) is not None:
                return refusal
        return None

    # Answers in.

    def _settle(self) -> Flow[Refused | None]:
        """Wait for the first command in flight; return why it was refused, if it was."""
        sent = self._flying[0]
        refusal: Refused | None = None
        try:
            yield from sent.ticket
        except Refused as error:
            refusal = _about(error, sent.places)
        self._flying.popleft()
        self._conclude(sent)
        return refusal

    def _conclude(self, sent: _Sent) -> None:
        """Take note of what is known of a command's messages."""
        self._octets -= sent.octets
        ticket = sent.ticket
        if ticket.done and ticket.error is None:
            uids = new_uids(ticket.value, len(sent.places))
            self._here.update(zip(sent.places, uids, strict=True))
        elif not isinstance(ticket.error, Refused) and self._machine.handed_over(ticket):
            self._note_open(sent.places, _message_id(ticket))

    def _note_open(self, places: Iterable[int], message_id: str | None) -> None:
        if not self._open:
            self._open_id = message_id
        self._open += places

    # Errors.

    def _unanswered(self, error: CourrielError, failure: Exception | None) -> Exception:
        """Return the error for a series whose end nobody has heard."""
        for sent in self._flying:
            self._conclude(sent)
        if not self._open:
            return self._accounted(failure or error)
        return Uncertain(
            f"messages {_ranges(self._open)} were handed over, but no answer came: {error.message}",
            hint="They may be in the folder; look for them before appending them again. "
            + self._account(),
            message_id=self._open_id,
            session_usable=self._machine.usable,
        )

    def _accounted(self, failure: Exception) -> Exception:
        """Have an error say which messages are in the folder."""
        if isinstance(failure, CourrielError):
            failure.hint = f"{failure.hint} {self._account()}".lstrip()
        else:
            failure.add_note(self._account())
        return failure

    def _account(self) -> str:
        if self._here:
            return f"Stored for certain: {_ranges(self._here)}, counted from 1."
        return "None of the others was stored." if self._open else "Nothing was stored."


def _next(iterator: Iterator[Storable]) -> Flow[Storable | End | Raised]:
    """Return the next message, or what the caller's iterator raised."""
    if isinstance(iterator, QUICK_ITERATORS):
        # So that a pipeline begins with them at once.
        return next(iterator, END)
    return (yield from pulled(iterator))


def _octets(uploads: Iterable[Upload]) -> int:
    return sum(upload.content.octets for upload in uploads)


def _about(error: E, places: range) -> E:
    """Have an error say which messages it is about."""
    which = f"messages {places[0]}:{places[-1]}" if len(places) > 1 else f"message {places[0]}"
    error.message = f"{which}: {error.message}"
    return error


def _ranges(places: Iterable[int]) -> str:
    return str(UidSet.of(places))


def _message_id(ticket: ImapTicket) -> str | None:
    """Return the Message-ID of the first message of a command."""
    assert isinstance(ticket.command, Append)
    content = ticket.command.messages[0].content
    assert isinstance(content, Literal)  # Streams are not part of a command of several.
    head = content.data[: header_end(content.data)]
    return message_id_of(head, head.lower())
