"""One part of a message, decoded, without the rest of it.

A server with BINARY decodes a part of the summary (RFC 3516), unless it is one that breaks at parts
which are not quite right: those are decoded here. Of a place that somebody wrote by hand nothing is
known, so the structure comes along in the same answer: it says whether there is such a part, which
servers do not, and how it is encoded.
"""

from __future__ import annotations

import re

from courriel.errors import Disconnected, Misused, Refused
from courriel.faces import Flow
from courriel.flows.imap_dialogue import ImapDialogue
from courriel.flows.messages import absent, octets
from courriel.flows.selecting import look_at, place_of, submit_in, uid_of
from courriel.model.characters import excerpt
from courriel.model.decoding import from_transfer
from courriel.model.folder import Folder
from courriel.model.summary import Part, Summary
from courriel.model.uids import UidSet
from courriel.wire.imap.commands import Fetch
from courriel.wire.imap.fetched import Fetched
from courriel.wire.imap.items import binary_peek, peek
from courriel.wire.imap.quirks import breaks_at_binary

_OPERATION = "part"
_NOT_ENCODED = frozenset({"7bit", "8bit", "binary"})
_PATH = re.compile(r"[1-9][0-9]{0,9}(?:\.[1-9][0-9]{0,9}){0,100}")


def part(
    dialogue: ImapDialogue,
    id: int | Summary,  # noqa: A002 - The public API names it so.
    wanted: Part | str,
    folder: str | Folder | None,
) -> Flow[bytes]:
    """Return one part's content."""
    uid = uid_of(id, operation=_OPERATION)
    place = place_of(dialogue, id, folder, _OPERATION)
    path = _path(wanted)
    if isinstance(wanted, Part) and (yield from _decodes(dialogue, wanted, place)):
        try:
            content = yield from _binary(dialogue, uid, path, place)
        except Refused as error:
            # UNKNOWN-CTE, and servers that promise more than they hold.
            if error.condition == "NONEXISTENT":
                raise
        else:
            if content is not None:
                return content
    return (yield from _encoded(dialogue, uid, wanted, path, place))


def _decodes(dialogue: ImapDialogue, wanted: Part, place: str) -> Flow[bool]:
    """Whether the server shall decode a part."""
    machine = dialogue.machine
    # What is no leaf has no encoding to undo.
    if wanted.content_type == "message/rfc822" or not machine.words & {"BINARY", "IMAP4REV2"}:
        return False
    if wanted.encoding in _NOT_ENCODED:
        return True
    if dialogue.breaks_at_binary or breaks_at_binary(dialogue.greeting, machine.identity):
        return False
    if "ID" in machine.words and machine.identity is None:
        # It was asked who it is, and says so before the folder is selected, which takes its time
        # in any case.
        yield from look_at(dialogue, place)
        return not breaks_at_binary(dialogue.greeting, machine.identity)
    return True


def _path(wanted: object) -> str:
    path = wanted.path if isinstance(wanted, Part) else wanted
    if not isinstance(path, str) or _PATH.fullmatch(path) is None:
        raise Misused(
            f"{excerpt(wanted)} names no part",
            operation=_OPERATION,
            hint='Take it from Summary.parts, or write its place, such as "1.2".',
        )
    return path


def _no_part(path: str) -> Misused:
    return Misused(
        f"the message has no part {path[:80]}", hint="Summary.parts says which there are."
    )


def _binary(dialogue: ImapDialogue, uid: int, path: str, place: str) -> Flow[bytes | None]:
    """Return what the server has decoded; None when it says nothing, or not what was asked for."""
    command = Fetch(UidSet.of([uid]), (binary_peek(path),), folder=place)
    try:
        completed = yield from submit_in(dialogue, command, place)
    except Disconnected:
        # It may have been this. When the session is open again, it is not tried again.
        dialogue.breaks_at_binary = True
        raise
    for answer in completed.all(Fetched):
        content = answer.sections.get(f"BINARY:{path}")
        if answer.uid == uid and content is not None:
            return octets(content)
    return None


def _encoded(
    dialogue: ImapDialogue, uid: int, wanted: Part | str, path: str, place: str
) -> Flow[bytes]:
    items: tuple[bytes | str, ...] = (peek(path),)
    if isinstance(wanted, str):
        items = ("BODYSTRUCTURE", *items)
    completed = yield from submit_in(dialogue, Fetch(UidSet.of([uid]), items, folder=place), place)
    known = wanted if isinstance(wanted, Part) else None
    content: bytes | None = None
    found = lacking = False
    for answer in completed.all(Fetched):
        if answer.uid != uid:
            continue
        found = True
        if answer.structure is not None and known is None:
            parts = answer.read_structure()
            known = next((each for each in parts if each.path == path), None)
            lacking = not known and not any(each.path.startswith(f"{path}.") for each in parts)
        section = answer.sections.get(path)
        if section is not None:
            content = octets(section)
    code = completed.tagged.code
    if not found or (content is None and code is not None and code.name == "EXPUNGEISSUED"):
        raise absent([uid], place)
    if content is None or lacking:
        raise _no_part(path)
    if known is None or known.content_type == "message/rfc822":
        return content
    decoded, _ = from_transfer(content, known.encoding)
    return decoded
