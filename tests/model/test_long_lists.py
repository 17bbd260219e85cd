"""A long list of addresses, which is read at once, is read like a short one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.model import tolerant
from courriel.model.tolerant import LONG, read_addresses

USUAL = ["a@b", "Ada <a@b>", '"Lovelace, Ada" <a@b>', "Ada King  <a@b> ", "<a@b>"]
ODD = ["a@b (Ada)", "g: a@b;", "Ada", '"a" b <a@b>', "a @ b", "é <a@b>", "\t", "(c)"]


@pytest.mark.parametrize("entry", USUAL)
def test_all_entries_are_there(entry: str) -> None:
    count = LONG // len(entry) + 1
    found, complete = read_addresses(", ".join([entry] * count))
    assert read_addresses(entry)[0] * count == found
    assert complete


@pytest.mark.parametrize("place", [0, 1, -1])
@pytest.mark.parametrize("entry", ODD)
def test_an_odd_entry_changes_nothing_for_the_others(entry: str, place: int) -> None:
    entries = ["Ada <a@b>"] * (LONG // 8)
    entries.insert(place % len(entries), entry)
    alone = read_addresses(entry)[0]
    found, _ = read_addresses(", ".join(entries))
    assert len(entries) - 1 + len(alone) == len(found)


def test_no_more_than_asked_for_are_given() -> None:
    text = "a@b," * LONG
    assert LONG == len(read_addresses(text)[0])
    found, complete = read_addresses(text, LONG - 1)
    assert (LONG - 1, False) == (len(found), complete)


@given(st.lists(st.sampled_from([*USUAL, *ODD, ",", ";", "<", '"']), max_size=8).map(",".join))
def test_law_it_makes_no_difference(text: str) -> None:
    one_by_one = read_addresses(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tolerant, "LONG", 0)
        assert one_by_one == read_addresses(text)
