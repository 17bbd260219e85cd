"""SMTP smuggling (security.md, 1.6): a message ends where we end it, whatever it holds.

The sink keeps the octets as they crossed; what a more careless server would take for the end of
the data is looked for in them.
"""

from __future__ import annotations

import email
import email.policy
import io
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel import CourrielError, Email, Limits, Misused, NotSupported, SMTPSession
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.sink import Sink

pytestmark = pytest.mark.virtual

ADA, BOB = "ada@example.org", "bob@example.org"

# The nine of hannob/smtpsmug: what some server, somewhere, took for the end of the data.
ENDS = [
    "\n.\n",
    "\r.\r",
    "\r.\n",
    "\n.\r",
    "\n.\r\n",
    "\r\n.\n",
    "\r.\r\n",
    "\r\n.\r",
    "\r\n\0.\r\n",
]
SMUGGLED = "MAIL FROM:<evil@example.net>\r\nRCPT TO:<victim@example.net>\r\nDATA\r\nboo\r\n.\r\n"

CARELESS_END = re.compile(rb"(?:\r\n|\r|\n)\0*\.(?:\r\n|\r|\n)")
BARE = re.compile(rb"(?<!\r)\n|\r(?!\n)")


def text_with(end: str) -> str:
    return f"hello{end}{SMUGGLED}"


def raw_with(end: str) -> bytes:
    return f"Subject: hello\r\nFrom: {ADA}\r\n\r\n{text_with(end)}".encode()


async def as_bytes(session: Any, end: str) -> Any:
    return await session.send(raw_with(end), sender=ADA, recipients=[BOB])


async def as_source(session: Any, end: str) -> Any:
    return await session.send_source(raw_with(end), sender=ADA, recipients=[BOB])


async def as_file(session: Any, end: str) -> Any:
    return await session.send_source(io.BytesIO(raw_with(end)), sender=ADA, recipients=[BOB])


async def as_read_mail(session: Any, end: str) -> Any:
    return await session.send(Email.from_source(raw_with(end)), sender=ADA, recipients=[BOB])


async def as_email(session: Any, end: str) -> Any:
    return await session.send(Email(sender=ADA, to=BOB, text=text_with(end)))


async def as_standard_message(session: Any, end: str) -> Any:
    message = email.message_from_bytes(raw_with(end), policy=email.policy.default)
    return await session.send(message, sender=ADA, recipients=[BOB])


FORMS = [as_bytes, as_source, as_file, as_read_mail, as_email, as_standard_message]


@pytest.mark.parametrize("chunk", [None, 1, 2, 3])
@pytest.mark.parametrize("extension", ["DATA", "CHUNKING"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("end", ENDS)
async def test_nothing_is_smuggled(
    face: Face, end: str, form: Any, extension: str, chunk: int | None
) -> None:
    sink = Sink("PIPELINING", "8BITMIME", *(["CHUNKING"] if extension == "CHUNKING" else []))
    # A body of a file goes out in pieces of that many octets, so that a border falls anywhere.
    limits = Limits() if chunk is None else Limits(eager_body=1, body_chunk=chunk)
    try:
        async with face.scripted(ScriptedServer(sink), limits=limits) as session:
            await form(session, end)
    except Misused:
        assert "\0" in end
        assert [] == sink.wire
    else:
        assert 1 == len(sink.wire)
    verbs = [line.split(" ")[0] for line in sink.commands]
    assert ["EHLO", "MAIL", "RCPT"] == verbs[:3] or ["EHLO", "QUIT"] == verbs
    assert {"EHLO", "MAIL", "RCPT", "DATA", "BDAT", "RSET", "QUIT"} >= set(verbs)
    assert 1 >= verbs.count("MAIL")
    assert 1 >= verbs.count("DATA")
    for octets in sink.wire:
        ends = [found.end() for found in CARELESS_END.finditer(octets)]
        assert ([len(octets)] if extension == "DATA" else ends) == ends
        assert BARE.search(octets) is None
        assert octets.endswith(b"\r\n")
    assert "evil" not in "".join(sink.commands)


async def test_a_nul_before_a_dot_is_refused_under_data(face: Face) -> None:
    sink = Sink("PIPELINING")
    async with face.scripted(ScriptedServer(sink)) as session:
        with pytest.raises(Misused, match="NUL"):
            await as_bytes(session, "\r\n\0.\r\n")
        assert session.usable
    assert ["EHLO me.example.org", "QUIT"] == sink.commands


@pytest.mark.parametrize("chunk", [1, 2, 3, 5])
async def test_a_dot_that_begins_a_chunk_is_stuffed(face: Face, chunk: int) -> None:
    body = b"Subject: x\r\n\r\n.\r\n..\r\n.a\r\na.\r\n\n.\n\r.\r"
    sink = Sink()
    limits = Limits(eager_body=1, body_chunk=chunk)
    async with face.scripted(ScriptedServer(sink), limits=limits) as session:
        await session.send_source(io.BytesIO(body), sender=ADA, recipients=[BOB])
    expected = b"Subject: x\r\n\r\n.\r\n..\r\n.a\r\na.\r\n\r\n.\r\n\r\n.\r\n"
    assert [expected] == sink.messages


@given(
    body=st.text(alphabet="\r\n.\0a", max_size=30),
    chunked=st.booleans(),
    piece=st.none() | st.integers(1, 4),
)
def test_any_mix_of_line_ends_and_dots_arrives_as_one_message(
    body: str, chunked: bool, piece: int | None
) -> None:
    raw = b"Subject: x\r\n\r\n" + body.encode()
    sink = Sink("PIPELINING", *(["CHUNKING"] if chunked else []))
    limits = Limits(eager_body=1, body_chunk=piece or 1)
    session = SMTPSession(
        "mx.example.org", security="plaintext", local_name="me.example.org", limits=limits
    )
    refused = False
    with ScriptedServer(sink).attach(session):
        try:
            source = raw if piece is None else io.BytesIO(raw)
            session.send_source(source, sender=ADA, recipients=[BOB])
        except Misused:
            refused = True
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", raw)
    whole = lines if lines.endswith(b"\r\n") else lines + b"\r\n"
    assert ([] if refused else [whole]) == sink.messages
    assert refused is (not chunked and re.search(rb"\n\0+\.", lines) is not None)


@pytest.mark.parametrize("octets", [999, 5_000])
async def test_a_line_too_long_is_refused(face: Face, octets: int) -> None:
    sink = Sink("PIPELINING")
    async with face.scripted(ScriptedServer(sink)) as session:
        with pytest.raises(Misused, match="998"):
            await session.send_source(b"a" * octets + b"\r\n", sender=ADA, recipients=[BOB])
        await session.send_source(b"a" * 998 + b"\r\n", sender=ADA, recipients=[BOB])
    assert 1 == len(sink.wire)


@pytest.mark.parametrize("octets", [999, 5_000])
async def test_a_line_too_long_ends_nothing_where_octets_are_counted(
    face: Face, octets: int
) -> None:
    line = b"a" * octets + b"\r\n.\r\n"
    sink = Sink("PIPELINING", "CHUNKING")
    async with face.scripted(ScriptedServer(sink)) as session:
        await session.send_source(line, sender=ADA, recipients=[BOB])
        await session.noop()
    assert [line] == sink.wire


async def test_eight_bit_octets_need_8bitmime(face: Face) -> None:
    sink = Sink("PIPELINING")
    async with face.scripted(ScriptedServer(sink)) as session:
        with pytest.raises(NotSupported) as caught:
            await session.send_source("\r\nné\r\n".encode(), sender=ADA, recipients=[BOB])
        assert "8BITMIME" == caught.value.capability
    assert ["EHLO me.example.org", "QUIT"] == sink.commands


@pytest.mark.parametrize("form", FORMS)
async def test_bdat_announces_the_octets_that_follow(face: Face, form: Any) -> None:
    sink = Sink("PIPELINING", "CHUNKING", "8BITMIME")
    async with face.scripted(ScriptedServer(sink)) as session:
        await form(session, "\n.\n")
        # The next command is where it should be, so the size was right.
        await session.noop()
    announced = [int(line.split()[1]) for line in sink.commands if line.startswith("BDAT")]
    assert [len(octets) for octets in sink.wire] == announced
    assert ["NOOP", "QUIT"] == sink.commands[-2:]


async def test_a_message_given_up_in_its_middle_smuggles_nothing(face: Face) -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 20:
                raise OSError("the disk is gone")
            return super().read(size)

    sink = Sink("PIPELINING")
    limits = Limits(eager_body=1, body_chunk=7)
    async with face.scripted(ScriptedServer(sink), limits=limits) as session:
        with pytest.raises(CourrielError):
            await session.send_source(Failing(raw_with("\n.\n")), sender=ADA, recipients=[BOB])
        assert not session.usable
    assert [] == sink.wire
