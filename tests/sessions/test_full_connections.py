"""Servers that take so many messages on one connection: the rest goes over a new one, once."""

from __future__ import annotations

import pytest

from courriel import SendRefused
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.sessions.awkward import Tiring
from tests.sessions.heard import send
from tests.sessions.letters import ADA, SENDER, expect_once, letter

pytestmark = pytest.mark.virtual

OPENSMTPD = "452 4.5.3 Too many recipients: Too many messages sent"
EXIM = "421 too many messages in this connection"


@pytest.mark.parametrize(
    ("refusal", "capabilities"),
    [
        (OPENSMTPD, ()),
        (EXIM, ()),
        (EXIM, ("PIPELINING",)),
        (EXIM, ("CHUNKING",)),
        (EXIM, ("PIPELINING", "CHUNKING")),
    ],
)
@pytest.mark.parametrize("chunk", [None, 7])
async def test_so_many_messages_on_one_connection(
    face: Face, refusal: str, capabilities: tuple[str, ...], chunk: int | None
) -> None:
    sinks = [Tiring(*capabilities, most=5, refusal=refusal) for _ in range(4)]
    server = ScriptedServer(*sinks, chunk=chunk)
    mails = [letter(number) for number in range(17)]
    async with face.scripted(server) as session:
        stream = session.send_many(mails, sender=SENDER, recipients=[ADA])
        receipts = [receipt async for receipt in stream]
        assert [] == [receipt.error for receipt in receipts if receipt.error]
        await send(session, letter("last"))
    assert [5, 5, 5, 3] == [len(sink.messages) for sink in sinks]
    taken = [message for sink in sinks for message in sink.messages]
    expect_once([*range(17), "last"], taken)


@pytest.mark.parametrize("refusal", [OPENSMTPD, EXIM])
async def test_one_at_a_time_on_a_connection_that_is_full(face: Face, refusal: str) -> None:
    sinks = [Tiring(most=2, refusal=refusal) for _ in range(3)]
    async with face.scripted(ScriptedServer(*sinks)) as session:
        for number in range(6):
            await send(session, letter(number))
        assert session.usable
    assert [2, 2, 2] == [len(sink.messages) for sink in sinks]


@pytest.mark.parametrize("refusal", [OPENSMTPD, EXIM])
async def test_a_server_that_takes_nothing_is_not_asked_again(face: Face, refusal: str) -> None:
    server = ScriptedServer(Tiring(most=0, refusal=refusal))
    async with face.scripted(server) as session:
        with pytest.raises(SendRefused):
            await send(session, letter("one"))
    assert 1 == len(server.conversations)
