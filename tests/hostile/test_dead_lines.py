"""Connections that die or stall for real (security.md, 1.7: H08), on loopback, in little time.

Each test waits for one short timeout at most; that it is kept is measured generously, since the
machine may be busy.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from courriel import (
    CourrielError,
    Disconnected,
    InsecureConnection,
    SessionState,
    TimedOut,
    Timeout,
)
from tests.faces import Face
from tests.hostile.loopback import Loopback, reset

SHORT = 0.15
DEADLINE = SHORT + 20
"""Seconds in which a busy machine is through as well; who is held is held for a minute, or ever."""


@contextmanager
def in_time() -> Iterator[None]:
    """Expect that it does not take much longer than the timeout."""
    start = time.monotonic()
    yield
    assert time.monotonic() - start < DEADLINE


async def fails(face: Face, server: Loopback, **arguments: Any) -> CourrielError:
    """Open a session that cannot open, and say why it could not."""
    session = face.smtp(
        "127.0.0.1",
        port=server.port,
        user="ada",
        password="correct horse",
        **({"timeout": Timeout(connect=SHORT, read=SHORT)} | arguments),
    )
    with in_time(), pytest.raises(CourrielError) as caught:
        await session.open()
    assert SessionState.CLOSED is session.state
    assert not caught.value.session_usable
    return caught.value


Step = Callable[[socket.socket], None]


def greet(connection: socket.socket) -> None:
    connection.sendall(b"220 mx ready\r\n")
    connection.recv(65536)


def greet_in_part(connection: socket.socket) -> None:
    greet(connection)
    connection.sendall(b"250-mx\r\n250 STAR")


def offer_tls(connection: socket.socket) -> None:
    greet(connection)
    connection.sendall(b"250-mx\r\n250 STARTTLS\r\n")
    connection.recv(65536)


def start_tls(connection: socket.socket) -> None:
    offer_tls(connection)
    connection.sendall(b"220 go\r\n")
    connection.recv(65536)


def hear(connection: socket.socket) -> None:
    connection.recv(65536)


def nothing(connection: socket.socket) -> None:
    pass


def half_a_record(connection: socket.socket) -> None:
    hear(connection)
    # The header of a handshake record of 512 octets, and a few of them.
    connection.sendall(b"\x16\x03\x03\x02\x00\x02\x00\x01")


STEPS: list[tuple[str, Step]] = [
    ("tls", nothing),
    ("tls", hear),
    ("tls", half_a_record),
    ("starttls", nothing),
    ("starttls", greet),
    ("starttls", greet_in_part),
    ("starttls", offer_tls),
    ("starttls", start_tls),
    ("plaintext", nothing),
    ("plaintext", greet),
    ("plaintext", greet_in_part),
]
IDS = [f"{security}-{step.__name__}" for security, step in STEPS]
every_step = pytest.mark.parametrize(("security", "step"), STEPS, ids=IDS)


@every_step
async def test_h08_a_server_that_stalls_holds_nobody(face: Face, security: str, step: Step) -> None:
    def talk(connection: socket.socket) -> None:
        step(connection)
        server.stall()

    with Loopback(talk) as server:
        error = await fails(face, server, security=security)
    assert isinstance(error, TimedOut)
    assert isinstance(error, TimeoutError)
    assert error.retryable


@every_step
async def test_h08_a_reset_is_a_lost_connection(face: Face, security: str, step: Step) -> None:
    def talk(connection: socket.socket) -> None:
        step(connection)
        reset(connection)

    with Loopback(talk) as server:
        error = await fails(face, server, security=security, timeout=5)
    assert isinstance(error, Disconnected)
    assert error.retryable


@every_step
async def test_h08_an_end_is_a_lost_connection(face: Face, security: str, step: Step) -> None:
    with Loopback(step) as server:
        error = await fails(face, server, security=security, timeout=5)
    # OpenSSL has a word of its own for an end in the middle of a record.
    assert isinstance(error, (Disconnected, InsecureConnection))


@pytest.mark.parametrize("security", ["tls", "plaintext"])
async def test_h08_an_octet_now_and_then_is_no_answer(face: Face, security: str) -> None:
    said = b"\x16\x03\x03\x40\x00" if security == "tls" else b"220 "

    def talk(connection: socket.socket) -> None:
        connection.sendall(said)
        while not server.over.wait(0.05):
            connection.sendall(b"\x02")

    with Loopback(talk) as server:
        assert isinstance(await fails(face, server, security=security), TimedOut)


@pytest.mark.parametrize(
    "said", [b"220 mx ready\r\n", b"\x15\x03\x03\x00\x02\x02\x28", b"\0" * 100]
)
async def test_h08_what_is_no_tls_is_told_so(face: Face, said: bytes) -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(said)
        server.stall()

    with Loopback(talk) as server:
        error = await fails(face, server, security="tls", timeout=5)
    assert isinstance(error, InsecureConnection)
    assert error.hint


async def test_h08_a_resolver_that_stalls_holds_nobody(
    face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()

    def stall(*_: Any, **__: Any) -> list[Any]:
        over.wait(10)
        raise socket.gaierror("the test is over")

    monkeypatch.setattr(socket, "getaddrinfo", stall)
    session = face.smtp("mx.example.org", security="plaintext", timeout=SHORT)
    try:
        with in_time(), pytest.raises(TimedOut):
            await session.open()
    finally:
        over.set()
    assert SessionState.CLOSED is session.state


async def test_h08_a_port_that_nobody_listens_at_is_told_at_once(face: Face) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    session = face.smtp("127.0.0.1", port=port, security="plaintext", timeout=5)
    with in_time(), pytest.raises(Disconnected) as caught:
        await session.open()
    assert str(port) in str(caught.value)
