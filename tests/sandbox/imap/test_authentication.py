"""LOGIN and AUTHENTICATE. The mechanisms themselves are tried in ``test_sasl``."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from courriel.sandbox.events import Closing
from tests.sandbox.imap.dialogue import ImapDialogue

PLAIN = b64encode(b"\0ada\0secret").decode()
WRONG = b64encode(b"\0ada\0wrong").decode()


def fresh(**options: Any) -> ImapDialogue:
    dialogue = ImapDialogue(**options)
    dialogue.hears()
    return dialogue


@pytest.mark.parametrize(
    "command", ['LOGIN ada "secret"', f"AUTHENTICATE PLAIN {PLAIN}", "login ada@example.org secret"]
)
def test_signing_in(command: str) -> None:
    dialogue = fresh()
    (done,) = dialogue.asks(command)
    assert done.startswith("a OK [CAPABILITY IMAP4rev1 ")
    assert done.endswith("] You are signed in")


def test_signing_in_with_literals() -> None:
    fresh().play("""
        C: a LOGIN {3}
        S: + Go on
        C: ada {6+}
        C: secret
        S: a OK …
    """)


def test_an_exchange_in_steps() -> None:
    fresh().play(f"""
        C: a AUTHENTICATE PLAIN
        S: +…
        C: {PLAIN}
        S: a OK …
    """)


def test_login_asks_for_both() -> None:
    name, password = b64encode(b"ada").decode(), b64encode(b"secret").decode()
    fresh().play(f"""
        C: a AUTHENTICATE LOGIN
        S: + VXNlcm5hbWU6
        C: {name}
        S: + UGFzc3dvcmQ6
        C: {password}
        S: a OK …
    """)


def test_wrong_credentials() -> None:
    fresh().play(f"""
        C: a LOGIN ada wrong
        S: a NO [AUTHENTICATIONFAILED] The name or the password is wrong
        C: b AUTHENTICATE PLAIN {WRONG}
        S: b NO [AUTHENTICATIONFAILED] The name or the password is wrong
        C: c LOGIN eve secret
        S: c NO [AUTHENTICATIONFAILED] The name or the password is wrong
        C: d LOGIN ada secret
        S: d OK …
    """)


def test_what_is_no_response() -> None:
    fresh().play("""
        C: a AUTHENTICATE PLAIN !
        S: a BAD The response is not base64
        C: b AUTHENTICATE PLAIN
        S: +…
        C: *
        S: b BAD The exchange is cancelled
        C: c AUTHENTICATE PLAIN =
        S: c BAD PLAIN wants identity NUL name NUL password
        C: d AUTHENTICATE CRAM-MD5 YWRh
        S: d BAD In CRAM-MD5 the server speaks first
        C: e AUTHENTICATE GSSAPI
        S: e NO [CANNOT] That mechanism is not offered
    """)


def test_an_initial_response_wants_sasl_ir() -> None:
    dialogue = fresh(without=["SASL-IR"])
    assert ["a BAD SASL-IR is not offered"] == dialogue.asks(f"AUTHENTICATE PLAIN {PLAIN}")


@pytest.mark.parametrize("option", ["auth_requires_tls", "tls_required"])
def test_no_credentials_in_clear(option: str) -> None:
    dialogue = fresh(**{option: True})
    expected = ["a NO [PRIVACYREQUIRED] STARTTLS comes first"]
    assert expected == dialogue.asks("LOGIN ada secret")
    assert expected == dialogue.asks(f"AUTHENTICATE PLAIN {PLAIN}")
    secured = fresh(secured=True, **{option: True})
    assert secured.asks("LOGIN ada secret")[0].startswith("a OK ")


def test_login_can_be_switched_off() -> None:
    dialogue = fresh(without=["LOGIN"])
    assert ["a NO [CANNOT] LOGIN is not offered"] == dialogue.asks("LOGIN ada secret")
    assert dialogue.asks(f"AUTHENTICATE PLAIN {PLAIN}")[0].startswith("a OK ")


def test_guessing_is_bounded() -> None:
    dialogue = fresh(auth_failures=2)
    dialogue.says("a LOGIN ada a", "b LOGIN ada b", "c LOGIN ada secret")
    *_, last = dialogue.hears()
    assert "* BYE Too many wrong credentials" == last
    assert [Closing(clean=False)] == dialogue.events


def test_what_is_not_utf_8_signs_nobody_in() -> None:
    dialogue = fresh()
    dialogue.sends(b"a LOGIN ada {1+}\r\n\xff\r\n")
    assert ["a NO [AUTHENTICATIONFAILED] The name or the password is wrong"] == dialogue.hears()
