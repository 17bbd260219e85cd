"""Carry one machine over one asyncio connection, with or without TLS.

All that the protocol means is in the machine; here are octets, the handshake, back-pressure and
the ways in which a connection ends. Every read is answered with one write, unless the machine has
more to say than it holds at a time. A connection under TLS from the start begins as a plain one
whose first act is the handshake, so that each is known to the server, and can be ended by it, from
its first moment.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol, cast

from courriel.sandbox.events import Closing, TlsWanted

__all__ = ["Connection", "Machine", "Registry"]

_log = logging.getLogger("courriel.sandbox")

# On Linux alone: acknowledge at once what gets no answer at once. A client that sends its next
# message only when the last has been acknowledged would else wait 40 ms each time.
_QUICKACK: int | None = getattr(socket, "TCP_QUICKACK", None)

# How long a handshake, and a client that goes on talking after it was told to go, may take.
_HANDSHAKE = 30.0
_LINGER = 2.0


class Machine(Protocol):
    """What a connection needs of the protocol it carries."""

    @property
    def closed(self) -> bool: ...
    def receive_data(self, data: bytes, /) -> None: ...
    def receive_eof(self) -> None: ...
    def data_to_send(self) -> bytes: ...
    def next_event(self) -> object | None: ...
    def tls_started(self) -> None: ...
    def end(self, enhanced: str, reason: str, /) -> None: ...


class Registry(Protocol):
    """Who wants to know which connections there are."""

    def joined(self, connection: Connection, /) -> bool:
        """Note a new connection; False when there are too many."""
        ...

    def left(self, connection: Connection, /) -> None:
        """Note that a connection is gone."""


class Connection(asyncio.Protocol):
    """One connection. ``tls`` is for STARTTLS, or for the start with ``implicit``.

    ``obey`` does what the machine wants done besides TLS and closing; ``idle``
    is how many seconds of silence are borne, None for what is usual.
    """

    def __init__(
        self,
        machine: Machine,
        registry: Registry,
        *,
        tls: ssl.SSLContext,
        implicit: bool,
        obey: Callable[[object], None] | None = None,
        idle: float | None = None,
    ) -> None:
        self._machine = machine
        self._obey = obey
        self._registry = registry
        self.idle = idle
        self._tls = tls
        self._implicit = implicit
        self._loop = asyncio.get_running_loop()
        self._handshake: asyncio.Task[None] | None = None
        self._shaking = False
        self._paused = False
        self._early: list[bytes] = []
        self._lingering: asyncio.TimerHandle | None = None
        self.gone: asyncio.Future[None] = self._loop.create_future()
        self.heard = self._loop.time()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._plain = self._transport = cast(asyncio.Transport, transport)
        self._socket = transport.get_extra_info("socket")
        welcome = self._registry.joined(self)
        if not welcome:
            # The refusal takes the greeting's place (RFC 5321, 3.1).
            self._machine.data_to_send()
            self._machine.end("4.3.2", "Too many connections")
        if self._implicit and welcome:
            self._begin_handshake()
        elif self._implicit:
            self._plain.abort()
        else:
            self._work()

    def data_received(self, data: bytes) -> None:
        self.heard = self._loop.time()
        if self._handshake is not None:
            # It has come through TLS; the handshake's own task has yet to be told of its end.
            self._early.append(data)
            return
        self._machine.receive_data(data)
        self._work()

    def eof_received(self) -> None:
        self._machine.receive_eof()
        self._transport.close()

    def pause_writing(self) -> None:
        # Whoever does not read what we say is not listened to.
        self._paused = True
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._paused = False
        if not self._transport.is_closing():
            self._transport.resume_reading()
            self._work()

    def wake(self) -> None:
        """Look whether the machine has something to say by now; may be called from any thread."""
        # The loop is closed when the server has ended.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._woken)

    def _woken(self) -> None:
        if self._handshake is None and not self._paused and not self.gone.done():
            self._work()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.gone.done():
            return
        self._machine.receive_eof()
        if self._lingering is not None:
            self._lingering.cancel()
        # A TLS transport wants to be closed even when the connection under it is gone.
        self._transport.close()
        self._registry.left(self)
        self.gone.set_result(None)

    def end(self, enhanced: str, reason: str) -> None:
        """Say 421 where that can be said, and close at once."""
        if self._handshake is None:
            self._machine.end(enhanced, reason)
            self._send()
        self.abort()

    def abort(self) -> None:
        """Close without a word."""
        if self._handshake is not None and not self._shaking:
            # Begun on a connection that is gone, asyncio's handshake would trip over itself.
            self._handshake.cancel()
        self._plain.abort()

    def _work(self) -> None:
        silent = True
        while self._obeyed() and self._send():
            silent = False
            if self._paused:
                return
        if silent and _QUICKACK is not None and not self._transport.is_closing():
            self._socket.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)

    def _obeyed(self) -> bool:
        """Do what the machine wants done; False when it is not to be asked for more."""
        while (event := self._machine.next_event()) is not None:
            match event:
                case TlsWanted():
                    self._send()
                    self._begin_handshake()
                    return False
                case Closing():
                    self._send()
                    self._close(event)
                    return False
            assert self._obey is not None
            self._obey(event)
        return True

    def _send(self) -> bool:
        """Send what is to be sent; False when there is nothing."""
        out = self._machine.data_to_send()
        if out and not self._transport.is_closing():
            self._transport.write(out)
        return bool(out)

    def _close(self, event: Closing) -> None:
        if event.clean or not self._transport.can_write_eof():
            self._transport.close()
            return
        # A socket closed with octets unread resets the connection, and the client would lose the
        # reason. So only our side is ended, and what comes is dropped for a while.
        self._transport.write_eof()
        self._lingering = self._loop.call_later(_LINGER, self._plain.abort)

    def _begin_handshake(self) -> None:
        # What is in the socket from here on belongs to TLS.
        self._plain.pause_reading()
        self._handshake = self._loop.create_task(self._shake_hands())

    async def _shake_hands(self) -> None:
        self._shaking = True
        transport: asyncio.Transport | None = None
        try:
            transport = await self._loop.start_tls(
                self._plain,
                self,
                self._tls,
                server_side=True,
                ssl_handshake_timeout=_HANDSHAKE,
                ssl_shutdown_timeout=_LINGER,
            )
        except OSError as error:
            _log.debug("no TLS handshake: %s", error)
        self._handshake = None
        if transport is None:
            self._plain.abort()
            self.connection_lost(None)
            return
        self._transport = transport
        if not self._implicit:
            self._machine.tls_started()
        early, self._early = b"".join(self._early), []
        if early:
            self._machine.receive_data(early)
        self._work()
