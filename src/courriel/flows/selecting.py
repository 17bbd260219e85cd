"""Which folder a command runs in, and how it comes to be selected.

Nobody waits for SELECT: it goes into the queue in front of what needs it, and the machine's gate
holds the rest until it is answered. If the server refuses the folder, that is the error of every
command behind it. Folders are opened only for reading (EXAMINE) until something is to be changed.
"""

from __future__ import annotations

from collections.abc import Iterable

from courriel.errors import Misused
from courriel.faces import Flow
from courriel.flows.foldernames import exact
from courriel.flows.imap_dialogue import ImapDialogue
from courriel.model.characters import excerpt
from courriel.model.folder import Folder
from courriel.model.summary import Summary
from courriel.model.uids import UidSet
from courriel.protocol.imap.machine import ImapMachine
from courriel.protocol.imap.selected import Selected
from courriel.protocol.imap.tickets import ImapTicket
from courriel.wire.imap.commands import Command, Noop, Select

INBOX = "INBOX"


def folder_name(dialogue: ImapDialogue, name: object, *, operation: str) -> str:
    """Return a folder's name as the house writes it. Raises Misused for what cannot be one.

    Whatever a server calls its folders can be named by what it has told of
    them, controls and all; ``foldernames`` says what a text means.
    """
    if isinstance(name, Folder):
        name = exact(name, utf8=dialogue.machine.dialect.utf8)
    elif isinstance(name, str):
        name = dialogue.names.meant(name, operation=operation)
    if not isinstance(name, str) or not name:
        raise Misused(f"{excerpt(name)} is no folder", operation=operation, hint="Give its name.")
    return INBOX if name.upper() == INBOX else name


def folder_of(dialogue: ImapDialogue, folder: str | Folder | None, *, operation: str) -> str:
    """Return the folder that a call is about: the one it names, else the one named last."""
    if folder is not None:
        named = folder_name(dialogue, folder, operation=operation)
        if named != dialogue.folder:
            dialogue.folder, dialogue.folder_before = named, dialogue.folder
    elif dialogue.folder == dialogue.machine.refused_folder:
        # A folder that could not be selected is not meant by who names none.
        dialogue.folder = dialogue.folder_before
    return dialogue.folder


def place_of(
    dialogue: ImapDialogue, ids: object, folder: str | Folder | None, operation: str
) -> str:
    """Return the folder of what a caller names: summaries know their own.

    Raises Misused for summaries of several folders.
    """
    if folder is None:
        named = ids if isinstance(ids, (list, tuple, set, frozenset)) else [ids]
        folders = {one.folder for one in named if isinstance(one, Summary)}
        if len(folders) > 1:
            raise Misused(
                "the summaries are of several folders",
                operation=operation,
                hint="Make one call for each folder.",
            )
        # Theirs has been told: it is no text that somebody has typed.
        folder = Folder(folders.pop()) if folders else None
    return folder_of(dialogue, folder, operation=operation)


def submit_in(
    dialogue: ImapDialogue, command: Command, folder: str, *, write: bool = False
) -> ImapTicket:
    """Put a command in flight that runs in a folder, behind the SELECT that it may need."""
    machine = dialogue.machine
    heading = machine.heading
    if heading is None or heading[0] != folder or (write and heading[1]):
        machine.submit(selection(machine, folder, write=write))
    return machine.submit(command)


def selection(machine: ImapMachine, folder: str, *, write: bool = False) -> Select:
    """Return the command that selects a folder, for reading alone unless ``write``."""
    condstore = "CONDSTORE" in machine.words and "QRESYNC" not in machine.enabled
    return Select(folder, read_only=not write, condstore=condstore)


def look_at(dialogue: ImapDialogue, folder: str) -> Flow[Selected]:
    """Select a folder, or ask what is new in it, and return how it stands."""
    machine = dialogue.machine
    heading = machine.heading
    known = heading is not None and heading[0] == folder
    ticket = machine.submit(Noop(folder=folder) if known else selection(machine, folder))
    yield from ticket
    if ticket.selected is None:
        # It was made anew, which is nothing to whoever only looks at it now.
        ticket = machine.submit(selection(machine, folder))
        yield from ticket
    # What is selected now may be what somebody else has wanted.
    if ticket.selected is None:
        raise Misused(f"the folder {folder!r} is not selected any more", hint="Repeat the call.")
    return ticket.selected


def uids_of(ids: int | Summary | Iterable[int | Summary], *, operation: str) -> UidSet:
    """Return the set of what a caller names. Raises Misused for anything but UIDs."""
    if isinstance(ids, (UidSet, range)):
        # However many they are.
        return UidSet.of(ids)
    return UidSet.of(id_list(ids, operation=operation))


def id_list(ids: int | Summary | Iterable[int | Summary], *, operation: str) -> list[int]:
    """Return UIDs in the caller's order; a ``Summary`` stands for its id."""
    if isinstance(ids, (int, Summary)):
        ids = [ids]
    if isinstance(ids, (str, bytes)) or not isinstance(ids, Iterable):
        raise Misused(f"{excerpt(ids)} names no messages", operation=operation, hint="Give ids.")
    return [uid_of(one, operation=operation) for one in ids]


def uid_of(one: object, *, operation: str) -> int:
    """Return one UID. Raises Misused for what is none (RFC 9051, 2.3.1.1)."""
    if isinstance(one, Summary):
        one = one.id
    if not isinstance(one, int) or isinstance(one, bool) or not 0 < one < 2**32:
        raise Misused(
            f"{excerpt(one)} is no id of a message",
            operation=operation,
            hint="Take it from Summary.id, or from search().",
        )
    return one
