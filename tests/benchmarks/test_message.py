"""Everybody sends the same message, of exactly the size that is told."""

from __future__ import annotations

from email import message_from_bytes

import pytest

from benchmarks.message import RECIPIENT, SIZE, message


@pytest.mark.parametrize("size", [SIZE, 1000, 1001, 100_000])
def test_a_message_has_the_size_asked_for(size: int) -> None:
    assert len(message(size)) == size


def test_a_message_is_one() -> None:
    source = message()
    assert RECIPIENT in message_from_bytes(source)["To"]
    assert source.endswith(b"\r\n")
    assert source.count(b"\n") == source.count(b"\r\n")
    assert max(map(len, source.split(b"\r\n"))) <= 998


def test_a_message_too_small_for_its_header_is_refused() -> None:
    with pytest.raises(ValueError, match="no room"):
        message(100)
