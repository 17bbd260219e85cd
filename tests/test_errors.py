"""The tree of errors: what each answers, says, and keeps on its way through pickle and copy."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Callable

import pytest

from courriel import errors
from courriel.errors import (
    Broken,
    CourrielError,
    Disconnected,
    Garbled,
    InsecureConnection,
    Misused,
    NotSupported,
    Refused,
    SendRefused,
    TimedOut,
    Unauthorised,
    Uncertain,
)
from courriel.model.receipt import Refusal, Reply

TREE: dict[type[CourrielError], tuple[type[BaseException], ...]] = {
    CourrielError: (Exception,),
    Refused: (CourrielError,),
    Unauthorised: (Refused,),
    SendRefused: (Refused,),
    Broken: (CourrielError,),
    Disconnected: (Broken,),
    TimedOut: (Broken, TimeoutError),
    Garbled: (Broken,),
    InsecureConnection: (Broken,),
    Uncertain: (CourrielError,),
    Misused: (CourrielError, ValueError, RuntimeError),
    NotSupported: (CourrielError,),
}


@pytest.mark.parametrize(("error", "bases"), TREE.items())
def test_the_tree(error: type[CourrielError], bases: tuple[type[BaseException], ...]) -> None:
    assert bases == error.__bases__


def test_there_are_no_others() -> None:
    found = {c for _, c in inspect.getmembers(errors, inspect.isclass) if c.__module__ != "typing"}
    assert set(TREE) == {c for c in found if issubclass(c, BaseException)}
    assert sorted(cls.__name__ for cls in TREE) == sorted(errors.__all__)


@pytest.mark.parametrize(
    ("error", "retryable", "usable"),
    [
        (CourrielError("x"), False, True),
        (Refused("x"), False, True),
        (Refused("x", code=399), False, True),
        (Refused("x", code=400), True, True),
        (Refused("x", code=499), True, True),
        (Refused("x", code=500), False, True),
        (Refused("x", condition="IN-USE"), True, True),
        (Refused("x", condition="SYS/TEMP"), True, True),
        (Refused("x", condition="UNAVAILABLE"), True, True),
        (Refused("x", condition="SYS/PERM"), False, True),
        (Refused("x", code=500, condition="IN-USE"), False, True),
        (Unauthorised("x", condition="AUTH"), False, True),
        (Unauthorised("x", code=535), False, True),
        (Unauthorised("x", code=454), True, True),
        (SendRefused("x", code=452), True, True),
        (SendRefused("x", code=550), False, True),
        (Broken("x"), True, False),
        (Disconnected("x"), True, False),
        (TimedOut("x"), True, False),
        (TimedOut("x", session_usable=True), True, True),
        (Garbled("x"), False, False),
        (InsecureConnection("x"), False, False),
        (Uncertain("x"), False, False),
        (Uncertain("x", session_usable=True), False, True),
        (Misused("x"), False, True),
        (NotSupported(capability="DSN"), False, True),
    ],
)
def test_each_answers_two_questions(error: CourrielError, retryable: bool, usable: bool) -> None:
    assert (retryable, usable) == (error.retryable, error.session_usable)


@pytest.mark.parametrize(
    ("operation", "message", "hint", "text"),
    [
        ("", "it went wrong", "", "it went wrong"),
        ("send", "it went wrong", "", "send: it went wrong"),
        ("", "it went wrong", "Try again.", "it went wrong. Try again."),
        ("send", "it went wrong", "Try again.", "send: it went wrong. Try again."),
        ("send", "it went wrong.", "Try again.", "send: it went wrong. Try again."),
        ("", "", "", ""),
    ],
)
@pytest.mark.parametrize("kind", TREE)
def test_the_text_starts_with_the_operation_and_ends_with_what_to_try(
    kind: type[CourrielError], operation: str, message: str, hint: str, text: str
) -> None:
    if kind is NotSupported and not message:
        return
    assert text == str(kind(message, operation=operation, hint=hint))


def test_the_operation_may_be_told_later() -> None:
    error = TimedOut("no answer")
    error.operation = "open"
    assert "open: no answer" == str(error)


def test_garbled_says_where_and_what() -> None:
    error = Garbled("that is no reply", position=7, expected="a code", excerpt="\x00x")
    assert "that is no reply (expected a code at octet 7, got '\\x00x')" == str(error)


def test_not_supported_names_what_lacks() -> None:
    assert "the server does not offer DSN" == str(NotSupported(capability="DSN"))
    assert "something else" == str(NotSupported("something else", capability="DSN"))


REFUSAL = Refusal(Reply(550, ("nobody here",), "5.1.1"))
FULL: list[Callable[[], CourrielError]] = [
    lambda: CourrielError("m", operation="o", hint="h"),
    lambda: Refused(
        "m", operation="o", hint="h", code=550, enhanced="5.1.1", text="t", command="c"
    ),
    lambda: Unauthorised("m", operation="o", code=535, enhanced="5.7.8", text="t", command="AUTH"),
    lambda: SendRefused(
        "m",
        operation="o",
        hint="h",
        code=550,
        enhanced="5.1.1",
        text="t",
        command="RCPT",
        refused={"bob@example.org": REFUSAL},
        message_id="<1@x>",
    ),
    lambda: Broken("m", operation="o", hint="h"),
    lambda: Disconnected("m", operation="o", hint="h"),
    lambda: TimedOut("m", operation="o", hint="h", session_usable=True),
    lambda: Garbled("m", operation="o", hint="h", position=3, expected="e", excerpt="x"),
    lambda: InsecureConnection("m", operation="o", hint="h"),
    lambda: Uncertain("m", operation="o", hint="h", message_id="<1@x>", session_usable=True),
    lambda: Misused("m", operation="o", hint="h"),
    lambda: NotSupported("m", capability="DSN", operation="o", hint="h"),
]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("make", FULL)
def test_errors_survive_pickling(make: Callable[[], CourrielError], protocol: int) -> None:
    error = make()
    revived = pickle.loads(pickle.dumps(error, protocol))
    assert type(error) is type(revived)
    assert vars(error) == vars(revived)
    assert str(error) == str(revived)
    assert error.args == revived.args
    assert (error.retryable, error.session_usable) == (revived.retryable, revived.session_usable)


@pytest.mark.parametrize("make", FULL)
def test_a_copy_is_another_error_that_says_the_same(make: Callable[[], CourrielError]) -> None:
    error = make()
    error.operation = "changed"
    twin = copy.copy(error)
    assert twin is not error
    assert str(error) == str(twin)
    twin.operation = "else"
    assert "changed" == error.operation


def test_all_kinds_are_pickled_here() -> None:
    assert set(TREE) == {type(make()) for make in FULL}


def test_send_refused_keeps_its_own_list() -> None:
    refused = {"bob@example.org": REFUSAL}
    error = SendRefused("no", refused=refused)
    refused.clear()
    assert {"bob@example.org": REFUSAL} == error.refused
    assert () == error.accepted


@pytest.mark.parametrize("kind", [ValueError, RuntimeError, CourrielError])
def test_misuse_is_caught_in_the_usual_ways(kind: type[Exception]) -> None:
    with pytest.raises(kind, match="wrong"):
        raise Misused("wrong")


def test_a_timeout_is_caught_in_the_usual_way() -> None:
    with pytest.raises(TimeoutError, match="no answer"):
        raise TimedOut("no answer")
