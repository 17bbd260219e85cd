"""Secrets in logs, errors and tracebacks (security.md, 1.9): a canary is nowhere to be found.

What is looked for is told in ``canary``. Errors on real sockets are in ``test_secrets_network``.
"""

from __future__ import annotations

import base64
import logging
import pickle
from typing import Any

import pytest

from courriel import (
    CourrielError,
    Limits,
    Misused,
    Registry,
    Secret,
    SMTPSession,
    open_session,
)
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.hostile.canary import PASSWORD, TOKEN, hide_nothing, told
from tests.hostile.signing import PASSWORDS, TOKENS, Scram, Tokens
from tests.sink import HELLO, SaslServer, Sink

pytestmark = pytest.mark.virtual


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


class Watched:
    """The server's side of an exchange; ``responses`` are all that were ever given."""

    def __init__(self, server: SaslServer) -> None:
        self._server = server
        self.responses: list[bytes] = []

    def __call__(self, responses: list[bytes]) -> bytes | str:
        self.responses += responses[-1:]
        return self._server(responses)


def ask_twice(responses: list[bytes]) -> bytes | str:
    return "235 welcome" if len(responses) == 2 else (b"Username:", b"Password:")[len(responses)]


def ask_once(responses: list[bytes]) -> bytes | str:
    return "235 welcome" if responses else b"<1896.697170952@example.org>"


HONEST: dict[str, Any] = {
    "SCRAM-SHA-256": lambda: Scram(password=PASSWORD),
    "SCRAM-SHA-1": lambda: Scram(password=PASSWORD, digest="sha1"),
    "CRAM-MD5": lambda: ask_once,
    "PLAIN": lambda: lambda _: "235 welcome",
    "LOGIN": lambda: ask_twice,
    "XOAUTH2": lambda: Tokens("XOAUTH2", good=TOKEN),
    "OAUTHBEARER": lambda: Tokens("OAUTHBEARER", good=TOKEN),
}
MECHANISMS = pytest.mark.parametrize("mechanism", [*PASSWORDS, *TOKENS])
CHUNKS = pytest.mark.parametrize("chunk", [None, 1])


def secret_for(mechanism: str) -> dict[str, Any]:
    return {"token": TOKEN} if mechanism in TOKENS else {"password": PASSWORD}


def server_with(mechanism: str, server: SaslServer) -> tuple[Sink, Watched]:
    watched = Watched(server)
    return Sink(f"AUTH {mechanism}", implicit=True, sasl={mechanism: watched}), watched


@MECHANISMS
@CHUNKS
async def test_signing_in_shows_nothing(
    face: Face, mechanism: str, chunk: int | None, log: pytest.LogCaptureFixture
) -> None:
    sink, watched = server_with(mechanism, HONEST[mechanism]())
    server = ScriptedServer(sink, chunk=chunk)
    session = face.scripted(server, security="tls", user="ada", **secret_for(mechanism))
    async with session:
        plain = getattr(session, "plain", session)
        shown = [repr(plain), repr(plain._dialogue), repr(plain._dialogue.profile)]
        await session.noop()
    assert watched.responses
    assert f"C: AUTH {mechanism}" in log.text
    assert "C: NOOP" in log.text
    hide_nothing("\n".join([log.text, *shown]), watched.responses)


REFUSALS: dict[str, Any] = {
    "535": "535 5.7.8 no",
    "454": "454 4.7.0 later",
    "421": "421 4.3.2 closing",
    "504": "504 5.5.4 unknown",
    "early success": "235 welcome",
    "nonsense": "hello?",
    "354": "354 go on",
    "not base64": "334 !!!",
    "empty": b"",
    "challenge": b"<again>",
    "JSON": b'{"status":"401"}',
}


@MECHANISMS
@CHUNKS
@pytest.mark.parametrize("answer", list(REFUSALS.values()), ids=list(REFUSALS))
async def test_a_refusal_shows_nothing(
    face: Face, mechanism: str, answer: bytes | str, chunk: int | None, log: Any
) -> None:
    sink, watched = server_with(mechanism, lambda _: answer)
    server = ScriptedServer(sink, chunk=chunk)
    session = face.scripted(server, security="tls", user="ada", **secret_for(mechanism))
    text = ""
    try:
        await session.open()
    except CourrielError as error:
        text = told(error)
        assert "open_dialogue" in text
    hide_nothing(log.text + text, watched.responses)


@MECHANISMS
@pytest.mark.parametrize("end", ["-- cut", "-- stall", "S- 3\n-- cut"])
async def test_a_server_that_goes_away_shows_nothing(
    face: Face, mechanism: str, end: str, log: pytest.LogCaptureFixture
) -> None:
    server = ScriptedServer(
        f"""
        S: 220 mx
        C: EHLO *
        S: 250-mx
        S: 250 AUTH {mechanism}
        C: AUTH *
        {end}
        """
    )
    session = face.scripted(server, user="ada", **secret_for(mechanism))
    with pytest.raises(CourrielError) as caught:
        await session.open()
    responses = [base64.b64decode(x) for x in server.sent.split(b"AUTH ")[-1].split()[1:]]
    hide_nothing(log.text + told(caught.value), responses)


async def test_a_server_that_repeats_a_response_is_not_logged(
    face: Face, log: pytest.LogCaptureFixture
) -> None:
    said = base64.b64encode(b"\0ada\0" + PASSWORD.encode()).decode()
    sink, watched = server_with("PLAIN", lambda _: f"334 {said}")
    session = face.scripted(ScriptedServer(sink), security="tls", user="ada", password=PASSWORD)
    with pytest.raises(CourrielError) as caught:
        await session.open()
    hide_nothing(log.text + str(caught.value), watched.responses)


@pytest.mark.parametrize("mechanism", ["PLAIN", "XOAUTH2"])
async def test_an_attack_on_starttls_shows_nothing(
    face: Face, mechanism: str, log: pytest.LogCaptureFixture
) -> None:
    server = ScriptedServer(
        f"""
        S: 220 mx
        C: EHLO *
        S: 250-mx
        S: 250-AUTH {mechanism}
        S: 250 STARTTLS
        C: STARTTLS
        S: 220 go
        S: 250 injected
        """
    )
    session = face.scripted(server, security="starttls", user="ada", **secret_for(mechanism))
    with pytest.raises(CourrielError) as caught:
        await session.open()
    assert HELLO not in server.sent
    hide_nothing(log.text + told(caught.value), [])


# What cannot be meant: constructors and URLs.

WRONG: dict[str, Any] = {
    "port": 0,
    "security": "rot13",
    "auth": "perhaps",
    "timeout": -1,
    "tls": 42,
    "local_name": "two words",
    "limits": None,
    "host": "",
    "user": "line\r\nend",
}


@pytest.mark.parametrize("field", list(WRONG))
def test_a_wrong_argument_shows_nothing(face: Face, field: str) -> None:
    arguments = {"host": "mx.example.org", "user": "ada", "password": PASSWORD, "token": TOKEN}
    with pytest.raises(Misused) as caught:
        face.kind("SMTPSession")(**(arguments | {field: WRONG[field]}))
    hide_nothing(told(caught.value), [])


@pytest.mark.parametrize("field", ["password", "token"])
@pytest.mark.parametrize("value", [PASSWORD.encode(), [PASSWORD], {"a": TOKEN}, (TOKEN, 1)])
def test_a_secret_of_the_wrong_kind_shows_nothing(face: Face, field: str, value: Any) -> None:
    with pytest.raises(Misused) as caught:
        face.kind("SMTPSession")("mx.example.org", user="ada", **{field: value})
    hide_nothing(told(caught.value), [])


@MECHANISMS
@pytest.mark.parametrize("bad", ["\r\n", "\0", "\ud800", "\u0221", "\u200e"])
async def test_a_secret_that_cannot_be_sent_shows_nothing(
    face: Face, mechanism: str, bad: str, log: pytest.LogCaptureFixture
) -> None:
    secret = {name: value + bad + value for name, value in secret_for(mechanism).items()}
    sink, watched = server_with(mechanism, lambda _: "535 no")
    session = face.scripted(ScriptedServer(sink), security="tls", user="ada", **secret)
    with pytest.raises(CourrielError) as caught:
        await session.open()
    hide_nothing(log.text + told(caught.value), watched.responses)


URLS = [
    f"smtps://ada:{PASSWORD}@mx.example.org:x",
    f"smtps://ada:{PASSWORD}@mx.example.org:70000",
    f"smtps://ada:{PASSWORD}@mx.example.org/path",
    f"smtps://ada:{PASSWORD}@mx.example.org?query",
    f"smtps://ada:{PASSWORD}/x@mx.example.org",
    f"smtps://ada:{PASSWORD}#x@mx.example.org",
    f"smtps://ada:{PASSWORD}@",
    f"smtps://ada:{PASSWORD}@[::1",
    f"smtps://ada:{PASSWORD}%ff@mx.example.org",
    f"smtps://ada:{PASSWORD}@mx.example.org\r\n",
    f"gopher://ada:{PASSWORD}@mx.example.org",
    f"ada:{PASSWORD}@mx.example.org",
    f"{PASSWORD}://ada@mx.example.org",
    f"lmtps://ada:{PASSWORD}@mx.example.org",
    f"{PASSWORD}",
]


@pytest.mark.parametrize("url", URLS, ids=range(len(URLS)))
def test_a_wrong_url_shows_nothing(face: Face, url: str) -> None:
    for make in (
        face.kind("SMTPSession").from_url,
        face.kind("LMTPSession").from_url,
        open_session,
    ):
        with pytest.raises(Misused) as caught:
            make(url)
        hide_nothing(told(caught.value), [])


@pytest.mark.parametrize("field", [*WRONG, "unknown"])
def test_a_wrong_override_shows_nothing(face: Face, field: str) -> None:
    with pytest.raises(Misused) as caught:
        face.kind("SMTPSession").from_url(
            f"smtps://ada:{PASSWORD}@mx.example.org", token=TOKEN, **{field: WRONG.get(field)}
        )
    hide_nothing(told(caught.value), [])


async def test_a_session_that_is_not_open_shows_nothing(face: Face) -> None:
    session = face.scripted(ScriptedServer(), user="ada", password=PASSWORD)
    with pytest.raises(Misused) as caught:
        await session.noop()
    hide_nothing(told(caught.value), [])


def test_a_registry_shows_nothing() -> None:
    registry = Registry()
    sink, _ = server_with("PLAIN", HONEST["PLAIN"]())
    session = SMTPSession("mx.example.org", user="ada", password=PASSWORD)
    ScriptedServer(sink).attach(session)
    registry.add(session)
    with session, pytest.raises(Misused) as caught:
        # Only one that is open keeps its place.
        registry.add(SMTPSession("mx.example.org", user="ada", password=TOKEN))
    hide_nothing(
        told(caught.value)
        + repr(registry)
        + repr(vars(session) if hasattr(session, "__dict__") else ""),
        [],
    )


def test_a_secret_shows_nothing() -> None:
    secret = Secret(PASSWORD)
    hide_nothing(f"{secret} {secret!r} {secret!s} {secret:>40} {[secret]} {vars(Limits)}", [])
    with pytest.raises(TypeError) as caught:
        pickle.dumps(secret)
    hide_nothing(told(caught.value), [])
    with pytest.raises(Misused) as wrong:
        Secret([PASSWORD])  # type: ignore[arg-type]  # This is what is tried.
    hide_nothing(told(wrong.value), [])
