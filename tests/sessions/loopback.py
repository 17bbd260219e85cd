"""A server of our own on a loopback port, which falls silent at a verb, or hangs up at it.

It talks as ``tests.sink.Sink`` does. When it hears the verb it was given it says nothing more (what
it had answered before still goes out), and reads on until the client ends the connection. Tests
wait for what it has heard; nobody sleeps.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.sink import Sink

PATIENCE = 20.0
"""Seconds after which a test that waits in vain fails."""


class Loopback:
    """The server; ``silent_at`` and ``hang_up_at`` are verbs, or ``greeting`` or ``message``.

    ``conversations`` holds a Sink for each connection so far.
    """

    host = "127.0.0.1"

    def __init__(self, *capabilities: str, silent_at: str = "", hang_up_at: str = "") -> None:
        self.silent_at, self.hang_up_at = silent_at, hang_up_at
        self.conversations: list[Sink] = []
        self.ended = threading.Event()
        """Set when a client has ended its connection."""
        self._capabilities = capabilities
        self._reached = threading.Event()
        self._listener = socket.create_server((self.host, 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def wait(self) -> None:
        """Wait until the verb was heard."""
        assert self._reached.wait(PATIENCE), [c.commands for c in self.conversations]

    def wait_for_the_end(self) -> list[str]:
        """Wait until a client has gone; return the commands of the last conversation."""
        assert self.ended.wait(PATIENCE), "the client stays"
        return self.conversations[-1].commands

    def speak(self) -> None:
        """Be silent no more, in conversations to come."""
        self.silent_at = self.hang_up_at = ""
        self._reached.clear()
        self.ended.clear()

    def hang_up(self) -> None:
        """End all connections."""
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        """End everything, and wait for it."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self.hang_up()
        for thread in self._threads:
            thread.join(PATIENCE)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        mute = threading.Event()

        def answer(line: str) -> str | None:
            verb = line.split(" ", 1)[0]
            if verb and verb in (self.silent_at, self.hang_up_at):
                mute.set()
            # Not heard by anybody: all that follows the verb is kept back.
            return None

        sink = Sink(*self._capabilities, answers=answer)
        self.conversations.append(sink)
        with connection, suppress(OSError):
            heard = b""
            while True:
                said = sink(heard)
                if not mute.is_set():
                    connection.sendall(said)
                else:
                    self._reached.set()
                    if self.hang_up_at:
                        break
                heard = connection.recv(65_536)
                if not heard:
                    break
        self.ended.set()


@contextmanager
def loopback(*capabilities: str, silent_at: str = "", hang_up_at: str = "") -> Iterator[Loopback]:
    """Run a server as long as the context lasts."""
    server = Loopback(*capabilities, silent_at=silent_at, hang_up_at=hang_up_at)
    try:
        yield server
    finally:
        server.stop()
