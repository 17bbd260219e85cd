"""Signing in where the server binds to something else: the one thing that may be given up.

Scripted sessions have no certificate to bind to, so that a carrier of our own stands in here.
"""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from courriel import CourrielError, Unauthorised
from courriel.faces import Flow
from courriel.flows.carrying import Carrier, Denial, Response, Verdict
from courriel.flows.effects import Offload, Secured
from courriel.flows.signing import sign_in
from courriel.model.profile import Profile
from courriel.model.secret import Secret
from courriel.wire.sasl.binding import server_end_point
from courriel.wire.sasl.echo import Echo
from tests.wire.sasl.scram_server import ScramServer
from tests.wire.sasl.test_binding import GOOD

PASSWORD = "correct horse"
PLUS, BARE = "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"
OFFER = (PLUS, BARE, "CRAM-MD5", "PLAIN", "LOGIN")
PROFILE = Profile("mail.example.org", 993, user="ada", password=Secret(PASSWORD))

Answer = Callable[[int, bytes], "bytes | str"]


class Recorder(Carrier):
    """Carries to ``answer``, for each mechanism one, what is said; ``tried`` tells the beginnings.

    ``answer`` is given how many responses there were, and the last. Text is a refusal.
    """

    __slots__ = ("_answers", "_count", "_name", "offer", "tried")

    service, verb = "IMAP", "AUTHENTICATE"

    def __init__(self, offer: tuple[str, ...], answers: dict[str, Answer]) -> None:
        self.offer = offer
        self.tried: list[tuple[str, bytes]] = []
        self._answers = answers
        self._name = ""
        self._count = 0

    @property
    def mechanisms(self) -> tuple[str, ...]:
        return self.offer

    @property
    def secured(self) -> bool:
        return True

    @property
    def usable(self) -> bool:
        return True

    def fits(self, mechanism: str, response: Response) -> bool:
        return True

    def begin(self, mechanism: str, response: Response | None, echo: Echo) -> Flow[Verdict]:
        assert response is not None
        self._name, self._count = mechanism, 0
        self.tried.append((mechanism, response.octets.partition(b",")[0]))
        return (yield from self.respond(response, echo))

    def respond(self, response: Response | None, echo: Echo) -> Flow[Verdict]:
        yield from ()
        if response is None:
            return Verdict(denial=Denial("cancelled"))
        self._count += 1
        said = self._answers[self._name](self._count, response.octets)
        if isinstance(said, str):
            return Verdict(denial=Denial(said, said)) if said else Verdict()
        return Verdict(challenge=b64encode(said).decode())


def honest(*, bound: bool = False) -> Answer:
    end_point = server_end_point(GOOD) if bound else None
    server = ScramServer("ada", PASSWORD, iterations=4096, end_point=end_point)

    def answer(count: int, said: bytes) -> bytes | str:
        return (server.first, server.final)[count - 1](said) if count < 3 else ""

    return answer


def otherwise(refusal: bytes | str, *, at: int) -> Answer:
    """A server that goes on until the response ``at``, and then says something else."""
    good = honest(bound=True)
    return lambda count, said: refusal if count == at else good(count, said)


def run(flow: Flow[Any]) -> None:
    """Run a flow that asks for nothing but long arithmetic."""
    answer: Any = None
    try:
        while True:
            effect = flow.send(answer)
            assert isinstance(effect, Offload)
            answer = effect.function()
    except StopIteration:
        pass


def signs_in(carrier: Recorder, profile: Profile = PROFILE) -> None:
    run(sign_in(carrier, profile, Secured("TLSv1.3", GOOD)))


def refused(carrier: Recorder, profile: Profile = PROFILE) -> CourrielError:
    with pytest.raises(CourrielError) as caught:
        signs_in(carrier, profile)
    return caught.value


def test_the_server_that_binds_as_we_do() -> None:
    carrier = Recorder(OFFER, {PLUS: honest(bound=True)})
    signs_in(carrier)
    assert [(PLUS, b"p=tls-server-end-point")] == carrier.tried


@pytest.mark.parametrize(
    ("refusal", "at"),
    [
        # Cyrus IMAP 3.6, of which the last is how its POP3 says it.
        ("bad protocol / cancel", 2),
        ("[AUTH] authenticating: bad protocol / cancel", 2),
        (b"e=unsupported-channel-binding-type", 1),
        (b"e=unsupported-channel-binding-type", 2),
    ],
)
def test_a_server_that_binds_to_something_else_is_signed_in_to_without(
    refusal: bytes | str, at: int, caplog: pytest.LogCaptureFixture
) -> None:
    carrier = Recorder(OFFER, {PLUS: otherwise(refusal, at=at), BARE: honest()})
    signs_in(carrier)
    # "y" would be a lie that the server must take for somebody's meddling (RFC 5802, 6).
    assert [(PLUS, b"p=tls-server-end-point"), (BARE, b"n")] == carrier.tried
    [said] = caplog.messages
    assert "mail.example.org knows no channel binding that we know" in said
    assert PASSWORD not in said


@pytest.mark.parametrize("checks", ["none", "any name"])
def test_where_no_certificate_is_checked_binding_is_not_given_up(checks: str) -> None:
    context = ssl.create_default_context()
    context.check_hostname = False
    if checks == "none":
        context.verify_mode = ssl.CERT_NONE
    carrier = Recorder(OFFER, {PLUS: otherwise("bad protocol / cancel", at=2), BARE: honest()})
    assert isinstance(refused(carrier, replace(PROFILE, tls=context)), Unauthorised)
    assert [PLUS] == [name for name, _ in carrier.tried]


@pytest.mark.parametrize(
    "refusal",
    [
        "authentication failure",
        "[AUTHENTICATIONFAILED] no",
        "no",
        b"e=invalid-proof",
        b"e=channel-bindings-dont-match",
        b"e=channel-binding-not-supported",
        b"e=other-error",
    ],
)
def test_no_other_refusal_gives_up_the_binding(refusal: bytes | str) -> None:
    carrier = Recorder(OFFER, {PLUS: otherwise(refusal, at=2), BARE: honest()})
    refused(carrier)
    assert [PLUS] == [name for name, _ in carrier.tried]


def test_nothing_weaker_than_the_same_mechanism_follows() -> None:
    refusal = "bad protocol / cancel"
    carrier = Recorder((PLUS, "CRAM-MD5", "PLAIN"), {PLUS: otherwise(refusal, at=2)})
    assert isinstance(refused(carrier), Unauthorised)
    always = otherwise(refusal, at=1)
    carrier = Recorder(OFFER, {PLUS: always, BARE: always})
    assert isinstance(refused(carrier), Unauthorised)
    assert [PLUS, BARE] == [name for name, _ in carrier.tried]
