"""Many messages and time: a total that runs out, and receipts that are told when they come."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from courriel import (
    Disconnected,
    Email,
    Limits,
    Receipt,
    SendRefused,
    SessionState,
    TimedOut,
    Timeout,
    Uncertain,
)
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.sessions.letters import ADA, SENDER, letter, message_id
from tests.sessions.many import CHUNKING, collect, fates, gather, letters
from tests.sink import Sink

pytestmark = pytest.mark.virtual

HELLO = """
S: 220 mx.example.org ready
C: EHLO me.example.org
S: 250-mx.example.org
S: 250-PIPELINING
"""
ENVELOPE = """
C: MAIL FROM:<bob@example.org>
C: RCPT TO:<ada@example.org>
"""


async def test_a_total_that_runs_out_ends_the_stream_and_sends_no_more(face: Face) -> None:
    server = ScriptedServer(
        HELLO + "S: 250 SMTPUTF8" + ENVELOPE + "C: DATA\nS: 250 ok\nS: 250 ok\n"
        "-- wait 3\nS: 354 go on\nC: never\n"
    )
    read: list[int] = []

    def mails() -> Iterator[bytes]:
        for number in range(10):
            read.append(number)
            yield letter(number)

    receipts: list[Receipt] = []
    limits = Limits(window_messages=3)
    async with face.scripted(server, timeout=Timeout(total=2), limits=limits) as session:
        sending = session.send_many(mails(), sender=SENDER, recipients=[ADA])
        with pytest.raises(TimedOut, match=r"send_many: .* 2 s") as caught:
            await gather(sending, receipts)
        assert ["TimedOut"] * 3 == fates(receipts)
        assert [message_id(number) for number in range(3)] == [r.message_id for r in receipts]
        assert [0, 1, 2] == read
        # The 354 is still to come, and can only be answered by hanging up.
        assert not caught.value.session_usable
        assert not any(receipt.error and receipt.error.session_usable for receipt in receipts)
        with pytest.raises(Disconnected, match="given up"):
            [await session.noop() for _ in range(5)]
    assert b"Subject" not in server.sent


async def test_a_total_that_runs_out_tells_what_was_handed_over(face: Face) -> None:
    server = ScriptedServer(
        HELLO
        + "S: 250 CHUNKING"
        + ENVELOPE
        + "C: BDAT * LAST\nC: <chunk>\nC: RSET"
        + ENVELOPE
        + "C: BDAT * LAST\nC: <chunk>\nS: 250 ok\nS: 250 ok\nS: 250 taken\n-- stall\n"
    )
    receipts: list[Receipt] = []
    async with face.scripted(server, timeout=Timeout(total=2)) as session:
        sending = session.send_many(letters(2), sender=SENDER, recipients=[ADA])
        with pytest.raises(TimedOut) as caught:
            await gather(sending, receipts)
        assert caught.value.session_usable
        assert SessionState.OPEN is session.state
    assert ["taken", "Uncertain"] == fates(receipts)
    error = receipts[1].error
    assert isinstance(error, Uncertain)
    assert (message_id(1), (ADA,)) == (error.message_id, error.unknown)


async def test_one_message_that_data_has_announced_costs_the_session(face: Face) -> None:
    server = ScriptedServer(HELLO + "S: 250 SMTPUTF8" + ENVELOPE + "C: DATA\n-- stall")
    async with face.scripted(server, timeout=Timeout(total=2)) as session:
        with pytest.raises(TimedOut) as caught:
            await session.send(letter(1), sender=SENDER, recipients=[ADA])
        assert not caught.value.session_usable


async def test_a_receipt_is_handed_out_before_more_is_asked_for(face: Face) -> None:
    # The first cannot be sent at all, so nothing has to be waited for.
    asked: list[int] = []

    def mails() -> Iterator[bytes]:
        for number, mail in enumerate([b"To: ada@example.org\r\n\r\n", letter(1), letter(2)]):
            asked.append(number)
            yield mail

    async with face.scripted(ScriptedServer(Sink(*CHUNKING))) as session:
        receipts = session.send_many(mails(), recipients=[ADA])
        assert (await anext(receipts)).error is not None
        assert [0] == asked
        assert 2 == len([receipt async for receipt in receipts])


async def test_an_lmtp_server_that_falls_silent_has_answered_for_some(face: Face) -> None:
    script = """
    S: 220 mx.example.org ready
    C: LHLO me.example.org
    S: 250-mx.example.org
    S: 250 PIPELINING
    C: MAIL FROM:<bob@example.org>
    C: RCPT TO:<ada@example.org>
    C: RCPT TO:<bob@example.org>
    C: RCPT TO:<eve@example.org>
    C: RCPT TO:<nobody@example.org>
    C: DATA
    S: 250 ok
    S: 250 ok
    S: 250 ok
    S: 250 ok
    S: 550 5.1.1 nobody
    S: 354 go on
    C: <message>
    S: 250 taken
    S: 452 4.2.2 full
    -- cut
    """
    recipients = [f"{name}@example.org" for name in ("ada", "bob", "eve", "nobody")]
    ada, bob, eve, nobody = recipients
    session = face.scripted(ScriptedServer(script, script), kind="LMTPSession")
    async with session:
        with pytest.raises(Uncertain) as caught:
            await session.send(letter(1), sender=SENDER, recipients=recipients)
        await session.open()
        (receipt,) = await collect(session, letters(1), recipients=recipients)
    for error in (caught.value, receipt.error):
        assert isinstance(error, Uncertain)
        assert ((ada,), (eve,)) == (error.accepted, error.unknown)
        assert {nobody: 550, bob: 452} == {who: r.code for who, r in error.refused.items()}
    # A receipt with an error accepts nobody (see Receipt); who is known to be refused is told.
    assert () == receipt.accepted
    assert {nobody, bob} == set(receipt.refused)


async def test_a_refusal_is_retryable_if_anybody_may_get_it_later(face: Face) -> None:
    answers = {f"RCPT TO:<{ADA}>": "550 5.1.1 no", "RCPT TO:<eve@example.org>": "450 4.2.1 later"}
    async with face.scripted(ScriptedServer(Sink(*CHUNKING, answers=answers))) as session:
        mail = Email(sender=SENDER, to=[ADA, "eve@example.org"], text="x")
        with pytest.raises(SendRefused) as caught:
            await session.send(mail)
        (receipt,) = await collect(session, [mail], sender=None, recipients=None)
    assert caught.value.retryable
    assert 450 == caught.value.reply.code
    assert receipt.reply == caught.value.reply
