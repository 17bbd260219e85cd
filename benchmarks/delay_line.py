"""Delay a TCP connection by a fixed time each way, at full bandwidth.

A proxy on loopback: every chunk that arrives is stamped, and handed on when it is ``delay``
seconds old. Chunks keep their order, the end of a stream travels like a chunk (so that half-closed
connections work), and nothing limits how much is under way but a bound on memory.

Two precautions keep the line from adding stalls of its own. Both sockets have ``TCP_NODELAY``. The
socket to the server re-arms ``TCP_QUICKACK`` after each read: a server that writes its replies in
pieces under Nagle's algorithm would otherwise wait 40 ms for the proxy's delayed ACK, which no
real client would cause.

It runs as its own process, ``python -m benchmarks.delay_line HOST:PORT --delay 0.010``, and prints
``listening PORT`` when it is ready. Only the line lives here.
"""

from __future__ import annotations

import argparse
import select
import selectors
import socket
import time
from collections import deque
from dataclasses import dataclass, field

CHUNK = 256 * 1024
"""Octets of one read."""
UNDER_WAY = 64 * 1024 * 1024
"""Octets one direction may hold; 10 ms of 6 GB/s, so never a limit on the rate."""
FOREVER = float("inf")

READ = selectors.EVENT_READ
WRITE = selectors.EVENT_WRITE


@dataclass(slots=True, eq=False)
class Direction:
    """One way through the line: what has been read and is not written yet."""

    source: socket.socket
    target: socket.socket
    delay: float
    quick: bool
    """Whether ACKs to the source are sent at once."""
    chunks: deque[tuple[float, memoryview]] = field(default_factory=deque)
    """Due time and octets; empty octets are the end of the stream."""
    held: int = 0
    ended: bool = False
    """The source has said its last word."""
    finished: bool = False
    """The target has been told so."""
    blocked: bool = False
    """The target takes no more for now."""

    @property
    def wants_reading(self) -> bool:
        """Whether there is room for more from the source."""
        return not self.ended and self.held < UNDER_WAY

    def read(self) -> None:
        """Take what the source has, stamped with the time at which it is due."""
        try:
            data = self.source.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            # A reset ends the stream; what came before it is still delivered.
            data = b""
        due = time.perf_counter() + self.delay
        if self.quick and data:
            self.source.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        self.chunks.append((due, memoryview(data)))
        self.held += len(data)
        self.ended = not data

    def write(self, now: float) -> None:
        """Hand on everything that is due, until the target takes no more."""
        self.blocked = False
        while self.chunks and self.chunks[0][0] <= now:
            due, data = self.chunks[0]
            if not data:
                self.chunks.popleft()
                self.finished = True
                self.target.shutdown(socket.SHUT_WR)
                return
            try:
                sent = self.target.send(data)
            except BlockingIOError:
                self.blocked = True
                return
            self.held -= sent
            if sent < len(data):
                self.chunks[0] = (due, data[sent:])
            else:
                self.chunks.popleft()

    def due(self) -> float:
        """Return when there is something to do without anything arriving."""
        return FOREVER if self.blocked or not self.chunks else self.chunks[0][0]


class Line:
    """One connection through the proxy: two sockets, two directions."""

    def __init__(self, client: socket.socket, server: socket.socket, delay: float) -> None:
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            end.setblocking(False)
        self.client = client
        self.server = server
        quick = hasattr(socket, "TCP_QUICKACK")
        self.up = Direction(client, server, delay, quick=False)
        self.down = Direction(server, client, delay, quick=quick)

    def interests(self) -> tuple[int, int]:
        """Return the events wanted of the client's and of the server's socket."""
        up, down = self.up, self.down
        return (
            (READ if up.wants_reading else 0) | (WRITE if down.blocked else 0),
            (READ if down.wants_reading else 0) | (WRITE if up.blocked else 0),
        )

    @property
    def finished(self) -> bool:
        """Whether both directions have delivered their end."""
        return self.up.finished and self.down.finished


class DelayLine:
    """The proxy's loop: accepts on loopback, one thread for all connections.

    The selector itself is waited for with ``select``, whose time-outs have microseconds; those of
    ``epoll`` are rounded up to milliseconds, a tenth of what is to be measured.
    """

    def __init__(self, target: tuple[str, int], delay: float) -> None:
        self.target = target
        self.delay = delay
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.listener.setblocking(False)
        self.port: int = self.listener.getsockname()[1]
        self.selector = selectors.EpollSelector()
        self.selector.register(self.listener, READ, None)
        self.lines: set[Line] = set()

    def run(self) -> None:
        """Serve until the process ends."""
        while True:
            now = time.perf_counter()
            due = min((self._advance(line, now) for line in self.lines.copy()), default=FOREVER)
            wait = None if due == FOREVER else max(0.0, due - time.perf_counter())
            if not select.select([self.selector.fileno()], [], [], wait)[0]:
                continue
            for key, events in self.selector.select(0):
                if key.data is None:
                    self._accept()
                else:
                    self._ready(key.data, key.fileobj, events)

    def _accept(self) -> None:
        client, _ = self.listener.accept()
        try:
            server = socket.create_connection(self.target)
        except OSError:
            client.close()
            return
        line = Line(client, server, self.delay)
        self.selector.register(client, READ, line)
        self.selector.register(server, READ, line)
        self.lines.add(line)

    def _ready(self, line: Line, end: object, events: int) -> None:
        reading, writing = (line.up, line.down) if end is line.client else (line.down, line.up)
        if events & READ and reading.wants_reading:
            reading.read()
        if events & WRITE:
            writing.blocked = False

    def _advance(self, line: Line, now: float) -> float:
        """Deliver what is due on a line; return when it wants to be called again."""
        try:
            line.up.write(now)
            line.down.write(now)
        except OSError:
            self._drop(line)
            return FOREVER
        if line.finished:
            self._drop(line)
            return FOREVER
        for end, events in zip((line.client, line.server), line.interests(), strict=True):
            self._watch(end, events, line)
        return min(line.up.due(), line.down.due())

    def _watch(self, end: socket.socket, events: int, line: Line) -> None:
        key = self.selector.get_map().get(end)
        if key is None:
            if events:
                self.selector.register(end, events, line)
        elif not events:
            self.selector.unregister(end)
        elif key.events != events:
            self.selector.modify(end, events, line)

    def _drop(self, line: Line) -> None:
        # Called once a line is finished, or has nobody left to deliver to.
        self.lines.discard(line)
        for end in (line.client, line.server):
            if end in self.selector.get_map():
                self.selector.unregister(end)
            end.close()


def main() -> None:
    """Read the arguments, say where the line listens, serve."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.delay_line")
    parser.add_argument("target", help="HOST:PORT of the server")
    parser.add_argument("--delay", type=float, default=0.010, help="seconds each way")
    options = parser.parse_args()
    host, _, port = options.target.rpartition(":")
    line = DelayLine((host, int(port)), options.delay)
    print(f"listening {line.port}", flush=True)
    line.run()


if __name__ == "__main__":
    main()
