"""What a session does when a server lacks something, or offers it and fails: never weaker, once."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import pytest

from courriel import (
    CourrielError,
    Disconnected,
    Email,
    Limits,
    Misused,
    NotSupported,
    SendOptions,
    SendRefused,
    SessionState,
    Unauthorised,
    Uncertain,
)
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.sessions.awkward import WithoutBdat, WithoutParameters, WithoutPipelining
from tests.sessions.letters import ADA, SENDER, expect_once, letter, message_id
from tests.sink import Sink

pytestmark = pytest.mark.virtual

EIGHT_BIT = letter("eight", "Grüße\r\n".encode())
JÜRGEN = "jürgen@example.org"


def mails_of(sink: Sink) -> list[str]:
    return [line for line in sink.commands if line.startswith("MAIL")]


def rcpts_of(sink: Sink) -> list[str]:
    return [line for line in sink.commands if line.startswith("RCPT")]


def verbs_of(sink: Sink) -> list[str]:
    return [line.split(" ")[0] for line in sink.commands]


async def send(session: Any, mail: Any, **more: Any) -> Any:
    return await session.send(mail, **{"sender": SENDER, "recipients": [ADA]} | more)


# BDAT is offered and not known: a new connection, and DATA.

both = pytest.mark.parametrize(
    "pipelining", [("PIPELINING",), ()], ids=["PIPELINING", "one-by-one"]
)
codes = pytest.mark.parametrize("code", [500, 502, 504])


@both
@codes
@pytest.mark.parametrize("chunk", [None, 1])
async def test_bdat_refused(
    face: Face, pipelining: tuple[str, ...], code: int, chunk: int | None
) -> None:
    first, second = (WithoutBdat(*pipelining, code=code) for _ in range(2))
    third = WithoutBdat(*pipelining, code=code)
    server = ScriptedServer(first, second, third, chunk=chunk)
    session = face.scripted(server)
    async with session:
        assert message_id("one") == (await send(session, letter("one"))).message_id
        assert message_id("two") == (await send(session, letter("two"))).message_id
        assert 2 == len(server.conversations)
    assert [] == first.messages
    expect_once(["one", "two"], second.messages)
    assert "BDAT" not in verbs_of(second)
    # The server is known by then: a new connection begins with DATA.
    async with session:
        await send(session, letter("three"))
    expect_once(["three"], third.messages)
    assert "BDAT" not in verbs_of(third)
    server.check()


@both
@codes
async def test_bdat_refused_with_many_in_flight(
    face: Face, pipelining: tuple[str, ...], code: int
) -> None:
    first, second = (WithoutBdat(*pipelining, code=code) for _ in range(2))
    server = ScriptedServer(first, second)
    async with face.scripted(server, limits=Limits(window_messages=7)) as session:
        mails = [letter(number, b"Line.\r\n" * 5) for number in range(20)]
        receipts = [
            receipt async for receipt in session.send_many(mails, sender=SENDER, recipients=[ADA])
        ]
        assert SessionState.OPEN is session.state
    assert [None] * 20 == [receipt.error for receipt in receipts]
    assert [message_id(number) for number in range(20)] == [r.message_id for r in receipts]
    assert [] == first.messages
    expect_once(range(20), second.messages)
    server.check()


@both
async def test_bdat_refused_in_a_pipeline(face: Face, pipelining: tuple[str, ...]) -> None:
    first, second = WithoutBdat(*pipelining), WithoutBdat(*pipelining)
    async with face.scripted(ScriptedServer(first, second)) as session:
        async with session.pipeline() as pipeline:
            plain = getattr(pipeline, "plain", pipeline)
            pending = [
                plain.send(letter(number), sender=SENDER, recipients=[ADA]) for number in range(5)
            ]
        assert [message_id(number) for number in range(5)] == [
            one.result().message_id for one in pending
        ]
    expect_once(range(5), second.messages)


@both
async def test_bdat_refused_to_many_tasks(pipelining: tuple[str, ...]) -> None:
    first, second = WithoutBdat(*pipelining), WithoutBdat(*pipelining)
    server = ScriptedServer(first, second)
    async with Face("asyncio").scripted(server) as session:
        receipts = await asyncio.gather(*[send(session, letter(n)) for n in range(10)])
    assert [message_id(number) for number in range(10)] == [r.message_id for r in receipts]
    assert [] == first.messages
    expect_once(range(10), second.messages)
    assert 2 == len(server.conversations)


@both
@pytest.mark.parametrize("eager", [150, 300, 100_000])
async def test_bdat_refused_for_a_file(face: Face, pipelining: tuple[str, ...], eager: int) -> None:
    first, second = WithoutBdat(*pipelining), WithoutBdat(*pipelining)
    limits = Limits(eager_body=eager, body_chunk=64)
    content = letter("file", b"Line.\r\n" * 100)
    file = io.BytesIO(b"before" + content)
    file.seek(6)
    session = face.scripted(ScriptedServer(first, second), limits=limits, timeout=None)
    async with session:
        receipt = await session.send_source(file, sender=SENDER, recipients=[ADA])
        assert 250 == (await session.noop()).code
    assert message_id("file") == receipt.message_id
    assert [] == first.messages
    assert [content] == second.messages


@both
async def test_bdat_refused_for_what_cannot_be_read_again(
    face: Face, pipelining: tuple[str, ...]
) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    first, second = WithoutBdat(*pipelining), WithoutBdat(*pipelining)
    limits = Limits(eager_body=100, body_chunk=64)
    session = face.scripted(ScriptedServer(first, second), limits=limits, timeout=None)
    async with session:
        with pytest.raises(SendRefused) as caught:
            await session.send_source(
                Pipe(letter("pipe", b"x\r\n" * 100)), sender=SENDER, recipients=[ADA]
            )
        assert 502 == caught.value.code
        # Its octets were read as commands: nothing can be said on that connection any more.
        assert SessionState.BROKEN is session.state
        await session.open()
        await session.send_source(
            Pipe(letter("again", b"x\r\n" * 100)), sender=SENDER, recipients=[ADA]
        )
    assert [] == first.messages
    expect_once(["again"], second.messages)


async def test_bdat_refused_behind_a_refused_envelope(face: Face) -> None:
    # Nobody gets that message anyway, but what follows it is read as commands all the same.
    def refuse(line: str) -> str | None:
        return "550 5.1.1 nobody" if line.startswith("RCPT") and "<nobody@" in line else None

    first = WithoutBdat("PIPELINING", answers=refuse)
    second = WithoutBdat("PIPELINING", answers=refuse)
    async with face.scripted(ScriptedServer(first, second)) as session:
        mails = [
            Email(sender=SENDER, to=to, text="Line.\n" * 5, message_id=message_id(number))
            for number, to in enumerate(["nobody@example.org", ADA, ADA])
        ]
        receipts = [receipt async for receipt in session.send_many(mails)]
    error = receipts[0].error
    assert isinstance(error, SendRefused)
    assert 550 == error.code
    assert [None, None] == [receipt.error for receipt in receipts[1:]]
    expect_once([1, 2], [*first.messages, *second.messages])


async def test_bdat_refused_and_no_second_connection(face: Face) -> None:
    server = ScriptedServer(WithoutBdat("PIPELINING"))
    async with face.scripted(server, limits=Limits(window_messages=3)) as session:
        receipts = [
            receipt
            async for receipt in session.send_many(
                [letter(number) for number in range(5)], sender=SENDER, recipients=[ADA]
            )
        ]
        assert SessionState.BROKEN is session.state
    assert [Disconnected] * 5 == [type(receipt.error) for receipt in receipts]


async def test_a_chunk_that_is_refused_for_its_content_is_no_quirk(face: Face) -> None:
    sink = Sink("CHUNKING", answers=lambda line: "554 5.7.1 spam" if "message" in line else None)
    server = ScriptedServer(sink)
    async with face.scripted(server) as session:
        with pytest.raises(SendRefused):
            await send(session, letter("spam"))
        assert SessionState.OPEN is session.state
    assert 1 == len(server.conversations)


# A parameter of MAIL is offered and refused: once more without what only announces.


@pytest.mark.parametrize("refusal", ["555 5.5.4 what?", "501 5.5.4 syntax", "504 5.5.4 no"])
@pytest.mark.parametrize("more", [(), ("PIPELINING",), ("PIPELINING", "CHUNKING")])
async def test_mail_parameter_refused(face: Face, refusal: str, more: tuple[str, ...]) -> None:
    sink = WithoutParameters(
        "SIZE", "8BITMIME", *more, refusal=refusal, disliked=("SIZE=", "BODY=")
    )
    async with face.scripted(ScriptedServer(sink)) as session:
        assert (ADA,) == (await send(session, EIGHT_BIT)).accepted
        assert (ADA,) == (await send(session, letter("second"))).accepted
    plain = "MAIL FROM:<bob@example.org>"
    assert [f"{plain} SIZE={len(EIGHT_BIT)} BODY=8BITMIME", plain, plain] == mails_of(sink)
    expect_once(["eight", "second"], sink.messages)


async def test_mail_parameter_refused_with_many_in_flight(face: Face) -> None:
    sink = WithoutParameters(
        "SIZE", "PIPELINING", "CHUNKING", refusal="555 5.5.4 what?", disliked=("SIZE=",)
    )
    async with face.scripted(ScriptedServer(sink)) as session:
        mails = [letter(number) for number in range(10)]
        async for receipt in session.send_many(mails, sender=SENDER, recipients=[ADA]):
            assert receipt.error is None
    expect_once(range(10), sink.messages)


async def test_mail_parameter_refused_for_a_file(face: Face) -> None:
    sink = WithoutParameters(
        "SIZE", "8BITMIME", "PIPELINING", refusal="555 5.5.4 what?", disliked=("SIZE=", "BODY=")
    )
    limits = Limits(eager_body=10, body_chunk=64)
    content = letter("file", b"Line.\r\n" * 50)
    async with face.scripted(ScriptedServer(sink), limits=limits, timeout=None) as session:
        await session.send_source(io.BytesIO(content), sender=SENDER, recipients=[ADA])
    assert [content] == sink.messages
    assert 2 == len(mails_of(sink))


async def test_mail_refused_for_ever_is_tried_twice(face: Face) -> None:
    sink = WithoutParameters("SIZE", refusal="501 5.1.7 bad sender", disliked=("FROM",))
    async with face.scripted(ScriptedServer(sink)) as session:
        for _ in range(2):
            with pytest.raises(SendRefused) as caught:
                await send(session, letter("one"))
            assert 501 == caught.value.code
            assert caught.value.session_usable
    plain = "MAIL FROM:<bob@example.org>"
    assert [f"{plain} SIZE={len(letter('one'))}", plain, plain] == mails_of(sink)


async def test_what_was_asked_for_is_never_left_out(face: Face) -> None:
    sink = WithoutParameters(
        "SIZE", "DSN", "SMTPUTF8", "8BITMIME", refusal="555 5.5.4 what?", disliked=("RET=", "UTF8")
    )
    async with face.scripted(ScriptedServer(sink)) as session:
        with pytest.raises(SendRefused):
            await send(session, letter("one"), options=SendOptions(return_="full"))
        with pytest.raises(SendRefused):
            await send(session, letter("one"), recipients=[JÜRGEN])
    assert all("RET=FULL" in line or "SMTPUTF8" in line for line in mails_of(sink))
    assert [] == sink.messages


# PIPELINING is offered and refused: one by one.

REFUSALS = [
    "503 5.5.0 Improper use of SMTP command pipelining",
    "554 SMTP synchronization error",
    "550 5.5.0 pipelining not allowed",
]


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("more", [(), ("CHUNKING",)], ids=["DATA", "CHUNKING"])
async def test_pipelining_refused(face: Face, refusal: str, more: tuple[str, ...]) -> None:
    sink = WithoutPipelining(*more, refusal=refusal)
    server = ScriptedServer(sink, WithoutPipelining(*more, refusal=refusal))
    session = face.scripted(server)
    async with session:
        assert (ADA,) == (await send(session, letter("one"))).accepted
        refused = sink.commands.count("MAIL FROM:<bob@example.org>")
        assert (ADA,) == (await send(session, letter("two"))).accepted
        assert refused + 1 == sink.commands.count("MAIL FROM:<bob@example.org>")
    expect_once(["one", "two"], sink.messages)
    # A new connection knows it from the start.
    async with session:
        before = server.flights
        await send(session, letter("three"))
        assert server.flights - before == (3 if more else 4)
    server.check()


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("more", [(), ("CHUNKING",)], ids=["DATA", "CHUNKING"])
async def test_pipelining_refused_with_many_in_flight(
    face: Face, refusal: str, more: tuple[str, ...]
) -> None:
    sink = WithoutPipelining(*more, refusal=refusal)
    async with face.scripted(ScriptedServer(sink)) as session:
        mails = [letter(number) for number in range(10)]
        receipts = [
            receipt async for receipt in session.send_many(mails, sender=SENDER, recipients=[ADA])
        ]
    assert [None] * 10 == [receipt.error for receipt in receipts]
    expect_once(range(10), sink.messages)


async def test_pipelining_refused_with_the_end_of_the_connection(face: Face) -> None:
    first = """
    S: 220 mx.example.org ready
    C: EHLO me.example.org
    S: 250-mx.example.org
    S: 250 PIPELINING
    C: MAIL FROM:<bob@example.org>
    C: RCPT TO:<ada@example.org>
    C: DATA
    S: 554 SMTP synchronization error
    -- cut
    """
    second = Sink("PIPELINING")
    server = ScriptedServer(first, second)
    async with face.scripted(server) as session:
        with pytest.raises(CourrielError) as caught:
            await send(session, letter("one"))
        assert not isinstance(caught.value, Uncertain)
        assert SessionState.BROKEN is session.state
        await session.open()
        before = server.flights
        await send(session, letter("one"))
        assert 4 == server.flights - before
    expect_once(["one"], second.messages)


# A mechanism is offered and not known: the next, but never a weaker one.


def answered(*replies: Any) -> Any:
    """Play a SASL server: the replies in order."""
    return lambda responses: replies[len(responses) - 1] if responses else replies[0]


@pytest.mark.parametrize("code", [500, 502, 504])
async def test_mechanism_not_known_and_another_as_strong(face: Face, code: int) -> None:
    sink = Sink(
        "AUTH PLAIN LOGIN",
        answers={"AUTH PLAIN AGFkYQBzZWNyZXQ=": f"{code} 5.5.4 what?"},
        sasl={"LOGIN": lambda words: b"?" if len(words) < 2 else "235 2.7.0 welcome"},
    )
    server = ScriptedServer(sink)
    async with face.scripted(server, user="ada", password="secret"):
        pass
    assert ["AUTH PLAIN AGFkYQBzZWNyZXQ=", "AUTH LOGIN"] == [
        line for line in sink.commands if line.startswith("AUTH")
    ]


@pytest.mark.parametrize("strong", ["CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"])
@pytest.mark.parametrize("security", ["plaintext", "tls"])
async def test_mechanism_not_known_and_a_weaker_one_left(
    face: Face, strong: str, security: str
) -> None:
    sink = Sink(
        f"AUTH {strong} PLAIN LOGIN",
        sasl={"PLAIN": lambda _: "235 welcome"},
        implicit=security == "tls",
    )
    with pytest.raises(Unauthorised) as caught:
        await face.scripted(
            ScriptedServer(sink), user="ada", password="secret", security=security
        ).open()
    assert 504 == caught.value.code
    assert [strong] == [line.split()[1] for line in sink.commands if line.startswith("AUTH")]


async def test_a_refused_password_is_not_tried_again(face: Face) -> None:
    sink = Sink(
        "AUTH PLAIN LOGIN",
        sasl=dict.fromkeys(("PLAIN", "LOGIN"), lambda _: "535 5.7.8 wrong password"),
    )
    with pytest.raises(Unauthorised):
        await face.scripted(ScriptedServer(sink), user="ada", password="secret").open()
    assert 1 == sum(line.startswith("AUTH") for line in sink.commands)


# EHLO is not known: HELO, and nothing that only EHLO can offer.


@pytest.mark.parametrize("refusal", ["500 what?", "502 5.5.1 not implemented", "554 no ESMTP"])
async def test_a_server_that_knows_only_helo(face: Face, refusal: str) -> None:
    sink = Sink("PIPELINING", "CHUNKING", answers={"EHLO me.example.org": refusal})
    server = ScriptedServer(sink)
    async with face.scripted(server) as session:
        assert frozenset() == session.capabilities
        before = server.flights
        await send(session, letter("one"))
        assert 4 == server.flights - before
        with pytest.raises(NotSupported, match="8BITMIME"):
            await send(session, EIGHT_BIT)
        with pytest.raises(NotSupported, match="DSN"):
            await send(session, letter("two"), options=SendOptions(notify=("success",)))
        # What is composed here needs nothing.
        await session.send(Email(sender=SENDER, to=ADA, subject="Grüße", text="Grüße aus Köln"))
    assert ["EHLO", "HELO"] == verbs_of(sink)[:2]
    assert ["MAIL FROM:<bob@example.org>"] * 2 == mails_of(sink)
    assert all(message.isascii() for message in sink.messages)


async def test_a_server_that_knows_only_helo_and_a_password(face: Face) -> None:
    sink = Sink(answers={"EHLO me.example.org": "502 no"})
    with pytest.raises(NotSupported) as caught:
        await face.scripted(ScriptedServer(sink), user="ada", password="secret").open()
    assert "AUTH" == caught.value.capability
    assert "AUTH" not in verbs_of(sink)
    sink = Sink(answers={"EHLO me.example.org": "502 no"})
    server = ScriptedServer(sink)
    async with face.scripted(server, user="ada", password="secret", auth="optional") as session:
        await send(session, letter("one"))


async def test_a_server_that_does_not_want_us_now_is_not_asked_by_helo(face: Face) -> None:
    sink = Sink(answers={"EHLO me.example.org": "451 4.3.0 later"})
    with pytest.raises(CourrielError) as caught:
        await face.scripted(ScriptedServer(sink)).open()
    assert caught.value.retryable
    assert "HELO" not in verbs_of(sink)


async def test_lmtp_has_no_helo(face: Face) -> None:
    sink = Sink(answers={"LHLO me.example.org": "502 5.5.1 not implemented"})
    with pytest.raises(CourrielError, match="LHLO"):
        await face.scripted(ScriptedServer(sink), "LMTPSession").open()
    assert "HELO" not in verbs_of(sink)


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
