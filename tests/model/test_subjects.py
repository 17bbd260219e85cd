"""What a subject is about, below what replies and lists have put around it (RFC 5256, 2.1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.model.subjects import base_subject


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("", ""),
        ("apples", "apples"),
        ("Re: apples", "apples"),
        ("RE:Fwd: FW : apples", "apples"),
        ("Re[2]: apples", "apples"),
        ("Re [list] : apples", "apples"),
        ("[list] apples", "apples"),
        ("[list] Re: [other] re: apples (fwd) (FWD)", "apples"),
        ("[list]", "[list]"),
        ("[a][b]", "[b]"),
        ("[Fwd: Re: apples]", "apples"),
        ("Re: [fwd: [list] apples (fwd)]", "apples"),
        ("apples\t and\r\n pears", "apples and pears"),
        ("Re:", ""),
        ("Regarding: apples", "Regarding: apples"),
        ("[not closed apples", "[not closed apples"),
    ],
)
def test_the_base_of_a_subject(subject: str, expected: str) -> None:
    assert expected == base_subject(subject)


@pytest.mark.parametrize("part", ["[", "[]", "[x] ", "re:", "re[", "(fwd)", " ", "[fwd:", "fw"])
def test_long_subjects_cost_little(part: str) -> None:
    base_subject(part * 500_000)


@given(st.text(alphabet="refwd:[]() x", max_size=40))
def test_a_base_is_its_own_base(subject: str) -> None:
    base = base_subject(subject)
    assert base == base_subject(base)
