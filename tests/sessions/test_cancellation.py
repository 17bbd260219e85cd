"""Tasks cancelled at every await: the session goes on or says that it cannot, and no message that
was given up before it was handed over is delivered.

The server says a line a second, so that half a second is less than any step; or it answers at once,
and the task is cancelled after a number of the loop's turns.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from courriel import AsyncSMTPSession, Disconnected, Limits, SessionState
from courriel.drive.scripted import Conversation
from tests.drive.postman import PostOffice
from tests.sessions.letters import ADA, SENDER, letter, message_id
from tests.sink import Sink

pytestmark = pytest.mark.virtual

OFFERS = [(), ("PIPELINING",), ("CHUNKING",), ("PIPELINING", "CHUNKING")]
OPTIONS: dict[str, Any] = {
    "security": "plaintext",
    "local_name": "me.example.org",
    # The file is larger than what is read at once, so that it is fed in chunks.
    "limits": Limits(eager_body=200, body_chunk=100),
}
FIRST = letter("first", b"Line.\r\n" * 40)
ADDRESSES: dict[str, Any] = {"sender": SENDER, "recipients": [ADA, "bob@example.org"]}
MOST = 200

Job = Callable[[AsyncSMTPSession], Coroutine[Any, Any, object]]
Pause = Callable[[int], Awaitable[None]]


class Office(PostOffice):
    """A sink for every connection, that says a line a second."""

    def __init__(self, *offers: str) -> None:
        super().__init__(*offers)
        self.sinks: list[Sink] = []

    def _postman(self) -> Conversation:
        self.sinks.append(Sink(*self._offers))
        self.conversations.append(Conversation(self.sinks[-1]))
        return self.conversations[-1]

    def taken(self, name: str) -> int:
        """How often a message of that name was taken."""
        mark = message_id(name).encode()
        return sum(mark in message for sink in self.sinks for message in sink.messages)

    def whole(self) -> bool:
        """Whether every message taken was taken whole."""
        return all(
            message == FIRST or message_id("first").encode() not in message
            for sink in self.sinks
            for message in sink.messages
        )


def handed_over(said: bytes) -> bool:
    """Whether the end of the first message has left."""
    return b" LAST\r\n" in said or b"Line.\r\n.\r\n" in said


def announced(said: bytes) -> bool:
    """Whether DATA has announced it, or more."""
    return b"DATA\r\n" in said or handed_over(said)


@pytest.fixture(autouse=True)
def no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have files read in the loop: virtual time would run away from a thread."""

    async def read(function: Callable[[], Any]) -> Any:
        await asyncio.sleep(0)
        return function()

    monkeypatch.setattr(asyncio, "to_thread", read)


async def send(session: AsyncSMTPSession) -> object:
    return await session.send(FIRST, **ADDRESSES)


async def send_file(session: AsyncSMTPSession) -> object:
    return await session.send_source(io.BytesIO(FIRST), **ADDRESSES)


async def send_many(session: AsyncSMTPSession) -> object:
    mails = [FIRST, letter("second"), letter("third")]
    return [receipt async for receipt in session.send_many(mails, **ADDRESSES)]


async def send_in_pipeline(session: AsyncSMTPSession) -> object:
    async with session.pipeline() as pipeline:
        pending = pipeline.send(FIRST, **ADDRESSES)
        pipeline.noop()
    return pending.result()


async def send_behind_others(session: AsyncSMTPSession) -> object:
    others = [session.verify(f"user{number}") for number in range(3)]
    return await asyncio.gather(*others, session.send(FIRST, **ADDRESSES))


async def half_seconds(number: int) -> None:
    await asyncio.sleep(number / 2)


async def turns(number: int) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


async def stopped(task: asyncio.Task[Any]) -> bool:
    """Cancel a task, if it is not done; return whether that was in time."""
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return True
    return False


async def next_is_its_own(session: AsyncSMTPSession, office: Office) -> bool:
    """Send one more; return whether the session could. Whatever it is told must be so."""
    mail = letter("next")
    try:
        receipt = await session.send(mail, sender=SENDER, recipients=[ADA])
    except Disconnected:
        assert SessionState.BROKEN is session.state
        assert 0 == office.taken("next")
        await session.open()
        receipt = await session.send(mail, sender=SENDER, recipients=[ADA])
        usable = False
    else:
        usable = True
    assert message_id("next") == receipt.message_id
    assert (ADA,) == receipt.accepted
    assert 1 == office.taken("next")
    return usable


async def cancel_at_every_moment(job: Job, offers: tuple[str, ...], pause: Pause) -> list[bool]:
    """Cancel at every moment until the job is done before it; return when the session survived."""
    usable: list[bool] = []
    for moment in range(MOST):
        office = Office(*offers)
        session = office.attach(AsyncSMTPSession("mx", **OPTIONS))
        await session.open()
        task = asyncio.create_task(job(session))
        await pause(moment)
        given_up = await stopped(task)
        # Who stops iterating keeps his connection, and so gets sent what DATA has announced.
        handed = (announced if job is send_many else handed_over)(office.sent)
        usable.append(await next_is_its_own(session, office))
        await session.close()
        assert office.whole()
        assert office.taken("first") <= handed
        if not given_up:
            assert 1 == office.taken("first")
            return usable
    raise AssertionError("the job never ended")


@pytest.mark.parametrize("offers", OFFERS, ids=" ".join)
@pytest.mark.parametrize("job", [send, send_file, send_many, send_in_pipeline, send_behind_others])
async def test_cancelled_between_any_two_lines(job: Job, offers: tuple[str, ...]) -> None:
    usable = await cancel_at_every_moment(job, offers, half_seconds)
    # As many moments as the server has lines to say at least, and the last time nothing happened.
    assert 6 < len(usable)
    assert usable[-1]
    # Only a message that DATA has announced costs the connection.
    assert all(usable) or ("CHUNKING" not in offers and job is not send_many)


@pytest.mark.parametrize("offers", OFFERS, ids=" ".join)
@pytest.mark.parametrize("job", [send, send_many, send_in_pipeline])
async def test_cancelled_in_any_turn_of_the_loop(
    job: Job, offers: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The server answers at once: a task comes back in the very turn in which it is cancelled.
    monkeypatch.setattr(Office, "_open", ScriptedAtOnce.open)
    usable = await cancel_at_every_moment(job, offers, turns)
    assert usable[-1]
    assert all(usable) or ("CHUNKING" not in offers and job is not send_many)


class ScriptedAtOnce:
    """Connections of an office that say all they have to say in one turn."""

    @staticmethod
    async def open(office: Office, protocol: Any, host: str, port: int, **_: Any) -> Any:
        from courriel.drive.scripted import ScriptedTransport

        transport = ScriptedTransport(office._postman(), None, protocol)
        protocol.connection_made(transport)
        return transport


@pytest.mark.parametrize("offers", OFFERS, ids=" ".join)
async def test_a_message_that_waits_for_its_turn_never_leaves(offers: tuple[str, ...]) -> None:
    # Another one is on its way, and the window is one.
    office = Office(*offers)
    options: dict[str, Any] = OPTIONS | {"limits": Limits(window_messages=1)}
    async with office.attach(AsyncSMTPSession("mx", **options)) as session:
        first = asyncio.create_task(session.send(FIRST, **ADDRESSES))
        await asyncio.sleep(0.5)
        waiting = asyncio.create_task(
            session.send(letter("waiting"), sender=SENDER, recipients=[ADA])
        )
        await asyncio.sleep(0.5)
        assert await stopped(waiting)
        assert message_id("first") == (await first).message_id
        assert await next_is_its_own(session, office)
    assert 0 == office.taken("waiting")
    assert message_id("waiting").encode() not in office.sent


@pytest.mark.parametrize("offers", OFFERS, ids=" ".join)
@pytest.mark.parametrize("total", [0.5, 1.5, 2.5, 3.5, 4.5])
async def test_a_total_that_runs_out_is_like_a_cancellation(
    offers: tuple[str, ...], total: float
) -> None:
    office = Office(*offers)
    async with office.attach(AsyncSMTPSession("mx", **OPTIONS)) as session:
        try:
            async with asyncio.timeout(total):
                await session.send(FIRST, **ADDRESSES)
        except TimeoutError:
            handed = handed_over(office.sent)
        else:
            handed = True
        await next_is_its_own(session, office)
    assert office.taken("first") <= handed
    assert office.whole()
