"""Attacks on POP3 sessions (security.md): STLS, answers that lie, listings without end, secrets."""

from __future__ import annotations

import logging
from base64 import b64encode
from typing import Any

import pytest

from courriel import (
    CourrielError,
    Disconnected,
    Garbled,
    InsecureConnection,
    Limits,
    NotSupported,
    Refused,
    SessionState,
    TimedOut,
    Timeout,
    Unauthorised,
)
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.hostile.canary import PASSWORD, TOKEN, hide_nothing, told
from tests.pop3_sink import Pop3Sink
from tests.sink import HELLO
from tests.transcripts import POP3_BYE, POP3_LISTED, POP3_OPEN

pytestmark = pytest.mark.virtual

SECRETS = (b"AUTH", b"USER", b"PASS", b"APOP", PASSWORD.encode())
OFFER = """
S: +OK ready <1.2@example.org>
C: CAPA
S: +OK
S: STLS
S: USER
S: SASL PLAIN LOGIN
S: .
C: STLS
"""


def session_with(face: Face, server: ScriptedServer, **arguments: Any) -> Any:
    options = {"user": "ada", "password": "secret"} | arguments
    return face.scripted(server, "POP3Session", **options)


async def refused(face: Face, script: Any, **arguments: Any) -> CourrielError:
    """Open a session that must not open; nothing secret may have been said."""
    server = script if isinstance(script, ScriptedServer) else ScriptedServer(script)
    options = {"security": "starttls", "password": PASSWORD} | arguments
    session = session_with(face, server, **options)
    with pytest.raises(CourrielError) as caught:
        await session.open()
    assert SessionState.CLOSED is session.state
    assert not any(secret in server.sent for secret in SECRETS)
    assert not session.secured
    assert "" == session.greeting
    return caught.value


@pytest.mark.parametrize(
    "script",
    [
        "S: +OK <1.2@x>\nC: CAPA\nS: +OK\nS: USER\nS: SASL PLAIN\nS: .\n",
        "S: +OK <1.2@x>\nC: CAPA\nS: -ERR what?\n",
        "S: +OK <1.2@x>\nC: CAPA\nS: +OK\nS: .\n",
        OFFER + "S: -ERR not now\n",
        OFFER + "S: -ERR [SYS/TEMP] not now\n",
    ],
    ids=["O_1 not offered", "O_2 CAPA hidden", "O_3 nothing", "O_4 refused", "O_4 transient"],
)
async def test_t20_without_stls_nothing_secret_is_said(face: Face, script: str) -> None:
    assert isinstance(await refused(face, script), InsecureConnection)


async def test_t20_a_challenge_is_no_answer_to_stls(face: Face) -> None:
    server = ScriptedServer(OFFER + "S: + go on\n")
    assert isinstance(await refused(face, server), Garbled)
    assert server.sent.endswith(b"STLS\r\n")


@pytest.mark.parametrize("chunk", [None, 1, 5])
@pytest.mark.parametrize(
    "suffix",
    ["S: +OK injected", "S: -ERR injected", "S- +OK", "S- \x16\x03\x03", "S- x", "S: ", "S: + x"],
)
async def test_t21_octets_behind_the_answer_are_an_attack(
    face: Face, suffix: str, chunk: int | None
) -> None:
    server = ScriptedServer(OFFER + "S: +OK begin\n" + suffix, chunk=chunk)
    error = await refused(face, server)
    assert isinstance(error, InsecureConnection)


async def test_t21_an_injection_in_the_same_segment_is_named(face: Face) -> None:
    server = ScriptedServer(OFFER + "S: +OK begin\nS: +OK injected")
    assert "tampering" in str(await refused(face, server))
    assert HELLO not in server.sent


async def test_t11_an_answer_before_its_command_is_not_its_answer(face: Face) -> None:
    script = "S: +OK ready\nS: +OK\nS: STLS\nS: .\nS: +OK begin\n"
    server = ScriptedServer(script)
    assert isinstance(await refused(face, server), Garbled)
    assert HELLO not in server.sent


@pytest.mark.parametrize("chunk", [None, 1])
async def test_t22_a_greeting_of_many_lines_is_out_of_step(face: Face, chunk: int | None) -> None:
    server = ScriptedServer("S: +OK 2 messages\nS: 1 120\nS: 2 200\nS: .\n", chunk=chunk)
    assert isinstance(await refused(face, server, security="plaintext"), Garbled)


async def test_t15_words_from_before_tls_are_scrubbed_and_forgotten(face: Face) -> None:
    error = await refused(face, OFFER + "S: -ERR call \x1b[31mnow\x07\n")
    assert "call" in str(error)
    assert not any(control in str(error) for control in "\x1b\x07")


@pytest.mark.parametrize("greeting", ["220 ready", "* OK ready", "HTTP/1.1 200 OK", "+", "OK"])
async def test_t25_what_is_no_greeting(face: Face, greeting: str) -> None:
    error = await refused(face, f"S: {greeting}\n", security="plaintext")
    assert isinstance(error, Garbled)


@pytest.mark.parametrize("cut", ["S- +O", "S- +OK", "S: +OK\nS: USER", "S: +OK\nS: .x"])
async def test_t27_a_truncated_answer_is_no_answer(face: Face, cut: str) -> None:
    server = ScriptedServer(f"S: +OK ready\nC: CAPA\n{cut}\n-- cut\n")
    assert isinstance(await refused(face, server, security="plaintext"), Disconnected)


async def test_t27_a_truncated_message_is_not_returned(face: Face) -> None:
    server = ScriptedServer(
        POP3_OPEN + POP3_LISTED + "C: RETR 1\nS: +OK\nS: Subject: one\nS:\nS: half\n-- cut\n"
    )
    async with session_with(face, server) as session:
        with pytest.raises(Disconnected):
            await session.fetch("aaa")


# H08: a server that says nothing, or too slowly.


@pytest.mark.parametrize("place", ["", "S: +OK ready\nC: CAPA\n"])
async def test_h08_a_silent_server_is_given_up(face: Face, place: str) -> None:
    error = await refused(face, place + "-- stall\n", security="plaintext")
    assert isinstance(error, TimedOut)


async def test_h08_an_octet_a_second_is_no_answer(face: Face) -> None:
    server = ScriptedServer(
        POP3_OPEN + POP3_LISTED + "C: RETR 1\n-- drip 1\nS: +OK " + "x" * 200 + "\n"
    )
    async with session_with(face, server, timeout=60) as session:
        with pytest.raises(TimedOut):
            await session.fetch("aaa")


async def test_h08_a_message_that_keeps_the_minimum_rate_may_take_its_time(face: Face) -> None:
    pieces = "".join(f"-- wait 5\nS: {'x' * 3_998}\n" for _ in range(50))
    server = ScriptedServer(
        POP3_OPEN + POP3_LISTED + "C: RETR 1\nS: +OK\n" + pieces + "S: .\n" + POP3_BYE
    )
    async with session_with(face, server, timeout=Timeout(read=60)) as session:
        assert 200_000 == len(await session.source("aaa"))
    server.check()


# H11: listings.


def listing(sizes: str, names: str) -> str:
    return (
        POP3_OPEN
        + "C: LIST\nC: UIDL\n"
        + "".join(f"S: {line}\n" for line in ["+OK", *sizes.split("|"), "."])
        + "".join(f"S: {line}\n" for line in ["+OK", *names.split("|"), "."])
    )


def headers(*numbers: int) -> str:
    asked = "".join(f"C: TOP {number} 0\n" for number in numbers)
    return asked + "".join(f"S: +OK\nS: Subject: {number}\nS:\nS: .\n" for number in numbers)


async def ids_of(face: Face, script: str) -> list[tuple[str, int, str]]:
    server = ScriptedServer(script + POP3_BYE)
    async with session_with(face, server) as session:
        found = [(s.id, s.size, s.envelope.subject) async for s in session.messages()]
    server.check()
    return found


async def test_h11_the_same_uidl_twice(face: Face) -> None:
    script = listing("1 5|2 5|3 5|4 5", "1 a|2 a|3 b|4 a") + headers(1, 2, 3, 4)
    assert ["a", "a 2", "b", "a 3"] == [name for name, *_ in await ids_of(face, script)]


async def test_h11_a_uidl_that_looks_like_a_copy(face: Face) -> None:
    script = listing("1 5|2 5|3 5", "1 a 2|2 a|3 a") + headers(1, 2, 3)
    assert ["a 2", "a", "a 3"] == [name for name, *_ in await ids_of(face, script)]


@pytest.mark.parametrize(
    "name", ["x" * 3000, "../../etc/passwd", "a\x01b\x7f", "\xff\xfe", "1 2 3", "<a@b>", "%00"]
)
async def test_h11_a_uidl_is_a_key_and_nothing_else(face: Face, name: str) -> None:
    server = ScriptedServer(
        listing("1 5", f"1 {name}")
        + headers(1)
        + "C: RETR 1\nS: +OK\nS: Subject: 1\nS:\nS: .\n"
        + POP3_BYE
    )
    async with session_with(face, server) as session:
        found = [summary.id async for summary in session.messages()]
        assert "1" == (await session.fetch(found[0])).subject
    server.check()
    assert found[0].encode()


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ("1 -5|2 99999999999999999999999|3 x|4", [0, 0, 0, 0]),
        ("0 5|1 5|99999999999999 5|2 6|1 7|-3 8", [5, 6]),
        ("2 6|1 5", [5, 6]),
        ("1 5 and more|  2   6", [5, 6]),
        ("nonsense||1 999999999999999999", [999999999999999999]),
    ],
)
async def test_h11_sizes_that_are_none(face: Face, sizes: str, expected: list[int]) -> None:
    numbers = range(1, len(expected) + 1)
    names = "|".join(f"{number} n{number}" for number in numbers)
    found = await ids_of(face, listing(sizes, names) + headers(*numbers))
    assert expected == [size for _, size, _ in found]
    assert [str(number) for number in numbers] == [subject for *_, subject in found]


async def test_h11_names_of_messages_that_are_not_there(face: Face) -> None:
    script = listing("1 5", "1 a|2 b|0 c|1 d|99999999999 e|x y|") + headers(1)
    assert [("a", 5, "1")] == await ids_of(face, script)


async def test_h11_a_listing_without_end(face: Face) -> None:
    server = ScriptedServer(POP3_OPEN + "C: LIST\nC: UIDL\nS: +OK\n" + "S: 1 120\n" * 5_000)
    limits = Limits(listing=10_000)
    async with session_with(face, server, limits=limits) as session:
        with pytest.raises(Garbled, match=r"Limits\.listing"):
            [summary async for summary in session.messages()]
        assert SessionState.BROKEN is session.state


async def test_h11_more_messages_than_can_be(face: Face) -> None:
    sizes = "|".join(f"{number} 1" for number in range(1, 200))
    server = ScriptedServer(listing(sizes, "1 a") + POP3_BYE)
    async with session_with(face, server, limits=Limits(answers=100)) as session:
        with pytest.raises(Garbled, match=r"Limits\.answers"):
            [summary async for summary in session.messages()]


async def test_h11_stat_lies(face: Face) -> None:
    for said in ("-5 1", "x", "99999999999999999999 1", "٣ 1"):
        server = ScriptedServer(POP3_OPEN + f"C: STAT\nS: +OK {said.encode().decode('latin-1')}\n")
        async with session_with(face, server) as session:
            with pytest.raises(Garbled):
                await session.count()


@pytest.mark.parametrize("line_end", [b"\n", b"\r", b"\n\r", b"\r\r", b"\0\r\n"])
async def test_h11_a_mail_cannot_end_its_own_answer(face: Face, line_end: bytes) -> None:
    # Whoever sends such a mail would write the server's next answers.
    fake = line_end + b"." + line_end + b"+OK" + line_end + b"Subject: fake" + line_end * 2
    mails = [b"Subject: one\r\n\r\n" + fake, b"Subject: two\r\n\r\n"]
    sink = Pop3Sink(mails)
    async with session_with(face, ScriptedServer(sink)) as session:
        ids = ["uid-1", "uid-2"]
        found = [email.source async for email in session.fetch_many(ids)]
    assert sink.mails == found


async def test_h18_a_message_larger_than_any(face: Face) -> None:
    server = ScriptedServer(
        POP3_OPEN + POP3_LISTED + "C: RETR 1\nS: +OK 120 octets\n" + f"S: {'x' * 900}\n" * 200
    )
    limits = Limits(literal=100_000, literal_memory=10_000)
    async with session_with(face, server, limits=limits) as session:
        with pytest.raises(Garbled, match=r"Limits\.literal"):
            await session.fetch("aaa")


# Secrets.


def echo(*lines: str) -> str:
    return "S: +OK ready\nC: CAPA\nS: +OK\n" + "".join(f"S: {line}\n" for line in lines) + "S: .\n"


@pytest.mark.parametrize(
    "script",
    [
        echo("USER") + f"C: USER ada\nS: +OK\nC: PASS *\nS: -ERR you said {PASSWORD}\n",
        echo("USER") + f"C: USER ada\nS: +OK\nC: PASS *\nS: {PASSWORD}\n",
        echo("USER") + "C: USER ada\nS: +OK\nC: PASS *\n-- cut\n",
        echo("USER") + "C: USER ada\nS: +OK\nC: PASS *\n-- stall\n",
        echo("SASL PLAIN")
        + "C: AUTH PLAIN *\nS: -ERR unknown: AUTH PLAIN "
        + b64encode(f"\0ada\0{PASSWORD}".encode()).decode()
        + "\n",
        echo("SASL PLAIN") + "C: AUTH PLAIN *\nS: + !!!\nC: **\nS: -ERR cancelled\n",
        echo("SASL LOGIN")
        + "C: AUTH LOGIN\nS: + VXNlcg==\nC: YWRh\nS: + UGFzcw==\nC: *\nS: + bW9yZQ==\n"
        + "C: [*]\nS: -ERR\n".replace("[*]", "*"),
    ],
)
async def test_no_error_and_no_log_tells_the_password(
    face: Face, script: str, caplog: pytest.LogCaptureFixture
) -> None:
    responses = [f"\0ada\0{PASSWORD}".encode()]
    with caplog.at_level(logging.DEBUG, "courriel"):
        session = session_with(face, ScriptedServer(script), password=PASSWORD)
        with pytest.raises(CourrielError) as caught:
            await session.open()
    hide_nothing(told(caught.value), responses)
    hide_nothing(caplog.text, responses)
    assert "CAPA" in caplog.text


async def test_no_error_tells_the_token(face: Face, caplog: pytest.LogCaptureFixture) -> None:
    response = f"user=ada\x01auth=Bearer {TOKEN}\x01\x01".encode()
    said = b64encode(response).decode()
    script = echo("SASL XOAUTH2") + f"C: AUTH XOAUTH2\nS: +\nC: {said}\nS: -ERR no {said}\n"
    with caplog.at_level(logging.DEBUG, "courriel"):
        session = session_with(face, ScriptedServer(script), password=None, token=TOKEN)
        with pytest.raises(Unauthorised) as caught:
            await session.open()
    hide_nothing(told(caught.value), [response])
    hide_nothing(caplog.text, [response])


async def test_the_log_shows_the_conversation(face: Face, caplog: pytest.LogCaptureFixture) -> None:
    server = ScriptedServer(POP3_OPEN + "C: STAT\nS: +OK 1 2\n" + POP3_BYE)
    with caplog.at_level(logging.DEBUG, "courriel.wire"):
        async with session_with(face, server) as session:
            await session.count()
    assert "C: PASS …" in caplog.messages
    assert "C: STAT" in caplog.messages
    assert "S: +OK 1 2" in caplog.messages
    assert not any("secret" in line for line in caplog.messages)


# Signing in.


async def test_a10_challenges_without_end(face: Face) -> None:
    script = echo("SASL LOGIN") + "C: AUTH LOGIN\n" + "S: + eA==\nC: *\n" * 12 + "S: -ERR\n"
    session = session_with(face, ScriptedServer(script))
    with pytest.raises(Garbled):
        await session.open()


async def test_a03_success_without_proof_is_none(face: Face) -> None:
    script = echo("SASL SCRAM-SHA-256") + "C: AUTH SCRAM-SHA-256 *\nS: +OK welcome\n"
    session = session_with(face, ScriptedServer(script))
    with pytest.raises(CourrielError):
        await session.open()
    assert SessionState.CLOSED is session.state


async def test_a_challenge_to_pass_is_out_of_step(face: Face) -> None:
    script = echo("USER") + "C: USER ada\nS: +OK\nC: PASS secret\nS: + what?\n"
    session = session_with(face, ScriptedServer(script))
    with pytest.raises(Garbled):
        await session.open()


async def test_no_mechanism_that_we_know(face: Face) -> None:
    session = session_with(face, ScriptedServer(echo("SASL GSSAPI NTLM")))
    with pytest.raises(NotSupported, match="GSSAPI, NTLM"):
        await session.open()


async def test_a_user_name_that_is_refused_is_sent_no_password(face: Face) -> None:
    server = ScriptedServer(echo("USER") + "C: USER ada\nS: -ERR use TLS\n")
    session = session_with(face, server)
    with pytest.raises(Refused):
        await session.open()
    assert b"PASS" not in server.sent
