"""Making a connection: every address in turn, errors that say what to try, real sockets."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from courriel import Disconnected, TimedOut, Timeout
from courriel.drive.link import SocketLink, connect
from courriel.model.options import LONGEST
from tests.faces import Face

GetAddrInfo = Callable[..., list[Any]]


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        yield server


@pytest.fixture
def dead_port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def port_of(server: socket.socket) -> int:
    port: int = server.getsockname()[1]
    return port


def dialled(host: str, port: int, seconds: float | None = 5) -> SocketLink:
    return connect(host, port, proxy=None, deadline=lambda: seconds, hint="Is it there?")


def entry(address: str, port: int) -> tuple[Any, ...]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    target = (address, port, 0, 0) if ":" in address else (address, port)
    return (family, socket.SOCK_STREAM, 6, "", target)


def resolving(monkeypatch: pytest.MonkeyPatch, *entries: tuple[Any, ...]) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: list(entries))


def talk(link: SocketLink, server: socket.socket) -> None:
    """Say something in both directions."""
    far, _ = server.accept()
    with far:
        assert 5 == link.send(b"hello")
        assert b"hello" == far.recv(100)
        assert link.receive() is None
        far.sendall(b"welcome")
        link.wait(read=True, write=False, seconds=5)
        assert b"welcome" == link.receive()
    link.wait(read=True, write=False, seconds=5)
    assert b"" == link.receive()
    link.shutdown()
    link.shutdown()
    link.close()


def test_a_link_talks(listening: socket.socket) -> None:
    talk(dialled("127.0.0.1", port_of(listening)), listening)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[127.0.0.1]"])
def test_a_host_may_be_written_in_many_ways(host: str, listening: socket.socket) -> None:
    talk(dialled(host, port_of(listening)), listening)


def test_a_dead_address_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, listening: socket.socket
) -> None:
    port = port_of(listening)
    resolving(monkeypatch, entry("127.0.0.2", port), entry("127.0.0.1", port))
    talk(dialled("mx.example.org", port), listening)


def test_so_is_one_of_a_family_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, listening: socket.socket
) -> None:
    port = port_of(listening)
    nowhere = (9999, socket.SOCK_STREAM, 0, "", ("x", port))
    resolving(monkeypatch, nowhere, entry("127.0.0.1", port))
    talk(dialled("mx.example.org", port), listening)


def test_one_that_is_silent_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, listening: socket.socket, full: int
) -> None:
    port = port_of(listening)
    resolving(monkeypatch, entry("127.0.0.1", full), entry("127.0.0.1", port))
    talk(dialled("mx.example.org", port), listening)


@pytest.fixture
def full() -> Iterator[int]:
    """A port whose queue is full, so that it lets nobody in and turns nobody away."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        waiting = []
        for _ in range(4):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(server.getsockname())
            waiting.append(client)
        yield port_of(server)
        for client in waiting:
            client.close()


def test_a_port_nobody_listens_on(dead_port: int) -> None:
    with pytest.raises(Disconnected, match="refused") as caught:
        dialled("127.0.0.1", dead_port)
    assert str(dead_port) in str(caught.value)
    assert "firewall" in caught.value.hint


def test_every_address_is_named_when_all_fail(
    monkeypatch: pytest.MonkeyPatch, dead_port: int
) -> None:
    nowhere = (9999, socket.SOCK_STREAM, 0, "", ("x", dead_port))
    resolving(monkeypatch, nowhere, entry("127.0.0.1", dead_port))
    with pytest.raises(Disconnected, match=r"(?s)not supported.*refused"):
        dialled("mx.example.org", dead_port)


def test_a_silent_server_is_given_up_in_time(full: int) -> None:
    with pytest.raises(TimedOut) as caught:
        dialled("127.0.0.1", full, 0.05)
    assert "Is it there?" == caught.value.hint


def test_a_name_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(Disconnected, match="could not be resolved: Name or service not known"):
        dialled("mx.invalid", 25)


def test_a_name_that_cannot_be_one() -> None:
    with pytest.raises(Disconnected, match="could not be resolved"):
        dialled("a" * 64 + ".example.org", 25)


def test_a_name_without_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch)
    with pytest.raises(Disconnected, match="no connection"):
        dialled("mx.example.org", 25)


def test_a_resolver_that_hangs_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, release = threading.Event(), threading.Event()

    def hang(*_: Any, **__: Any) -> list[Any]:
        asked.set()
        release.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    with pytest.raises(TimedOut, match="in time"):
        dialled("mx.example.org", 25, 0.05)
    assert asked.is_set()
    release.set()


@pytest.mark.parametrize("seconds", [None, LONGEST, 3_000_000])
def test_a_very_long_patience_is_no_error(seconds: float | None, listening: socket.socket) -> None:
    link = dialled("127.0.0.1", port_of(listening), seconds)
    far, _ = listening.accept()
    with far:
        far.sendall(b"x")
        link.wait(read=True, write=False, seconds=seconds)
        assert b"x" == link.receive()
        link.wait(read=True, write=True, seconds=seconds)
        link.wait(read=False, write=True, seconds=seconds)
        link.wait(read=True, write=False, seconds=0)
    link.close()


def test_a_full_pipe_takes_nothing(listening: socket.socket) -> None:
    link = dialled("127.0.0.1", port_of(listening))
    far, _ = listening.accept()
    with far:
        while link.send(b"x" * 1_000_000):
            pass
        assert 0 == link.send(b"x")
    link.close()


class TestSessions:
    """What people see of it, in both colours."""

    async def test_nobody_listens(self, face: Face, dead_port: int) -> None:
        session = face.smtp(port=dead_port, security="plaintext", timeout=5)
        with pytest.raises(Disconnected, match=r"open: no connection to 127\.0\.0\.1 .*refused"):
            await session.open()

    async def test_a_name_that_does_not_exist(
        self, face: Face, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: Any, **__: Any) -> Any:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", fail)
        session = face.smtp("mx.invalid", security="plaintext", timeout=5)
        with pytest.raises(Disconnected, match=r"'mx\.invalid' could not be resolved"):
            await session.open()

    async def test_a_silent_server(self, face: Face, full: int) -> None:
        session = face.smtp(port=full, security="plaintext", timeout=Timeout(connect=0.05))
        with pytest.raises(TimedOut, match="firewall"):
            await session.open()

    async def test_a_dead_address_is_passed_over(
        self, face: Face, monkeypatch: pytest.MonkeyPatch, listening: socket.socket
    ) -> None:
        port = port_of(listening)
        resolving(monkeypatch, entry("127.0.0.2", port), entry("127.0.0.1", port))
        server = threading.Thread(target=_greet, args=(listening,))
        server.start()
        async with face.smtp("mx.example.org", port=port, security="plaintext") as session:
            assert "found me" == session.greeting
        server.join()


def _greet(listening: socket.socket) -> None:
    far, _ = listening.accept()
    far.settimeout(10)
    with far:
        far.sendall(b"220 found me\r\n")
        while data := far.recv(1000):
            far.sendall(b"250 ok\r\n" if data.startswith(b"EHLO") else b"221 bye\r\n")
