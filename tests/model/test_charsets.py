"""A charset is found under every name that mail calls it by."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.model.charsets import codec_named


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("utf-8", "utf-8"),
        ('"UTF-8"', "utf-8"),
        ("utf8mb4", "utf-8"),
        ("US-ASCII (Plain text)", "utf-8"),
        ("x-us-ascii", "utf-8"),
        ("latin1", "cp1252"),
        ("l1", "cp1252"),
        ("ISO_8859-1:1987", "cp1252"),
        ("8859_1", "cp1252"),
        ("iso-8859-8-i", "iso8859-8"),
        ("iso88595", "iso8859-5"),
        ("windows1251", "cp1251"),
        ("x-cp1250", "cp1250"),
        ("windows-1252text/html", "cp1252"),
        ("windows-31j", "cp932"),
        ("windows-949", "cp949"),
        ("windows-874", "cp874"),
        ("windows-65001", "utf-8"),
        ("windows-28592", "iso8859-2"),
        ("cp50221", "iso2022_jp_ext"),
        ("x-euc-jp", "euc_jp"),
        ("csGB2312", "gb18030"),
        ("x-mac-cyrillic", "mac-cyrillic"),
        ("3Diso-8859-2", "iso8859-2"),
        ("charset=koi8-r", "koi8-r"),
    ],
)
def test_names_of_charsets(name: str, codec: str) -> None:
    assert codec == codec_named(name)


@pytest.mark.parametrize(
    "name", ["", "none", "8bit", "iso-8859-12", "iso-8859-99", "windows-99999", "x" * 5_000]
)
def test_names_of_nothing(name: str) -> None:
    assert codec_named(name) is None


@pytest.mark.parametrize("name", ["base64", "zip", "idna", "punycode", "unicode_escape", "rot13"])
def test_codecs_that_are_no_charsets(name: str) -> None:
    assert codec_named(name) is None


@given(st.text(max_size=80))
def test_law_a_name_is_a_charset_or_none(name: str) -> None:
    codec = codec_named(name)
    assert codec is None or isinstance(codecs.decode(b"", codec), str)
