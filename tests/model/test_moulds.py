"""A value from a mould is the value: equal, frozen, and of its class."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, fields

import pytest

from courriel.model.envelope import Envelope
from courriel.model.moulds import mould
from courriel.model.summary import Part, Summary

FACTS = ("1", "text/plain", "a.txt", 5, "7bit", "utf-8", "inline", "id", {"a": "b"}, 4, "")


def test_it_is_the_same_as_any_other() -> None:
    made, other = mould(Part)(*FACTS), Part(*FACTS)
    assert type(made) is Part
    assert other == made
    assert hash(other) == hash(made)
    assert repr(other) == repr(made)
    assert made.is_text is other.is_text


def test_it_is_frozen() -> None:
    made = mould(Part)(*FACTS)
    with pytest.raises(FrozenInstanceError):
        made.path = "2"  # type: ignore[misc]  # That is the point.


def test_it_travels() -> None:
    made = mould(Part)(*FACTS)
    assert made == pickle.loads(pickle.dumps(made))
    assert made == copy.deepcopy(made)


def test_a_value_with_a_constructor_of_its_own() -> None:
    summary = Summary(4, "INBOX", 9, frozenset({"x"}), None, Envelope(subject="Hi"))
    facts = [getattr(summary, one.name) for one in fields(summary)]
    assert summary == mould(Summary)(*facts)


def test_all_fields_are_wanted() -> None:
    with pytest.raises(TypeError):
        mould(Part)("1")
