"""A server of one connection on a thread, for what only real sockets can do: TLS, resets, stalls.

``talk`` is the server's side of the connection; whatever it raises of the network is the end of
it. Nothing here waits longer than ten seconds, and a test that passes never waits that long.
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

from tests.sink import Sink

Talk = Callable[[socket.socket], None]

_PATIENCE = 10.0


class Loopback:
    """Listens on 127.0.0.1 while the ``with`` block lasts; ``port`` says where."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(_PATIENCE)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.over = threading.Event()
        """Set when the test is through, for a server that says nothing more."""
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.over.set()
        # A listener that nobody called is woken by this.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(_PATIENCE)
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            connection, _ = self._listener.accept()
            with connection:
                connection.settimeout(_PATIENCE)
                self._talk(connection)

    def stall(self) -> None:
        """Say nothing more, but keep the connection, until the test is through."""
        self.over.wait(_PATIENCE)


def reset(connection: socket.socket) -> None:
    """End a connection with RST instead of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class TlsDialogue:
    """An SMTP server under TLS, implicit or by STARTTLS; ``heard`` is what it could read."""

    def __init__(self, context: ssl.SSLContext, *, starttls: bool) -> None:
        self._context = context
        self._starttls = starttls
        capabilities = ["AUTH PLAIN", *(["STARTTLS"] if starttls else [])]
        self._sink = Sink(*capabilities, sasl={"PLAIN": lambda _: "235 welcome"})
        self.names: list[str | None] = []
        """The server names that clients have asked for (RFC 6066, 3)."""
        self.heard = b""
        context.sni_callback = self._asked

    @property
    def commands(self) -> list[str]:
        """The commands heard, without what was signed in with."""
        return [line.split(" ")[0] for line in self._sink.commands]

    def _asked(self, _: ssl.SSLObject, name: str | None, __: ssl.SSLContext) -> None:
        self.names.append(name)

    def __call__(self, connection: socket.socket) -> None:
        """Play the server's side."""
        if self._starttls:
            self._converse(connection)
        with self._context.wrap_socket(connection, server_side=True) as secured:
            self._converse(secured)

    def _converse(self, connection: socket.socket) -> None:
        """Go on until the client leaves, or wants TLS."""
        connection.sendall(self._sink(b""))
        while data := connection.recv(65536):
            self.heard += data
            connection.sendall(self._sink(data))
            if data == b"STARTTLS\r\n":
                return
