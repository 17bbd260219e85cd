"""Servers that repeat what they hear: into no error and no log does a secret come that way.

Most of them mean no harm: "command unrecognized", and the line that was not.
"""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

from courriel import CourrielError, Unauthorised
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.hostile.canary import PASSWORD, TOKEN, hide_nothing, told
from tests.sink import Sink

pytestmark = pytest.mark.virtual

# What is asked before the response that gives the secret away.
CHALLENGES: dict[str, list[bytes]] = {
    "PLAIN": [],
    "LOGIN": [b"Username:", b"Password:"],
    "CRAM-MD5": [b"<1896.697170952@example.org>"],
    "XOAUTH2": [],
    "OAUTHBEARER": [],
}
TOKENS = ("XOAUTH2", "OAUTHBEARER")

# Made of the mechanism, the response as it crossed, and the secret.
ECHOES: dict[str, Callable[[str, str, str], str]] = {
    "line": lambda name, said, _: f'535 5.5.1 Command unrecognized: "AUTH {name} {said}"',
    "base64": lambda _, said, __: f"535 {said}",
    "cut short": lambda name, said, _: f"535 5.5.2 AUTH {name} {said[:-5]}... too long",
    "capitals": lambda _, said, __: f"535 {said.upper()}",
    "secret": lambda _, __, secret: f"535 5.7.8 {secret} is wrong",
    "lines": lambda _, said, secret: f"535-no\r\n535-{said}\r\n535 {secret}",
    "transient": lambda _, said, secret: f"454 4.7.0 later: {said} {secret}",
    "closing": lambda _, said, secret: f"421 4.3.2 closing: {said} {secret}",
    "unknown": lambda _, said, __: f"504 5.5.4 unknown: {said}",
    "success": lambda _, said, secret: f"235 2.7.0 welcome {said} {secret}",
    "challenge": lambda _, said, __: f"334 {said}",
    "challenge in clear": lambda _, __, secret: f"334 {secret}",
    "out of step": lambda _, said, __: f"354 {said}",
    "no reply": lambda name, said, _: f"AUTH {name} {said}",
    "no reply, secret": lambda _, __, secret: secret,
    "two codes": lambda _, said, secret: f"535-no\r\n500 {secret} {said}",
}


class Repeating:
    """The server's side of an exchange that ends with an echo of the last response."""

    def __init__(self, mechanism: str, echo: Callable[[str, str, str], str]) -> None:
        self.secret = TOKEN if mechanism in TOKENS else PASSWORD
        self.arguments: dict[str, Any] = {
            "user": "ada",
            "security": "tls",
            "token" if mechanism in TOKENS else "password": self.secret,
        }
        self.responses: list[bytes] = []
        self.sink = Sink(f"AUTH {mechanism}", implicit=True, sasl={mechanism: self})
        self._mechanism, self._echo = mechanism, echo

    def __call__(self, responses: list[bytes]) -> bytes | str:
        self.responses[:] = responses
        challenges = CHALLENGES[self._mechanism]
        if len(responses) < len(challenges):
            return challenges[len(responses)]
        return self._echo(self._mechanism, b64encode(responses[-1]).decode(), self.secret)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


@pytest.mark.parametrize("mechanism", CHALLENGES)
@pytest.mark.parametrize("echo", ECHOES)
@pytest.mark.parametrize("chunk", [None, 1])
async def test_an_echo_shows_nothing(
    face: Face, mechanism: str, echo: str, chunk: int | None, log: pytest.LogCaptureFixture
) -> None:
    server = Repeating(mechanism, ECHOES[echo])
    session = face.scripted(ScriptedServer(server.sink, chunk=chunk), **server.arguments)
    text = ""
    try:
        await session.open()
    except CourrielError as error:
        text = told(error)
    assert (echo == "success") is not bool(text)
    assert server.responses
    hide_nothing(log.text + text, server.responses)
    for response in server.responses:
        said = b64encode(response).decode()
        if len(said) > 12:
            assert said[:12].lower() not in (log.text + text).lower()


@pytest.mark.parametrize("mechanism", ["PLAIN", "XOAUTH2"])
async def test_what_else_the_server_says_is_kept(face: Face, mechanism: str) -> None:
    server = Repeating(mechanism, ECHOES["line"])
    session = face.scripted(ScriptedServer(server.sink), **server.arguments)
    with pytest.raises(Unauthorised, match="Command unrecognized") as caught:
        await session.open()
    assert (535, "5.5.1") == (caught.value.code, caught.value.enhanced)
    assert f'Command unrecognized: "AUTH {mechanism} …' == caught.value.text


@pytest.mark.parametrize("mechanism", TOKENS)
async def test_an_explanation_that_repeats_the_token_shows_nothing(
    face: Face, mechanism: str, log: pytest.LogCaptureFixture
) -> None:
    heard: list[bytes] = []

    def server(responses: list[bytes]) -> bytes | str:
        heard[:] = responses
        if len(responses) == 1:
            return b'{"status":"401","scope":"' + TOKEN.encode() + b'"}'
        # By now the last response is an empty one; the first is still not to be seen.
        return f"535 5.7.8 {b64encode(responses[0]).decode()}"

    sink = Sink(f"AUTH {mechanism}", implicit=True, sasl={mechanism: server})
    session = face.scripted(ScriptedServer(sink), security="tls", user="ada", token=TOKEN)
    with pytest.raises(Unauthorised) as caught:
        await session.open()
    hide_nothing(log.text + told(caught.value), heard)
