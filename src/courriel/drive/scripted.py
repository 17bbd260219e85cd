"""A server for tests that plays a transcript, to sessions of either colour, without a socket.

::

    server = ScriptedServer(transcript, chunk=1)
    session = server.attach(SMTPSession("mx.example.org", security="plaintext"))
    with session:
        session.send(...)
    server.check()                      # everything in the transcript has happened
    assert 2 == server.flights          # round trips, exactly

``chunk`` cuts what the server says into pieces of that many octets. Time is virtual: a wait that
nothing will end goes by at once, so that timeouts are tested without sleeping; asyncio tests run
in a ``virtual_loop`` for that. How a transcript is written is told in ``conversation``.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from typing import Any, TypeVar

from courriel.drive.conversation import HELLO, Conversation, Responder
from courriel.errors import Disconnected, InsecureConnection, Misused
from courriel.flows.effects import Secured

S = TypeVar("S")

__all__ = ["Conversation", "ScriptedServer", "virtual_loop"]


class ScriptedServer:
    """Plays one conversation for each connection that a session makes, in order."""

    def __init__(self, *scripts: str | Responder, chunk: int | None = None) -> None:
        self._waiting = list(scripts)
        self.conversations: list[Conversation] = []
        """Those that have begun."""
        self.chunk = chunk
        self.clock = 0.0
        """The virtual time of blocking sessions, in seconds."""

    def now(self) -> float:
        """Return the virtual clock, in seconds."""
        return self.clock

    def attach(self, session: S) -> S:
        """Have a session connect to this server instead of the network. Returns the session."""
        driver: Any = getattr(session, "_driver", None)
        if driver is None:
            raise Misused("that is no session", operation="ScriptedServer.attach")
        dial = self._link if hasattr(session, "__enter__") else self._open
        driver.replace_network(dial, PretendedTls, self.now)
        return session

    @property
    def flights(self) -> int:
        """How often a client said something and then waited: the round trips."""
        return sum(conversation.flights for conversation in self.conversations)

    @property
    def sent(self) -> bytes:
        """Everything that clients have said."""
        return b"".join(conversation.sent for conversation in self.conversations)

    def check(self) -> None:
        """Raise AssertionError unless every conversation has taken place as a whole."""
        rest = [line for conversation in self.conversations for line in conversation.rest]
        if rest or self._waiting:
            raise AssertionError(f"not played: {rest}, and {len(self._waiting)} more conversations")

    def _converse(self) -> Conversation:
        if not self._waiting:
            raise Disconnected("the script has no further connection", operation="open")
        conversation = Conversation(self._waiting.pop(0))
        self.conversations.append(conversation)
        return conversation

    def _link(self, host: str, port: int, **_: Any) -> ScriptedLink:
        return ScriptedLink(self, self._converse(), self.chunk)

    async def _open(
        self, protocol: asyncio.BufferedProtocol, host: str, port: int, **_: Any
    ) -> ScriptedTransport:
        transport = ScriptedTransport(self._converse(), self.chunk, protocol)
        protocol.connection_made(transport)
        return transport


class ScriptedLink:
    """What the blocking driver talks to: a link without a socket, on virtual time."""

    def __init__(
        self, server: ScriptedServer, conversation: Conversation, chunk: int | None
    ) -> None:
        self._server = server
        self._conversation = conversation
        self._chunk = chunk
        self._arrived = b""
        self._over = False
        self.local_name = "client.example.org"

    def send(self, data: bytes | memoryview) -> int:
        """Let the server hear it."""
        self._conversation.hear(bytes(data))
        return len(data)

    def receive(self) -> bytes | None:
        """Return the next piece of what the server has said."""
        if self._arrived:
            size = self._chunk or len(self._arrived)
            piece, self._arrived = self._arrived[:size], self._arrived[size:]
            return piece
        return b"" if self._over or self._conversation.ended else None

    def wait(self, *, read: bool, write: bool, seconds: float | None) -> None:
        """Have the server speak; when it has nothing to say, let time pass."""
        if write or self._arrived or self._over:
            return
        self._arrived = self._conversation.speak(self._server.clock)
        if self._arrived or self._conversation.ended:
            return
        due = self._conversation.next_time()
        if seconds is None and due is None:
            raise AssertionError(
                f"the client waits for ever; not played: {self._conversation.rest}"
            )
        if due is not None and (seconds is None or due <= self._server.clock + seconds):
            self._server.clock = max(due, self._server.clock)
        else:
            self._server.clock += seconds or 0

    def acknowledge(self) -> None:
        """Do nothing: nothing is delayed."""

    def shutdown(self) -> None:
        """End the connection."""
        self._over = True

    def close(self) -> None:
        """Do nothing: there is no socket."""


class ScriptedTransport(asyncio.Transport):
    """What the asyncio driver talks to: a transport without a socket."""

    def __init__(
        self, conversation: Conversation, chunk: int | None, protocol: asyncio.BufferedProtocol
    ) -> None:
        super().__init__({"sockname": ("127.0.0.1", 0)})
        self._conversation = conversation
        self._chunk = chunk
        self._protocol = protocol
        self._loop = asyncio.get_running_loop()
        self._scheduled = False
        self._closing = False
        self._at_end = False
        self._turn_soon()

    def write(self, data: Any) -> None:
        """Let the server hear it; it answers in the loop's next turn."""
        self._conversation.hear(bytes(data))
        self._turn_soon()

    def _turn_soon(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._turn)

    def _turn(self) -> None:
        self._scheduled = False
        if self._closing:
            return
        said = self._conversation.speak(self._loop.time())
        size = self._chunk or len(said) or 1
        for place in range(0, len(said), size):
            self._deliver(said[place : place + size])
        if self._conversation.ended and not self._at_end:
            self._at_end = True
            self._protocol.eof_received()
            self.close()
        elif (due := self._conversation.next_time()) is not None:
            self._loop.call_at(due, self._turn_soon)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Do nothing: the server hears everything at once."""

    def _deliver(self, said: bytes) -> None:
        while said:
            room = memoryview(self._protocol.get_buffer(len(said)))
            octets = min(len(room), len(said))
            room[:octets] = said[:octets]
            said = said[octets:]
            self._protocol.buffer_updated(octets)

    def is_closing(self) -> bool:
        """Whether the connection is ending."""
        return self._closing

    def close(self) -> None:
        """End the connection."""
        if not self._closing:
            self._closing = True
            self._loop.call_soon(self._protocol.connection_lost, None)

    abort = close


class PretendedTls:
    """Stands in for ``TlsLayer``: a handshake of one line each way, then the octets as they are."""

    def __init__(self, context: Any, host: str) -> None:
        self._out = HELLO + b"\r\n"
        self._in = b""
        self._secured = False
        self.ended = False

    def feed(self, data: bytes) -> None:
        """Take what arrived."""
        self._in += data

    def take(self) -> bytes:
        """Return what must be sent."""
        out, self._out = self._out, b""
        return out

    def shake(self) -> Secured | None:
        """Go on with the handshake; anything but the server's hello is no TLS."""
        hello = HELLO + b"\r\n"
        if not hello.startswith(self._in[: len(hello)]):
            raise InsecureConnection("the TLS handshake failed: these octets are no TLS")
        if len(self._in) < len(hello):
            return None
        self._in = self._in[len(hello) :]
        self._secured = True
        return Secured("scripted", None)

    def decrypt(self) -> bytes:
        """Return what was fed."""
        data, self._in = self._in, b""
        return data

    def encrypt(self, plaintext: bytes) -> bytes:
        """Return it as it is."""
        return plaintext

    def farewell(self) -> bytes:
        """Say nothing."""
        return b""


class _VirtualSelector(selectors.DefaultSelector):
    """Lets time pass instead of waiting, as long as nothing but time is waited for."""

    advance: Callable[[float], None]

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0 if timeout is not None else None)
        if not ready and timeout:
            self.advance(timeout)
        return ready


class _VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock moves only when there is nothing else to do."""

    def __init__(self) -> None:
        selector = _VirtualSelector()
        self._virtual = 0.0
        super().__init__(selector)
        selector.advance = self._advance

    def time(self) -> float:
        """Return the virtual clock, in seconds."""
        return self._virtual

    async def shutdown_default_executor(
        self,
        timeout: float | None = None,  # noqa: ASYNC109 - The base class has it from 3.12 on.
    ) -> None:
        """Wait for threads as long as they take: their time is not virtual."""
        await super().shutdown_default_executor()

    def _advance(self, seconds: float) -> None:
        self._virtual += seconds


def virtual_loop() -> asyncio.AbstractEventLoop:
    """Return a new event loop on virtual time, for scripted conversations.

    Threads and real sockets do not fit in it: time would run away from them.
    """
    return _VirtualLoop()
