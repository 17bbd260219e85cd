"""Cancelled or interrupted at every place where one can be: never out of step afterwards."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from typing import Any

import pytest

from courriel import AsyncSMTPSession, Disconnected, Limits, SMTPSession
from courriel.model.options import SessionState
from tests.drive.postman import PostOffice

MAIL = b"Subject: hello\r\n\r\nHi.\r\n"
OFFERS = [(), ("PIPELINING",), ("CHUNKING",), ("PIPELINING", "CHUNKING")]
OPTIONS: dict[str, Any] = {"security": "plaintext", "local_name": "me.example.org"}
ADDRESSES: dict[str, Any] = {"sender": "ada@example.org", "recipients": ["b@x.org", "c@x.org"]}
MOST = 100


class Alarm(Exception):
    """What a signal's handler raises."""


def cancelled(task: asyncio.Task[Any], seconds: float) -> None:
    """Cancel a task in that many seconds of virtual time."""
    asyncio.get_running_loop().call_later(seconds, task.cancel)


async def outcome_of(task: asyncio.Task[Any]) -> bool:
    """Wait for a task; return whether it was cancelled."""
    try:
        await task
    except asyncio.CancelledError:
        return True
    return False


async def in_step(session: AsyncSMTPSession) -> bool:
    """Whether the session is usable, with every answer given to its own command."""
    try:
        answers = await asyncio.gather(*(session.verify(f"number-{n}") for n in range(3)))
    except Disconnected:
        assert SessionState.BROKEN is session.state
        return False
    assert [f"VRFY number-{n}" for n in range(3)] == [answer.text for answer in answers]
    return True


@pytest.mark.virtual
@pytest.mark.parametrize("offers", OFFERS)
async def test_send_is_cancelled_at_every_await(offers: tuple[str, ...]) -> None:
    usable, moment = [], 0
    for moment in range(MOST):
        office = PostOffice(*offers)
        session = office.attach(AsyncSMTPSession("mx", **OPTIONS))
        await session.open()
        task = asyncio.create_task(session.send(MAIL, **ADDRESSES))
        cancelled(task, moment / 2)
        stopped = await outcome_of(task)
        usable.append(await in_step(session))
        if not usable[-1]:
            await session.open()
            assert await in_step(session)
        await session.close()
        if not stopped:
            break
    assert moment < MOST - 1
    # Only a message that DATA has announced costs the connection.
    assert all(usable) or "CHUNKING" not in offers


@pytest.mark.virtual
@pytest.mark.parametrize("offers", OFFERS)
async def test_send_many_is_left_at_every_item(offers: tuple[str, ...]) -> None:
    for taken in range(4):
        office = PostOffice(*offers)
        async with office.attach(AsyncSMTPSession("mx", **OPTIONS)) as session:
            receipts = session.send_many([MAIL] * 4, **ADDRESSES)
            for _ in range(taken):
                assert ("b@x.org", "c@x.org") == (await anext(receipts)).accepted
            await receipts.aclose()  # type: ignore[attr-defined]  # It is a generator.
            assert await in_step(session)
        assert taken <= office.postmen[0].taken


@pytest.mark.virtual
@pytest.mark.parametrize("offers", OFFERS)
async def test_a_task_is_cancelled_among_others(offers: tuple[str, ...]) -> None:
    for moment in range(30):
        office = PostOffice(*offers)
        async with office.attach(AsyncSMTPSession("mx", **OPTIONS)) as session:
            asks = [asyncio.create_task(session.verify(f"task-{n}")) for n in range(5)]
            cancelled(asks[2], moment / 4)
            answers = await asyncio.gather(*asks, return_exceptions=True)
            for number, answer in enumerate(answers):
                if not isinstance(answer, asyncio.CancelledError):
                    assert not isinstance(answer, BaseException)
                    assert f"VRFY task-{number}" == answer.text
            assert await in_step(session)


@pytest.mark.virtual
async def test_open_is_cancelled_at_every_await() -> None:
    moment = 0
    for moment in range(MOST):
        office = PostOffice("PIPELINING")
        session = office.attach(AsyncSMTPSession("mx", **OPTIONS))
        task = asyncio.create_task(session.open())
        cancelled(task, moment / 2)
        stopped = await outcome_of(task)
        if not stopped:
            break
        # It may have been opened in the very moment; broken it never is.
        assert session.state in (SessionState.CLOSED, SessionState.OPEN)
        # At once, while the old connection may still be about to say that it is closed.
        await session.open()
        assert await in_step(session)
        await session.close()
    assert 3 < moment < MOST - 1


@pytest.mark.virtual
async def test_close_is_cancelled_at_every_await() -> None:
    moment = 0
    for moment in range(MOST):
        office = PostOffice("PIPELINING")
        session = office.attach(AsyncSMTPSession("mx", **OPTIONS))
        await session.open()
        task = asyncio.create_task(session.close())
        cancelled(task, moment / 2)
        stopped = await outcome_of(task)
        assert SessionState.CLOSED is session.state
        await session.open()
        assert await in_step(session)
        await session.close()
        if not stopped:
            break
    assert moment < MOST - 1


def send_email(session: SMTPSession) -> object:
    return session.send(MAIL, **ADDRESSES)


def send_file(session: SMTPSession) -> object:
    return session.send_source(io.BytesIO(MAIL * 40), **ADDRESSES)


@pytest.mark.parametrize("send", [send_email, send_file])
@pytest.mark.parametrize("offers", OFFERS)
@pytest.mark.parametrize("raised", [KeyboardInterrupt, Alarm])
def test_send_is_interrupted_at_every_rest(
    raised: type[BaseException], offers: tuple[str, ...], send: Callable[[SMTPSession], object]
) -> None:
    usable, place = [], 0
    # Whoever keeps what was raised keeps its frames, and the flow in them, alive.
    kept: list[BaseException] = []
    # The file is larger than what is read at once, so that it is fed in chunks.
    limits = Limits(eager_body=100, body_chunk=300)
    for place in range(MOST):
        office = PostOffice(*offers)
        session = office.attach(SMTPSession("mx", limits=limits, **OPTIONS))
        session.open()
        office.interrupt_at, office.interrupt = office.waits + place, raised
        try:
            send(session)
            stopped = False
        except raised as error:
            kept.append(error)
            stopped = True
        office.interrupt_at = None
        try:
            assert "VRFY after" == session.verify("after").text
            usable.append(True)
        except Disconnected:
            usable.append(False)
            assert SessionState.BROKEN is session.state
            assert "VRFY again" == session.open().verify("again").text
        session.close()
        if not stopped:
            break
    assert 1 < place < MOST - 1
    assert all(usable) or "CHUNKING" not in offers


def test_open_is_interrupted_at_every_rest() -> None:
    place = 0
    for place in range(MOST):
        office = PostOffice("PIPELINING")
        session = office.attach(SMTPSession("mx", **OPTIONS))
        office.interrupt_at = place
        try:
            session.open()
        except KeyboardInterrupt:
            assert SessionState.CLOSED is session.state
            assert "VRFY after" == session.open().verify("after").text
            session.close()
        else:
            office.interrupt_at = None
            session.close()
            break
    assert 1 < place < MOST - 1


def test_close_is_interrupted() -> None:
    office = PostOffice("PIPELINING")
    session = office.attach(SMTPSession("mx", **OPTIONS))
    session.open()
    office.interrupt_at = office.waits
    with pytest.raises(KeyboardInterrupt):
        session.close()
    assert SessionState.CLOSED is session.state
    assert "VRFY after" == session.open().verify("after").text
    session.close()
