"""The asyncio driver: many tasks on one connection, full pipes, and loops that do not fit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest

from courriel import AsyncSMTPSession, Disconnected, Garbled, Misused, TimedOut, Timeout
from courriel.drive.asynchronous import AsyncDriver
from courriel.drive.scripted import ScriptedServer
from courriel.faces import Flow
from courriel.flows.effects import Allow, Connect, HangUp, Offload
from courriel.model.limits import Limits
from courriel.model.options import SessionState
from courriel.model.receipt import Reply
from courriel.protocol.smtp import SmtpMachine
from courriel.wire.smtp.commands import RSET, Simple
from tests.transcripts import BYE, OPEN

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]

OPTIONS: dict[str, Any] = {"security": "plaintext", "local_name": "me.example.org"}


@asynccontextmanager
async def connected(serve: Serve) -> AsyncIterator[tuple[AsyncDriver, SmtpMachine]]:
    """Give a driver and a machine, connected over loopback to a server."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    driver, machine = AsyncDriver(Timeout(connect=5, read=20), 1), SmtpMachine(Limits())

    def open_() -> Flow[None]:
        yield from Connect(machine, "127.0.0.1", port, None)
        yield from machine.greeted

    def close() -> Flow[None]:
        yield from HangUp(machine)

    async with server:
        await driver.run(open_())
        machine.learn(Reply(250, ("mx", "PIPELINING")))
        try:
            yield driver, machine
        finally:
            await driver.run(close())


def ask(machine: SmtpMachine, text: str) -> Flow[str]:
    return (yield from machine.submit(Simple("HELP", text))).text


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer every line with itself."""
    writer.write(b"220 mx\r\n")
    while line := await reader.readline():
        writer.write(b"250 " + line)
    writer.close()


async def test_a_thousand_tasks_share_one_connection() -> None:
    async with connected(echo) as (driver, machine):
        answers = await asyncio.gather(*(driver.run(ask(machine, f"{n}")) for n in range(1000)))
    assert [f"HELP {n}" for n in range(1000)] == answers


async def test_two_full_pipes_do_not_stand_against_each_other() -> None:
    count = 40_000

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mx\r\n")
        assert await reader.readline()
        # From here on it reads nothing before it has written megabytes.
        writer.transport.set_write_buffer_limits(high=0)
        writer.write(b"".join(b"250 %060d\r\n" % n for n in range(count)))
        await writer.drain()
        while await reader.read(1 << 20):
            pass
        writer.close()

    def flood() -> Flow[list[str]]:
        texts = []
        for ticket in [machine.submit(RSET) for _ in range(count)]:
            texts.append((yield from ticket).text)
        return texts

    async with connected(serve) as (driver, machine):
        answers = await driver.run(flood())
    assert [f"{n:060d}" for n in range(count)] == answers


async def test_a_connection_that_ends_ends_it_for_every_task() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mx\r\n")
        await reader.readexactly(8 * len(b"HELP\r\n"))
        writer.close()

    async with connected(serve) as (driver, machine):
        tasks = [driver.run(ask(machine, "")) for _ in range(8)]
        errors = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(error, Disconnected) for error in errors)
    assert 8 == len({id(error) for error in errors})


async def test_a_reply_that_lies_waiting_is_not_the_answer_to_the_next_command() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mx\r\n")
        await reader.readline()
        writer.write(b"250 the answer\r\n250 by the way\r\n")
        await reader.read()
        writer.close()

    async with connected(serve) as (driver, machine):
        assert "the answer" == await driver.run(ask(machine, "first"))
        with pytest.raises(Garbled):
            await driver.run(ask(machine, "second"))


class TestAnotherLoop:
    def test_a_session_belongs_to_the_loop_that_opened_it(self) -> None:
        server = ScriptedServer(OPEN + "C: NOOP\nS: 250 ok\n" + BYE)
        session = server.attach(AsyncSMTPSession("mx", **OPTIONS))
        with asyncio.Runner() as first, asyncio.Runner() as second:
            first.run(session.open())
            with pytest.raises(Misused, match="another event loop"):
                second.run(session.noop())
            assert "ok" == first.run(session.noop()).text
            first.run(session.close())

    def test_closed_it_may_be_opened_in_the_next(self) -> None:
        server = ScriptedServer(OPEN + BYE, OPEN + BYE)
        session = server.attach(AsyncSMTPSession("mx", **OPTIONS))
        for _ in range(2):
            with asyncio.Runner() as runner:
                runner.run(session.open())
                runner.run(session.close())
        server.check()

    def test_so_it_may_when_it_was_broken(self) -> None:
        server = ScriptedServer(OPEN + "C: NOOP\n-- cut", OPEN + BYE)
        session = server.attach(AsyncSMTPSession("mx", **OPTIONS))
        with asyncio.Runner() as first, asyncio.Runner() as second:
            first.run(session.open())
            with pytest.raises(Disconnected):
                first.run(session.noop())
            second.run(session.open())
            second.run(session.close())
        server.check()

    @pytest.mark.parametrize("closing", [True, False])
    def test_so_it_may_when_its_loop_is_closed(self, closing: bool) -> None:
        server = ScriptedServer(OPEN, OPEN + BYE)
        session = server.attach(AsyncSMTPSession("mx", **OPTIONS))
        with asyncio.Runner() as runner:
            runner.run(session.open())
        with asyncio.Runner() as runner:
            if closing:
                runner.run(session.close())
                assert SessionState.CLOSED is session.state
            else:
                with pytest.raises(Disconnected, match="event loop"):
                    runner.run(session.noop())
                assert SessionState.BROKEN is session.state
            runner.run(session.open())
            runner.run(session.close())
        assert SessionState.CLOSED is session.state
        server.check()


@pytest.mark.virtual
class TestBounds:
    def _driver(self, **timeout: float | None) -> AsyncDriver:
        return AsyncDriver(Timeout(**timeout), 1)

    async def test_total_bounds_what_is_offloaded(self) -> None:
        async def work() -> None:
            await asyncio.sleep(100)

        def flow() -> Flow[None]:
            yield from Offload[Any](work)

        start = asyncio.get_running_loop().time()
        with pytest.raises(TimedOut, match="within 5 s"):
            await self._driver(total=5).run(flow())
        assert 5 == asyncio.get_running_loop().time() - start

    async def test_so_does_a_phase_until_it_is_over(self) -> None:
        async def work() -> str:
            await asyncio.sleep(4)
            return "done"

        def flow() -> Flow[list[str]]:
            yield from Allow(5, "hurry")
            first = yield from Offload[Any](work)
            yield from Allow(None)
            second = yield from Offload[Any](work)
            yield from Allow(3, "hurry")
            try:
                yield from Offload[Any](work)
            except TimedOut as error:
                return [first, second, error.hint]
            return []

        assert ["done", "done", "hurry"] == await self._driver().run(flow())

    async def test_a_flow_may_go_on_after_its_bounds_ran_out(self) -> None:
        server = ScriptedServer(OPEN + "C: NOOP\n-- wait 9\nS: 250 late\n" + BYE)
        session = server.attach(AsyncSMTPSession("mx", timeout=Timeout(total=5), **OPTIONS))
        async with session:
            late = asyncio.create_task(session.noop())
            with pytest.raises(TimedOut):
                await late
            await asyncio.sleep(5)
            assert SessionState.OPEN is session.state
        server.check()

    async def test_two_that_wait_are_given_up_at_the_same_time(self) -> None:
        server = ScriptedServer(OPEN + "C: RSET\nC: RSET\n-- stall")
        session = server.attach(AsyncSMTPSession("mx", timeout=Timeout(read=5), **OPTIONS))
        async with session:
            start = asyncio.get_running_loop().time()
            errors = await asyncio.gather(session.reset(), session.reset(), return_exceptions=True)
            assert 5 == asyncio.get_running_loop().time() - start
        assert [TimedOut, TimedOut] == [type(error) for error in errors]

    async def test_who_comes_later_does_not_lengthen_the_wait(self) -> None:
        server = ScriptedServer(OPEN + "C: RSET\nC: RSET\n-- stall")
        session = server.attach(AsyncSMTPSession("mx", timeout=Timeout(read=5), **OPTIONS))
        async with session:
            start = asyncio.get_running_loop().time()
            first = asyncio.create_task(session.reset())
            await asyncio.sleep(3)
            second = asyncio.create_task(session.reset())
            for task in (first, second):
                with pytest.raises(TimedOut):
                    await task
                assert 5 == asyncio.get_running_loop().time() - start
