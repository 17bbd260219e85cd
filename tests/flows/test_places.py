"""The places of a folder's messages, from either end, while the folder becomes smaller."""

from __future__ import annotations

import pytest

from courriel.flows.places import Places
from courriel.model.uids import UidSet
from courriel.wire.imap.sets import From, NumberSet


def all_of(places: Places, count: int, exists: int) -> list[NumberSet]:
    found: list[NumberSet] = []
    while (numbers := places.take(count, exists)) is not None:
        found.append(numbers)
    return found


def between(first: int, last: int) -> UidSet:
    return UidSet(((first, last),))


def test_upwards() -> None:
    places = Places(10, newest_first=False)
    assert [between(1, 4), between(5, 8), between(9, 10)] == all_of(places, 4, 10)


def test_downwards_the_first_takes_in_who_arrives() -> None:
    places = Places(10, newest_first=True)
    assert [From(7), between(3, 6), between(1, 2)] == all_of(places, 4, 10)


def test_no_more_is_named_than_there_is_now() -> None:
    up, down = Places(10, newest_first=False), Places(10, newest_first=True)
    assert between(1, 4) == up.take(4, 10)
    assert From(7) == down.take(4, 10)
    assert between(5, 5) == up.take(4, 5)
    assert between(2, 5) == down.take(4, 5)
    assert up.take(4, 5) is None
    assert between(1, 1) == down.take(4, 5)


def test_who_arrives_behind_the_end_is_not_waited_for() -> None:
    places = Places(3, newest_first=False)
    assert [between(1, 2), between(3, 3)] == all_of(places, 2, 1000)


@pytest.mark.parametrize("newest_first", [False, True])
def test_an_empty_folder(newest_first: bool) -> None:
    assert [] == all_of(Places(0, newest_first=newest_first), 4, 0)
