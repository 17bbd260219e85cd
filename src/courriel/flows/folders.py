"""Listing folders: all about them in one round trip, whatever the server can say.

A modern server tells special uses, children, subscriptions and counters with the list itself
(RFC 5258, 5819, 6154). An old one is asked for the subscribed names beside it, both in flight, and
what a folder is for is then guessed from its name.
"""

from __future__ import annotations

from collections.abc import Iterable

from courriel.errors import CourrielError, Misused, Refused
from courriel.faces import Flow
from courriel.flows.imap_dialogue import ImapDialogue
from courriel.model.characters import excerpt
from courriel.model.folder import Counters, Folder
from courriel.model.uses import with_uses
from courriel.protocol.imap.tickets import Completed, ImapTicket
from courriel.wire.imap.answers import Listed, StatusOf
from courriel.wire.imap.commands import Command, List, Lsub, Xlist

_OPERATION = "folders"
_COUNTED = ("MESSAGES", "UNSEEN", "UIDNEXT", "UIDVALIDITY")
"""What is counted of every folder: what servers have at hand."""


def folders(dialogue: ImapDialogue, pattern: str) -> Flow[list[Folder]]:
    """Return the folders whose names match, in the server's order, INBOX where it lists it."""
    if isinstance(pattern, str):
        dialogue.names.meant(pattern, operation=_OPERATION)
    if not pattern:
        raise Misused(f"{excerpt(pattern)} is no pattern", hint='Use "*" for all folders.')
    found = yield from _listed(dialogue, pattern)
    utf8 = dialogue.machine.dialect.utf8
    dialogue.names.learn(found, every=pattern == "*", utf8=utf8)
    return found


def _listed(dialogue: ImapDialogue, pattern: str) -> Flow[list[Folder]]:
    words = dialogue.machine.words
    if "LIST-EXTENDED" in words or "IMAP4REV2" in words:
        try:
            return (yield from _all_at_once(dialogue, pattern))
        except Refused:
            # Some offer the extension and stumble over one of its options.
            pass
    return (yield from _side_by_side(dialogue, pattern))


def _all_at_once(dialogue: ImapDialogue, pattern: str) -> Flow[list[Folder]]:
    words = dialogue.machine.words
    options = ["SUBSCRIBED", "CHILDREN"]
    if "SPECIAL-USE" in words:
        options.append("SPECIAL-USE")
    counted = "LIST-STATUS" in words or "IMAP4REV2" in words
    command = List(
        patterns=(pattern,), return_options=tuple(options), status=_COUNTED if counted else ()
    )
    completed = yield from dialogue.machine.submit(command)
    listed = completed.all(Listed)
    subscribed = {each.raw for each in listed if _has(each, "\\Subscribed")}
    counters = {each.raw: each.counters for each in completed.all(StatusOf)}
    return _folders(listed, subscribed, counters)


def _side_by_side(dialogue: ImapDialogue, pattern: str) -> Flow[list[Folder]]:
    machine = dialogue.machine
    command: Command = List(patterns=(pattern,))
    if "XLIST" in machine.words and "SPECIAL-USE" not in machine.words:
        command = Xlist(pattern=pattern)
    listing, marking = machine.submit(command), machine.submit(Lsub(pattern=pattern))
    try:
        completed = yield from listing
    except CourrielError:
        marking.give_up()
        raise
    subscribed = yield from _subscribed(marking)
    return _folders(completed.all(Listed), subscribed, {})


def _subscribed(ticket: ImapTicket) -> Flow[set[bytes] | None]:
    """Return the names that are subscribed, None where the server does not say."""
    try:
        completed: Completed = yield from ticket
    except Refused:
        return None
    # One that only stands for its children is not subscribed itself (RFC 3501, 6.3.9).
    return {each.raw for each in completed.all(Listed) if not _has(each, "\\Noselect")}


def _folders(
    listed: Iterable[Listed], subscribed: set[bytes] | None, counters: dict[bytes, Counters]
) -> list[Folder]:
    """Return what was listed as folders; one that is listed twice is one."""
    each_once = {each.raw: each for each in reversed(list(listed))}
    return with_uses(
        Folder(
            each.name,
            each.separator,
            each.attributes,
            subscribed=None if subscribed is None else each.raw in subscribed,
            counters=counters.get(each.raw),
            raw=each.raw,
        )
        for each in reversed(each_once.values())
    )


def _has(listed: Listed, attribute: str) -> bool:
    return any(attribute.lower() == each.lower() for each in listed.attributes)
