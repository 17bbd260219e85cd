"""Signing in to POP3 servers, against transcripts: which way is chosen, and how it is said."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import Any

import pytest

from courriel import (
    CourrielError,
    InsecureConnection,
    Misused,
    NotSupported,
    Refused,
    SessionState,
    Unauthorised,
)
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.transcripts import POP3_BYE

pytestmark = pytest.mark.virtual

PLAIN = b64encode(b"\0ada\0secret").decode()
XOAUTH2 = b64encode(b"user=ada\x01auth=Bearer t0ken\x01\x01").decode()
BANNER = "<1896.697170952@dbc.mtview.ca.us>"
DIGEST = hashlib.md5(f"{BANNER}secret".encode()).hexdigest()


def greeted(*capabilities: str, banner: str = "ready") -> str:
    """Return how a server begins that offers that."""
    return f"S: +OK {banner}\nC: CAPA\n" + answered(*capabilities)


def answered(*capabilities: str) -> str:
    return "\n".join(["S: +OK", *(f"S: {line}" for line in capabilities), "S: .", ""])


def session_with(face: Face, server: ScriptedServer, **arguments: Any) -> Any:
    options = {"user": "ada"} | arguments
    if "token" not in options:
        options = {"password": "secret"} | options
    return face.scripted(server, "POP3Session", **options)


async def opened(face: Face, script: str, **arguments: Any) -> None:
    """Open a session and close it; everything in the script must be said."""
    server = ScriptedServer(script + POP3_BYE)
    async with session_with(face, server, **arguments) as session:
        assert SessionState.OPEN is session.state
    server.check()


async def refused(face: Face, script: str, **arguments: Any) -> CourrielError:
    """Open a session that must not open; return its error."""
    server = ScriptedServer(script)
    session = session_with(face, server, **arguments)
    with pytest.raises(CourrielError) as caught:
        await session.open()
    server.check()
    assert SessionState.CLOSED is session.state
    return caught.value


async def test_sasl_goes_before_user_and_pass(face: Face) -> None:
    await opened(
        face,
        greeted("USER", "SASL LOGIN PLAIN")
        + f"C: AUTH PLAIN {PLAIN}\nS: +OK welcome\nC: CAPA\n"
        + answered("TOP"),
    )


async def test_user_and_pass(face: Face) -> None:
    await opened(
        face,
        greeted("USER") + "C: USER ada\nS: +OK\nC: PASS secret\nS: +OK\nC: CAPA\n" + answered(),
    )


async def test_capabilities_are_asked_for_again_behind_the_sign_in(face: Face) -> None:
    server = ScriptedServer(
        greeted("USER", "EXPIRE 60 USER")
        + "C: USER ada\nS: +OK\nC: PASS secret\nS: +OK\nC: CAPA\n"
        + answered("TOP", "EXPIRE 30")
        + POP3_BYE
    )
    async with session_with(face, server) as session:
        assert {"TOP", "EXPIRE", "EXPIRE=30"} == session.capabilities
        assert "ready" == session.greeting
    server.check()


async def test_utf8_is_asked_for_before_the_sign_in(face: Face) -> None:
    await opened(
        face,
        greeted("USER", "UTF8 USER")
        + "C: UTF8\nS: +OK\nC: USER zoë\nS: +OK\nC: PASS pâté\nS: +OK\nC: CAPA\n"
        + answered(),
        user="zoë",
        password="pâté",
    )


async def test_nobody_signs_in_without_a_password(face: Face) -> None:
    await opened(face, greeted("USER", "SASL PLAIN"), user=None, password=None)


async def test_a_password_with_spaces(face: Face) -> None:
    await opened(
        face,
        greeted("USER")
        + "C: USER ada\nS: +OK\nC: PASS  correct horse\nS: +OK\nC: CAPA\n"
        + answered(),
        password=" correct horse",
    )


async def test_xoauth2_takes_two_steps(face: Face) -> None:
    await opened(
        face,
        greeted("SASL PLAIN XOAUTH2", "USER")
        + f"C: AUTH XOAUTH2\nS: +\nC: {XOAUTH2}\nS: +OK welcome\nC: CAPA\n"
        + answered(),
        token="t0ken",
    )


async def test_a_refused_token_is_explained(face: Face) -> None:
    explanation = b64encode(b'{"status":"401","schemes":"bearer","scope":"mail"}').decode()
    error = await refused(
        face,
        greeted("SASL XOAUTH2", "USER")
        + f"C: AUTH XOAUTH2\nS: +\nC: {XOAUTH2}\nS: + {explanation}\nC: \nS: -ERR [AUTH] no\n",
        token="t0ken",
    )
    assert isinstance(error, Unauthorised)
    assert "expired" in str(error)
    assert "POP3" in str(error)
    assert "AUTH" == error.condition


async def test_a14_an_expired_token_is_renewed_once(face: Face) -> None:
    tokens = iter(["old", "t0ken"])
    stale = b64encode(b"user=ada\x01auth=Bearer old\x01\x01").decode()
    script = (
        greeted("SASL XOAUTH2")
        + f"C: AUTH XOAUTH2\nS: +\nC: {stale}\nS: -ERR [AUTH] expired\n"
        + f"C: AUTH XOAUTH2\nS: +\nC: {XOAUTH2}\nS: +OK\nC: CAPA\n"
        + answered()
        + POP3_BYE
    )
    server = ScriptedServer(script)
    # Threads and virtual time do not fit together, so the callable of asyncio is a coroutine.
    token = (lambda: next(tokens)) if face.blocking else _coroutine(tokens)
    async with session_with(face, server, token=token):
        pass
    server.check()


def _coroutine(tokens: Any) -> Any:
    async def token() -> str:
        return str(next(tokens))

    return token


async def test_an_initial_response_that_was_not_heard_is_said_again(face: Face) -> None:
    await opened(
        face,
        greeted("SASL PLAIN")
        + f"C: AUTH PLAIN {PLAIN}\nS: + \nC: {PLAIN}\nS: +OK\nC: CAPA\n"
        + answered(),
    )


async def test_a_long_initial_response_waits(face: Face) -> None:
    password = "x" * 200
    said = b64encode(f"\0ada\0{password}".encode()).decode()
    await opened(
        face,
        greeted("SASL PLAIN") + f"C: AUTH PLAIN\nS: + \nC: {said}\nS: +OK\nC: CAPA\n" + answered(),
        password=password,
    )


async def test_apop_hides_the_password_on_a_clear_line(face: Face) -> None:
    await opened(
        face,
        greeted("USER", "SASL PLAIN LOGIN", banner=f"POP3 ready {BANNER}")
        + f"C: APOP ada {DIGEST}\nS: +OK\nC: CAPA\n"
        + answered(),
    )


async def test_a_challenge_and_response_goes_before_apop(face: Face) -> None:
    error = await refused(
        face,
        greeted("SASL CRAM-MD5 PLAIN", banner=f"POP3 ready {BANNER}")
        + "C: AUTH CRAM-MD5\nS: -ERR [AUTH] no\n",
    )
    assert isinstance(error, Unauthorised)


@pytest.mark.parametrize(
    "banner",
    [
        "<no-at-sign>",
        "<two words@example.org>",
        f"<{'x' * 300}@example.org>",
        "<a\xe9b@example.org>",
        "<a\x01b@example.org>",
        "<>",
        "<@>",
    ],
)
async def test_a_banner_that_is_no_timestamp_offers_no_apop(face: Face, banner: str) -> None:
    await opened(
        face,
        greeted("USER", banner=banner)
        + "C: USER ada\nS: +OK\nC: PASS secret\nS: +OK\nC: CAPA\n"
        + answered(),
    )


async def test_under_tls_apop_is_the_last_resort(face: Face) -> None:
    server = ScriptedServer(
        "C: <tls>\n"
        + greeted("USER", banner=BANNER)
        + "C: USER ada\nS: +OK\nC: PASS secret\nS: +OK\nC: CAPA\n"
        + answered()
        + POP3_BYE
    )
    async with session_with(face, server, security="tls") as session:
        assert session.secured
    server.check()


async def test_a_banner_from_before_tls_is_not_hashed(face: Face) -> None:
    server = ScriptedServer(
        greeted("STLS", "USER", banner=BANNER)
        + "C: STLS\nS: +OK\nC: <tls>\nC: CAPA\n"
        + answered("SASL XNONE")
    )
    session = session_with(face, server, security="starttls")
    with pytest.raises(NotSupported, match="XNONE"):
        await session.open()
    server.check()


async def test_after_stls_everything_is_asked_for_anew(face: Face) -> None:
    server = ScriptedServer(
        greeted("STLS", "SASL XEVIL", "PIPELINING", "EXPIRE 0")
        + "C: STLS\nS: +OK begin\nC: <tls>\nC: CAPA\n"
        + answered("SASL PLAIN", "USER")
        + f"C: AUTH PLAIN {PLAIN}\nS: +OK\nC: CAPA\n"
        + answered("USER")
        + POP3_BYE
    )
    async with session_with(face, server, security="starttls") as session:
        assert session.secured
        assert {"USER"} == session.capabilities
    server.check()


@pytest.mark.parametrize("words", ["unknown AUTH mechanism", "Unrecognized authentication type"])
async def test_a_mechanism_that_is_not_known_is_followed_by_one_as_strong(
    face: Face, words: str
) -> None:
    await opened(
        face,
        greeted("SASL PLAIN", "USER")
        + f"C: AUTH PLAIN {PLAIN}\nS: -ERR {words}\n"
        + "C: USER ada\nS: +OK\nC: PASS secret\nS: +OK\nC: CAPA\n"
        + answered(),
    )


async def test_a_refused_password_is_not_tried_in_other_ways(face: Face) -> None:
    error = await refused(
        face,
        greeted("SASL PLAIN LOGIN", "USER")
        + f"C: AUTH PLAIN {PLAIN}\nS: -ERR authentication failed\n",
    )
    assert isinstance(error, Unauthorised)
    assert "authentication failed" == error.text
    assert not error.retryable


@pytest.mark.parametrize(
    ("words", "kind", "condition", "retryable"),
    [
        ("[AUTH] wrong password", Unauthorised, "AUTH", False),
        ("wrong password", Unauthorised, None, False),
        ("[IN-USE] another session", Refused, "IN-USE", True),
        ("[LOGIN-DELAY] wait", Refused, "LOGIN-DELAY", True),
        ("[SYS/TEMP] database down", Refused, "SYS/TEMP", True),
        ("[SYS/PERM] no mailbox", Refused, "SYS/PERM", False),
        ("maildrop already locked", Refused, "IN-USE", True),
    ],
)
async def test_a15_refusals_have_names(
    face: Face, words: str, kind: type[Refused], condition: str | None, retryable: bool
) -> None:
    error = await refused(
        face, greeted("USER") + f"C: USER ada\nS: +OK\nC: PASS secret\nS: -ERR {words}\n"
    )
    assert isinstance(error, Refused)
    assert kind is type(error)
    assert (condition, retryable) == (error.condition, error.retryable)
    assert words.split("] ")[-1] == error.text


async def test_a_refused_greeting(face: Face) -> None:
    error = await refused(face, "S: -ERR [SYS/TEMP] too many connections\n")
    assert isinstance(error, Refused)
    assert error.retryable
    assert "greeting" == error.command


async def test_a12_no_password_in_clear_unless_asked_for_by_name(face: Face) -> None:
    for capabilities in (["USER"], ["SASL PLAIN LOGIN"], ["USER", "SASL XOAUTH2"]):
        server = ScriptedServer(greeted(*capabilities, banner=BANNER))
        kind = face.kind("POP3Session")
        session = face.tame(server.attach(kind.from_url("pop3://ada:secret@mx.example.org")))
        with pytest.raises(InsecureConnection, match="in clear"):
            await session.open()
        assert b"CAPA\r\n" == server.sent


@pytest.mark.parametrize("bad", ["a\r\nDELE 1", "a\0b", "a\nb"])
@pytest.mark.parametrize("capability", ["USER", "SASL PLAIN", "SASL LOGIN"])
async def test_i07_nothing_is_half_said(face: Face, bad: str, capability: str) -> None:
    server = ScriptedServer(greeted(capability))
    session = session_with(face, server, password=bad)
    with pytest.raises(Misused):
        await session.open()
    assert b"DELE" not in server.sent
    assert b"USER" not in server.sent
