"""A secret shows itself to nobody who does not ask for it by name."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import traceback
from typing import Any

import pytest

from courriel import Misused, Secret

WORD = "correct horse"


def test_it_is_revealed_on_demand_only() -> None:
    assert WORD == Secret(WORD).reveal()
    assert WORD == Secret(Secret(WORD)).reveal()


@pytest.mark.parametrize(
    "shown",
    [
        repr(Secret(WORD)),
        str(Secret(WORD)),
        f"{Secret(WORD)}",
        f"{Secret(WORD)!r:>40}",
        f"{Secret(WORD):40}",
        "%s %r" % (Secret(WORD), [Secret(WORD)]),  # noqa: UP031 - This way too.
        str({"password": Secret(WORD)}),
        str(dir(Secret(WORD))),
    ],
)
def test_it_never_shows(shown: str) -> None:
    assert "horse" not in shown


def test_nor_in_a_log_nor_in_a_traceback_with_locals(caplog: pytest.LogCaptureFixture) -> None:
    password = Secret(WORD)
    try:
        logging.getLogger("test").error("signing in with %s", password)
        raise ValueError(password)
    except ValueError as error:
        lines = traceback.TracebackException.from_exception(error, capture_locals=True).format()
        told = "".join(lines)
    assert "password" in told
    assert "horse" not in told.replace(f'WORD = "{WORD}"', "")
    assert "horse" not in caplog.text


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_does_not_leave_the_process(protocol: int) -> None:
    with pytest.raises(TypeError, match="cannot be pickled") as caught:
        pickle.dumps(Secret(WORD), protocol)
    assert "horse" not in str(caught.value)
    with pytest.raises(TypeError):
        json.dumps(Secret(WORD))


def test_it_has_no_dictionary_to_look_into() -> None:
    with pytest.raises(TypeError):
        vars(Secret(WORD))


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("a", "a", True),
        ("a", "b", False),
        ("", "", True),
        ("ü", "ü", True),
        ("ü", "u", False),
        ("\ud800", "\ud800", True),
        ("\ud800", "a", False),
    ],
)
def test_secrets_are_compared(left: str, right: str, same: bool) -> None:
    assert same == (Secret(left) == Secret(right))
    assert same == (hash(Secret(left)) == hash(Secret(right)))


def test_a_secret_is_no_string() -> None:
    assert Secret(WORD) != WORD
    assert WORD != Secret(WORD)


def test_an_empty_one_is_false() -> None:
    assert Secret(WORD)
    assert not Secret("")


@pytest.mark.parametrize("value", [b"bytes", None, 5, ["a"]])
def test_only_a_string_can_be_one(value: Any) -> None:
    with pytest.raises(Misused):
        Secret(value)


def test_a_copy_is_refused_as_pickling_is() -> None:
    with pytest.raises(TypeError):
        copy.deepcopy(Secret(WORD))
