"""Searching where the server knows no charset but ASCII: it finds too much, the rest is done here.

The server is asked for what the query means without its foreign words, and every message that it
finds is looked at with ``model.matching``: of as little of it as decides the question.
"""

from __future__ import annotations

from courriel.faces import Flow
from courriel.flows.imap_dialogue import ImapDialogue
from courriel.flows.searches import gathered, submit_searches
from courriel.flows.selecting import submit_in
from courriel.model.email import Email
from courriel.model.matching import matches, reach
from courriel.model.query import Query
from courriel.model.spool import Spool
from courriel.model.uids import UidSet
from courriel.protocol.imap.tickets import ImapTicket
from courriel.wire.imap.commands import Fetch
from courriel.wire.imap.criteria import ascii_superset
from courriel.wire.imap.fetched import Fetched
from courriel.wire.imap.fragments import SET_OCTETS
from courriel.wire.imap.items import peek

_SECTIONS = {"header": "HEADER", "body": ""}


def sift(dialogue: ImapDialogue, query: Query, folder: str) -> Flow[UidSet]:
    """Return the UIDs of the messages that answer ``query``, asked in ASCII alone.

    Raises NotSupported for criteria that only the server can answer.
    """
    section = _SECTIONS.get(reach(query, flags=True))
    searches = submit_searches(dialogue, ascii_superset(query), folder)
    candidates = yield from gathered(dialogue, searches, folder)
    items = ["UID", "FLAGS", "INTERNALDATE", "RFC822.SIZE"]
    words = (*items, *(() if section is None else (peek(section),)))
    kept: list[int] = []
    for piece in candidates.pieces(SET_OCTETS):
        ticket = submit_in(dialogue, Fetch(piece, words, folder=folder), folder)
        kept += yield from _sifted(ticket, query, section)
    return UidSet.of(kept)


def _sifted(ticket: ImapTicket, query: Query, section: str | None) -> Flow[list[int]]:
    """Return which messages match, each looked at as it comes and held no longer."""
    kept: list[int] = []
    while answers := (yield from ticket.more()):
        for answer in answers:
            if isinstance(answer, Fetched) and _matches(answer, query, section):
                kept.append(answer.uid or 0)
    return kept


def _matches(answer: Fetched, query: Query, section: str | None) -> bool:
    content = b"" if section is None else answer.sections.get(section)
    if answer.uid is None or answer.size is None or content is None:
        # News about flags, or a message that is gone.
        return False
    return matches(
        query,
        Email.from_source(content.read() if isinstance(content, Spool) else content),
        flags=answer.flags or frozenset(),
        received=answer.received,
        size=answer.size,
        id=answer.uid,
    )
