"""Round trips, counted: what each job costs on a line where every flight is dear."""

from __future__ import annotations

from math import ceil
from typing import Any

import pytest

from courriel import Limits
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.sessions.letters import ADA, SENDER, expect_once, letter
from tests.sink import Sink
from tests.transcripts import BYE

pytestmark = pytest.mark.virtual

TEN = [f"ada{place}@example.org" for place in range(10)]
HUNDRED = range(100)

HELLO = """
S: 220 mx.example.org ready
C: EHLO me.example.org
S: 250-mx.example.org
"""
SIGN_IN = """
S: 250 AUTH PLAIN
C: AUTH PLAIN AGFkYQBzZWNyZXQ=
S: 235 2.7.0 welcome
"""
LETTER = """
C: MAIL FROM:<bob@example.org>
C: RCPT TO:<ada@example.org>
C: BDAT * LAST
C: <chunk>
"""
TAKEN = """
S: 250 ok
S: 250 ok
S: 250 2.0.0 taken
"""


# Opening and closing.


async def test_opening_in_clear_takes_one_flight(face: Face) -> None:
    # The greeting comes unasked. Nothing may follow EHLO before its answer (RFC 2920, 3.1).
    server = ScriptedServer(HELLO + "S: 250 PIPELINING" + BYE)
    async with face.scripted(server):
        assert 1 == server.flights
    server.check()


@pytest.mark.parametrize("chunk", [None, 1])
async def test_opening_with_starttls_and_plain_takes_five_flights(
    face: Face, chunk: int | None
) -> None:
    # Each of the five waits for the one before, so fewer are not possible: EHLO shows that TLS can
    # be had; STARTTLS must be the last of its group (RFC 3207, 4; RFC 2920, 3.1); the handshake is
    # one flight (TLS 1.3); what was heard before it is forgotten, so EHLO again (RFC 3207, 4.2);
    # and it shows whether PLAIN is offered, which carries its response at once (RFC 4954, 4).
    server = ScriptedServer(
        HELLO
        + """
        S: 250 STARTTLS
        C: STARTTLS
        S: 220 go
        C: <tls>
        C: EHLO me.example.org
        S: 250-mx.example.org
        """
        + SIGN_IN
        + BYE,
        chunk=chunk,
    )
    session = face.scripted(server, security="starttls", user="ada", password="secret")
    async with session:
        assert 5 == server.flights
        assert session.secured
    server.check()


async def test_opening_with_implicit_tls_and_plain_takes_three_flights(face: Face) -> None:
    # The handshake, behind which the greeting comes unasked; EHLO; PLAIN with its response.
    server = ScriptedServer("C: <tls>" + HELLO + SIGN_IN + BYE)
    async with face.scripted(server, security="tls", user="ada", password="secret") as session:
        assert 3 == server.flights
        assert session.secured
    server.check()


async def test_closing_takes_one_flight(face: Face) -> None:
    server = ScriptedServer(HELLO + "S: 250 PIPELINING" + BYE)
    session = face.scripted(server)
    await session.open()
    before = server.flights
    await session.close()
    assert 1 == server.flights - before
    await session.close()
    assert 1 == server.flights - before
    server.check()


# One message.


async def flights_of_ten_recipients(face: Face, *capabilities: str) -> int:
    sink = Sink(*capabilities)
    server = ScriptedServer(sink)
    async with face.scripted(server) as session:
        before = server.flights
        receipt = await session.send(letter("ten"), sender=SENDER, recipients=TEN)
        flights = server.flights - before
    assert tuple(TEN) == receipt.accepted
    expect_once(["ten"], sink.messages)
    assert 10 == len(sink.envelopes[0][1])
    return flights


@pytest.mark.parametrize(
    ("flights", "capabilities"),
    [
        # BDAT needs no permission, so the message goes with its envelope (RFC 3030, 2).
        (1, ("PIPELINING", "CHUNKING")),
        # Envelope and DATA; then the message, behind the 354.
        (2, ("PIPELINING",)),
        # MAIL, ten times RCPT, and the message in one BDAT.
        (12, ("CHUNKING",)),
        # MAIL, ten times RCPT, DATA, the message.
        (13, ()),
    ],
    ids=["PIPELINING CHUNKING", "PIPELINING", "CHUNKING", "neither"],
)
async def test_a_message_to_ten(face: Face, flights: int, capabilities: tuple[str, ...]) -> None:
    assert flights == await flights_of_ten_recipients(face, *capabilities)


async def test_simple_commands_take_one_flight_each(face: Face) -> None:
    server = ScriptedServer(Sink("PIPELINING"))
    async with face.scripted(server) as session:
        for call in (session.noop, session.reset, session.help):
            before = server.flights
            await call()
            assert 1 == server.flights - before


async def test_a_pipeline_of_commands_takes_one_flight(face: Face) -> None:
    server = ScriptedServer(Sink("PIPELINING", "CHUNKING"))
    async with face.scripted(server) as session:
        before = server.flights
        async with session.pipeline() as pipeline:
            plain = getattr(pipeline, "plain", pipeline)
            sent = [plain.send(letter(n), sender=SENDER, recipients=[ADA]) for n in range(10)]
            reset = plain.reset()
        assert 1 == server.flights - before
        assert [(ADA,)] * 10 == [pending.result().accepted for pending in sent]
        assert 250 == reset.result().code


# Many messages.


async def flights_of_hundred(face: Face, sink: Any, **arguments: Any) -> int:
    server = ScriptedServer(sink)
    async with face.scripted(server, **arguments) as session:
        before = server.flights
        mails = [letter(number) for number in HUNDRED]
        receipts = [
            receipt async for receipt in session.send_many(mails, sender=SENDER, recipients=[ADA])
        ]
        flights = server.flights - before
    assert [f"<{number}@letters.example>" for number in HUNDRED] == [
        receipt.message_id for receipt in receipts
    ]
    assert [(ADA,)] * 100 == [receipt.accepted for receipt in receipts]
    expect_once(HUNDRED, sink.messages)
    return flights


@pytest.mark.parametrize("window", [100, 40, 25, 10, 1])
async def test_a_hundred_with_chunking_take_a_flight_a_window(face: Face, window: int) -> None:
    limits = Limits(window_messages=window)
    sink = Sink("PIPELINING", "CHUNKING")
    assert await flights_of_hundred(face, sink, limits=limits) <= ceil(100 / window)


async def test_a_hundred_with_chunking_take_one_flight_by_default(face: Face) -> None:
    assert 100 == Limits().window_messages
    assert 1 == await flights_of_hundred(face, Sink("PIPELINING", "CHUNKING"))


async def test_a_hundred_with_data_take_a_flight_each_and_one(face: Face) -> None:
    # Each 354 lets a message go, and the next envelope goes with it (RFC 2920, 3.1).
    assert await flights_of_hundred(face, Sink("PIPELINING")) <= 101


async def test_a_hundred_without_pipelining_take_a_flight_a_command(face: Face) -> None:
    # MAIL, RCPT, DATA, message; nothing else.
    sink = Sink()
    assert 400 == await flights_of_hundred(face, sink)
    assert 302 == len(sink.commands)  # With EHLO and QUIT: no RSET where all went well.


async def test_a_hundred_with_chunking_alone_go_one_by_one(face: Face) -> None:
    # MAIL, RCPT, BDAT with the message.
    assert 300 == await flights_of_hundred(face, Sink("CHUNKING"))


# The window.


class Meter(Sink):
    """Notes how much was in flight whenever the client waited: all it had said since."""

    def __init__(self, *capabilities: str) -> None:
        super().__init__(*capabilities)
        self.octets: list[int] = []

    def __call__(self, heard: bytes) -> bytes:
        before = len(self.wire)
        said = super().__call__(heard)
        if flying := self.wire[before:]:
            self.octets.append(sum(map(len, flying)))
        return said


async def test_octets_in_flight_stay_inside_the_window(face: Face) -> None:
    meter = Meter("PIPELINING", "CHUNKING")
    server = ScriptedServer(meter)
    mails = [letter(number, b"x" * 70 + b"\r\n" * (number % 7)) for number in HUNDRED]
    window = 1_000
    async with face.scripted(server, limits=Limits(window_octets=window)) as session:
        async for receipt in session.send_many(mails, sender=SENDER, recipients=[ADA]):
            assert (ADA,) == receipt.accepted
    assert max(meter.octets) <= window
    # And it is used: one more of the longest would not have fitted.
    assert window - max(map(len, mails)) - 2 < max(meter.octets)
    expect_once(HUNDRED, meter.messages)


async def test_octets_of_many_tasks_stay_inside_the_window(face: Face) -> None:
    meter = Meter("PIPELINING", "CHUNKING")
    server = ScriptedServer(meter)
    window = 1_000
    limits = Limits(window_octets=window)
    async with face.scripted(server, limits=limits) as session, session.pipeline() as pipeline:
        plain = getattr(pipeline, "plain", pipeline)
        for number in HUNDRED:
            plain.send(letter(number), sender=SENDER, recipients=[ADA])
    assert max(meter.octets) <= window
    expect_once(HUNDRED, meter.messages)


async def test_a_message_larger_than_the_window_goes_alone(face: Face) -> None:
    meter = Meter("PIPELINING", "CHUNKING")
    server = ScriptedServer(meter)
    mails = [letter(number, b"x" * (900 if number == 2 else 1) + b"\r\n") for number in range(5)]
    async with face.scripted(server, limits=Limits(window_octets=500)) as session:
        async for receipt in session.send_many(mails, sender=SENDER, recipients=[ADA]):
            assert (ADA,) == receipt.accepted
    assert [len(mails[2])] == [octets for octets in meter.octets if octets > 500]
    expect_once(range(5), meter.messages)


async def test_the_window_slides(face: Face) -> None:
    # The third follows the first answer; it does not wait for the second.
    behind = "C: RSET" + LETTER
    server = ScriptedServer(
        HELLO
        + """
        S: 250-PIPELINING
        S: 250 CHUNKING
        """
        + LETTER
        + behind
        + TAKEN
        + behind
        + ("S: 250 reset" + TAKEN) * 2
        + BYE
    )
    async with face.scripted(server, limits=Limits(window_messages=2)) as session:
        mails = [letter(number) for number in range(3)]
        async for receipt in session.send_many(mails, sender=SENDER, recipients=[ADA]):
            assert (ADA,) == receipt.accepted
    server.check()
