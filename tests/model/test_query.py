"""Queries are values: they combine, stay flat, and hold nothing that could leave a command."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from courriel.errors import Misused
from courriel.model.address import Address
from courriel.model.query import All, And, Criterion, Not, Or, Query, where
from courriel.model.querytree import DEPTH, leaves
from courriel.model.searchkeys import KEYS
from courriel.model.uids import HIGHEST, UidSet


def test_the_example_of_the_manual_is_a_tree() -> None:
    query = where.unseen & where.sender("bob") & where.since(date(2026, 11, 1)) & ~where.larger(
        10**6
    ) | where.header("List-Id", "x")
    expected = Or(
        (
            And(
                (
                    Criterion("unseen"),
                    Criterion("sender", "bob"),
                    Criterion("since", date(2026, 11, 1)),
                    Not(Criterion("larger", 1_000_000)),
                )
            ),
            Criterion("header", ("List-Id", "x")),
        )
    )
    assert expected == query
    assert ["unseen", "sender", "since", "larger", "header"] == [leaf.key for leaf in leaves(query)]
    assert 4 == query.depth


def test_long_chains_stay_flat() -> None:
    either, both = where.sender("0"), where.sender("0")
    for number in range(1, 200):
        either |= where.sender(str(number))
        both &= where.sender(str(number))
    assert 2 == either.depth == both.depth
    assert 200 == len(list(leaves(either)))
    assert either == where.any_of(where.sender(str(number)) for number in range(200))
    assert both == where.all_of(where.sender(str(number)) for number in range(200))


def test_all_and_nothing_are_neutral() -> None:
    nothing = ~where.all
    assert All() == where.all
    assert where.seen == where.all & where.seen == nothing | where.seen
    assert where.all == where.all | where.seen == ~nothing
    assert where.all == where.all_of([])
    assert nothing == where.any_of([])
    assert where.seen == ~~where.seen


def test_a_query_has_no_truth() -> None:
    with pytest.raises(Misused, match="&"):
        assert where.unseen and where.sender("bob")


def test_queries_combine_with_queries_only() -> None:
    for combine in (lambda: where.seen & "x", lambda: where.seen | 5):  # type: ignore[operator]  # Wrong on purpose.
        with pytest.raises(TypeError):
            combine()
    with pytest.raises(Misused):
        where.any_of([where.seen, "x"])  # type: ignore[list-item]  # Wrong on purpose.


def test_a_query_cannot_be_too_deep() -> None:
    query: Query = where.seen
    while query.depth < DEPTH:
        query = query & where.flagged if isinstance(query, Not) else ~query
    with pytest.raises(Misused, match="deeper"):
        where.any_of([query, where.draft])


def test_a_query_can_be_kept_and_pickled() -> None:
    query = where.unseen & (where.sender("bob") | ~where.ids(1, 5))
    assert query == pickle.loads(pickle.dumps(query))
    assert 1 == len({query, where.unseen & (where.sender("bob") | ~where.ids(1, 5))})


@pytest.mark.parametrize("word", ["seen", "unseen", "flagged", "answered", "deleted", "draft"])
def test_every_flag_has_its_word(word: str) -> None:
    assert Criterion(word) == getattr(where, word)


def test_every_key_has_a_word() -> None:
    assert [] == [key for key in KEYS if not hasattr(where, key)]


def test_a_recipient_is_anyone_who_was_written_to() -> None:
    assert where.to("bob") | where.cc("bob") | where.bcc("bob") == where.recipient("bob")


def test_an_address_is_a_text() -> None:
    assert where.sender("ada@example.org") == where.sender(Address("Ada", "ada@example.org"))


def test_a_message_id_is_given_with_or_without_brackets() -> None:
    expected = Criterion("header", ("Message-ID", "<a@b>"))
    assert expected == where.message_id("<a@b>") == where.message_id(" a@b ")


def test_a_moment_is_its_day() -> None:
    moment = datetime(2026, 11, 1, 23, 59, tzinfo=UTC)
    assert Criterion("since", date(2026, 11, 1)) == where.since(moment)
    assert type(where.sent_on(moment)) is Criterion
    assert Criterion("younger", 3_600) == where.younger(timedelta(hours=1))


def test_ids_are_gathered() -> None:
    expected = Criterion("ids", UidSet(((1, 1), (5, 9))))
    assert expected == where.ids(1, 5, [6, 7], range(8, 10))
    assert expected == where.ids([1, 5, 6, 7, 8, 9]) == where.ids(UidSet.parse(b"1,5:9"))
    assert Criterion("ids", ("b", "a")) == where.ids("b", ["a", "b"])
    assert ~where.all == where.ids() == where.ids([])


def test_h05_a_range_of_ids_is_not_expanded() -> None:
    assert Criterion("ids", UidSet(((7, HIGHEST),))) == where.id_range(7)
    assert where.ids(range(7, HIGHEST + 1)) == where.id_range(7)
    assert where.ids(7, 8, 9) == where.id_range(7, 9)


@pytest.mark.parametrize(
    ("word", "arguments"),
    [
        *(("ids", (0,)), ("ids", (1, "a")), ("ids", (b"ab",)), ("ids", (1.5,)), ("ids", (True,))),
        *(("id_range", (0,)), ("id_range", ("5",)), ("id_range", (5, 2**32))),
        *(("since", ("2026-11-01",)), ("before", (None,)), ("on", (5,)), ("sent_on", ("",))),
        *(("larger", (-1,)), ("larger", (True,)), ("smaller", ("5",)), ("smaller", (2**63,))),
        *(("younger", (0,)), ("older", (-5,)), ("younger", ("1d",)), ("older", (2**32,))),
        *(("keyword", ("seen",)), ("keyword", ("\\X",)), ("keyword", ("a b",)), ("keyword", ("",))),
        *(("header", ("a b", "x")), ("header", ("", "x")), ("header", ("X:", "x"))),
        *(("header", ("é", "x")), ("header", (5, "x")), ("header", ("X", None))),
        *(("subject", (b"x",)), ("sender", (None,)), ("text", (5,)), ("message_id", (5,))),
        *(("modified_since", (-1,)), ("modified_since", (2**63,)), ("gmail", (None,))),
    ],
    ids=repr,
)
def test_what_cannot_be_asked_is_misused(word: str, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(Misused):
        getattr(where, word)(*arguments)


@pytest.mark.parametrize(
    ("key", "value"),
    [("shiny", None), ("seen", 1), ("ids", None), ("header", "x"), ("ids", UidSet()), ("ids", ())],
)
def test_a_leaf_is_checked_however_it_is_made(key: str, value: Any) -> None:
    with pytest.raises(Misused):
        Criterion(key, value)


def test_i05_no_line_end_in_any_text(breaker: str) -> None:
    words: list[Callable[[str], Query]] = [
        *(where.sender, where.to, where.cc, where.bcc, where.recipient, where.subject, where.body),
        *(where.text, where.gmail, where.keyword, where.message_id, where.ids, where.header),
        *(lambda text: where.header("X", text), lambda text: Criterion("subject", text)),
    ]
    for word in words:
        with pytest.raises(Misused):
            word(breaker)
