"""A connection that ends among many messages: each is told what became of it, truthfully."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from courriel import (
    Broken,
    Disconnected,
    Limits,
    SendRefused,
    SessionState,
    TimedOut,
    Uncertain,
)
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.sessions.letters import expect_once, letter, message_id
from tests.sessions.many import CHUNKING, collect, fates, letters
from tests.sink import Sink

pytestmark = pytest.mark.virtual

HELLO = """
S: 220 mx.example.org ready
C: EHLO me.example.org
S: 250-mx.example.org
S: 250-PIPELINING
"""
OFFER_CHUNKING = "S: 250 CHUNKING\n"
OFFER_NO_MORE = "S: 250 ENHANCEDSTATUSCODES\n"
ENVELOPE = """
C: MAIL FROM:<bob@example.org>
C: RCPT TO:<ada@example.org>
"""
CHUNK = """
C: BDAT * LAST
C: <chunk>
"""
RESET = "C: RSET\n"
TAKEN = """
S: 250 ok
S: 250 ok
S: 250 2.0.0 taken
"""


# The end in the middle: what was handed over is uncertain, the rest was not sent.


async def test_421_to_an_envelope_under_chunking(face: Face) -> None:
    server = ScriptedServer(
        HELLO
        + OFFER_CHUNKING
        + (ENVELOPE + CHUNK)
        + (RESET + ENVELOPE + CHUNK) * 3
        + TAKEN
        + """
        S: 250 reset
        S: 421 4.3.2 shutting down
        -- cut
        """
    )
    async with face.scripted(server, limits=Limits(window_messages=4)) as session:
        receipts = await collect(session, letters(6))
        assert SessionState.BROKEN is session.state
    # The second was told so; of the next two nothing was heard; the last two never left.
    refused, *_ = receipts[1:]
    assert isinstance(refused.error, SendRefused)
    assert 421 == refused.error.code
    assert not refused.error.session_usable
    assert refused.error.retryable
    assert [
        "taken",
        "SendRefused",
        "Uncertain",
        "Uncertain",
        "Disconnected",
        "Disconnected",
    ] == fates(receipts)
    uncertain = receipts[2].error
    assert isinstance(uncertain, Uncertain)
    assert message_id(2) == uncertain.message_id
    assert "421" in str(uncertain)


async def test_421_to_an_envelope_under_data(face: Face) -> None:
    server = ScriptedServer(
        HELLO
        + OFFER_NO_MORE
        + ENVELOPE
        + """
        C: DATA
        S: 250 ok
        S: 250 ok
        S: 354 go on
        C: <message>
        """
        + ENVELOPE
        + """
        C: DATA
        S: 250 2.0.0 taken
        S: 421 4.3.2 shutting down
        -- cut
        """
    )
    async with face.scripted(server) as session:
        receipts = await collect(session, letters(4))
        assert SessionState.BROKEN is session.state
    assert ["taken", "SendRefused", "Disconnected", "Disconnected"] == fates(receipts)
    assert "not sent" in str(receipts[2].error)
    assert b"Subject: 1" not in server.sent


@pytest.mark.parametrize("ending", ["-- cut", "S: 421 bye\n-- cut", "S: nonsense", "-- stall"])
async def test_the_end_between_two_answers_under_chunking(face: Face, ending: str) -> None:
    server = ScriptedServer(
        HELLO
        + OFFER_CHUNKING
        + (ENVELOPE + CHUNK)
        + (RESET + ENVELOPE + CHUNK) * 2
        + TAKEN
        + "S: 250 reset\nS: 250 ok\nS: 250 ok\n"
        + ending
    )
    async with face.scripted(server, limits=Limits(window_messages=3)) as session:
        receipts = await collect(session, letters(5))
        assert SessionState.BROKEN is session.state
    # A 421 is an answer to the second message: nobody got it.
    second = "SendRefused" if "421" in ending else "Uncertain"
    assert ["taken", second, "Uncertain"] == fates(receipts)[:3]
    for number, receipt in enumerate(receipts[3:], 3):
        # Those behind went out if the window had moved on by then.
        handed_over = b"Subject: %d" % number in server.sent
        assert handed_over == isinstance(receipt.error, Uncertain)
        assert isinstance(receipt.error, Uncertain | Broken)
        assert not receipt.error.session_usable


@pytest.mark.parametrize("ending", ["-- cut", "-- stall"])
async def test_the_end_behind_a_message_under_data(face: Face, ending: str) -> None:
    server = ScriptedServer(
        HELLO
        + OFFER_NO_MORE
        + ENVELOPE
        + """
        C: DATA
        S: 250 ok
        S: 250 ok
        S: 354 go on
        C: <message>
        """
        + ENVELOPE
        + "C: DATA\n"
        + ending
    )
    async with face.scripted(server) as session:
        receipts = await collect(session, letters(4))
    assert "Uncertain" == fates(receipts)[0]
    for receipt in receipts[1:]:
        assert isinstance(
            receipt.error, Disconnected if ending == "-- cut" else (TimedOut, Disconnected)
        )
    assert b"Subject: 1" not in server.sent


async def test_a_session_that_broke_says_so_of_all_that_follow(face: Face) -> None:
    read: list[int] = []

    def mails() -> Iterator[bytes]:
        for number in range(10):
            read.append(number)
            yield letter(number)

    server = ScriptedServer(HELLO + OFFER_CHUNKING + ENVELOPE + CHUNK + "-- cut")
    async with face.scripted(server, limits=Limits(window_messages=1)) as session:
        receipts = await collect(session, mails())
    assert ["Uncertain"] + ["Disconnected"] * 9 == fates(receipts)
    assert list(range(10)) == read


async def test_after_the_end_a_session_can_be_opened_again(face: Face) -> None:
    sink = Sink(*CHUNKING)
    server = ScriptedServer(HELLO + OFFER_CHUNKING + ENVELOPE + CHUNK + "-- cut", sink)
    async with face.scripted(server, limits=Limits(window_messages=1)) as session:
        assert ["Uncertain", "Disconnected"] == fates(await collect(session, letters(2)))
        await session.open()
        assert ["taken"] * 2 == fates(await collect(session, letters(2)))
    expect_once(range(2), sink.messages)
