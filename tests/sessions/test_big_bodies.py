"""Bodies out of files: of any size in little memory, and whole or not at all."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from courriel import Disconnected, Limits, Misused, NotSupported, SendOptions, SendRefused
from tests.faces import Face
from tests.servers.maildir import Maildirs
from tests.servers.postfix import Postfix
from tests.servers.sinks import smtp_sink
from tests.sessions.doors import through
from tests.sessions.letters import ADA, SENDER, as_sent, expect_once, letter

pytestmark = pytest.mark.server

DOORS = pytest.mark.parametrize("door", ["open", "no CHUNKING", "no PIPELINING", "submission"])
LINE = b".a line of a large message, with a dot in front of it\r\n"
BIG = letter("big", LINE * (3 * 1024 * 1024 // len(LINE)))
ENVELOPE: dict[str, Any] = {"sender": SENDER, "recipients": [ADA]}

SENDER_OF_MUCH = """
import asyncio, resource, sys
from contextlib import closing
from courriel import *

kind, port, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
arguments = dict(port=port, security="plaintext")
envelope = dict(sender="a@example.org", recipients=["b@discard.example"])
small = b"Subject: x\\r\\n\\r\\nHello.\\r\\n"

class Pages:
    def __init__(self, octets): self.left = octets
    def close(self): pass
    def read(self, octets):
        line = b"x" * 62 + b"\\r\\n"
        size = min(self.left, octets // 64 * 64 or 64)
        self.left -= size
        return line * (size // 64)

def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

def much(): return open(path, "rb") if path else Pages(1 << 30)

def blocking():
    with SMTPSession("127.0.0.1", **arguments) as session:
        session.send_source(small, **envelope)
        before = peak()
        with closing(much()) as file:
            receipt = session.send_source(file, **envelope)
    return receipt, peak() - before

async def asynchronous():
    async with AsyncSMTPSession("127.0.0.1", **arguments) as session:
        await session.send_source(small, **envelope)
        before = peak()
        with closing(much()) as file:
            receipt = await session.send_source(file, **envelope)
    return receipt, peak() - before

receipt, grown = blocking() if kind == "blocking" else asyncio.run(asynchronous())
print(len(receipt.accepted), grown)
"""


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_gibibyte_takes_little_memory_under_data(face: Face) -> None:
    with smtp_sink() as sink:
        accepted, grown = grown_by(face, sink.port)
    assert 1 == accepted
    assert grown < 16 * 1024


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_gibibyte_takes_little_memory_under_bdat(face: Face, tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.write(letter("sparse"))
        file.truncate(1 << 30)
    command = [sys.executable, "-m", "benchmarks.sink_server"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sink:
        assert sink.stdout is not None
        try:
            accepted, grown = grown_by(face, int(sink.stdout.readline().split()[-1]), path)
        finally:
            sink.terminate()
    assert 1 == accepted
    assert grown < 16 * 1024


def grown_by(face: Face, port: int, path: Path | None = None) -> tuple[int, int]:
    """Send a GiB to ``port`` from a process of its own; return recipients and growth in KiB."""
    command = [sys.executable, "-W", "error", "-c", SENDER_OF_MUCH, face.name, str(port)]
    command.append("" if path is None else str(path))
    done = subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)
    assert ("", 0) == (done.stderr, done.returncode)
    accepted, grown = done.stdout.split()
    return int(accepted), int(grown)


@DOORS
async def test_a_sparse_file_that_is_too_large_is_refused_before_it_is_sent(
    face: Face, postfix: Postfix, mail: Maildirs, tmp_path: Path, door: str
) -> None:
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.write(letter("sparse"))
        file.truncate(postfix.size_limit + 1)
    async with face.smtp(**through(postfix, door)) as session:
        with path.open("rb") as file:
            with pytest.raises(SendRefused, match=str(postfix.size_limit)) as caught:
                await session.send_source(file, **ENVELOPE)
            # No more of it was read than is needed to see that it is large.
            assert file.tell() <= Limits().eager_body + 1
        assert (552, [ADA]) == (caught.value.code, list(caught.value.refused))
        await session.send(letter("after"), **ENVELOPE)
    expect_once(["after"], mail.wait_for("ada", 1))


@pytest.mark.parametrize("octets", [100_000, 3_000_000])
async def test_a_file_that_the_server_refuses_is_not_read_to_its_end(
    face: Face, postfix: Postfix, octets: int
) -> None:
    arguments = through(postfix, port=postfix.small_port)
    file = io.BytesIO(letter(1, LINE * (octets // len(LINE))))
    async with face.smtp(**arguments) as session:
        with pytest.raises(SendRefused) as caught:
            await session.send_source(file, options=SendOptions(size_check=False), **ENVELOPE)
        assert 552 == caught.value.code
        assert session.usable
        assert 250 == (await session.noop()).code


class Failing(io.BytesIO):
    """A file whose medium gives out in the middle."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() > 2 * 1024 * 1024:
            raise OSError(5, "Input/output error")
        return super().read(size)


@DOORS
async def test_a_file_that_cannot_be_read_on_delivers_nothing(
    face: Face, postfix: Postfix, mail: Maildirs, door: str
) -> None:
    async with face.smtp(**through(postfix, door)) as session:
        with pytest.raises(Misused, match=r"cannot be read.*Input/output error"):
            await session.send_source(Failing(BIG), **ENVELOPE)
        if not session.usable:
            # Under DATA only the end of the connection ends a message that is half said.
            assert "CHUNKING" not in session.capabilities
            with pytest.raises(Disconnected):
                await session.noop()
            await session.open()
        await session.send(letter("after"), **ENVELOPE)
    postfix.drain()
    expect_once(["after"], mail.inbox("ada"))


@pytest.mark.parametrize(
    ("fault", "error"),
    [(b"x" * 2_000 + b"\r\n", Misused), (b"\xe9\r\n", NotSupported)],
    ids=["long line", "8 bit"],
)
async def test_a_file_that_may_not_go_on_delivers_nothing(
    face: Face, postfix: Postfix, mail: Maildirs, fault: bytes, error: type[Exception]
) -> None:
    door = "no extension" if error is NotSupported else "no CHUNKING"
    async with face.smtp(**through(postfix, door)) as session:
        with pytest.raises(error):
            await session.send_source(io.BytesIO(BIG + fault + LINE * 10_000), **ENVELOPE)
        await session.open()
        await session.send(letter("after"), **ENVELOPE)
    postfix.drain()
    expect_once(["after"], mail.inbox("ada"))


class Trickling(io.RawIOBase):
    """A file that gives less than it is asked for, as raw files and sockets do."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)
        self._turn = 0

    def read(self, size: int = -1, /) -> bytes:
        self._turn += 1
        return self._content.read(min(size, 1 + self._turn * 7919 % 65_536))


@DOORS
async def test_a_file_may_give_less_than_it_is_asked_for(
    face: Face, postfix: Postfix, mail: Maildirs, door: str
) -> None:
    async with face.smtp(**through(postfix, door)) as session:
        await session.send_source(Trickling(BIG), **ENVELOPE)
    assert [BIG] == [as_sent(stored) for stored in mail.wait_for("ada", 1)]


async def test_a_pipe_may_be_sent(face: Face, postfix: Postfix, mail: Maildirs) -> None:
    for content in (letter("small"), BIG):
        reader, writer = os.pipe()

        def fill(writer: int = writer, content: bytes = content) -> None:
            with open(writer, "wb") as sink:
                sink.write(content)

        thread = threading.Thread(target=fill)
        thread.start()
        async with face.smtp(**through(postfix)) as session:
            with os.fdopen(reader, "rb") as file:
                await session.send_source(file, **ENVELOPE)
        await asyncio.to_thread(thread.join)
    arrived = sorted(map(as_sent, mail.wait_for("ada", 2)), key=len)
    assert [letter("small"), BIG] == arrived


@pytest.mark.parametrize("content", ["Subject: x\n\nHello.\n", "x\n" * 2_000_000])
async def test_a_text_file_is_refused(
    face: Face, postfix: Postfix, mail: Maildirs, content: str
) -> None:
    async with face.smtp(**through(postfix)) as session:
        with pytest.raises(Misused, match="binary mode"):
            await session.send_source(io.StringIO(content), **ENVELOPE)
        for nothing in (None, 7, "Subject: x", ["x"]):
            with pytest.raises(Misused):
                await session.send_source(nothing, **ENVELOPE)
        await session.send(letter("after"), **ENVELOPE)
    expect_once(["after"], mail.wait_for("ada", 1))


async def test_many_tasks_may_send_files_at_once(postfix: Postfix, mail: Maildirs) -> None:
    face = Face("asyncio")
    for door in ("open", "no CHUNKING"):
        async with face.smtp(**through(postfix, door)) as session:
            files = [io.BytesIO(letter(f"{door[:2]}{n}", LINE * 30_000)) for n in range(4)]
            await asyncio.gather(
                *(session.send_source(file, **ENVELOPE) for file in files),
                *(session.send(letter(f"{door[:2]}-{n}"), **ENVELOPE) for n in range(10)),
            )
    names = [f"{door}{n}" for door in ("op", "no") for n in range(4)]
    expect_once(
        names + [f"{door}-{n}" for door in ("op", "no") for n in range(10)],
        mail.wait_for("ada", 28),
    )
