"""Large files in flight with other messages: whoever waits brings them, and none waits for ever.

The body of such a message is brought a piece at a time, and all that is behind it must wait. Its
sender's flow may not be there to bring it: it waits for a message in front which a quirk sends once
more, stands between two receipts, or has only begun, in a pipeline.
"""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from courriel import Disconnected, Email, Limits, Misused, Receipt, SendRefused, SessionState
from courriel.drive.scripted import ScriptedServer
from courriel.flows import files
from tests.faces import Face
from tests.sessions.awkward import (
    KeepingTransactions,
    Tiring,
    WithoutBdat,
    WithoutParameters,
    WithoutPipelining,
)
from tests.sessions.letters import ADA, SENDER, expect_once, letter, message_id
from tests.sessions.many import every_way, fates
from tests.sink import Sink

pytestmark = pytest.mark.virtual

SMALL = Limits(eager_body=1_000, body_chunk=900)
FILM = b"".join(b".%d\r\n" % number for number in range(1_000))
EVE = "eve@example.org"
ENVELOPE: dict[str, Any] = {"sender": SENDER, "recipients": [ADA]}


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Give a file that is larger than what goes at once."""
    path = tmp_path / "film.bin"
    path.write_bytes(FILM)
    return path


def mails(pattern: str, film: Path, text: str = "x\n") -> list[Email]:
    """Write a message for each letter: E and e are from Eve, capitals have the film with them."""
    return [
        Email(
            sender=EVE if letter in "Ee" else SENDER,
            to=ADA,
            text=text,
            attachments=[film] if letter.isupper() else [],
            message_id=message_id(f"{letter}{place}"),
        )
        for place, letter in enumerate(pattern)
    ]


async def stream(session: Any, emails: Iterable[Any]) -> list[Receipt]:
    return [receipt async for receipt in session.send_many(emails)]


async def pipeline(session: Any, emails: Iterable[Any]) -> list[Receipt]:
    async with session.pipeline() as pipeline:
        plain = getattr(pipeline, "plain", pipeline)
        pending = [plain.send(email) for email in emails]
    receipts = []
    for one in pending:
        try:
            receipts.append(one.result())
        except SendRefused as error:
            receipts.append(Receipt(error.message_id, (), error.refused, error.reply, error))
    return receipts


both_ways = pytest.mark.parametrize("send", [stream, pipeline])
Send = Callable[[Any, Iterable[Any]], Any]


def arrived(sinks: Iterable[Sink], emails: Sequence[Email]) -> None:
    """Check that each message arrived once, and whole."""
    expected = sorted(email.source for email in emails)
    assert expected == sorted(message for sink in sinks for message in sink.messages)


def refuse_eve(line: str) -> str | None:
    return "501 5.1.7 Bad sender address syntax" if line.startswith("MAIL FROM:<eve@") else None


# Sent once more behind others: each quirk that does so.


@every_way
@both_ways
@pytest.mark.parametrize("pattern", ["eB", "Eb", "EB", "BEBB", "eEbBBE", "BBBBe", "EEEBBB"])
async def test_a_refusal_that_may_be_about_parameters(
    face: Face, film: Path, capabilities: tuple[str, ...], send: Send, pattern: str
) -> None:
    sink = Sink("SIZE", *capabilities, answers=refuse_eve)
    emails = mails(pattern, film)
    async with face.scripted(ScriptedServer(sink), limits=SMALL) as session:
        receipts = await send(session, emails)
        assert SessionState.OPEN is session.state
    assert [email.message_id for email in emails] == [receipt.message_id for receipt in receipts]
    for letter_, receipt in zip(pattern, receipts, strict=True):
        if letter_ in "Ee":
            assert isinstance(receipt.error, SendRefused)
            assert (501, ()) == (receipt.error.code, receipt.accepted)
        else:
            assert (None, (ADA,)) == (receipt.error, receipt.accepted)
    arrived([sink], [email for email in emails if str(email.sender) != EVE])


@every_way
@both_ways
async def test_parameters_that_are_refused(
    face: Face, film: Path, capabilities: tuple[str, ...], send: Send
) -> None:
    sink = WithoutParameters("SIZE", *capabilities, refusal="555 what?", disliked=("SIZE=",))
    emails = mails("BbBBb", film)
    async with face.scripted(ScriptedServer(sink), limits=SMALL) as session:
        assert ["taken"] * 5 == fates(await send(session, emails))
    arrived([sink], emails)


@both_ways
@pytest.mark.parametrize("more", [(), ("PIPELINING",)], ids=["one-by-one", "PIPELINING"])
@pytest.mark.parametrize("window", [2, 100])
async def test_bdat_that_is_not_known(
    face: Face, film: Path, more: tuple[str, ...], send: Send, window: int
) -> None:
    first, second = WithoutBdat(*more), WithoutBdat(*more)
    limits = Limits(eager_body=1_000, body_chunk=900, window_messages=window)
    emails = mails("BBBbBb", film, text="Line.\n" * 5)
    async with face.scripted(ScriptedServer(first, second), limits=limits) as session:
        assert ["taken"] * 6 == fates(await send(session, emails))
    assert [] == first.messages
    arrived([second], emails)


@both_ways
@every_way
async def test_a_connection_that_is_full(
    face: Face, film: Path, capabilities: tuple[str, ...], send: Send
) -> None:
    refusal = "452 4.5.3 too many messages"
    sinks = [Tiring(*capabilities, most=2, refusal=refusal) for _ in range(3)]
    emails = mails("BBBBBB", film)
    async with face.scripted(ScriptedServer(*sinks), limits=SMALL) as session:
        assert ["taken"] * 6 == fates(await send(session, emails))
    assert [2, 2, 2] == [len(sink.messages) for sink in sinks]
    arrived(sinks, emails)


@both_ways
@pytest.mark.parametrize("more", [(), ("CHUNKING",)], ids=["DATA", "CHUNKING"])
async def test_pipelining_that_is_refused(
    face: Face, film: Path, more: tuple[str, ...], send: Send
) -> None:
    sink = WithoutPipelining(*more, refusal="503 5.5.0 Improper use of SMTP command pipelining")
    emails = mails("BbBBb", film)
    async with face.scripted(ScriptedServer(sink), limits=SMALL) as session:
        assert ["taken"] * 5 == fates(await send(session, emails))
    arrived([sink], emails)


@both_ways
async def test_a_transaction_that_outlives_its_refusal(face: Face, film: Path, send: Send) -> None:
    sinks = [KeepingTransactions(), KeepingTransactions()]
    emails = mails("BB", film) + mails("S", film, text="spam\n") + mails("bBB", film)
    async with face.scripted(ScriptedServer(*sinks), limits=SMALL) as session:
        receipts = await send(session, emails)
    assert ["taken", "taken", "SendRefused", "taken", "taken", "taken"] == fates(receipts)
    arrived(sinks, [*emails[:2], *emails[3:]])


async def test_a_file_sent_behind_others_in_a_pipeline(face: Face, film: Path) -> None:
    sink = Sink("SIZE", "PIPELINING", answers=refuse_eve)
    source = letter("file", FILM)
    emails = mails("EB", film)
    async with face.scripted(ScriptedServer(sink), limits=SMALL) as session:
        async with session.pipeline() as pipeline:
            plain = getattr(pipeline, "plain", pipeline)
            refused = plain.send(emails[0])
            file = plain.send_source(io.BytesIO(source), **ENVELOPE)
            taken, here = plain.send(emails[1]), plain.noop()
        assert (message_id("file"), 250) == (file.result().message_id, here.result().code)
        assert (ADA,) == taken.result().accepted
        with pytest.raises(SendRefused):
            refused.result()
    assert sorted([source, emails[1].source]) == sorted(sink.messages)


# Many files on a server that does not know BDAT, each in a task of its own.


@pytest.mark.parametrize("small", [False, True])
@pytest.mark.parametrize("more", [(), ("PIPELINING",)], ids=["one-by-one", "PIPELINING"])
async def test_files_of_many_tasks_go_another_way(more: tuple[str, ...], small: bool) -> None:
    first, second = WithoutBdat(*more), WithoutBdat(*more)
    face = Face("asyncio")
    async with face.scripted(ScriptedServer(first, second), limits=SMALL) as session:
        sendings = []
        for number in range(6):
            if small and number % 2:
                sendings.append(session.send(letter(number), **ENVELOPE))
            else:
                file = io.BytesIO(b"before" + letter(number, FILM))
                file.seek(6)
                sendings.append(session.send_source(file, **ENVELOPE))
        receipts = await asyncio.gather(*sendings)
    assert [message_id(number) for number in range(6)] == [r.message_id for r in receipts]
    assert [] == first.messages
    expect_once(range(6), second.messages)


async def test_of_many_tasks_only_what_can_be_read_again_goes_another_way() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    first, second = WithoutBdat("PIPELINING"), WithoutBdat("PIPELINING")
    server = ScriptedServer(first, second)
    async with Face("asyncio").scripted(server, limits=SMALL) as session:
        kinds = [io.BytesIO, Pipe, io.BytesIO, Pipe]
        results = await asyncio.gather(
            *(
                session.send_source(kind(letter(number, FILM)), **ENVELOPE)
                for number, kind in enumerate(kinds)
            ),
            return_exceptions=True,
        )
    # A pipe that was not begun by then is none the worse for it.
    told = [isinstance(result, Receipt) for result in results]
    assert told[0] and told[2]
    assert all(isinstance(result, Receipt | Disconnected | SendRefused) for result in results)
    expect_once([number for number, taken in enumerate(told) if taken], second.messages)


# The session used between two receipts.


@every_way
async def test_between_two_receipts_the_session_may_be_used(
    face: Face, film: Path, capabilities: tuple[str, ...]
) -> None:
    sink = Sink(*capabilities)
    emails = mails("BBbBB", film)
    source = letter("file", FILM)
    async with face.scripted(ScriptedServer(sink), limits=SMALL) as session:
        receipts = session.send_many(emails)
        first = await anext(receipts)
        assert 250 == (await session.noop()).code
        between = await session.send(letter("between"), **ENVELOPE)
        file = await session.send_source(io.BytesIO(source), **ENVELOPE)
        rest = [receipt async for receipt in receipts]
    assert [email.message_id for email in emails] == [r.message_id for r in [first, *rest]]
    assert ["taken"] * 5 == fates([first, *rest])
    assert [message_id("between"), message_id("file")] == [between.message_id, file.message_id]
    assert sorted([*(e.source for e in emails), letter("between"), source]) == sorted(sink.messages)


@every_way
async def test_two_streams_may_be_read_by_turns(
    face: Face, film: Path, capabilities: tuple[str, ...]
) -> None:
    sink = Sink(*capabilities)
    emails = mails("BBBBBB", film)
    async with face.scripted(ScriptedServer(sink), limits=SMALL) as session:
        one, other = session.send_many(emails[:3]), session.send_many(emails[3:])
        for first, second in zip(emails[:3], emails[3:], strict=True):
            assert first.message_id == (await anext(one)).message_id
            assert second.message_id == (await anext(other)).message_id
        await one.aclose()
        await other.aclose()
    arrived([sink], emails)


@every_way
async def test_who_stops_iterating_leaves_the_session_in_step(
    face: Face, film: Path, capabilities: tuple[str, ...]
) -> None:
    sink = Sink(*capabilities)
    emails = mails("BBBB", film)
    async with face.scripted(ScriptedServer(sink), limits=SMALL) as session:
        receipts = session.send_many(emails)
        assert emails[0].message_id == (await anext(receipts)).message_id
        await receipts.aclose()
        assert SessionState.OPEN is session.state
        after = await session.send(letter("after"), **ENVELOPE)
        assert message_id("after") == after.message_id
    # What DATA had announced goes out still, and nothing else.
    announced = emails[1:2] if "DATA" in sink.commands and "PIPELINING" in capabilities else []
    assert [emails[0].source, *(e.source for e in announced), letter("after")] == sink.messages


def cut(file: Path) -> None:
    file.write_bytes(FILM[:-1])


async def test_a_file_that_fails_while_another_brings_it_is_told_where_it_belongs(
    face: Face, film: Path
) -> None:
    sink = Sink("PIPELINING", "CHUNKING")
    emails = mails("BBb", film)
    async with face.scripted(ScriptedServer(sink), limits=SMALL) as session:
        receipts = session.send_many(emails)
        first = await anext(receipts)
        cut(film)
        assert 250 == (await session.noop()).code
        rest = [receipt async for receipt in receipts]
    assert ["taken", "Misused", "taken"] == fates([first, *rest])
    assert isinstance(rest[0].error, Misused)
    assert "changed" in str(rest[0].error)
    assert [email.message_id for email in emails] == [r.message_id for r in [first, *rest]]
    assert 2 == len(sink.messages)


# Who brings another's message and is stopped.


@pytest.mark.parametrize("capabilities", [("PIPELINING", "CHUNKING"), ("CHUNKING",)])
async def test_who_stops_bringing_costs_the_other_nothing(
    film: Path, capabilities: tuple[str, ...]
) -> None:
    chunks = 0
    bringing: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def answer(line: str) -> str | None:
        nonlocal chunks
        chunks += line.startswith("BDAT")
        if chunks == 9:
            bringing.cancel()
        return None

    sink = Sink(*capabilities, answers=answer)
    emails = mails("bBB", film)
    async with Face("asyncio").scripted(ScriptedServer(sink), limits=SMALL) as session:
        receipts = session.send_many(emails)
        taken = [await anext(receipts)]
        bringing = asyncio.ensure_future(session.noop())
        with pytest.raises(asyncio.CancelledError):
            await bringing
        taken += [receipt async for receipt in receipts]
    assert ["taken"] * 3 == fates(taken)
    arrived([sink], emails)


@pytest.mark.parametrize("chunking", [True, False])
async def test_who_stops_in_the_middle_of_a_piece(
    film: Path, monkeypatch: pytest.MonkeyPatch, chunking: bool
) -> None:
    reading, going_on = threading.Event(), threading.Event()

    def held(file: Any, octets: int) -> bytes:
        reading.set()
        assert going_on.wait(20)
        return bytes(file.read(octets))

    sink = Sink("PIPELINING", *(["CHUNKING"] if chunking else []))
    emails = mails("BBb", film)
    async with Face("asyncio").scripted(ScriptedServer(sink), limits=SMALL) as session:
        receipts = session.send_many(emails)
        taken = [await anext(receipts)]
        with monkeypatch.context() as patched:
            patched.setattr(files, "_read_fully", held)
            bringing = asyncio.ensure_future(session.noop())
            await asyncio.to_thread(reading.wait, 20)
            bringing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await bringing
        going_on.set()
        taken += [receipt async for receipt in receipts]
    if chunking:
        assert ["taken"] * 3 == fates(taken)
        arrived([sink], emails)
    else:
        # Out of DATA there is no way but to hang up.
        assert ["taken", "Disconnected", "Disconnected"] == fates(taken)
        assert [emails[0].source] == sink.messages
