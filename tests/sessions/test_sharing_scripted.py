"""One session for many: 1,000 tasks, 50 threads, pipelines. To each his own answer."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from courriel import (
    AsyncSMTPSession,
    CourrielError,
    Disconnected,
    Limits,
    Misused,
    Receipt,
    SendRefused,
    SessionState,
    SMTPSession,
    Uncertain,
)
from courriel.drive.scripted import ScriptedServer
from courriel.sandbox import Authority, Server
from courriel.sandbox.smtp.policy import CAPABILITIES
from tests.faces import Face
from tests.sessions.awkward import WithoutBdat
from tests.sessions.letters import ADA, SENDER, expect_once, letter, message_id
from tests.sink import Sink

EVERYBODY = 1_000

WAYS = {
    "CHUNKING": CAPABILITIES,
    "DATA": CAPABILITIES - {"CHUNKING", "BINARYMIME"},
    "one by one": CAPABILITIES - {"PIPELINING", "CHUNKING", "BINARYMIME"},
}


# Five kinds of messages. The server's words hold the number, so that a mix-up would show.


def recipients_of(number: int) -> list[str]:
    good, eve = f"friend{number}@example.org", f"eve{number}@example.org"
    kinds = [[good], [good, eve], [eve], [f"spam{number}@example.org"], ["no address"]]
    return kinds[number % 5]


def is_delivered(number: int) -> bool:
    return number % 5 < 2


def check_outcome(number: int, outcome: Receipt | CourrielError) -> None:
    good, *more = recipients_of(number)
    if number % 5 < 2:
        assert isinstance(outcome, Receipt)
        assert message_id(number) == outcome.message_id
        assert (good,) == outcome.accepted
        assert more == list(outcome.refused)
        assert [f"no {number}"] * len(more) == [r.text for r in outcome.refused.values()]
    elif number % 5 == 4:
        assert isinstance(outcome, Misused)
    else:
        assert isinstance(outcome, SendRefused)
        assert ["no", "spam"][number % 5 - 2] + f" {number}" == outcome.text
        assert message_id(number) == outcome.message_id
        assert [good] == list(outcome.refused)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("127.0.0.1", "example.org")


@pytest.fixture(params=list(WAYS))
def server(request: pytest.FixtureRequest, authority: Authority) -> Iterator[Server]:
    refuse = {f"eve{n}@example.org": f"550 5.7.1 no {n}" for n in range(EVERYBODY)}
    spam = {f"spam{n}@example.org": f"554 5.7.1 spam {n}" for n in range(EVERYBODY)}
    with Server(
        catch_all="ada",
        require_auth=False,
        capabilities=WAYS[request.param],
        refuse=refuse,
        refuse_message=spam,
        authority=authority,
    ) as running:
        yield running


def check_mailbox(server: Server, count: int) -> None:
    stored = [message.content for message in server.mailbox("ada")]
    expect_once([number for number in range(count) if is_delivered(number)], stored)


async def test_a_thousand_tasks(server: Server) -> None:
    async def send(number: int) -> Receipt | CourrielError:
        try:
            return await session.send(
                letter(number), sender=SENDER, recipients=recipients_of(number)
            )
        except CourrielError as error:
            return error

    session = AsyncSMTPSession("127.0.0.1", port=server.smtp_port, security="plaintext")
    async with session:
        outcomes = await asyncio.gather(*map(send, range(EVERYBODY)))
        assert 250 == (await session.noop()).code
    for number, outcome in enumerate(outcomes):
        check_outcome(number, outcome)
    check_mailbox(server, EVERYBODY)


def test_fifty_threads(server: Server) -> None:
    threads, each = 50, 8
    outcomes: dict[int, Receipt | CourrielError] = {}
    together = threading.Barrier(threads)

    def send(thread: int) -> None:
        together.wait()
        for number in range(thread * each, (thread + 1) * each):
            try:
                outcomes[number] = session.send(
                    letter(number), sender=SENDER, recipients=recipients_of(number)
                )
            except CourrielError as error:
                outcomes[number] = error

    with SMTPSession("127.0.0.1", port=server.smtp_port, security="plaintext") as session:
        workers = [threading.Thread(target=send, args=(n,), daemon=True) for n in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(30)
            assert not worker.is_alive()
        assert 250 == session.noop().code
    assert threads * each == len(outcomes)
    for number, outcome in outcomes.items():
        check_outcome(number, outcome)
    check_mailbox(server, threads * each)


def test_threads_that_do_different_things(server: Server) -> None:
    failures: list[BaseException] = []
    together = threading.Barrier(12)

    def send(thread: int) -> None:
        numbers = range(thread * 20, (thread + 1) * 20, 5)
        mails = [letter(number) for number in numbers]
        receipts = session.send_many(mails, sender=SENDER, recipients=[ADA])
        assert list(map(message_id, numbers)) == [receipt.message_id for receipt in receipts]

    def ask() -> None:
        for number in range(5):
            assert 250 == session.noop().code
            with pytest.raises(SendRefused) as caught:
                session.send(letter("x"), sender=SENDER, recipients=[f"eve{number}@example.org"])
            assert f"no {number}" == caught.value.text

    def work(thread: int) -> None:
        together.wait()
        try:
            if thread % 2:
                send(thread)
            else:
                ask()
        except BaseException as error:  # noqa: BLE001 - It is shown in the test's own thread.
            failures.append(error)

    with SMTPSession("127.0.0.1", port=server.smtp_port, security="plaintext") as session:
        workers = [threading.Thread(target=work, args=(n,), daemon=True) for n in range(12)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(30)
            assert not worker.is_alive()
    assert [] == failures
    stored = [message.content for message in server.mailbox("ada")]
    expect_once([n for t in range(1, 12, 2) for n in range(t * 20, (t + 1) * 20, 5)], stored)


async def test_a_session_that_is_closed_meanwhile_tells_everybody(server: Server) -> None:
    async def send(number: int) -> str:
        try:
            receipt = await session.send(letter(number), sender=SENDER, recipients=[ADA])
        except (Disconnected, Uncertain, Misused) as error:
            return type(error).__name__
        assert message_id(number) == receipt.message_id
        return "taken"

    session = AsyncSMTPSession(
        "127.0.0.1", port=server.smtp_port, security="plaintext", limits=Limits(window_messages=5)
    )
    await session.open()
    tasks = [asyncio.create_task(send(number)) for number in range(100)]
    await tasks[10]
    await session.close()
    told = await asyncio.gather(*tasks)
    assert SessionState.CLOSED is session.state
    stored = [message.content for message in server.mailbox("ada")]
    for number, fate in enumerate(told):
        arrived = sum(message_id(number).encode() in content for content in stored)
        assert arrived in {"taken": (1,), "Uncertain": (0, 1)}.get(fate, (0,))


# A quirk that many meet at once: the connection is replaced once, by one of them.


@pytest.mark.parametrize("capability", ["PIPELINING", "8BITMIME"])
def test_threads_that_meet_a_quirk_together(capability: str) -> None:
    first, second = WithoutBdat(capability), WithoutBdat(capability)
    server = ScriptedServer(first, second)
    options: dict[str, Any] = {"security": "plaintext", "timeout": None}
    receipts: dict[int, Receipt] = {}
    together = threading.Barrier(10)

    def send(number: int) -> None:
        together.wait()
        receipts[number] = session.send(letter(number), sender=SENDER, recipients=[ADA])

    with server.attach(SMTPSession("mx.example.org", **options)) as session:
        workers = [threading.Thread(target=send, args=(n,), daemon=True) for n in range(10)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(30)
            assert not worker.is_alive()
    assert 2 == len(server.conversations)
    assert [message_id(n) for n in range(10)] == [receipts[n].message_id for n in range(10)]
    assert [] == first.messages
    expect_once(range(10), second.messages)


# Pipelines.

virtual = pytest.mark.virtual


def refusing(line: str) -> str | None:
    if line.startswith("RCPT") and "<nobody" in line:
        return f"550 5.1.1 no {line.partition('<')[2].partition('>')[0]}"
    return "252 2.1.5 perhaps " + line[5:] if line.startswith("VRFY") else None


@virtual
@pytest.mark.parametrize("capabilities", [("PIPELINING", "CHUNKING"), ("PIPELINING",), ()])
async def test_a_pipeline_keeps_each_outcome_apart(
    face: Face, capabilities: tuple[str, ...]
) -> None:
    sink = Sink(*capabilities, answers=refusing)
    async with face.scripted(ScriptedServer(sink)) as session:
        async with session.pipeline() as pipeline:
            plain = getattr(pipeline, "plain", pipeline)
            good = plain.send(letter("good"), sender=SENDER, recipients=[ADA])
            refused = plain.send(letter("bad"), sender=SENDER, recipients=["nobody@example.org"])
            misused = plain.send(letter("none"), sender=SENDER, recipients=["no address"])
            asked = [plain.verify(f"user{number}") for number in range(3)]
            last = plain.send(letter("last"), sender=SENDER, recipients=[ADA])
            # The wrong call is known at once; nothing else is.
            with pytest.raises(Misused, match="address"):
                misused.result()
            for pending in (good, refused, *asked, last):
                with pytest.raises(Misused, match="not there yet"):
                    pending.result()
        assert message_id("good") == good.result().message_id
        with pytest.raises(SendRefused) as caught:
            refused.result()
        assert "no nobody@example.org" == caught.value.text
        assert message_id("bad") == caught.value.message_id
        assert [f"perhaps user{number}" for number in range(3)] == [
            pending.result().text for pending in asked
        ]
        assert message_id("last") == last.result().message_id
        assert 250 == (await session.noop()).code
    expect_once(["good", "last"], sink.messages)


@virtual
@pytest.mark.parametrize("capabilities", [("PIPELINING", "CHUNKING"), ("PIPELINING",), ()])
async def test_a_pipeline_left_by_an_exception(face: Face, capabilities: tuple[str, ...]) -> None:
    session = face.scripted(ScriptedServer(Sink(*capabilities), Sink(*capabilities)))
    await session.open()
    pending: list[Any] = []
    with pytest.raises(ZeroDivisionError):
        await leave_by_error(session, pending)
    for one in pending:
        with pytest.raises(Misused, match="left by an error"):
            one.result()
    # Whatever was handed over by then, the next call gets its own answer, or is told the truth.
    try:
        receipt = await session.send(letter("next"), sender=SENDER, recipients=[ADA])
    except Disconnected:
        assert not session.usable
        await session.open()
        receipt = await session.send(letter("next"), sender=SENDER, recipients=[ADA])
    assert message_id("next") == receipt.message_id
    await session.close()


async def leave_by_error(session: Any, pending: list[Any]) -> None:
    async with session.pipeline() as pipeline:
        plain = getattr(pipeline, "plain", pipeline)
        pending += [
            plain.send(letter(number), sender=SENDER, recipients=[ADA]) for number in range(3)
        ]
        pending.append(plain.noop())
        raise ZeroDivisionError


@virtual
async def test_a_pipeline_that_is_not_entered(face: Face) -> None:
    async with face.scripted(ScriptedServer(Sink("PIPELINING"))) as session:
        pipeline = session.pipeline()
        plain = getattr(pipeline, "plain", pipeline)
        with pytest.raises(Misused, match="with"):
            plain.noop()
        async with pipeline:
            noop = plain.noop()
        assert 250 == noop.result().code
        with pytest.raises(Misused, match="with"):
            plain.noop()
        # It may be entered again.
        async with pipeline:
            again = plain.noop()
        assert 250 == again.result().code
        assert 250 == noop.result().code


@virtual
async def test_a_pipeline_of_a_session_that_is_not_open(face: Face) -> None:
    session = face.scripted(ScriptedServer(Sink("PIPELINING")))
    async with session.pipeline() as pipeline:
        noop = getattr(pipeline, "plain", pipeline).noop()
    with pytest.raises(Misused, match="not open"):
        noop.result()


@virtual
@pytest.mark.parametrize("ending", ["-- cut", "S: 421 bye", "-- stall", "S: nonsense"])
async def test_the_end_in_a_pipeline(face: Face, ending: str) -> None:
    server = ScriptedServer(
        """
        S: 220 mx.example.org ready
        C: EHLO me.example.org
        S: 250-mx.example.org
        S: 250-PIPELINING
        S: 250 CHUNKING
        C: MAIL FROM:<bob@example.org>
        C: RCPT TO:<ada@example.org>
        C: BDAT * LAST
        C: <chunk>
        C: RSET
        C: MAIL FROM:<bob@example.org>
        C: RCPT TO:<ada@example.org>
        C: BDAT * LAST
        C: <chunk>
        S: 250 ok
        S: 250 ok
        S: 250 2.0.0 taken
        S: 250 reset
        """
        + ending
    )
    async with face.scripted(server) as session:
        async with session.pipeline() as pipeline:
            plain = getattr(pipeline, "plain", pipeline)
            first, second = (
                plain.send(letter(number), sender=SENDER, recipients=[ADA]) for number in range(2)
            )
            noop = plain.noop()
        assert message_id(0) == first.result().message_id
        with pytest.raises(SendRefused if "421" in ending else Uncertain):
            second.result()
        with pytest.raises(CourrielError) as caught:
            noop.result()
        assert not caught.value.session_usable
        assert SessionState.BROKEN is session.state
