"""AUTH: the mechanisms with the right and the wrong secret, and all that can go wrong around."""

from __future__ import annotations

import hmac
from base64 import b64encode

import pytest

from courriel.sandbox.smtp.events import Closing
from tests.sandbox.dialogue import Dialogue


def base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def test_plain_with_an_initial_response(dialogue: Dialogue) -> None:
    dialogue.says(f"AUTH PLAIN {base64(chr(0) + 'ada' + chr(0) + 'wrong')}")
    dialogue.play("S: 535 5.7.8 The name or the password is wrong")
    dialogue.says(f"auth plain {base64(chr(0) + 'ada@example.org' + chr(0) + 'secret')}")
    dialogue.play("S: 235 2.7.0 You are signed in")
    dialogue.play("""
        C: AUTH PLAIN
        S: 503 5.5.1 You are signed in already (RFC 4954, 4)
    """)


def test_plain_without_an_initial_response(dialogue: Dialogue) -> None:
    dialogue.says("AUTH PLAIN")
    assert ["334 "] == dialogue.hears()
    dialogue.says(base64("ada\0ada\0secret"))
    dialogue.play("S: 235 2.7.0 You are signed in")


def test_login(dialogue: Dialogue) -> None:
    dialogue.play(f"""
        C: AUTH LOGIN
        S: 334 {base64("Username:")}
        C: {base64("ada")}
        S: 334 {base64("Password:")}
        C: {base64("wrong")}
        S: 535 5.7.8 The name or the password is wrong
        C: AUTH LOGIN {base64("ada")}
        S: 334 {base64("Password:")}
        C: {base64("secret")}
        S: 235 2.7.0 You are signed in
    """)


def test_cram_md5(dialogue: Dialogue) -> None:
    digest = hmac.new(b"secret", b"<nonce@example.org>", "md5").hexdigest()
    dialogue.play(f"""
        C: AUTH CRAM-MD5 {base64("ada x")}
        S: 501 5.7.0 In CRAM-MD5 the server speaks first
        C: AUTH CRAM-MD5
        S: 334 {base64("<nonce@example.org>")}
        C: {base64("ada 0123456789abcdef0123456789abcdef")}
        S: 535 5.7.8 The name or the password is wrong
        C: AUTH CRAM-MD5
        S: 334 {base64("<nonce@example.org>")}
        C: {base64("ada " + digest)}
        S: 235 2.7.0 You are signed in
    """)


def test_xoauth2_refuses_in_two_steps() -> None:
    dialogue = Dialogue.begun(tokens={"ada": "ya29.token"})
    error = '{"status":"401","schemes":"bearer","scope":"https://mail.example.org/"}'
    dialogue.play(f"""
        C: AUTH XOAUTH2 {base64("user=ada" + chr(1) + "auth=Bearer secret" + chr(1) + chr(1))}
        S: 334 {base64(error)}
        C:
        S: 535 5.7.8 The token is not accepted
        C: AUTH XOAUTH2 {base64("user=ada" + chr(1) + "auth=Bearer ya29.token" + chr(1) + chr(1))}
        S: 235 2.7.0 You are signed in
    """)


def test_an_exchange_can_be_cancelled(dialogue: Dialogue) -> None:
    dialogue.play("""
        C: AUTH PLAIN
        S: 334 …
        C: *
        S: 501 5.7.0 The exchange is cancelled
        C: NOOP
        S: 250 2.0.0 OK
    """)


@pytest.mark.parametrize("response", ["!!!", "AAA", "ä", "QUIT now"])
def test_a_response_that_is_no_base64_ends_the_exchange(dialogue: Dialogue, response: str) -> None:
    dialogue.says("AUTH PLAIN", response, "NOOP")
    dialogue.play("""
        S: 334 …
        S: 501 5.5.2 The response is not base64
        S: 250 2.0.0 OK
    """)


def test_an_empty_initial_response_is_an_equals_sign(dialogue: Dialogue) -> None:
    dialogue.play("""
        C: AUTH PLAIN =
        S: 501 5.5.2 PLAIN wants identity NUL name NUL password
    """)


def test_mechanisms_that_are_not_there(dialogue: Dialogue) -> None:
    dialogue.play("""
        C: AUTH
        S: 501 5.5.4 AUTH wants a mechanism
        C: AUTH GSSAPI
        S: 504 5.5.4 That mechanism is not offered
        C: AUTH OAUTHBEARER
        S: 504 5.5.4 That mechanism is not offered
        C: AUTH SCRAM-SHA-256-PLUS
        S: 504 5.5.4 That mechanism is not offered
    """)


def test_a_server_without_auth() -> None:
    dialogue = Dialogue.begun(without={"AUTH"})
    dialogue.play("""
        C: AUTH PLAIN
        S: 502 5.5.1 AUTH is not offered
    """)


def test_a_server_that_wants_tls_first() -> None:
    dialogue = Dialogue(auth_requires_tls=True)
    dialogue.hears()
    dialogue.says("EHLO client.example")
    assert not any("AUTH" in line for line in dialogue.hears())
    dialogue.play("""
        C: AUTH PLAIN
        S: 538 5.7.11 STARTTLS comes first
        C: STARTTLS
        S: 220 2.0.0 Ready to start TLS
    """)
    dialogue.machine.tls_started()
    dialogue.says("EHLO client.example", "AUTH PLAIN AGFkYQBzZWNyZXQ=")
    heard = dialogue.hears()
    assert any(line.startswith("250-AUTH SCRAM-SHA-256-PLUS ") for line in heard)
    assert "235 2.7.0 You are signed in" == heard[-1]


def test_guessing_is_bounded() -> None:
    dialogue = Dialogue.begun(auth_failures=2)
    guess = f"AUTH PLAIN {base64(chr(0) + 'ada' + chr(0) + 'guess')}"
    dialogue.says(guess, guess, guess)
    dialogue.play("""
        S: 535 5.7.8 The name or the password is wrong
        S: 535 5.7.8 The name or the password is wrong
        S: 421 4.7.0 Too many wrong credentials
    """)
    assert [Closing(clean=False)] == dialogue.events


def test_a_response_may_be_long_and_not_endless(dialogue: Dialogue) -> None:
    dialogue.says("AUTH PLAIN", "A" * 12_284)
    dialogue.play("""
        S: 334 …
        S: 501 5.5.2 PLAIN wants identity NUL name NUL password
    """)
    dialogue.says("AUTH PLAIN", "A" * 12_288, "NOOP")
    dialogue.play("""
        S: 334 …
        S: 500 5.5.2 A line has at most 12288 octets
        S: 250 2.0.0 OK
    """)
