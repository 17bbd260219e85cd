from __future__ import annotations

from base64 import b64decode, b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.errors import Garbled, Misused
from courriel.wire.sasl.exchange import Mechanism
from courriel.wire.sasl.oauth import explain, oauthbearer, xoauth2
from tests.wire.sasl.conversation import CANARY, Conversation, known, shows_secret

TOKEN = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="
EXPIRED = "the token is expired, revoked or meant for another server"
FORBIDDEN = "the token does not allow this"
BOTH = pytest.mark.parametrize("mechanism", [xoauth2, oauthbearer])


def test_the_example_of_rfc_7628() -> None:
    talk = Conversation(
        oauthbearer(
            known("user@example.com", None, token=TOKEN, host="server.example.com", port=143)
        )
    )
    assert (
        b"bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9"
        b"QmVhcmVyIHZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB"
    ) == b64encode(talk.begin() or b"")
    talk.succeed()


def test_the_example_of_google() -> None:
    token = "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg"
    talk = Conversation(xoauth2(known("someuser@example.com", None, token=token)))
    assert (
        b"dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNS"
        b"bGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ=="
    ) == b64encode(talk.begin() or b"")
    talk.succeed()


def test_a_bearer_without_user_host_and_port_is_the_token_alone() -> None:
    talk = Conversation(oauthbearer(known("", None, token=TOKEN)))
    assert b"n,,\x01auth=Bearer " + TOKEN.encode() + b"\x01\x01" == talk.begin()


def test_commas_and_equals_signs_in_the_name_are_escaped_for_the_bearer() -> None:
    talk = Conversation(oauthbearer(known("a=b,c", None, token=TOKEN)))
    assert (talk.begin() or b"").startswith(b"n,a=a=3Db=2Cc,\x01auth=")


def test_an_international_host_goes_out_in_ascii() -> None:
    talk = Conversation(oauthbearer(known("", None, token=TOKEN, host="bücher.example")))
    assert b"\x01host=xn--bcher-kva.example\x01" in (talk.begin() or b"")


def test_a08_xoauth2_answers_the_error_with_an_empty_response() -> None:
    talk = Conversation(xoauth2(known("ada", None, token=TOKEN)))
    talk.begin()
    assert b"" == talk.hear(b'{"status":"401","schemes":"bearer","scope":"mail"}')


def test_a09_oauthbearer_answers_the_error_with_one_control_a() -> None:
    talk = Conversation(oauthbearer(known("ada", None, token=TOKEN)))
    talk.begin()
    answer = talk.hear(b64decode("eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0="))
    assert b"AQ==" == b64encode(answer or b"")


@BOTH
def test_a_challenge_after_the_error_is_garbled(mechanism: Mechanism) -> None:
    talk = Conversation(mechanism(known("ada", None, token=CANARY)))
    talk.begin()
    talk.hear(b'{"status":"401"}')
    with pytest.raises(Garbled, match="asked again") as caught:
        talk.hear(b'{"status":"401"}')
    assert not shows_secret(caught.value)


@BOTH
def test_success_after_the_error_is_garbled(mechanism: Mechanism) -> None:
    talk = Conversation(mechanism(known("ada", None, token=TOKEN)))
    talk.begin()
    talk.hear(b"")
    with pytest.raises(Garbled):
        talk.succeed()


@BOTH
@pytest.mark.parametrize("bad", ["\r", "\n", "\0", "\x01", " ", "\x7f", "é", "\ud800"])
def test_a_token_with_anything_odd_in_it_is_refused(mechanism: Mechanism, bad: str) -> None:
    with pytest.raises(Misused, match="the token") as caught:
        Conversation(mechanism(known("ada", None, token=CANARY + bad))).begin()
    assert not shows_secret(caught.value)


@BOTH
def test_a_missing_token_is_refused(mechanism: Mechanism) -> None:
    with pytest.raises(Misused, match="the token is missing"):
        Conversation(mechanism(known("ada", "secret"))).begin()


@BOTH
@pytest.mark.parametrize("bad", ["a\rb", "a\nb", "a\0b", "a\x01auth=Bearer x\x01", "\ud800"])
def test_a_user_name_cannot_smuggle_a_field(mechanism: Mechanism, bad: str) -> None:
    with pytest.raises(Misused, match="the user name"):
        Conversation(mechanism(known(bad, None, token=TOKEN))).begin()


@pytest.mark.parametrize("bad", ["a\x01b", "a b", "a\r\nb", "a" * 80 + "é", "\ud800"])
def test_a_host_cannot_smuggle_a_field(bad: str) -> None:
    with pytest.raises(Misused, match="host name"):
        Conversation(oauthbearer(known("ada", None, token=TOKEN, host=bad))).begin()


def test_xoauth2_needs_a_user() -> None:
    with pytest.raises(Misused, match="the user name"):
        Conversation(xoauth2(known("", None, token=TOKEN))).begin()


@pytest.mark.parametrize(
    ("challenge", "expected"),
    [
        (
            b'{"status":"401","schemes":"bearer","scope":"mail"}',
            f"status 401: {EXPIRED}; it wants the scope mail",
        ),
        (
            b'{"status":401,"scope":""}',
            f"status 401: {EXPIRED}",
        ),
        (
            b'{"status":"insufficient_scope","scope":"https://mail.google.com/"}',
            f"status insufficient_scope: {FORBIDDEN}; it wants the scope https://mail.google.com/",
        ),
        (b'{"status":"teapot"}', "status teapot"),
        (b'{"scope":"example_scope"}', "it wants the scope example_scope"),
        (b'{"status":"4 0 1","scope":"a\\u001bb"}', ""),
        (b'{"status":["401"],"scope":{}}', ""),
        (b'{"status":"' + b"x" * 100 + b'"}', ""),
        (b'{"scope":"' + b"x" * 1000 + b'"}', ""),
        (b'{"scope":"   "}', ""),
        (b"[]", ""),
        (b"", ""),
        (b"\xff\xfe\x00", ""),
        (b"[" * 60_000, ""),
        (b"1" * 60_000, ""),
        (b'{"status":"401"}' + b" " * 70_000, ""),
    ],
)
def test_an_error_challenge_in_words(challenge: bytes, expected: str) -> None:
    assert expected == explain(challenge)


@given(st.binary() | st.text().map(str.encode))
def test_law_explaining_never_raises(challenge: bytes) -> None:
    assert isinstance(explain(challenge), str)


@given(
    st.dictionaries(
        st.sampled_from(["status", "scope", "schemes"]),
        st.text() | st.integers() | st.floats() | st.none() | st.lists(st.text()),
    )
)
def test_law_an_explanation_is_one_short_printable_line(said: dict[str, object]) -> None:
    import json

    words = explain(json.dumps(said).encode())
    assert words.isascii()
    assert words == "" or words.isprintable()
    assert len(words) < 500
