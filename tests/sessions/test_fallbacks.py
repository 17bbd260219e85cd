"""Servers that offer what they do not honour: the message goes another way, and once."""

from __future__ import annotations

import asyncio
import io

import pytest

from courriel import (
    CourrielError,
    Disconnected,
    Email,
    Limits,
    SendOptions,
    SendRefused,
    SessionState,
    Uncertain,
)
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.sessions.awkward import (
    Deaf,
    KeepingTransactions,
    WithoutBdat,
    WithoutParameters,
    WithoutPipelining,
)
from tests.sessions.heard import mails_of, send, verbs_of
from tests.sessions.letters import ADA, SENDER, expect_once, letter, message_id
from tests.sink import Sink

pytestmark = pytest.mark.virtual

EIGHT_BIT = letter("eight", "Grüße\r\n".encode())
JÜRGEN = "jürgen@example.org"


# BDAT is offered and not known: a new connection, and DATA.

both = pytest.mark.parametrize(
    "pipelining", [("PIPELINING",), ()], ids=["PIPELINING", "one-by-one"]
)
codes = pytest.mark.parametrize("code", [500, 502, 504])


@both
@codes
@pytest.mark.parametrize("chunk", [None, 1])
async def test_bdat_refused(
    face: Face, pipelining: tuple[str, ...], code: int, chunk: int | None
) -> None:
    first, second = (WithoutBdat(*pipelining, code=code) for _ in range(2))
    third = WithoutBdat(*pipelining, code=code)
    server = ScriptedServer(first, second, third, chunk=chunk)
    session = face.scripted(server)
    async with session:
        assert message_id("one") == (await send(session, letter("one"))).message_id
        assert message_id("two") == (await send(session, letter("two"))).message_id
        assert 2 == len(server.conversations)
    assert [] == first.messages
    expect_once(["one", "two"], second.messages)
    assert "BDAT" not in verbs_of(second)
    # The server is known by then: a new connection begins with DATA.
    async with session:
        await send(session, letter("three"))
    expect_once(["three"], third.messages)
    assert "BDAT" not in verbs_of(third)
    server.check()


@both
@codes
async def test_bdat_refused_with_many_in_flight(
    face: Face, pipelining: tuple[str, ...], code: int
) -> None:
    first, second = (WithoutBdat(*pipelining, code=code) for _ in range(2))
    server = ScriptedServer(first, second)
    async with face.scripted(server, limits=Limits(window_messages=7)) as session:
        mails = [letter(number, b"Line.\r\n" * 5) for number in range(20)]
        receipts = [
            receipt async for receipt in session.send_many(mails, sender=SENDER, recipients=[ADA])
        ]
        assert SessionState.OPEN is session.state
    assert [None] * 20 == [receipt.error for receipt in receipts]
    assert [message_id(number) for number in range(20)] == [r.message_id for r in receipts]
    assert [] == first.messages
    expect_once(range(20), second.messages)
    server.check()


@both
async def test_bdat_refused_in_a_pipeline(face: Face, pipelining: tuple[str, ...]) -> None:
    first, second = WithoutBdat(*pipelining), WithoutBdat(*pipelining)
    async with face.scripted(ScriptedServer(first, second)) as session:
        async with session.pipeline() as pipeline:
            plain = getattr(pipeline, "plain", pipeline)
            pending = [
                plain.send(letter(number), sender=SENDER, recipients=[ADA]) for number in range(5)
            ]
        assert [message_id(number) for number in range(5)] == [
            one.result().message_id for one in pending
        ]
    expect_once(range(5), second.messages)


@both
async def test_bdat_refused_to_many_tasks(pipelining: tuple[str, ...]) -> None:
    first, second = WithoutBdat(*pipelining), WithoutBdat(*pipelining)
    server = ScriptedServer(first, second)
    async with Face("asyncio").scripted(server) as session:
        receipts = await asyncio.gather(*[send(session, letter(n)) for n in range(10)])
    assert [message_id(number) for number in range(10)] == [r.message_id for r in receipts]
    assert [] == first.messages
    expect_once(range(10), second.messages)
    assert 2 == len(server.conversations)


@both
@pytest.mark.parametrize("eager", [150, 300, 100_000])
async def test_bdat_refused_for_a_file(face: Face, pipelining: tuple[str, ...], eager: int) -> None:
    first, second = WithoutBdat(*pipelining), WithoutBdat(*pipelining)
    limits = Limits(eager_body=eager, body_chunk=64)
    content = letter("file", b"Line.\r\n" * 100)
    file = io.BytesIO(b"before" + content)
    file.seek(6)
    session = face.scripted(ScriptedServer(first, second), limits=limits, timeout=None)
    async with session:
        receipt = await session.send_source(file, sender=SENDER, recipients=[ADA])
        assert 250 == (await session.noop()).code
    assert message_id("file") == receipt.message_id
    assert [] == first.messages
    assert [content] == second.messages


@both
async def test_bdat_refused_for_what_cannot_be_read_again(
    face: Face, pipelining: tuple[str, ...]
) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    first, second = WithoutBdat(*pipelining), WithoutBdat(*pipelining)
    limits = Limits(eager_body=100, body_chunk=64)
    session = face.scripted(ScriptedServer(first, second), limits=limits, timeout=None)
    async with session:
        with pytest.raises(SendRefused) as caught:
            await session.send_source(
                Pipe(letter("pipe", b"x\r\n" * 100)), sender=SENDER, recipients=[ADA]
            )
        assert 502 == caught.value.code
        # Its octets were read as commands: nothing can be said on that connection any more.
        assert SessionState.BROKEN is session.state
        await session.open()
        await session.send_source(
            Pipe(letter("again", b"x\r\n" * 100)), sender=SENDER, recipients=[ADA]
        )
    assert [] == first.messages
    expect_once(["again"], second.messages)


async def test_bdat_refused_behind_a_refused_envelope(face: Face) -> None:
    # Nobody gets that message anyway, but what follows it is read as commands all the same.
    def refuse(line: str) -> str | None:
        return "550 5.1.1 nobody" if line.startswith("RCPT") and "<nobody@" in line else None

    first = WithoutBdat("PIPELINING", answers=refuse)
    second = WithoutBdat("PIPELINING", answers=refuse)
    async with face.scripted(ScriptedServer(first, second)) as session:
        mails = [
            Email(sender=SENDER, to=to, text="Line.\n" * 5, message_id=message_id(number))
            for number, to in enumerate(["nobody@example.org", ADA, ADA])
        ]
        receipts = [receipt async for receipt in session.send_many(mails)]
    error = receipts[0].error
    assert isinstance(error, SendRefused)
    assert 550 == error.code
    assert [None, None] == [receipt.error for receipt in receipts[1:]]
    expect_once([1, 2], [*first.messages, *second.messages])


async def test_bdat_refused_and_no_second_connection(face: Face) -> None:
    server = ScriptedServer(WithoutBdat("PIPELINING"))
    async with face.scripted(server, limits=Limits(window_messages=3)) as session:
        receipts = [
            receipt
            async for receipt in session.send_many(
                [letter(number) for number in range(5)], sender=SENDER, recipients=[ADA]
            )
        ]
        assert SessionState.BROKEN is session.state
    assert [Disconnected] * 5 == [type(receipt.error) for receipt in receipts]


async def test_a_chunk_that_is_refused_for_its_content_is_no_quirk(face: Face) -> None:
    sink = Sink("CHUNKING", answers=lambda line: "554 5.7.1 spam" if "message" in line else None)
    server = ScriptedServer(sink)
    async with face.scripted(server) as session:
        with pytest.raises(SendRefused):
            await send(session, letter("spam"))
        assert SessionState.OPEN is session.state
    assert 1 == len(server.conversations)


# A parameter of MAIL is offered and refused: once more without what only announces.


@pytest.mark.parametrize("refusal", ["555 5.5.4 what?", "501 5.5.4 syntax", "504 5.5.4 no"])
@pytest.mark.parametrize("more", [(), ("PIPELINING",), ("PIPELINING", "CHUNKING")])
async def test_mail_parameter_refused(face: Face, refusal: str, more: tuple[str, ...]) -> None:
    sink = WithoutParameters(
        "SIZE", "8BITMIME", *more, refusal=refusal, disliked=("SIZE=", "BODY=")
    )
    async with face.scripted(ScriptedServer(sink)) as session:
        assert (ADA,) == (await send(session, EIGHT_BIT)).accepted
        assert (ADA,) == (await send(session, letter("second"))).accepted
    plain = "MAIL FROM:<bob@example.org>"
    assert [f"{plain} SIZE={len(EIGHT_BIT)} BODY=8BITMIME", plain, plain] == mails_of(sink)
    expect_once(["eight", "second"], sink.messages)


async def test_mail_parameter_refused_with_many_in_flight(face: Face) -> None:
    sink = WithoutParameters(
        "SIZE", "PIPELINING", "CHUNKING", refusal="555 5.5.4 what?", disliked=("SIZE=",)
    )
    async with face.scripted(ScriptedServer(sink)) as session:
        mails = [letter(number) for number in range(10)]
        async for receipt in session.send_many(mails, sender=SENDER, recipients=[ADA]):
            assert receipt.error is None
    expect_once(range(10), sink.messages)


async def test_mail_parameter_refused_for_a_file(face: Face) -> None:
    sink = WithoutParameters(
        "SIZE", "8BITMIME", "PIPELINING", refusal="555 5.5.4 what?", disliked=("SIZE=", "BODY=")
    )
    limits = Limits(eager_body=10, body_chunk=64)
    content = letter("file", b"Line.\r\n" * 50)
    async with face.scripted(ScriptedServer(sink), limits=limits, timeout=None) as session:
        await session.send_source(io.BytesIO(content), sender=SENDER, recipients=[ADA])
    assert [content] == sink.messages
    assert 2 == len(mails_of(sink))


async def test_mail_refused_for_ever_is_tried_twice(face: Face) -> None:
    sink = WithoutParameters("SIZE", refusal="501 5.1.7 bad sender", disliked=("FROM",))
    async with face.scripted(ScriptedServer(sink)) as session:
        for _ in range(2):
            with pytest.raises(SendRefused) as caught:
                await send(session, letter("one"))
            assert 501 == caught.value.code
            assert caught.value.session_usable
    plain = "MAIL FROM:<bob@example.org>"
    assert [f"{plain} SIZE={len(letter('one'))}", plain, plain] == mails_of(sink)


async def test_what_was_asked_for_is_never_left_out(face: Face) -> None:
    sink = WithoutParameters(
        "SIZE", "DSN", "SMTPUTF8", "8BITMIME", refusal="555 5.5.4 what?", disliked=("RET=", "UTF8")
    )
    async with face.scripted(ScriptedServer(sink)) as session:
        with pytest.raises(SendRefused):
            await send(session, letter("one"), options=SendOptions(return_="full"))
        with pytest.raises(SendRefused):
            await send(session, letter("one"), recipients=[JÜRGEN])
    assert all("RET=FULL" in line or "SMTPUTF8" in line for line in mails_of(sink))
    assert [] == sink.messages


# PIPELINING is offered and refused: one by one.

REFUSALS = [
    "503 5.5.0 Improper use of SMTP command pipelining",
    "554 SMTP synchronization error",
    "550 5.5.0 pipelining not allowed",
]


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("more", [(), ("CHUNKING",)], ids=["DATA", "CHUNKING"])
async def test_pipelining_refused(face: Face, refusal: str, more: tuple[str, ...]) -> None:
    sink = WithoutPipelining(*more, refusal=refusal)
    server = ScriptedServer(sink, WithoutPipelining(*more, refusal=refusal))
    session = face.scripted(server)
    async with session:
        assert (ADA,) == (await send(session, letter("one"))).accepted
        refused = sink.commands.count("MAIL FROM:<bob@example.org>")
        assert (ADA,) == (await send(session, letter("two"))).accepted
        assert refused + 1 == sink.commands.count("MAIL FROM:<bob@example.org>")
    expect_once(["one", "two"], sink.messages)
    # A new connection knows it from the start.
    async with session:
        before = server.flights
        await send(session, letter("three"))
        assert server.flights - before == (3 if more else 4)
    server.check()


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("more", [(), ("CHUNKING",)], ids=["DATA", "CHUNKING"])
async def test_pipelining_refused_with_many_in_flight(
    face: Face, refusal: str, more: tuple[str, ...]
) -> None:
    sink = WithoutPipelining(*more, refusal=refusal)
    async with face.scripted(ScriptedServer(sink)) as session:
        mails = [letter(number) for number in range(10)]
        receipts = [
            receipt async for receipt in session.send_many(mails, sender=SENDER, recipients=[ADA])
        ]
    assert [None] * 10 == [receipt.error for receipt in receipts]
    expect_once(range(10), sink.messages)


async def test_a_500_about_the_content_delivers_nothing_twice(face: Face) -> None:
    def judge(line: str) -> str | None:
        return (
            "500 message content rejected" if line.startswith("message") and "m0" in line else None
        )

    sink = Sink("PIPELINING", "CHUNKING", answers=judge)
    server = ScriptedServer(sink)
    mails = [letter(f"m{number}") for number in range(5)]
    async with face.scripted(server) as session:
        receipts = [
            receipt async for receipt in session.send_many(mails, sender=SENDER, recipients=[ADA])
        ]
        assert session.usable
    assert [True] + [False] * 4 == [isinstance(r.error, SendRefused) for r in receipts]
    expect_once([f"m{number}" for number in range(1, 5)], sink.messages)


@pytest.mark.parametrize("window", [3, 100])
async def test_a_transaction_that_outlives_its_refusal(face: Face, window: int) -> None:
    sinks = [KeepingTransactions(), KeepingTransactions()]
    server = ScriptedServer(*sinks)
    bad = {3, 4, 9}
    mails = [letter("spam" if number in bad else number) for number in range(12)]
    async with face.scripted(server, limits=Limits(window_messages=window)) as session:
        receipts = [
            receipt async for receipt in session.send_many(mails, sender=SENDER, recipients=[ADA])
        ]
        assert session.usable
    server.check()
    errors = [type(receipt.error).__name__ for receipt in receipts if receipt.error]
    assert ["SendRefused"] * 3 == errors
    assert bad == {place for place, receipt in enumerate(receipts) if receipt.error}
    expect_once(
        [number for number in range(12) if number not in bad],
        [message for sink in sinks for message in sink.messages],
    )
    # Nobody was added to the recipients of a refused message.
    assert {1} == {len(recipients) for sink in sinks for recipients in sink.stained}


@pytest.mark.parametrize("eager", [1, 1_000_000])
async def test_nothing_follows_a_message_where_it_would_be_lost(face: Face, eager: int) -> None:
    sink = Deaf("PIPELINING", "XEXDATA")
    server = ScriptedServer(sink)
    async with face.scripted(server, limits=Limits(eager_body=eager)) as session:
        stream = session.send_many(map(letter, range(10)), sender=SENDER, recipients=[ADA])
        assert [] == [receipt.error async for receipt in stream if receipt.error]
        for number in (10, 11):
            await session.send_source(io.BytesIO(letter(number)), sender=SENDER, recipients=[ADA])
        before = server.flights
        await send(session, letter(12))
        # The group of the envelope, and the message.
        assert 2 == server.flights - before
    expect_once([*range(13)], sink.messages)


async def test_pipelining_refused_with_the_end_of_the_connection(face: Face) -> None:
    first = """
    S: 220 mx.example.org ready
    C: EHLO me.example.org
    S: 250-mx.example.org
    S: 250 PIPELINING
    C: MAIL FROM:<bob@example.org>
    C: RCPT TO:<ada@example.org>
    C: DATA
    S: 554 SMTP synchronization error
    -- cut
    """
    second = Sink("PIPELINING")
    server = ScriptedServer(first, second)
    async with face.scripted(server) as session:
        with pytest.raises(CourrielError) as caught:
            await send(session, letter("one"))
        assert not isinstance(caught.value, Uncertain)
        assert SessionState.BROKEN is session.state
        await session.open()
        before = server.flights
        await send(session, letter("one"))
        assert 4 == server.flights - before
    expect_once(["one"], second.messages)
