"""Every way to sign in, right and wrong."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode

import pytest

from courriel.sandbox.events import Closing
from tests.sandbox.pop3.dialogue import Pop3Dialogue

WRONG = "-ERR [AUTH] The name or the password is wrong"


@pytest.fixture
def dialogue() -> Pop3Dialogue:
    dialogue = Pop3Dialogue()
    dialogue.hears()
    return dialogue


def base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def test_a_wrong_password_forgets_the_name(dialogue: Pop3Dialogue) -> None:
    dialogue.play(f"""
        C: PASS secret
        S: -ERR USER comes first
        C: USER eve
        C: PASS secret
        S: +OK Now the password
        S: {WRONG}
        C: USER ada
        C: PASS wrong
        C: PASS secret
        S: +OK Now the password
        S: {WRONG}
        S: -ERR USER comes first
        C: USER
        S: -ERR USER wants a name
        C: USER ada@example.org
        C: pass secret
        C: USER bob
        S: +OK Now the password
        S: +OK 2 messages
        S: -ERR You are signed in already
    """)


def test_a_password_may_have_blanks(dialogue: Pop3Dialogue) -> None:
    dialogue.says("USER ada", "PASS secret ")
    assert WRONG == dialogue.hears()[-1]


def test_apop(dialogue: Pop3Dialogue) -> None:
    digest = hashlib.md5(b"<nonce@example.org>secret").hexdigest()
    dialogue.play(f"""
        C: APOP ada
        S: -ERR APOP wants a name and a digest
        C: APOP ada {"0" * 32}
        C: APOP eve {digest}
        S: {WRONG}
        S: {WRONG}
        C: APOP ada {digest}
        S: +OK 2 messages
    """)


def test_plain(dialogue: Pop3Dialogue) -> None:
    dialogue.play(f"""
        C: AUTH PLAIN {base64(chr(0) + "ada" + chr(0) + "wrong")}
        S: {WRONG}
        C: AUTH PLAIN
        S: +\x20
        C: {base64(chr(0) + "ada" + chr(0) + "secret")}
        S: +OK 2 messages
        C: AUTH PLAIN
        S: -ERR You are signed in already
    """)


def test_login(dialogue: Pop3Dialogue) -> None:
    dialogue.play(f"""
        C: AUTH LOGIN
        S: + {base64("Username:")}
        C: {base64("ada")}
        S: + {base64("Password:")}
        C: {base64("secret")}
        S: +OK 2 messages
    """)


def test_cram_md5(dialogue: Pop3Dialogue) -> None:
    digest = hmac.new(b"secret", b"<nonce@example.org>", "md5").hexdigest()
    dialogue.play(f"""
        C: AUTH CRAM-MD5 {base64("ada x")}
        S: -ERR In CRAM-MD5 the server speaks first
        C: AUTH CRAM-MD5
        S: + {base64("<nonce@example.org>")}
        C: {base64("ada " + digest)}
        S: +OK 2 messages
    """)


def test_xoauth2_refuses_in_two_steps() -> None:
    dialogue = Pop3Dialogue(tokens={"ada": "ya29.token"})
    dialogue.hears()
    error = '{"status":"401","schemes":"bearer","scope":"https://mail.example.org/"}'
    dialogue.play(f"""
        C: AUTH XOAUTH2 {base64("user=ada" + chr(1) + "auth=Bearer secret" + chr(1) + chr(1))}
        S: + {base64(error)}
        C:
        S: -ERR [AUTH] The token is not accepted
        C: AUTH XOAUTH2
        S: +\x20
        C: {base64("user=ada" + chr(1) + "auth=Bearer ya29.token" + chr(1) + chr(1))}
        S: +OK 2 messages
    """)


def test_what_is_no_exchange(dialogue: Pop3Dialogue) -> None:
    dialogue.play("""
        C: AUTH
        C: AUTH GSSAPI
        C: AUTH SCRAM-SHA-256-PLUS
        S: -ERR AUTH wants a mechanism
        S: -ERR That mechanism is not offered
        S: -ERR That mechanism is not offered
        C: AUTH PLAIN
        C: *
        C: AUTH PLAIN
        C: ???
        C: AUTH PLAIN ???
        C: AUTH PLAIN AAAA
        C: AUTH PLAIN =
        S: +\x20
        S: -ERR The exchange is cancelled
        S: +\x20
        S: -ERR The response is not base64
        S: -ERR The response is not base64
        S: -ERR PLAIN wants identity NUL name NUL password
        S: -ERR PLAIN wants identity NUL name NUL password
    """)


def test_a_long_line_is_for_auth_alone(dialogue: Pop3Dialogue) -> None:
    dialogue.says(f"AUTH PLAIN {base64(chr(0) + 'ada' + chr(0) + 'x' * 1_000)}")
    assert [WRONG] == dialogue.hears()


def test_an_exchange_does_not_survive_a_locked_maildrop(dialogue: Pop3Dialogue) -> None:
    other = Pop3Dialogue(store=dialogue.store, maildrops=dialogue.maildrops)
    other.hears()
    dialogue.says("USER ada", "PASS secret")
    initial = base64("\0ada\0secret")
    other.play(f"""
        C: AUTH PLAIN {initial}
        S: -ERR [IN-USE] Another client has the maildrop
        C: LANG *
        S: +OK i-default is spoken
    """)
    dialogue.says("QUIT")
    other.says(f"AUTH PLAIN {initial}")
    assert ["+OK 2 messages"] == other.hears()


def test_too_many_wrong_passwords(dialogue: Pop3Dialogue) -> None:
    dialogue.says(*["USER ada", "PASS wrong"] * 20)
    heard = dialogue.hears()
    assert (21, "-ERR [SYS/TEMP] Too many wrong credentials") == (len(heard), heard[-1])
    assert [Closing(clean=False)] == dialogue.events
