"""The choices that describe a session."""

from __future__ import annotations

import math
import pickle
from typing import Any

import pytest

from courriel import Auth, Misused, Security, SessionState, Timeout
from courriel.model.options import LONGEST


@pytest.mark.parametrize(
    ("member", "text"),
    [
        (Security.TLS, "tls"),
        (Security.STARTTLS, "starttls"),
        (Security.PLAINTEXT, "plaintext"),
        (Auth.REQUIRED, "required"),
        (Auth.OPTIONAL, "optional"),
        (SessionState.CLOSED, "closed"),
        (SessionState.OPEN, "open"),
        (SessionState.BROKEN, "broken"),
    ],
)
def test_a_choice_is_its_string(member: Any, text: str) -> None:
    assert text == member
    assert type(member)(text) is member


class TestTimeout:
    def test_the_defaults(self) -> None:
        timeout = Timeout()
        assert (30, 60, None) == (timeout.connect, timeout.read, timeout.total)

    def test_one_number_sets_all_three(self) -> None:
        assert Timeout(5, 5, 5) == Timeout.of(5)
        assert Timeout(0.5, 0.5, 0.5) == Timeout.of(0.5)

    def test_none_waits_for_ever(self) -> None:
        assert Timeout(None, None, None) == Timeout.of(None)

    def test_itself_is_itself(self) -> None:
        timeout = Timeout(read=5)
        assert timeout is Timeout.of(timeout)

    @pytest.mark.parametrize("field", ["connect", "read", "total"])
    @pytest.mark.parametrize(
        "value", [0, -1, -0.001, math.nan, math.inf, -math.inf, 10**400, "5", b"5", [], LONGEST + 1]
    )
    def test_what_is_no_time_is_refused(self, field: str, value: Any) -> None:
        with pytest.raises(Misused, match=f"Timeout: {field} must be"):
            Timeout(**{field: value})
        with pytest.raises(Misused):
            Timeout.of(value)

    @pytest.mark.parametrize("value", [0.001, 1, LONGEST])
    def test_what_is_one_is_taken(self, value: float) -> None:
        assert Timeout(read=value).read == value

    def test_it_is_a_value(self) -> None:
        assert 1 == len({Timeout(1), Timeout(1)})
        assert Timeout(1) == pickle.loads(pickle.dumps(Timeout(1)))
        with pytest.raises(AttributeError):
            Timeout().read = 5  # type: ignore[misc]  # That it cannot be set is the point.
