"""Speak just enough IMAP to let thousands of sessions wait in IDLE.

Everybody may sign in, and has one mail. Each time IDLE begins, the mail's flags are told once, by
which a client shows that it listens there. Run as ``python -m benchmarks.idle_server``, it prints
``listening PORT`` when it is ready.

One loop, one object for each connection, nothing stored. Only this server lives here.
"""

from __future__ import annotations

import asyncio
from functools import partial

from benchmarks.descriptors import raise_descriptor_limit

CAPABILITIES = b"IMAP4rev1 SASL-IR IDLE AUTH=PLAIN"
SELECTED = (
    b"* FLAGS (\\Seen)\r\n* 1 EXISTS\r\n* 0 RECENT\r\n"
    b"* OK [UIDVALIDITY 1] Valid.\r\n* OK [UIDNEXT 2] Next.\r\n"
)
FLAGS = b"* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n"
UNTAGGED = {
    b"CAPABILITY": b"* CAPABILITY " + CAPABILITIES + b"\r\n",
    b"SELECT": SELECTED,
    b"EXAMINE": SELECTED,
    b"UID SEARCH": b"* SEARCH 1\r\n",
    b"UID FETCH": FLAGS,
    b"LOGOUT": b"* BYE Bye.\r\n",
    **dict.fromkeys((b"LOGIN", b"AUTHENTICATE", b"NOOP", b"UNSELECT", b"CLOSE"), b""),
}
"""Command -> what is said before its OK."""
LONGEST = 8_192
"""Octets of a line."""


class Connection(asyncio.Protocol):
    """One client."""

    __slots__ = ("_held", "_idle", "_transport")

    def __init__(self) -> None:
        self._held = b""
        self._idle = b""
        """The tag of the IDLE that is under way."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"* OK [CAPABILITY " + CAPABILITIES + b"] Good day.\r\n")

    def data_received(self, data: bytes) -> None:
        *lines, self._held = (self._held + data).split(b"\r\n")
        if len(self._held) > LONGEST:
            self._transport.abort()
        for line in lines:
            self._transport.write(self._answer(line))
            if self._transport.is_closing():
                return

    def _answer(self, line: bytes) -> bytes:
        if self._idle:
            tag, self._idle = self._idle, b""
            return tag + b" OK Done.\r\n"
        tag, _, command = line.partition(b" ")
        words = command.upper().split(b" ", 2)
        verb = b" ".join(words[:2]) if words[0] == b"UID" else words[0]
        if verb == b"IDLE":
            self._idle = tag
            return b"+ idling\r\n" + FLAGS
        if verb not in UNTAGGED:
            return tag + b" BAD Unknown here.\r\n"
        if verb == b"AUTHENTICATE" and len(words) < 3:
            return tag + b" NO Only with an initial response.\r\n"
        return UNTAGGED[verb] + tag + b" OK Done.\r\n"


async def main() -> None:
    """Serve until the process is ended."""
    raise_descriptor_limit()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(partial(Connection), "127.0.0.1", 0, backlog=1024)
    print(f"listening {server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
