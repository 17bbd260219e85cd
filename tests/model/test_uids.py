"""Sets of message numbers stay ranges, whatever they name, and say what they were told."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.errors import Misused
from courriel.model.uids import HIGHEST, UidSet

NUMBERS = st.integers(1, HIGHEST)
SMALL = st.sets(st.integers(1, 60))
RANGES = st.lists(st.tuples(NUMBERS, NUMBERS), max_size=20).map(tuple)


def test_numbers_become_ranges_sorted_and_merged() -> None:
    uids = UidSet.of([9, 3, 1, 2, 5, 3])
    assert ((1, 3), (5, 5), (9, 9)) == uids.ranges
    assert "1:3,5,9" == str(uids)
    assert b"1:3,5,9" == uids.encode()
    assert [1, 2, 3, 5, 9] == list(uids)
    assert 5 == len(uids)
    assert (1, 9) == (uids.least, uids.greatest)


def test_ranges_may_be_given_in_any_order_and_touch() -> None:
    assert UidSet(((1, 9),)) == UidSet(((7, 9), (4, 1), (5, 6)))


def test_the_empty_set_is_false_and_has_no_text() -> None:
    assert not UidSet()
    assert not UidSet.of([])
    assert not UidSet.of(range(5, 5))
    assert b"" == UidSet().encode()
    assert [] == list(UidSet().pieces(100))
    assert None is UidSet().least is UidSet().greatest


def test_h05_four_thousand_million_messages_are_two_numbers() -> None:
    everything = UidSet.parse(b"1:4294967295")
    assert ((1, HIGHEST),) == everything.ranges
    assert HIGHEST == len(everything)
    assert 4_000_000_000 in everything
    assert HIGHEST - 1 == len(everything - UidSet.of([7]))
    assert everything == UidSet.of(range(1, HIGHEST + 1))
    assert 1 == next(iter(everything))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"1", "1"),
        (b"2,4:7,9,12:15", "2,4:7,9,12:15"),
        (b"15:12,9,4:7,2", "2,4:7,9,12:15"),
        (b"304,319:320", "304,319:320"),
        (b"5:5", "5"),
        (b"007", "7"),
        (b"4294967295", "4294967295"),
    ],
)
def test_sequence_sets_are_read(text: bytes, expected: str) -> None:
    assert expected == str(UidSet.parse(text))


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b"0", b"*", b"1:*", b"1,", b",1", b"1:", b":1", b"1::2", b"1 2", b"-1", b"1:0"),
        *(b"4294967296", b"1:99999999999", b"1\r\n2", b"a", b"1.5", "\u0661".encode(), b"1\x00"),
    ],
)
def test_what_is_no_sequence_set_is_a_value_error(text: bytes) -> None:
    with pytest.raises(ValueError):
        UidSet.parse(text)


def test_more_ranges_than_are_wanted_are_refused_before_they_are_read() -> None:
    assert "1,3" == str(UidSet.parse(b"1,3", most=2))
    with pytest.raises(ValueError, match="more than 2 ranges"):
        UidSet.parse(b"1,3,5", most=2)


@pytest.mark.parametrize("ids", ["15", b"15", 5, None, [0], [-1], [2**32], [True], ["5"], [1.0]])
def test_what_is_no_list_of_numbers_is_misused(ids: Any) -> None:
    with pytest.raises(Misused):
        UidSet.of(ids)


@pytest.mark.parametrize("ranges", [((0, 1),), ((1, 2**32),), (("1", 2),), ((True, 2),)])
def test_ranges_are_checked_too(ranges: Any) -> None:
    with pytest.raises(Misused):
        UidSet(ranges)


def test_a_piece_must_have_room_for_a_range() -> None:
    with pytest.raises(Misused):
        UidSet.of([1]).pieces(20)


def test_other_things_are_not_in_it() -> None:
    assert "1" not in UidSet.of([1])
    assert 0 not in UidSet.of([1])
    with pytest.raises(TypeError):
        UidSet.of([1]) | {2}  # type: ignore[operator]  # Wrong on purpose.


def test_a_long_set_is_shown_short() -> None:
    assert "UidSet('1:3,5')" == repr(UidSet.of([1, 2, 3, 5]))
    assert len(repr(UidSet.of(range(1, 1_000, 2)))) < 60


@given(RANGES)
def test_law_what_is_written_is_read_back(ranges: tuple[tuple[int, int], ...]) -> None:
    uids = UidSet(ranges)
    if uids:
        assert uids == UidSet.parse(uids.encode())
    assert uids == pickle.loads(pickle.dumps(uids))
    assert hash(uids) == hash(UidSet(tuple(reversed(ranges))))


@given(SMALL, SMALL)
def test_law_sets_do_what_sets_do(left: set[int], right: set[int]) -> None:
    mine, other = UidSet.of(left), UidSet.of(right)
    assert UidSet.of(left | right) == mine | other
    assert UidSet.of(left - right) == mine - other
    assert UidSet.of(left & right) == mine & other
    assert sorted(left) == list(mine)
    assert len(left) == len(mine)
    assert all((number in left) == (number in mine) for number in range(62))


@given(RANGES, st.integers(21, 80))
def test_law_pieces_fit_and_make_the_whole(
    ranges: tuple[tuple[int, int], ...], octets: int
) -> None:
    uids = UidSet(ranges)
    pieces = list(uids.pieces(octets))
    assert all(1 <= len(piece.encode()) <= octets for piece in pieces)
    assert uids.encode() == b",".join(piece.encode() for piece in pieces)
