"""What is said about a message, and what happens when the server cannot take it."""

from __future__ import annotations

import io

import pytest

from courriel import (
    Email,
    Limits,
    Misused,
    NotSupported,
    SendOptions,
    SendRefused,
)
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.sessions.awkward import WithoutBdat
from tests.sessions.heard import mails_of, rcpts_of, send
from tests.sessions.letters import ADA, SENDER, expect_once, letter, message_id
from tests.sink import Sink

pytestmark = pytest.mark.virtual

EIGHT_BIT = letter("eight", "Grüße\r\n".encode())
JÜRGEN = "jürgen@example.org"


# SIZE.


async def test_too_large_is_refused_before_it_is_sent(face: Face) -> None:
    sink = Sink("SIZE 1000", "PIPELINING", "CHUNKING")
    server = ScriptedServer(sink)
    large = letter("large", b"x\r\n" * 400)
    async with face.scripted(server) as session:
        before = server.sent
        with pytest.raises(SendRefused) as caught:
            await send(session, large)
        assert before == server.sent
        assert (552, "5.3.4") == (caught.value.code, caught.value.enhanced)
        assert message_id("large") == caught.value.message_id
        assert [ADA] == list(caught.value.refused)
        assert caught.value.session_usable
        assert not caught.value.retryable
        # A file that can tell its size is refused as soon, one that is fed too.
        with pytest.raises(SendRefused):
            await session.send_source(io.BytesIO(large), sender=SENDER, recipients=[ADA])
        assert before == server.sent
        await send(session, large, options=SendOptions(size_check=False))
    expect_once(["large"], sink.messages)
    assert [f"MAIL FROM:<bob@example.org> SIZE={len(large)}"] == mails_of(sink)


async def test_a_large_file_is_refused_before_it_is_sent(face: Face) -> None:
    sink = Sink("SIZE 1000", "PIPELINING", "CHUNKING")
    server = ScriptedServer(sink)
    limits = Limits(eager_body=100, body_chunk=64)
    async with face.scripted(server, limits=limits, timeout=None) as session:
        before = server.sent
        with pytest.raises(SendRefused, match="1000"):
            await session.send_source(
                io.BytesIO(letter("large", b"x\r\n" * 400)), sender=SENDER, recipients=[ADA]
            )
        assert before == server.sent
        assert 250 == (await session.noop()).code


@pytest.mark.parametrize("offer", ["SIZE", "SIZE 0", "SIZE many", "SIZE -1", "SIZE 1000"])
async def test_size_is_announced_where_it_is_offered(face: Face, offer: str) -> None:
    sink = Sink(offer)
    mail = letter("one", b"bare\nlines\n")
    async with face.scripted(ScriptedServer(sink)) as session:
        await send(session, mail)
    (said,) = mails_of(sink)
    # Octets with every line end as CRLF, without the dots of DATA (RFC 1870, 3).
    assert said.endswith(f" SIZE={len(sink.messages[0])}")


# 8BITMIME, BINARYMIME, SMTPUTF8.


async def test_8bitmime_is_declared_only_where_needed(face: Face) -> None:
    sink = Sink("8BITMIME", "PIPELINING")
    async with face.scripted(ScriptedServer(sink)) as session:
        await send(session, letter("seven"))
        await send(session, EIGHT_BIT)
    plain = "MAIL FROM:<bob@example.org>"
    assert [plain, f"{plain} BODY=8BITMIME"] == mails_of(sink)


@pytest.mark.parametrize("eager", [10, 100_000])
async def test_8bitmime_missing(face: Face, eager: int) -> None:
    sink = Sink("PIPELINING", "CHUNKING")
    limits = Limits(eager_body=eager, body_chunk=32)
    async with face.scripted(ScriptedServer(sink), limits=limits, timeout=None) as session:
        with pytest.raises(NotSupported) as caught:
            await send(session, EIGHT_BIT)
        assert "8BITMIME" == caught.value.capability
        with pytest.raises(NotSupported) as caught:
            await session.send_source(io.BytesIO(EIGHT_BIT), sender=SENDER, recipients=[ADA])
        assert "8BITMIME" == caught.value.capability
        await send(session, letter("seven"))
    expect_once(["seven"], sink.messages)


async def test_binarymime_carries_what_no_line_can(face: Face) -> None:
    sink = Sink("CHUNKING", "BINARYMIME", "8BITMIME", "PIPELINING")
    binary = letter("nul", b"a\0b\r\n")
    long = letter("long", b"x" * 2_000 + b"\r\n")
    async with face.scripted(ScriptedServer(sink)) as session:
        await send(session, binary)
        await send(session, long)
        await send(session, letter("plain"))
    plain = "MAIL FROM:<bob@example.org>"
    assert [f"{plain} BODY=BINARYMIME"] * 2 + [plain] == mails_of(sink)
    assert [binary, long, letter("plain")] == sink.messages


@pytest.mark.parametrize("offer", [("8BITMIME",), ("BINARYMIME", "8BITMIME")])
async def test_binarymime_and_chunking_missing(face: Face, offer: tuple[str, ...]) -> None:
    # BINARYMIME is of no use without CHUNKING (RFC 3030, 3).
    sink = Sink(*offer)
    async with face.scripted(ScriptedServer(sink)) as session:
        with pytest.raises(Misused, match="998"):
            await send(session, letter("long", b"x" * 2_000 + b"\r\n"))
    assert [] == mails_of(sink)


async def test_chunking_frames_long_lines_without_binarymime(face: Face) -> None:
    sink = Sink("CHUNKING", "8BITMIME")
    long = letter("long", b"x" * 2_000 + b"\r\n")
    async with face.scripted(ScriptedServer(sink)) as session:
        await send(session, long)
    assert ["MAIL FROM:<bob@example.org>"] == mails_of(sink)
    assert [long] == sink.messages


async def test_long_lines_find_no_way_when_bdat_is_refused(face: Face) -> None:
    first, second = WithoutBdat(), WithoutBdat()
    async with face.scripted(ScriptedServer(first, second)) as session:
        with pytest.raises(Misused, match="998"):
            await send(session, letter("long", b"x" * 2_000 + b"\r\n"))
        await send(session, letter("short"))
    expect_once(["short"], second.messages)


async def test_smtputf8_only_where_needed(face: Face) -> None:
    sink = Sink("SMTPUTF8", "8BITMIME", "PIPELINING")
    async with face.scripted(ScriptedServer(sink)) as session:
        await session.send(Email(sender=SENDER, to=ADA, subject="Grüße", text="Grüße"))
        await session.send(Email(sender=SENDER, to="ada@bücher.example", text="x"))
        await session.send(Email(sender=SENDER, to=JÜRGEN, text="x"))
        await send(session, "Subject: Grüße\r\n\r\nx\r\n".encode())
    utf8 = ["SMTPUTF8" in line for line in mails_of(sink)]
    assert [False, False, True, True] == utf8
    assert "RCPT TO:<ada@xn--bcher-kva.example>" == rcpts_of(sink)[1]
    assert f"RCPT TO:<{JÜRGEN}>" == rcpts_of(sink)[2]


async def test_smtputf8_missing(face: Face) -> None:
    sink = Sink("8BITMIME", "PIPELINING", "CHUNKING")
    async with face.scripted(ScriptedServer(sink)) as session:
        for mail, more in (
            (letter("one"), {"recipients": [JÜRGEN]}),
            (letter("one"), {"sender": JÜRGEN}),
            ("Subject: Grüße\r\n\r\nx\r\n".encode(), {}),
        ):
            with pytest.raises(NotSupported) as caught:
                await send(session, mail, **more)
            assert "SMTPUTF8" == caught.value.capability
            assert caught.value.session_usable
    assert [] == mails_of(sink)


# DSN and REQUIRETLS.


async def test_dsn_on_the_wire(face: Face) -> None:
    sink = Sink("DSN", "PIPELINING", "SMTPUTF8", "8BITMIME")
    options = SendOptions(
        notify=("failure", "success"),
        return_="headers",
        envelope_id="QQ 314=159+",
        original_recipients={ADA: "ada+old=one@example.net"},
    )
    plus = "a+b@example.org"
    async with face.scripted(ScriptedServer(sink)) as session:
        await send(session, letter("one"), recipients=[ADA, plus, JÜRGEN], options=options)
    # RFC 3461, 4: xtext writes what it may not hold as + and two digits.
    assert [
        "MAIL FROM:<bob@example.org> BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=QQ+20314+3D159+2B"
    ] == mails_of(sink)
    # RFC 6533, 3: an address that is not ASCII has a type of its own.
    notify = "NOTIFY=SUCCESS,FAILURE"
    assert [
        f"RCPT TO:<{ADA}> {notify} ORCPT=rfc822;ada+2Bold+3Done@example.net",
        f"RCPT TO:<{plus}> {notify} ORCPT=rfc822;a+2Bb@example.org",
        f"RCPT TO:<{JÜRGEN}> {notify} ORCPT=utf-8;j\\x{{FC}}rgen@example.org",
    ] == rcpts_of(sink)


@pytest.mark.parametrize(
    "options",
    [
        SendOptions(notify=("never",)),
        SendOptions(return_="full"),
        SendOptions(envelope_id="x"),
        SendOptions(original_recipients={ADA: "x@example.org"}),
    ],
    ids=["notify", "return", "envelope id", "original recipients"],
)
async def test_dsn_missing(face: Face, options: SendOptions) -> None:
    sink = Sink("PIPELINING", "CHUNKING")
    async with face.scripted(ScriptedServer(sink)) as session:
        with pytest.raises(NotSupported) as caught:
            await send(session, letter("one"), options=options)
        assert "DSN" == caught.value.capability
        await send(session, letter("two"))
    expect_once(["two"], sink.messages)


@pytest.mark.parametrize("offer", [("DSN",), ()])
async def test_a_delivery_receipt_is_asked_for_where_that_can_be(
    face: Face, offer: tuple[str, ...]
) -> None:
    sink = Sink(*offer)
    mail = Email(sender=SENDER, to=ADA, text="x", request_delivery_receipt=True)
    async with face.scripted(ScriptedServer(sink)) as session:
        await session.send(mail)
        if offer:
            await session.send(mail, options=SendOptions(notify=("never",)))
    asked = ["NOTIFY=SUCCESS,FAILURE" in line for line in rcpts_of(sink)]
    assert ([True, False] if offer else [False]) == asked


async def test_requiretls_under_tls(face: Face) -> None:
    sink = Sink("REQUIRETLS", implicit=True)
    async with face.scripted(ScriptedServer(sink), security="tls") as session:
        await send(session, letter("one"), options=SendOptions(require_tls=True))
    assert ["MAIL FROM:<bob@example.org> REQUIRETLS"] == mails_of(sink)


@pytest.mark.parametrize(("offer", "security"), [((), "tls"), (("REQUIRETLS",), "plaintext")])
async def test_requiretls_missing(face: Face, offer: tuple[str, ...], security: str) -> None:
    sink = Sink(*offer, implicit=security == "tls")
    async with face.scripted(ScriptedServer(sink), security=security) as session:
        with pytest.raises(NotSupported) as caught:
            await send(session, letter("one"), options=SendOptions(require_tls=True))
        assert "REQUIRETLS" == caught.value.capability
    assert [] == mails_of(sink)
