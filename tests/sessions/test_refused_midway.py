"""A server that refuses a message while it is still being sent: its words are told."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from courriel import Disconnected, Email, Limits, SendRefused, SessionState
from tests.drive.slow import SlowServer
from tests.faces import Face
from tests.sessions.letters import ADA, SENDER
from tests.sessions.many import collect
from tests.transcripts import OPEN

pytestmark = pytest.mark.virtual

PLAIN = OPEN.replace("S: 250-mx.example.org\nS: 250 PIPELINING", "S: 250 mx.example.org")
TOGETHER = "C: MAIL FROM:*\nC: RCPT TO:*\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go on\n"
APART = "C: MAIL FROM:*\nS: 250 ok\nC: RCPT TO:*\nS: 250 ok\nC: DATA\nS: 354 go on\n"
LIMITS = Limits(eager_body=1_000, body_chunk=500)
ENVELOPE: dict[str, Any] = {"sender": SENDER, "recipients": [ADA]}
BIG = b"Subject: big\r\n\r\n" + b"y\r\n" * 5_000

WAYS = pytest.mark.parametrize("opening", [OPEN + TOGETHER, PLAIN + APART], ids=["group", "single"])
ENDS = pytest.mark.parametrize("end", ["-- cut", "-- stall"])
ANSWERS = pytest.mark.parametrize(
    ("answer", "retryable"),
    [("451 4.7.1 greylisted, come back", True), ("552 5.3.4 too big", False)],
)


def server_of(opening: str, answer: str, end: str) -> SlowServer:
    """Return a server that reads a line of the message and answers it."""
    return SlowServer(f"{opening}C: *\nS: {answer}\n{end}", rate=400)


def check(error: Any, answer: str, *, retryable: bool) -> None:
    assert isinstance(error, SendRefused)
    assert answer in str(error)
    assert (retryable, "DATA") == (error.retryable, error.command)
    assert [ADA] == list(error.refused)
    assert not error.session_usable


@WAYS
@ENDS
@ANSWERS
async def test_of_a_file(face: Face, opening: str, end: str, answer: str, retryable: bool) -> None:
    server = server_of(opening, answer, end)
    async with face.scripted(server, limits=LIMITS) as session:
        with pytest.raises(SendRefused) as caught:
            await session.send_source(io.BytesIO(BIG), **ENVELOPE)
        check(caught.value, answer, retryable=retryable)
        assert SessionState.BROKEN is session.state
    server.check()
    assert b"\r\n.\r\n" not in server.sent


@WAYS
@ENDS
@ANSWERS
async def test_of_an_attachment(
    face: Face, tmp_path: Path, opening: str, end: str, answer: str, retryable: bool
) -> None:
    film = tmp_path / "film.bin"
    film.write_bytes(BIG)
    server = server_of(opening, answer, end)
    async with face.scripted(server, limits=LIMITS) as session:
        with pytest.raises(SendRefused) as caught:
            await session.send(Email(sender=SENDER, to=ADA, attachments=[film]))
        check(caught.value, answer, retryable=retryable)
    assert b"\r\n.\r\n" not in server.sent


@WAYS
@ENDS
@ANSWERS
async def test_what_was_behind_it_was_not_sent(
    face: Face, tmp_path: Path, opening: str, end: str, answer: str, retryable: bool
) -> None:
    film = tmp_path / "film.bin"
    film.write_bytes(BIG)
    emails = [Email(sender=SENDER, to=ADA, attachments=files) for files in ([film], [], [film])]
    async with face.scripted(server_of(opening, answer, end), limits=LIMITS) as session:
        first, *behind = await collect(session, emails)
    check(first.error, answer, retryable=retryable)
    for receipt in behind:
        assert () == receipt.accepted
        assert isinstance(receipt.error, Disconnected)
        assert answer in str(receipt.error)


@ANSWERS
async def test_by_lmtp_it_is_told_of_everybody(face: Face, answer: str, retryable: bool) -> None:
    names = [ADA, "bob@example.org"]
    opening = (OPEN + TOGETHER).replace("EHLO", "LHLO")
    opening = opening.replace("C: RCPT TO:*", "C: RCPT TO:*\nC: RCPT TO:*")
    server = server_of(opening.replace("S: 354", "S: 250 ok\nS: 354"), answer, "-- cut")
    async with face.scripted(server, "LMTPSession", limits=LIMITS) as session:
        with pytest.raises(SendRefused) as caught:
            await session.send_source(io.BytesIO(BIG), sender=SENDER, recipients=names)
    assert names == list(caught.value.refused)
    assert (retryable, False) == (caught.value.retryable, caught.value.session_usable)
