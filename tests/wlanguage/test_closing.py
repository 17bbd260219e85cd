"""Hold closing to the name's sessions, all of them, or to the variable's own."""

from __future__ import annotations

from typing import Any

import pytest

from courriel.model.options import SessionState
from courriel.sandbox import Server
from courriel.wlanguage import (
    EmailCloseSession,
    EmailSendMessage,
    EmailStartSession,
    EmailStartSMTPSession,
    ErrorInfo,
    ErrorOccurred,
    WLanguageError,
    emailSMTPSession,
)
from courriel.wlanguage.state import process

HOST = "127.0.0.1"


def variable(server: Server, name: str = "ada") -> emailSMTPSession:
    made = emailSMTPSession()
    made.ServerAddress, made.Port = HOST, server.smtp_port
    made.Name, made.Password = name, "secret"
    assert EmailStartSession(made)
    return made


def test_a_name_closes_its_session(server: Server) -> None:
    assert EmailStartSMTPSession("ada", "secret", HOST, server.smtp_port)
    session = process.smtp("ada", "test")
    EmailCloseSession("ada")
    assert SessionState.CLOSED is session.state
    with pytest.raises(WLanguageError):
        EmailSendMessage("ada")


def test_a_name_leaves_other_names_alone(server: Server, letter: None) -> None:
    for name in ("ada", "bob"):
        assert EmailStartSMTPSession(name, "secret", HOST, server.smtp_port)
    EmailCloseSession("ada")
    assert EmailSendMessage("bob")


def test_a_name_closes_variables_of_that_name_too(server: Server) -> None:
    assert EmailStartSMTPSession("ada", "secret", HOST, server.smtp_port)
    hers, his = variable(server), variable(server, "bob")
    EmailCloseSession("ada")
    with pytest.raises(WLanguageError, match="not open"):
        EmailSendMessage(hers)
    assert repr(his).endswith("open>")
    assert not repr(his).endswith("not open>")


def test_a_variable_closes_its_own_session_only(server: Server, letter: None) -> None:
    assert EmailStartSMTPSession("ada", "secret", HOST, server.smtp_port)
    hers = variable(server)
    EmailCloseSession(hers)
    assert EmailSendMessage("ada")


def test_closing_what_is_not_open_is_harmless(server: Server) -> None:
    assert not EmailStartSMTPSession("ada", "wrong", HOST, server.smtp_port)
    text = ErrorInfo()
    assert EmailCloseSession("ada") is None  # type: ignore[func-returns-value]  # No result.
    EmailCloseSession("nobody")
    EmailCloseSession("")
    EmailCloseSession(emailSMTPSession())
    assert ErrorOccurred
    assert text == ErrorInfo()


def test_closing_twice_is_harmless(server: Server) -> None:
    hers = variable(server)
    for _ in range(2):
        EmailCloseSession(hers)
        EmailCloseSession("ada")


def test_a_session_whose_server_has_gone_closes_quietly() -> None:
    with Server(users={"ada": "secret"}) as server:
        assert EmailStartSMTPSession("ada", "secret", HOST, server.smtp_port)
    EmailCloseSession("ada")
    assert not ErrorOccurred


@pytest.mark.parametrize("session", [None, 17, b"ada"])
def test_a_session_is_a_name_or_a_variable(session: Any) -> None:
    with pytest.raises(WLanguageError, match=r"^EmailCloseSession: expects a name or"):
        EmailCloseSession(session)


def test_a_new_program_finds_nothing_open(server: Server) -> None:
    assert EmailStartSMTPSession("ada", "secret", HOST, server.smtp_port)
    named, held = process.smtp("ada", "test"), variable(server, "bob")
    process.restart()
    assert SessionState.CLOSED is named.state
    assert "closed>" == repr(held).rpartition(" ")[2]
