"""Have both directions of a connection compressed (COMPRESS=DEFLATE, RFC 4978)."""

from __future__ import annotations

from courriel.errors import NotSupported
from courriel.faces import Flow
from courriel.flows.imap_dialogue import ImapDialogue
from courriel.wire.imap.commands import Compress

_OPERATION = "compress"


def compress(dialogue: ImapDialogue) -> Flow[None]:
    """Compress from now on; nothing is in flight while that is agreed upon."""
    machine = dialogue.machine
    if "COMPRESS=DEFLATE" not in machine.words:
        raise NotSupported(
            capability="COMPRESS=DEFLATE",
            operation=_OPERATION,
            hint="Go on without: it only saves octets.",
        )
    yield from machine.submit(Compress())
