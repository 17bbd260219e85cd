"""Cutting queries: each piece fits, and put together they find what the whole does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.flows.narrowing import Both, combined, fits, pieces, plan
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
    assert [query] == list(pieces(plan(query)))


def test_a_long_set_is_cut() -> None:
    query = where.ids(ODD) & where.unseen
    cut = list(pieces(plan(query)))
    assert all(octets(each) <= 7_000 for each in cut)
    # As few lines as it takes.
    assert -(-octets(query) // 7_000) == len(cut)


def test_all_but_a_long_set_is_a_set_too() -> None:
    cut = list(pieces(plan(where.seen & ~where.ids(ODD))))
    assert all(octets(each) <= 7_000 for each in cut)
    for uid in (*range(1, 50), *range(39_990, 40_010)):
        assert (uid % 2 == 0) == any(finds(each, uid) for each in cut)


def test_a_long_list_of_texts_is_cut() -> None:
    query = where.any_of(where.subject(f"number {n}") for n in range(1_000))
    cut = list(pieces(plan(query)))
    assert all(octets(each) <= 7_000 for each in cut)
    assert 1_000 == sum(len(each.queries) if isinstance(each, Or) else 1 for each in cut)


@pytest.mark.parametrize("negated", [False, True])
def test_much_that_is_asked_at_once_is_asked_in_parts(negated: bool) -> None:
    subjects = [where.subject(f"number {n}") for n in range(1_000)]
    query = ~where.any_of(subjects) if negated else where.all_of(subjects)
    cut = plan(query)
    assert isinstance(cut, Both)
    assert not fits(query)
    assert all(octets(each) <= 7_000 for each in pieces(cut))
    # As few lines as it takes.
    assert -(-octets(query) // 7_000) == len(cut.plans)
    assert 1_000 == sum(len(each.queries) for each in pieces(cut) if isinstance(each, And))


def test_lists_beside_it_are_cut_by_themselves() -> None:
    subjects = [where.subject(f"number {n}") for n in range(1_000)]
    query = ~where.any_of(subjects) & where.ids(ODD) & where.any_of(subjects)
    cut = list(pieces(plan(query)))
    assert all(octets(each) <= 7_000 for each in cut)
    # Not each part of one with each part of the other.
    assert len(cut) < 2 * -(-octets(query) // 7_000)


def test_what_cannot_be_cut_is_for_the_server_to_refuse() -> None:
    query = where.subject("x" * 9_000)
    assert query == plan(query)
    assert fits(query)


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
    cut = plan(query, room)
    uids = range(1, 65)
    found = [UidSet.of(uid for uid in uids if finds(each, uid)) for each in pieces(cut)]
    together = combined(cut, iter(found))
    assert [uid for uid in uids if finds(query, uid)] == list(together)


@pytest.mark.parametrize("room", [25, 48])
def test_small_rooms_come_to_an_end(room: int) -> None:
    assert list(pieces(plan(where.ids(range(1, 200, 2)) & where.subject("a long text here"), room)))
