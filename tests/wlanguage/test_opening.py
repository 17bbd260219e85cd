"""Hold opening a session to the vendor's rules, on a server of our own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from courriel.model.options import Auth, Security, SessionState, Timeout
from courriel.sandbox import CAPABILITIES, Server
from courriel.sessions.smtp import SMTPSession
from courriel.wlanguage import (
    EmailSendMessage,
    EmailSetTimeOut,
    EmailStartSession,
    EmailStartSMTPSession,
    ErrorInfo,
    ErrorOccurred,
    OptionSSL,
    WLanguageError,
    emailAsynchronous,
    emailOptionDefault,
    emailOptionSecuredTLS,
    emailSynchronous,
    errCode,
    errFullDetails,
    errInfoDebug,
    errMessage,
    optionSSL,
    set_tls_context,
)
from courriel.wlanguage.arguments import SmtpArguments
from courriel.wlanguage.conversation import opened
from courriel.wlanguage.state import process

HOST = "127.0.0.1"


@contextmanager
def silence() -> Iterator[int]:
    """Give the port of a server that never says anything."""
    with socket.create_server((HOST, 0)) as listener:
        yield listener.getsockname()[1]


@contextmanager
def closed_port() -> Iterator[int]:
    """Give a port at which nobody listens, and keep it from anybody else."""
    with socket.socket() as unused:
        unused.bind((HOST, 0))
        yield unused.getsockname()[1]


def test_the_right_password_opens(server: Server) -> None:
    assert EmailStartSMTPSession("ada", "secret", HOST, server.smtp_port) is True
    assert not ErrorOccurred
    assert "" == ErrorInfo()
    assert SessionState.OPEN is process.smtp("ada", "test").state


def test_a_wrong_password_does_not(server: Server) -> None:
    assert EmailStartSMTPSession("ada", "hunter2", HOST, server.smtp_port) is False
    assert ErrorOccurred
    assert "535" in ErrorInfo(errMessage)
    assert "hunter2" not in ErrorInfo(errFullDetails)
    assert 535 == ErrorInfo(errCode)
    with pytest.raises(WLanguageError):
        process.smtp("ada", "test")


@pytest.mark.parametrize("texts", [("ada", HOST), ("ada", "", HOST), ("ada", None, HOST)])
def test_without_a_password_nobody_signs_in(server: Server, letter: None, texts: Any) -> None:
    start: Any = EmailStartSMTPSession
    assert start(*texts, server.smtp_port)
    assert not EmailSendMessage("ada")
    assert 530 == ErrorInfo(errCode)


def test_a_server_that_offers_no_sign_in_is_used_without(letter: None) -> None:
    offers = CAPABILITIES - {"AUTH"}
    with Server(users={"bob": "secret"}, capabilities=offers, require_auth=False) as server:
        assert EmailStartSMTPSession("ada", "secret", HOST, server.smtp_port)
        assert EmailSendMessage("ada")
        assert 1 == len(server.mailbox("bob").wait())
        process.restart()


def test_starttls_is_required_with_its_option(server: Server) -> None:
    set_tls_context(server.ssl_context)
    assert EmailStartSMTPSession(
        "ada", "secret", HOST, server.smtp_port, emailSynchronous, emailOptionSecuredTLS
    )
    assert process.smtp("ada", "test").secured


def test_a_server_without_starttls_gets_no_password() -> None:
    with Server(users={"ada": "secret"}, capabilities=CAPABILITIES - {"STARTTLS"}) as server:
        set_tls_context(server.ssl_context)
        assert not EmailStartSMTPSession(
            "ada", "secret", HOST, server.smtp_port, False, emailOptionSecuredTLS
        )
        assert "STARTTLS" in ErrorInfo()
        assert "InsecureConnection: open" == ErrorInfo(errInfoDebug)


@pytest.mark.parametrize("option", [optionSSL, OptionSSL])
def test_ssl_is_tls_from_the_first_octet(server: Server, option: Any) -> None:
    set_tls_context(server.ssl_context)
    assert EmailStartSMTPSession("ada", "secret", HOST, server.smtp_tls_port, False, option)
    assert process.smtp("ada", "test").secured


@pytest.mark.parametrize("option", [emailOptionSecuredTLS, optionSSL])
def test_an_unknown_authority_is_not_trusted(server: Server, option: Any) -> None:
    port = server.smtp_tls_port if option is optionSSL else server.smtp_port
    assert not EmailStartSMTPSession("ada", "secret", HOST, port, False, option)
    assert "certificate" in ErrorInfo()


def test_the_default_option_is_plain(server: Server) -> None:
    set_tls_context(server.ssl_context)
    assert EmailStartSMTPSession("ada", "secret", HOST, server.smtp_port, False, emailOptionDefault)
    assert not process.smtp("ada", "test").secured


def test_nobody_there_is_false() -> None:
    with closed_port() as port:
        assert not EmailStartSMTPSession("ada", "secret", HOST, port)
    assert f"{HOST} port {port}: Connection refused" in ErrorInfo()


def test_a_silent_server_holds_nobody_longer_than_the_timeout() -> None:
    EmailSetTimeOut(0.1)
    with silence() as port:
        assert not EmailStartSMTPSession("ada", "secret", HOST, port)
    assert "firewall" in ErrorInfo()
    assert ErrorInfo(errInfoDebug).startswith("TimedOut")


@pytest.mark.parametrize("asynchronous", [True, emailAsynchronous])
def test_asynchronous_waits_for_the_queue(server: Server, asynchronous: Any) -> None:
    assert not EmailStartSMTPSession("ada", "secret", HOST, server.smtp_port, asynchronous)
    assert "outbox" in ErrorInfo()
    assert ErrorInfo().endswith("Open the session with emailSynchronous.")
    with pytest.raises(WLanguageError):
        process.smtp("ada", "test")


def test_opening_again_closes_the_one_before(server: Server) -> None:
    assert EmailStartSMTPSession("ada", "secret", HOST, server.smtp_port)
    first = process.smtp("ada", "test")
    assert EmailStartSMTPSession("ada", "secret", HOST, server.smtp_port)
    assert SessionState.CLOSED is first.state
    assert SessionState.OPEN is process.smtp("ada", "test").state


def test_opening_again_in_vain_leaves_none(server: Server) -> None:
    assert EmailStartSMTPSession("ada", "secret", HOST, server.smtp_port)
    assert not EmailStartSMTPSession("ada", "wrong", HOST, server.smtp_port)
    with pytest.raises(WLanguageError):
        EmailSendMessage("ada")


def test_names_do_not_disturb_each_other(server: Server) -> None:
    assert EmailStartSMTPSession("ada", "secret", HOST, server.smtp_port)
    assert EmailStartSMTPSession("bob", "secret", HOST, server.smtp_port)
    assert not EmailStartSMTPSession("eve", "secret", HOST, server.smtp_port)
    assert SessionState.OPEN is process.smtp("ada", "test").state
    assert SessionState.OPEN is process.smtp("bob", "test").state


def test_the_session_is_told_what_the_original_does(server: Server) -> None:
    EmailSetTimeOut(10)
    assert EmailStartSMTPSession("ada", "secret", HOST, server.smtp_port)
    profile = process.smtp("ada", "test")._dialogue.profile
    assert Timeout(connect=10, read=10, total=None) == profile.timeout
    assert Auth.OPTIONAL is profile.auth
    assert Security.PLAINTEXT is profile.security
    assert profile.plaintext_named


def test_threads_that_open_one_name_leave_one_session(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions: list[SMTPSession] = []

    def watched(arguments: SmtpArguments) -> SMTPSession:
        sessions.append(opened(arguments))
        return sessions[-1]

    def start() -> None:
        outcomes.append(EmailStartSMTPSession("ada", "secret", HOST, server.smtp_port))

    outcomes: list[bool] = []
    monkeypatch.setattr("courriel.wlanguage.opening.opened", watched)
    threads = [threading.Thread(target=start) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [True] * 10 == outcomes
    assert [process.smtp("ada", "test")] == [s for s in sessions if s.state is SessionState.OPEN]


HOSTILE = ["\r\nQUIT", "127.0.0.1\r\n", "a\nb", "\0", "é", "x" * 10_000, "\ud800"]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("place", ["user", "password", "server"])
def test_no_text_breaks_out(server: Server, place: str, text: str) -> None:
    EmailSetTimeOut(5)
    arguments: dict[str, Any] = {"user": "ada", "password": "secret", "server": HOST}
    arguments[place] = text
    assert EmailStartSMTPSession(**arguments, port=server.smtp_port) is False
    assert ErrorOccurred
    assert ErrorInfo()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("ada", "secret", "pop.example.org"), "POP3"),
        (("Outlook",), "POP3"),
        ((None,), "expects one emailSMTPSession variable, not NoneType"),
        ((17,), "expects one emailSMTPSession variable, not int"),
    ],
)
def test_the_older_syntaxes_say_what_to_do(arguments: Any, complaint: str) -> None:
    with pytest.raises(WLanguageError, match=f"^EmailStartSession: .*{complaint}"):
        EmailStartSession(*arguments)
