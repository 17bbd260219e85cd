"""Measure the round trip through a delay line, with one octet there and back."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.figures import Figures
from benchmarks.processes import module, serving


def round_trip(delay: float, *, count: int = 30) -> Figures:
    """Return round trips in milliseconds through a line that delays ``delay`` seconds each way."""
    with (
        echo() as target,
        serving(module("benchmarks.delay_line", f"127.0.0.1:{target}", "--delay", delay)) as port,
        socket.create_connection(("127.0.0.1", port), timeout=10) as connection,
    ):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return Figures(tuple(_ping(connection) for _ in range(count)))


def _ping(connection: socket.socket) -> float:
    started = time.perf_counter()
    connection.sendall(b"?")
    if connection.recv(1) != b"?":
        raise ConnectionError("the echo ended")
    return (time.perf_counter() - started) * 1000


@contextmanager
def echo() -> Iterator[int]:
    """Serve one connection that returns what it is sent, until its end; yield the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_echo, args=(listener,), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(timeout=5)


def _echo(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while data := connection.recv(65536):
            connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
