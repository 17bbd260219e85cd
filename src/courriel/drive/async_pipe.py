"""A pipe on an event loop: one connection, the machine at its end, and TLS between.

The asyncio twin of ``pipe``: it moves octets and tells its driver when something has changed.
Being the loop's protocol object, it is all that the transport knows of the house.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from courriel.drive.addresses import lost
from courriel.drive.pipe import PIECE, hand_over
from courriel.drive.tls import Layer
from courriel.errors import Broken, Disconnected
from courriel.flows.effects import Secured
from courriel.protocol.machine import Machine

# What asyncio's own buffer would be, 256 KiB, is memory mapped anew for every read.
_READ = 16 * 1024
_QUICKACK = getattr(socket, "TCP_QUICKACK", None) if sys.platform == "linux" else None


class AsyncPipe(asyncio.BufferedProtocol):
    """A transport with its machine. ``changed`` is called after whatever happens."""

    __slots__ = (
        "_buffer",
        "_changed",
        "_closed",
        "_handed",
        "_handshake",
        "_heard",
        "_paused",
        "_plain",
        "_socket",
        "_written",
        "loop",
        "machine",
        "owner",
        "telling",
        "tls",
        "transport",
    )

    def __init__(
        self, loop: asyncio.AbstractEventLoop, machine: Machine, changed: Callable[[], None]
    ) -> None:
        self.loop = loop
        self.machine = machine
        self.owner = os.getpid()
        """The process that has made it: a child that was forked only inherits it."""
        self.telling = False
        """Whether the machine is being told what arrived; ``changed`` is called right behind."""
        self.tls: Layer | None = None
        self.transport: asyncio.Transport | None = None
        self._changed = changed
        self._socket: socket.socket | None = None
        self._handshake: asyncio.Future[None] | None = None
        self._closed: asyncio.Future[None] | None = None
        self._paused = False
        self._plain: bytes | memoryview = b""
        """Octets of the machine's that the transport was not given yet."""
        self._handed = 0
        """Octets of the machine's that the transport was given and that do not count as sent."""
        self._written = 0
        """Octets that these were on the wire, of which the transport keeps some."""
        self._heard = False
        self._buffer: bytearray | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        # Paused as long as anything is kept back, so that it is known what has really left.
        transport.set_write_buffer_limits(high=0)
        peer = transport.get_extra_info("socket")
        if _QUICKACK is not None and peer is not None and peer.family != socket.AF_UNIX:
            self._socket = peer

    def acknowledge(self) -> None:
        """See to it that the peer need not wait for an acknowledgement while we wait for him."""
        if self._heard:
            self._heard = False
            if self._socket is not None and _QUICKACK is not None:
                # The kernel falls back to delayed acknowledgements by itself; architecture, 3.
                with suppress(OSError):
                    self._socket.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)

    def get_buffer(self, sizehint: int) -> bytearray:
        """Return room for what arrives; it is not kept, since thousands of pipes may be idle."""
        self._buffer = bytearray(_READ)
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Hand the machine what has arrived."""
        buffer, self._buffer = self._buffer, None
        assert buffer is not None
        data = bytes(memoryview(buffer)[:nbytes])
        self._heard = True
        if self._handed:
            # What arrives may end the connection, and then it matters what had left.
            self.measure()
        if self.tls is None:
            self.telling = True
            try:
                self.machine.receive_data(data)
            finally:
                self.telling = False
            self._changed()
            return
        self.tls.feed(data)
        if self._handshake is None:
            self.take_decrypted()
        else:
            self._wake_handshake()

    def take_decrypted(self) -> None:
        """Hand the machine what TLS holds; the handshake may have brought the first reply."""
        if self.tls is not None:
            hand_over(self.tls, self.machine)
            self._changed()

    def eof_received(self) -> None:
        """Take note that the server will send no more."""
        self.measure()
        self._ended(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note that the connection is gone."""
        self.transport = self._socket = None
        # What the transport still kept is lost, and with it how much that was.
        self.measure()
        self._ended(exc)
        if self._closed is not None and not self._closed.done():
            self._closed.set_result(None)

    def _ended(self, error: Exception | None) -> None:
        self._wake_handshake()
        if isinstance(error, OSError):
            self.machine.condemn(lost(error))
        else:
            self.machine.receive_eof()
        self._changed()

    def pause_writing(self) -> None:
        """Leave further output with the machine."""
        self._paused = True

    def resume_writing(self) -> None:
        """Go on with output."""
        self._paused = False
        self.measure()
        self.flush()
        self._changed()

    def flush(self) -> None:
        """Send what the machine has, as far as the transport takes it."""
        machine, transport = self.machine, self.transport
        if transport is None or not machine.usable:
            return
        try:
            while not self._paused:
                data = self._plain or machine.data_to_send()
                if not data:
                    return
                if len(data) > PIECE:
                    # What the transport has not been given is not sent, whatever becomes of it.
                    self._plain = memoryview(data)[PIECE:]
                    data = data[:PIECE]
                else:
                    self._plain = b""
                sealed = data if self.tls is None else self.tls.encrypt(bytes(data))
                self._handed += len(data)
                self._written += len(sealed)
                transport.write(sealed)
                self._heard = False
                self.measure()
        except Broken as error:
            machine.condemn(error)

    def measure(self) -> None:
        """Tell the machine how much of its output may have left this process.

        An octet of ciphertext counts for one of the message until all of them
        have gone: rather one too many than one that the server has read.
        """
        kept = 0
        if self._paused and self.transport is not None:
            kept = self.transport.get_write_buffer_size()
        left = min(self._written - kept, self._handed) if kept else self._handed
        self._written = kept
        if left > 0:
            self._handed -= left
            self.machine.data_sent(left)

    @contextmanager
    def deaf(self) -> Iterator[None]:
        """Leave with the network what arrives meanwhile: without TLS nobody shall hear it."""
        if self.transport is not None:
            self.transport.pause_reading()
        try:
            yield
        finally:
            if self.transport is not None:
                self.transport.resume_reading()

    async def secure(self, tls: Layer) -> Secured:
        """Shake hands for TLS. Raises InsecureConnection and Disconnected."""
        if self.machine.error is not None:
            # What arrived since the flow asked for TLS was not protected by it.
            raise self.machine.error
        self.tls = tls
        try:
            while True:
                self._handshake = self.loop.create_future()
                try:
                    secured = tls.shake()
                finally:
                    if self.transport is not None and (data := tls.take()):
                        self.transport.write(data)
                if secured is not None:
                    return secured
                if self.transport is None:
                    raise Disconnected(
                        "the server closed the connection during the TLS handshake",
                        hint="Check the port and the TLS mode.",
                    )
                await self._handshake
        finally:
            self._handshake = None

    def _wake_handshake(self) -> None:
        if self._handshake is not None and not self._handshake.done():
            self._handshake.set_result(None)

    def abort(self) -> None:
        """End the connection; the loop closes it in its next turn."""
        transport = self.transport
        if transport is None or transport.is_closing():
            return
        self._closed = self.loop.create_future()
        if self.tls is not None:
            transport.write(self.tls.farewell())
        transport.abort()

    def abandon(self) -> None:
        """Close the connection if its loop is closed, and so will never do it."""
        if self.loop.is_closed():
            self.forsake()

    def forsake(self) -> None:
        """Close the socket, and nothing else: no word to the server, none to the loop."""
        if self.transport is None:
            return
        # It is private, but asyncio's transports have no other way to give their socket back
        # without a loop; else it is closed with a ResourceWarning when it is collected.
        finish = getattr(self.transport, "_call_connection_lost", None)
        if finish is not None:
            finish(None)

    async def closed(self) -> None:
        """Wait until the connection that was aborted is closed."""
        if self._closed is not None:
            await self._closed
