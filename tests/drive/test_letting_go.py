"""What is let go of and when: connections that others have replaced, iterators nobody wants."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from courriel import CourrielError, Timeout
from courriel.drive import asynchronous, tls
from courriel.drive.blocking import BlockingDriver
from courriel.drive.scripted import ScriptedServer
from courriel.faces import Emit, Flow, Items
from courriel.flows.effects import HangUp, Offload
from courriel.model.options import SessionState
from courriel.protocol.machine import Machine
from tests.faces import Face
from tests.transcripts import BYE, OPEN

PATIENCE = 20.0


async def hang_up(face: Face, session: Any, machine: Machine) -> None:
    def flow() -> Flow[None]:
        yield from HangUp(machine)

    done = session._driver.run(flow())
    if not face.blocking:
        await done


@pytest.mark.virtual
class TestHangingUp:
    async def test_a_connection_that_has_taken_its_place_is_left_alone(self, face: Face) -> None:
        server = ScriptedServer(OPEN + BYE, OPEN + "C: NOOP\nS: 250 here\n" + BYE)
        session = face.scripted(server)
        await session.open()
        first = session._dialogue.current
        await session.close()
        async with session:
            await hang_up(face, session, first)
            assert "here" == (await session.noop()).text
        server.check()

    async def test_a_session_without_a_connection_is_not_open(self, face: Face) -> None:
        server = ScriptedServer(OPEN, OPEN + BYE)
        session = face.scripted(server)
        await session.open()
        await hang_up(face, session, session._dialogue.current)
        assert SessionState.BROKEN is session.state
        with pytest.raises(CourrielError, match="the connection is closed"):
            await session.noop()
        async with session:
            assert session.usable
        server.check()


class TestCollecting:
    """A stream of items that somebody stops to want before its end."""

    def _driver(self) -> BlockingDriver:
        return BlockingDriver(Timeout(), 1)

    def _begun(self, driver: BlockingDriver, told: list[str]) -> Iterator[int]:
        def flow() -> Items[int]:
            try:
                yield Emit(1)
                yield Emit(2)
            finally:
                told.append("closed")

        items = driver.iterate(flow())
        assert 1 == next(items)
        return items

    def test_one_collected_in_a_step_of_its_own_thread_is_closed_behind_it(self) -> None:
        driver, told = self._driver(), list[str]()
        wanted = [self._begun(driver, told)]

        def flow() -> Flow[None]:
            wanted.clear()
            told.append("stepped")
            yield from Offload(lambda: None)

        thread = threading.Thread(target=driver.run, args=(flow(),), daemon=True)
        thread.start()
        thread.join(PATIENCE)
        assert ["stepped", "closed"] == told

    def test_one_closed_by_another_thread_waits_for_the_step(self) -> None:
        driver, told = self._driver(), list[str]()
        items: Any = self._begun(driver, told)
        lock = driver._shared.lock = _Watched()  # type: ignore[assignment]  # It acts like one.

        def close() -> None:
            items.close()
            told.append("returned")

        thread = threading.Thread(target=close, daemon=True)

        def flow() -> Flow[None]:
            thread.start()
            assert lock.wanted.wait(PATIENCE)
            told.append("stepped")
            yield from ()

        driver.run(flow())
        thread.join(PATIENCE)
        assert ["stepped", "closed", "returned"] == told


class _Watched:
    """A lock that says when somebody waits for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.wanted = threading.Event()

    def acquire(self, blocking: bool = True) -> bool:
        if blocking:
            self.wanted.set()
        return self._lock.acquire(blocking)

    def release(self) -> None:
        self._lock.release()

    def __enter__(self) -> bool:
        return self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


@pytest.fixture
def hanging_up() -> Iterator[int]:
    """A port where every connection is ended at once."""

    def serve() -> None:
        with suppress(OSError):
            while True:
                listener.accept()[0].close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        thread.join(PATIENCE)


async def test_whom_to_trust_is_read_once_and_never_on_the_event_loop(
    face: Face, hanging_up: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []
    make: Callable[[], Any] = tls.default_context

    def noted() -> Any:
        threads.append(threading.current_thread())
        return make()

    monkeypatch.setattr(tls, "default_context", noted)
    monkeypatch.setattr(asynchronous, "default_context", noted)
    session = face.smtp(port=hanging_up)
    for _ in range(2):
        with pytest.raises(CourrielError):
            await session.open()
    assert 1 == len(threads)
    assert face.blocking == (threads[0] is threading.current_thread())
