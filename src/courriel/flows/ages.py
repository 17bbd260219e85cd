"""How old messages are, where the server cannot be asked (WITHIN, RFC 5032).

SINCE and BEFORE go by the calendar day of INTERNALDATE, in whatever zone it is written. So the day
of most messages decides whether they are younger than a moment; those of the two or three days that
the moment may be in are asked for their INTERNALDATE. What was asked for becomes days and ids that
mean the same, and can be searched for, sorted and threaded like anything else.

The clock is ours, where WITHIN would go by the server's.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from courriel.faces import Flow
from courriel.flows.imap_dialogue import ImapDialogue
from courriel.flows.searches import gathered, submit_searches
from courriel.flows.selecting import submit_in
from courriel.model.querytree import (
    And,
    Criterion,
    Not,
    Or,
    Query,
    all_of,
    any_of,
    leaves,
)
from courriel.model.uids import UidSet
from courriel.protocol.imap.tickets import ImapTicket
from courriel.wire.imap.commands import Fetch
from courriel.wire.imap.criteria import charset_for
from courriel.wire.imap.fetched import Fetched
from courriel.wire.imap.fragments import SET_OCTETS

AGES = frozenset({"younger", "older"})

# The date line: no clock is further behind UTC, or further ahead of it.
_WEST = timedelta(hours=12)
_EAST = timedelta(hours=14)
_DAY = timedelta(days=1)


def without_ages(dialogue: ImapDialogue, query: Query, folder: str) -> Flow[Query]:
    """Return a query that means at this moment what ``query`` means, and asks for no age."""
    now = _now()
    ages = dict.fromkeys(leaf for leaf in leaves(query) if leaf.key in AGES)
    moments = {age: now - timedelta(seconds=age.value) for age in ages}
    doubtful = any_of(_doubtful(moment) for moment in moments.values())
    searches = submit_searches(dialogue, all_of((*_beside(query), doubtful)), folder)
    candidates = yield from gathered(dialogue, searches, folder)
    arrivals = yield from _arrivals(dialogue, candidates, folder)
    return _replaced(query, {age: _told(age, moment, arrivals) for age, moment in moments.items()})


def _now() -> datetime:
    return datetime.now(UTC)


def _days(moment: datetime) -> tuple[date, date]:
    """Return the first day that a moment may be in, and the first behind it that it cannot."""
    return (moment - _WEST).date(), (moment + _EAST + _DAY).date()


def _doubtful(moment: datetime) -> Query:
    """Return the messages whose day does not tell whether they came before or behind a moment."""
    first, behind = _days(moment)
    return Criterion("since", first) & Criterion("before", behind)


def _beside(query: Query) -> list[Query]:
    """Return what every message must be besides, so that no others are looked at.

    Texts that need a charset are left to the search itself, which knows what
    to do when the server does not take it.
    """
    return [
        each
        for each in (query.queries if isinstance(query, And) else ())
        if not any(leaf.key in AGES for leaf in leaves(each)) and charset_for(each) is None
    ]


def _arrivals(dialogue: ImapDialogue, uids: UidSet, folder: str) -> Flow[dict[int, datetime]]:
    """Return when messages came."""
    arrivals: dict[int, datetime] = {}
    tickets = [
        submit_in(dialogue, Fetch(piece, ("UID", "INTERNALDATE"), folder=folder), folder)
        for piece in uids.pieces(SET_OCTETS)
    ]
    try:
        for ticket in tickets:
            yield from _learn(ticket, arrivals)
    finally:
        for ticket in tickets:
            ticket.give_up()
    return arrivals


def _learn(ticket: ImapTicket, arrivals: dict[int, datetime]) -> Flow[None]:
    while answers := (yield from ticket.more()):
        for answer in answers:
            if isinstance(answer, Fetched) and answer.uid is not None:
                received = answer.received
                if received is not None:
                    arrivals[answer.uid] = received


def _told(age: Criterion, moment: datetime, arrivals: dict[int, datetime]) -> Query:
    """Return an age as days, and the ids of those that days do not tell."""
    first, behind = _days(moment)
    if age.key == "younger":
        days = Criterion("since", behind)
        ids = UidSet.of(uid for uid, arrival in arrivals.items() if arrival >= moment)
    else:
        days = Criterion("before", first)
        ids = UidSet.of(uid for uid, arrival in arrivals.items() if arrival <= moment)
    return days | Criterion("ids", ids) if ids else days


def _replaced(query: Query, told: dict[Criterion, Query]) -> Query:
    match query:
        case And(queries):
            return all_of(_replaced(each, told) for each in queries)
        case Or(queries):
            return any_of(_replaced(each, told) for each in queries)
        case Not(inner):
            return ~_replaced(inner, told)
        case Criterion():
            return told.get(query, query)
        case _:
            return query
