"""A scripted server that takes only so many octets a second, on virtual time."""

from __future__ import annotations

import asyncio
from typing import Any

from courriel.drive.conversation import Conversation
from courriel.drive.scripted import ScriptedLink, ScriptedServer, ScriptedTransport


class SlowServer(ScriptedServer):
    """Takes ``rate`` octets a second; what is written beyond that has to wait."""

    def __init__(self, script: str, *, rate: int) -> None:
        super().__init__(script)
        self.rate = rate

    def _link(self, host: str, port: int, **_: Any) -> ScriptedLink:
        return SlowLink(self, self._converse())

    async def _open(
        self, protocol: asyncio.BufferedProtocol, host: str, port: int, **_: Any
    ) -> ScriptedTransport:
        transport = SlowTransport(self._converse(), protocol, self.rate)
        protocol.connection_made(transport)
        return transport


class SlowLink(ScriptedLink):
    """A link whose far end reads slowly: it has room for one second's worth."""

    def __init__(self, server: SlowServer, conversation: Conversation) -> None:
        super().__init__(server, conversation, None)
        self._slow = server
        self._room = server.rate

    def send(self, data: bytes | memoryview) -> int:
        taken = min(len(data), self._room)
        self._room -= taken
        return super().send(data[:taken]) if taken else 0

    def wait(self, *, read: bool, write: bool, seconds: float | None) -> None:
        if not write or seconds == 0:
            super().wait(read=read, write=write, seconds=seconds)
            return
        step = 1.0 if seconds is None else min(1.0, seconds)
        self._slow.clock += step
        self._room = int(self._slow.rate * step)
        if read and not self._arrived:
            self._arrived = self._conversation.speak(self._slow.clock)


class SlowTransport(ScriptedTransport):
    """A transport that keeps what the far end has not read, and says when it is too much."""

    def __init__(
        self, conversation: Conversation, protocol: asyncio.BufferedProtocol, rate: int
    ) -> None:
        super().__init__(conversation, None, protocol)
        self._kept = b""
        self._rate = rate
        self._high, self._low = 64 * 1024, 16 * 1024
        self._full = False
        self._draining = False

    def write(self, data: Any) -> None:
        self._kept += data
        if not self._draining:
            self._draining = True
            self._pass_on(self._rate)
        if len(self._kept) > self._high and not self._full:
            self._full = True
            self._protocol.pause_writing()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._high = 64 * 1024 if high is None else high
        self._low = self._high // 4 if low is None else low

    def get_write_buffer_size(self) -> int:
        return len(self._kept)

    def _pass_on(self, octets: int) -> None:
        taken, self._kept = self._kept[:octets], self._kept[octets:]
        super().write(taken)
        if self._kept:
            self._loop.call_later(1.0, self._pass_on, self._rate)
        else:
            self._draining = False
        if self._full and len(self._kept) <= self._low and not self.is_closing():
            self._full = False
            self._protocol.resume_writing()


class StallingServer(SlowServer):
    """Takes ``octets`` at that rate, and behind them no more than ``trickle`` a second."""

    def __init__(self, script: str, *, rate: int, octets: int, trickle: int = 0) -> None:
        super().__init__(script, rate=rate)
        self._octets = octets
        self._trickle = trickle

    def allowed(self, conversation: Conversation, octets: int, seconds: float) -> int:
        """Return how many of the octets it takes that there would be room for."""
        left = self._octets - len(conversation.sent)
        return min(octets, max(left, int(self._trickle * seconds)))

    def _link(self, host: str, port: int, **_: Any) -> ScriptedLink:
        return _StallingLink(self, self._converse())

    async def _open(
        self, protocol: asyncio.BufferedProtocol, host: str, port: int, **_: Any
    ) -> ScriptedTransport:
        transport = _StallingTransport(self, self._converse(), protocol)
        protocol.connection_made(transport)
        return transport


class _StallingLink(SlowLink):
    def __init__(self, server: StallingServer, conversation: Conversation) -> None:
        super().__init__(server, conversation)
        self._stalling = server

    def wait(self, *, read: bool, write: bool, seconds: float | None) -> None:
        super().wait(read=read, write=write, seconds=seconds)
        step = 1.0 if seconds is None else min(1.0, seconds)
        self._room = self._stalling.allowed(self._conversation, self._room, step)


class _StallingTransport(SlowTransport):
    def __init__(self, server: StallingServer, conversation: Conversation, protocol: Any) -> None:
        super().__init__(conversation, protocol, server.rate)
        self._stalling = server

    def _pass_on(self, octets: int) -> None:
        super()._pass_on(self._stalling.allowed(self._conversation, octets, 1.0))
