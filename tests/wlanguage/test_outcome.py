"""Hold ErrorOccurred and ErrorInfo to the last function of the thread that asks."""

from __future__ import annotations

import threading

import pytest

from courriel.errors import Disconnected, Misused, Refused
from courriel.wlanguage import (
    Email,
    ErrorInfo,
    ErrorOccurred,
    WLanguageError,
    errCode,
    errFullDetails,
    errInfo,
    errInfoDebug,
    errMessage,
    errSummary,
    errSystemCode,
    errSystemMessage,
)
from courriel.wlanguage.outcome import reported
from courriel.wlanguage.structure import EmailStructure


def refuse() -> str:
    raise Refused("no", operation="send", hint="Ask.", code=550, text="not here")


def succeed() -> str:
    return ""


def test_nothing_has_happened_at_first() -> None:
    assert not ErrorOccurred
    assert "" == ErrorInfo() == ErrorInfo(errMessage) == ErrorInfo(errFullDetails)
    assert 0 == ErrorInfo(errCode) == ErrorInfo(errSystemCode)


def test_an_expected_failure_is_false_and_remembered() -> None:
    assert not reported(refuse)
    assert ErrorOccurred
    assert "send: no. Ask." == ErrorInfo() == ErrorInfo(errMessage) == Email.Error
    assert ("no", 550, "not here") == (
        ErrorInfo(errSummary),
        ErrorInfo(errCode),
        ErrorInfo(errInfo),
    )
    assert "Refused: send" == ErrorInfo(errInfoDebug)
    assert "Code: 550" in ErrorInfo(errFullDetails)
    assert "" == ErrorInfo(errSystemMessage)


def test_a_success_forgets_the_failure() -> None:
    reported(refuse)
    assert reported(succeed)
    assert not ErrorOccurred
    assert "" == ErrorInfo() == Email.Error


def test_a_success_may_have_something_to_tell() -> None:
    assert reported(lambda: "bob was refused")
    assert not ErrorOccurred
    assert "bob was refused" == ErrorInfo(errMessage) == Email.Error


def test_the_structure_that_was_used_gets_the_text() -> None:
    mine = EmailStructure()
    reported(refuse, mine)
    assert ("send: no. Ask.", "") == (mine.Error, Email.Error)


@pytest.mark.parametrize(
    "error", [Misused("bad address"), Disconnected("gone"), OSError("no disk")]
)
def test_every_expected_failure_is_false(error: Exception) -> None:
    def fail() -> str:
        raise error

    assert not reported(fail)
    assert str(error) == ErrorInfo()


@pytest.mark.parametrize(
    "error", [WLanguageError("no session"), KeyError("bug"), KeyboardInterrupt()]
)
def test_wrong_use_and_bugs_are_raised(error: BaseException) -> None:
    def fail() -> str:
        raise error

    with pytest.raises(type(error)):
        reported(fail)
    assert not ErrorOccurred


def test_error_occurred_works_in_all_its_forms() -> None:
    assert not ErrorOccurred()
    assert ErrorOccurred == False  # noqa: E712 - The original compares like this.
    assert "False" == repr(ErrorOccurred)
    reported(refuse)
    assert ErrorOccurred()
    assert ErrorOccurred == True  # noqa: E712 - The original compares like this.
    assert ErrorOccurred != "True"
    assert "True" == repr(ErrorOccurred)


def test_each_thread_has_its_own_error() -> None:
    reported(refuse)
    seen: list[object] = []
    thread = threading.Thread(target=lambda: seen.extend([bool(ErrorOccurred), ErrorInfo()]))
    thread.start()
    thread.join()
    assert [False, ""] == seen
    assert ErrorOccurred


@pytest.mark.parametrize("selector", [1, "message", None])
def test_a_selector_is_a_constant(selector: object) -> None:
    with pytest.raises(WLanguageError, match=r"^ErrorInfo: must be one of the constants"):
        ErrorInfo(selector)  # type: ignore[call-overload]  # That it is wrong is the point.
