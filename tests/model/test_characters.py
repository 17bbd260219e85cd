"""What an error shows of a value is short, and looks like the value."""

from __future__ import annotations

import pytest

from courriel.model.characters import excerpt


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("abc", "'abc'"),
        ("a" * 78, f"'{'a' * 78}'"),
        ("a" * 500, f"'{'a' * 75}...'"),
        (b"a" * 500, f"b'{'a' * 74}...'"),
        ("it's " * 500, '"' + "it's " * 15 + '..."'),
        ([1] * 500, f"[{'1, ' * 25}1..."),
    ],
    ids=range(6),
)
def test_an_excerpt_ends_as_it_begins(value: object, shown: str) -> None:
    assert shown == excerpt(value)
