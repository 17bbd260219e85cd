"""Ask for messages in values: ``where.unseen & where.sender("bob") & ~where.larger(1_000_000)``.

A query is a tree that knows no protocol: IMAP writes it as SEARCH, ``matching`` evaluates it on a
message, and other backends translate it into their own language. ``&``, ``|`` and ``~`` build it;
long chains stay flat, and depth is bounded, so that every reader may walk it by recursion.

Only the tree lives here; its leaves are checked in ``searchkeys``, the words for them are in
``query``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from courriel.errors import Misused
from courriel.model.searchkeys import checked

__all__ = [
    "DEPTH",
    "NONE",
    "All",
    "And",
    "Criterion",
    "Not",
    "Or",
    "Query",
    "all_of",
    "any_of",
    "leaves",
]

DEPTH = 50
"""Levels of a query. People write three; servers stop at about a hundred."""

_OPERATION = "where"


class Query:
    """Which messages are meant. Combine with ``&`` (both), ``|`` (either) and ``~`` (not).

    A query has no truth: ``and``, ``or`` and ``not`` raise Misused, because
    they would silently drop one side. Nesting deeper than ``DEPTH`` raises
    Misused too.
    """

    __slots__ = ()

    @property
    def depth(self) -> int:
        """The levels of the tree, 1 for a leaf."""
        return 1

    def __and__(self, other: Query) -> Query:
        if not isinstance(other, Query):
            return NotImplemented
        return all_of((self, other))

    def __or__(self, other: Query) -> Query:
        if not isinstance(other, Query):
            return NotImplemented
        return any_of((self, other))

    def __invert__(self) -> Query:
        return Not(self)

    def __bool__(self) -> bool:
        raise Misused(
            "a query is neither true nor false",
            operation=_OPERATION,
            hint="Combine queries with & | ~ instead of and, or, not.",
        )


@dataclass(frozen=True, slots=True)
class All(Query):
    """Every message."""

    def __invert__(self) -> Query:
        return NONE


@dataclass(frozen=True, slots=True)
class Criterion(Query):
    """One thing that is asked: ``key`` and ``value`` as the table in ``searchkeys`` says.

    Raises Misused for an unknown key and for a value that it cannot have.
    """

    key: str
    value: Any = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", checked(self.key, self.value))


@dataclass(frozen=True, slots=True)
class And(Query):
    """The messages that every one of ``queries`` means."""

    queries: tuple[Query, ...]
    _depth: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_depth", _checked_depth(self.queries))

    @property
    def depth(self) -> int:
        """The levels of the tree."""
        return self._depth


@dataclass(frozen=True, slots=True)
class Or(Query):
    """The messages that at least one of ``queries`` means."""

    queries: tuple[Query, ...]
    _depth: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_depth", _checked_depth(self.queries))

    @property
    def depth(self) -> int:
        """The levels of the tree."""
        return self._depth


@dataclass(frozen=True, slots=True)
class Not(Query):
    """The messages that ``query`` does not mean."""

    query: Query
    _depth: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_depth", _checked_depth((self.query,)))

    @property
    def depth(self) -> int:
        """The levels of the tree."""
        return self._depth

    def __invert__(self) -> Query:
        return self.query


def _checked_depth(queries: Iterable[Query]) -> int:
    depth = 1
    for query in queries:
        if not isinstance(query, Query):
            raise Misused(f"{type(query).__name__} is no query", operation=_OPERATION)
        depth = max(depth, query.depth + 1)
    if depth > DEPTH:
        raise Misused(
            f"a query nested deeper than {DEPTH}",
            operation=_OPERATION,
            hint="Put long lists into where.any_of or where.all_of.",
        )
    return depth


NONE = Not(All())
"""No message."""


def all_of(queries: Iterable[Query]) -> Query:
    """Return what every one of ``queries`` means, flat; all messages when there is none."""
    flat: list[Query] = []
    for query in queries:
        if isinstance(query, And):
            flat += query.queries
        elif not isinstance(query, All):
            flat.append(query)
    if len(flat) < 2:
        return flat[0] if flat else All()
    return And(tuple(flat))


def any_of(queries: Iterable[Query]) -> Query:
    """Return what one of ``queries`` means, flat; no message when there is none."""
    flat: list[Query] = []
    for query in queries:
        if isinstance(query, All):
            return query
        if isinstance(query, Or):
            flat += query.queries
        elif query != NONE:
            flat.append(query)
    if len(flat) < 2:
        return flat[0] if flat else NONE
    return Or(tuple(flat))


def leaves(query: Query) -> Iterator[Criterion]:
    """Yield every criterion of a query, in the order in which they were written."""
    waiting = [query]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Criterion):
            yield each
        elif isinstance(each, (And, Or)):
            waiting += reversed(each.queries)
        elif isinstance(each, Not):
            waiting.append(each.query)
