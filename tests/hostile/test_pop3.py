"""Attacks on POP3 sessions (security.md): STLS, answers that lie, secrets."""

from __future__ import annotations

import logging
from base64 import b64encode
from typing import Any

import pytest

from courriel import (
    CourrielError,
    Disconnected,
    Garbled,
    InsecureConnection,
    Limits,
    NotSupported,
    Refused,
    SessionState,
    TimedOut,
    Timeout,
    Unauthorised,
)
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.hostile.canary import PASSWORD, TOKEN, hide_nothing, told
from tests.sink import HELLO
from tests.transcripts import POP3_BYE, POP3_LISTED, POP3_OPEN

pytestmark = pytest.mark.virtual

SECRETS = (b"AUTH", b"USER", b"PASS", b"APOP", PASSWORD.encode())
OFFER = """
S: +OK ready <1.2@example.org>
C: CAPA
S: +OK
S: STLS
S: USER
S: SASL PLAIN LOGIN
S: .
C: STLS
"""


def session_with(face: Face, server: ScriptedServer, **arguments: Any) -> Any:
    options = {"user": "ada", "password": "secret"} | arguments
    return face.scripted(server, "POP3Session", **options)


async def refused(face: Face, script: Any, **arguments: Any) -> CourrielError:
    """Open a session that must not open; nothing secret may have been said."""
    server = script if isinstance(script, ScriptedServer) else ScriptedServer(script)
    options = {"security": "starttls", "password": PASSWORD} | arguments
    session = session_with(face, server, **options)
    with pytest.raises(CourrielError) as caught:
        await session.open()
    assert SessionState.CLOSED is session.state
    assert not any(secret in server.sent for secret in SECRETS)
    assert not session.secured
    assert "" == session.greeting
    return caught.value


@pytest.mark.parametrize(
    "script",
    [
        "S: +OK <1.2@x>\nC: CAPA\nS: +OK\nS: USER\nS: SASL PLAIN\nS: .\n",
        "S: +OK <1.2@x>\nC: CAPA\nS: -ERR what?\n",
        "S: +OK <1.2@x>\nC: CAPA\nS: +OK\nS: .\n",
        OFFER + "S: -ERR not now\n",
        OFFER + "S: -ERR [SYS/TEMP] not now\n",
    ],
    ids=["O_1 not offered", "O_2 CAPA hidden", "O_3 nothing", "O_4 refused", "O_4 transient"],
)
async def test_t20_without_stls_nothing_secret_is_said(face: Face, script: str) -> None:
    assert isinstance(await refused(face, script), InsecureConnection)


async def test_t20_a_challenge_is_no_answer_to_stls(face: Face) -> None:
    server = ScriptedServer(OFFER + "S: + go on\n")
    assert isinstance(await refused(face, server), Garbled)
    assert server.sent.endswith(b"STLS\r\n")


@pytest.mark.parametrize("chunk", [None, 1, 5])
@pytest.mark.parametrize(
    "suffix",
    ["S: +OK injected", "S: -ERR injected", "S- +OK", "S- \x16\x03\x03", "S- x", "S: ", "S: + x"],
)
async def test_t21_octets_behind_the_answer_are_an_attack(
    face: Face, suffix: str, chunk: int | None
) -> None:
    server = ScriptedServer(OFFER + "S: +OK begin\n" + suffix, chunk=chunk)
    error = await refused(face, server)
    assert isinstance(error, InsecureConnection)


async def test_t21_an_injection_in_the_same_segment_is_named(face: Face) -> None:
    server = ScriptedServer(OFFER + "S: +OK begin\nS: +OK injected")
    assert "tampering" in str(await refused(face, server))
    assert HELLO not in server.sent


async def test_t11_an_answer_before_its_command_is_not_its_answer(face: Face) -> None:
    script = "S: +OK ready\nS: +OK\nS: STLS\nS: .\nS: +OK begin\n"
    server = ScriptedServer(script)
    assert isinstance(await refused(face, server), Garbled)
    assert HELLO not in server.sent


@pytest.mark.parametrize("chunk", [None, 1])
async def test_t22_a_greeting_of_many_lines_is_out_of_step(face: Face, chunk: int | None) -> None:
    server = ScriptedServer("S: +OK 2 messages\nS: 1 120\nS: 2 200\nS: .\n", chunk=chunk)
    assert isinstance(await refused(face, server, security="plaintext"), Garbled)


async def test_t15_words_from_before_tls_are_scrubbed_and_forgotten(face: Face) -> None:
    error = await refused(face, OFFER + "S: -ERR call \x1b[31mnow\x07\n")
    assert "call" in str(error)
    assert not any(control in str(error) for control in "\x1b\x07")


@pytest.mark.parametrize("greeting", ["220 ready", "* OK ready", "HTTP/1.1 200 OK", "+", "OK"])
async def test_t25_what_is_no_greeting(face: Face, greeting: str) -> None:
    error = await refused(face, f"S: {greeting}\n", security="plaintext")
    assert isinstance(error, Garbled)


@pytest.mark.parametrize("cut", ["S- +O", "S- +OK", "S: +OK\nS: USER", "S: +OK\nS: .x"])
async def test_t27_a_truncated_answer_is_no_answer(face: Face, cut: str) -> None:
    server = ScriptedServer(f"S: +OK ready\nC: CAPA\n{cut}\n-- cut\n")
    assert isinstance(await refused(face, server, security="plaintext"), Disconnected)


async def test_t27_a_truncated_message_is_not_returned(face: Face) -> None:
    server = ScriptedServer(
        POP3_OPEN + POP3_LISTED + "C: RETR 1\nS: +OK\nS: Subject: one\nS:\nS: half\n-- cut\n"
    )
    async with session_with(face, server) as session:
        with pytest.raises(Disconnected):
            await session.fetch("aaa")


# H08: a server that says nothing, or too slowly.


@pytest.mark.parametrize("place", ["", "S: +OK ready\nC: CAPA\n"])
async def test_h08_a_silent_server_is_given_up(face: Face, place: str) -> None:
    error = await refused(face, place + "-- stall\n", security="plaintext")
    assert isinstance(error, TimedOut)


async def test_h08_an_octet_a_second_is_no_answer(face: Face) -> None:
    server = ScriptedServer(
        POP3_OPEN + POP3_LISTED + "C: RETR 1\n-- drip 1\nS: +OK " + "x" * 200 + "\n"
    )
    async with session_with(face, server, timeout=60) as session:
        with pytest.raises(TimedOut):
            await session.fetch("aaa")


async def test_h08_a_message_that_keeps_the_minimum_rate_may_take_its_time(face: Face) -> None:
    pieces = "".join(f"-- wait 5\nS: {'x' * 3_998}\n" for _ in range(50))
    server = ScriptedServer(
        POP3_OPEN + POP3_LISTED + "C: RETR 1\nS: +OK\n" + pieces + "S: .\n" + POP3_BYE
    )
    async with session_with(face, server, timeout=Timeout(read=60)) as session:
        assert 200_000 == len(await session.source("aaa"))
    server.check()


async def test_h18_a_message_larger_than_any(face: Face) -> None:
    server = ScriptedServer(
        POP3_OPEN + POP3_LISTED + "C: RETR 1\nS: +OK 120 octets\n" + f"S: {'x' * 900}\n" * 200
    )
    limits = Limits(literal=100_000, literal_memory=10_000)
    async with session_with(face, server, limits=limits) as session:
        with pytest.raises(Garbled, match=r"Limits\.literal"):
            await session.fetch("aaa")


# Secrets.


def echo(*lines: str) -> str:
    return "S: +OK ready\nC: CAPA\nS: +OK\n" + "".join(f"S: {line}\n" for line in lines) + "S: .\n"


@pytest.mark.parametrize(
    "script",
    [
        echo("USER") + f"C: USER ada\nS: +OK\nC: PASS *\nS: -ERR you said {PASSWORD}\n",
        echo("USER") + f"C: USER ada\nS: +OK\nC: PASS *\nS: {PASSWORD}\n",
        echo("USER") + "C: USER ada\nS: +OK\nC: PASS *\n-- cut\n",
        echo("USER") + "C: USER ada\nS: +OK\nC: PASS *\n-- stall\n",
        echo("SASL PLAIN")
        + "C: AUTH PLAIN *\nS: -ERR unknown: AUTH PLAIN "
        + b64encode(f"\0ada\0{PASSWORD}".encode()).decode()
        + "\n",
        echo("SASL PLAIN") + "C: AUTH PLAIN *\nS: + !!!\nC: **\nS: -ERR cancelled\n",
        echo("SASL LOGIN")
        + "C: AUTH LOGIN\nS: + VXNlcg==\nC: YWRh\nS: + UGFzcw==\nC: *\nS: + bW9yZQ==\n"
        + "C: [*]\nS: -ERR\n".replace("[*]", "*"),
    ],
)
async def test_no_error_and_no_log_tells_the_password(
    face: Face, script: str, caplog: pytest.LogCaptureFixture
) -> None:
    responses = [f"\0ada\0{PASSWORD}".encode()]
    with caplog.at_level(logging.DEBUG, "courriel"):
        session = session_with(face, ScriptedServer(script), password=PASSWORD)
        with pytest.raises(CourrielError) as caught:
            await session.open()
    hide_nothing(told(caught.value), responses)
    hide_nothing(caplog.text, responses)
    assert "CAPA" in caplog.text


async def test_no_error_tells_the_token(face: Face, caplog: pytest.LogCaptureFixture) -> None:
    response = f"user=ada\x01auth=Bearer {TOKEN}\x01\x01".encode()
    said = b64encode(response).decode()
    script = echo("SASL XOAUTH2") + f"C: AUTH XOAUTH2\nS: +\nC: {said}\nS: -ERR no {said}\n"
    with caplog.at_level(logging.DEBUG, "courriel"):
        session = session_with(face, ScriptedServer(script), password=None, token=TOKEN)
        with pytest.raises(Unauthorised) as caught:
            await session.open()
    hide_nothing(told(caught.value), [response])
    hide_nothing(caplog.text, [response])


async def test_the_log_shows_the_conversation(face: Face, caplog: pytest.LogCaptureFixture) -> None:
    server = ScriptedServer(POP3_OPEN + "C: STAT\nS: +OK 1 2\n" + POP3_BYE)
    with caplog.at_level(logging.DEBUG, "courriel.wire"):
        async with session_with(face, server) as session:
            await session.count()
    assert "C: PASS …" in caplog.messages
    assert "C: STAT" in caplog.messages
    assert "S: +OK 1 2" in caplog.messages
    assert not any("secret" in line for line in caplog.messages)


# Signing in.


async def test_a10_challenges_without_end(face: Face) -> None:
    script = echo("SASL LOGIN") + "C: AUTH LOGIN\n" + "S: + eA==\nC: *\n" * 12 + "S: -ERR\n"
    session = session_with(face, ScriptedServer(script))
    with pytest.raises(Garbled):
        await session.open()


async def test_a03_success_without_proof_is_none(face: Face) -> None:
    script = echo("SASL SCRAM-SHA-256") + "C: AUTH SCRAM-SHA-256 *\nS: +OK welcome\n"
    session = session_with(face, ScriptedServer(script))
    with pytest.raises(CourrielError):
        await session.open()
    assert SessionState.CLOSED is session.state


async def test_a_challenge_to_pass_is_out_of_step(face: Face) -> None:
    script = echo("USER") + "C: USER ada\nS: +OK\nC: PASS secret\nS: + what?\n"
    session = session_with(face, ScriptedServer(script))
    with pytest.raises(Garbled):
        await session.open()


async def test_no_mechanism_that_we_know(face: Face) -> None:
    session = session_with(face, ScriptedServer(echo("SASL GSSAPI NTLM")))
    with pytest.raises(NotSupported, match="GSSAPI, NTLM"):
        await session.open()


async def test_a_user_name_that_is_refused_is_sent_no_password(face: Face) -> None:
    server = ScriptedServer(echo("USER") + "C: USER ada\nS: -ERR use TLS\n")
    session = session_with(face, server)
    with pytest.raises(Refused):
        await session.open()
    assert b"PASS" not in server.sent
