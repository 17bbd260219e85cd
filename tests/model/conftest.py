"""What the tests of the model share: values that must never reach a line."""

from __future__ import annotations

import pytest

BREAKERS = [
    "x\r\nBcc: evil@example.net",
    "x\rBcc: evil@example.net",
    "x\nBcc: evil@example.net",
    "x\x00y",
    "x\u2028y",
    "x\u2029y",
    "x\u0085y",
    "x\x9by",
    "x\ud800y",
    "x\x7fy",
    "x\ty",
]


@pytest.fixture(params=BREAKERS, ids=ascii)
def breaker(request: pytest.FixtureRequest) -> str:
    """Give each string that could end a line or cannot be encoded (security catalogue, 1.5)."""
    value = request.param
    assert isinstance(value, str)
    return value
