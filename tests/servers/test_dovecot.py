"""Dovecot does what its module says, asked with Python's own clients."""

from __future__ import annotations

import imaplib
import poplib
import smtplib

import pytest

from tests.servers.authority import Authority
from tests.servers.bearer import Issuer
from tests.servers.daemon import open_folder
from tests.servers.dovecot import BROKEN_USER, MECHANISMS, Dovecot
from tests.servers.maildir import Maildirs

pytestmark = pytest.mark.server

MESSAGE = b"Subject: through LMTP\r\n\r\nHello.\r\n.\r\n"


def sign_in_with_token(server: Dovecot, mechanism: str, token: str) -> str:
    """Sign in as ada over IMAP with ``token``; return the server's last word."""
    first = {
        "XOAUTH2": f"user=ada\1auth=Bearer {token}\1\1",
        "OAUTHBEARER": f"n,a=ada,\1auth=Bearer {token}\1\1",
    }[mechanism]
    answers = iter((first.encode(), b"" if mechanism == "XOAUTH2" else b"\1"))
    with imaplib.IMAP4_SSL(
        "localhost", server.imaps_port, ssl_context=server.ssl_context
    ) as session:
        try:
            return str(session.authenticate(mechanism, lambda _: next(answers))[0])
        except imaplib.IMAP4.error as error:
            return str(error)


@pytest.mark.parametrize("user", ["ada", "bob", "ada@example.org"])
def test_imap_opens_for_a_password(dovecot: Dovecot, user: str) -> None:
    password = dovecot.passwords[user.partition("@")[0]]
    with imaplib.IMAP4(dovecot.host, dovecot.imap_port) as session:
        assert "STARTTLS" in session.capabilities
        session.starttls(dovecot.ssl_context)
        assert session.login(user, password)[0] == "OK"


def test_imap_takes_names_and_passwords_beyond_ascii(dovecot: Dovecot) -> None:
    secret = f"\0zoë\0{dovecot.passwords['zoë']}".encode()
    with imaplib.IMAP4(dovecot.host, dovecot.imap_port) as session:
        assert session.authenticate("PLAIN", lambda _: secret)[0] == "OK"


def test_imap_refuses_a_wrong_password(dovecot: Dovecot) -> None:
    refused = pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED")
    with imaplib.IMAP4(dovecot.host, dovecot.imap_port) as session, refused:
        session.login("ada", "wrong")


def test_imap_offers_every_mechanism(dovecot: Dovecot) -> None:
    with imaplib.IMAP4(dovecot.host, dovecot.imap_port) as session:
        offered = {name for name in session.capabilities if name.startswith("AUTH=")}
    assert {f"AUTH={mechanism}" for mechanism in MECHANISMS} == offered


def test_pop3_opens_with_tls_and_without(dovecot: Dovecot) -> None:
    plain = poplib.POP3(dovecot.host, dovecot.pop3_port)
    plain.stls(dovecot.ssl_context)
    secure = poplib.POP3_SSL("localhost", dovecot.pop3s_port, context=dovecot.ssl_context)
    for session in (plain, secure):
        session.user("ada")
        assert session.pass_(dovecot.passwords["ada"]).startswith(b"+OK")
        session.quit()


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_a_good_token_opens(dovecot: Dovecot, mechanism: str) -> None:
    assert sign_in_with_token(dovecot, mechanism, dovecot.token("ada")) == "OK"


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_an_expired_token_is_refused(dovecot: Dovecot, mechanism: str) -> None:
    token = dovecot.token("ada", lifetime=-60)
    assert "AUTHENTICATIONFAILED" in sign_in_with_token(dovecot, mechanism, token)


def test_the_token_of_another_user_is_refused(dovecot: Dovecot) -> None:
    answer = sign_in_with_token(dovecot, "XOAUTH2", dovecot.token("bob"))
    assert "AUTHENTICATIONFAILED" in answer


def test_the_token_of_another_issuer_is_refused(dovecot: Dovecot) -> None:
    with open_folder("issuer") as folder:
        token = Issuer(folder).token("ada")
    assert "AUTHENTICATIONFAILED" in sign_in_with_token(dovecot, "XOAUTH2", token)


def test_lmtp_answers_for_each_recipient(dovecot: Dovecot, mail: Maildirs) -> None:
    with smtplib.LMTP(dovecot.host, dovecot.lmtp_port) as session:
        assert session.docmd("LHLO", "localhost")[0] == 250
        assert session.docmd("MAIL FROM:<bob@example.org>")[0] == 250
        recipients = ("ada+detail@example.org", "nobody@example.org", f"{BROKEN_USER}@example.org")
        codes = [session.docmd(f"RCPT TO:<{recipient}>")[0] for recipient in recipients]
        assert codes == [250, 550, 250]
        assert session.docmd("DATA")[0] == 354
        session.send(MESSAGE)
        assert [session.getreply()[0] for _ in range(2)] == [250, 451]
    (message,) = mail.wait_for("ada", 1)
    assert message.endswith(b"Subject: through LMTP\n\nHello.\n")


def test_two_run_side_by_side(certificate_authority: Authority, dovecot: Dovecot) -> None:
    with open_folder("dovecot") as folder:
        other = Dovecot(folder, certificate_authority)
        other.start()
        try:
            for server in (dovecot, other):
                with imaplib.IMAP4(server.host, server.imap_port) as session:
                    assert session.login("ada", server.passwords["ada"])[0] == "OK"
        finally:
            other.stop()
