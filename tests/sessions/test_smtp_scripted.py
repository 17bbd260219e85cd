"""SMTP sessions against transcripts: what is said, in which order, in how many round trips."""

from __future__ import annotations

import pytest

from courriel import SendRefused
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.transcripts import BYE, GREETED, OPEN

pytestmark = pytest.mark.virtual

MAIL = b"Subject: hello\r\nMessage-ID: <1@example.org>\r\n\r\nHi.\r\n"
ADA, BOB = "ada@example.org", "bob@example.org"

CHUNKING = (
    GREETED
    + """
S: 250-mx.example.org
S: 250-PIPELINING
S: 250 CHUNKING
"""
)


@pytest.mark.parametrize("chunk", [None, 1, 7])
async def test_a_message_takes_two_flights_with_pipelining(face: Face, chunk: int | None) -> None:
    server = ScriptedServer(
        OPEN
        + """
        C: MAIL FROM:<ada@example.org>
        C: RCPT TO:<bob@example.org>
        C: DATA
        S: 250 ok
        S: 250 ok
        S: 354 go on
        C: <message>
        S: 250 2.0.0 taken
        """
        + BYE,
        chunk=chunk,
    )
    async with face.scripted(server) as session:
        before = server.flights
        receipt = await session.send(MAIL, sender=ADA, recipients=[BOB])
        assert 2 == server.flights - before
    server.check()
    assert (BOB,) == receipt.accepted
    assert "<1@example.org>" == receipt.message_id
    assert MAIL + b".\r\n" in server.sent


async def test_a_message_takes_one_flight_with_chunking(face: Face) -> None:
    server = ScriptedServer(
        CHUNKING
        + """
        C: MAIL FROM:<ada@example.org>
        C: RCPT TO:<bob@example.org>
        C: BDAT * LAST
        C: <chunk>
        S: 250 ok
        S: 250 ok
        S: 250 2.0.0 taken
        """
        + BYE
    )
    async with face.scripted(server) as session:
        before = server.flights
        await session.send(MAIL, sender=ADA, recipients=[BOB])
        assert 1 == server.flights - before
    server.check()


async def test_commands_go_one_by_one_without_pipelining(face: Face) -> None:
    server = ScriptedServer(
        GREETED
        + """
        S: 250 mx.example.org
        C: MAIL FROM:<ada@example.org>
        S: 250 ok
        C: RCPT TO:<bob@example.org>
        S: 550 5.1.1 nobody here
        """
        + BYE
    )
    async with face.scripted(server) as session:
        with pytest.raises(SendRefused) as caught:
            await session.send(MAIL, sender=ADA, recipients=[BOB])
    server.check()
    assert 550 == caught.value.refused[BOB].code
    assert caught.value.session_usable
