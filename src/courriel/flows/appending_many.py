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
from typing import Any, cast

from courriel.errors import Broken, CourrielError, Misused, Refused, Uncertain
from courriel.faces import Flow
from courriel.flows.appending import Storable, opened, stored
from courriel.flows.effects import END, QUICK_ITERATORS, End, Pull
from courriel.flows.filing import Filing, check_room, handed, new_uids, upload_of
from courriel.flows.imap_dialogue import ImapDialogue
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
    try:
        name = folder_name(dialogue, folder, operation=_OPERATION)
        filing = Filing(name, flags_of(flags), received)
        return (yield from _Series(dialogue, filing, _iterator(messages)).store())
    except CourrielError as error:
        if error.operation in ("", "append", "APPEND"):
            error.operation = _OPERATION
        raise


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
        "_octets",
        "_open",
    )

    def __init__(self, dialogue: ImapDialogue, filing: Filing, iterator: Iterator[Storable]) -> None:
        self._dialogue = dialogue
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
        self._largest = 0
        """Octets of a message that there was room for."""

    def store(self) -> Flow[list[int | None]]:
        try:
            failure = yield from self._begin_all()
            while self._flying:
                refusal = yield from self._settle()
                failure = failure or refusal
        except (Broken, Uncertain) as error:
            raise self._unanswered(error) from error
        finally:
            # The last first, so that none is written in the place of one that is given up.
            for sent in reversed(self._flying):
                sent.ticket.give_up()
        if failure is not None:
            raise self._accounted(failure)
        return [self._here[place] for place in sorted(self._here)]

    # Commands out.

    def _begin_all(self) -> Flow[Exception | None]:
        """Put messages in flight until there are no more; or return why one cannot be."""
        while True:
            message = yield from _next(self._iterator)
            if isinstance(message, Exception):
                return message
            if isinstance(message, End):
                self._send()
                return None
            self._begun += 1
            try:
                yield from self._add(message)
            except (Misused, Refused) as error:
                return error

    def _add(self, message: Storable) -> Flow[None]:
        """Put a message into the next command. Raises what is wrong with it, or one before it."""
        content, whole = yield from opened(self._dialogue, message)
        if not whole:
            self._send(before=self._begun)
            uid = yield from stored(self._dialogue, self._filing, content, message)
            self._here[self._begun] = uid
            return
        content = Normaliser().feed(content)
        if len(content) > self._largest:
            yield from check_room(self._dialogue, self._filing.folder, len(content))
            self._largest = len(content)
        upload = upload_of(self._filing, Literal(content), content[: header_end(content)])
        machine = self._dialogue.machine
        # Here, and not with others, it can be said which message it is.
        upload.encode(machine.dialect)
        octets = sum(each.content.octets for each in self._group) + len(content)
        if self._group and ("MULTIAPPEND" not in machine.words or octets > _COMMAND):
            self._send(before=self._begun)
        self._group.append(upload)
        yield from self._make_room()

    def _send(self, *, before: int | None = None) -> None:
        """Put the command with all messages that wait in flight; ``before`` is the next place."""
        if not self._group:
            return
        end = self._begun + 1 if before is None else before
        ticket = self._dialogue.machine.submit(Append(self._filing.folder, tuple(self._group)))
        octets = sum(each.content.octets for each in self._group)
        self._flying.append(_Sent(ticket, range(end - len(self._group), end), octets))
        self._octets += octets
        self._group = []

    def _make_room(self) -> Flow[None]:
        """Take in the answers that are here, and wait for others while the window is full."""
        flying, window = self._flying, self._dialogue.profile.limits.window_octets
        while flying and (flying[0].ticket.done or self._octets > window):
            refusal = yield from self._settle()
            if refusal is not None:
                raise refusal

    # Answers in.

    def _settle(self) -> Flow[Refused | None]:
        """Wait for the first command in flight; return why it was refused, if it was."""
        sent = self._flying[0]
        try:
            yield from sent.ticket
        except Refused as error:
            return error
        finally:
            if sent.ticket.done and self._flying:
                self._conclude(self._flying.popleft())
        return None

    def _conclude(self, sent: _Sent) -> None:
        """Take note of what is known of a command's messages."""
        self._octets -= sent.octets
        ticket = sent.ticket
        if ticket.done and ticket.error is None:
            uids = new_uids(ticket.value, len(sent.places))
            self._here.update(zip(sent.places, uids, strict=True))
        elif not isinstance(ticket.error, Refused) and handed(self._dialogue, ticket):
            self._open += sent.places

    # Errors.

    def _unanswered(self, error: Broken | Uncertain) -> CourrielError:
        """Return the error for a series whose end nobody has heard."""
        open_before = len(self._open)
        identifier: str | None = None
        if isinstance(error, Uncertain):
            identifier = error.message_id
            self._open.append(self._begun)
        for sent in self._flying:
            self._conclude(sent)
        del open_before
        if not self._open:
            return self._accounted(error)
        return Uncertain(
            f"of messages {UidSet.of(self._open)} nobody knows whether they are in the folder: "
            f"{error.message}",
            hint=f"{self._account()} Look for the others before appending them again.",
            message_id=identifier,
            session_usable=self._dialogue.machine.usable,
        )

    def _accounted(self, failure: Exception) -> Any:
        return failure

    def _account(self) -> str:
        return ""


def _next(iterator: Iterator[Storable]) -> Flow[Storable | End | Exception]:
    """Return the next message, or what the caller's iterator raised."""
    try:
        if isinstance(iterator, QUICK_ITERATORS):
            # So that a pipeline begins with it at once.
            return next(iterator, END)
        return (yield from Pull(iterator))
    except Exception as error:  # noqa: BLE001 - It is raised again when all is accounted for.
        return error


def _message_id(ticket: ImapTicket) -> str | None:
    command = ticket.command
    assert isinstance(command, Append)
    content = command.messages[0].content
    assert isinstance(content, Literal)
    head = content.data[: header_end(content.data)]
    return message_id_of(head, head.lower())
