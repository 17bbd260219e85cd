"""ISO-2022-JP as Windows writes it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.model.japanese import from_windows

# The wave dash and a few other signs have two places in Unicode.
KANA_AND_KANJI = st.characters(min_codepoint=0x3041, max_codepoint=0x3093) | st.characters(
    min_codepoint=0x4E00, max_codepoint=0x9FA0, codec="iso2022_jp"
)


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"", ""),
        (b"abc \\~", "abc \\~"),
        (b'\x1b$B-!-"\x1b(B', "①②"),
        (b"\x1b$B-j\x1b(B", "㈱"),
        (b"\x1b$B|q\x1b(B", "ⅰ"),
        (b'\x1b$@$"\x1b(J a', "あ a"),
        (b"\x1b(I1\x1b(B", "ｱ"),
        (b'\x1b$B$"\r\n$$', "あ\r\nい"),
    ],
)
def test_what_windows_writes(octets: bytes, text: str) -> None:
    assert (text, True) == from_windows(octets)


@pytest.mark.parametrize("octets", [b"\x1b$B$", b"\x1b$B))\x1b(B", b'\x1b$(D"/\x1b(B'])
def test_what_nobody_writes(octets: bytes) -> None:
    text, faithful = from_windows(octets)
    assert isinstance(text, str)
    assert not faithful or "$" in text


@given(st.text(KANA_AND_KANJI | st.characters(codec="ascii", exclude_characters="\x1b\x0e\x0f")))
def test_law_the_standard_part_is_read_as_ever(text: str) -> None:
    assert (text, True) == from_windows(text.encode("iso2022_jp"))


@given(st.binary())
def test_law_no_octets_raise(octets: bytes) -> None:
    assert isinstance(from_windows(octets)[0], str)
