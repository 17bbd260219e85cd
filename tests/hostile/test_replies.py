"""Hostile and broken servers (security.md, 1.7): replies too long, out of step, or no replies."""

from __future__ import annotations

import tracemalloc

import pytest

from courriel import (
    CourrielError,
    Disconnected,
    Garbled,
    Limits,
    Refused,
    SendRefused,
    SessionState,
    Uncertain,
)
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.sink import Sink
from tests.transcripts import GREETED, OPEN

pytestmark = pytest.mark.virtual

ADA, BOB, CY, DI = "ada@example.org", "bob@example.org", "cy@example.org", "di@example.org"
MAIL = b"Subject: hello\r\nMessage-ID: <1@example.org>\r\n\r\nHi.\r\n"
MIB = 1024 * 1024


DATA = "C: MAIL FROM:<*>\nC: RCPT TO:<*>\nC: DATA\n"

CODES = [220, 221, 354, 421, 500, 501, 530, 554]


async def outcome(face: Face, server: ScriptedServer) -> type[CourrielError] | None:
    """Open a session and say all there is to say; return the class of the first error."""
    session = face.scripted(server)
    try:
        async with session:
            await session.reset()
            await session.noop()
    except CourrielError as error:
        return type(error)
    return None


# T25: what each code means where the protocol does not expect it.
GREETING = [None, Garbled, Garbled, Refused, Refused, Refused, Refused, Refused]
EHLO = [Garbled, Garbled, Garbled, Refused, None, None, None, None]
HELO = [Garbled, Garbled, Garbled, Refused, Refused, Refused, Refused, Refused]
ASKED = [None, None, Garbled, Refused, Refused, Refused, Refused, Refused]


@pytest.mark.parametrize(("code", "expected"), list(zip(CODES, GREETING, strict=True)))
async def test_t25_greeting(face: Face, code: int, expected: type[CourrielError] | None) -> None:
    sink = Sink(answers={"greeting": f"{code} what"})
    assert expected is await outcome(face, ScriptedServer(sink))
    assert (expected is None) is bool(sink.commands)


@pytest.mark.parametrize(("code", "expected"), list(zip(CODES, EHLO, strict=True)))
async def test_t25_ehlo(face: Face, code: int, expected: type[CourrielError] | None) -> None:
    sink = Sink(answers={"EHLO me.example.org": f"{code} what"})
    assert expected is await outcome(face, ScriptedServer(sink))
    rest = ["HELO me.example.org", "RSET", "NOOP", "QUIT"] if expected is None else []
    assert ["EHLO me.example.org", *rest] == sink.commands


@pytest.mark.parametrize(("code", "expected"), list(zip(CODES, HELO, strict=True)))
async def test_t25_helo(face: Face, code: int, expected: type[CourrielError] | None) -> None:
    sink = Sink(answers={"EHLO me.example.org": "500 what", "HELO me.example.org": f"{code} what"})
    assert expected is await outcome(face, ScriptedServer(sink))
    assert ["EHLO me.example.org", "HELO me.example.org"] == sink.commands


@pytest.mark.parametrize("command", ["RSET", "NOOP"])
@pytest.mark.parametrize(("code", "expected"), list(zip(CODES, ASKED, strict=True)))
async def test_t25_rset_and_noop(
    face: Face, command: str, code: int, expected: type[CourrielError] | None
) -> None:
    sink = Sink(answers={command: f"{code} what"})
    assert expected is await outcome(face, ScriptedServer(sink))
    # After 354 and 421 nothing more is said; any other answer leaves the session usable.
    assert (code not in (354, 421)) is (sink.commands[-1] == "QUIT")


@pytest.mark.parametrize("code", [*CODES, 250, 999])
async def test_t25_quit_ends_the_session_whatever_is_answered(face: Face, code: int) -> None:
    sink = Sink(answers={"QUIT": f"{code} what"})
    session = face.scripted(ScriptedServer(sink))
    async with session:
        assert session.usable
    assert SessionState.CLOSED is session.state
    assert ["EHLO me.example.org", "QUIT"] == sink.commands


# H03: endless.


def endless(line: bytes) -> ScriptedServer:
    piece = line * (MIB // len(line))
    # 1.2 GB, if anybody took it.
    supply = iter(range(1_200))

    def server_says(heard: bytes) -> bytes:
        return piece if next(supply, None) is not None else b""

    return ScriptedServer(server_says)


@pytest.mark.parametrize(
    "line",
    [
        b"a",
        b"2",
        b"220 " + b"a" * 60,
        b"220-endless\r\n",
        b"220-\r\n",
        b"220-" + b"a" * 500 + b"\n",
    ],
    ids=["no reply", "digits", "no line end", "endless 220-", "empty lines", "long lines"],
)
async def test_h03_an_endless_reply_is_cut_short(face: Face, line: bytes) -> None:
    server = endless(line)
    session = face.scripted(server)
    tracemalloc.start()
    try:
        with pytest.raises(Garbled):
            await session.open()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 32 * MIB
    assert SessionState.CLOSED is session.state


@pytest.mark.parametrize("chunk", [None, 100])
async def test_h03_an_endless_ehlo_reply_keeps_the_limits(face: Face, chunk: int | None) -> None:
    limits = Limits(reply_lines=10)
    lines = "\n".join(f"S: 250-X{number}" for number in range(20))
    server = ScriptedServer(GREETED + lines, chunk=chunk)
    with pytest.raises(Garbled, match="too long"):
        await face.scripted(server, limits=limits).open()


# H09, H12: grammar.


@pytest.mark.parametrize(
    "lines",
    [
        "S: 250-a\nS: 550 b",
        "S: 25",
        "S: 999 what",
        "S: 199 what",
        "S: 25x what",
        "S: 250x what",
        "S: 2500 what",
        "S: hello",
        "S: ",
        "S: -250 a",
        "S: \x00250 a",
        "S: é",
        "S: 250-a\nS: hello\nS: 250 b",
        "S: 250 " + "a" * 4_096,
        "S: HTTP/1.1 400 Bad Request",
        "S: * OK IMAP4rev1",
        "S: +OK POP3",
        "S: SSH-2.0-x",
    ],
)
@pytest.mark.parametrize("chunk", [None, 1])
async def test_h12_what_is_no_reply_breaks_the_session(
    face: Face, lines: str, chunk: int | None
) -> None:
    server = ScriptedServer(GREETED + lines, chunk=chunk)
    session = face.scripted(server)
    with pytest.raises(Garbled) as caught:
        await session.open()
    assert not caught.value.session_usable
    assert SessionState.CLOSED is session.state


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (b"250 \xc3\xa9t\xc3\xa9\r\n", "été"),
        (b"250 \xe9t\xe9\r\n", "été"),
        (b"250 a\0b\r\n", "a\ufffdb"),
        (b"250 bare line feed\n", "bare line feed"),
        (b"250 two returns\r\r\n", "two returns"),
        (b"250\r\n", ""),
        (b"250 \r\n", ""),
        (b"250 trailing  \r\n", "trailing  "),
        (b"250-one\r\n250 two\r\n", "one\ntwo"),
        (b"250-one\r\n250\r\n", "one\n"),
        (b"250 a\rb\r\n", "a\ufffdb"),
    ],
)
@pytest.mark.parametrize("chunk", [None, 1])
async def test_h09_odd_replies_are_borne(
    face: Face, reply: bytes, text: str, chunk: int | None
) -> None:
    sink = Sink()

    def server_says(heard: bytes) -> bytes:
        return reply if heard.startswith(b"NOOP") else sink(heard)

    async with face.scripted(ScriptedServer(server_says, chunk=chunk)) as session:
        answer = await session.noop()
        assert text == answer.text
        await session.reset()


async def test_h12_two_replies_to_one_command(face: Face) -> None:
    server = ScriptedServer(OPEN + "C: NOOP\nS: 250 ok\nS: 250 and another\n")
    async with face.scripted(server) as session:
        await session.noop()
        with pytest.raises(CourrielError):
            await session.reset()
        assert SessionState.BROKEN is session.state
    assert b"RSET" not in server.sent


async def test_h12_half_a_reply_too_much(face: Face) -> None:
    server = ScriptedServer(OPEN + "C: NOOP\nS: 250 ok\nS- 250-and ano\n")
    async with face.scripted(server) as session:
        await session.noop()
        with pytest.raises(CourrielError):
            await session.reset()
    assert b"RSET" not in server.sent


@pytest.mark.parametrize(
    ("script", "error"),
    [
        (DATA + "S: 421 bye", Disconnected),
        (DATA + "S: 250 ok\nS: 421 bye", Disconnected),
        (
            DATA + "S: 250 ok\nS: 250 ok\nS: 421 bye",
            SendRefused,
        ),
        (
            DATA + "S: 250 ok\nS: 250 ok\nS: 354 go\nC: <message>\nS: 421 bye",
            SendRefused,
        ),
        (
            DATA + "S: 250 ok\nS: 250 ok\nS: 354 go\nC: <message>\n-- cut",
            Uncertain,
        ),
        (
            DATA + "S: 250 ok\nS: 250 ok\nS: 354 go\nC: <message>\nS- 250 tak\n-- cut",
            Uncertain,
        ),
    ],
    ids=["MAIL", "RCPT", "DATA", "message", "silence", "T27 half an answer"],
)
async def test_h12_421_anywhere(face: Face, script: str, error: type[CourrielError]) -> None:
    server = ScriptedServer(OPEN + script)
    async with face.scripted(server) as session:
        with pytest.raises(CourrielError) as caught:
            await session.send(MAIL, sender=ADA, recipients=[BOB])
        assert not session.usable
        with pytest.raises(Disconnected):
            await session.noop()
    server.check()
    assert isinstance(caught.value, (error, SendRefused) if error is Disconnected else error)
    assert not caught.value.session_usable
    assert b"QUIT" not in server.sent


# H13: every reply to its command.


async def test_h13_recipients_are_matched_to_their_replies(face: Face) -> None:
    server = ScriptedServer(
        OPEN
        + """
        C: MAIL FROM:<ada@example.org>
        C: RCPT TO:<bob@example.org>
        C: RCPT TO:<cy@example.org>
        C: RCPT TO:<di@example.org>
        C: DATA
        S: 250 ok
        S: 250 ok
        S: 550 5.1.1 nobody
        S: 450 4.2.1 later
        S: 354 go on
        C: <message>
        S: 250 taken
        C: QUIT
        S: 221 bye
        """
    )
    async with face.scripted(server) as session:
        receipt = await session.send(MAIL, sender=ADA, recipients=[BOB, CY, DI])
    server.check()
    assert (BOB,) == receipt.accepted
    assert {CY: 550, DI: 450} == {label: r.code for label, r in receipt.refused.items()}
    assert receipt.refused[DI].retryable


async def test_h13_354_without_a_recipient_gets_only_the_final_dot(face: Face) -> None:
    server = ScriptedServer(
        OPEN
        + """
        C: MAIL FROM:<ada@example.org>
        C: RCPT TO:<bob@example.org>
        C: RCPT TO:<cy@example.org>
        C: DATA
        S: 250 ok
        S: 550 5.1.1 nobody
        S: 450 4.2.1 later
        S: 354 go on
        C: .
        S: 554 5.5.1 no valid recipients
        C: NOOP
        S: 250 ok
        C: QUIT
        S: 221 bye
        """
    )
    async with face.scripted(server) as session:
        with pytest.raises(SendRefused) as caught:
            await session.send(MAIL, sender=ADA, recipients=[BOB, CY])
        assert session.usable
        await session.noop()
    server.check()
    assert {BOB: 550, CY: 450} == {label: r.code for label, r in caught.value.refused.items()}
    assert b"Hi." not in server.sent


async def test_h13_354_for_a_refused_sender_ends_the_connection(face: Face) -> None:
    # A recipient was accepted, so that even a lone dot might be delivered.
    server = ScriptedServer(
        OPEN
        + """
        C: MAIL FROM:<ada@example.org>
        C: RCPT TO:<bob@example.org>
        C: DATA
        S: 550 5.7.1 not you
        S: 250 ok
        S: 354 go on
        """
    )
    async with face.scripted(server) as session:
        with pytest.raises(SendRefused) as caught:
            await session.send(MAIL, sender=ADA, recipients=[BOB])
        assert not session.usable
    server.check()
    assert "MAIL" == caught.value.command
    assert 550 == caught.value.code
    assert server.sent.endswith(b"DATA\r\n")


@pytest.mark.parametrize("script", ["S: 354 go", "S: 250 ok\nS: 354 go"], ids=["MAIL", "RCPT"])
async def test_h13_354_to_anything_but_data_is_out_of_step(face: Face, script: str) -> None:
    server = ScriptedServer(OPEN + DATA + script + "\n-- stall")
    async with face.scripted(server) as session:
        with pytest.raises(Garbled):
            await session.send(MAIL, sender=ADA, recipients=[BOB])
    assert b"Hi." not in server.sent


async def test_h13_250_to_data_is_out_of_step(face: Face) -> None:
    server = ScriptedServer(OPEN + DATA + "S: 250 ok\nS: 250 ok\nS: 250 ok")
    async with face.scripted(server) as session:
        with pytest.raises(Garbled):
            await session.send(MAIL, sender=ADA, recipients=[BOB])
    assert b"Hi." not in server.sent
