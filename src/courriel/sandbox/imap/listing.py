"""Obey LIST, LSUB and NAMESPACE (RFC 3501, 6.3.8; RFC 5258; RFC 5819; RFC 6154; RFC 2342).

::

    list = "LIST" [SP "(" [select-opts] ")"] SP mailbox SP mbox-or-pat [SP "RETURN" SP "(" opts ")"]
    mbox-or-pat = list-mailbox / "(" list-mailbox *(SP list-mailbox) ")"
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from courriel.sandbox.folders import SEPARATOR, canonical
from courriel.sandbox.imap.arguments import Arguments
from courriel.sandbox.imap.conversation import Conversation
from courriel.sandbox.imap.mailboxes import counted, status_items
from courriel.sandbox.imap.replies import Done, bad
from courriel.sandbox.imap.wildcards import matches

__all__ = ["list_", "lsub", "namespace"]

_SELECT = frozenset(("SUBSCRIBED", "REMOTE", "RECURSIVEMATCH", "SPECIAL-USE"))
_PATTERNS = 100


@dataclass(slots=True)
class _Wanted:
    """What a LIST asks for."""

    select: set[str] = field(default_factory=set)
    patterns: list[str] = field(default_factory=list)
    returned: set[str] = field(default_factory=set)
    status: list[str] = field(default_factory=list)


def list_(conversation: Conversation, arguments: Arguments) -> Done:
    """Name the mailboxes that match."""
    wanted, reference, asks_separator = _read(conversation, arguments)
    if asks_separator:
        conversation.say(b'LIST (\\Noselect) "/" ""')
        return Done("That is the separator")
    folders = conversation.folders
    names = folders.subscribed if "SUBSCRIBED" in wanted.select else folders.names
    patterns = [reference + pattern for pattern in wanted.patterns]
    listed: set[str] = set()
    for name in names:
        if "SPECIAL-USE" in wanted.select and folders.use(name) is None:
            continue
        if _matched(name, patterns):
            listed.add(name)
            _list(conversation, name, wanted)
    if "RECURSIVEMATCH" in wanted.select:
        for name in _parents(names, patterns):
            if name not in listed:
                _list(conversation, name, wanted, ' ("CHILDINFO" ("SUBSCRIBED"))')
    return Done("That is all")


def lsub(conversation: Conversation, arguments: Arguments) -> Done:
    """Name the subscribed mailboxes that match (RFC 3501, 6.3.9)."""
    arguments.space()
    reference = conversation.named(arguments.astring())
    arguments.space()
    pattern = reference + conversation.named(arguments.pattern())
    arguments.end()
    names = conversation.folders.subscribed
    matched = [name for name in names if _matched(name, [pattern])]
    for name in matched:
        conversation.say(b'LSUB () "/" %b' % conversation.written(name))
    if pattern.endswith("%"):
        for name in _parents(names, [pattern]):
            if name not in matched:
                written = conversation.written(name)
                conversation.say(b'LSUB (\\Noselect) "/" %b' % written)
    return Done("That is all")


def namespace(conversation: Conversation, arguments: Arguments) -> Done:
    """Say that everything is the user's own."""
    arguments.end()
    conversation.say(b'NAMESPACE (("" "/")) NIL NIL')
    return Done("That is all")


def _read(conversation: Conversation, arguments: Arguments) -> tuple[_Wanted, str, bool]:
    """Return what is wanted, the reference, and whether only the separator is."""
    wanted = _Wanted()
    arguments.space()
    extended = conversation.has("LIST-EXTENDED")
    if extended and arguments.peek(b"("):
        wanted.select = set(_options(arguments))
        if not wanted.select <= _SELECT:
            raise bad("LIST knows no such selection option")
        if "RECURSIVEMATCH" in wanted.select and "SUBSCRIBED" not in wanted.select:
            raise bad("RECURSIVEMATCH wants another option beside it (RFC 5258, 3.1)")
        arguments.space()
    reference = conversation.named(arguments.astring())
    arguments.space()
    if extended and arguments.skip(b"("):
        while True:
            wanted.patterns.append(conversation.named(arguments.pattern()))
            if arguments.skip(b")"):
                break
            arguments.space()
            if len(wanted.patterns) >= _PATTERNS:
                raise bad(f"LIST takes at most {_PATTERNS} patterns")
        special = False
    else:
        wanted.patterns.append(conversation.named(arguments.pattern()))
        special = wanted.patterns == [""] and not wanted.select
    if extended and not arguments.at_end():
        arguments.space()
        _read_return(conversation, arguments, wanted)
    arguments.end()
    return wanted, reference, special


def _read_return(conversation: Conversation, arguments: Arguments, wanted: _Wanted) -> None:
    if arguments.word() != "RETURN":
        raise bad("LIST ends with RETURN, or with its pattern")
    arguments.space()
    arguments.take(b"(")
    while not arguments.skip(b")"):
        if wanted.returned:
            arguments.space()
        word = arguments.word()
        wanted.returned.add(word)
        match word:
            case "SUBSCRIBED" | "CHILDREN" | "SPECIAL-USE":
                pass
            case "STATUS" if conversation.has("LIST-STATUS"):
                arguments.space()
                wanted.status = status_items(conversation, arguments)
            case _:
                raise bad("LIST knows no such return option")


def _options(arguments: Arguments) -> list[str]:
    arguments.take(b"(")
    words: list[str] = []
    while not arguments.skip(b")"):
        if words:
            arguments.space()
        words.append(arguments.word())
    return words


def _list(conversation: Conversation, name: str, wanted: _Wanted, extended: str = "") -> None:
    folders = conversation.folders
    attributes = []
    mailbox = folders.find(name)
    if name not in folders:
        attributes.append("\\NonExistent")
    elif mailbox is None:
        attributes.append("\\Noselect")
    if conversation.has("CHILDREN") or "CHILDREN" in wanted.returned:
        attributes.append("\\HasChildren" if folders.below(name) else "\\HasNoChildren")
    if {"SUBSCRIBED"} & (wanted.select | wanted.returned) and name in folders.subscribed:
        attributes.append("\\Subscribed")
    use = folders.use(name)
    if use is not None and conversation.has("SPECIAL-USE"):
        attributes.append(use)
    written = conversation.written(name)
    line = b'LIST (%b) "/" %b%b' % (" ".join(attributes).encode(), written, extended.encode())
    conversation.say(line)
    if wanted.status and mailbox is not None:
        conversation.say(counted(conversation, mailbox, wanted.status))


def _matched(name: str, patterns: Iterable[str]) -> bool:
    return any(matches(name, canonical(pattern)) for pattern in patterns)


def _parents(names: Iterable[str], patterns: list[str]) -> list[str]:
    """Return the names above ``names`` that match, though they are none of them."""
    above: dict[str, None] = {}
    for name in names:
        levels = name.split(SEPARATOR)
        for count in range(1, len(levels)):
            above[SEPARATOR.join(levels[:count])] = None
    return [name for name in above if _matched(name, patterns)]
