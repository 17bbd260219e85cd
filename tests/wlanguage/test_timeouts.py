"""Hold the timeout to being one setting for the program, 600 seconds until it is changed."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from courriel.model.options import Timeout
from courriel.wlanguage import EmailGetTimeOut, EmailSetTimeOut, WLanguageError
from courriel.wlanguage.state import process


def test_the_default_is_ten_minutes() -> None:
    assert 600 == EmailGetTimeOut()


def test_what_is_set_is_read_back_as_whole_seconds() -> None:
    EmailSetTimeOut(10)
    assert 10 == EmailGetTimeOut()
    assert isinstance(EmailGetTimeOut(), int)


def test_a_duration_may_be_given() -> None:
    EmailSetTimeOut(timedelta(minutes=1, milliseconds=500))
    assert 61 == EmailGetTimeOut()
    assert 60.5 == process.seconds


def test_it_bounds_silence_and_not_the_whole() -> None:
    EmailSetTimeOut(10)
    assert Timeout(connect=10, read=10, total=None) == process.timeout


def test_it_holds_for_all_threads() -> None:
    thread = threading.Thread(target=EmailSetTimeOut, args=(7,))
    thread.start()
    thread.join()
    assert 7 == EmailGetTimeOut()


@pytest.mark.parametrize(
    "timeout", [0, -1, True, "10", None, float("nan"), float("inf"), timedelta(0), timedelta(-1)]
)
def test_anything_else_is_an_error_of_the_program(timeout: float) -> None:
    with pytest.raises(WLanguageError, match=r"^EmailSetTimeOut: the timeout must be a number"):
        EmailSetTimeOut(timeout)
    assert 600 == EmailGetTimeOut()
