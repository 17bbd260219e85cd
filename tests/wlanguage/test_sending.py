"""Hold sending to what arrives, and to what the program is told."""

from __future__ import annotations

import threading
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

import courriel.model.email
from courriel.sandbox import Server
from courriel.wlanguage import (
    Email,
    EmailBuildSource,
    EmailReset,
    EmailSendMessage,
    EmailStartSMTPSession,
    EmailStructure,
    ErrorInfo,
    ErrorOccurred,
    WLanguageError,
    emailOptionEncodeHeader,
    emailOptionMessageID,
    errCode,
)
from courriel.wlanguage.state import process

HOST = "127.0.0.1"


@pytest.fixture
def opened(server: Server, letter: None) -> Server:
    """Give a server at which ada has a session, and a letter to bob in the structure."""
    assert EmailStartSMTPSession("ada", "secret", HOST, server.smtp_port)
    return server


def arrived(server: Server, user: str = "bob") -> courriel.model.email.Email:
    return courriel.model.email.Email.from_source(server.mailbox(user).wait()[-1].content)


def test_what_was_written_arrives(opened: Server) -> None:
    Email.Sender = "Ada"
    Email.Cc = ["ada@example.org"]
    assert EmailSendMessage("ada") is True
    assert not ErrorOccurred
    email = arrived(opened)
    assert ("Ada <ada@example.org>", "Lunch") == (str(email.sender), email.subject)
    assert "At noon?" == (email.text or "").strip()
    (message,) = opened.mailbox("bob")
    assert ("ada@example.org", {"bob@example.org", "ada@example.org"}) == (
        message.sender,
        set(message.recipients),
    )


def test_nobody_sees_bcc(opened: Server) -> None:
    Email.Bcc[1] = "ada@example.org"
    assert EmailSendMessage("ada")
    assert b"ada@example.org" in opened.mailbox("ada").wait()[0].content  # From.
    assert b"\nbcc:" not in opened.mailbox("bob").wait()[0].content.lower()


def test_accents_and_files_arrive(opened: Server, tmp_path: Path) -> None:
    menu = tmp_path / "menü.txt"
    menu.write_bytes(b"Soup.\n")
    Email.Subject = "Déjeuner"
    Email.Message = "À midi ?\r\n.\r\nAda"
    Email.Attach[1] = str(menu)
    Email.NbAttach = 1
    assert EmailSendMessage("ada", Email, emailOptionEncodeHeader)
    email = arrived(opened)
    assert ("Déjeuner", ["À midi ?", ".", "Ada"]) == (
        email.subject,
        (email.text or "").split("\n")[:3],
    )
    assert [("menü.txt", b"Soup.\n")] == [(a.name, a.content) for a in email.attachments]


def test_another_structure_may_be_sent(opened: Server) -> None:
    mail = Email()
    mail.SenderAddress = "ada@example.org"
    mail.Recipient.Add("bob@example.org")
    mail.Subject = "Second"
    assert EmailSendMessage("ada", mail)
    assert "Second" == arrived(opened).subject
    assert (0, 1) == (Email.MailIdentifier, len(opened.mailbox("bob")))
    assert mail.MailIdentifier


def test_courriels_own_messages_may_be_sent(opened: Server) -> None:
    own = courriel.model.email.Email(
        sender="ada@example.org", to="bob@example.org", subject="Own", text="Hello"
    )
    library = EmailMessage()
    library["From"], library["To"], library["Subject"] = "ada@example.org", "bob@example.org", "Lib"
    for email in (own, library):
        assert EmailSendMessage("ada", email)
    messages = opened.mailbox("bob").wait(2)
    subjects = [courriel.model.email.Email.from_source(m.content).subject for m in messages]
    assert ["Own", "Lib"] == subjects


def test_every_message_has_a_number_of_its_own(opened: Server) -> None:
    numbers = []
    for _ in range(3):
        assert EmailSendMessage("ada")
        numbers.append(Email.MailIdentifier)
    assert 3 == len(set(numbers))
    assert 0 not in numbers


def test_the_structure_keeps_what_was_in_it_until_it_is_reset(opened: Server) -> None:
    assert EmailSendMessage("ada")
    assert "Lunch" == Email.Subject
    EmailReset()
    assert not EmailSendMessage("ada")
    assert "no recipient" in ErrorInfo()
    assert Email.Error == ErrorInfo()


def test_a_refused_recipient_is_named_and_the_others_get_it(letter: None) -> None:
    refusals = {"eve@example.org": "550 5.1.6 moved away"}
    with Server(users={"ada": "secret", "bob": "secret"}, refuse=refusals) as server:
        assert EmailStartSMTPSession("ada", "secret", HOST, server.smtp_port)
        Email.Recipient[2] = "eve@example.org"
        Email.NbRecipient = 2
        assert EmailSendMessage("ada")
        assert not ErrorOccurred
        assert "eve@example.org: 550 5.1.6 moved away" in ErrorInfo()
        assert ErrorInfo() == Email.Error
        assert 1 == len(server.mailbox("bob").wait())
        process.restart()


def test_all_recipients_refused_is_false_and_the_session_goes_on(opened: Server) -> None:
    Email.Recipient = ["nobody@example.org", "none@example.org"]
    assert not EmailSendMessage("ada")
    assert ErrorOccurred
    assert 550 == ErrorInfo(errCode)
    assert "nobody@example.org" in ErrorInfo()
    assert "none@example.org" in ErrorInfo()
    assert 0 == Email.MailIdentifier
    Email.Recipient = "bob@example.org"
    assert EmailSendMessage("ada")
    assert "" == Email.Error


@pytest.mark.parametrize(
    "member", ["Recipient", "Cc", "Bcc", "Sender", "SenderAddress", "Subject", "ReplyTo"]
)
@pytest.mark.parametrize(
    "text", ["a@b.example\r\nDATA", "\r\na@b.example", "\n", "a@b.example\0", "\ud800"]
)
def test_no_member_breaks_out(opened: Server, member: str, text: str) -> None:
    setattr(Email, member, text)
    assert EmailSendMessage("ada") is False
    assert ErrorOccurred
    assert 0 == len(opened.mailbox("bob"))


def test_a_server_that_has_gone_is_false(server: Server, letter: None) -> None:
    with Server(users={"ada": "secret"}) as other:
        assert EmailStartSMTPSession("ada", "secret", HOST, other.smtp_port)
    assert EmailSendMessage("ada") is False
    assert ErrorInfo()


@pytest.mark.parametrize("session", ["eve", ""])
def test_an_unknown_name_is_an_error_of_the_program(letter: None, session: str) -> None:
    with pytest.raises(WLanguageError, match=r"^EmailSendMessage: no SMTP session is open under"):
        EmailSendMessage(session)
    assert not ErrorOccurred


@pytest.mark.parametrize("session", [None, 1, b"ada"])
def test_a_session_is_a_name_or_a_variable(session: Any) -> None:
    with pytest.raises(WLanguageError, match=r"^EmailSendMessage: expects a name or"):
        EmailSendMessage(session)


@pytest.mark.parametrize("email", [None, "Hello", 5, emailOptionEncodeHeader])
def test_a_message_is_a_message(opened: Server, email: Any) -> None:
    with pytest.raises(WLanguageError, match=r"^EmailSendMessage: the message must be an Email"):
        EmailSendMessage("ada", email)


@pytest.mark.parametrize("options", [1, None, True, "emailOptionEncodeHeader"])
def test_options_are_constants(opened: Server, options: Any) -> None:
    with pytest.raises(WLanguageError, match="constants"):
        EmailSendMessage("ada", Email, options)


def test_threads_share_the_session_and_not_the_structure(opened: Server) -> None:
    def send(number: int) -> None:
        Email.SenderAddress = "ada@example.org"
        Email.Recipient[1] = "bob@example.org"
        Email.Subject = f"Number {number}"
        outcomes.append((EmailSendMessage("ada"), Email.MailIdentifier))

    outcomes: list[tuple[bool, int]] = []
    threads = [threading.Thread(target=send, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [True] * 10 == [outcome for outcome, _ in outcomes]
    assert 10 == len({identifier for _, identifier in outcomes})
    messages = opened.mailbox("bob").wait(10)
    subjects = {courriel.model.email.Email.from_source(m.content).subject for m in messages}
    assert {f"Number {number}" for number in range(10)} == subjects
    assert "Lunch" == Email.Subject


def test_the_source_is_what_would_be_sent(letter: None) -> None:
    Email.Subject = "Déjeuner"
    Email.MessageID = "<1@example.org>"
    Email.Bcc[1] = "eve@example.org"
    assert EmailBuildSource(Email, emailOptionMessageID)
    read = courriel.model.email.Email.from_source(Email.Source.encode())
    assert ("Déjeuner", "<1@example.org>") == (read.subject, read.message_id)
    assert "eve@example.org" not in Email.Source


def test_there_is_no_source_of_no_message() -> None:
    assert not EmailBuildSource()
    assert ErrorOccurred
    assert "" == Email.Source


@pytest.mark.parametrize("email", [None, 42, "ada", b"x", EmailMessage(), EmailStructure])
def test_the_source_of_what_is_no_structure_is_an_error_of_the_program(email: Any) -> None:
    with pytest.raises(WLanguageError, match="EmailBuildSource: expects an Email structure"):
        EmailBuildSource(email)
    assert not ErrorOccurred


@pytest.mark.parametrize("options", [None, 0, True, "emailOptionMessageID", []])
def test_its_options_are_constants_too(letter: None, options: Any) -> None:
    with pytest.raises(WLanguageError, match="EmailBuildSource: the options"):
        EmailBuildSource(Email, options)
    assert "" == Email.Source
