"""What a connection does with its transport, where a real one would leave it to chance."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from typing import Any

import pytest

from courriel.sandbox.connection import Connection
from tests.sandbox.dialogue import Dialogue


class Wire(asyncio.Transport):
    """A transport that notes what is done to it."""

    def __init__(self, end: socket.socket) -> None:
        super().__init__({"socket": end})
        self.done: list[str] = []

    def write(self, data: Any) -> None:
        self.done.append(bytes(data).decode().strip())

    def is_closing(self) -> bool:
        return "close" in self.done

    def can_write_eof(self) -> bool:
        return True

    def __getattribute__(self, name: str) -> Any:
        if name in ("abort", "close", "pause_reading", "resume_reading", "write_eof"):
            return lambda: self.done.append(name)
        return super().__getattribute__(name)


class Members:
    """A registry that takes everybody, or nobody."""

    def __init__(self, *, room: bool = True) -> None:
        self.room = room

    def joined(self, connection: Connection, /) -> bool:
        return self.room

    def left(self, connection: Connection, /) -> None:
        self.room = True


@pytest.fixture
def wire() -> Iterator[Wire]:
    with socket.create_server(("127.0.0.1", 0)) as end:
        yield Wire(end)


def connected(wire: Wire, *, room: bool = True, implicit: bool = False) -> Connection:
    connection = Connection(
        Dialogue().machine,
        Members(room=room),
        tls=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER),
        implicit=implicit,
    )
    connection.connection_made(wire)
    return connection


async def test_whoever_does_not_read_is_not_listened_to(wire: Wire) -> None:
    connection = connected(wire)
    connection.pause_writing()
    connection.resume_writing()
    assert ["pause_reading", "resume_reading"] == wire.done[1:]


async def test_a_connection_that_is_closing_does_not_listen_again(wire: Wire) -> None:
    connection = connected(wire)
    connection.data_received(b"QUIT\r\n")
    connection.resume_writing()
    assert "close" == wire.done[-1]


async def test_each_read_is_answered_with_one_write(wire: Wire) -> None:
    connection = connected(wire)
    connection.data_received(b"EHLO client.example\r\nNOOP\r\nNOOP\r\nNO")
    connection.data_received(b"OP\r\n")
    greeting, first, second = wire.done
    assert greeting.startswith("220 ")
    assert first.endswith("250 2.0.0 OK\r\n250 2.0.0 OK")
    assert "250 2.0.0 OK" == second


async def test_nothing_is_read_between_starttls_and_the_handshake(wire: Wire) -> None:
    connection = connected(wire)
    connection.data_received(b"STARTTLS\r\n")
    assert ["220 2.0.0 Ready to start TLS", "pause_reading"] == wire.done[1:]
    connection.end("4.3.2", "Closing")
    assert "abort" == wire.done[-1]


async def test_who_is_told_to_go_may_read_why(wire: Wire) -> None:
    connection = connected(wire)
    connection.data_received(b"NOOP\n")
    assert wire.done[1].startswith("521 ")
    assert ["write_eof"] == wire.done[2:]
    connection.connection_lost(None)
    connection.connection_lost(None)
    assert connection.gone.done()


async def test_a_refusal_takes_the_greetings_place(wire: Wire) -> None:
    connected(wire, room=False)
    assert ["421 4.3.2 Too many connections", "write_eof"] == wire.done


async def test_under_tls_there_is_no_room_for_a_refusal(wire: Wire) -> None:
    connected(wire, room=False, implicit=True)
    assert ["abort"] == wire.done


class Talker:
    """A machine that says something whenever it is asked, for a number of times."""

    closed = False

    def __init__(self, times: int) -> None:
        self.times = times

    def receive_data(self, data: bytes, /) -> None:
        self.times += len(data)

    def receive_eof(self) -> None: ...

    def data_to_send(self) -> bytes:
        if not self.times:
            return b""
        self.times -= 1
        return b"more"

    def next_event(self) -> object | None:
        return None

    def tls_started(self) -> None: ...

    def end(self, enhanced: str, reason: str, /) -> None: ...


def talking(wire: Wire, times: int) -> Connection:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    connection = Connection(Talker(times), Members(), tls=context, implicit=False)
    connection.connection_made(wire)
    return connection


async def test_a_machine_is_asked_until_it_has_said_everything(wire: Wire) -> None:
    talking(wire, 3)
    assert ["more"] * 3 == wire.done


async def test_a_machine_is_not_asked_while_nobody_reads(wire: Wire) -> None:
    connection = talking(wire, 0)
    connection.pause_writing()
    connection.data_received(b"xx")
    assert ["pause_reading", "more"] == wire.done
    connection.resume_writing()
    assert ["resume_reading", "more"] == wire.done[2:]


async def test_a_connection_can_be_woken_from_any_thread(wire: Wire) -> None:
    machine = Talker(0)
    connection = Connection(
        machine, Members(), tls=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), implicit=False
    )
    connection.connection_made(wire)
    machine.times = 1
    await asyncio.to_thread(connection.wake)
    await asyncio.sleep(0)
    assert ["more"] == wire.done
    machine.times = 1
    connection.connection_lost(None)
    connection.wake()
    await asyncio.sleep(0)
    assert ["more", "close"] == wire.done
