"""Sessions that sign in to a scripted server whose side of the exchange is computed.

Only what the tests of ``test_authentication`` and ``test_scram`` share lives here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from courriel import CourrielError, Misused, SessionState
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.sink import SaslServer, Sink
from tests.wire.sasl.scram_server import ScramServer

PASSWORD, TOKEN = "correct horse", "ya29.canary"
STRONG = ["SCRAM-SHA-256", "SCRAM-SHA-1"]
PASSWORDS = [*STRONG, "CRAM-MD5", "PLAIN", "LOGIN"]
TOKENS = ["OAUTHBEARER", "XOAUTH2"]

Change = Callable[[bytes], bytes]


def unchanged(said: bytes) -> bytes:
    return said


def sink_of(*mechanisms: str, server: SaslServer, words: str | None = None) -> Sink:
    """A server under TLS that offers these mechanisms and answers all of them with ``server``."""
    offer = "AUTH " + " ".join(mechanisms) if words is None else words
    return Sink(*offer.split("|"), sasl=dict.fromkeys(mechanisms, server), implicit=True)


def session_at(face: Face, sink: Sink, *, chunk: int | None = None, **arguments: Any) -> Any:
    """A session with a password, unless a token is given."""
    secret = {} if "token" in arguments else {"password": PASSWORD}
    server = ScriptedServer(sink, chunk=chunk)
    return face.scripted(server, **({"security": "tls", "user": "ada"} | secret | arguments))


async def signs_in(face: Face, sink: Sink, **arguments: Any) -> None:
    async with session_at(face, sink, **arguments) as session:
        assert session.usable
    assert "QUIT" == sink.commands[-1]


async def refused(face: Face, sink: Sink, **arguments: Any) -> CourrielError:
    """Expect that signing in fails, and that nothing is left of the session."""
    session = session_at(face, sink, **arguments)
    with pytest.raises(CourrielError) as caught:
        await session.open()
    assert SessionState.CLOSED is session.state
    assert not session.usable
    with pytest.raises(Misused):
        await session.noop()
    assert not any(line.startswith(("MAIL", "NOOP")) for line in sink.commands)
    return caught.value


def tried(sink: Sink) -> list[str]:
    """The mechanisms that were tried, in order."""
    return [line.split(" ")[1] for line in sink.commands if line.startswith("AUTH")]


class Scram:
    """The server's side of SCRAM, with what it says changed; ``heard`` are the responses."""

    def __init__(
        self,
        first: Change = unchanged,
        final: Change | str = unchanged,
        *,
        password: str = PASSWORD,
        digest: str = "sha256",
        iterations: int = 4096,
    ) -> None:
        self._server = ScramServer("ada", password, digest=digest, iterations=iterations)
        self._first = first
        self._final = final
        self.heard: list[bytes] = []

    def __call__(self, responses: list[bytes]) -> bytes | str:
        self.heard = responses
        if len(responses) == 1:
            return self._first(self._server.first(responses[0]))
        if len(responses) > 2:
            return "235 2.7.0 welcome"
        if isinstance(self._final, str):
            return self._final
        return self._final(self._server.final(responses[1]))

    @property
    def client_nonce(self) -> bytes:
        return self.heard[0].rpartition(b"r=")[2]


def always(said: bytes | str) -> SaslServer:
    return lambda _: said


EXPIRED = {
    "XOAUTH2": b'{"status":"401","schemes":"bearer","scope":"mail"}',
    "OAUTHBEARER": b'{"status":"invalid_token","scope":"mail"}',
}
LAST_RESPONSE = {"XOAUTH2": b"", "OAUTHBEARER": b"\x01"}


class Tokens:
    """A server that takes only the token it was given."""

    def __init__(self, mechanism: str, good: str = "", refusal: str = "535 5.7.8 no") -> None:
        self._mechanism = mechanism
        self._good = good.encode()
        self._refusal = refusal
        self.heard: list[bytes] = []

    def __call__(self, responses: list[bytes]) -> bytes | str:
        if len(responses) == 1:
            if self._good and b"auth=Bearer " + self._good + b"\x01" in responses[0]:
                return "235 2.7.0 welcome"
            return EXPIRED[self._mechanism]
        self.heard = responses
        return self._refusal
