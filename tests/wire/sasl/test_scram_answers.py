from __future__ import annotations

import pytest

from courriel.errors import CourrielError, Garbled, InsecureConnection, Unauthorised
from courriel.wire.sasl.scram import SHA_256, exchange
from tests.wire.sasl.conversation import CANARY, Conversation, known, shown, shows_secret
from tests.wire.sasl.scram_server import ScramServer

GOOD = b"r=ours+theirs,s=c2FsdA==,i=4096"


def begun(**more: object) -> Conversation:
    talk = Conversation(exchange(SHA_256, known("ada", CANARY, **more), nonce="ours"))
    talk.begin()
    return talk


def refused(kind: type[CourrielError], challenge: bytes, match: str, **more: object) -> None:
    with pytest.raises(kind, match=match) as caught:
        begun(**more).hear(challenge)
    assert not shows_secret(caught.value)


def answered() -> Conversation:
    """Return a conversation in which the proof has been sent and the server is to show its own."""
    talk = begun()
    assert (talk.hear(GOOD) or b"").startswith(b"c=biws,r=ours+theirs,p=")
    return talk


@pytest.mark.parametrize(
    "nonce", [b"ours", b"theirs", b"our", b"", b"OURS+theirs", b"xours+theirs"]
)
def test_a02_a_nonce_that_does_not_continue_ours(nonce: bytes) -> None:
    refused(InsecureConnection, b"r=" + nonce + b",s=c2FsdA==,i=4096", "nonce")


@pytest.mark.parametrize("nonce", [b"ours\0", b"ours ", b"ours\xff", b"ours\x7f"])
def test_a02_a_nonce_of_forbidden_characters(nonce: bytes) -> None:
    refused(Garbled, b"r=" + nonce + b",s=c2FsdA==,i=4096", "nonce")


@pytest.mark.parametrize(
    "final",
    [
        b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
        b"v=",
        b"v=!!!",
        b"v",
        b"",
        b"x=1",
        b"V=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
        b"\xff" * 100,
    ],
)
def test_a03_a_signature_that_is_wrong_or_missing(final: bytes) -> None:
    with pytest.raises(InsecureConnection, match="did not prove") as caught:
        answered().hear(final)
    assert not caught.value.session_usable
    assert not shows_secret(caught.value)


def test_a03_success_without_a_signature() -> None:
    with pytest.raises(InsecureConnection, match="did not prove"):
        answered().succeed()


def test_a03_success_at_once() -> None:
    with pytest.raises(InsecureConnection, match="did not prove"):
        begun().succeed()


def test_a03_our_own_proof_played_back_proves_nothing() -> None:
    talk = begun()
    proof = (talk.hear(GOOD) or b"").rpartition(b",p=")[2]
    with pytest.raises(InsecureConnection, match="did not prove"):
        talk.hear(b"v=" + proof)


def test_a_challenge_after_the_signature_is_garbled() -> None:
    server = ScramServer("ada", "secret")
    talk = Conversation(exchange(SHA_256, known(iterations_minimum=1)))
    talk.hear(server.final(talk.hear(server.first(talk.begin()))))
    with pytest.raises(Garbled, match="asked again"):
        talk.hear(b"")


def test_extensions_behind_the_signature_and_the_count_are_ignored() -> None:
    class Chatty(ScramServer):
        def first(self, client_first: bytes | None) -> bytes:
            challenge = super().first(client_first) + b",x=y"
            self._messages[1] = challenge
            return challenge

    server = Chatty("ada", "secret")
    talk = Conversation(exchange(SHA_256, known(iterations_minimum=1)))
    assert b"" == talk.hear(server.final(talk.hear(server.first(talk.begin()))) + b",x=y")
    talk.succeed()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (b"invalid-proof", "the password is wrong"),
        (b"unknown-user", "does not know the user"),
        (b"other-error", "no reason"),
        (b"something,new", "no reason"),
        (b"\xff\x1b[2J", "no reason"),
        (b"", "no reason"),
    ],
)
def test_a04_an_error_value_is_a_refusal_and_not_a_broken_protocol(
    value: bytes, words: str
) -> None:
    with pytest.raises(Unauthorised, match=words) as caught:
        answered().hear(b"e=" + value)
    assert caught.value.session_usable
    assert not caught.value.retryable
    assert "\x1b" not in shown(caught.value.with_traceback(None))
    refused(Unauthorised, b"e=" + value, words)


@pytest.mark.parametrize(
    "count", [b"2147483647", b"1000001", b"9" * 60_000, b"00000000000000002147483647"]
)
def test_a05_too_many_iterations(count: bytes) -> None:
    refused(InsecureConnection, b"r=ours+,s=c2FsdA==,i=" + count, "more than 1000000 iterations")


@pytest.mark.parametrize("count", [b"1", b"0", b"4095", b"0001", b"00"])
def test_a06_too_few_iterations(count: bytes) -> None:
    refused(InsecureConnection, b"r=ours+,s=c2FsdA==,i=" + count, "fewer than 4096 iterations")


@pytest.mark.parametrize("count", [b"-1", b"", b"+4096", b"4096.0", b"0x1000", b"4 096", b"x"])
def test_a06_a_count_that_is_no_number(count: bytes) -> None:
    refused(Garbled, b"r=ours+,s=c2FsdA==,i=" + count, "iteration count")


def test_a06_no_count_at_all() -> None:
    refused(Garbled, b"r=ours+,s=c2FsdA==", "iteration count")


def test_no_bound_lets_a_count_of_nothing_pass() -> None:
    refused(InsecureConnection, b"r=ours+,s=c2FsdA==,i=0", "fewer", iterations_minimum=0)


def test_the_bounds_are_the_callers() -> None:
    refused(InsecureConnection, GOOD, "more than 10 ", iterations_minimum=1, iterations_maximum=10)
    refused(InsecureConnection, GOOD, "fewer than 9999 ", iterations_minimum=9_999)
    few = b"r=ours+,s=c2FsdA==,i=2"
    assert (begun(iterations_minimum=2).hear(few) or b"").startswith(b"c=biws,r=ours+,p=")


@pytest.mark.parametrize(
    "challenge", [b"m=x," + GOOD, b"m=", GOOD + b",m=x", b"r=ours+,m=x,s=c2FsdA==,i=4096"]
)
def test_a07_a_mandatory_extension(challenge: bytes) -> None:
    refused(InsecureConnection, challenge, "extension that we do not know")


@pytest.mark.parametrize("salt", [b"", b"!!!", b"c2FsdA", b"c2Fs dA==", b"=", b"c2FsdA==x"])
def test_a11_a_salt_that_is_no_base64(salt: bytes) -> None:
    refused(Garbled, b"r=ours+,s=" + salt + b",i=4096", "salt")


@pytest.mark.parametrize(
    "challenge",
    [
        b"",
        b",",
        b"!!!",
        b"r=ours+",
        b"s=c2FsdA==,r=ours+,i=4096",
        b"R=ours+,S=c2FsdA==,I=4096",
        b"\xff\xfe",
        b"," * 60_000,
    ],
)
def test_a11_a_challenge_that_is_none(challenge: bytes) -> None:
    refused(Garbled, challenge, "nonce, salt and iteration count")
