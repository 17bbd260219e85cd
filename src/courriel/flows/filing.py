"""What every APPEND has: where the message shall be, whether it fits, and how it ended.

When all of a message has gone out and no answer comes, nobody knows whether it is in the folder:
that is Uncertain, as with sending (RFC 1047).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from courriel.errors import Broken, Refused, Uncertain
from courriel.faces import Flow
from courriel.flows.arranging import append_limit
from courriel.flows.imap_dialogue import ImapDialogue
from courriel.flows.selecting import selection
from courriel.model.headerblock import message_id_of
from courriel.protocol.imap.machine import ImapMachine
from courriel.protocol.imap.tickets import Completed, ImapTicket
from courriel.wire.imap.answers import Appended, StatusOf
from courriel.wire.imap.commands import Status, Upload
from courriel.wire.imap.fragments import Literal, StreamLiteral

OPERATION = "append"
_COURIER = "ACL2=UNION"
"""What only Courier offers."""


@dataclass(frozen=True, slots=True)
class Filing:
    """Where a message shall be, and what the folder shall say of it."""

    folder: str
    flags: tuple[str, ...]
    received: datetime | None


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
            completed = yield from dialogue.machine.submit(Status(folder, ("APPENDLIMIT",)))
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


def reopen(dialogue: ImapDialogue, folder: str) -> None:
    """Select a folder for writing when it is selected for reading and that would be in the way.

    APPEND has nothing to do with what is selected (RFC 9051, 6.3.12), but Courier refuses it then.
    """
    if _COURIER in dialogue.machine.words and dialogue.machine.heading == (folder, True):
        dialogue.machine.submit(selection(dialogue.machine, folder, write=True))


def concluded(machine: ImapMachine, ticket: ImapTicket, head: bytes) -> Flow[int | None]:
    """Wait for the answer to APPEND; return the message's UID, None where it is not said."""
    try:
        completed = yield from ticket
    except Broken as error:
        if not machine.handed_over(ticket):
            raise
        raise Uncertain(
            f"the message was handed over, but no answer came: {error.message}",
            hint="It may be in the folder; look for it before appending it again.",
            message_id=message_id_of(head, head.lower()),
            session_usable=machine.usable,
        ) from error
    return new_uids(completed, 1)[0]


def new_uids(completed: Completed, count: int) -> list[int | None]:
    """Return the UIDs of the messages of one APPEND, in order (RFC 4315, 3).

    None for each where the server does not say them, or not of all.
    """
    code = completed.tagged.code
    appended = None if code is None else code.value
    if isinstance(appended, Appended) and len(appended.uids) == count:
        return [*appended.uids]
    return [None] * count
