"""Attachments out of files go out a piece at a time, and arrive whole."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from courriel import Attachment, Email, Limits, Misused, SendOptions, SendRefused
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.sessions.imap_taker import Taker
from tests.sessions.imap_talk import imap
from tests.sessions.letters import ADA, SENDER
from tests.sessions.many import collect
from tests.sink import Sink

SMALL = Limits(eager_body=1_000, body_chunk=500)
ENVELOPE: dict[str, Any] = {"sender": SENDER, "to": ADA}
FILM = b"".join(b"%d\r\n." % number for number in range(2_000))
WAYS = pytest.mark.parametrize(
    "capabilities",
    [
        (),
        ("PIPELINING",),
        ("PIPELINING", "8BITMIME", "SIZE"),
        ("PIPELINING", "CHUNKING"),
        ("CHUNKING", "8BITMIME", "BINARYMIME", "SIZE"),
    ],
    ids=" ".join,
)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Give a file that is larger than what goes at once."""
    path = tmp_path / "film.bin"
    path.write_bytes(FILM)
    return path


def remove(file: Path) -> None:
    file.unlink()


def cut(file: Path) -> None:
    file.write_bytes(FILM[:-1])


@pytest.mark.virtual
@WAYS
async def test_what_arrives_is_the_source(
    face: Face, film: Path, capabilities: tuple[str, ...]
) -> None:
    email = Email(text=".dots\n", attachments=[film], **ENVELOPE)
    sink = Sink(*capabilities)
    async with face.scripted(ScriptedServer(sink), limits=SMALL) as session:
        receipt = await session.send(email)
    assert (email.message_id, (ADA,)) == (receipt.message_id, receipt.accepted)
    assert [email.source] == sink.messages
    if "SIZE" in capabilities:
        assert f"SIZE={len(email.source)}" in sink.envelopes[0][0]


@pytest.mark.virtual
@WAYS
async def test_a_stream_keeps_its_order(
    face: Face, film: Path, capabilities: tuple[str, ...]
) -> None:
    files: list[list[Path]] = [[], [film], [], [film], [film]]
    emails = [
        Email(attachments=each, message_id=f"<{number}@x.org>", **ENVELOPE)
        for number, each in enumerate(files)
    ]
    sink = Sink(*capabilities)
    async with face.scripted(ScriptedServer(sink), limits=SMALL) as session:
        receipts = await collect(session, emails)
    assert [email.message_id for email in emails] == [receipt.message_id for receipt in receipts]
    assert [None] * 5 == [receipt.error for receipt in receipts]
    assert [email.source for email in emails] == sink.messages


@pytest.mark.virtual
@pytest.mark.parametrize("spoil", [remove, cut])
@WAYS
async def test_a_file_that_is_gone_or_has_changed_stops_no_other_message(
    face: Face, film: Path, capabilities: tuple[str, ...], spoil: Callable[[Path], None]
) -> None:
    emails = [
        Email(attachments=each, message_id=f"<{number}@x.org>", **ENVELOPE)
        for number, each in enumerate(([], [film], []))
    ]
    spoil(film)
    sink = Sink(*capabilities)
    async with face.scripted(ScriptedServer(sink), limits=SMALL) as session:
        first, second, third = await collect(session, emails)
    assert [None, None] == [first.error, third.error]
    assert isinstance(second.error, Misused)
    assert 2 == len(sink.messages)


@pytest.mark.virtual
@WAYS
async def test_a_file_that_changes_on_the_way_is_not_sent(
    face: Face, film: Path, capabilities: tuple[str, ...]
) -> None:
    def answer(line: str) -> str | None:
        if line.startswith("RCPT"):
            cut(film)
        return None

    sink = Sink(*capabilities, answers=answer)
    async with face.scripted(ScriptedServer(sink), limits=SMALL) as session:
        with pytest.raises(Misused, match="changed") as caught:
            await session.send(Email(attachments=[film], **ENVELOPE))
        # A chunk can be taken back; out of DATA there is no way but to hang up.
        assert ("CHUNKING" in capabilities) is caught.value.session_usable is session.usable
    assert [] == sink.messages


async def test_what_is_appended_is_the_source(face: Face, film: Path) -> None:
    emails = [Email(attachments=each, **ENVELOPE) for each in ([film], [Attachment("a", b"1")])]
    taken = Taker()
    async with imap(face, ScriptedServer(taken), limits=SMALL) as session:
        for email in emails:
            await session.append("Sent", email)
    assert [email.source for email in emails] == taken.messages


@pytest.mark.virtual
async def test_a_message_that_is_too_large_is_refused_before_it_is_read(
    face: Face, film: Path
) -> None:
    sink = Sink("PIPELINING", "SIZE 5000")
    async with face.scripted(ScriptedServer(sink), limits=SMALL) as session:
        with pytest.raises(SendRefused):
            await session.send(Email(attachments=[film], **ENVELOPE))
        await session.send(Email(text="Hello", **ENVELOPE))
    assert 1 == len(sink.messages)


@pytest.mark.virtual
@pytest.mark.parametrize(
    ("capabilities", "body", "encoding"),
    [
        (("CHUNKING",), "", b"quoted-printable"),
        (("8BITMIME",), "BODY=8BITMIME", b"8bit"),
        (("8BITMIME", "CHUNKING", "BINARYMIME"), "BODY=8BITMIME", b"8bit"),
    ],
)
async def test_text_goes_as_the_server_takes_it(
    face: Face, capabilities: tuple[str, ...], body: str, encoding: bytes
) -> None:
    email = Email(text="Viele Grüße aus dem Norden\n", **ENVELOPE)
    sink = Sink(*capabilities)
    async with face.scripted(ScriptedServer(sink)) as session:
        await session.send(email)
    assert sink.envelopes[0][0].endswith(body or ">")
    assert b"Content-Transfer-Encoding: " + encoding in sink.messages[0]
    assert email.text == Email.from_source(sink.messages[0]).text


@pytest.mark.virtual
@pytest.mark.parametrize("limits", [Limits(), SMALL])
async def test_files_go_as_they_are_where_that_is_wanted(
    face: Face, film: Path, limits: Limits
) -> None:
    raw = Attachment("raw.bin", b"\r\n.\r\n\0\n\r" * 3)
    email = Email(attachments=[raw, film], **ENVELOPE)
    wanted = SendOptions(binary=True)
    sink = Sink("PIPELINING", "8BITMIME", "CHUNKING", "BINARYMIME")
    async with face.scripted(ScriptedServer(sink), limits=limits) as session:
        await session.send(email, options=wanted)
    assert sink.envelopes[0][0].endswith("BODY=BINARYMIME")
    read = Email.from_source(sink.messages[0])
    assert [raw.content, FILM] == [file.content for file in read.attachments]
    without = Sink("PIPELINING", "8BITMIME", "CHUNKING")
    async with face.scripted(ScriptedServer(without), limits=limits) as session:
        await session.send(email, options=wanted)
    assert [email.source] == without.messages


SENDER_OF_MUCH = """
import asyncio, resource, sys
from courriel import *

kind, port, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
arguments = dict(port=port, security="plaintext")
small = Email(sender="a@example.org", to="b@discard.example", attachments=[Attachment("a", b"1")])

def large():
    return Email(sender="a@example.org", to="b@discard.example", text="x", attachments=[path])

def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

def blocking():
    with SMTPSession("127.0.0.1", **arguments) as session:
        session.send(small)
        before = peak()
        receipt = session.send(large())
    return receipt, peak() - before

async def asynchronous():
    async with AsyncSMTPSession("127.0.0.1", **arguments) as session:
        await session.send(small)
        before = peak()
        receipt = await session.send(large())
    return receipt, peak() - before

receipt, grown = blocking() if kind == "blocking" else asyncio.run(asynchronous())
print(len(receipt.accepted), grown)
"""


@pytest.mark.slow
@pytest.mark.server
def test_a_large_attachment_takes_little_memory(face: Face, tmp_path: Path) -> None:
    path = tmp_path / "sparse.bin"
    with path.open("wb") as file:
        file.truncate(64 << 20)
    command = [sys.executable, "-m", "benchmarks.sink_server"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sink:
        assert sink.stdout is not None
        try:
            port = sink.stdout.readline().split()[-1]
            done = subprocess.run(
                [sys.executable, "-W", "error", "-c", SENDER_OF_MUCH, face.name, port, str(path)],
                capture_output=True,
                text=True,
                timeout=100,
                check=False,
            )
        finally:
            sink.terminate()
    assert ("", 0) == (done.stderr, done.returncode)
    accepted, grown = map(int, done.stdout.split())
    assert 1 == accepted
    assert grown < 16 * 1024


class Closing(io.BytesIO):
    """A file that its owner closes while it is being read."""

    def read(self, size: int | None = -1, /) -> bytes:
        content = super().read(size)
        if self.tell() > 5_000:
            self.close()
        return content


def closed() -> io.BytesIO:
    file = io.BytesIO(FILM)
    file.close()
    return file


@pytest.mark.virtual
@pytest.mark.parametrize("make", [closed, lambda: Closing(b"Subject: x\r\n\r\n" + FILM)])
@WAYS
async def test_a_file_that_is_closed_is_not_sent(
    face: Face, capabilities: tuple[str, ...], make: Callable[[], io.BytesIO]
) -> None:
    sink = Sink(*capabilities)
    async with face.scripted(ScriptedServer(sink), limits=SMALL) as session:
        with pytest.raises(Misused, match=r"send_source: .*closed") as caught:
            await session.send_source(make(), sender=SENDER, recipients=[ADA])
        assert session.usable == caught.value.session_usable
    assert [] == sink.messages


@pytest.mark.virtual
async def test_a_file_that_is_closed_is_not_appended(face: Face) -> None:
    taker = Taker()
    async with imap(face, ScriptedServer(taker), limits=SMALL) as session:
        with pytest.raises(Misused, match="closed"):
            await session.append("INBOX", closed())
        assert session.usable
    assert [] == taker.messages
