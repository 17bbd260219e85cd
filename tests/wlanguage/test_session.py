"""Hold the session variable to being description and handle in one."""

from __future__ import annotations

from typing import Any

import pytest

from courriel.model.options import SessionState
from courriel.model.secret import Secret
from courriel.sandbox import Server
from courriel.wlanguage import (
    Email,
    EmailCloseSession,
    EmailSendMessage,
    EmailStartSession,
    ErrorInfo,
    ErrorOccurred,
    WLanguageError,
    emailAsynchronous,
    emailOptionDefault,
    emailOptionSecuredTLS,
    emailSessionSMTP,
    emailSMTPSession,
    errCode,
    optionSSL,
    set_tls_context,
)


@pytest.fixture
def variable(server: Server) -> emailSMTPSession:
    made = emailSMTPSession()
    made.ServerAddress = "127.0.0.1"
    made.Port = server.smtp_port
    made.Name = "ada"
    made.Password = "secret"
    return made


def test_a_variable_starts_sends_and_closes(
    server: Server, variable: emailSMTPSession, letter: None
) -> None:
    assert EmailStartSession(variable) is True
    assert EmailSendMessage(variable) is True
    EmailCloseSession(variable)
    assert 1 == len(server.mailbox("bob").wait())
    with pytest.raises(WLanguageError, match="not open"):
        EmailSendMessage(variable)


def test_the_prefix_form_does_the_same(
    server: Server, variable: emailSMTPSession, letter: None
) -> None:
    assert variable.StartSession()
    assert variable.SendMessage()
    assert variable.SendMessage(Email)
    variable.CloseSession()
    assert 2 == len(server.mailbox("bob").wait(2))


def test_the_french_names_do_the_same(server: Server, letter: None) -> None:
    session = emailSessionSMTP()
    session.AdresseServeur = "127.0.0.1"
    session.Port = server.smtp_port
    session.Nom = "ada"
    session.MotDePasse = "secret"
    session.Asynchrone = False
    assert session.OuvreSession()
    assert session.EnvoieMessage()
    session.FermeSession()
    assert 1 == len(server.mailbox("bob").wait())


def test_a_wrong_password_is_false(variable: emailSMTPSession) -> None:
    variable.Password = "wrong"
    assert not EmailStartSession(variable)
    assert ErrorOccurred
    assert 535 == ErrorInfo(errCode)


def test_a_token_takes_the_place_of_the_password(
    server: Server, variable: emailSMTPSession, letter: None
) -> None:
    variable.Password = None
    # In the sandbox a user's password is his token.
    variable.AuthToken = "secret"
    set_tls_context(server.ssl_context)
    variable.Option = emailOptionSecuredTLS
    assert EmailStartSession(variable)
    assert EmailSendMessage(variable)


def test_a_variable_without_a_name_does_not_sign_in(
    server: Server, variable: emailSMTPSession, letter: None
) -> None:
    variable.Name, variable.Password = "", ""
    assert EmailStartSession(variable)
    assert not EmailSendMessage(variable)
    assert 530 == ErrorInfo(errCode)


def test_starting_again_closes_the_one_before(variable: emailSMTPSession) -> None:
    assert EmailStartSession(variable)
    first = variable._session
    assert first is not None
    assert EmailStartSession(variable)
    assert SessionState.CLOSED is first.state


def test_two_variables_of_one_name_are_two_sessions(
    server: Server, variable: emailSMTPSession, letter: None
) -> None:
    other = emailSMTPSession()
    for member in ("ServerAddress", "Port", "Name", "Password"):
        setattr(other, member, getattr(variable, member))
    assert EmailStartSession(variable)
    assert EmailStartSession(other)
    EmailCloseSession(variable)
    assert EmailSendMessage(other)


@pytest.mark.parametrize(
    ("option", "port"), [(emailOptionDefault, 25), (emailOptionSecuredTLS, 587), (optionSSL, 465)]
)
def test_the_port_follows_the_option_until_it_is_set(option: Any, port: int) -> None:
    session = emailSMTPSession()
    assert 25 == session.Port
    session.Option = option
    assert port == session.Port
    session.Port = 2525
    assert 2525 == session.Port


def test_asynchronous_waits_for_the_queue(variable: emailSMTPSession) -> None:
    variable.Asynchronous = emailAsynchronous
    assert not EmailStartSession(variable)
    assert "outbox" in ErrorInfo()


def test_the_password_reads_back_without_showing_itself(variable: emailSMTPSession) -> None:
    assert Secret("secret") == variable.Password
    assert "secret" not in f"{variable!r} {variable.Password}"
    assert "secret" not in repr(vars(variable))


def test_its_repr_says_where_it_stands(server: Server, variable: emailSMTPSession) -> None:
    assert f"<emailSMTPSession 'ada' at 127.0.0.1:{server.smtp_port}, not open>" == repr(variable)
    assert EmailStartSession(variable)
    assert "open>" == repr(variable).rpartition(" ")[2]


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("ServerAddress", None),
        ("Name", 5),
        ("Password", 5),
        ("AuthToken", 5),
        ("Option", 2),
        ("Host", "mail.example.org"),
    ],
)
def test_what_does_not_fit_is_an_error_of_the_program(member: str, value: Any) -> None:
    with pytest.raises(WLanguageError, match="emailSMTPSession"):
        setattr(emailSMTPSession(), member, value)


@pytest.mark.parametrize(
    ("member", "value"), [("Port", "25"), ("Port", 0), ("Asynchronous", 1), ("ServerAddress", "")]
)
def test_what_cannot_be_opened_is_told_at_the_start(
    variable: emailSMTPSession, member: str, value: Any
) -> None:
    setattr(variable, member, value)
    with pytest.raises(WLanguageError, match=r"^EmailStartSession: "):
        EmailStartSession(variable)


@pytest.mark.parametrize("context", [0, False, "ca.pem", object()])
def test_tls_settings_are_a_context(context: Any) -> None:
    with pytest.raises(WLanguageError, match="set_tls_context: expects"):
        set_tls_context(context)
