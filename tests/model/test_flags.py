"""Flags have one spelling, and nothing that could leave a flag list is one."""

from __future__ import annotations

from typing import Any

import pytest

from courriel.errors import Misused
from courriel.model.flags import FLAGGED, FORWARDED, SEEN, canonical, flags_of


def test_system_flags_may_be_written_as_people_do() -> None:
    assert ("\\Seen", "\\Flagged") == flags_of(["seen", "\\FLAGGED"])
    assert (SEEN,) == flags_of("Seen")
    assert ("\\Answered", "\\Deleted", "\\Draft") == flags_of(("answered", "deleted", "DRAFT"))


def test_keywords_keep_their_spelling() -> None:
    assert (FORWARDED, "Work_2026", "\\X-Own") == flags_of([FORWARDED, "Work_2026", "\\X-Own"])


def test_each_is_given_once() -> None:
    assert (SEEN, "todo") == flags_of(["seen", "todo", "\\Seen", "TODO"])


def test_the_flag_that_no_client_can_set_is_left_out() -> None:
    assert (FLAGGED,) == flags_of(frozenset({"\\Recent", "\\Flagged"}))


@pytest.mark.parametrize(
    "flag",
    [
        *("", " ", "a b", "a)", "(a", "a{3}", "100%", "a*", 'a"', "\\", "\\\\Seen", "a\\b", "a]"),
        *("é", "a\x7f", "x" * 1_001, 5, None, b"\\Seen"),
    ],
    ids=ascii,
)
def test_what_cannot_be_a_flag_is_misused(flag: Any) -> None:
    with pytest.raises(Misused):
        flags_of([flag])


@pytest.mark.parametrize("value", [5, None, b"\\Seen"])
def test_what_holds_no_flags_is_misused(value: Any) -> None:
    with pytest.raises(Misused):
        flags_of(value)


def test_no_line_end_in_any_flag(breaker: str) -> None:
    with pytest.raises(Misused):
        flags_of(breaker)


def test_what_a_server_wrote_is_spelt_our_way() -> None:
    assert SEEN == canonical("\\SEEN")
    assert "seen" == canonical("seen")
    assert "\\XYZ" == canonical("\\XYZ")
