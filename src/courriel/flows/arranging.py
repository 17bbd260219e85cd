"""Making, renaming, deleting, subscribing to folders, and asking what they and the account hold.

Folders that are named here need not be selected, and the folder that calls mean which name none
stays what it is. One that is deleted or renamed is left before that, because what a server then
thinks is selected is its own affair.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from courriel.errors import Garbled, NotSupported, Refused
from courriel.faces import Flow
from courriel.flows.imap_dialogue import ImapDialogue
from courriel.flows.selecting import INBOX, folder_name
from courriel.model.characters import single_line
from courriel.model.folder import Counters, Folder, Namespace, Namespaces, Quota
from courriel.protocol.imap.machine import ImapMachine
from courriel.wire.imap import commands
from courriel.wire.imap.answers import (
    Identity,
    Listed,
    NamespaceList,
    QuotaOf,
    QuotaRoots,
    StatusOf,
)

_BASIC = ("MESSAGES", "UNSEEN", "UIDNEXT", "UIDVALIDITY")
_FURTHER = {
    "CONDSTORE": "HIGHESTMODSEQ",
    "QRESYNC": "HIGHESTMODSEQ",
    "STATUS=SIZE": "SIZE",
    "QUOTA=RES-MESSAGE": "DELETED",
    "OBJECTID": "MAILBOXID",
    "APPENDLIMIT": "APPENDLIMIT",
}
"""What is counted only by servers with an extension (RFC 7162, 8438, 9208, 8474, 7889)."""

_CYRUS = "X-REPLICATION"
"""What only Cyrus offers. Up to 3.6 it writes into STATUS, as MAILBOXID, what happens to lie in its
memory: any octets, the end of the line among them."""


def need(dialogue: ImapDialogue, capability: str, operation: str) -> None:
    """Raise NotSupported when the server lacks a capability."""
    if capability not in dialogue.machine.words:
        raise NotSupported(capability=capability, operation=operation)


# Folders that come and go.


def create_folder(dialogue: ImapDialogue, name: str, use: str | None) -> Flow[None]:
    """Make a folder, for a use if one is named."""
    operation = "create_folder"
    if isinstance(name, str):
        # One that is there already has the name that it has; a new one shall have a decent one.
        single_line(name, what="a folder's name", operation=operation)
        dialogue.names.forget(name)
    folder = folder_name(dialogue, name, operation=operation)
    if use is not None:
        need(dialogue, "CREATE-SPECIAL-USE", operation)
    dialogue.machine.forget(folder)
    yield from dialogue.machine.submit(commands.Create(folder, use))


def delete_folder(dialogue: ImapDialogue, name: str | Folder) -> Flow[None]:
    """Delete a folder with all its messages."""
    folder = folder_name(dialogue, name, operation="delete_folder")
    _leave(dialogue.machine, folder)
    yield from dialogue.machine.submit(commands.Delete(folder))
    dialogue.machine.forget(folder)


def rename_folder(dialogue: ImapDialogue, name: str | Folder, new_name: str) -> Flow[None]:
    """Rename a folder, and with it those in it."""
    operation = "rename_folder"
    old = folder_name(dialogue, name, operation=operation)
    if isinstance(new_name, str):
        single_line(new_name, what="a folder's name", operation=operation)
        dialogue.names.forget(new_name)
    new = folder_name(dialogue, new_name, operation=operation)
    _leave(dialogue.machine, old)
    yield from dialogue.machine.submit(commands.Rename(old, new))
    for folder in (old, new):
        dialogue.machine.forget(folder)


def _leave(machine: ImapMachine, folder: str) -> None:
    """Have a folder left if it is selected; nobody waits for that."""
    heading = machine.heading
    if heading is None or heading[0] != folder:
        return
    if "UNSELECT" in machine.words or "IMAP4REV2" in machine.words:
        machine.submit(commands.Unselect())
    elif heading[0] != INBOX:
        # CLOSE would expunge; another folder is left alone.
        machine.submit(commands.Select(INBOX, read_only=True))


def subscribe(dialogue: ImapDialogue, name: str | Folder) -> Flow[None]:
    """Mark a folder as one that shall be shown."""
    folder = folder_name(dialogue, name, operation="subscribe")
    yield from dialogue.machine.submit(commands.Subscribe(folder))


def unsubscribe(dialogue: ImapDialogue, name: str | Folder) -> Flow[None]:
    """Take that mark away."""
    folder = folder_name(dialogue, name, operation="unsubscribe")
    yield from dialogue.machine.submit(commands.Unsubscribe(folder))


# What they hold.


def status(dialogue: ImapDialogue, name: str | Folder) -> Flow[Counters]:
    """Return all that the server counts in a folder; if it refuses, the basic four."""
    words = dialogue.machine.words
    items = [*_BASIC, *(item for word, item in _FURTHER.items() if word in words)]
    if _CYRUS in words and "MAILBOXID" in items:
        items.remove("MAILBOXID")
    if "IMAP4REV2" in words:
        items += ["SIZE", "DELETED"]
    if "IMAP4REV1" in words:
        items.append("RECENT")
    try:
        counters = yield from _counted(dialogue, name, tuple(dict.fromkeys(items)), "status")
    except Refused as error:
        if error.condition == "NONEXISTENT" or items == [*_BASIC, "RECENT"]:
            raise
        # Some offer an extension and do not count what belongs to it.
        counters = yield from _counted(dialogue, name, _BASIC, "status")
    return replace(counters, append_limit=append_limit(words, counters))


def count(dialogue: ImapDialogue, name: str | Folder) -> Flow[int]:
    """Return how many messages a folder holds."""
    counters = yield from _counted(dialogue, name, ("MESSAGES",), "count")
    if counters.messages is None:
        raise _uncounted("count")
    return counters.messages


def _counted(
    dialogue: ImapDialogue, name: str | Folder, items: tuple[str, ...], operation: str
) -> Flow[Counters]:
    folder = folder_name(dialogue, name, operation=operation)
    completed = yield from dialogue.machine.submit(commands.Status(folder, items))
    found = completed.last(StatusOf)
    if found is None:
        raise _uncounted(operation)
    return found.counters


def _uncounted(operation: str) -> Garbled:
    error = Garbled("the server said OK, but not what it has counted", operation=operation)
    # The conversation itself is in step.
    error.session_usable = True
    return error


def append_limit(words: frozenset[str], counters: Counters | None = None) -> int | None:
    """Return the octets of the largest message that a folder takes (RFC 7889); None: not said.

    Nobody keeps a folder that takes none: the server of Go's go-imap says 0 where it has no limit.
    """
    if counters is not None and counters.append_limit:
        return counters.append_limit
    for word in words:
        name, _, value = word.partition("=")
        if name == "APPENDLIMIT" and value.isascii() and value.isdigit() and len(value) < 20:
            return int(value) or None
    return None


# What the account holds, and who is there.


def namespaces(dialogue: ImapDialogue) -> Flow[Namespaces]:
    """Return whose folders begin where; without NAMESPACE all are one's own."""
    words = dialogue.machine.words
    if dialogue.namespaces is not None:
        return dialogue.namespaces
    if "NAMESPACE" in words or "IMAP4REV2" in words:
        completed = yield from dialogue.machine.submit(commands.Namespace())
        told = completed.last(NamespaceList)
        found = Namespaces() if told is None else told.namespaces
    else:
        # An empty pattern asks only for the separator (RFC 3501, 6.3.8).
        completed = yield from dialogue.machine.submit(commands.List(patterns=("",)))
        listed = completed.last(Listed)
        found = Namespaces((Namespace("", None if listed is None else listed.separator),))
    dialogue.namespaces = found
    return found


def quota(dialogue: ImapDialogue, name: str | Folder) -> Flow[list[Quota]]:
    """Return what bounds a folder, in the order of its quota roots."""
    need(dialogue, "QUOTA", "quota")
    folder = folder_name(dialogue, name, operation="quota")
    completed = yield from dialogue.machine.submit(commands.GetQuotaRoot(folder))
    quotas = {each.quota.root: each.quota for each in completed.all(QuotaOf)}
    roots = [root for each in completed.all(QuotaRoots) for root in each.roots]
    ordered = [quotas.pop(root) for root in dict.fromkeys(roots) if root in quotas]
    return [*ordered, *quotas.values()]


def identify(
    dialogue: ImapDialogue, fields: Mapping[str, str | None]
) -> Flow[dict[str, str | None]]:
    """Say who we are, and return who the server says it is."""
    need(dialogue, "ID", "identify")
    ours = {name.replace("_", "-"): value for name, value in fields.items()}
    completed = yield from dialogue.machine.submit(commands.Id(ours))
    told = completed.last(Identity)
    return {} if told is None else dict(told.fields)


def noop(dialogue: ImapDialogue) -> Flow[None]:
    """Do nothing, and let the server tell what is new."""
    yield from dialogue.machine.submit(commands.Noop())
