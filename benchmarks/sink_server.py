"""Answer SMTP with as little as will do, and throw away what is sent.

A server for measuring clients: it costs next to nothing, holds thousands of idle connections, and
takes bodies of any size by DATA or BDAT without looking at them. It accepts everything. It runs as
its own process, ``python -m benchmarks.sink_server [--no-chunking]``, on loopback, and prints
``listening PORT`` when it is ready.

Only the server lives here. It is no SMTP server for any other use.
"""

from __future__ import annotations

import argparse
import asyncio

from benchmarks.descriptors import raise_descriptor_limit

END_OF_DATA = b"\r\n.\r\n"


class Sink(asyncio.Protocol):
    """One connection: in command lines, in a body by DATA, or in one by BDAT."""

    def __init__(self, *, chunking: bool) -> None:
        words = ["sink", "PIPELINING", "8BITMIME", "SIZE", "ENHANCEDSTATUSCODES"]
        words += ["CHUNKING", "BINARYMIME"] if chunking else []
        self.hello = _multiline(words)
        self.transport: asyncio.Transport | None = None
        self.rest = b""
        self.reading_data = False
        self.tail = b""
        self.chunk_left = 0
        self.chunk_reply = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(b"220 sink ready\r\n")

    def data_received(self, data: bytes) -> None:
        replies = bytearray()
        while data:
            if self.chunk_left:
                data = self._chunk(data, replies)
            elif self.reading_data:
                data = self._data(data, replies)
            else:
                data = self._lines(data, replies)
        if replies and self.transport is not None:
            self.transport.write(bytes(replies))
            if replies.endswith(b"221 2.0.0 bye\r\n"):
                self.transport.close()

    def _chunk(self, data: bytes, replies: bytearray) -> bytes:
        taken = min(self.chunk_left, len(data))
        self.chunk_left -= taken
        if not self.chunk_left:
            replies += self.chunk_reply
        return data[taken:]

    def _data(self, data: bytes, replies: bytearray) -> bytes:
        # The mark may lie across two reads: the last octets of each are kept for the next.
        data = self.tail + data
        end = data.find(END_OF_DATA)
        if end < 0:
            self.tail = data[-len(END_OF_DATA) + 1 :]
            return b""
        self.reading_data = False
        replies += b"250 2.0.0 taken\r\n"
        return data[end + len(END_OF_DATA) :]

    def _lines(self, data: bytes, replies: bytearray) -> bytes:
        """Answer command lines until a body begins; return what lies behind."""
        data = self.rest + data
        self.rest = b""
        while not (self.chunk_left or self.reading_data):
            line, found, behind = data.partition(b"\r\n")
            if not found:
                self.rest = data
                return b""
            data = behind
            replies += self._answer(line.upper().split())
        return data

    def _answer(self, words: list[bytes]) -> bytes:
        match words:
            case [b"EHLO" | b"HELO" | b"LHLO", *_]:
                return self.hello
            case [b"DATA"]:
                # The line end before the body counts as one before the mark.
                self.reading_data, self.tail = True, b"\r\n"
                return b"354 go ahead\r\n"
            case [b"BDAT", size, *_]:
                self.chunk_left = int(size)
                self.chunk_reply = b"250 2.0.0 taken\r\n"
                return b"" if self.chunk_left else self.chunk_reply
            case [b"QUIT"]:
                return b"221 2.0.0 bye\r\n"
        return b"250 2.0.0 ok\r\n"


def _multiline(words: list[str]) -> bytes:
    lines = [f"250-{word}\r\n" for word in words[:-1]] + [f"250 {words[-1]}\r\n"]
    return "".join(lines).encode("ascii")


async def serve(*, chunking: bool) -> None:
    """Serve on a free loopback port until the process ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Sink(chunking=chunking), "127.0.0.1", 0, backlog=4096)
    print(f"listening {server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


def main() -> None:
    """Read the arguments, then serve."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sink_server")
    parser.add_argument("--no-chunking", action="store_true", help="take bodies by DATA only")
    options = parser.parse_args()
    raise_descriptor_limit()
    asyncio.run(serve(chunking=not options.no_chunking))


if __name__ == "__main__":
    main()
