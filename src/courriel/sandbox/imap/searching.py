"""Obey SEARCH and SORT (RFC 3501, 6.4.4; RFC 4731; RFC 5256).

::

    search = "SEARCH" [SP "RETURN" SP "(" [opts] ")"] [SP "CHARSET" SP charset] 1*(SP search-key)
    sort   = "SORT" SP "(" sort-key *(SP sort-key) ")" SP charset 1*(SP search-key)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from courriel.model.tolerant import read_addresses
from courriel.sandbox.imap import replies
from courriel.sandbox.imap.arguments import Arguments
from courriel.sandbox.imap.conversation import Conversation
from courriel.sandbox.imap.keys import read_keys
from courriel.sandbox.imap.replies import Done, bad, no
from courriel.sandbox.imap.texts import field_text, sent_at
from courriel.sandbox.stored import Entry, StoredMessage

__all__ = ["search", "sort"]

_CHARSETS = {"US-ASCII": "ascii", "ASCII": "ascii", "UTF-8": "utf-8"}
_RETURNS = frozenset(("MIN", "MAX", "ALL", "COUNT"))
_SORT_KEYS = 20


def search(conversation: Conversation, arguments: Arguments, *, by_uid: bool) -> Done:
    """Say which messages pass a test."""
    arguments.space()
    wanted: list[str] | None = None
    if conversation.has("ESEARCH") and arguments.rest[:8].upper() == b"RETURN (":
        wanted = _returns(arguments)
    charset = "utf-8" if conversation.utf8 else "ascii"
    if arguments.rest[:8].upper() == b"CHARSET ":
        if conversation.utf8:
            raise bad("There is no CHARSET with UTF8=ACCEPT (RFC 6855, 3)")
        arguments.word()
        arguments.space()
        charset = _charset(arguments)
        arguments.space()
    # RFC 7162, 3.1.5: MODSEQ is in the answer when it is in the question.
    asks_modseq = b"MODSEQ" in arguments.rest.upper()
    found = _found(conversation, arguments, charset)
    numbers = [entry.id if by_uid else number for number, entry in found]
    modseq = max((entry.modseq for _, entry in found), default=0)
    shown = modseq if asks_modseq and "CONDSTORE" in conversation.enabled else 0
    if wanted is not None:
        conversation.say(_extended(conversation.tag, numbers, wanted, shown, by_uid=by_uid))
    else:
        conversation.say(_plain(b"SEARCH", numbers, shown))
    return Done("That is all")


def sort(conversation: Conversation, arguments: Arguments, *, by_uid: bool) -> Done:
    """Say which messages pass a test, in a certain order."""
    arguments.space()
    orders = _orders(arguments)
    arguments.space()
    charset = _charset(arguments)
    arguments.space()
    found = _found(conversation, arguments, charset)
    # The last key is the least important one, and sorting is stable.
    for order, backwards in reversed(orders):
        # With ``reverse`` equal ones stay in their order, too.
        found.sort(key=partial(_ordered, order), reverse=backwards)
    numbers = [entry.id if by_uid else number for number, entry in found]
    conversation.say(_plain(b"SORT", numbers, 0))
    return Done("That is all")


def _ordered(order: Callable[[Entry], Any], pair: tuple[int, Entry]) -> Any:
    return order(pair[1])


_Found = list[tuple[int, Entry]]


def _found(conversation: Conversation, arguments: Arguments, charset: str) -> _Found:
    view = conversation.selected()
    test = read_keys(conversation, arguments, charset, view)
    return [(number, entry) for number, entry in view.every() if test(entry)]


def _plain(word: bytes, numbers: list[int], modseq: int) -> bytes:
    line = b"".join([word, *(b" %d" % number for number in numbers)])
    return line + (b" (MODSEQ %d)" % modseq if modseq else b"")


def _extended(
    tag: bytes, numbers: list[int], wanted: list[str], modseq: int, *, by_uid: bool
) -> bytes:
    line = b"ESEARCH (TAG %b)" % replies.string(tag) + b" UID" * by_uid
    for word in wanted or ["ALL"]:
        match word:
            case "MIN" if numbers:
                line += b" MIN %d" % numbers[0]
            case "MAX" if numbers:
                line += b" MAX %d" % numbers[-1]
            case "ALL" if numbers:
                line += b" ALL " + replies.number_set(numbers)
            case "COUNT":
                line += b" COUNT %d" % len(numbers)
    return line + (b" MODSEQ %d" % modseq if modseq else b"")


def _returns(arguments: Arguments) -> list[str]:
    arguments.word()
    arguments.space()
    arguments.take(b"(")
    words: list[str] = []
    while not arguments.skip(b")"):
        if words:
            arguments.space()
        word = arguments.word()
        if word not in _RETURNS:
            raise bad("SEARCH knows no such return option")
        if word not in words:
            words.append(word)
    arguments.space()
    return words


def _charset(arguments: Arguments) -> str:
    name = arguments.astring().decode("ascii", "replace").upper()
    if name not in _CHARSETS:
        raise no("That charset is not known", "BADCHARSET (US-ASCII UTF-8)")
    return _CHARSETS[name]


def _orders(arguments: Arguments) -> list[tuple[Callable[[Entry], Any], bool]]:
    arguments.take(b"(")
    orders: list[tuple[Callable[[Entry], Any], bool]] = []
    while True:
        word = arguments.word()
        backwards = word == "REVERSE"
        if backwards:
            arguments.space()
            word = arguments.word()
        if word not in _ORDERS or len(orders) >= _SORT_KEYS:
            raise bad("SORT knows no such key, or has too many")
        orders.append((_ORDERS[word], backwards))
        if arguments.skip(b")"):
            return orders
        arguments.space()


def _mailbox(name: str) -> Callable[[Entry], str]:
    """Sort by the part before the @ of the first address (RFC 5256, 3)."""

    def order(entry: Entry) -> str:
        found, _ = read_addresses((field_text(entry.message, name) or "").partition("\n")[0])
        return found[0].address.partition("@")[0] if found else ""

    return order


_PREFIX = re.compile(
    r"\s*(?:(?:re|fwd?)\s*(?:\[[^\[\]]{0,100}\])?\s*:|\[[^\[\]]{0,100}\](?=\s*\S))"
)
_SUFFIX = re.compile(r"\s*\(fwd\)\s*\Z")


def _subject(entry: Entry) -> str:
    """Return the base subject (RFC 5256, 2.1), but for rare forms of it."""
    subject = " ".join((field_text(entry.message, "subject") or "").split())
    while found := _PREFIX.match(subject):
        subject = subject[found.end() :]
    return _SUFFIX.sub("", subject).strip()


def _date(message: StoredMessage) -> datetime:
    """Return when it was sent, else when it arrived (RFC 5256, 2.2)."""
    return (sent_at(message) or message.arrived).astimezone(UTC)


_ORDERS: Mapping[str, Callable[[Entry], Any]] = {
    "ARRIVAL": lambda entry: entry.message.arrived,
    "CC": _mailbox("cc"),
    "DATE": lambda entry: _date(entry.message),
    "FROM": _mailbox("from"),
    "SIZE": lambda entry: len(entry.message.content),
    "SUBJECT": _subject,
    "TO": _mailbox("to"),
}
