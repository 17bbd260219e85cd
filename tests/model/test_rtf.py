"""RTF, packed and not, becomes text; HTML wrapped in it comes out again."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.model.codepages import codec_of
from courriel.model.lzfu import unpacked
from courriel.model.rtf import read_rtf
from tests.model.winmail import compressed
from tests.toil import linear

# The examples of [MS-OXRTFCP], 3.1 and 3.2.
SIMPLE = bytes.fromhex(
    "2d0000002b0000004c5a4675f1c5c7a703000a00726370673132354232"
    "0af3206865 6c090020627705b06c647d0a800fa0"
)
CROSSING = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")


def test_the_examples_of_the_specification() -> None:
    assert (rb"{\rtf1\ansi\ansicpg1252\pard hello world}" + b"\r\n", None) == unpacked(SIMPLE)
    assert (rb"{\rtf1 WXYZWXYZWXYZWXYZWXYZ}", None) == unpacked(CROSSING)


@given(st.binary(max_size=100))
def test_law_what_was_packed_is_unpacked(rtf: bytes) -> None:
    assert (rtf, None) == unpacked(compressed(rtf))
    assert (rtf, None) == unpacked(compressed(rtf, kind=b"MELA"))
    assert rtf[:9] == unpacked(compressed(rtf), 9)[0]


def test_a_size_that_lies_is_not_believed() -> None:
    rtf, defect = unpacked(compressed(b"short", size=0xFFFFFFF0))
    assert b"short" == rtf
    assert "compressed RTF that is not as long as it says" == defect


@pytest.mark.parametrize(
    ("octets", "defect"),
    [
        (b"", "compressed RTF without its header"),
        (SIMPLE[:8] + b"????" + SIMPLE[12:], "RTF in an unknown compression"),
        (SIMPLE[:-3] + b"xyz", "compressed RTF with a wrong checksum"),
        (struct.pack("<II4sI", 0, 0, b"LZFu", 0), "compressed RTF that is not as long as it says"),
    ],
)
def test_what_is_wrong_is_said(octets: bytes, defect: str) -> None:
    assert defect == unpacked(octets)[1]


@pytest.mark.parametrize(
    ("rtf", "text"),
    [
        (rb"{\rtf1\ansi hello}", "hello"),
        (rb"{\rtf1 a\par b\line c\tab d}", "a\nb\nc\td"),
        (rb"{\rtf1\ansicpg1251 \'cf\'f0\'e8}", "При"),
        (rb"{\rtf1\ansicpg936 \'c4\'e3}", "你"),
        (rb"{\rtf1\u8364?\u233\'e9 x}", "€é x"),
        (rb"{\rtf1\uc2\u8364??{\uc0\u233}\u233 ??y}", "€ééy"),
        (rb"{\rtf1\u-10179?\u-8704?}", "\U0001f600"),
        (rb"{\rtf1\u-10179?}", "\ufffd"),
        (rb"{\rtf1{\fonttbl{\f0 Arial;}}{\*\unknown gone}{\pict 00ff}a}", "a"),
        (rb"{\rtf1 \{x\}\\ \~y\emdash}", "{x}\\ \u00a0y\u2014"),
        (b"{\\rtf1 a\r\nb\\\nc}", "ab\nc"),
        (rb"{\rtf1 a\bin4 }}}}b}", "ab"),
        (rb"{\rtf1 a\bin99999 b}", "a"),
        (rb"{\rtf1 a}}}}}b", "ab"),
        (b"\\", ""),
        (b"\\'zz", "'zz"),
        (b"", ""),
    ],
)
def test_text(rtf: bytes, text: str) -> None:
    assert (text, False) == read_rtf(rtf)


def test_html_that_was_wrapped_comes_out() -> None:
    rtf = (
        rb"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0 Arial;}}"
        rb"{\*\htmltag64 <p class=\'22x\'22>}\htmlrtf \par \htmlrtf0 Gr\'fc\'dfe"
        rb"{\*\htmltag84 &nbsp;}\htmlrtf \'a0\htmlrtf0 {\*\htmltag72 </p>\par }"
        rb"\u8364?{\*\mhtmltag1 gone}}"
    )
    assert ('<p class="x">Grüße&nbsp;</p>\n€', True) == read_rtf(rtf)


@pytest.mark.parametrize(
    ("page", "codec"),
    [(1252, "cp1252"), (65001, "utf-8"), (28592, "iso-8859-2"), (20866, "koi8-r"), (0, None)],
)
def test_code_pages(page: int, codec: str | None) -> None:
    assert (codec or "windows-1252") == codec_of(page)


@pytest.mark.parametrize(
    "piece",
    [b"{", b"}", b"{}", b"\\", b"\\u1", b"\\'a", b"{\\*", b"\\uc16 ", b"\\par", b"\n", b"a"],
)
def test_bombs_take_linear_time(piece: bytes) -> None:
    with linear():
        read_rtf(b"{\\rtf1" + piece * (1_000_000 // len(piece)))


def test_packed_bombs_take_linear_time() -> None:
    references = (b"\xff" + b"\x00\x0f" * 8) * 60_000
    with linear():
        rtf, _ = unpacked(struct.pack("<II4sI", len(references) + 12, 0, b"LZFu", 0) + references)
    assert len(references) * 10 > len(rtf)


@given(st.binary(max_size=200), st.text(alphabet="\\{}'u*0 9ahtmlrg", max_size=200))
def test_law_nothing_raises(octets: bytes, text: str) -> None:
    for rtf in (octets, text.encode(), b"{\\rtf1\\fromhtml1 " + text.encode()):
        assert isinstance(read_rtf(rtf)[0], str)
    assert isinstance(unpacked(octets)[0], bytes)
    unpacked(struct.pack("<II4sI", len(octets) + 12, 0, b"LZFu", 0) + octets)
