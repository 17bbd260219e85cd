"""The blocking driver under Ctrl-C and other signals: in step afterwards, or finished."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from courriel import Disconnected, SMTPSession, Timeout
from courriel.drive.blocking import BlockingDriver
from courriel.drive.scripted import Conversation, ScriptedLink, ScriptedServer
from courriel.faces import Flow
from courriel.flows.effects import Offload
from courriel.model.options import SessionState
from tests.transcripts import BYE, OPEN


class Alarm(Exception):
    """What a signal's handler raises, as Celery's does for its soft time limit."""


class Interrupting(ScriptedServer):
    """A scripted server whose links raise KeyboardInterrupt, once, where the test says."""

    def __init__(self, *scripts: str) -> None:
        super().__init__(*scripts)
        self.at: str | None = None
        self.raised: type[BaseException] = KeyboardInterrupt

    def interrupt(self, at: str, raised: type[BaseException] = KeyboardInterrupt) -> None:
        """Press Ctrl-C at the next ``wait``, ``send`` or ``receive``, or send another signal."""
        self.at, self.raised = at, raised

    def pressed(self, place: str) -> None:
        if self.at == place:
            self.at = None
            raise self.raised

    def _link(self, host: str, port: int, **_: Any) -> ScriptedLink:
        return _InterruptedLink(self, self._converse())


class _InterruptedLink(ScriptedLink):
    def __init__(self, server: Interrupting, conversation: Conversation) -> None:
        super().__init__(server, conversation, None)
        self._keyboard = server

    def wait(self, *, read: bool, write: bool, seconds: float | None) -> None:
        self._keyboard.pressed("wait")
        super().wait(read=read, write=write, seconds=seconds)

    def send(self, data: bytes | memoryview) -> int:
        self._keyboard.pressed("send")
        return super().send(data)

    def receive(self) -> bytes | None:
        self._keyboard.pressed("receive")
        return super().receive()


def session_with(server: ScriptedServer, **arguments: Any) -> SMTPSession:
    options: dict[str, Any] = {"security": "plaintext", "local_name": "me.example.org"}
    return server.attach(SMTPSession("mx.example.org", **(options | arguments)))


class TestCtrlC:
    def test_while_waiting_it_leaves_the_session_in_step(self) -> None:
        server = Interrupting(
            OPEN + "C: NOOP\nS: 250 the first\nC: RSET\nS: 250 the second\n" + BYE
        )
        with session_with(server) as session:
            server.interrupt("wait")
            with pytest.raises(KeyboardInterrupt):
                session.noop()
            assert session.usable
            assert "the second" == session.reset().text
        server.check()

    @pytest.mark.parametrize("raised", [KeyboardInterrupt, SystemExit, Alarm])
    @pytest.mark.parametrize("place", ["send", "receive"])
    def test_anywhere_else_it_ends_the_connection(
        self, place: str, raised: type[BaseException]
    ) -> None:
        server = Interrupting(OPEN + "C: NOOP\nS: 250 the first", OPEN + BYE)
        session = session_with(server)
        with session:
            server.interrupt(place, raised)
            with pytest.raises(raised):
                session.noop()
            assert SessionState.BROKEN is session.state
            with pytest.raises(Disconnected, match="interrupted"):
                session.noop()
            assert session.open().usable

    @pytest.mark.parametrize("place", ["wait", "send", "receive"])
    def test_while_opening_it_leaves_nothing_behind(self, place: str) -> None:
        server = Interrupting(OPEN, OPEN + BYE)
        session = session_with(server)
        server.interrupt(place)
        with pytest.raises(KeyboardInterrupt):
            session.open()
        assert SessionState.CLOSED is session.state
        with session:
            assert session.usable

    def test_while_a_message_is_on_its_way_it_is_handed_over_or_not_sent(self) -> None:
        server = Interrupting(
            OPEN
            + """
            C: MAIL FROM:*
            C: RCPT TO:*
            C: DATA
            S: 250 ok
            S: 250 ok
            S: 354 go on
            """
        )
        with session_with(server) as session:
            server.interrupt("wait")
            with pytest.raises(KeyboardInterrupt):
                session.send(
                    b"Subject: x\r\n\r\n", sender="a@example.org", recipients="b@example.org"
                )
            with pytest.raises(Disconnected):
                session.noop()
        assert b"Subject" not in server.sent

    @pytest.mark.parametrize("raised", [KeyboardInterrupt, SystemExit, Alarm])
    def test_while_taking_turns_the_lock_is_not_lost(self, raised: type[BaseException]) -> None:
        driver = BlockingDriver(Timeout(), 1)
        driver._shared.lock = _StubbornLock(raised)  # type: ignore[assignment]  # It acts like one.

        def flow() -> Flow[None]:
            yield from Offload(lambda: None)

        with pytest.raises(raised):
            driver.run(flow())
        assert not driver._shared.lock.locked()


class _StubbornLock:
    """A lock that is interrupted once while a thread that has rested waits for it."""

    def __init__(self, raised: type[BaseException]) -> None:
        self._lock = threading.Lock()
        self._raised = raised
        self._calls = 0

    def acquire(self, _: bool = True) -> bool:
        self._calls += 1
        if self._calls == 2:
            raise self._raised
        return self._lock.acquire()

    def release(self) -> None:
        self._lock.release()

    def locked(self) -> bool:
        return self._lock.locked()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()
