"""Every door of Postfix does what its name says, asked with Python's own client."""

from __future__ import annotations

import base64
import smtplib
import ssl
import time

import pytest

from tests.servers.authority import Authority, Fault
from tests.servers.daemon import open_folder
from tests.servers.dovecot import MECHANISMS, Dovecot
from tests.servers.maildir import Maildirs
from tests.servers.postfix import Postfix
from tests.servers.refusals import (
    DATA_REFUSALS,
    DISCARD_DOMAIN,
    END_REFUSALS,
    MAIL_REFUSALS,
    RECIPIENT_REFUSALS,
    UNKNOWN,
    UTF8_DOMAIN,
)

pytestmark = pytest.mark.server

MESSAGE = "Subject: a test\r\n\r\nHello.\r\n"
SENDER = "bob@example.org"


def connect(postfix: Postfix, port: int) -> smtplib.SMTP:
    """Open a plain connection and say EHLO."""
    session = smtplib.SMTP("localhost", port)
    session.ehlo("localhost")
    return session


def secure(postfix: Postfix, port: int) -> smtplib.SMTP:
    """Open a connection, start TLS and say EHLO again."""
    session = connect(postfix, port)
    session.starttls(context=postfix.ssl_context)
    session.ehlo("localhost")
    return session


def converse(session: smtplib.SMTP, *commands: str) -> list[tuple[int, bytes]]:
    """Send ``commands`` one by one and collect what is answered."""
    return [session.docmd(command) for command in commands]


def text_of(reply: tuple[int, bytes]) -> tuple[str, str]:
    """Split a refusal into code and enhanced code, and its last words."""
    code, text = reply
    words = text.decode()
    return f"{code} {words.split()[0]}", words.rpartition(": ")[2]


def said(table: dict[str, str], address: str) -> tuple[str, str]:
    """Split an entry of a table of refusals in the same way."""
    code, enhanced, words = table[address].split(" ", 2)
    return f"{code} {enhanced}", words


def test_what_is_accepted_arrives(postfix: Postfix, mail: Maildirs) -> None:
    with connect(postfix, postfix.smtp_port) as session:
        session.sendmail(SENDER, ["ada@example.org", "bob+x@example.org"], MESSAGE)
    for user in ("ada", "bob"):
        (message,) = mail.wait_for(user, 1)
        assert message.startswith(b"Return-Path: <bob@example.org>\n")
        assert b"\nSubject: a test\n" in message
        assert message.endswith(b"\n\nHello.\n")


def test_addresses_beyond_ascii_arrive(postfix: Postfix, mail: Maildirs) -> None:
    recipients = [f"zoë@{UTF8_DOMAIN}", "zoë@example.org", f"ada@{UTF8_DOMAIN}"]
    with connect(postfix, postfix.smtp_port) as session:
        session.sendmail(
            SENDER, recipients, "Subject: très vite\n\n.".encode(), ["SMTPUTF8", "BODY=8BITMIME"]
        )
    assert all("très vite".encode() in message for message in mail.wait_for("zoë", 2))
    assert len(mail.wait_for("ada", 1)) == 1


def test_an_unknown_recipient_and_a_foreign_one_are_refused(postfix: Postfix) -> None:
    with connect(postfix, postfix.smtp_port) as session:
        _, unknown, foreign = converse(
            session,
            f"MAIL FROM:<{SENDER}>",
            f"RCPT TO:<{UNKNOWN}>",
            "RCPT TO:<ada@elsewhere.example>",
        )
    assert (550, b"5.1.1") == (unknown[0], unknown[1].split()[0])
    assert (554, b"5.7.1") == (foreign[0], foreign[1].split()[0])
    assert b"Relay access denied" in foreign[1]


@pytest.mark.parametrize("recipient", RECIPIENT_REFUSALS)
def test_a_recipient_can_be_refused(postfix: Postfix, recipient: str) -> None:
    with connect(postfix, postfix.smtp_port) as session:
        *_, reply = converse(session, f"MAIL FROM:<{SENDER}>", f"RCPT TO:<{recipient}>")
    assert said(RECIPIENT_REFUSALS, recipient) == text_of(reply)


@pytest.mark.parametrize("sender", MAIL_REFUSALS)
def test_a_sender_can_be_refused_at_once(postfix: Postfix, sender: str) -> None:
    with connect(postfix, postfix.smtp_port) as session:
        (reply,) = converse(session, f"MAIL FROM:<{sender}>")
    assert said(MAIL_REFUSALS, sender) == text_of(reply)


@pytest.mark.parametrize("sender", DATA_REFUSALS)
def test_a_sender_can_be_refused_at_data(postfix: Postfix, sender: str) -> None:
    with connect(postfix, postfix.smtp_port) as session:
        *_, reply = converse(session, f"MAIL FROM:<{sender}>", "RCPT TO:<ada@example.org>", "DATA")
    assert said(DATA_REFUSALS, sender) == text_of(reply)


@pytest.mark.parametrize("sender", END_REFUSALS)
def test_a_sender_can_be_refused_at_the_end(postfix: Postfix, sender: str) -> None:
    with connect(postfix, postfix.smtp_port) as session:
        converse(session, f"MAIL FROM:<{sender}>", "RCPT TO:<ada@example.org>", "DATA")
        session.send(b"\r\n.\r\n")
        reply = session.getreply()
    assert said(END_REFUSALS, sender) == text_of(reply)


def test_who_is_told_421_is_hung_up_on(postfix: Postfix) -> None:
    with connect(postfix, postfix.smtp_port) as session:
        converse(session, f"MAIL FROM:<{SENDER}>", "RCPT TO:<goodbye@example.org>")
        with pytest.raises(smtplib.SMTPServerDisconnected):
            session.noop()


def test_the_open_door_offers_everything_but_sign_in(postfix: Postfix) -> None:
    with connect(postfix, postfix.smtp_port) as session:
        offered = set(session.esmtp_features)
        assert {
            *("pipelining", "size", "vrfy", "etrn", "starttls", "enhancedstatuscodes"),
            *("8bitmime", "dsn", "smtputf8", "chunking"),
        } == offered
        assert str(postfix.size_limit) == session.esmtp_features["size"]


def test_extensions_are_withheld(postfix: Postfix) -> None:
    with connect(postfix, postfix.no_chunking_port) as session:
        assert not session.has_extn("chunking")
        assert session.has_extn("pipelining")
    with connect(postfix, postfix.no_pipelining_port) as session:
        assert not session.has_extn("chunking")
        assert not session.has_extn("pipelining")
    with connect(postfix, postfix.bare_port) as session:
        assert session.esmtp_features == {}
    with connect(postfix, postfix.plaintext_port) as session:
        assert not session.has_extn("starttls")


def test_the_small_door_takes_small_messages(postfix: Postfix) -> None:
    with connect(postfix, postfix.small_port) as session:
        assert str(postfix.small_size_limit) == session.esmtp_features["size"]
        (reply,) = converse(session, f"MAIL FROM:<{SENDER}> SIZE={postfix.small_size_limit + 1}")
    assert 552 == reply[0]


def test_submission_wants_tls_first_and_then_sign_in(postfix: Postfix, mail: Maildirs) -> None:
    with connect(postfix, postfix.submission_port) as session:
        assert not session.has_extn("auth")
        assert 530 == session.docmd(f"MAIL FROM:<{SENDER}>")[0]
    with secure(postfix, postfix.submission_port) as session:
        assert " ".join(MECHANISMS) == session.esmtp_features["auth"].strip()
        *_, refused = converse(session, f"MAIL FROM:<{SENDER}>", "RCPT TO:<ada@example.org>")
        assert 554 == refused[0]
        session.rset()
        session.login(postfix.user, postfix.password)
        session.sendmail(SENDER, ["ada@example.org"], MESSAGE)
    assert 1 == len(mail.wait_for("ada", 1))


def test_smtps_speaks_tls_at_once(postfix: Postfix) -> None:
    with smtplib.SMTP_SSL("127.0.0.1", postfix.smtps_port, context=postfix.ssl_context) as session:
        session.login(postfix.user, postfix.password)
        assert {} == session.sendmail(SENDER, [f"x@{DISCARD_DOMAIN}", "a@b.example"], MESSAGE)


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
def test_passwords_open_by_each_mechanism(postfix: Postfix, mechanism: str) -> None:
    for open_door in (connect, secure):
        with open_door(postfix, postfix.mechanism_port(mechanism)) as session:
            assert mechanism == session.esmtp_features["auth"].strip()
            assert 235 == session.login("bob", postfix.passwords["bob"])[0]


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_every_mechanism_has_a_door(postfix: Postfix, mechanism: str) -> None:
    with connect(postfix, postfix.mechanism_port(mechanism)) as session:
        assert mechanism == session.esmtp_features["auth"].strip()


def test_tokens_open_too(postfix: Postfix, dovecot: Dovecot) -> None:
    codes: list[int] = []
    for lifetime in (60, -60):
        token = dovecot.token("ada", lifetime=lifetime)
        response = base64.b64encode(f"user=ada\1auth=Bearer {token}\1\1".encode()).decode()
        with secure(postfix, postfix.submission_port) as session:
            codes.append(session.docmd("AUTH", f"XOAUTH2 {response}")[0])
            if codes[-1] == 334:
                codes.append(session.docmd("")[0])
    assert codes == [235, 334, 535]


def test_a_wrong_password_is_refused_with_and_without_tls(postfix: Postfix) -> None:
    for open_door, port in (
        (connect, postfix.plaintext_auth_port),
        (secure, postfix.submission_port),
    ):
        with open_door(postfix, port) as session:
            with pytest.raises(smtplib.SMTPAuthenticationError) as caught:
                session.login(postfix.user, "wrong")
            assert 535 == caught.value.smtp_code


@pytest.mark.parametrize("fault", Fault)
def test_a_bad_certificate_is_shown_on_both_kinds_of_door(postfix: Postfix, fault: Fault) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        smtplib.SMTP_SSL("localhost", postfix.faulty_smtps_port(fault), context=postfix.ssl_context)
    session = connect(postfix, postfix.faulty_starttls_port(fault))
    with pytest.raises(ssl.SSLCertVerificationError):
        session.starttls(context=postfix.ssl_context)
    session.close()


def test_a_bare_line_feed_ends_a_line(postfix: Postfix, mail: Maildirs) -> None:
    """Smuggled mail does arrive here: that is what makes this server an oracle."""
    smuggled = f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<ada@example.org>\r\nDATA\r\nsecond\r\n.\r\n"
    with connect(postfix, postfix.smtp_port) as session:
        converse(session, f"MAIL FROM:<{SENDER}>", "RCPT TO:<ada@example.org>", "DATA")
        session.send(b"first\n.\n" + smuggled.encode())
        assert [session.getreply()[0] for _ in range(5)] == [250, 250, 250, 354, 250]
    assert 2 == len(mail.wait_for("ada", 2))


def test_both_servers_start_in_less_than_five_seconds(certificate_authority: Authority) -> None:
    with open_folder("dovecot") as one, open_folder("postfix") as other:
        start = time.monotonic()
        dovecot = Dovecot(one, certificate_authority)
        postfix = Postfix(other, certificate_authority, dovecot)
        try:
            dovecot.start()
            postfix.start()
            assert time.monotonic() - start < 5
            with connect(postfix, postfix.smtp_port) as session:
                session.sendmail(SENDER, ["ada@example.org"], MESSAGE)
            postfix.drain()
            assert 1 == len(postfix.mail.inbox("ada"))
        finally:
            postfix.stop()
            dovecot.stop()
