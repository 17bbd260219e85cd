"""Appending a large message out of a file, a chunk at a time.

The first pass counts what the line ends will make of it; a file that cannot be read twice is
copied to a temporary one meanwhile. The second brings the octets when the server has agreed, as
fast as the transport takes them. Once APPEND has announced a number of octets, only that number
ends it: when the file cannot bring them, nothing is left but to hang up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from courriel.errors import Misused
from courriel.faces import Flow
from courriel.flows.effects import Offload
from courriel.flows.files import position, read, rewind
from courriel.flows.filing import Filing, check_room, concluded, reopen, upload_of
from courriel.flows.imap_dialogue import ImapDialogue
from courriel.model.headerblock import header_end
from courriel.protocol.imap.machine import ImapMachine
from courriel.protocol.imap.tickets import ImapTicket
from courriel.wire.imap.commands import Append
from courriel.wire.imap.fragments import StreamLiteral
from courriel.wire.lines import Normaliser

_HEADER = 64 * 1024
"""Octets in which the header of a large message is looked for, and no further."""


@dataclass(slots=True)
class _Source:
    """A file that was read once, and stands where it is to be read again."""

    file: IO[bytes]
    octets: int
    head: bytes


def append_file(
    dialogue: ImapDialogue, filing: Filing, first: bytes, file: IO[bytes]
) -> Flow[int | None]:
    """Append a file of which ``first`` was read already."""
    source = yield from _measured(dialogue, first, file)
    try:
        yield from check_room(dialogue, filing.folder, source.octets)
        reopen(dialogue, filing.folder)
        machine = dialogue.machine
        upload = upload_of(filing, StreamLiteral(source.octets), source.head)
        ticket = machine.submit(Append(filing.folder, (upload,)))
        try:
            yield from _bring(machine, ticket, source)
        except BaseException:
            machine.cut(ticket)
            raise
        return (yield from concluded(machine, ticket, source.head))
    finally:
        if source.file is not file:
            source.file.close()


def _measured(dialogue: ImapDialogue, first: bytes, file: IO[bytes]) -> Flow[_Source]:
    """Read the file to its end, and go back to where it stood."""
    chunk_octets = dialogue.profile.limits.body_chunk
    here = yield from Offload(lambda: position(file))
    again = file if here is not None else (yield from Offload(_temporary))
    normaliser = Normaliser()
    octets, chunk = 0, first
    while chunk:
        if b"\0" in chunk:
            raise Misused(
                "the message holds a NUL",
                hint="Encode that part in base64; few servers take binary messages.",
            )
        octets += len(normaliser.feed(chunk))
        if again is not file:
            yield from _write(again, chunk)
        chunk = yield from read(file, chunk_octets)
    start = 0 if here is None else here - len(first)
    yield from rewind(again, start)
    head = first[:_HEADER]
    return _Source(again, octets, head[: header_end(head)])


def _temporary() -> IO[bytes]:
    import tempfile

    return tempfile.TemporaryFile()


def _write(file: IO[bytes], chunk: bytes) -> Flow[None]:
    yield from Offload(lambda: file.write(chunk))


def _bring(machine: ImapMachine, ticket: ImapTicket, source: _Source) -> Flow[None]:
    """Bring the octets as soon as there is room for them, unless the command has ended."""
    yield from machine.room(ticket)
    normaliser = Normaliser()
    missing = source.octets
    while missing and not ticket.done:
        chunk = yield from read(source.file, machine.limits.body_chunk)
        data = normaliser.feed(chunk)
        missing -= len(data)
        if missing < 0 or not chunk:
            raise Misused(
                "the file has changed while it was being sent",
                hint="The connection was dropped; open the session again.",
            )
        machine.feed(ticket, data)
        yield from machine.drained()
