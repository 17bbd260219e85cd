"""Searching in an order: by the server where it sorts (RFC 5256), else by what envelopes say.

Where the query itself cannot be given to SORT, because it is too long or the server does not take
its charset, the whole folder is put in order and what was found is picked out of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from courriel.errors import Misused, Refused
from courriel.faces import Flow
from courriel.flows.imap_dialogue import ImapDialogue
from courriel.flows.narrowing import fits
from courriel.flows.searches import check_size
from courriel.flows.searching import askable, find, is_about_charset
from courriel.flows.selecting import folder_of, submit_in
from courriel.model.address import Address
from courriel.model.characters import excerpt
from courriel.model.folder import Folder
from courriel.model.query import All, Query
from courriel.model.subjects import base_subject
from courriel.model.uids import UidSet
from courriel.protocol.imap.tickets import ImapTicket
from courriel.wire.imap.answers import Found
from courriel.wire.imap.commands import Fetch, Sort
from courriel.wire.imap.fetched import Fetched
from courriel.wire.imap.fragments import SET_OCTETS

_OPERATION = "search"
_KEYS = {
    "arrival": "ARRIVAL",
    "cc": "CC",
    "date": "DATE",
    "from": "FROM",
    "sender": "FROM",
    "size": "SIZE",
    "subject": "SUBJECT",
    "to": "TO",
}
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def search(
    dialogue: ImapDialogue, query: Query, folder: str | Folder, sort: str | Iterable[str] | None
) -> Flow[list[int]]:
    """Return the UIDs of the messages that answer a query, ascending, or as ``sort`` says."""
    place = folder_of(dialogue, folder, operation=_OPERATION)
    keys = sort_keys(sort)
    if not keys:
        return list((yield from find(dialogue, query, place)))
    query = yield from askable(dialogue, query, place)
    if "SORT" in dialogue.machine.words:
        return (yield from _sorted_there(dialogue, query, place, keys))
    uids = yield from find(dialogue, query, place)
    return (yield from _sorted_here(dialogue, uids, place, keys))


def sort_keys(sort: str | Iterable[str] | None) -> tuple[str, ...]:
    """Return the keys of SORT for ``"date"``, ``"-date"``, ``("subject", "-size")``.

    Raises Misused for what nobody can sort by.
    """
    words: object = (sort,) if isinstance(sort, str) else sort
    if words is None:
        return ()
    if not isinstance(words, Iterable):
        raise _no_order(words)
    return tuple(map(_sort_key, words))


def _sort_key(word: object) -> str:
    if not isinstance(word, str):
        raise _no_order(word)
    key = _KEYS.get(word.removeprefix("-").lower())
    if key is None:
        raise _no_order(word)
    return f"REVERSE {key}" if word.startswith("-") else key


def _no_order(sort: object) -> Misused:
    return Misused(
        f"messages cannot be sorted by {excerpt(sort)}",
        hint=f"Use {', '.join(_KEYS)}, with - in front for the reverse.",
    )


# By the server.


def _sorted_there(
    dialogue: ImapDialogue, query: Query, folder: str, keys: tuple[str, ...]
) -> Flow[list[int]]:
    if fits(query):
        try:
            return (yield from _in_order(dialogue, query, folder, keys))
        except Refused as error:
            if not is_about_charset(error, query):
                raise
    uids = yield from find(dialogue, query, folder)
    if not uids:
        return []
    ordered = yield from _in_order(dialogue, All(), folder, keys)
    return [uid for uid in ordered if uid in uids]


def _in_order(
    dialogue: ImapDialogue, query: Query, folder: str, keys: tuple[str, ...]
) -> Flow[list[int]]:
    command = Sort(query, keys=keys, folder=folder)
    completed = yield from submit_in(dialogue, command, folder)
    ordered = [uid for found in completed.all(Found) for uid in found.numbers]
    check_size(dialogue, len(ordered), folder)
    return list(dict.fromkeys(ordered))


# By us.


def _sorted_here(
    dialogue: ImapDialogue, uids: UidSet, folder: str, keys: tuple[str, ...]
) -> Flow[list[int]]:
    """Return a set in order (RFC 5256, 3); what somebody else has expunged meanwhile is not in it.

    Nothing but what is compared is kept of each message.
    """
    items = tuple(dict.fromkeys(("UID", *(item for key in keys for item in _ITEMS[_plain(key)]))))
    facts: dict[int, tuple[Any, ...]] = {}
    for piece in uids.pieces(SET_OCTETS):
        ticket = submit_in(dialogue, Fetch(piece, items, folder=folder), folder)
        yield from _learn(ticket, keys, facts)
    # Ties stay in the order of arrival; the last key is sorted by first, since sorting is stable.
    ordered = sorted(facts)
    for place in reversed(range(len(keys))):
        ordered.sort(key=lambda uid: facts[uid][place], reverse=keys[place] != _plain(keys[place]))
    return ordered


def _learn(
    ticket: ImapTicket, keys: tuple[str, ...], facts: dict[int, tuple[Any, ...]]
) -> Flow[None]:
    while answers := (yield from ticket.more()):
        for answer in answers:
            if isinstance(answer, Fetched) and answer.uid is not None and _whole(answer):
                facts[answer.uid] = tuple(_FACTS[_plain(key)](answer) for key in keys)


def _whole(answer: Fetched) -> bool:
    """Whether it is what was asked for, and not news about flags."""
    return not (answer.envelope is None and answer.size is None and answer.arrival is None)


def _plain(key: str) -> str:
    return key.removeprefix("REVERSE ")


def _arrival(answer: Fetched) -> datetime:
    return answer.received or _LONG_AGO


def _date(answer: Fetched) -> datetime:
    sent = answer.read_envelope().date
    if sent is None:
        return _arrival(answer)
    return sent if sent.tzinfo is not None else sent.replace(tzinfo=UTC)


def _subject(answer: Fetched) -> str:
    return base_subject(answer.read_envelope().subject).casefold()


def _first(addresses: tuple[Address, ...]) -> str:
    return addresses[0].local.casefold() if addresses else ""


_FACTS: dict[str, Callable[[Fetched], Any]] = {
    "ARRIVAL": _arrival,
    "CC": lambda answer: _first(answer.read_envelope().cc),
    "DATE": _date,
    "FROM": lambda answer: _first(answer.read_envelope().authors),
    "SIZE": lambda answer: answer.size or 0,
    "SUBJECT": _subject,
    "TO": lambda answer: _first(answer.read_envelope().to),
}
_ITEMS: dict[str, tuple[str, ...]] = {
    "ARRIVAL": ("INTERNALDATE",),
    "CC": ("ENVELOPE",),
    "DATE": ("ENVELOPE", "INTERNALDATE"),
    "FROM": ("ENVELOPE",),
    "SIZE": ("RFC822.SIZE",),
    "SUBJECT": ("ENVELOPE",),
    "TO": ("ENVELOPE",),
}
