"""Dovecot does what its module says, asked with Python's own clients."""

from __future__ import annotations

import base64
import imaplib
import poplib
import smtplib

import pytest

from tests.servers.authority import Authority
from tests.servers.bearer import Issuer
from tests.servers.daemon import open_folder
from tests.servers.dovecot import BROKEN_USER, MECHANISMS, SMALL_USER, Dovecot
from tests.servers.maildir import Maildirs
from tests.servers.stock import big_mail, small_mail

pytestmark = pytest.mark.server

MESSAGE = b"Subject: through LMTP\r\n\r\nHello.\r\n.\r\n"


def initial(mechanism: str, token: str) -> bytes:
    """Give the first response of ada with ``token``."""
    return {
        "XOAUTH2": f"user=ada\1auth=Bearer {token}\1\1",
        "OAUTHBEARER": f"n,a=ada,\1auth=Bearer {token}\1\1",
    }[mechanism].encode()


def sign_in_with_token(server: Dovecot, mechanism: str, token: str) -> str:
    """Sign in as ada over IMAP with ``token``; return the server's last word."""
    answers = iter((initial(mechanism, token), b"" if mechanism == "XOAUTH2" else b"\1"))
    with imaplib.IMAP4_SSL(
        "localhost", server.imaps_port, ssl_context=server.ssl_context
    ) as session:
        try:
            return str(session.authenticate(mechanism, lambda _: next(answers))[0])
        except imaplib.IMAP4.error as error:
            return str(error)


def fetched(session: imaplib.IMAP4, item: str) -> bytes:
    """Fetch one item of the first mail, which comes as a literal."""
    answer = session.fetch("1", f"({item})")[1][0]
    assert isinstance(answer, tuple)
    return bytes(answer[1])


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


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_a_good_token_opens_pop3(dovecot: Dovecot, mechanism: str) -> None:
    session = poplib.POP3_SSL("localhost", dovecot.pop3s_port, context=dovecot.ssl_context)
    response = base64.b64encode(initial(mechanism, dovecot.token("ada"))).decode()
    # poplib has no way to ask for AUTH.
    assert session._shortcmd(f"AUTH {mechanism} {response}").startswith(b"+OK")  # type: ignore[attr-defined]  # not in the stubs
    session.quit()


def test_pop3_opens_by_apop(dovecot: Dovecot) -> None:
    session = poplib.POP3(dovecot.host, dovecot.pop3_port)
    assert session.apop("ada", dovecot.passwords["ada"]).startswith(b"+OK")
    session.quit()


def test_the_strict_house_takes_no_password_before_tls(dovecot: Dovecot) -> None:
    with imaplib.IMAP4(dovecot.strict_host, dovecot.imap_port) as session:
        assert {"STARTTLS", "LOGINDISABLED"} <= set(session.capabilities)
        session.starttls(dovecot.ssl_context)
        assert session.login("ada", dovecot.passwords["ada"])[0] == "OK"
    pop3 = poplib.POP3(dovecot.strict_host, dovecot.pop3_port)
    assert "USER" not in pop3.capa()
    pop3.stls(dovecot.ssl_context)
    assert "USER" in pop3.capa()
    pop3.quit()


def test_the_bare_house_says_nothing_of_extensions(dovecot: Dovecot) -> None:
    with imaplib.IMAP4(dovecot.bare_host, dovecot.imap_port) as session:
        session.login("ada", dovecot.passwords["ada"])
        assert session.capability()[1][-1] == b"IMAP4rev1"


def test_the_open_house_has_all_that_dovecot_can(dovecot: Dovecot) -> None:
    with imaplib.IMAP4(dovecot.host, dovecot.imap_port) as session:
        session.login("ada", dovecot.passwords["ada"])
        offered = session.capability()[1][-1].split()
    assert {b"COMPRESS=DEFLATE", b"QUOTA", b"SPECIAL-USE", b"QRESYNC", b"MOVE"} <= set(offered)


def test_folders_for_special_uses_are_there(dovecot: Dovecot) -> None:
    with imaplib.IMAP4(dovecot.host, dovecot.imap_port) as session:
        session.login(dovecot.reader(), "secret")
        listed = session.list()[1]
    assert b'(\\HasNoChildren \\Trash) "." Trash' in listed


def test_a_small_mailbox_is_soon_full(dovecot: Dovecot) -> None:
    with imaplib.IMAP4(dovecot.host, dovecot.imap_port) as session:
        session.login(SMALL_USER, "secret")
        source = small_mail(1, 100_000).replace(b"\n", b"\r\n")
        status, (text,) = session.append("INBOX", "", "", source)
    assert (status, text[:11]) == ("NO", b"[OVERQUOTA]")


def test_each_reader_has_a_mailbox_of_its_own(dovecot: Dovecot) -> None:
    one, other = dovecot.reader(), dovecot.reader()
    assert dovecot.stock.fill(one, map(small_mail, range(3))) == 3
    counts = []
    for user in (one, other):
        session = poplib.POP3(dovecot.host, dovecot.pop3_port)
        session.user(user)
        session.pass_("secret")
        counts.append(session.stat()[0])
        session.quit()
    assert counts == [3, 0]


def test_what_is_put_is_served_in_order(dovecot: Dovecot) -> None:
    user = dovecot.reader()
    dovecot.stock.fill(user, map(small_mail, range(5)))
    dovecot.stock.put(user, small_mail(5), seen=True)
    dovecot.stock.put(user, big_mail(1_000_000), folder="Work")
    with imaplib.IMAP4(dovecot.host, dovecot.imap_port) as session:
        session.login(user, "secret")
        assert session.select("INBOX", readonly=True) == ("OK", [b"6"])
        assert session.search(None, "SEEN")[1] == [b"6"]
        assert session.search(None, "SUBJECT", '"Mail 3"')[1] == [b"4"]
        assert fetched(session, "BODY.PEEK[]") == small_mail(0).replace(b"\n", b"\r\n")
        assert session.select("Work", readonly=True) == ("OK", [b"1"])
        part = fetched(session, "BINARY.PEEK[2]")
        assert part[:57] == bytes(range(57))
        assert len(part) >= 1_000_000
