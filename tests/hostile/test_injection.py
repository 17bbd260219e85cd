"""Injection into what we send (security.md, 1.5), through whole sessions.

What cannot be said safely is refused before an octet of it is written; what can be encoded is
looked for in the octets that crossed.
"""

from __future__ import annotations

import email
import email.message
import email.policy
import re
from typing import Any

import pytest

from courriel import Address, Attachment, Email, Misused, SendOptions
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.sink import Sink

pytestmark = pytest.mark.virtual

ADA, BOB = "ada@example.org", "bob@example.org"
MAIL = b"Subject: hello\r\nFrom: ada@example.org\r\nTo: bob@example.org\r\n\r\nHi.\r\n"
BREAKS = ["\r\n", "\r", "\n", "\0", "\u2028", "\u0085", "\x80", "\x9f", "\udc8d", "\x0b", "\x1e"]
NAMES = [ascii(text) for text in BREAKS]


async def refused(face: Face, call: Any, *capabilities: str) -> None:
    """Expect Misused, and that the server has heard nothing of it."""
    sink = Sink("PIPELINING", "8BITMIME", "SMTPUTF8", *capabilities)
    async with face.scripted(ScriptedServer(sink)) as session:
        with pytest.raises(Misused):
            await call(session)
        await session.noop()
    assert ["EHLO me.example.org", "NOOP", "QUIT"] == sink.commands


async def crossing(face: Face, message: Any) -> tuple[bytes, tuple[str, ...]]:
    """Send a message; return its header as it crossed, and the envelope's recipients."""
    sink = Sink("PIPELINING", "8BITMIME", "SMTPUTF8")
    async with face.scripted(ScriptedServer(sink)) as session:
        await session.send(message)
    return sink.messages[0].partition(b"\r\n\r\n")[0], sink.envelopes[0][1]


@pytest.mark.parametrize("extension", ["PIPELINING", "CHUNKING"])
@pytest.mark.parametrize("text", BREAKS, ids=NAMES)
@pytest.mark.parametrize(
    "address", ['"a{}RCPT TO:<evil@x>{}"@x', "a{}RCPT TO:<evil@x>@x", "{}@x", "bob@x{}evil"]
)
async def test_i01_an_address_is_one_line(
    face: Face, address: str, text: str, extension: str
) -> None:
    evil = address.replace("{}", text)
    sending: dict[str, Any] = {"sender": ADA, "recipients": [BOB]}
    for place in ({"sender": evil}, {"recipients": [evil]}, {"recipients": [BOB, evil]}):
        await refused(face, lambda s, place=place: s.send(MAIL, **(sending | place)), extension)
    await refused(face, lambda s: s.verify(evil))


FIELDS: dict[str, Any] = {
    "name": lambda v: Email(sender=ADA, to=Address(v, BOB)),
    "subject": lambda v: Email(sender=ADA, to=BOB, subject=v),
    "header": lambda v: Email(sender=ADA, to=BOB, headers=[("X-Note", v)]),
    "header name": lambda v: Email(sender=ADA, to=BOB, headers=[(f"X-Note{v}", "x")]),
    "List-Id": lambda v: Email(sender=ADA, to=BOB, headers=[("List-Id", v)]),
    "message_id": lambda v: Email(sender=ADA, to=BOB, message_id=f"<{v}@example.org>"),
    "references": lambda v: Email(sender=ADA, to=BOB, references=[f"<{v}@example.org>"]),
    "filename": lambda v: Email(sender=ADA, to=BOB, attachments=[Attachment(v, b"x")]),
    "type": lambda v: Email(
        sender=ADA, to=BOB, attachments=[Attachment("x", b"x", f"text/plain; x={v}")]
    ),
    "inline_id": lambda v: Email(
        sender=ADA, to=BOB, html="<p>", attachments=[Attachment("x", b"x", inline_id=v)]
    ),
}


@pytest.mark.parametrize("text", BREAKS, ids=NAMES)
@pytest.mark.parametrize("field", list(FIELDS))
async def test_i02_a_header_is_not_left(face: Face, field: str, text: str) -> None:
    try:
        message = FIELDS[field](f"x{text}Bcc: evil@example.net")
    except Misused:
        return
    # A name that is kept for people has had what is harmful taken out of it.
    head, recipients = await crossing(face, message)
    assert not re.search(rb"(?mi)(?:^|[\r\n])Bcc", head)
    assert ("RCPT TO:<bob@example.org>",) == recipients


@pytest.mark.parametrize(
    "subject",
    [
        "=?utf-8?q?a=0ABcc=3A_evil=40example.net?=",
        "=?utf-8?q?a=0D=0ABcc=3A_evil=40example.net?=",
        "=?utf-8?b?YQ0KQmNjOiBldmlsQGV4YW1wbGUubmV0?=",
        "=?utf-8?q?a=0D?= =?utf-8?q?=0ABcc=3A_evil=40example.net?=",
    ],
)
async def test_i03_an_encoded_line_end_stays_text(face: Face, subject: str) -> None:
    source = f"Subject: {subject}\r\nFrom: =?utf-8?q?a=0ABcc=3A_e=40x?= <{ADA}>\r\n\r\nHi.\r\n"
    read = Email.from_source(source.encode())
    standard = email.message_from_bytes(source.encode(), policy=email.policy.default)
    again = email.message.EmailMessage()
    again["From"], again["To"] = ADA, BOB
    again["Subject"] = standard["Subject"].replace("\n", " ").replace("\r", " ")
    written: list[Any] = [
        Email(sender=ADA, to=BOB, subject=read.subject),
        read.forward(sender=ADA, to=BOB),
        Email(sender=ADA, to=Address(read.sender.name if read.sender else "", BOB)),
        again,
    ]
    for message in written:
        head, recipients = await crossing(face, message)
        assert not re.search(rb"(?mi)(?:^|[\r\n])Bcc", head)
        assert ("RCPT TO:<bob@example.org>",) == recipients


@pytest.mark.parametrize("text", BREAKS, ids=NAMES)
async def test_i04_the_arguments_of_commands_are_one_line(face: Face, text: str) -> None:
    evil = f"x{text}RCPT TO:<evil@example.net>"
    for field in ("local_name", "host", "proxy", "user"):
        with pytest.raises(Misused):
            face.kind("SMTPSession")(**({"host": "mx.example.org", field: evil}))
    for options in (
        lambda: SendOptions(envelope_id=evil),
        lambda: SendOptions(original_recipients={BOB: evil}),
        lambda: SendOptions(notify=(evil,)),
        lambda: SendOptions(return_=evil),
    ):

        def send(session: Any, options: Any = options) -> Any:
            return session.send(MAIL, options=options())

        await refused(face, send, "DSN")
    await refused(face, lambda s: s.help(evil))


@pytest.mark.parametrize(
    "address",
    [
        "Spoofed <spoofed@example.com> <legit@example.com>",
        "alice@example.org)bob@example.com",
        "alice@example.org(bob@example.com",
        "alice@example.org bob@example.com",
        "<alice@example.org>, <bob@example.com",
        "alice@example.org@example.com",
        "alice@example.org>bob@example.com",
        "g:" * 10_000 + BOB + ";" * 10_000,
        "(" * 10_000 + ")" * 10_000 + BOB,
        "<" * 10_000 + BOB + ">" * 10_000,
    ],
    ids=lambda address: address[:40],
)
async def test_i10_an_address_that_can_be_read_in_two_ways_is_none(
    face: Face, address: str
) -> None:
    await refused(face, lambda s: s.send(MAIL, sender=ADA, recipients=[address]))
    with pytest.raises(Misused):
        Email(sender=ADA, to=address)


async def test_i10_a_quoted_local_part_goes_where_it_says(face: Face) -> None:
    head, recipients = await crossing(face, Email(sender=ADA, to='"x@evil.com y"@example.org'))
    assert ('RCPT TO:<"x@evil.com y"@example.org>',) == recipients
    assert b'"x@evil.com y"@example.org' in head
