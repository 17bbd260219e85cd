"""What servers say is shown as text, and moves no cursor."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.wire.words import readable


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"ready", "ready"),
        (b"a\tb", "a\tb"),
        ("café".encode(), "café"),
        ("café".encode("latin-1"), "café"),
        (b"\x1b[31mred\x00\r\n", "\ufffd[31mred\ufffd\ufffd\ufffd"),
        ("a\u202eb\u2028c\x85".encode(), "a\ufffdb\ufffdc\ufffd"),
        (b"", ""),
    ],
)
def test_octets_become_text(octets: bytes, text: str) -> None:
    assert text == readable(octets)


@given(octets=st.binary())
def test_no_control_is_left(octets: bytes) -> None:
    text = readable(octets)
    assert not any((c < " " and c != "\t") or "\x7f" <= c <= "\x9f" for c in text)
