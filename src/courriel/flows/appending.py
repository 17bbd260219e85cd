"""Putting a message into a folder, out of memory or out of a file.

Line ends become CRLF, and nothing else is changed, not even a last line without an end. APPEND
counts the octets before it sends them (RFC 9051, 6.3.12): so a large file is read twice, once for
its length and once for its octets, and never held. When all of a message has
gone out and no answer comes, nobody knows whether it is in the folder: that is Uncertain.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any, TypeAlias

from courriel.errors import Broken, CourrielError, Misused, Refused, Uncertain
from courriel.faces import Flow
from courriel.flows.arranging import append_limit, ask
from courriel.flows.files import read
from courriel.flows.imap_dialogue import ImapDialogue
from courriel.flows.selecting import folder_name
from courriel.model.email import Email
from courriel.model.flags import flags_of
from courriel.model.folder import Folder
from courriel.model.headerblock import header_end, message_id_of
from courriel.protocol.imap.machine import ImapMachine
from courriel.protocol.imap.tickets import Completed, ImapTicket
from courriel.wire.imap.answers import Appended, StatusOf
from courriel.wire.imap.commands import Append, Status, Upload
from courriel.wire.imap.fragments import Literal, StreamLiteral
from courriel.wire.lines import Normaliser

if TYPE_CHECKING:
    from email.message import Message

OPERATION = "append"
HEADER = 64 * 1024
"""Octets in which the header of a large message is looked at, and no further."""

Storable: TypeAlias = "Email | Message | bytes | bytearray | memoryview | IO[bytes]"


@dataclass(frozen=True, slots=True)
class Filing:
    """Where a message shall be, and what the folder shall say of it."""

    folder: str
    flags: tuple[str, ...]
    received: datetime | None


def append(
    dialogue: ImapDialogue,
    folder: str | Folder,
    message: Storable,
    flags: str | Iterable[str],
    received: datetime | None,
) -> Flow[int | None]:
    """Put a message into a folder; return its UID where the server says it (RFC 4315, 3)."""
    try:
        name = folder_name(dialogue, folder, operation=OPERATION)
        filing = Filing(name, flags_of(flags), received)
        content = _content(message)
        if content is None:
            limits = dialogue.profile.limits
            content = yield from read(message, limits.eager_body + 1)  # type: ignore[arg-type]  # Only files are left.
            if len(content) > limits.eager_body:
                # Few programs append out of large files.
                from courriel.flows.uploading import append_file

                return (yield from append_file(dialogue, filing, content, message))  # type: ignore[arg-type]  # As above.
        return (yield from _append_octets(dialogue, filing, Normaliser().feed(content)))
    except CourrielError as error:
        error.operation = error.operation or OPERATION
        raise


def _content(message: Any) -> bytes | None:
    """Return the octets of a message, None for a file."""
    if isinstance(message, Email):
        return message.source
    if isinstance(message, (bytes, bytearray, memoryview)):
        return bytes(message)
    # Whoever holds a message of the standard library has imported its module.
    standard = sys.modules.get("email.message")
    if standard is not None and isinstance(message, standard.Message):
        from courriel.model.standard import serialised

        return serialised(message)
    if hasattr(message, "read"):
        return None
    raise Misused(
        f"a message cannot be made from {type(message).__name__}",
        hint="Give an Email, an email.message.EmailMessage, bytes, or a file opened as binary.",
    )


def _append_octets(dialogue: ImapDialogue, filing: Filing, content: bytes) -> Flow[int | None]:
    head = content[: header_end(content)]
    yield from check_room(dialogue, filing.folder, len(content))
    machine = dialogue.machine
    upload = upload_of(filing, Literal(content), head)
    ticket = machine.submit(Append(filing.folder, (upload,)))
    return (yield from concluded(machine, ticket, head))


def upload_of(filing: Filing, content: Literal | StreamLiteral, head: bytes) -> Upload:
    """Return what APPEND carries."""
    return Upload(content, filing.flags, filing.received, utf8=not head.isascii())


def check_room(dialogue: ImapDialogue, folder: str, octets: int) -> Flow[None]:
    """Raise Refused for a message that is larger than the folder takes (RFC 7889).

    A folder is only asked for its own limit when that costs less than a
    message that was sent in vain.
    """
    machine = dialogue.machine
    limit = append_limit(machine.words)
    if "APPENDLIMIT" in machine.words and octets > machine.limits.eager_body:
        try:
            completed = yield from ask(dialogue, Status(folder, ("APPENDLIMIT",)), OPERATION)
        except Refused:
            # What is wrong with the folder is told by APPEND itself.
            return
        told = completed.last(StatusOf)
        limit = append_limit(machine.words, None if told is None else told.counters)
    if limit is not None and octets > limit:
        raise Refused(
            f"the message has {octets} octets, and the folder {folder!r} takes at most {limit}",
            hint="Make it smaller.",
            command="APPEND",
            condition="TOOBIG",
        )


def concluded(machine: ImapMachine, ticket: ImapTicket, head: bytes) -> Flow[int | None]:
    """Wait for the answer to APPEND; return the message's UID, None where it is not said."""
    try:
        completed: Completed = yield from ticket
    except Broken as error:
        if not machine.handed_over(ticket):
            raise
        raise Uncertain(
            f"the message was handed over, but no answer came: {error.message}",
            hint="It may be in the folder; look for it before appending it again.",
            message_id=message_id_of(head, head.lower()),
            session_usable=machine.usable,
        ) from error
    code = completed.tagged.code
    appended = None if code is None else code.value
    return appended.uids.least if isinstance(appended, Appended) else None
