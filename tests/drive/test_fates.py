"""What is told of messages whose connection was lost: no delivered message is called not sent."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator
from typing import Any

import pytest

from courriel import Disconnected, Uncertain
from courriel.drive.scripted import ScriptedLink, ScriptedTransport
from tests.drive.slow import SlowLink, SlowServer, SlowTransport
from tests.faces import Face
from tests.transcripts import OPEN

pytestmark = pytest.mark.virtual

CHUNKING = OPEN.replace("250 PIPELINING", "250-PIPELINING\nS: 250 CHUNKING")
COUNT = 40
ADDRESSES: dict[str, Any] = {"sender": "ada@example.org", "recipients": ["bob@example.org"]}


def lost() -> ConnectionResetError:
    return ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")


def message(number: int) -> bytes:
    return b"Subject: mail\r\n\r\n" + b"y\r\n" * 3000 + b"end of %d.\r\n" % number


class Breaking(SlowServer):
    """A server that reads only so many octets, answers none of them, and resets the connection."""

    def __init__(self, most: int, *, tls: bool) -> None:
        super().__init__(("C: <tls>" if tls else "") + CHUNKING + "-- stall", rate=5000)
        self.most = most

    def _link(self, host: str, port: int, **_: Any) -> ScriptedLink:
        return _BreakingLink(self, self._converse())

    async def _open(
        self, protocol: asyncio.BufferedProtocol, host: str, port: int, **_: Any
    ) -> ScriptedTransport:
        transport = _BreakingTransport(self, self._converse(), protocol)
        protocol.connection_made(transport)
        return transport


class _BreakingLink(SlowLink):
    def __init__(self, server: Breaking, conversation: Any) -> None:
        super().__init__(server, conversation)
        self._breaking = server

    def send(self, data: bytes | memoryview) -> int:
        room = self._breaking.most - len(self._conversation.sent)
        if room <= 0:
            raise lost()
        return super().send(data[:room])


class _BreakingTransport(SlowTransport):
    def __init__(self, server: Breaking, conversation: Any, protocol: Any) -> None:
        super().__init__(conversation, protocol, server.rate)
        self._most = server.most

    def _pass_on(self, octets: int) -> None:
        room = self._most - len(self._conversation.sent)
        if room > octets or self.is_closing():
            super()._pass_on(octets)
            return
        self._conversation.hear(self._kept[:room])
        # As asyncio does: what was kept is gone before the protocol hears of it.
        self._kept, self._closing = b"", True
        self._loop.call_soon(self._protocol.connection_lost, lost())


@pytest.mark.parametrize("security", ["plaintext", "tls"])
@pytest.mark.parametrize("most", [60_000, 100_000, 123_456])
async def test_what_the_server_had_read_when_it_went_away(
    face: Face, security: str, most: int
) -> None:
    server = Breaking(most, tls=security == "tls")
    session = face.scripted(server, security=security)
    await session.open()
    receipts: AsyncIterator[Any] = session.send_many(map(message, range(COUNT)), **ADDRESSES)
    errors = [receipt.error async for receipt in receipts]
    await session.close()
    read = [number for number in range(COUNT) if b"end of %d.\r\n" % number in server.sent]
    told = [number for number, error in enumerate(errors) if isinstance(error, Uncertain)]
    assert read
    assert set(read) <= set(told)
    # What was never handed to the network is known not to have been sent.
    assert isinstance(errors[-1], Disconnected)
    assert "not sent" in str(errors[-1])
