"""Secrets of IMAP in logs, errors and tracebacks (security.md, 1.9): no canary is to be found.

What is looked for is told in ``canary``. LOGIN is said quoted and as literals, AUTHENTICATE with
and without an initial response, and everything also octet by octet.
"""

from __future__ import annotations

import base64
import logging
from typing import Any

import pytest

from courriel import CourrielError, Misused
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.hostile.canary import PASSWORD, TOKEN, hide_nothing, told
from tests.hostile.imap_sink import ImapSink
from tests.hostile.signing import PASSWORDS, TOKENS, Scram, Tokens
from tests.sink import HELLO, SaslServer

pytestmark = pytest.mark.virtual

MECHANISMS = pytest.mark.parametrize("mechanism", [*PASSWORDS, *TOKENS])
CHUNKS = pytest.mark.parametrize("chunk", [None, 1])
IR = pytest.mark.parametrize("initial", ["SASL-IR", "X-NO-IR"])
PLAIN = b"\0ada\0" + PASSWORD.encode()


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


def in_turn(server: SaslServer) -> SaslServer:
    """The server's side of a mechanism in which the client speaks first."""

    def imap(responses: list[bytes]) -> bytes | str:
        said = server(responses) if responses else b""
        return "OK welcome" if isinstance(said, str) and said.startswith("235") else said

    return imap


def ask_twice(responses: list[bytes]) -> bytes | str:
    return "OK welcome" if len(responses) == 2 else (b"Username:", b"Password:")[len(responses)]


HONEST: dict[str, Any] = {
    "SCRAM-SHA-256": lambda: in_turn(Scram(password=PASSWORD)),
    "SCRAM-SHA-1": lambda: in_turn(Scram(password=PASSWORD, digest="sha1")),
    "CRAM-MD5": lambda: lambda said: "OK welcome" if said else b"<1896.697170952@example.org>",
    "PLAIN": lambda: in_turn(lambda _: "235"),
    "LOGIN": lambda: ask_twice,
    "XOAUTH2": lambda: in_turn(Tokens("XOAUTH2", good=TOKEN)),
    "OAUTHBEARER": lambda: in_turn(Tokens("OAUTHBEARER", good=TOKEN)),
}


def secret_for(mechanism: str) -> dict[str, Any]:
    return {"token": TOKEN} if mechanism in TOKENS else {"password": PASSWORD}


def server_with(mechanism: str, server: SaslServer, *more: str) -> tuple[ImapSink, Watched]:
    watched = Watched(server)
    sink = ImapSink(f"AUTH={mechanism}", *more, implicit=True, sasl={mechanism: watched})
    return sink, watched


def shown(session: Any) -> str:
    """What a session and its parts show of themselves."""
    plain = getattr(session, "plain", session)
    dialogue = plain._dialogue
    return "\n".join(
        [repr(plain), repr(dialogue), repr(dialogue.profile), repr(session.alerts), plain.greeting]
    )


@MECHANISMS
@IR
@CHUNKS
async def test_signing_in_shows_nothing(
    face: Face, mechanism: str, initial: str, chunk: int | None, log: pytest.LogCaptureFixture
) -> None:
    sink, watched = server_with(mechanism, HONEST[mechanism](), initial)
    session = face.scripted(
        ScriptedServer(sink, chunk=chunk),
        "IMAPSession",
        security="tls",
        user="ada",
        **secret_for(mechanism),
    )
    async with session:
        words = shown(session)
    assert watched.responses
    assert f"AUTHENTICATE {mechanism}" in log.text
    assert "LOGOUT" in log.text
    hide_nothing(log.text + words, watched.responses)


LOGINS = {
    "quoted": PASSWORD,
    "escaped": f'{PASSWORD}"\\ {PASSWORD}',
    "literal": f"{PASSWORD}é{PASSWORD}",
    "long": PASSWORD * 300,
}


@CHUNKS
@pytest.mark.parametrize("word", ["LITERAL+", "LITERAL-", "X-NO-LITERAL"])
@pytest.mark.parametrize("password", list(LOGINS.values()), ids=list(LOGINS))
@pytest.mark.parametrize("answer", ["TAG OK welcome", "TAG NO no", "TAG BAD no", "* BYE", "TAG"])
async def test_login_shows_nothing(
    face: Face,
    password: str,
    word: str,
    answer: str,
    chunk: int | None,
    log: pytest.LogCaptureFixture,
) -> None:
    sink = ImapSink(word, implicit=True, answers={"LOGIN": answer})
    session = face.scripted(
        ScriptedServer(sink, chunk=chunk),
        "IMAPSession",
        security="tls",
        user="ada",
        password=password,
    )
    text = ""
    try:
        await session.open()
        text = shown(session)
        await session.close()
    except CourrielError as error:
        text = told(error)
    assert ["LOGIN command"] == sink.tried()
    assert "LOGIN … …" in log.text
    hide_nothing(log.text + text, [])


@pytest.mark.parametrize("end", ["-- cut", "-- stall", "S: A1 OK\n-- cut", "S: * BYE\n-- cut"])
async def test_a_login_that_is_half_said_shows_nothing(
    face: Face, end: str, log: pytest.LogCaptureFixture
) -> None:
    server = ScriptedServer(
        f"""
        S: * OK [CAPABILITY IMAP4rev1] hi
        C: A1 LOGIN ada *
        {end}
        """
    )
    session = face.scripted(server, "IMAPSession", user="ada", password=f"é{PASSWORD}")
    with pytest.raises(CourrielError) as caught:
        await session.open()
    hide_nothing(log.text + told(caught.value), [])


ANSWERS: dict[str, bytes | str] = {
    "NO": "NO [AUTHENTICATIONFAILED] no",
    "later": "NO [UNAVAILABLE] later",
    "BAD": "BAD what",
    "early success": "OK welcome",
    "nonsense": "hello?",
    "BYE": "* BYE\r\nTAG NO",
    "not base64": "+ !!!",
    "empty": b"",
    "challenge": b"<again>",
    "JSON": b'{"status":"401"}',
}


@MECHANISMS
@IR
@CHUNKS
@pytest.mark.parametrize("answer", list(ANSWERS.values()), ids=list(ANSWERS))
async def test_a_refusal_shows_nothing(
    face: Face, mechanism: str, initial: str, answer: bytes | str, chunk: int | None, log: Any
) -> None:
    sink, watched = server_with(mechanism, lambda said: answer if said else b"", initial)
    session = face.scripted(
        ScriptedServer(sink, chunk=chunk),
        "IMAPSession",
        security="tls",
        user="ada",
        **secret_for(mechanism),
    )
    text = ""
    try:
        await session.open()
    except CourrielError as error:
        text = told(error)
        assert "open_dialogue" in text
    hide_nothing(log.text + text, watched.responses)


# Servers that repeat what they have heard, wherever an answer has words.

ECHOES = {
    "NO": "TAG NO wrong: @",
    "BAD": "TAG BAD @",
    "code": "TAG NO [@] no",
    "code value": "TAG NO [X-WRONG @] no",
    "alert": "* OK [ALERT] @\r\nTAG NO no",
    "tagged alert": "TAG NO [ALERT] @",
    "referral": "TAG NO [REFERRAL imap://ada:@@evil.example/] no",
    "untagged": "* NO @\r\nTAG NO no",
    "BYE": "* BYE @",
    "unknown": "* @ @\r\nTAG NO no",
    "tag": "@ OK welcome",
    "status": "TAG @ welcome",
    "no tag": "@",
    "no words": "TAG@",
    "empty line": "\r\n@",
    "literal": "* LIST () NIL {18}\r\n@\r\nTAG NO no",
    "long literal": "@ {99999999999}",
    "invitation": "+ @",
    "success": "* OK [ALERT] @\r\nTAG OK @",
    "capability": "TAG NO [CAPABILITY IMAP4rev1 @] no",
}


@CHUNKS
@pytest.mark.parametrize("answer", list(ECHOES.values()), ids=list(ECHOES))
@pytest.mark.parametrize("form", ["as it is", "lower", "quoted"])
async def test_a_server_that_repeats_the_password_of_login(
    face: Face, answer: str, form: str, chunk: int | None, log: pytest.LogCaptureFixture
) -> None:
    said = {"as it is": PASSWORD, "lower": PASSWORD.lower(), "quoted": f'"{PASSWORD}"'}[form]
    sink = ImapSink(implicit=True, answers={"LOGIN": answer.replace("@", said)})
    session = face.scripted(
        ScriptedServer(sink, chunk=chunk),
        "IMAPSession",
        security="tls",
        user="ada",
        password=PASSWORD,
        timeout=5,
    )
    text = ""
    try:
        await session.open()
        text = shown(session)
        await session.close()
    except CourrielError as error:
        text = told(error)
    assert text
    text += log.text
    hide_nothing(text, [])
    assert PASSWORD.lower() not in text.lower()


@IR
@CHUNKS
@pytest.mark.parametrize("answer", list(ECHOES.values()), ids=list(ECHOES))
async def test_a_server_that_repeats_the_response_of_authenticate(
    face: Face, answer: str, initial: str, chunk: int | None, log: pytest.LogCaptureFixture
) -> None:
    said = base64.b64encode(PLAIN).decode()
    sink, _ = server_with(
        "PLAIN", lambda heard: answer.replace("@", said) if heard else b"", initial
    )
    session = face.scripted(
        ScriptedServer(sink, chunk=chunk),
        "IMAPSession",
        security="tls",
        user="ada",
        password=PASSWORD,
        timeout=5,
    )
    text = ""
    try:
        await session.open()
        text = shown(session)
        await session.close()
    except CourrielError as error:
        text = told(error)
    assert text
    hide_nothing(log.text + text, [PLAIN])


@MECHANISMS
@pytest.mark.parametrize("end", ["-- cut", "-- stall", "S- +\n-- cut", "S: + \n-- cut"])
async def test_a_server_that_goes_away_shows_nothing(
    face: Face, mechanism: str, end: str, log: pytest.LogCaptureFixture
) -> None:
    server = ScriptedServer(
        f"""
        S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH={mechanism}] hi
        C: A1 AUTHENTICATE *
        {end}
        """
    )
    session = face.scripted(server, "IMAPSession", user="ada", **secret_for(mechanism))
    with pytest.raises(CourrielError) as caught:
        await session.open()
    words = server.sent.partition(b"\r\n")[0].split(b" ")[3:] + server.sent.split(b"\r\n")[1:]
    responses = [base64.b64decode(word) for word in words if word != b"*"]
    hide_nothing(log.text + told(caught.value), responses)


@MECHANISMS
async def test_an_attack_on_starttls_shows_nothing(
    face: Face, mechanism: str, log: pytest.LogCaptureFixture
) -> None:
    server = ScriptedServer(
        f"""
        S: * OK [CAPABILITY IMAP4rev1 STARTTLS AUTH={mechanism}] hi
        C: A1 STARTTLS
        S: A1 OK go
        S: * OK injected
        """
    )
    session = face.scripted(
        server, "IMAPSession", security="starttls", user="ada", **secret_for(mechanism)
    )
    with pytest.raises(CourrielError) as caught:
        await session.open()
    assert HELLO not in server.sent
    hide_nothing(log.text + told(caught.value), [])


@MECHANISMS
@pytest.mark.parametrize("bad", ["\r\n", "\0", "\ud800", "\u0221", "\u200e"])
async def test_a_secret_that_cannot_be_sent_shows_nothing(
    face: Face, mechanism: str, bad: str, log: pytest.LogCaptureFixture
) -> None:
    secret = {name: value + bad + value for name, value in secret_for(mechanism).items()}
    sink, watched = server_with(mechanism, lambda said: "NO no" if said else b"")
    session = face.scripted(
        ScriptedServer(sink), "IMAPSession", security="tls", user="ada", **secret
    )
    with pytest.raises(CourrielError) as caught:
        await session.open()
    hide_nothing(log.text + told(caught.value), watched.responses)


@pytest.mark.parametrize("bad", ["\r\n", "\r", "\n", "\0", "\ud800"])
async def test_a_password_that_login_cannot_say_shows_nothing(
    face: Face, bad: str, log: pytest.LogCaptureFixture
) -> None:
    sink = ImapSink(implicit=True)
    session = face.scripted(
        ScriptedServer(sink),
        "IMAPSession",
        security="tls",
        user="ada",
        password=PASSWORD + bad + PASSWORD,
    )
    with pytest.raises(CourrielError) as caught:
        await session.open()
    assert isinstance(caught.value, Misused)
    assert [] == sink.commands
    hide_nothing(log.text + told(caught.value), [])
