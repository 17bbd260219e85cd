"""Deviations are told apart from what servers usually say."""

from __future__ import annotations

import pytest

from courriel.wire.pop3.quirks import LOCKED, QUIRKS, UNKNOWN_COMMAND


def test_each_quirk_has_a_name_and_tells_what_is_done() -> None:
    assert len(QUIRKS) == len({quirk.name for quirk in QUIRKS})
    assert all(quirk.seen and quirk.remedy for quirk in QUIRKS)


@pytest.mark.parametrize(
    "text",
    [
        "Unknown command: TOP",
        "Unknown AUTH mechanism",
        "unrecognized authentication type",
        "Unimplemented command",
        "Invalid command in current state",
        "command not implemented",
        "Command TOP is not supported",
        "Mechanism not available",
        "bad command",
        "unsupported authentication mechanism",
    ],
)
def test_a_command_that_is_not_known(text: str) -> None:
    assert UNKNOWN_COMMAND.seen_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "Authentication failed.",
        "Invalid login",
        "invalid user name or password",
        "Unknown user",
        "Logon failure: unknown user name or bad password.",
        "Bad login",
        "no such message",
        "",
    ],
)
def test_a_refusal_of_something_else(text: str) -> None:
    assert not UNKNOWN_COMMAND.seen_in(text)
    assert not LOCKED.seen_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "maildrop already locked",
        "mailbox is locked by another session",
        "Unable to lock maildrop: Mailbox is locked by POP server",
        "Mailbox in use",
        "can't get lock",
    ],
)
def test_a_mailbox_that_another_session_has(text: str) -> None:
    assert LOCKED.seen_in(text)


@pytest.mark.parametrize("text", ["account is locked", "user locked out", "password in use"])
def test_an_account_that_is_locked_is_another_thing(text: str) -> None:
    assert not LOCKED.seen_in(text)
