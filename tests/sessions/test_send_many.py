"""Many messages through one session: order, the fate of each, and the caller's iterator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from courriel import (
    CourrielError,
    Email,
    Limits,
    Misused,
    Receipt,
    SendOptions,
    SendRefused,
    SessionState,
)
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.sessions.letters import ADA, SENDER, expect_once, letter, message_id
from tests.sessions.many import CHUNKING, collect, every_way, fates, gather, letters
from tests.sink import Sink

pytestmark = pytest.mark.virtual

# Order.


@every_way
@pytest.mark.parametrize("chunk", [None, 1])
async def test_receipts_come_in_the_order_of_the_messages(
    face: Face, capabilities: tuple[str, ...], chunk: int | None
) -> None:
    sink = Sink(*capabilities, answers=lambda line: said_of(line))
    async with face.scripted(ScriptedServer(sink, chunk=chunk)) as session:
        receipts = await collect(session, letters(30))
    assert [message_id(number) for number in range(30)] == [r.message_id for r in receipts]
    assert [f"taken {number}" for number in range(30)] == [
        r.reply.text for r in receipts if r.reply
    ]
    assert {(ADA,)} == {receipt.accepted for receipt in receipts}
    expect_once(range(30), sink.messages)


def said_of(line: str) -> str | None:
    """Answer a message with its own subject."""
    if not line.startswith("message "):
        return None
    return f"250 2.0.0 taken {line.partition('Subject: ')[2].splitlines()[0]}"


# One bad message among good ones. Nothing of it may touch its neighbours.


def bad(recipient: str) -> Email:
    return Email(sender=SENDER, to=recipient, subject="bad", text="x", message_id="<bad@x.example>")


def good(number: int) -> Email:
    return Email(
        sender=SENDER, to=ADA, subject=f"{number}", text="x", message_id=message_id(number)
    )


def refusing(line: str) -> str | None:
    """Refuse by address: at MAIL, at RCPT, at DATA or BDAT, or after the message."""
    if "<nobody@" in line and line.startswith("RCPT"):
        return "550 5.1.1 nobody here"
    if "<banned@" in line and line.startswith("MAIL"):
        return "550 5.7.1 not you"
    if "later@" in line and line.startswith("RCPT"):
        return "450 4.2.1 later"
    if line.startswith("message ") and "spam@example.org" in line:
        return "554 5.7.1 spam"
    return None


BAD: dict[str, tuple[Any, type[CourrielError], str]] = {
    "recipient refused": (bad("nobody@example.org"), SendRefused, "RCPT: 550 5.1.1"),
    "recipient deferred": (bad("later@example.org"), SendRefused, "RCPT: 450 4.2.1"),
    "refused after the data": (bad("spam@example.org"), SendRefused, "DATA: 554 5.7.1"),
    "sender refused": (
        Email(sender="banned@example.org", to=ADA, text="x", message_id="<bad@x.example>"),
        SendRefused,
        "MAIL: 550 5.7.1",
    ),
    "too large": (
        Email(sender=SENDER, to=ADA, text="x\n" * 1_000, message_id="<bad@x.example>"),
        SendRefused,
        "at most 1500",
    ),
    "no sender": (b"To: ada@example.org\r\n\r\n", Misused, "sender"),
    "no recipient": (b"From: bob@example.org\r\n\r\n", Misused, "recipient"),
    "address that is none": (
        b"From: bob@example.org\r\nTo: <a@b@c>\r\n\r\n",
        Misused,
        "address",
    ),
    "NUL in the header": (
        b"From: bob@example.org\r\nTo: ada@example.org\r\nSubject: a\0b\r\n\r\n",
        Misused,
        "NUL",
    ),
    "string": ("From: bob@example.org", Misused, "str"),
    "None": (None, Misused, "NoneType"),
    "number": (42, Misused, "int"),
    "exception": (ValueError("could not be built"), Misused, "ValueError"),
    "error of the house": (Misused("could not be built"), Misused, "Misused"),
}


@every_way
@pytest.mark.parametrize("name", list(BAD))
async def test_a_bad_message_in_the_middle_hits_only_itself(
    face: Face, capabilities: tuple[str, ...], name: str
) -> None:
    message, kind, words = BAD[name]
    sink = Sink("SIZE 1500", *capabilities, answers=refusing)
    async with face.scripted(ScriptedServer(sink)) as session:
        mails = [good(0), good(1), message, good(3), good(4)]
        receipts = await collect(session, mails, sender=None, recipients=None)
        assert SessionState.OPEN is session.state
    assert ["taken", "taken", kind.__name__, "taken", "taken"] == fates(receipts)
    expect_once([0, 1, 3, 4], sink.messages)
    wrong = receipts[2]
    assert () == wrong.accepted
    assert wrong.error is not None
    assert words in str(wrong.error)
    assert wrong.error.session_usable
    assert [message_id(n) for n in (0, 1, 3, 4)] == [
        receipt.message_id for receipt in receipts if receipt is not wrong
    ]


async def test_every_message_may_be_bad(face: Face) -> None:
    sink = Sink(*CHUNKING, answers=refusing)
    async with face.scripted(ScriptedServer(sink)) as session:
        mails = [message for message, _, _ in BAD.values() if message is not BAD["too large"][0]]
        receipts = await collect(session, mails * 3, sender=None, recipients=None)
        assert 250 == (await session.noop()).code
    assert "taken" not in fates(receipts)
    assert len(mails) * 3 == len(receipts)
    assert [] == sink.messages


async def test_some_recipients_refused_is_no_error(face: Face) -> None:
    sink = Sink(*CHUNKING, answers=refusing)
    async with face.scripted(ScriptedServer(sink)) as session:
        receipts = await collect(session, letters(3), recipients=[ADA, "nobody@example.org"])
    assert ["taken"] * 3 == fates(receipts)
    for receipt in receipts:
        assert (ADA,) == receipt.accepted
        assert "5.1.1" == receipt.refused["nobody@example.org"].enhanced


# The caller's iterator.


async def test_an_iterable_is_read_no_further_than_the_window(face: Face) -> None:
    read: list[int] = []

    def mails() -> Iterator[bytes]:
        for number in range(50):
            read.append(number)
            yield letter(number)

    server = ScriptedServer(Sink(*CHUNKING))
    async with face.scripted(server, limits=Limits(window_messages=5)) as session:
        done = 0
        async for receipt in session.send_many(mails(), sender=SENDER, recipients=[ADA]):
            assert receipt.error is None
            assert len(read) <= done + 5
            done += 1
    assert 50 == done == len(read)


async def test_an_iterable_is_read_no_further_than_the_octets_of_the_window(face: Face) -> None:
    read: list[int] = []

    def mails() -> Iterator[bytes]:
        for number in range(20):
            read.append(number)
            yield letter(number, b"x" * 500 + b"\r\n")

    server = ScriptedServer(Sink(*CHUNKING))
    async with face.scripted(server, limits=Limits(window_octets=2_000)) as session:
        done = 0
        async for _ in session.send_many(mails(), sender=SENDER, recipients=[ADA]):
            assert len(read) <= done + 4
            done += 1
    assert 20 == done


@pytest.mark.parametrize(
    "kind", [list, tuple, iter, dict.fromkeys, lambda mails: map(bytes, mails)]
)
async def test_any_iterable_will_do(face: Face, kind: Any) -> None:
    sink = Sink(*CHUNKING)
    async with face.scripted(ScriptedServer(sink)) as session:
        assert ["taken"] * 3 == fates(await collect(session, kind(letters(3))))
    expect_once(range(3), sink.messages)


async def test_an_asynchronous_iterable_in_asyncio() -> None:
    async def mails() -> AsyncIterator[bytes]:
        for number in range(30):
            await asyncio.sleep(number % 3)
            yield letter(number)

    sink = Sink(*CHUNKING)
    session = Face("asyncio").scripted(ScriptedServer(sink), limits=Limits(window_messages=4))
    async with session:
        receipts = await collect(session, mails())
        assert ["taken"] * 30 == fates(receipts)
        assert [message_id(number) for number in range(30)] == [r.message_id for r in receipts]
    expect_once(range(30), sink.messages)


async def test_a_slow_iterable_does_not_hold_back_what_was_read(face: Face) -> None:
    sink = Sink(*CHUNKING)
    taken: list[int] = []

    def mails() -> Iterator[bytes]:
        for number in range(4):
            yield letter(number)
            taken.append(server.sent.count(b" LAST\r\n"))

    server = ScriptedServer(sink)
    async with face.scripted(server) as session:
        assert ["taken"] * 4 == fates(await collect(session, mails()))
    # When the next is asked for, the one before has left.
    assert [1, 2, 3, 4] == taken


@every_way
async def test_an_error_of_the_iterable_comes_through(
    face: Face, capabilities: tuple[str, ...]
) -> None:
    class OutOfPaperError(Exception):
        pass

    def mails() -> Iterator[bytes]:
        yield letter(0)
        yield letter(1)
        raise OutOfPaperError

    sink = Sink(*capabilities)
    receipts: list[Receipt] = []
    async with face.scripted(ScriptedServer(sink)) as session:
        sending = session.send_many(mails(), sender=SENDER, recipients=[ADA])
        with pytest.raises(OutOfPaperError):
            await gather(sending, receipts)
        # What was in flight by then has its receipts first.
        assert [message_id(0), message_id(1)] == [receipt.message_id for receipt in receipts]
        assert SessionState.OPEN is session.state
        after = await session.send(letter("after"), sender=SENDER, recipients=[ADA])
        assert message_id("after") == after.message_id
    expect_once([0, 1, "after"], sink.messages)


async def test_an_error_of_an_asynchronous_iterable_comes_through() -> None:
    async def mails() -> AsyncIterator[bytes]:
        yield letter(0)
        raise KeyError("paper")

    sink = Sink(*CHUNKING)
    async with Face("asyncio").scripted(ScriptedServer(sink)) as session:
        with pytest.raises(KeyError):
            await collect(session, mails())
        assert 250 == (await session.noop()).code
    expect_once([0], sink.messages)


@every_way
@pytest.mark.parametrize("after", [1, 2, 7])
async def test_who_stops_iterating_leaves_the_session_in_step(
    face: Face, capabilities: tuple[str, ...], after: int
) -> None:
    sink = Sink(*capabilities, answers=lambda line: said_of(line))
    server = ScriptedServer(sink)
    async with face.scripted(server, limits=Limits(window_messages=5)) as session:
        receipts = session.send_many(letters(20), sender=SENDER, recipients=[ADA])
        for number in range(after):
            assert message_id(number) == (await anext(receipts)).message_id
        await receipts.aclose()
        assert SessionState.OPEN is session.state
        receipt = await session.send(letter("next"), sender=SENDER, recipients=[ADA])
        assert message_id("next") == receipt.message_id
        assert "taken next" == receipt.reply.text
    # What was told as taken was taken, and what was in flight went at most once.
    subjects = [m.partition(b"Subject: ")[2].split(b"\r\n")[0].decode() for m in sink.messages]
    assert [*map(str, range(after))] == subjects[:after]
    assert len(set(subjects)) == len(subjects)
    assert "next" == subjects[-1]
    assert len(subjects) <= after + 5


async def test_the_iterable_may_use_the_session_itself(face: Face) -> None:
    if not face.blocking:
        return

    def mails() -> Iterator[bytes]:
        for number in range(3):
            yield letter(number)
            assert 250 == session.plain.noop().code

    sink = Sink(*CHUNKING)
    async with face.scripted(ScriptedServer(sink)) as session:
        assert ["taken"] * 3 == fates(await collect(session, mails()))
    expect_once(range(3), sink.messages)


async def test_two_iterations_at_once_keep_their_own(face: Face) -> None:
    sink = Sink(*CHUNKING, answers=lambda line: said_of(line))
    async with face.scripted(ScriptedServer(sink)) as session:
        first = session.send_many(letters(5), sender=SENDER, recipients=[ADA])
        second = session.send_many(
            [letter(f"second {number}") for number in range(5)], sender=SENDER, recipients=[ADA]
        )
        for number in range(5):
            assert f"taken {number}" == (await anext(first)).reply.text
            assert f"taken second {number}" == (await anext(second)).reply.text
        await first.aclose()
        await second.aclose()


@pytest.mark.parametrize("nothing", [[], (), iter([])])
async def test_nothing_to_send(face: Face, nothing: Any) -> None:
    server = ScriptedServer(Sink(*CHUNKING))
    async with face.scripted(server) as session:
        before = len(server.sent)
        assert [] == await collect(session, nothing)
        assert before == len(server.sent)


# Wrong calls.


@pytest.mark.parametrize(
    "given", ["text", letter(0), bytearray(letter(0)), good(0), None, 42, object()], ids=repr
)
async def test_one_message_is_no_iterable(face: Face, given: Any) -> None:
    async with face.scripted(ScriptedServer(Sink(*CHUNKING))) as session:
        with pytest.raises(Misused, match=r"^send_many: .*iterable"):
            await collect(session, given)
        assert SessionState.OPEN is session.state


async def test_not_open(face: Face) -> None:
    session = face.scripted(ScriptedServer(Sink(*CHUNKING)))
    with pytest.raises(Misused, match=r"^send_many: .*not open"):
        await collect(session, letters(1))
    async with session:
        pass
    with pytest.raises(Misused, match=r"^send_many: .*not open"):
        await collect(session, letters(1))


async def test_an_asynchronous_iterable_is_for_asyncio(face: Face) -> None:
    async def mails() -> AsyncIterator[bytes]:
        yield letter(0)

    sink = Sink(*CHUNKING)
    async with face.scripted(ScriptedServer(sink)) as session:
        if face.blocking:
            with pytest.raises(Misused, match=r"^send_many: .*asynchronous.*asyncio twin"):
                await collect(session, mails())
        else:
            assert ["taken"] == fates(await collect(session, mails()))
        assert SessionState.OPEN is session.state
    assert (0 if face.blocking else 1) == len(sink.messages)


async def test_options_of_the_wrong_kind(face: Face) -> None:
    async with face.scripted(ScriptedServer(Sink(*CHUNKING))) as session:
        with pytest.raises(Misused, match=r"^send_many: .*options"):
            await collect(session, letters(1), options={"notify": "success"})


async def test_options_that_the_server_lacks_are_told_for_each(face: Face) -> None:
    sink = Sink(*CHUNKING)
    async with face.scripted(ScriptedServer(sink)) as session:
        receipts = await collect(session, letters(3), options=SendOptions(notify=("success",)))
    assert ["NotSupported"] * 3 == fates(receipts)
    assert [] == sink.messages
