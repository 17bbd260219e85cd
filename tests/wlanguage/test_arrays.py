"""Hold the structure's arrays to WLanguage's way of counting."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.errors import Misused
from courriel.wlanguage.arrays import Array
from courriel.wlanguage.faults import WLanguageError


def array(*elements: str) -> Array[str]:
    made = Array[str]("Recipient", (str,), "")
    for element in elements:
        made.Add(element)
    return made


def test_elements_are_counted_from_one() -> None:
    recipients = array()
    recipients[1] = "ada@example.org"
    recipients[2] = "bob@example.org"
    assert "ada@example.org" == recipients[1]
    assert ["ada@example.org", "bob@example.org"] == list(recipients)
    assert 2 == recipients.count == len(recipients)


@pytest.mark.parametrize("number", [0, -1, 2**31, True, "1", 1.0, None])
def test_there_is_no_other_first_element(number: int) -> None:
    recipients = array("ada@example.org")
    with pytest.raises(WLanguageError, match=r"Email\.Recipient.*begin at 1"):
        recipients[number] = "bob@example.org"
    with pytest.raises(WLanguageError, match="begin at 1"):
        recipients[number]


def test_an_element_never_written_reads_as_blank() -> None:
    assert "" == array()[7]


def test_elements_may_be_written_in_any_order() -> None:
    recipients = array()
    recipients[2] = "bob@example.org"
    recipients[1] = "ada@example.org"
    assert ["ada@example.org", "bob@example.org"] == list(recipients)


def test_a_counter_that_is_set_rules() -> None:
    recipients = array("ada@example.org", "bob@example.org", "eve@example.org")
    recipients.count = 2
    assert ["ada@example.org", "bob@example.org"] == list(recipients)
    recipients.count = 0
    assert [] == list(recipients)


def test_a_counter_that_is_set_stays_until_the_array_is_cleared() -> None:
    recipients = array("ada@example.org")
    recipients.count = 1
    recipients[2] = "bob@example.org"
    assert 1 == recipients.count
    recipients.clear()
    recipients[1] = "ada@example.org"
    recipients[2] = "bob@example.org"
    assert 2 == recipients.count


def test_add_goes_behind_the_last_element_that_counts() -> None:
    recipients = array("ada@example.org", "old@example.org")
    recipients.count = 1
    assert 2 == recipients.Add("bob@example.org")
    assert ["ada@example.org", "bob@example.org"] == list(recipients)
    assert 3 == recipients.Ajoute("eve@example.org")


def test_a_gap_that_counts_is_named() -> None:
    recipients = array("ada@example.org")
    recipients.count = 2
    with pytest.raises(Misused, match=r"Email\.Recipient\[2\].*blank.*NbRecipient is 2"):
        list(recipients)


def test_a_huge_counter_costs_nothing() -> None:
    recipients = array("ada@example.org")
    recipients.count = 2**31 - 1
    recipients[2**31 - 1] = "bob@example.org"
    with pytest.raises(Misused, match=r"Recipient\[2\]"):
        list(recipients)


@pytest.mark.parametrize("count", [-1, 2**31, True, "1", 1.5, None])
def test_a_counter_is_a_whole_number(count: int) -> None:
    with pytest.raises(WLanguageError, match=r"Email\.NbRecipient.*whole number"):
        array().count = count


@pytest.mark.parametrize("element", [None, 5, b"ada@example.org", ["ada@example.org"]])
def test_an_element_has_the_type_of_the_array(element: str) -> None:
    with pytest.raises(WLanguageError, match=r"Email\.Recipient\[1\]: must be str"):
        array()[1] = element


def test_replacing_by_its_own_elements_keeps_them() -> None:
    recipients = array("ada@example.org", "bob@example.org")
    recipients.replace(recipients)
    assert ["ada@example.org", "bob@example.org"] == recipients


def test_arrays_are_equal_when_what_counts_is() -> None:
    shortened = array("ada@example.org", "bob@example.org")
    shortened.count = 1
    assert array("ada@example.org") == shortened
    assert array("bob@example.org") != shortened
    assert ("ada@example.org",) != shortened
    assert "['ada@example.org']" == repr(shortened)


@given(st.lists(st.text(min_size=1), max_size=20), st.integers(0, 20))
def test_what_counts_is_the_beginning(elements: list[str], count: int) -> None:
    recipients = array(*elements)
    recipients.count = min(count, len(elements))
    assert elements[:count] == list(recipients)
