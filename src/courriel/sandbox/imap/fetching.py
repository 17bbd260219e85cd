r"""Obey FETCH (RFC 3501, 6.4.5; RFC 3516; RFC 7162, 3.1.4).

::

    fetch     = "FETCH" SP sequence-set SP ("ALL" / "FULL" / "FAST" / fetch-att / list) [modifiers]
    fetch-att = "ENVELOPE" / "FLAGS" / "INTERNALDATE" / "RFC822" [".HEADER" / ".SIZE" / ".TEXT"] /
                "BODY" ["STRUCTURE"] / "UID" / "MODSEQ" / "BODY" [".PEEK"] section [partial] /
                "BINARY" [".PEEK"] section [partial] / "BINARY.SIZE" section

An attribute without brackets is a line in ``_PLAIN``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from courriel.sandbox.imap import rendering, replies
from courriel.sandbox.imap.arguments import Arguments
from courriel.sandbox.imap.conversation import Conversation
from courriel.sandbox.imap.replies import Done, Replies, bad
from courriel.sandbox.imap.sections import Section
from courriel.sandbox.imap.sets import SequenceSet
from courriel.sandbox.imap.view import View
from courriel.sandbox.stored import Entry

__all__ = ["fetch"]

_Render: TypeAlias = Callable[[View, Entry], bytes]

_WORD = re.compile(rb"[A-Z0-9.]+", re.IGNORECASE)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MACROS = {
    "ALL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"),
    "FAST": ("FLAGS", "INTERNALDATE", "RFC822.SIZE"),
    "FULL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"),
}
_ITEMS = 1_000
_SEEN = frozenset(("\\Seen",))


@dataclass(frozen=True, slots=True)
class _Item:
    """One attribute: its name in the answer, its value, and whether asking means having seen."""

    label: bytes
    render: _Render
    sees: bool = False


def fetch(conversation: Conversation, arguments: Arguments, *, by_uid: bool) -> Replies:
    """Say what is asked about messages."""
    arguments.space()
    numbers = arguments.sequence_set()
    arguments.space()
    items = _items(conversation, arguments)
    changed_since = None
    if not arguments.at_end():
        arguments.space()
        changed_since = _changed_since(conversation, arguments)
    arguments.end()
    labels = [item.label for item in items]
    if by_uid and b"UID" not in labels:
        items.insert(0, _PLAIN["UID"])
    if changed_since is not None and b"MODSEQ" not in labels:
        items.append(_PLAIN["MODSEQ"])
    return _fetched(conversation, numbers, items, by_uid=by_uid, changed_since=changed_since)


def _fetched(
    conversation: Conversation,
    numbers: SequenceSet,
    items: list[_Item],
    *,
    by_uid: bool,
    changed_since: int | None,
) -> Replies:
    view = conversation.selected()
    sees = any(item.sees for item in items) and not view.read_only
    labels = {item.label for item in items}
    told = ("FLAGS", "MODSEQ") if "CONDSTORE" in conversation.enabled else ("FLAGS",)
    for number, entry in view.chosen(numbers, by_uid=by_uid):
        if changed_since is not None and entry.modseq <= changed_since:
            continue
        extra: list[_Item] = []
        if sees and not entry.seen:
            entry = view.mailbox.change_flags(entry.id, _SEEN.union) or entry
            extra = [_PLAIN[label] for label in told if label.encode() not in labels]
        if b"FLAGS" in labels or extra:
            view.tell(entry)
        values = [b"%b %b" % (item.label, item.render(view, entry)) for item in (*items, *extra)]
        yield b"%d FETCH (%b)" % (number, b" ".join(values))
    if view.stale and not by_uid:
        return Done("Some messages are gone", "EXPUNGEISSUED")
    return Done("That is all")


def _items(conversation: Conversation, arguments: Arguments) -> list[_Item]:
    if not arguments.skip(b"("):
        macro = _MACROS.get(arguments.rest.partition(b" ")[0].decode("ascii", "replace").upper())
        if macro is not None:
            arguments.word()
            return [_PLAIN[word] for word in macro]
        return [_item(conversation, arguments)]
    items = [_item(conversation, arguments)]
    while not arguments.skip(b")"):
        arguments.space()
        items.append(_item(conversation, arguments))
        if len(items) > _ITEMS:
            raise bad(f"FETCH takes at most {_ITEMS} attributes")
    return items


def _item(conversation: Conversation, arguments: Arguments) -> _Item:
    word = arguments.matching(_WORD).decode("ascii").upper()
    if word.startswith("BINARY") and not conversation.has("BINARY"):
        raise bad("BINARY is not offered")
    if arguments.peek(b"["):
        return _bracketed(word, Section.read(arguments))
    if word == "MODSEQ" and conversation.has("CONDSTORE"):
        conversation.enabled.add("CONDSTORE")
    elif word == "MODSEQ" or word not in _PLAIN:
        raise bad("FETCH knows no such attribute")
    return _PLAIN[word]


def _bracketed(word: str, section: Section) -> _Item:
    label = section.label

    def body(view: View, entry: Entry) -> bytes:
        octets = section.cut(entry.message)
        return b"NIL" if octets is None else replies.literal(octets)

    def binary(view: View, entry: Entry) -> bytes:
        octets = section.decoded(entry.message)
        if octets is None:
            return b"NIL"
        return b"~" * (b"\0" in octets) + replies.literal(octets)

    def binary_size(view: View, entry: Entry) -> bytes:
        return b"%d" % len(section.decoded(entry.message) or b"")

    if word.startswith("BINARY") and section.text:
        raise bad("BINARY takes a part alone (RFC 3516, 4.3)")
    match word:
        case "BODY" | "BODY.PEEK":
            return _Item(b"BODY" + label, body, sees=word == "BODY")
        case "BINARY" | "BINARY.PEEK":
            return _Item(b"BINARY" + label, binary, sees=word == "BINARY")
        case "BINARY.SIZE" if section.start is None:
            return _Item(b"BINARY.SIZE" + label, binary_size)
    raise bad("FETCH knows no such attribute")


def _changed_since(conversation: Conversation, arguments: Arguments) -> int:
    arguments.take(b"(")
    if arguments.word() != "CHANGEDSINCE" or not conversation.has("CONDSTORE"):
        raise bad("FETCH knows the modifier CHANGEDSINCE, of CONDSTORE, only")
    arguments.space()
    number = arguments.number()
    arguments.take(b")")
    conversation.enabled.add("CONDSTORE")
    return number


def _internal_date(moment: datetime) -> bytes:
    return (
        f'"{moment.day:2d}-{_MONTHS[moment.month - 1]}-{moment.year:04d} '
        f'{moment.hour:02d}:{moment.minute:02d}:{moment.second:02d} +0000"'
    ).encode()


def _section(text: str) -> _Render:
    section = Section(text=text)

    def render(view: View, entry: Entry) -> bytes:
        return replies.literal(section.cut(entry.message) or b"")

    return render


_PLAIN: Mapping[str, _Item] = {
    item.label.decode(): item
    for item in (
        _Item(b"BODY", lambda _, entry: rendering.body_structure(entry.message, extended=False)),
        _Item(
            b"BODYSTRUCTURE",
            lambda _, entry: rendering.body_structure(entry.message, extended=True),
        ),
        _Item(b"ENVELOPE", lambda _, entry: rendering.envelope(entry.message)),
        _Item(b"FLAGS", lambda view, entry: replies.flag_list(view.flags(entry))),
        _Item(b"INTERNALDATE", lambda _, entry: _internal_date(entry.message.arrived)),
        _Item(b"MODSEQ", lambda _, entry: b"(%d)" % entry.modseq),
        _Item(b"RFC822", _section(""), sees=True),
        _Item(b"RFC822.HEADER", _section("HEADER")),
        _Item(b"RFC822.SIZE", lambda _, entry: b"%d" % len(entry.message.content)),
        _Item(b"RFC822.TEXT", _section("TEXT"), sees=True),
        _Item(b"UID", lambda _, entry: b"%d" % entry.id),
    )
}
