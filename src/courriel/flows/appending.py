"""Putting a message into a folder, whatever it is given as.

Line ends become CRLF, and nothing else is changed, not even a last line without an end. What is in
memory goes in one piece; a file is read as far as that is done with every message, and if there is
more, it is ``uploading``'s.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any, TypeAlias, cast

from courriel.errors import Misused
from courriel.faces import Flow
from courriel.flows.files import read
from courriel.flows.filing import OPERATION, Filing, check_room, concluded, reopen, upload_of
from courriel.flows.imap_dialogue import ImapDialogue
from courriel.flows.selecting import folder_name
from courriel.model.email import Email
from courriel.model.flags import flags_of
from courriel.model.folder import Folder
from courriel.model.headerblock import header_end
from courriel.wire.imap.commands import Append
from courriel.wire.imap.fragments import Literal
from courriel.wire.lines import Normaliser

if TYPE_CHECKING:
    from email.message import Message

Storable: TypeAlias = "Email | Message | bytes | bytearray | memoryview | IO[bytes]"


def append(
    dialogue: ImapDialogue,
    folder: str | Folder,
    message: Storable,
    flags: str | Iterable[str],
    received: datetime | None,
) -> Flow[int | None]:
    """Put a message into a folder; return its UID where the server says it (RFC 4315, 3)."""
    name = folder_name(dialogue, folder, operation=OPERATION)
    filing = Filing(name, flags_of(flags), received)
    message = as_file(dialogue, message)
    content, whole = yield from octets_of(dialogue, message)
    if not whole:
        # Few programs append out of large files.
        from courriel.flows.uploading import append_file

        file = cast("IO[bytes]", message)
        return (yield from append_file(dialogue, filing, content, file))
    return (yield from _append_octets(dialogue, filing, Normaliser().feed(content)))


def as_file(dialogue: ImapDialogue, message: Storable) -> Storable:
    """Return a composed message with large files as a file that reads them, others as they are."""
    if isinstance(message, Email) and message.composed:
        from courriel.model.writing import draft_of

        draft = draft_of(message)
        if draft is not None and draft.octets > dialogue.profile.limits.eager_body:
            return cast("IO[bytes]", draft.opened())
    return message


def octets_of(dialogue: ImapDialogue, message: Storable) -> Flow[tuple[bytes, bool]]:
    """Return the octets of a message, or the first of a large file's, and whether that is all."""
    content = _content(message)
    if content is not None:
        return content, True
    most = dialogue.profile.limits.eager_body
    content = yield from read(cast("IO[bytes]", message), most + 1)
    return content, len(content) <= most


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
    reopen(dialogue, filing.folder)
    machine = dialogue.machine
    upload = upload_of(filing, Literal(content), head)
    ticket = machine.submit(Append(filing.folder, (upload,)))
    return (yield from concluded(machine, ticket, head))
