"""Obey the commands about whole mailboxes (RFC 3501, 6.3).

SELECT, EXAMINE, CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE and STATUS, with the parameters of
RFC 7162 and RFC 6154. What the names mean is ``sandbox.folders``'s business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from courriel.errors import Misused
from courriel.sandbox.folders import INBOX, SEPARATOR, SPECIAL_USES, canonical
from courriel.sandbox.imap import replies
from courriel.sandbox.imap.arguments import Arguments
from courriel.sandbox.imap.conversation import Conversation
from courriel.sandbox.imap.replies import Done, bad, no
from courriel.sandbox.imap.view import SYSTEM_FLAGS, View
from courriel.sandbox.mailbox import Mailbox

__all__ = ["create", "delete", "rename", "select", "status", "status_items"]


def select(conversation: Conversation, arguments: Arguments, *, read_only: bool) -> Done:
    """Open a mailbox, and say what is in it; what was open before is closed in any case."""
    arguments.space()
    name = arguments.astring()
    words: list[str] = []
    if not arguments.at_end():
        arguments.space()
        words = _words(arguments)
    arguments.end()
    # RFC 3501, 6.3.1: also when this one cannot be opened.
    conversation.view = None
    if any(word != "CONDSTORE" or not conversation.has(word) for word in words):
        raise bad("A parameter of an extension that was not offered")
    conversation.enabled.update(words)
    mailbox = conversation.mailbox(name)
    view = View(mailbox, read_only=read_only)
    _describe(conversation, view)
    conversation.view = view
    return Done("The mailbox is open", "READ-ONLY" if read_only else "READ-WRITE")


def _describe(conversation: Conversation, view: View) -> None:
    mailbox, say = view.mailbox, conversation.say
    flags = (*SYSTEM_FLAGS, *mailbox.keywords)
    permanent = () if view.read_only else (*flags, "\\*")
    say(f"FLAGS ({' '.join(flags)})".encode())
    say(b"%d EXISTS" % len(view.uids))
    say(b"%d RECENT" % view.recent_count)
    unseen = next((number for number, entry in view.every() if not entry.seen), None)
    if unseen is not None:
        say(b"OK [UNSEEN %d] The first unseen message" % unseen)
    say(f"OK [PERMANENTFLAGS ({' '.join(permanent)})] The flags that stay".encode())
    say(b"OK [UIDVALIDITY %d] UIDs are valid" % mailbox.uid_validity)
    say(b"OK [UIDNEXT %d] The next UID" % mailbox.next_id)
    if conversation.has("CONDSTORE"):
        say(b"OK [HIGHESTMODSEQ %d] The highest" % view.modseq)


def create(conversation: Conversation, arguments: Arguments) -> Done:
    """Create a mailbox, and those above it."""
    arguments.space()
    name = conversation.named(arguments.astring())
    uses: list[str] = []
    if not arguments.at_end():
        arguments.space()
        uses = _uses(conversation, arguments)
    arguments.end()
    folders = conversation.folders
    # RFC 3501, 6.3.3: the separator at the end declares that there will be some below.
    name = name.removesuffix(SEPARATOR)
    if folders.find(name) is not None:
        raise no("There is such a mailbox already", "ALREADYEXISTS")
    _try(lambda: folders.create(name, use=uses[0] if uses else None))
    return Done("Created")


def delete(conversation: Conversation, arguments: Arguments) -> Done:
    """Delete a mailbox with all its messages."""
    arguments.space()
    name = conversation.named(arguments.astring())
    arguments.end()
    folders = conversation.folders
    if name not in folders:
        raise no("There is no such mailbox", "NONEXISTENT")
    view = conversation.view
    if view is not None and view.mailbox is folders.find(name):
        raise no("The mailbox is open", "INUSE")
    _try(lambda: folders.delete(name))
    return Done("Deleted")


def rename(conversation: Conversation, arguments: Arguments) -> Done:
    """Give a mailbox another name; INBOX keeps its own, and gives its messages (6.3.5)."""
    arguments.space()
    name = conversation.named(arguments.astring())
    arguments.space()
    new = conversation.named(arguments.astring())
    arguments.end()
    folders = conversation.folders
    if name not in folders:
        raise no("There is no such mailbox", "NONEXISTENT")
    if new in folders:
        raise no("There is such a mailbox already", "ALREADYEXISTS")
    _try(lambda: folders.rename(name, new))
    inbox, target = folders.find(name), folders.find(new)
    if canonical(name) == INBOX and inbox is not None and target is not None:
        ids = [entry.id for entry in inbox.entries()]
        conversation.store.copy(inbox, ids, target, move=True)
    return Done("Renamed")


def subscribe(conversation: Conversation, arguments: Arguments) -> Done:
    """Subscribe to a name, whether or not there is such a mailbox."""
    arguments.space()
    name = conversation.named(arguments.astring())
    arguments.end()
    _try(lambda: conversation.folders.subscribe(name))
    return Done("Subscribed")


def unsubscribe(conversation: Conversation, arguments: Arguments) -> Done:
    """Take a subscription back."""
    arguments.space()
    name = conversation.named(arguments.astring())
    arguments.end()
    conversation.folders.unsubscribe(name)
    return Done("Unsubscribed")


def status(conversation: Conversation, arguments: Arguments) -> Done:
    """Say what is in a mailbox without opening it."""
    arguments.space()
    name = arguments.astring()
    arguments.space()
    items = status_items(conversation, arguments)
    arguments.end()
    mailbox = conversation.mailbox(name)
    conversation.say(counted(conversation, mailbox, items))
    return Done("That is all")


def status_items(conversation: Conversation, arguments: Arguments) -> list[str]:
    """Take the items of STATUS, between parentheses."""
    items = _words(arguments)
    for item in items:
        capability = _STATUS_CAPABILITIES.get(item)
        if item not in _STATUS or (capability and not conversation.has(capability)):
            raise bad("STATUS knows no such item")
    if "HIGHESTMODSEQ" in items:
        conversation.enabled.add("CONDSTORE")
    return items


def counted(conversation: Conversation, mailbox: Mailbox, items: list[str]) -> bytes:
    """Return the STATUS response about a mailbox."""
    with mailbox.lock:
        values = [
            b"%b %d" % (item.encode(), _STATUS[item](conversation, mailbox)) for item in items
        ]
    name = conversation.written(mailbox.name)
    return b"STATUS %b %b" % (name, replies.parenthesised(values))


_STATUS: Mapping[str, Callable[[Conversation, Mailbox], int]] = {
    "APPENDLIMIT": lambda conversation, mailbox: conversation.policy.message_size,
    "DELETED": lambda _, mailbox: sum("\\Deleted" in each.flags for each in mailbox.entries()),
    "HIGHESTMODSEQ": lambda _, mailbox: mailbox.modseq,
    "MESSAGES": lambda _, mailbox: len(mailbox),
    "RECENT": lambda _, mailbox: sum(each.id >= mailbox.recent_from for each in mailbox.entries()),
    "SIZE": lambda _, mailbox: sum(len(message.content) for message in mailbox),
    "UIDNEXT": lambda _, mailbox: mailbox.next_id,
    "UIDVALIDITY": lambda _, mailbox: mailbox.uid_validity,
    "UNSEEN": lambda _, mailbox: sum(not each.seen for each in mailbox.entries()),
}
_STATUS_CAPABILITIES = {
    "APPENDLIMIT": "APPENDLIMIT",
    "HIGHESTMODSEQ": "CONDSTORE",
    "SIZE": "STATUS=SIZE",
}


def _words(arguments: Arguments) -> list[str]:
    """Take words between parentheses, at least one."""
    arguments.take(b"(")
    words = [arguments.word()]
    while not arguments.skip(b")"):
        arguments.space()
        words.append(arguments.word())
    return words


def _uses(conversation: Conversation, arguments: Arguments) -> list[str]:
    r"""Take ``(USE (\Sent))`` (RFC 6154, 3)."""
    if not conversation.has("CREATE-SPECIAL-USE"):
        raise bad("CREATE-SPECIAL-USE is not offered")
    arguments.take(b"(")
    if arguments.word() != "USE":
        raise bad("CREATE knows the parameter USE only")
    arguments.space()
    arguments.take(b"(")
    uses: list[str] = []
    while not arguments.skip(b")"):
        if uses:
            arguments.space()
        arguments.take(b"\\")
        uses.append("\\" + arguments.word().capitalize())
    arguments.take(b")")
    if len(uses) > 1 or not set(SPECIAL_USES.values()).issuperset(uses):
        raise no("A mailbox can have one of the special uses that are known", "USEATTR")
    return uses


def _try(act: Callable[[], object]) -> None:
    """Do it; what the folders cannot do becomes NO."""
    try:
        act()
    except Misused as error:
        raise no(error.message[:1].upper() + error.message[1:], "CANNOT") from error
