"""Attacks on IMAP's STARTTLS (security.md, 1.2): what is heard in clear is never believed."""

from __future__ import annotations

from typing import Any

import pytest

from courriel import (
    CourrielError,
    Disconnected,
    Garbled,
    InsecureConnection,
    Refused,
    SessionState,
    Unauthorised,
)
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.hostile.imap_sink import ImapSink
from tests.sink import HELLO

pytestmark = pytest.mark.virtual

PASSWORD = "correct horse"
SECRETS = (b"LOGIN", b"AUTHENTICATE", b"correct horse", b"AGFkYQBjb3JyZWN0IGhvcnNl")
AFTER_TLS = (*SECRETS, b"SELECT", b"EXAMINE", b"APPEND", b"LIST")

CLEAR = """
S: * OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] mx ready
C: A1 STARTTLS
"""


async def refused(face: Face, server: ScriptedServer, **arguments: Any) -> CourrielError:
    """Open a session that must not open; return its error. Nothing secret may have been said."""
    options = {"security": "starttls", "user": "ada", "password": PASSWORD} | arguments
    session = face.scripted(server, "IMAPSession", **options)
    with pytest.raises(CourrielError) as caught:
        await session.open()
    assert SessionState.CLOSED is session.state
    assert not any(secret in server.sent for secret in AFTER_TLS)
    assert not session.secured
    assert "" == session.greeting
    assert () == session.alerts
    assert not caught.value.session_usable
    return caught.value


# T01, T02: STARTTLS that is not offered, or refused.


@pytest.mark.parametrize("status", ["BAD", "NO"])
async def test_t01_starttls_that_is_not_offered(face: Face, status: str) -> None:
    sink = ImapSink(
        "AUTH=PLAIN", "AUTH=LOGIN", answers={"STARTTLS": f"TAG {status} STARTTLS not supported"}
    )
    error = await refused(face, ScriptedServer(sink))
    assert isinstance(error, InsecureConnection)
    assert [] == sink.commands


@pytest.mark.parametrize("answer", ["NO not now", "BAD what", "NO [ALERT] call me", "NO"])
async def test_t02_starttls_that_is_refused(face: Face, answer: str) -> None:
    error = await refused(face, ScriptedServer(CLEAR + f"S: A1 {answer}"))
    assert isinstance(error, InsecureConnection)
    assert error.hint


@pytest.mark.parametrize("answer", ["+ continue with something", "+", "+ ", "+ T0s="])
async def test_t03_an_invitation_is_no_answer_to_starttls(face: Face, answer: str) -> None:
    server = ScriptedServer(CLEAR + f"S: {answer}")
    assert isinstance(await refused(face, server), Garbled)
    assert b"A1 STARTTLS\r\n" == server.sent


@pytest.mark.parametrize("status", ["BAD", "NO"])
async def test_t04_capabilities_that_are_hidden(face: Face, status: str) -> None:
    sink = ImapSink(
        greeting="* OK hi",
        answers={"CAPABILITY": f"TAG {status} what", "STARTTLS": f"TAG {status} what"},
    )
    assert isinstance(await refused(face, ScriptedServer(sink)), InsecureConnection)
    assert "STARTTLS" not in sink.commands


@pytest.mark.parametrize("security", ["starttls", "tls", "plaintext"])
@pytest.mark.parametrize(
    "words", ["IMAP4", "IMAP4 STARTTLS", "IMAP2 STARTTLS AUTH=PLAIN", "STARTTLS", "IMAP4REV12"]
)
async def test_t05_a_server_of_no_revision_that_we_speak(
    face: Face, words: str, security: str
) -> None:
    sink = ImapSink(
        greeting=f"* OK [CAPABILITY {words}] hi",
        answers={"CAPABILITY": f"* CAPABILITY {words}\r\nTAG OK"},
    )
    session = face.scripted(
        ScriptedServer(sink), "IMAPSession", security=security, user="ada", password=PASSWORD
    )
    with pytest.raises(CourrielError) as caught:
        await session.open()
    assert isinstance(caught.value, (Garbled, InsecureConnection))
    assert [] == sink.tried()
    assert SessionState.CLOSED is session.state


# T06, T07: signed in already.

PREAUTH = [
    "* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] hi",
    "* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] hi",
    "* PREAUTH [CAPABILITY IMAP4rev1] hi",
    "* PREAUTH [CAPABILITY IMAP4rev1 LOGINDISABLED] hi",
    "* PREAUTH hi",
    "* preauth",
]


@pytest.mark.parametrize("greeting", PREAUTH)
async def test_t06_nobody_is_signed_in_before_tls(face: Face, greeting: str) -> None:
    sink = ImapSink("STARTTLS", greeting=greeting)
    error = await refused(face, ScriptedServer(sink))
    assert isinstance(error, InsecureConnection)
    assert not set(sink.commands) - {"CAPABILITY"}


@pytest.mark.parametrize("greeting", PREAUTH)
async def test_t06_nor_on_a_line_that_nothing_protects_unless_that_was_named(
    face: Face, greeting: str
) -> None:
    sink = ImapSink("STARTTLS", greeting=greeting)
    session = face.scripted(ScriptedServer(sink), "IMAPSession", security="plaintext")
    async with session:
        assert session.usable
    assert not any(line.startswith(("LOGIN", "AUTH")) for line in sink.commands)


@pytest.mark.parametrize("greeting", PREAUTH)
async def test_t07_under_tls_a_server_may_know_us(face: Face, greeting: str) -> None:
    sink = ImapSink("AUTH=PLAIN", greeting=greeting, implicit=True)
    session = face.scripted(
        ScriptedServer(sink), "IMAPSession", security="tls", user="ada", password=PASSWORD
    )
    async with session:
        assert session.secured
    # Whoever it is: the password is not needed, so it is not said.
    assert [] == sink.tried()


# T08 to T11, T19: octets that are slipped in.

INJECTED = {
    "T08": "S: * CAPABILITY IMAP4rev1 AUTH=PLAIN\nS: A2 OK done",
    "T08-untagged": "S: * CAPABILITY IMAP4rev1 AUTH=PLAIN",
    "T08-tagged": "S: A2 OK done",
    "T08-twice": "S: A1 OK go",
    "T08-empty": "S: ",
    "T08-literal": "S- * LIST () {100}\r\nS- abc",
    "T10-fragment": "S- * CAPABILITY IMAP4rev1 AUTH=XEVIL ",
    "T10-octet": "S- x",
    "T10-record": "S- \x16\x03\x03",
    "T19": "S: * BYE close please",
    "T19-preauth": "S: * PREAUTH hi",
}


@pytest.mark.parametrize("chunk", [None, 1, 5])
@pytest.mark.parametrize("suffix", list(INJECTED.values()), ids=list(INJECTED))
async def test_t08_t10_t19_octets_behind_the_answer_are_an_attack(
    face: Face, suffix: str, chunk: int | None
) -> None:
    server = ScriptedServer(CLEAR + "S: A1 OK begin TLS\n" + suffix, chunk=chunk)
    assert isinstance(await refused(face, server), InsecureConnection)


@pytest.mark.parametrize("suffix", list(INJECTED.values()), ids=list(INJECTED))
async def test_t08_nothing_is_said_after_an_injection_in_the_same_segment(
    face: Face, suffix: str
) -> None:
    server = ScriptedServer(CLEAR + "S: A1 OK begin TLS\n" + suffix)
    assert "tampering" in str(await refused(face, server))
    assert HELLO not in server.sent


async def test_t09_octets_before_the_server_hello_reach_tls_not_the_parser(face: Face) -> None:
    sink = ImapSink("STARTTLS", "AUTH=PLAIN")

    def server_says(heard: bytes) -> bytes:
        said = sink(heard)
        return b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nA2 OK\r\n" + said if HELLO in heard else said

    error = await refused(face, ScriptedServer(server_says))
    assert isinstance(error, InsecureConnection)
    assert ["STARTTLS"] == sink.commands


@pytest.mark.parametrize(
    ("tag", "chunk"),
    # Octet by octet, the whole of A1 would come behind STARTTLS, and only TLS could tell.
    [("A1", None), ("A2", None), ("A999", None), ("a1", None), ("A2", 1), ("A999", 1), ("a1", 1)],
)
async def test_t11_an_answer_before_its_command_is_not_its_answer(
    face: Face, tag: str, chunk: int | None
) -> None:
    server = ScriptedServer(
        f"""
        S: * OK [CAPABILITY IMAP4rev1 STARTTLS] hi
        S: {tag} OK begin
        """,
        chunk=chunk,
    )
    assert isinstance(await refused(face, server), (Garbled, InsecureConnection))
    assert HELLO not in server.sent


async def test_t11_nor_when_it_comes_behind_the_answer_before(face: Face) -> None:
    server = ScriptedServer(
        """
        S: * OK hi
        C: A1 CAPABILITY
        S: * CAPABILITY IMAP4rev1 STARTTLS
        S: A1 OK
        S: A2 OK begin
        """
    )
    assert isinstance(await refused(face, server), Garbled)
    assert HELLO not in server.sent


# T12, T13: data of the mailbox from before TLS.

DATA = {
    "LIST": '* LIST () "/" 7XiY',
    "LSUB": '* LSUB () "/" 7XiY',
    "STATUS": "* STATUS INBOX (MESSAGES 718001 UNSEEN 5 UIDNEXT 99)",
    "SEARCH": "* SEARCH 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20",
    "FLAGS": "* FLAGS (\\Flagged 7XiY)",
    "EXISTS": "* 54321 EXISTS",
    "RECENT": "* 12345 RECENT",
    "EXPUNGE": "* 1 EXPUNGE",
    "FETCH": "* 1 FETCH (UID 1 BODY[] {28}\r\nSubject: 7XiY\r\n\r\nInjected.\r\n)",
    "REFERRAL": "* OK [REFERRAL imaps://evil.example/] 7XiY",
    "NAMESPACE": '* NAMESPACE (("7XiY" "/")) NIL NIL',
    "VANISHED": "* VANISHED 1:100",
    "ENABLED": "* ENABLED UTF8=ACCEPT QRESYNC",
    "ID": '* ID ("name" "7XiY")',
    "ALERT": "* OK [ALERT] 7XiY call +1 555",
    "NO ALERT": "* NO [ALERT] 7XiY",
    "BADCHARSET": "* OK [BADCHARSET (7XiY)] 7XiY",
    "PARSE": "* NO [PARSE] 7XiY",
    "UIDVALIDITY": "* OK [UIDVALIDITY 718001] 7XiY",
    "unknown": "* 7XiY 7XiY",
}
POSITIONS = pytest.mark.parametrize("position", ["greeting", "answer"])
OFFER = "* OK [CAPABILITY IMAP4rev1 STARTTLS] mx ready"


def tainted(position: str, data: str) -> ImapSink:
    """A server whose words before TLS somebody adds to, at one of two places."""
    if position == "greeting":
        return ImapSink("AUTH=PLAIN", "STARTTLS", greeting=f"{OFFER}\r\n{data}")
    answers = {"STARTTLS": f"{data}\r\nTAG OK go"}
    return ImapSink("AUTH=PLAIN", "STARTTLS", greeting=OFFER, answers=answers)


def welcome(responses: list[bytes]) -> bytes | str:
    return "OK welcome" if responses else b""


@POSITIONS
@pytest.mark.parametrize("chunk", [None, 1])
@pytest.mark.parametrize("data", list(DATA.values()), ids=list(DATA))
async def test_t12_t13_nothing_from_before_tls_is_shown(
    face: Face, position: str, data: str, chunk: int | None
) -> None:
    sink = tainted(position, data)
    sink.sasl["PLAIN"] = welcome
    server = ScriptedServer(sink, chunk=chunk)
    session = face.scripted(
        server, "IMAPSession", security="starttls", user="ada", password=PASSWORD
    )
    async with session:
        assert session.secured
        machine: Any = getattr(session, "plain", session)._dialogue.current
        assert () == session.alerts
        assert not machine.selected
        assert frozenset() == machine.enabled
        assert {"IMAP4REV1", "AUTH=PLAIN", "STARTTLS"} == session.capabilities
        # The sink's folder has three messages, and its search finds none.
        assert [] == [summary async for summary in session.messages()]
        assert 3 == machine.selected.exists
        assert frozenset() == machine.selected.flags
        with pytest.raises(Refused) as caught:
            await session.fetch(1)
        assert "NONEXISTENT" == caught.value.condition
    assert not any("7XiY" in line for line in sink.commands)
    assert ["STARTTLS", "CAPABILITY"] == sink.commands[:2]


async def test_t14_capabilities_are_asked_for_again_under_tls(face: Face) -> None:
    offers = iter(
        [
            "IMAP4rev1 STARTTLS AUTH=EVIL LOGINDISABLED COMPRESS=DEFLATE ENABLE UTF8=ACCEPT",
            "IMAP4rev1 AUTH=PLAIN",
            "IMAP4rev1 IDLE",
        ]
    )

    def answer(command: str) -> str | None:
        return f"* CAPABILITY {next(offers)}\r\nTAG OK" if command == "CAPABILITY" else None

    sink = ImapSink(greeting="* OK hi", answers=answer, sasl={"PLAIN": welcome})
    session = face.scripted(
        ScriptedServer(sink), "IMAPSession", security="starttls", user="ada", password=PASSWORD
    )
    async with session:
        assert frozenset({"IMAP4REV1", "IDLE"}) == session.capabilities
    heard = [line.split(" ")[0] for line in sink.commands]
    expected = ["CAPABILITY", "STARTTLS", "CAPABILITY", "AUTHENTICATE", "CAPABILITY", "LOGOUT"]
    assert expected == heard


@POSITIONS
@pytest.mark.parametrize("data", ["ALERT", "NO ALERT", "BADCHARSET", "PARSE"])
async def test_t15_words_from_before_tls_reach_nobody(face: Face, position: str, data: str) -> None:
    sink = tainted(position, DATA[data])
    sink.sasl["PLAIN"] = lambda _: "NO [AUTHENTICATIONFAILED] no"
    session = face.scripted(
        ScriptedServer(sink), "IMAPSession", security="starttls", user="ada", password=PASSWORD
    )
    with pytest.raises(Unauthorised) as caught:
        await session.open()
    assert "7XiY" not in str(caught.value) + repr(vars(caught.value))
    assert () == session.alerts


async def test_t15_a_later_alert_is_told_without_controls(face: Face) -> None:
    sink = ImapSink(answers={"EXAMINE": "* OK [ALERT] call \x1b[31mnow\x07\u202e!\r\nTAG OK"})
    async with face.scripted(ScriptedServer(sink), "IMAPSession") as session:
        assert [] == [summary async for summary in session.messages(limit=1)]
        (alert,) = session.alerts
    assert alert.startswith("call ")
    assert alert.isprintable()


# T16, T17: referrals.

ELSEWHERE = "[REFERRAL imap://;AUTH=*@attacker.example.org:243/]"


@pytest.mark.parametrize("offer", ["AUTH=PLAIN", "AUTH=LOGIN", "X"])
async def test_t16_a_referral_is_not_followed_when_signing_in(face: Face, offer: str) -> None:
    refused = f"TAG NO {ELSEWHERE} go there"
    answers = {"LOGIN": refused, "AUTHENTICATE": refused}
    sink = ImapSink(offer, answers=answers)
    # A second connection would be an error of its own: the script has none.
    server = ScriptedServer(sink)
    session = face.scripted(server, "IMAPSession", user="ada", password=PASSWORD)
    with pytest.raises(Unauthorised) as caught:
        await session.open()
    assert "REFERRAL" == caught.value.condition
    assert 1 == len(sink.tried())
    assert 1 == len(server.conversations)


async def test_t17_a_referral_is_not_followed_when_selecting(face: Face) -> None:
    answers = {"EXAMINE": "TAG NO [REFERRAL imap://evil.example/inbox] go there"}
    sink = ImapSink("MAILBOX-REFERRALS", answers=answers)
    server = ScriptedServer(sink)
    async with face.scripted(server, "IMAPSession") as session:
        with pytest.raises(Refused, match="go there") as caught:
            await session.fetch(1)
        assert "REFERRAL" == caught.value.condition
        assert session.usable
    assert 1 == len(server.conversations)


# T18: LOGIN that is forbidden.


@pytest.mark.parametrize("security", ["tls", "plaintext"])
@pytest.mark.parametrize("offer", ["LOGINDISABLED", "logindisabled", "LOGINDISABLED AUTH=XEVIL"])
async def test_t18_login_is_never_sent_where_it_is_disabled(
    face: Face, security: str, offer: str
) -> None:
    sink = ImapSink(offer)
    session = face.scripted(
        ScriptedServer(sink), "IMAPSession", security=security, user="ada", password=PASSWORD
    )
    with pytest.raises(CourrielError):
        await session.open()
    assert [] == sink.tried()
    assert PASSWORD.encode() not in sink.heard


# T26, T27.


async def test_t26_tls_is_required_by_default(face: Face) -> None:
    sink = ImapSink("AUTH=PLAIN", sasl={"PLAIN": welcome}, implicit=True)
    server = ScriptedServer(sink)
    session = server.attach(
        face.kind("IMAPSession")("mx.example.org", user="ada", password=PASSWORD)
    )
    async with face.tame(session) as opened:
        assert opened.secured
        assert server.sent.startswith(HELLO)


async def test_t26_a_server_that_only_speaks_clear_is_told_nothing(face: Face) -> None:
    server = ScriptedServer("S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi")
    session = server.attach(
        face.kind("IMAPSession")("mx.example.org", user="ada", password=PASSWORD)
    )
    with pytest.raises(InsecureConnection):
        await face.tame(session).open()
    assert HELLO + b"\r\n" == server.sent


async def test_t26_a_url_without_protection_does_not_name_it(face: Face) -> None:
    sink = ImapSink("AUTH=PLAIN")
    server = ScriptedServer(sink)
    kind = face.kind("IMAPSession")
    session = server.attach(kind.from_url(f"imap://ada:{PASSWORD}@mx.example.org"))
    with pytest.raises(InsecureConnection):
        await face.tame(session).open()
    assert not any(secret in server.sent for secret in SECRETS)


CUTS = [
    "S- * OK",
    "S: * 1 FETCH (UID 1 BODY[] {28}\nS- Subject: half",
    "S: * 1 FETCH (UID 1 BODY[] {4}\nS- half",
    "S: * 1 FETCH (UID 1 BODY[] {4}\nS: half)",
    "S: * 1 FETCH (UID 1 BODY[] {4}\nS: half)\nS- A2 OK",
]


@pytest.mark.parametrize("cut", CUTS, ids=range(len(CUTS)))
@pytest.mark.parametrize("chunk", [None, 1])
async def test_t27_what_was_cut_short_is_not_returned(
    face: Face, cut: str, chunk: int | None
) -> None:
    server = ScriptedServer(
        f"""
        S: * OK [CAPABILITY IMAP4rev1] hi
        C: A1 EXAMINE INBOX
        S: * 1 EXISTS
        S: A1 OK
        C: A2 UID FETCH 1 *
        {cut}
        -- cut
        """,
        chunk=chunk,
    )
    session = face.scripted(server, "IMAPSession")
    await session.open()
    with pytest.raises(Disconnected):
        await session.fetch(1)
    assert not session.usable
    await session.close()
