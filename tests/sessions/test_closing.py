"""Opening and closing: as often as one likes, from anywhere, whatever the server does or not."""

from __future__ import annotations

import asyncio
import gc
import time
from typing import Any

import pytest

from courriel import Disconnected, Limits, Misused, SessionState, TimedOut, Timeout, Uncertain
from tests.faces import Face
from tests.sessions.elsewhere import elsewhere, many_elsewhere
from tests.sessions.letters import ADA, SENDER, letter
from tests.sessions.loopback import Loopback, loopback

ENVELOPE: dict[str, Any] = {"sender": SENDER, "recipients": [ADA]}


SOON = 30
"""Seconds that are enough on a busy machine; who waits for an answer waits for a minute."""


def at(face: Face, server: Loopback, **more: Any) -> Any:
    return face.smtp(port=server.port, security="plaintext", **more)


def patient(face: Face, server: Loopback) -> Any:
    """Return a session that would wait for the answer to a QUIT as long as for any other."""
    return at(face, server, limits=Limits(farewell=600))


async def test_open_and_close_may_be_said_twice(face: Face) -> None:
    with loopback() as server:
        session = at(face, server)
        await session.close()
        await session.open()
        await session.open()
        assert 1 == len(server.conversations)
        await session.close()
        await session.close()
        assert "QUIT" == server.wait_for_the_end()[-1]
        assert SessionState.CLOSED is session.state


async def test_a_session_tells_how_it_stands(face: Face) -> None:
    with loopback("PIPELINING", "SIZE 1000", "AUTH PLAIN LOGIN") as server:
        session = at(face, server)
        for _ in range(2):
            assert (SessionState.CLOSED, False) == (session.state, session.usable)
            assert frozenset() == session.capabilities
            async with session:
                assert (SessionState.OPEN, True) == (session.state, session.usable)
                assert {"PIPELINING", "SIZE", "AUTH=PLAIN", "AUTH=LOGIN"} <= session.capabilities
                assert "sink.example.org ready" == session.greeting
                assert not session.secured
        assert 2 == len(server.conversations)


async def test_what_is_not_open_cannot_send(face: Face) -> None:
    with loopback() as server:
        session = at(face, server)
        for _ in range(2):
            with pytest.raises(Misused, match="not open"):
                await session.send(letter(1), **ENVELOPE)
            with pytest.raises(Misused, match="not open"):
                [receipt async for receipt in session.send_many([letter(1)], **ENVELOPE)]
            await session.open()
            await session.close()


async def test_the_block_closes_on_an_exception(face: Face) -> None:
    with loopback() as server:
        session = at(face, server)
        with pytest.raises(ZeroDivisionError):
            async with session:
                raise ZeroDivisionError
        assert SessionState.CLOSED is session.state
        assert "QUIT" == server.wait_for_the_end()[-1]


@pytest.mark.parametrize("verb", ["MAIL", "DATA", "message"])
@pytest.mark.parametrize("offers", [(), ("PIPELINING",), ("PIPELINING", "CHUNKING")])
async def test_closing_while_somebody_sends_ends_that(
    face: Face, verb: str, offers: tuple[str, ...]
) -> None:
    if "CHUNKING" in offers and verb == "DATA":
        verb = "RCPT"
    with loopback(*offers, silent_at=verb) as server:
        session = patient(face, server)
        await session.open()
        sending = elsewhere(face, session, "send", letter(1), **ENVELOPE)
        await asyncio.to_thread(server.wait)
        start = time.monotonic()
        await session.close()
        handed_over = verb == "message" or "CHUNKING" in offers
        with pytest.raises(Uncertain if handed_over else Disconnected, match="closed while"):
            await sending
        # Nobody waited for a QUIT, for which the line was not free.
        assert time.monotonic() - start < SOON
        assert SessionState.CLOSED is session.state
        assert "QUIT" not in await asyncio.to_thread(server.wait_for_the_end)
        server.speak()
        async with session:
            await session.send(letter(2), **ENVELOPE)


async def test_closing_while_many_are_sent_ends_them_all(face: Face) -> None:
    with loopback("PIPELINING", silent_at="message") as server:
        session = at(face, server)
        await session.open()
        sending = many_elsewhere(face, session, [letter(n) for n in range(5)], **ENVELOPE)
        await asyncio.to_thread(server.wait)
        await session.close()
        first, *rest = [receipt.error for receipt in await sending]
        assert isinstance(first, Uncertain)
        assert 4 == len(rest)
        assert all(isinstance(error, (Disconnected, Misused)) for error in rest)


async def test_closing_while_it_opens_ends_that(face: Face) -> None:
    for verb in ("greeting", "EHLO"):
        with loopback(silent_at=verb) as server:
            session = patient(face, server)
            opening = elsewhere(face, session, "open")
            await asyncio.to_thread(server.wait)
            start = time.monotonic()
            await session.close()
            with pytest.raises(Disconnected, match="closed"):
                await opening
            assert time.monotonic() - start < SOON
            assert SessionState.CLOSED is session.state
            await asyncio.to_thread(server.wait_for_the_end)


async def test_a_quit_that_is_never_answered_does_not_hold(face: Face) -> None:
    with loopback(silent_at="QUIT") as server:
        session = at(face, server)
        await session.open()
        start = time.monotonic()
        await session.close()
        assert time.monotonic() - start < SOON
        assert SessionState.CLOSED is session.state
        assert "QUIT" == server.wait_for_the_end()[-1]


async def test_a_quit_that_is_answered_by_hanging_up_is_as_good(face: Face) -> None:
    with loopback(hang_up_at="QUIT") as server:
        start = time.monotonic()
        async with patient(face, server) as session:
            assert session.usable
        assert time.monotonic() - start < SOON


@pytest.mark.parametrize("verb", ["MAIL", "DATA", "message"])
async def test_a_broken_session_opens_again(face: Face, verb: str) -> None:
    with loopback("PIPELINING", hang_up_at=verb) as server:
        session = at(face, server)
        await session.open()
        handed_over = verb == "message"
        with pytest.raises(Uncertain if handed_over else Disconnected) as caught:
            await session.send(letter(1), **ENVELOPE)
        assert not caught.value.session_usable
        assert (SessionState.BROKEN, False) == (session.state, session.usable)
        with pytest.raises(Disconnected, match="broken"):
            await session.noop()
        server.speak()
        await session.open()
        assert SessionState.OPEN is session.state
        await session.send(letter(2), **ENVELOPE)
        await session.close()
        assert 1 == len(server.conversations[-1].messages)


async def test_a_broken_session_closes_without_a_word(face: Face) -> None:
    with loopback(hang_up_at="MAIL") as server:
        session = at(face, server)
        with pytest.raises(Disconnected):
            async with session:
                await session.send(letter(1), **ENVELOPE)
        assert SessionState.CLOSED is session.state


async def test_usable_notices_that_the_server_has_gone(face: Face) -> None:
    with loopback() as server:
        session = at(face, server)
        await session.open()
        assert session.usable
        server.hang_up()
        await asyncio.to_thread(server.wait_for_the_end)
        # The end is on its way through the kernel, and in asyncio through the loop.
        for _ in range(1_000):
            if not session.usable:
                break
            await asyncio.sleep(0)
        assert (SessionState.BROKEN, False) == (session.state, session.usable)
        await session.open()
        assert session.usable
        await session.close()


async def test_a_server_that_says_nothing_is_given_up(face: Face) -> None:
    with loopback(silent_at="MAIL") as server:
        async with at(face, server, timeout=Timeout(read=0.5)) as session:
            with pytest.raises(TimedOut):
                await session.send(letter(1), **ENVELOPE)
            assert SessionState.BROKEN is session.state


async def test_a_forgotten_session_says_goodbye(face: Face) -> None:
    with loopback() as server:
        session = at(face, server)
        await session.open()
        del session
        gc.collect()
        assert "QUIT" == (await asyncio.to_thread(server.wait_for_the_end))[-1]


async def test_a_cancelled_send_leaves_the_session_in_step() -> None:
    face = Face("asyncio")
    with loopback("PIPELINING", silent_at="DATA") as server:
        async with at(face, server) as session:
            sending = asyncio.ensure_future(session.send(letter(1), **ENVELOPE))
            await asyncio.to_thread(server.wait)
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending
            # Either it goes on in step or it says that it is broken: here no answer comes.
            with pytest.raises((TimedOut, Disconnected)):
                async with asyncio.timeout(5):
                    await asyncio.gather(session.noop(), asyncio.to_thread(server.hang_up))
