"""Options hold what RFC 3461 allows and nothing that could become a second parameter."""

from __future__ import annotations

from typing import Any

import pytest

from courriel.errors import Misused
from courriel.model.sendoptions import SendOptions


def test_the_defaults_ask_for_nothing() -> None:
    options = SendOptions()
    assert () == options.notify
    assert None is options.return_ is options.envelope_id
    assert None is options.original_recipients
    assert options.size_check
    assert not options.require_tls


def test_words_are_taken_in_any_case_and_order() -> None:
    assert ("SUCCESS", "FAILURE") == SendOptions(notify=("Failure", "success")).notify
    assert ("NEVER",) == SendOptions(notify=("never",)).notify
    assert ("SUCCESS", "DELAY") == SendOptions(notify="success, delay").notify  # type: ignore[arg-type]  # A text is taken too.
    assert "FULL" == SendOptions(return_="full").return_
    assert "HDRS" == SendOptions(return_="Headers").return_ == SendOptions(return_="hdrs").return_


def test_original_recipients_are_known_by_their_path() -> None:
    options = SendOptions(original_recipients={"a@bücher.example": "old@example.org"})
    assert {"a@xn--bcher-kva.example": "old@example.org"} == options.original_recipients


@pytest.mark.parametrize(
    "arguments",
    [
        {"notify": ("never", "success")},
        {"notify": ("always",)},
        {"notify": (5,)},
        {"return_": "half"},
        {"return_": ""},
        {"envelope_id": ""},
        {"envelope_id": "x" * 101},
        {"envelope_id": "é"},
        {"size_check": 1},
        {"require_tls": "yes"},
        {"original_recipients": {"a b@x": "c@d"}},
        {"original_recipients": {"a@x": ""}},
        {"original_recipients": {"a@x": "y" * 501}},
    ],
    ids=str,
)
def test_what_the_rfc_does_not_allow_is_misused(arguments: dict[str, Any]) -> None:
    with pytest.raises(Misused):
        SendOptions(**arguments)


def test_i04_no_line_end_in_any_option(breaker: str) -> None:
    wrong: list[dict[str, Any]] = [
        {"notify": (breaker,)},
        {"return_": breaker},
        {"envelope_id": breaker},
        {"original_recipients": {breaker: "a@x"}},
        {"original_recipients": {"a@x": breaker}},
    ]
    for arguments in wrong:
        with pytest.raises(Misused):
            SendOptions(**arguments)
