"""Cutting a query that is too long for one line into several that find the same together.

A query without negated lists only grows with its lists: what it finds for two halves of a list is
together what it finds for the whole. So negations are first moved down to where no list is behind
them; all messages but some are again a list of ids. What is long because much is asked at once is
asked in parts: it means what all of them find.

Only this arithmetic on queries, and on what they find, lives here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from courriel.model.querytree import (
    NONE,
    And,
    Criterion,
    Not,
    Or,
    Query,
    all_of,
    any_of,
)
from courriel.model.uids import HIGHEST, UidSet
from courriel.wire.imap.criteria import search_keys
from courriel.wire.imap.fragments import PLAIN, SET_OCTETS

_EVERY = UidSet(((1, HIGHEST),))
_RANGE = 21
"""Octets of the longest range, "4294967294:4294967295"."""
_WORTH = 16
"""A list shorter than this part of a line is not what makes a query long."""


@dataclass(frozen=True, slots=True)
class Either:
    """What at least one of the plans finds."""

    plans: tuple[Plan, ...]


@dataclass(frozen=True, slots=True)
class Both:
    """What every one of the plans finds."""

    plans: tuple[Plan, ...]


Plan: TypeAlias = "Query | Either | Both"
"""Queries, and how what they find is put together."""


def plan(query: Query, octets: int = SET_OCTETS) -> Plan:
    """Return queries that find together what ``query`` finds, each at most ``octets`` long.

    What cannot be cut any further is longer: it is for the server to refuse.
    """
    if _octets(query) <= octets:
        return query
    return _cut(_without_negated_lists(query), octets)


def pieces(planned: Plan) -> Iterator[Query]:
    """Yield the queries of a plan, in order."""
    if isinstance(planned, Query):
        yield planned
    else:
        for each in planned.plans:
            yield from pieces(each)


def fits(query: Query) -> bool:
    """Whether a query is asked as a whole."""
    return isinstance(plan(query), Query)


def combined(planned: Plan, found: Iterator[UidSet]) -> UidSet:
    """Return what the plan means, given what each of its ``pieces`` has found, in order."""
    if isinstance(planned, Query):
        return next(found)
    parts = [combined(each, found) for each in planned.plans]
    if isinstance(planned, Either):
        return UidSet(tuple(one for part in parts for one in part.ranges))
    common = parts[0]
    for part in parts[1:]:
        common &= part
    return common


def _cut(query: Query, octets: int) -> Plan:
    size = _octets(query)
    if size <= octets:
        return query
    widest = max(_lists(query), key=_octets, default=None)
    width = 0 if widest is None else _octets(widest)
    if isinstance(query, And) and size - width > octets // 2:
        # Too much stands around the list, if there is one, to be repeated with each part of it.
        return Both(tuple(_cut(group, octets) for group in _groups(query.queries, octets)))
    if widest is None or width < octets // _WORTH:
        return query
    # What stands around the list stays, and is repeated with each part of it.
    room = max(octets - (size - width), octets // 2)
    parts = _parts(widest, room)
    return Either(tuple(_cut(_replaced(query, widest, part), octets) for part in parts))


def _groups(queries: Sequence[Query], octets: int) -> Iterator[Query]:
    """Yield what is asked at once in as few parts as fit; what is too long alone is alone."""
    group: list[Query] = []
    size = 0
    for query in queries:
        octets_of_it = _octets(query) + 1
        if group and size + octets_of_it > octets:
            yield all_of(group)
            group, size = [], 0
        group.append(query)
        size += octets_of_it
    yield all_of(group)


def _octets(query: Query) -> int:
    """Return how long the query is on the line, its literals not counted."""
    keys = search_keys(query, PLAIN)
    return sum(len(fragment) for fragment in keys if isinstance(fragment, bytes))


def _lists(query: Query) -> Iterator[Query]:
    """Yield what can be cut, the whole before its parts."""
    match query:
        case And(queries):
            for each in queries:
                yield from _lists(each)
        case Or(queries):
            if len(queries) > 1:
                yield query
            for each in queries:
                yield from _lists(each)
        case Criterion("ids", UidSet() as ids) if len(ids.encode()) > 2 * _RANGE:
            yield query


def _parts(widest: Query, room: int) -> Iterator[Query]:
    if isinstance(widest, Or):
        middle = len(widest.queries) // 2
        yield any_of(widest.queries[:middle])
        yield any_of(widest.queries[middle:])
    elif isinstance(widest, Criterion):
        ids: UidSet = widest.value
        # Should all of it fit after all, it is cut nevertheless, so that this comes to an end.
        half = len(ids.encode()) // 2 + 1
        for piece in ids.pieces(max(_RANGE, min(room - len(b"UID "), half))):
            yield Criterion("ids", piece)


def _replaced(query: Query, old: Query, new: Query) -> Query:
    if query is old:
        return new
    match query:
        case And(queries):
            return all_of(_replaced(each, old, new) for each in queries)
        case Or(queries):
            return any_of(_replaced(each, old, new) for each in queries)
        case _:
            return query


def _without_negated_lists(query: Query, negated: bool = False) -> Query:
    """Return the query, or what it does not mean, with negations only above single criteria."""
    match query:
        case And(queries):
            parts = (_without_negated_lists(each, negated) for each in queries)
            return any_of(parts) if negated else all_of(parts)
        case Or(queries):
            parts = (_without_negated_lists(each, negated) for each in queries)
            return all_of(parts) if negated else any_of(parts)
        case Not(inner):
            return _without_negated_lists(inner, not negated)
        case Criterion("ids", UidSet() as ids) if negated:
            others = _EVERY - ids
            return Criterion("ids", others) if others else NONE
        case _:
            return ~query if negated else query
