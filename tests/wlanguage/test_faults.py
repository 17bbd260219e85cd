"""Hold what ErrorInfo can be asked to what the errors of courriel know."""

from __future__ import annotations

import errno

from courriel.errors import CourrielError, Disconnected, Refused, SendRefused
from courriel.model.receipt import Refusal, Reply
from courriel.wlanguage.faults import Details, WLanguageError


def test_wrong_use_is_a_runtime_error() -> None:
    error = WLanguageError("no such session", operation="EmailSendMessage")
    assert isinstance(error, RuntimeError)
    assert "EmailSendMessage: no such session" == str(error)


def test_a_refusal_gives_its_code_and_the_servers_words() -> None:
    error = Refused(
        "the server refused", operation="open", hint="Try 587.", code=454, text="not now"
    )
    details = Details.of(error)
    assert "open: the server refused. Try 587." == details.message
    assert "the server refused" == details.summary
    assert (454, "not now", "Refused: open") == (details.code, details.info, details.debug)


def test_the_systems_error_is_found_behind_ours() -> None:
    def connect() -> None:
        try:
            raise ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
        except OSError as cause:
            raise Disconnected("no connection", operation="open") from cause

    try:
        connect()
    except CourrielError as error:
        details = Details.of(error)
        assert (errno.ECONNREFUSED, "Connection refused") == (
            details.system_code,
            details.system_message,
        )
        assert 0 == details.code


def test_a_missing_file_is_told_like_any_failure() -> None:
    error = FileNotFoundError(errno.ENOENT, "No such file or directory", "plan.pdf")
    details = Details.of(error)
    assert "plan.pdf" in details.message
    assert (errno.ENOENT, "FileNotFoundError") == (details.system_code, details.debug)


def test_each_refused_recipient_is_named() -> None:
    refused = {
        "bob@example.org": Refusal(Reply(550, ("no such user",))),
        "eve@example.org": Refusal(Reply(552, ("full",))),
    }
    details = Details.of(SendRefused("nobody took it", operation="send", refused=refused))
    assert [
        "send: nobody took it",
        "bob@example.org: 550 no such user",
        "eve@example.org: 552 full",
    ] == details.message.splitlines()


def test_the_full_details_hold_only_what_is_known() -> None:
    error = Refused("the server refused", operation="open", code=454, text="not now")
    assert [
        "Message: open: the server refused",
        "Code: 454",
        "Server: not now",
        "Debug: Refused: open",
    ] == Details.of(error).full.splitlines()
    assert "" == Details().full


def test_a_circle_of_causes_ends() -> None:
    error = Disconnected("gone", operation="send")
    error.__cause__ = Disconnected("gone")
    error.__cause__.__cause__ = error
    assert 0 == Details.of(error).system_code


def test_an_error_without_words_is_named_by_its_class() -> None:
    assert "TimeoutError" == Details.of(TimeoutError()).message
