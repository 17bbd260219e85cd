from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courriel.errors import InsecureConnection, Misused, Unauthorised
from courriel.wire.sasl.exchange import Compute
from courriel.wire.sasl.scram import (
    SHA_1,
    SHA_1_PLUS,
    SHA_256,
    SHA_256_PLUS,
    Variant,
    exchange,
    scram_sha_1,
    scram_sha_1_plus,
    scram_sha_256,
    scram_sha_256_plus,
)
from tests.wire.sasl.conversation import Conversation, known
from tests.wire.sasl.scram_server import ScramServer

# Characters that SASLprep leaves alone, so that the server need not know it.
TEXT = st.text(alphabet="azAZ09 =,;\\\"'%äöüßéñ€中日", min_size=1, max_size=20)


def test_the_example_of_rfc_5802() -> None:
    talk = Conversation(exchange(SHA_1, known("user", "pencil"), nonce="fyko+d2lbbFgONRv9qkxdawL"))
    assert b"n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL" == talk.begin()
    assert (
        b"c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="
    ) == talk.hear(b"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096")
    assert b"" == talk.hear(b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=")
    talk.succeed()


def test_the_example_of_rfc_7677() -> None:
    talk = Conversation(exchange(SHA_256, known("user", "pencil"), nonce="rOprNGfwEbeRWgbNEkqO"))
    assert b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO" == talk.begin()
    assert (
        b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
        b"p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    ) == talk.hear(
        b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    )
    assert b"" == talk.hear(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
    talk.succeed()


@settings(max_examples=50)
@given(
    user=TEXT,
    password=TEXT,
    salt=st.binary(min_size=1, max_size=32),
    iterations=st.integers(1, 5),
    variant=st.sampled_from([SHA_1, SHA_1_PLUS, SHA_256, SHA_256_PLUS]),
)
def test_law_client_and_server_agree(
    user: str, password: str, salt: bytes, iterations: int, variant: Variant
) -> None:
    end_point = b"\x01\x02\x03" if variant.bound else None
    server = ScramServer(
        user,
        password,
        digest=variant.digest,
        salt=salt,
        iterations=iterations,
        end_point=end_point,
    )
    credentials = known(user, password, server_end_point=end_point, iterations_minimum=1)
    talk = Conversation(exchange(variant, credentials))
    challenge = server.first(talk.begin())
    assert b"" == talk.hear(server.final(talk.hear(challenge)))
    talk.succeed()


@settings(max_examples=25)
@given(password=TEXT, other=TEXT)
def test_law_another_password_is_refused(password: str, other: str) -> None:
    server = ScramServer("ada", password)
    talk = Conversation(exchange(SHA_256, known("ada", other, iterations_minimum=1)))
    verdict = server.final(talk.hear(server.first(talk.begin())))
    if password == other:
        assert b"" == talk.hear(verdict)
    else:
        with pytest.raises(Unauthorised, match="the password is wrong"):
            talk.hear(verdict)


def test_the_password_is_prepared() -> None:
    server = ScramServer("ada", "IX")
    talk = Conversation(exchange(SHA_256, known("ada", "I\u00adX", iterations_minimum=1)))
    assert b"" == talk.hear(server.final(talk.hear(server.first(talk.begin()))))


def test_the_long_arithmetic_is_handed_out_and_shows_nothing() -> None:
    mechanism = exchange(SHA_256, known("ada", "opensesame"), nonce="ours")
    next(mechanism)
    work = mechanism.send(b"r=oursandtheirs,s=c2FsdA==,i=4096")
    assert isinstance(work, Compute)
    assert "opensesame" not in repr(work)
    answer = mechanism.send(work.function())
    assert isinstance(answer, bytes)
    assert answer.startswith(b"c=biws,r=oursandtheirs,p=")


def test_every_exchange_has_a_nonce_of_its_own() -> None:
    said = {Conversation(scram_sha_256(known())).begin() for _ in range(20)}
    assert 20 == len(said)
    for first in said:
        assert first is not None
        assert 24 <= len(first.removeprefix(b"n,,n=ada,r="))


def test_the_public_names_are_the_variants() -> None:
    bound = known(server_end_point=b"hash")
    for mechanism, header in (
        (scram_sha_1, b"y,,"),
        (scram_sha_256, b"y,,"),
        (scram_sha_1_plus, b"p=tls-server-end-point,,"),
        (scram_sha_256_plus, b"p=tls-server-end-point,,"),
    ):
        assert (Conversation(mechanism(bound)).begin() or b"").startswith(header + b"n=ada,r=")


def test_without_tls_we_cannot_bind_and_say_so() -> None:
    assert (Conversation(scram_sha_1(known())).begin() or b"").startswith(b"n,,")


def test_when_the_offer_was_seen_we_do_not_claim_that_it_was_not() -> None:
    seen = known(server_end_point=b"hash", binding_offered=True)
    assert (Conversation(scram_sha_256(seen)).begin() or b"").startswith(b"n,,")


def test_a_stripped_offer_of_binding_is_noticed() -> None:
    server = ScramServer("ada", "secret", offers_binding=True)
    talk = Conversation(scram_sha_256(known(server_end_point=b"hash", iterations_minimum=1)))
    with pytest.raises(InsecureConnection, match="offer of channel binding got lost"):
        talk.hear(server.first(talk.begin()))


def test_another_certificate_in_between_is_noticed() -> None:
    server = ScramServer("ada", "secret", end_point=b"the server's own")
    end_point = b"the attacker's"
    talk = Conversation(scram_sha_256_plus(known(server_end_point=end_point, iterations_minimum=1)))
    verdict = server.final(talk.hear(server.first(talk.begin())))
    with pytest.raises(InsecureConnection, match="another TLS certificate"):
        talk.hear(verdict)


def test_binding_without_a_certificate_is_misused() -> None:
    with pytest.raises(Misused, match="certificate to bind to"):
        Conversation(scram_sha_256_plus(known())).begin()


@pytest.mark.parametrize("bad", ["", "a\0b", "a\r\nb", "a\u0007", "\u0627\u0031"])
def test_what_saslprep_prohibits_is_refused_before_a_byte_goes_out(bad: str) -> None:
    with pytest.raises(Misused, match="the user name"):
        Conversation(scram_sha_256(known(bad, "secret"))).begin()
    with pytest.raises(Misused, match="the password"):
        Conversation(scram_sha_256(known("ada", bad))).begin()
