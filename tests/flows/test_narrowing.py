"""Cutting queries: each piece fits, and together they find what the whole does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.flows.narrowing import pieces
from courriel.model.query import where
from courriel.model.querytree import And, Criterion, Not, Or, Query
from courriel.model.uids import UidSet
from courriel.wire.imap.criteria import search_keys
from courriel.wire.imap.fragments import PLAIN

ODD = UidSet.of(range(1, 40_000, 2))


def octets(query: Query) -> int:
    return sum(len(part) for part in search_keys(query, PLAIN) if isinstance(part, bytes))


def finds(query: Query, uid: int) -> bool:
    """Whether a query means a message that is known by its UID, seen when that is even."""
    match query:
        case And(queries):
            return all(finds(each, uid) for each in queries)
        case Or(queries):
            return any(finds(each, uid) for each in queries)
        case Not(inner):
            return not finds(inner, uid)
        case Criterion("ids", ids):
            return uid in ids
        case Criterion("seen"):
            return uid % 2 == 0
        case Criterion("flagged"):
            return uid % 3 == 0
        case _:
            return True


def test_what_fits_is_left_as_it_is() -> None:
    query = ~(where.unseen & where.ids(1, 2, 9))
    assert [query] == list(pieces(query))


def test_a_long_set_is_cut() -> None:
    query = where.ids(ODD) & where.unseen
    cut = list(pieces(query))
    assert all(octets(each) <= 7_000 for each in cut)
    # As few lines as it takes.
    assert -(-octets(query) // 7_000) == len(cut)


def test_all_but_a_long_set_is_a_set_too() -> None:
    cut = list(pieces(where.seen & ~where.ids(ODD)))
    assert all(octets(each) <= 7_000 for each in cut)
    for uid in (*range(1, 50), *range(39_990, 40_010)):
        assert (uid % 2 == 0) == any(finds(each, uid) for each in cut)


def test_a_long_list_of_texts_is_cut() -> None:
    query = where.any_of(where.subject(f"number {n}") for n in range(1_000))
    cut = list(pieces(query))
    assert all(octets(each) <= 7_000 for each in cut)
    assert 1_000 == sum(len(each.queries) if isinstance(each, Or) else 1 for each in cut)


def test_what_cannot_be_cut_is_for_the_server_to_refuse() -> None:
    query = where.all_of(where.subject(f"number {n}") for n in range(1_000))
    assert [query] == list(pieces(query))


QUERIES = st.recursive(
    st.one_of(
        st.just(where.seen),
        st.just(where.flagged),
        st.sets(st.integers(1, 60), min_size=1, max_size=30).map(where.ids),
    ),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map(where.all_of),
        st.lists(inner, min_size=1, max_size=4).map(where.any_of),
        inner.map(lambda query: ~query),
    ),
    max_leaves=6,
)


@given(query=QUERIES, room=st.integers(48, 120))
def test_pieces_find_together_what_the_query_finds(query: Any, room: int) -> None:
    cut = list(pieces(query, room))
    for uid in range(1, 65):
        assert finds(query, uid) == any(finds(each, uid) for each in cut)


@pytest.mark.parametrize("room", [25, 48])
def test_small_rooms_come_to_an_end(room: int) -> None:
    assert list(pieces(where.ids(range(1, 200, 2)) & where.subject("a long text here"), room))
