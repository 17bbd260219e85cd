"""The blocking driver: two full pipes, many threads, a server that ends it all; always in step."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from courriel import Disconnected, Garbled, InsecureConnection, TimedOut, Timeout
from courriel.drive.blocking import BlockingDriver
from courriel.drive.link import SocketLink
from courriel.faces import Flow
from courriel.flows.effects import Allow, Connect, Secure, Secured
from courriel.model.limits import Limits
from courriel.model.receipt import Reply
from courriel.protocol.smtp import SmtpMachine
from courriel.wire.smtp.commands import NOOP, RSET, Simple


def _never() -> Any:
    raise AssertionError("nothing is dialled here")


def _driver(dial: Callable[..., Any]) -> BlockingDriver:
    return BlockingDriver(Timeout(connect=5, read=20), 1, dial)


@pytest.fixture
def pipe() -> Iterator[tuple[socket.socket, socket.socket]]:
    near, far = socket.socketpair()
    far.settimeout(20)
    with near, far:
        yield near, far


class _PairLink(SocketLink):
    """A link over one end of a socket pair, which knows no TCP options."""

    def __init__(self, connected: socket.socket) -> None:
        connected.setblocking(False)
        self._socket = connected
        self._polls: dict[bool, Any] = {}
        self.local_name = "me.example.org"

    def receive(self) -> bytes | None:
        try:
            return self._socket.recv(65536)
        except BlockingIOError:
            return None

    def acknowledge(self) -> None: ...


def _connected(near: socket.socket) -> tuple[BlockingDriver, SmtpMachine]:
    driver = _driver(lambda *_, **__: _PairLink(near))
    machine = SmtpMachine(Limits())

    def flow() -> Flow[None]:
        yield from Connect(machine, "mx", 25, None)
        yield from machine.greeted

    driver.run(flow())
    machine.learn(Reply(250, ("mx", "PIPELINING")))
    return driver, machine


def ask(machine: SmtpMachine, command: Simple) -> Flow[Reply]:
    return (yield from machine.submit(command))


def test_two_full_pipes_do_not_stand_against_each_other(
    pipe: tuple[socket.socket, socket.socket],
) -> None:
    near, far = pipe
    count = 40_000

    def serve() -> None:
        far.sendall(b"220 mx\r\n")
        assert far.recv(1)
        # From here on it reads nothing before it has written megabytes.
        far.sendall(b"".join(b"250 %060d\r\n" % n for n in range(count)))
        while far.recv(1 << 20):
            pass

    server = threading.Thread(target=serve)
    server.start()
    driver, machine = _connected(near)

    def flood() -> Flow[list[str]]:
        tickets = [machine.submit(RSET) for _ in range(count)]
        answers = []
        for ticket in tickets:
            answers.append((yield from ticket).text)
        return answers

    answers = driver.run(flood())
    near.shutdown(socket.SHUT_RDWR)
    server.join()
    assert [f"{n:060d}" for n in range(count)] == answers


def test_many_threads_share_one_connection(pipe: tuple[socket.socket, socket.socket]) -> None:
    near, far = pipe

    def serve() -> None:
        far.sendall(b"220 mx\r\n")
        heard = b""
        while data := far.recv(1 << 16):
            heard += data
            *lines, heard = heard.split(b"\r\n")
            far.sendall(b"".join(b"250 " + line + b"\r\n" for line in lines))

    server = threading.Thread(target=serve)
    server.start()
    driver, machine = _connected(near)
    wrong: list[str] = []

    def work(name: int) -> None:
        for turn in range(20):
            text = f"HELP {name}-{turn}"
            if text != driver.run(ask(machine, Simple("HELP", f"{name}-{turn}"))).text:
                wrong.append(text)

    threads = [threading.Thread(target=work, args=(name,)) for name in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    near.shutdown(socket.SHUT_RDWR)
    server.join()
    assert [] == wrong


def test_a_thread_whose_time_is_up_is_not_asked_to_read_for_the_others(
    pipe: tuple[socket.socket, socket.socket],
) -> None:
    near, far = pipe
    far.sendall(b"220 mx\r\n")
    driver, machine = _connected(near)
    answers: list[str] = []

    def work() -> None:
        answers.append(driver.run(ask(machine, RSET)).text)

    def impatient() -> Flow[Reply]:
        yield from Allow(0.01, "Be patient.")
        return (yield from machine.submit(RSET))

    leader = threading.Thread(target=work)
    leader.start()
    assert b"RSET\r\n" == far.recv(100)
    with pytest.raises(TimedOut, match="in time"):
        driver.run(impatient())
    assert b"RSET\r\n" == far.recv(100)
    # A daemon, so that the test fails rather than hangs.
    follower = threading.Thread(target=work, daemon=True)
    follower.start()
    assert b"RSET\r\n" == far.recv(100)
    far.sendall(b"250 first\r\n")
    leader.join()
    far.sendall(b"250 too late\r\n250 last\r\n")
    follower.join(10)
    assert ["first", "last"] == answers


def test_a_connection_that_ends_ends_it_for_every_thread(
    pipe: tuple[socket.socket, socket.socket],
) -> None:
    near, far = pipe
    far.sendall(b"220 mx\r\n")
    driver, machine = _connected(near)
    errors: list[BaseException] = []
    ready = threading.Barrier(9)

    def work() -> None:
        ready.wait()
        try:
            driver.run(ask(machine, RSET))
        except Disconnected as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    ready.wait()
    heard = b""
    while len(heard) < 8 * len(b"RSET\r\n"):
        heard += far.recv(1024)
    far.close()
    for thread in threads:
        thread.join()
    assert 8 == len(errors)
    assert 8 == len({id(error) for error in errors})


def test_a_reply_that_lies_waiting_is_not_the_answer_to_the_next_command(
    pipe: tuple[socket.socket, socket.socket],
) -> None:
    near, far = pipe
    far.sendall(b"220 mx\r\n")
    driver, machine = _connected(near)
    far.sendall(b"250 by the way\r\n")
    with pytest.raises(Garbled, match="a command that was not sent"):
        driver.run(ask(machine, NOOP))
    near.close()
    assert b"" == far.recv(100)


def test_a_server_that_has_said_goodbye_is_noticed_before_anything_is_sent(
    pipe: tuple[socket.socket, socket.socket],
) -> None:
    near, far = pipe
    far.sendall(b"220 mx\r\n")
    driver, machine = _connected(near)
    far.sendall(b"421 4.4.2 idle for too long\r\n")
    far.shutdown(socket.SHUT_WR)
    with pytest.raises(Disconnected, match="idle for too long"):
        driver.run(ask(machine, NOOP))
    near.close()
    assert b"" == far.recv(100)


class _Refusing:
    """A TLS layer that fails at once, and has an alert to send about it."""

    ended = False

    def __init__(self, context: Any, host: str) -> None:
        self.feed: Callable[[bytes], None] = lambda _: None

    def shake(self) -> Secured | None:
        raise InsecureConnection("the certificate of mx is not trusted")

    def take(self) -> bytes:
        return b"alert"

    decrypt = take
    farewell = take

    def encrypt(self, plaintext: bytes) -> bytes:
        return plaintext


def test_a_failed_handshake_is_told_even_if_nobody_hears_the_alert(
    pipe: tuple[socket.socket, socket.socket],
) -> None:
    near, far = pipe
    far.sendall(b"220 mx\r\n")
    driver, _ = _connected(near)
    driver.replace_network(lambda *_, **__: _never(), _Refusing, lambda: 0.0)
    far.close()

    def flow() -> Flow[None]:
        yield from Secure(None, "mx")

    with pytest.raises(InsecureConnection, match="not trusted"):
        driver.run(flow())
