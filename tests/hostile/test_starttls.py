"""Attacks on STARTTLS (security.md, 1.2): what is heard in clear is never believed under TLS."""

from __future__ import annotations

from typing import Any

import pytest

from courriel import CourrielError, Disconnected, Garbled, InsecureConnection, Refused, SessionState
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.sink import HELLO, Sink

pytestmark = pytest.mark.virtual

PASSWORD = "correct horse"
SECRETS = (b"AUTH", b"MAIL", b"correct horse", b"AGFkYQBjb3JyZWN0IGhvcnNl")

CLEAR = """
S: 220 mx.example.org ready
C: EHLO me.example.org
S: 250-mx.example.org
S: 250-AUTH PLAIN LOGIN
S: 250 STARTTLS
C: STARTTLS
"""


async def refused(face: Face, server: ScriptedServer, **arguments: Any) -> CourrielError:
    """Open a session that must not open; return its error. Nothing secret may have been said."""
    options = {"security": "starttls", "user": "ada", "password": PASSWORD} | arguments
    session = face.scripted(server, **options)
    with pytest.raises(CourrielError) as caught:
        await session.open()
    assert SessionState.CLOSED is session.state
    assert not any(secret in server.sent for secret in SECRETS)
    assert not session.secured
    return caught.value


@pytest.mark.parametrize("chunk", [None, 1, 5])
@pytest.mark.parametrize(
    "suffix",
    [
        "S: 250 injected",
        "S: 250-injected\nS: 250 AUTH PLAIN",
        "S: 220 go",
        "S: 421 close please",
        "S- 250-X AUTH XEVIL",
        "S- \x16\x03\x03",
        "S- x",
        "S: ",
    ],
    ids=["T08", "T08-ehlo", "T08-twice", "T19", "T10", "T21-garbage", "T21-octet", "T08-empty"],
)
async def test_octets_behind_the_reply_are_an_attack(
    face: Face, suffix: str, chunk: int | None
) -> None:
    server = ScriptedServer(CLEAR + "S: 220 go\n" + suffix, chunk=chunk)
    error = await refused(face, server)
    assert isinstance(error, InsecureConnection)


async def test_t08_nothing_is_said_after_an_injection_in_the_same_segment(face: Face) -> None:
    server = ScriptedServer(CLEAR + "S: 220 go\nS: 250 injected")
    error = await refused(face, server)
    assert "tampering" in str(error)
    assert HELLO not in server.sent


async def test_t09_octets_before_the_server_hello_reach_tls_not_the_parser(face: Face) -> None:
    sink = Sink("STARTTLS", "AUTH PLAIN")

    def server_says(heard: bytes) -> bytes:
        said = sink(heard)
        return b"250 injected\r\n" + said if HELLO in heard else said

    server = ScriptedServer(server_says)
    error = await refused(face, server)
    assert isinstance(error, InsecureConnection)
    assert ["EHLO me.example.org", "STARTTLS"] == sink.commands


async def test_t11_a_reply_before_its_command_is_not_its_reply(face: Face) -> None:
    server = ScriptedServer(
        """
        S: 220 mx.example.org ready
        S: 250-mx.example.org
        S: 250 STARTTLS
        S: 220 go
        """
    )
    error = await refused(face, server)
    assert isinstance(error, Garbled)
    assert HELLO not in server.sent


@pytest.mark.parametrize("reply", ["220 mx.example.org again", "221 bye", "235 welcome"])
async def test_t11_a_second_greeting_is_no_answer_to_ehlo(face: Face, reply: str) -> None:
    server = ScriptedServer(
        f"""
        S: 220 mx.example.org ready
        C: EHLO me.example.org
        S: {reply}
        """
    )
    assert isinstance(await refused(face, server), Garbled)


async def test_t11_the_reply_to_starttls_must_follow_starttls(face: Face) -> None:
    server = ScriptedServer(
        """
        S: 220 mx.example.org ready
        C: EHLO me.example.org
        S: 250-mx.example.org
        S: 250 STARTTLS
        S: 220 go
        """
    )
    error = await refused(face, server)
    assert isinstance(error, Garbled)
    assert HELLO not in server.sent


async def test_t14_capabilities_are_asked_for_again_under_tls(face: Face) -> None:
    server = ScriptedServer(
        """
        S: 220 mx.example.org ready
        C: EHLO me.example.org
        S: 250-mx.example.org
        S: 250-AUTH XEVIL LOGIN
        S: 250-SIZE 1
        S: 250-CHUNKING
        S: 250-PIPELINING
        S: 250 STARTTLS
        C: STARTTLS
        S: 220 go
        C: <tls>
        C: EHLO me.example.org
        S: 250-mx.example.org
        S: 250 AUTH PLAIN
        C: AUTH PLAIN AGFkYQBjb3JyZWN0IGhvcnNl
        S: 235 welcome
        C: MAIL FROM:<ada@example.org>
        S: 250 ok
        C: RCPT TO:<bob@example.org>
        S: 250 ok
        C: DATA
        S: 354 go on
        C: <message>
        S: 250 taken
        C: QUIT
        S: 221 bye
        """
    )
    session = face.scripted(server, security="starttls", user="ada", password=PASSWORD)
    async with session:
        assert session.secured
        assert frozenset({"AUTH", "AUTH=PLAIN"}) == session.capabilities
        await session.send(b"Hi.\r\n", sender="ada@example.org", recipients=["bob@example.org"])
    server.check()


async def test_t15_words_from_before_tls_are_scrubbed_and_forgotten(face: Face) -> None:
    server = ScriptedServer(
        """
        S: 220 call +1 555 \x1b[31mnow\x07
        C: EHLO me.example.org
        S: 250 mx.example.org
        """
    )
    session = face.scripted(server, security="starttls")
    with pytest.raises(InsecureConnection):
        await session.open()
    assert "" == session.greeting


async def test_t15_a_refusal_in_clear_is_shown_without_controls(face: Face) -> None:
    error = await refused(face, ScriptedServer(CLEAR + "S: 454 call \x1b[31mnow\x07"))
    assert "call" in str(error)
    assert not any(control in str(error) for control in "\x1b\x07")


@pytest.mark.parametrize("code", ["502", "454", "554", "250", "221"])
async def test_t23_a_refused_starttls_ends_the_attempt(face: Face, code: str) -> None:
    server = ScriptedServer(CLEAR + f"S: {code} no TLS today")
    error = await refused(face, server)
    assert isinstance(error, InsecureConnection)
    assert HELLO not in server.sent


async def test_t23_354_to_starttls_starts_no_data(face: Face) -> None:
    server = ScriptedServer(CLEAR + "S: 354 go on")
    error = await refused(face, server)
    assert isinstance(error, Garbled)
    assert server.sent.endswith(b"STARTTLS\r\n")


async def test_t23_starttls_missing_in_ehlo(face: Face) -> None:
    sink = Sink("AUTH PLAIN LOGIN", "PIPELINING")
    error = await refused(face, ScriptedServer(sink))
    assert isinstance(error, InsecureConnection)
    assert ["EHLO me.example.org"] == sink.commands


@pytest.mark.parametrize("code", ["500", "502", "504", "421", "550"])
async def test_t24_no_helo_where_tls_is_required(face: Face, code: str) -> None:
    sink = Sink(answers={"EHLO me.example.org": f"{code} what", "STARTTLS": "500 what"})
    error = await refused(face, ScriptedServer(sink))
    assert isinstance(error, Refused if code == "421" else InsecureConnection)
    assert (code == "421") is error.retryable
    assert ["EHLO me.example.org"] == sink.commands


@pytest.mark.parametrize("code", ["500", "421", "354", "250", "221"])
async def test_t24_ehlo_refused_under_tls_signs_nobody_in(face: Face, code: str) -> None:
    greetings = iter(["250-mx\r\n250 STARTTLS", f"{code} what", "500 what"])

    def answer(line: str) -> str | None:
        return next(greetings) if line.startswith(("EHLO", "HELO")) else None

    server = ScriptedServer(Sink(answers=answer))
    error = await refused(face, server)
    assert isinstance(error, Garbled if code in ("354", "221") else CourrielError)


async def test_t26_tls_is_required_by_default(face: Face) -> None:
    sink = Sink("AUTH PLAIN LOGIN")
    server = ScriptedServer(sink)
    session = server.attach(
        face.kind("SMTPSession")("mx.example.org", user="ada", password=PASSWORD)
    )
    with pytest.raises(InsecureConnection):
        await face.tame(session).open()
    assert HELLO + b"\r\n" == server.sent


async def test_t26_a_url_without_protection_does_not_name_it(face: Face) -> None:
    sink = Sink("AUTH PLAIN LOGIN")
    server = ScriptedServer(sink)
    kind = face.kind("SMTPSession")
    session = server.attach(kind.from_url(f"smtp://ada:{PASSWORD}@mx.example.org"))
    with pytest.raises(InsecureConnection):
        await face.tame(session).open()
    assert not any(secret in server.sent for secret in SECRETS)


@pytest.mark.parametrize("cut", ["S- 250 mx", "S: 250-mx", "S- 2"])
async def test_t27_a_truncated_reply_is_no_reply(face: Face, cut: str) -> None:
    server = ScriptedServer(
        f"""
        S: 220 mx.example.org ready
        C: EHLO me.example.org
        {cut}
        -- cut
        """
    )
    session = face.scripted(server)
    with pytest.raises(Disconnected):
        await session.open()
    assert frozenset() == session.capabilities
