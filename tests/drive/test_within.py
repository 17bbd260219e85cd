"""``Within`` and ``Now``: waits that nobody owes, on both drivers, on virtual time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from courriel import Limits, TimedOut, Timeout
from courriel.drive.asynchronous import AsyncDriver
from courriel.drive.blocking import BlockingDriver
from courriel.drive.scripted import PretendedTls, ScriptedServer
from courriel.faces import Flow
from courriel.flows.effects import Connect, HangUp, Now, Within
from courriel.protocol.imap.machine import ImapMachine
from courriel.protocol.ticket import Ticket
from courriel.wire.imap.commands import Idle, Noop
from tests.faces import Face

pytestmark = pytest.mark.virtual

GREETING = "S: * OK [CAPABILITY IMAP4rev1 IDLE] ready\n"


class Bench:
    """A driver of either colour, a machine, and a scripted server behind it."""

    def __init__(self, face: Face, script: str, **timeout: float | None) -> None:
        self.server = ScriptedServer(GREETING + script)
        self.machine = ImapMachine(Limits())
        self.blocking = face.blocking
        kind: Any = BlockingDriver if face.blocking else AsyncDriver
        self.driver = kind(Timeout(**timeout), 1)
        dial: Any = self.server._link if face.blocking else self.server._open
        self.driver.replace_network(dial, PretendedTls, self.server.now)

    async def run(self, flow: Flow[Any]) -> Any:
        def opened() -> Flow[Any]:
            yield from Connect(self.machine, "mx", 143, None)
            yield from self.machine.greeted
            result = yield from flow
            yield from HangUp(self.machine)
            return result

        return self.driver.run(opened()) if self.blocking else await self.driver.run(opened())


async def test_a_wait_for_nothing_ends_when_its_time_is_over(face: Face) -> None:
    bench = Bench(face, "", read=10, total=20)

    def flow() -> Flow[list[Any]]:
        start = yield from Now()
        done = yield from Within(Ticket[None](), 3_000)
        return [done, (yield from Now()) - start]

    assert [False, 3_000] == await bench.run(flow())


async def test_what_is_done_already_is_not_waited_for(face: Face) -> None:
    bench = Bench(face, "")
    ticket: Ticket[int] = Ticket()
    ticket.resolve(5)

    def flow() -> Flow[list[Any]]:
        start = yield from Now()
        done = yield from Within(ticket, 3_000)
        return [done, (yield from Now()) - start, ticket.value]

    assert [True, 0, 5] == await bench.run(flow())


async def test_what_the_server_says_in_between_ends_it(face: Face) -> None:
    bench = Bench(face, "C: A1 IDLE\nS: + idling\n-- wait 100\nS: A1 OK\n", read=30)

    def flow() -> Flow[list[Any]]:
        ticket = bench.machine.submit(Idle())
        early = yield from Within(ticket, 60)
        late = yield from Within(ticket, 60)
        return [early, late, (yield from Now())]

    assert [False, True, 100] == await bench.run(flow())


async def test_the_ticket_is_not_given_up(face: Face) -> None:
    bench = Bench(face, "C: A1 NOOP\n-- wait 20\nS: A1 OK done\n")

    def flow() -> Flow[str]:
        ticket = bench.machine.submit(Noop())
        assert not (yield from Within(ticket, 5))
        return (yield from ticket).tagged.text

    assert "done" == await bench.run(flow())


async def test_what_is_said_when_its_time_is_over_is_sent(face: Face) -> None:
    bench = Bench(face, "C: A1 IDLE\nS: + idling\nC: DONE\nS: A1 OK\nC: A2 NOOP\nS: A2 OK\n")

    def flow() -> Flow[list[bool]]:
        ticket = bench.machine.submit(Idle())
        first = yield from Within(ticket, 60)
        bench.machine.end_idle(ticket)
        second = yield from Within(bench.machine.submit(Noop()), 60)
        return [first, second]

    assert [False, True] == await bench.run(flow())
    bench.server.check()


async def test_the_total_begins_anew_behind_it(face: Face) -> None:
    answers = "".join(f"C: A{n} NOOP\n-- wait 8\nS: A{n} OK\n" for n in range(1, 5))
    bench = Bench(face, answers + "C: A5 NOOP\n-- wait 11\nS: A5 OK\n", total=10, read=None)

    def flow() -> Flow[None]:
        for _ in range(5):
            yield from Within(Ticket[None](), 100)
            yield from bench.machine.submit(Noop())

    with pytest.raises(TimedOut, match="within 10 s"):
        await bench.run(flow())
    assert b"A5 NOOP" in bench.server.sent


async def test_what_the_server_owes_is_still_owed(face: Face) -> None:
    bench = Bench(face, "C: A1 NOOP\n-- stall", read=30)

    def flow() -> Flow[None]:
        ticket = bench.machine.submit(Noop())
        assert (yield from Within(ticket, 1_000))
        yield from ticket

    with pytest.raises(TimedOut, match="within 30 s"):
        await bench.run(flow())


async def test_the_end_of_the_connection_is_an_end_of_it_too(face: Face) -> None:
    bench = Bench(face, "C: A1 NOOP\n-- wait 5\n-- cut")

    def flow() -> Flow[list[Any]]:
        ticket = bench.machine.submit(Noop())
        return [(yield from Within(ticket, 100)), ticket.error is not None]

    assert [True, True] == await bench.run(flow())


async def test_a_task_that_is_cancelled_leaves_no_alarm() -> None:
    bench = Bench(Face("asyncio"), "")

    def flow() -> Flow[bool]:
        return (yield from Within(Ticket[None](), 1_000))

    task = asyncio.create_task(bench.run(flow()))
    await asyncio.sleep(10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert 10 == asyncio.get_running_loop().time()
