"""Obey the commands that change messages, and those that leave the mailbox.

STORE, COPY, MOVE, EXPUNGE, UID EXPUNGE, CLOSE and UNSELECT (RFC 3501, 6.4; RFC 4315; RFC 6851;
RFC 3691), with UNCHANGEDSINCE (RFC 7162, 3.1.3).

::

    store-att-flags = (["+" / "-"] "FLAGS" [".SILENT"]) SP (flag-list / (flag *(SP flag)))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from courriel.sandbox.imap import replies
from courriel.sandbox.imap.arguments import Arguments
from courriel.sandbox.imap.conversation import Conversation
from courriel.sandbox.imap.replies import Done, Replies, bad, no
from courriel.sandbox.imap.sets import SequenceSet
from courriel.sandbox.mailbox import Mailbox

__all__ = ["check_flags", "close", "copy", "expunge", "move", "store", "uid_expunge", "unselect"]

_Flags = frozenset[str]


def store(conversation: Conversation, arguments: Arguments, *, by_uid: bool) -> Replies:
    """Change flags."""
    arguments.space()
    numbers = arguments.sequence_set()
    arguments.space()
    unchanged_since: int | None = None
    if arguments.skip(b"("):
        unchanged_since = _unchanged_since(conversation, arguments)
        arguments.space()
    sign = b"+" if arguments.skip(b"+") else b"-" if arguments.skip(b"-") else b""
    word = arguments.word()
    if word not in ("FLAGS", "FLAGS.SILENT"):
        raise bad("STORE changes FLAGS")
    arguments.space()
    flags = arguments.flags() if arguments.peek(b"(") else _bare_flags(arguments)
    arguments.end()
    view = conversation.selected(writable=True)
    check_flags(conversation, view.mailbox, flags)
    spelt = frozenset(view.mailbox.spelt(flag) for flag in flags)
    return _stored(
        conversation,
        numbers,
        partial(_CHANGES[sign], spelt),
        by_uid=by_uid,
        silent=word != "FLAGS",
        unchanged_since=unchanged_since,
    )


_CHANGES: dict[bytes, Callable[[_Flags, _Flags], _Flags]] = {
    b"+": lambda given, before: before | given,
    b"-": lambda given, before: before - given,
    b"": lambda given, before: given,
}


def _stored(
    conversation: Conversation,
    numbers: SequenceSet,
    change: Callable[[_Flags], _Flags],
    *,
    by_uid: bool,
    silent: bool,
    unchanged_since: int | None,
) -> Replies:
    view = conversation.selected()
    yield from view.new_keywords()
    modified: list[int] = []
    for number, before in view.chosen(numbers, by_uid=by_uid):
        if unchanged_since is not None and before.modseq > unchanged_since:
            modified.append(before.id if by_uid else number)
            continue
        entry = view.mailbox.change_flags(before.id, change)
        if entry is None:
            continue
        view.tell(entry)
        items = [b"UID %d" % entry.id] if by_uid else []
        if not silent:
            items.append(b"FLAGS " + replies.flag_list(view.flags(entry)))
        if "CONDSTORE" in conversation.enabled:
            items.append(b"MODSEQ (%d)" % entry.modseq)
        if not silent or "CONDSTORE" in conversation.enabled:
            yield b"%d FETCH %b" % (number, replies.parenthesised(items))
    if modified:
        ids = replies.number_set(modified).decode()
        return Done("Some had changed", f"MODIFIED {ids}")
    return Done("Stored")


def copy(conversation: Conversation, arguments: Arguments, *, by_uid: bool) -> Done:
    """Copy messages into another mailbox, all or none."""
    ids, target = _read_transfer(conversation, arguments, by_uid=by_uid)
    view = conversation.selected()
    pairs = conversation.store.copy(view.mailbox, ids, target)
    return Done("Copied", _copy_uid(conversation, target, pairs))


def move(conversation: Conversation, arguments: Arguments, *, by_uid: bool) -> Done:
    """Move messages into another mailbox; the untagged COPYUID comes first (RFC 6851, 4.3)."""
    view = conversation.selected(writable=True)
    ids, target = _read_transfer(conversation, arguments, by_uid=by_uid)
    pairs = conversation.store.copy(view.mailbox, ids, target, move=True)
    code = _copy_uid(conversation, target, pairs)
    if code:
        conversation.say(f"OK [{code}] Moved".encode())
    return Done("Moved")


def _read_transfer(
    conversation: Conversation, arguments: Arguments, *, by_uid: bool
) -> tuple[list[int], Mailbox]:
    arguments.space()
    numbers = arguments.sequence_set()
    arguments.space()
    name = arguments.astring()
    arguments.end()
    target = conversation.mailbox(name, "TRYCREATE")
    chosen = conversation.selected().chosen(numbers, by_uid=by_uid)
    return [entry.id for _, entry in chosen], target


def _copy_uid(conversation: Conversation, target: Mailbox, pairs: list[tuple[int, int]]) -> str:
    if not pairs or not conversation.has("UIDPLUS"):
        return ""
    before, after = (replies.number_set(ids).decode() for ids in zip(*pairs, strict=True))
    return f"COPYUID {target.uid_validity} {before} {after}"


def expunge(conversation: Conversation, arguments: Arguments) -> Done:
    r"""Remove all messages that are marked as ``\\Deleted``."""
    arguments.end()
    view = conversation.selected(writable=True)
    _expunge(view.mailbox, view.uids)
    return Done("Expunged")


def uid_expunge(conversation: Conversation, arguments: Arguments) -> Done:
    r"""Remove those messages of a set that are marked as ``\\Deleted``."""
    arguments.space()
    numbers = arguments.sequence_set()
    arguments.end()
    view = conversation.selected(writable=True)
    _expunge(view.mailbox, [entry.id for _, entry in view.chosen(numbers, by_uid=True)])
    return Done("Expunged")


def close(conversation: Conversation, arguments: Arguments) -> Done:
    r"""Leave the mailbox; what is marked as ``\\Deleted`` is removed without a word."""
    arguments.end()
    view = conversation.selected()
    if not view.read_only:
        _expunge(view.mailbox, view.uids)
    conversation.view = None
    return Done("Closed")


def unselect(conversation: Conversation, arguments: Arguments) -> Done:
    """Leave the mailbox as it is."""
    arguments.end()
    conversation.view = None
    return Done("Closed")


def _expunge(mailbox: Mailbox, uids: Iterable[int]) -> None:
    with mailbox.lock:
        entries = [entry for uid in uids if (entry := mailbox.entry(uid)) is not None]
        mailbox.expunge([entry.id for entry in entries if "\\Deleted" in entry.flags])


def check_flags(conversation: Conversation, mailbox: Mailbox, flags: list[str]) -> None:
    """Raise Refused when a mailbox cannot have so many flags more."""
    policy = conversation.policy
    if len(flags) > policy.flags:
        raise no(f"There can be at most {policy.flags} flags", "LIMIT")
    known = {keyword.lower() for keyword in mailbox.keywords}
    fresh = {flag.lower() for flag in flags if not flag.startswith("\\")} - known
    if fresh and len(known) + len(fresh) > policy.keywords:
        raise no(f"A mailbox has at most {policy.keywords} keywords", "LIMIT")


def _unchanged_since(conversation: Conversation, arguments: Arguments) -> int:
    if arguments.word() != "UNCHANGEDSINCE" or not conversation.has("CONDSTORE"):
        raise bad("STORE knows the modifier UNCHANGEDSINCE, of CONDSTORE, only")
    arguments.space()
    number = arguments.number()
    arguments.take(b")")
    conversation.enabled.add("CONDSTORE")
    return number


def _bare_flags(arguments: Arguments) -> list[str]:
    flags = [arguments.flag()]
    while arguments.skip(b" "):
        flags.append(arguments.flag())
    return flags
