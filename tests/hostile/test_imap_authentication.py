"""Attacks on signing in to IMAP (security.md, 1.4), where its words differ from SMTP's.

A refusal of whatever kind leaves a session that is closed, and a secret that was not shown.
"""

from __future__ import annotations

from typing import Any

import pytest

from courriel import (
    CourrielError,
    Disconnected,
    Garbled,
    InsecureConnection,
    Limits,
    Misused,
    NotSupported,
    Refused,
    SessionState,
    Unauthorised,
)
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.hostile.imap_sink import ImapSink
from tests.hostile.signing import (
    LAST_RESPONSE,
    PASSWORD,
    PASSWORDS,
    STRONG,
    TOKEN,
    TOKENS,
    Scram,
    Tokens,
)
from tests.sink import SaslServer

pytestmark = pytest.mark.virtual

NO = "NO [AUTHENTICATIONFAILED] no"
IR = pytest.mark.parametrize("initial", ["SASL-IR", "X-NO-IR"])
MECHANISMS = pytest.mark.parametrize("mechanism", [*PASSWORDS, *TOKENS])


def offering(*mechanisms: str) -> list[str]:
    return [f"AUTH={mechanism}" for mechanism in mechanisms]


def sink_of(*mechanisms: str, server: SaslServer, more: tuple[str, ...] = ()) -> ImapSink:
    """A server under TLS that offers these mechanisms and answers all of them with ``server``."""
    words = [*more, *offering(*mechanisms)]
    return ImapSink(*words, sasl=dict.fromkeys(mechanisms, server), implicit=True)


def session_at(face: Face, sink: Any, *, chunk: int | None = None, **arguments: Any) -> Any:
    """A session with a password, unless a token is given."""
    secret = {} if "token" in arguments else {"password": PASSWORD}
    options = {"security": "tls", "user": "ada"} | secret | arguments
    return face.scripted(ScriptedServer(sink, chunk=chunk), "IMAPSession", **options)


def secret_for(mechanism: str) -> dict[str, Any]:
    return {"token": TOKEN} if mechanism in TOKENS else {}


async def signs_in(face: Face, sink: ImapSink, **arguments: Any) -> None:
    async with session_at(face, sink, **arguments) as session:
        assert session.usable
    assert "LOGOUT" == sink.commands[-1]


async def refused(face: Face, sink: ImapSink, **arguments: Any) -> CourrielError:
    """Expect that signing in fails, and that nothing is left of the session."""
    session = session_at(face, sink, **arguments)
    with pytest.raises(CourrielError) as caught:
        await session.open()
    assert SessionState.CLOSED is session.state
    assert not session.usable
    with pytest.raises(Misused):
        await session.fetch(1)
    return caught.value


def always(said: bytes | str) -> SaslServer:
    return lambda _: said


def after_one(said: bytes | str) -> SaslServer:
    """A server that lets us begin, and then says that."""
    return lambda responses: said if responses else b""


def honest(mechanism: str, good: str = TOKEN) -> SaslServer:
    """The server's side of a mechanism that succeeds."""
    if mechanism in STRONG:
        digest = "sha256" if mechanism == "SCRAM-SHA-256" else "sha1"
        scram = Scram(digest=digest)
        return lambda said: _in_imap(scram(said)) if said else b""
    if mechanism == "CRAM-MD5":
        return lambda said: "OK welcome" if said else b"<1896.697170952@example.org>"
    if mechanism == "LOGIN":
        prompts = (b"Username:", b"Password:")
        return lambda said: "OK welcome" if len(said) > 1 else prompts[len(said)]
    if mechanism in TOKENS:
        tokens = Tokens(mechanism, good, NO)
        return lambda said: _in_imap(tokens(said)) if said else b""
    return after_one("OK welcome")


def _in_imap(said: bytes | str) -> bytes | str:
    """Turn a success of SMTP into one of IMAP."""
    return "OK welcome" if isinstance(said, str) and said.startswith("235") else said


# Whatever the mechanism, with and without an initial response.


@MECHANISMS
@IR
@pytest.mark.parametrize("chunk", [None, 1])
async def test_every_mechanism_crosses(
    face: Face, mechanism: str, initial: str, chunk: int | None
) -> None:
    sink = sink_of(mechanism, server=honest(mechanism), more=(initial,))
    await signs_in(face, sink, chunk=chunk, **secret_for(mechanism))
    assert [mechanism] == sink.tried()
    (line,) = [line for line in sink.commands if line.startswith("AUTHENTICATE")]
    first = initial == "SASL-IR" and mechanism not in ("CRAM-MD5", "LOGIN")
    assert first is (len(line.split(" ")) == 3)


# A01: downgrade.


async def test_a01_the_strongest_that_is_offered_is_taken(face: Face) -> None:
    sink = sink_of(*reversed(PASSWORDS), server=honest("SCRAM-SHA-256"))
    await signs_in(face, sink)
    assert ["SCRAM-SHA-256"] == sink.tried()


@pytest.mark.parametrize("answer", [NO, "NO no", "NO [UNAVAILABLE] later", "BAD what", "NO"])
@pytest.mark.parametrize("strongest", range(4))
async def test_a01_nothing_weaker_follows_a_refusal(
    face: Face, answer: str, strongest: int
) -> None:
    sink = sink_of(*PASSWORDS[strongest:], server=always(answer))
    assert isinstance(await refused(face, sink), Refused)
    # Nor LOGIN, which the server does not forbid.
    assert [PASSWORDS[strongest]] == sink.tried()


@pytest.mark.parametrize("strongest", range(4))
async def test_a01_nothing_follows_an_error(face: Face, strongest: int) -> None:
    sink = sink_of(*PASSWORDS[strongest:], server=always("+ \u00ff nonsense"))
    await refused(face, sink)
    assert [PASSWORDS[strongest]] == sink.tried()


async def test_a01_a_weaker_mechanism_may_follow_only_one_that_is_unknown_and_as_weak(
    face: Face,
) -> None:
    sink = sink_of(*PASSWORDS, server=always("NO unsupported authentication mechanism"))
    await refused(face, sink)
    assert set(sink.tried()) <= set(STRONG)


# A03: success that proves nothing.


@pytest.mark.parametrize("mechanism", STRONG)
@pytest.mark.parametrize("responses", [0, 1, 2])
async def test_a03_an_ok_without_the_servers_signature_is_not_believed(
    face: Face, mechanism: str, responses: int
) -> None:
    good = honest(mechanism)

    def server(said: list[bytes]) -> bytes | str:
        return "OK welcome" if len(said) == responses else good(said)

    error = await refused(face, sink_of(mechanism, server=server))
    assert isinstance(error, InsecureConnection)


@pytest.mark.parametrize("mechanism", STRONG)
async def test_a04_an_error_of_scram_is_a_refusal(face: Face, mechanism: str) -> None:
    good = honest(mechanism)

    def server(said: list[bytes]) -> bytes | str:
        return good(said) if len(said) < 2 else b"e=invalid-proof" if len(said) == 2 else NO

    assert isinstance(await refused(face, sink_of(mechanism, server=server)), Unauthorised)


# A08, A09: tokens.


@pytest.mark.parametrize("mechanism", TOKENS)
@IR
@pytest.mark.parametrize("chunk", [None, 1])
async def test_a08_a09_a_refused_token_is_answered_and_told(
    face: Face, mechanism: str, initial: str, chunk: int | None
) -> None:
    tokens = Tokens(mechanism, refusal=NO)
    sink = sink_of(
        mechanism,
        *PASSWORDS,
        server=lambda said: tokens(said) if said else b"",
        more=(initial,),
    )
    error = await refused(face, sink, token=TOKEN, password=PASSWORD, chunk=chunk)
    assert isinstance(error, Unauthorised)
    assert "AUTHENTICATIONFAILED" == error.condition
    assert "expired" in str(error)
    assert "scope mail" in str(error)
    assert LAST_RESPONSE[mechanism] == tokens.heard[1]
    # Never is a password tried behind a token.
    assert [mechanism] == sink.tried()


@pytest.mark.parametrize("mechanism", TOKENS)
async def test_a08_success_behind_an_error_is_not_believed(face: Face, mechanism: str) -> None:
    tokens = Tokens(mechanism, refusal="OK welcome")
    sink = sink_of(mechanism, server=lambda said: tokens(said) if said else b"")
    assert isinstance(await refused(face, sink, token=TOKEN), Garbled)


async def test_a08_a_token_is_no_password_for_login(face: Face) -> None:
    sink = ImapSink(implicit=True)
    assert isinstance(await refused(face, sink, token=TOKEN), NotSupported)
    assert [] == sink.tried()


# A10, A11: challenges that never end, that are too large, or that are none.


@MECHANISMS
@pytest.mark.parametrize("challenge", [b"", b"x", b"<1@example.org>", b"{}"])
async def test_a10_a_server_that_goes_on_asking_is_left(
    face: Face, mechanism: str, challenge: bytes
) -> None:
    asked: list[int] = []

    def server(responses: list[bytes]) -> bytes:
        asked.append(len(responses))
        return challenge

    error = await refused(face, sink_of(mechanism, server=server), **secret_for(mechanism))
    assert isinstance(error, Garbled)
    assert len(asked) <= 5


@MECHANISMS
@pytest.mark.parametrize("flood", [1, 1_000, 100_000])
async def test_a10_challenges_that_come_all_at_once_end_too(
    face: Face, mechanism: str, flood: int
) -> None:
    sink = sink_of(mechanism, server=always(("+ \r\n" * flood)[:-2]))
    error = await refused(face, sink, **secret_for(mechanism))
    assert isinstance(error, (Garbled, InsecureConnection))


async def test_a10_a_server_that_does_not_let_go_is_left(face: Face) -> None:
    def server_says(heard: bytes) -> bytes:
        if not heard:
            return b"* OK [CAPABILITY IMAP4rev1 AUTH=LOGIN] hi\r\n"
        return b"+ \r\n"

    server = ScriptedServer(server_says)
    session = face.scripted(server, "IMAPSession", user="ada", password=PASSWORD)
    with pytest.raises(Garbled):
        await session.open()
    assert server.sent.endswith(b"*\r\n")
    assert SessionState.CLOSED is session.state


async def test_a10_the_rounds_are_bounded(face: Face) -> None:
    error = await refused(
        face, sink_of("LOGIN", server=always(b"again")), limits=Limits(sasl_rounds=1)
    )
    assert isinstance(error, Garbled)
    assert "more than 1 times" in str(error)


@MECHANISMS
async def test_a10_a_challenge_that_is_too_large_is_not_read(face: Face, mechanism: str) -> None:
    sink = sink_of(
        mechanism,
        server=lambda said: "+ " + "A" * 240_000 if said else b"",
        more=("SASL-IR",),
    )
    error = await refused(face, sink, **secret_for(mechanism))
    assert isinstance(error, Garbled)


@MECHANISMS
@pytest.mark.parametrize("challenge", ["!!!", "x", "=", "====", "YQ", "YQ==YQ==", "YQ==\x00", "é"])
async def test_a11_what_is_not_base64_cancels_the_exchange(
    face: Face, mechanism: str, challenge: str
) -> None:
    sink = sink_of(mechanism, server=always(f"+ {challenge}"), more=("SASL-IR",))
    error = await refused(face, sink, **secret_for(mechanism))
    assert isinstance(error, Garbled)
    assert "base64" in str(error)
    assert sink.heard.endswith(b"\r\n*\r\n")


@pytest.mark.parametrize("challenge", ["+", "+ ", "+  "])
async def test_a11_a_challenge_without_text_is_an_empty_one(face: Face, challenge: str) -> None:
    # LOGIN's prompts may be anything; CRAM-MD5 has nothing to sign then.
    assert isinstance(await refused(face, sink_of("CRAM-MD5", server=always(challenge))), Garbled)
    sink = sink_of("LOGIN", server=lambda said: "OK welcome" if len(said) > 1 else challenge)
    await signs_in(face, sink)


# A12: clear lines.


@pytest.mark.parametrize("offer", [[], ["AUTH=PLAIN"], ["AUTH=LOGIN"], ["AUTH=XOAUTH2"]])
async def test_a12_no_secret_crosses_a_clear_line_that_was_not_named(
    face: Face, offer: list[str]
) -> None:
    sink = ImapSink(*offer)
    kind = face.kind("IMAPSession")
    server = ScriptedServer(sink)
    session = server.attach(kind.from_url(f"imap://ada:{PASSWORD}@mx.example.org"))
    with pytest.raises((InsecureConnection, NotSupported)):
        await face.tame(session).open()
    assert [] == sink.tried()


# A13: odd offers.


@pytest.mark.parametrize(
    "words",
    [
        "AUTH=PLAIN AUTH=PLAIN AUTH=PLAIN",
        "auth=plain",
        "AUTH= AUTH=PLAIN",
        "  AUTH=PLAIN  ",
        "AUTH=XEVIL AUTH=GSSAPI AUTH=NTLM AUTH=PLAIN",
        "AUTH=PLAIN " + " ".join(f"AUTH=X{number}" for number in range(1_000)),
    ],
    ids=["twice", "lower", "empty", "blanks", "unknown", "many"],
)
async def test_a13_odd_offers_are_read(face: Face, words: str) -> None:
    sink = sink_of("PLAIN", server=after_one("OK welcome"), more=(words,))
    sink.capabilities = ("IMAP4rev1", words)
    await signs_in(face, sink)
    assert ["PLAIN"] == sink.tried()


@pytest.mark.parametrize(
    "words",
    [
        "AUTH",
        "AUTH=",
        "AUTH=XEVIL",
        "XAUTH=PLAIN",
        "AUTHPLAIN",
        "PLAIN",
        "AUTH =PLAIN",
        "AUTH=PLAIN\u0131",
    ],
)
async def test_a13_what_offers_nothing_signs_nobody_in(face: Face, words: str) -> None:
    error = await refused(face, ImapSink("LOGINDISABLED", words, implicit=True))
    assert isinstance(error, NotSupported)
    assert len(str(error)) < 1_000


async def test_a13_a_thousand_mechanisms_are_not_told_in_full(face: Face) -> None:
    words = [f"AUTH=X{number}" for number in range(1_000)]
    error = await refused(face, ImapSink("LOGINDISABLED", *words, implicit=True))
    assert isinstance(error, NotSupported)
    assert len(str(error)) < 1_000


# A14: a token that expires between two commands.


class Source:
    """Gives out tokens one by one, the last for ever, and counts."""

    def __init__(self, *tokens: str) -> None:
        self._tokens = list(tokens)
        self.asked = 0

    def __call__(self) -> str:
        self.asked += 1
        return self._tokens.pop(0) if len(self._tokens) > 1 else self._tokens[0]


@pytest.mark.parametrize("mechanism", TOKENS)
@IR
async def test_a14_a_token_is_renewed_once(face: Face, mechanism: str, initial: str) -> None:
    source = Source("old", "new")
    sink = sink_of(mechanism, server=honest(mechanism, "new"), more=(initial,))
    await signs_in(face, sink, token=source)
    assert 2 == source.asked
    assert [mechanism] * 2 == sink.tried()


@pytest.mark.parametrize("mechanism", TOKENS)
async def test_a14_and_only_once(face: Face, mechanism: str) -> None:
    source = Source("old", "new", "newer", "newest")
    sink = sink_of(mechanism, "PLAIN", server=honest(mechanism, "newest"))
    error = await refused(face, sink, token=source)
    assert isinstance(error, Unauthorised)
    assert 2 == source.asked
    assert [mechanism] * 2 == sink.tried()


async def test_a14_the_same_token_is_not_tried_again(face: Face) -> None:
    sink = sink_of("XOAUTH2", server=honest("XOAUTH2", "other"))
    assert isinstance(await refused(face, sink, token=Source("old")), Unauthorised)
    assert ["XOAUTH2"] == sink.tried()


@pytest.mark.parametrize("token", ["", None, 42, b"bytes", "two words", "line\r\nend", "é"])
async def test_a14_a_source_of_nonsense_is_told_so(face: Face, token: Any) -> None:
    sink = sink_of("XOAUTH2", server=honest("XOAUTH2"))
    assert isinstance(await refused(face, sink, token=lambda: token), Misused)
    assert [] == sink.tried()


# A15: what is transient says nothing about the password.


@MECHANISMS
@pytest.mark.parametrize("code", ["UNAVAILABLE", "INUSE", "LIMIT"])
async def test_a15_a_transient_failure_is_no_wrong_password(
    face: Face, mechanism: str, code: str
) -> None:
    sink = sink_of(mechanism, server=always(f"NO [{code}] later"))
    error = await refused(face, sink, **secret_for(mechanism))
    assert isinstance(error, Refused)
    assert not isinstance(error, Unauthorised)
    assert code == error.condition
    assert "password" not in error.hint


@pytest.mark.parametrize("code", ["UNAVAILABLE", "INUSE", "LIMIT"])
async def test_a15_nor_for_login(face: Face, code: str) -> None:
    sink = ImapSink(implicit=True, answers={"LOGIN": f"TAG NO [{code}] later"})
    error = await refused(face, sink)
    assert isinstance(error, Refused)
    assert not isinstance(error, Unauthorised)
    assert code == error.condition
    assert ["LOGIN command"] == sink.tried()


@MECHANISMS
@pytest.mark.parametrize("answer", [NO, "NO no", "NO [EXPIRED] no", "BAD no"])
async def test_a15_a_refusal_is_one(face: Face, mechanism: str, answer: str) -> None:
    sink = sink_of(mechanism, server=always(answer))
    error = await refused(face, sink, **secret_for(mechanism))
    assert isinstance(error, Unauthorised)
    assert not error.retryable


@MECHANISMS
@pytest.mark.parametrize("end", ["-- cut", "S: * BYE\n-- cut", "S- +\n-- cut"])
async def test_a15_silence_is_neither(face: Face, mechanism: str, end: str) -> None:
    server = ScriptedServer(
        f"""
        S: * OK [CAPABILITY IMAP4rev1 AUTH={mechanism}] hi
        C: A1 AUTHENTICATE {mechanism}
        {end}
        """
    )
    secret = {"token": TOKEN} if mechanism in TOKENS else {"password": PASSWORD}
    session = face.scripted(server, "IMAPSession", user="ada", **secret)
    with pytest.raises(Disconnected):
        await session.open()
    assert SessionState.CLOSED is session.state


# LOGIN's own way of being asked for its arguments.


@pytest.mark.parametrize("word", ["LITERAL+", "LITERAL-", "X-NO-LITERAL"])
@pytest.mark.parametrize("password", ["pass", 'pa"s\\s', "päss wörd", "x" * 5_000])
@pytest.mark.parametrize("chunk", [None, 1])
async def test_i06_login_counts_the_octets_of_its_literals(
    face: Face, password: str, word: str, chunk: int | None
) -> None:
    sink = ImapSink(word, implicit=True)
    async with session_at(face, sink, password=password, chunk=chunk) as session:
        assert session.usable
    (line,) = [line for line in sink.commands if line.startswith("LOGIN")]
    said = line.partition("\r\n")[2] if "\r\n" in line else line.split(" ", 2)[2]
    quoted = password.replace("\\", "\\\\").replace('"', '\\"')
    assert said in (password, quoted, f'"{quoted}"')
    assert word == "LITERAL+" or "+}" not in line or (word, len(password)) < ("LITERAL-", 4_097)


@pytest.mark.parametrize("answer", ["TAG OK welcome", "TAG NO no", "TAG BAD no", "* BYE"])
async def test_h07_an_answer_to_a_login_that_is_half_said(face: Face, answer: str) -> None:
    heard = b""

    def server_says(data: bytes) -> bytes:
        nonlocal heard
        heard += data
        if not heard:
            return b"* OK [CAPABILITY IMAP4rev1] hi\r\n"
        return answer.replace("TAG", "A1").encode() + b"\r\n" if data else b""

    session = face.scripted(ScriptedServer(server_says), "IMAPSession", user="ada", password="päss")
    with pytest.raises(CourrielError) as caught:
        await session.open()
    assert isinstance(caught.value, Unauthorised) is (" NO" in answer or " BAD" in answer)
    # The password itself was never asked for.
    assert heard.startswith(b"A1 LOGIN ada {5}\r\n")
    assert "päss".encode() not in heard
