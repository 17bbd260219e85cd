"""A message of the standard library goes to every server, in whatever octets that needs."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from typing import Any

import pytest

from courriel import Email, NotSupported, SendOptions
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.sessions.many import collect
from tests.sink import Sink
from tests.transcripts import BYE, GREETED

pytestmark = pytest.mark.virtual

OLD = pytest.mark.parametrize(
    "capabilities",
    [(), ("PIPELINING",), ("PIPELINING", "CHUNKING"), ("CHUNKING", "SIZE")],
    ids=" ".join,
)
SIGNED = (
    b"From: ada@example.org\r\nTo: bob@example.org\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/signed; boundary="="\r\n\r\n--=\r\n'
    b"Content-Transfer-Encoding: 8bit\r\n\r\nh\xc3\xa9\r\n--=\r\n\r\nx\r\n--=--\r\n"
)


def modern() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "ada@example.org", "bob@example.org"
    message.set_content("héllo\n")
    return message


def legacy() -> Message:
    return message_from_bytes(modern().as_bytes())


def said(source: bytes) -> str:
    text = message_from_bytes(source, policy=policy.default).get_content()
    assert isinstance(text, str)
    return text.replace("\r\n", "\n")


@pytest.mark.parametrize("make", [modern, legacy])
@OLD
async def test_to_a_server_without_8bitmime(
    face: Face, capabilities: tuple[str, ...], make: Any
) -> None:
    message = make()
    before = message.as_bytes()
    sink = Sink(*capabilities)
    async with face.scripted(ScriptedServer(sink)) as session:
        receipt = await session.send(message)
        [second] = await collect(session, [message], sender=None, recipients=None)
        async with session.pipeline() as pipeline:
            third = getattr(pipeline, "plain", pipeline).send(message)
    receipts = receipt, second, third.result()
    assert [("bob@example.org",)] * 3 == [each.accepted for each in receipts]
    assert ["héllo\n"] * 3 == [said(each) for each in sink.messages]
    assert all(each.isascii() for each in sink.messages)
    assert not any("BODY" in envelope[0] for envelope in sink.envelopes)
    assert before == message.as_bytes()


@pytest.mark.parametrize("capabilities", [("8BITMIME",), ("8BITMIME", "CHUNKING", "BINARYMIME")])
async def test_to_one_with_it_as_it_is(face: Face, capabilities: tuple[str, ...]) -> None:
    sink = Sink(*capabilities)
    async with face.scripted(ScriptedServer(sink)) as session:
        await session.send(modern(), options=SendOptions(binary=True))
    assert not sink.messages[0].isascii()
    assert "BODY=8BITMIME" in sink.envelopes[0][0]


async def test_by_lmtp(face: Face) -> None:
    sink = Sink("PIPELINING")
    async with face.scripted(ScriptedServer(sink), "LMTPSession") as session:
        assert ("bob@example.org",) == (await session.send(modern())).accepted
    assert ["héllo\n"] == [said(each) for each in sink.messages]


async def test_to_one_that_refuses_the_parameter(face: Face) -> None:
    """What cannot be announced is not sent either."""
    server = ScriptedServer(
        GREETED
        + """
        S: 250-mx.example.org
        S: 250 8BITMIME
        C: MAIL FROM:<ada@example.org> BODY=8BITMIME
        S: 555 5.5.4 what is that
        C: MAIL FROM:<ada@example.org>
        S: 250 ok
        C: RCPT TO:<bob@example.org>
        S: 250 ok
        C: DATA
        S: 354 go on
        C: <message>
        S: 250 taken
        """
        + BYE
    )
    async with face.scripted(server) as session:
        await session.send(modern())
    server.check()
    assert server.sent.isascii()


@pytest.mark.parametrize(
    "message", [message_from_bytes(SIGNED), SIGNED, Email.from_source(SIGNED), modern().as_bytes()]
)
@OLD
async def test_what_is_signed_or_ready_made_is_not_changed(
    face: Face, capabilities: tuple[str, ...], message: Any
) -> None:
    sink = Sink(*capabilities)
    async with face.scripted(ScriptedServer(sink)) as session:
        with pytest.raises(NotSupported, match="8BITMIME"):
            await session.send(message)
        assert session.usable
    assert [] == sink.messages
