"""Hold reading to the name's reading session; sending alone does not let anybody read."""

from __future__ import annotations

from typing import Any

import pytest

from courriel.flows.dialogue import Dialogue
from courriel.model.profile import Profile
from courriel.sandbox import Server
from courriel.sessions.base import BlockingSession
from courriel.wlanguage import (
    EmailCloseSession,
    EmailNbMessage,
    EmailSendMessage,
    EmailStartSMTPSession,
    ErrorOccurred,
    WLanguageError,
    emailSMTPSession,
)
from courriel.wlanguage.state import process

HOST = "127.0.0.1"


class Letterbox(BlockingSession):
    """A session that reads, as POP3 will be."""

    def __init__(self, user: str, messages: int) -> None:
        super().__init__(Dialogue(Profile("localhost", 110, user)))
        self.messages = messages
        self.closed = 0

    def count(self, folder: str = "INBOX") -> int:
        return self.messages

    def close(self) -> None:
        self.closed += 1


def test_reading_through_a_session_that_sends_is_an_error_of_the_program(server: Server) -> None:
    assert EmailStartSMTPSession("ada", "secret", HOST, server.smtp_port)
    with pytest.raises(
        WLanguageError, match=r"^EmailNbMessage: .*'ada'; SMTP can only send\. Open"
    ):
        EmailNbMessage("ada")
    assert not ErrorOccurred


@pytest.mark.parametrize("session", ["nobody", "", emailSMTPSession(), None, 1])
def test_reading_needs_a_session_that_reads(session: Any) -> None:
    with pytest.raises(WLanguageError, match=r"^EmailNbMessage: "):
        EmailNbMessage(session)


def test_a_session_that_reads_may_join_under_the_same_name(server: Server, letter: None) -> None:
    assert EmailStartSMTPSession("ada", "secret", HOST, server.smtp_port)
    process.add(Letterbox("ada", 3))
    assert 3 == EmailNbMessage("ada")
    assert EmailSendMessage("ada")


def test_a_session_that_reads_does_not_let_anybody_send() -> None:
    process.add(Letterbox("ada", 3))
    with pytest.raises(WLanguageError, match="no SMTP session is open under the name 'ada'"):
        EmailSendMessage("ada")


def test_opening_smtp_again_leaves_reading_alone(server: Server) -> None:
    letterbox = Letterbox("ada", 3)
    process.add(letterbox)
    for _ in range(2):
        assert EmailStartSMTPSession("ada", "secret", HOST, server.smtp_port)
    assert 0 == letterbox.closed
    assert 3 == EmailNbMessage("ada")


def test_a_name_closes_every_protocol_of_its_own(server: Server) -> None:
    hers, his = Letterbox("ada", 3), Letterbox("bob", 1)
    process.add(hers)
    process.add(his)
    assert EmailStartSMTPSession("ada", "secret", HOST, server.smtp_port)
    EmailCloseSession("ada")
    assert (1, 0) == (hers.closed, his.closed)
    for function in (EmailNbMessage, EmailSendMessage):
        with pytest.raises(WLanguageError):
            function("ada")


def test_the_second_of_a_kind_closes_the_first() -> None:
    first, second = Letterbox("ada", 3), Letterbox("ada", 4)
    process.add(first)
    process.add(second)
    assert 1 == first.closed
    assert 4 == EmailNbMessage("ada")
