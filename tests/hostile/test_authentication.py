"""Attacks on signing in (security.md, 1.4), through whole sessions; SCRAM's own are elsewhere.

A refusal of whatever kind leaves a session that is closed, and a secret that was not shown.
"""

from __future__ import annotations

from typing import Any

import pytest

from courriel import (
    Disconnected,
    Garbled,
    Limits,
    Misused,
    NotSupported,
    Refused,
    SessionState,
    Unauthorised,
)
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.hostile.signing import (
    LAST_RESPONSE,
    PASSWORD,
    PASSWORDS,
    STRONG,
    TOKEN,
    TOKENS,
    Scram,
    Tokens,
    always,
    refused,
    session_at,
    signs_in,
    sink_of,
    tried,
)

pytestmark = pytest.mark.virtual

# A01: downgrade.


async def test_a01_the_strongest_that_is_offered_is_taken(face: Face) -> None:
    sink = sink_of(*reversed(PASSWORDS), server=Scram())
    await signs_in(face, sink)
    assert ["SCRAM-SHA-256"] == tried(sink)


@pytest.mark.parametrize("code", ["454", "500", "501", "503", "504", "530", "534", "535", "554"])
@pytest.mark.parametrize("strongest", range(4))
async def test_a01_nothing_weaker_follows_a_refusal(face: Face, code: str, strongest: int) -> None:
    offered = PASSWORDS[strongest:]
    sink = sink_of(*offered, server=always(f"{code} no"))
    error = await refused(face, sink)
    assert isinstance(error, Refused)
    # A server that does not know what it offers is asked for the other of the same strength.
    same = {"SCRAM-SHA-256": STRONG, "PLAIN": ["PLAIN", "LOGIN"]}.get(offered[0], offered[:1])
    assert tried(sink) in ([offered[0]], same)
    assert code in ("500", "504") or [offered[0]] == tried(sink)


@pytest.mark.parametrize("strongest", range(4))
async def test_a01_nothing_follows_an_error(face: Face, strongest: int) -> None:
    offered = PASSWORDS[strongest:]
    sink = sink_of(*offered, server=always(b"\xff nonsense"))
    await refused(face, sink)
    assert offered[:1] == tried(sink)


# A08, A09: tokens.


@pytest.mark.parametrize("mechanism", TOKENS)
@pytest.mark.parametrize("chunk", [None, 1])
async def test_a08_a09_a_refused_token_is_answered_and_told(
    face: Face, mechanism: str, chunk: int | None
) -> None:
    server = Tokens(mechanism)
    sink = sink_of(mechanism, "PLAIN", "LOGIN", server=server)
    error = await refused(face, sink, token=TOKEN, password=PASSWORD, chunk=chunk)
    assert isinstance(error, Unauthorised)
    assert 535 == error.code
    assert "expired" in str(error)
    assert "scope mail" in str(error)
    assert LAST_RESPONSE[mechanism] == server.heard[1]
    # Never is a password tried behind a token.
    assert [mechanism] == tried(sink)


@pytest.mark.parametrize("mechanism", TOKENS)
@pytest.mark.parametrize("end", ["235 2.7.0 welcome", "250 ok"])
async def test_a08_success_behind_an_error_is_not_believed(
    face: Face, mechanism: str, end: str
) -> None:
    error = await refused(
        face, sink_of(mechanism, server=Tokens(mechanism, refusal=end)), token=TOKEN
    )
    assert isinstance(error, Garbled)


# A10, A11: challenges that never end, that are too large, or that are none.


@pytest.mark.parametrize("mechanism", [*PASSWORDS, *TOKENS])
@pytest.mark.parametrize("challenge", [b"", b"x", b"<1@example.org>", b"{}"])
async def test_a10_a_server_that_goes_on_asking_is_left(
    face: Face, mechanism: str, challenge: bytes
) -> None:
    asked: list[int] = []

    def server(responses: list[bytes]) -> bytes:
        asked.append(len(responses))
        return challenge

    secret = {"token": TOKEN} if mechanism in TOKENS else {}
    error = await refused(face, sink_of(mechanism, server=server), **secret)
    assert isinstance(error, Garbled)
    assert len(asked) <= 4


async def test_a10_a_server_that_does_not_let_go_is_left(face: Face) -> None:
    def server_says(heard: bytes) -> bytes:
        if b"EHLO" in heard:
            return b"250-mx\r\n250 AUTH LOGIN\r\n"
        return b"334 \r\n" if heard else b"220 mx\r\n"

    server = ScriptedServer(server_says)
    session = face.scripted(server, user="ada", password=PASSWORD)
    with pytest.raises(Garbled):
        await session.open()
    assert server.sent.endswith(b"*\r\n")
    assert SessionState.CLOSED is session.state


async def test_a10_the_rounds_are_bounded(face: Face) -> None:
    asked: list[int] = []

    def server(responses: list[bytes]) -> bytes:
        asked.append(len(responses))
        return b"again"

    error = await refused(face, sink_of("LOGIN", server=server), limits=Limits(sasl_rounds=1))
    assert isinstance(error, Garbled)
    assert "more than 1 times" in str(error)
    assert [0, 1] == asked


@pytest.mark.parametrize("mechanism", [*PASSWORDS, *TOKENS])
@pytest.mark.parametrize("lines", [1, 500], ids=["one line", "many lines"])
async def test_a10_a_challenge_that_is_too_large_is_not_read(
    face: Face, mechanism: str, lines: int
) -> None:
    size = 240_000 // lines
    reply = "\r\n".join([*[f"334-{'A' * size}"] * (lines - 1), "334 " + "A" * size])
    sink = sink_of(mechanism, server=always(reply))
    # Only the last bound may hold it.
    limits = Limits(reply_line=1_000_000, reply_size=1_000_000)
    secret = {"token": TOKEN} if mechanism in TOKENS else {}
    error = await refused(face, sink, limits=limits, **secret)
    assert isinstance(error, Garbled)
    assert "larger than 65536 octets" in str(error)


@pytest.mark.parametrize("mechanism", [*PASSWORDS, *TOKENS])
@pytest.mark.parametrize(
    "challenge",
    ["334 !!!", "334 x", "334 =", "334 ====", "334 YQ", "334 YQ==YQ==", "334 YQ==\x00", "334 é"],
)
async def test_a11_what_is_not_base64_cancels_the_exchange(
    face: Face, mechanism: str, challenge: str
) -> None:
    sink = sink_of(mechanism, server=always(challenge))
    secret = {"token": TOKEN} if mechanism in TOKENS else {}
    server = ScriptedServer(sink)
    options = {"security": "tls", "user": "ada", "password": PASSWORD} | secret
    if secret:
        del options["password"]
    session = face.scripted(server, **options)
    with pytest.raises(Garbled, match="base64"):
        await session.open()
    assert server.sent.endswith(b"\r\n*\r\n")
    assert SessionState.CLOSED is session.state


@pytest.mark.parametrize("challenge", ["334", "334 "])
async def test_a11_a_challenge_without_text_is_an_empty_one(face: Face, challenge: str) -> None:
    # LOGIN's prompts may be anything; CRAM-MD5 has nothing to sign then.
    assert isinstance(await refused(face, sink_of("CRAM-MD5", server=always(challenge))), Garbled)

    server = ScriptedServer(
        f"""
        S: 220 mx
        C: EHLO *
        S: 250-mx
        S: 250 AUTH LOGIN
        C: AUTH LOGIN
        S: {challenge}
        C: YWRh
        S: {challenge}
        C: Y29ycmVjdCBob3JzZQ==
        S: 235 welcome
        C: QUIT
        S: 221 bye
        """
    )
    async with face.scripted(server, user="ada", password=PASSWORD) as session:
        assert session.usable
    server.check()


# A13: odd offers.


@pytest.mark.parametrize(
    "words",
    [
        "AUTH=PLAIN LOGIN",
        "AUTH PLAIN PLAIN PLAIN",
        "auth plain",
        "AUTH|AUTH PLAIN",
        "AUTH PLAIN|AUTH=PLAIN",
        "AUTH PLAIN " + " ".join(f"X{number}" for number in range(500)),
        "AUTH   PLAIN  ",
        "AUTH XEVIL GSSAPI NTLM PLAIN",
    ],
    ids=["old", "twice", "lower", "empty line", "both", "many", "blanks", "unknown"],
)
async def test_a13_odd_offers_are_read(face: Face, words: str) -> None:
    sink = sink_of("PLAIN", server=always("235 welcome"), words=words)
    await signs_in(face, sink)
    assert ["PLAIN"] == tried(sink)


@pytest.mark.parametrize(
    "words",
    ["AUTH", "AUTH XEVIL", "AUTH PLAIN\u0131", "XAUTH PLAIN", "AUTHPLAIN", "PLAIN", "AUTH =PLAIN"],
)
async def test_a13_what_offers_nothing_signs_nobody_in(face: Face, words: str) -> None:
    sink = sink_of("PLAIN", server=always("235 welcome"), words=words)
    error = await refused(face, sink)
    assert isinstance(error, NotSupported)
    assert [] == tried(sink)
    assert len(str(error)) < 1_000


async def test_a13_a_thousand_mechanisms_are_not_told_in_full(face: Face) -> None:
    names = " ".join(f"X{number}" for number in range(800))
    error = await refused(face, sink_of("PLAIN", server=always("235"), words="AUTH " + names))
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
async def test_a14_a_token_is_renewed_once(face: Face, mechanism: str) -> None:
    source = Source("old", "new")
    sink = sink_of(mechanism, server=Tokens(mechanism, good="new"))
    await signs_in(face, sink, token=source)
    assert 2 == source.asked
    assert [mechanism] * 2 == tried(sink)


@pytest.mark.parametrize("mechanism", TOKENS)
async def test_a14_and_only_once(face: Face, mechanism: str) -> None:
    source = Source("old", "new", "newer", "newest")
    sink = sink_of(mechanism, "PLAIN", server=Tokens(mechanism, good="newest"))
    error = await refused(face, sink, token=source)
    assert isinstance(error, Unauthorised)
    assert 2 == source.asked
    assert [mechanism] * 2 == tried(sink)


async def test_a14_the_same_token_is_not_tried_again(face: Face) -> None:
    source = Source("old")
    sink = sink_of("XOAUTH2", server=Tokens("XOAUTH2"))
    assert isinstance(await refused(face, sink, token=source), Unauthorised)
    assert ["XOAUTH2"] == tried(sink)


@pytest.mark.parametrize("code", ["454 4.7.0", "534 5.7.9", "504 5.5.4", "530 5.7.0"])
async def test_a14_only_a_refused_token_is_renewed(face: Face, code: str) -> None:
    source = Source("old", "new")
    sink = sink_of("XOAUTH2", server=Tokens("XOAUTH2", refusal=f"{code} no"))
    assert isinstance(await refused(face, sink, token=source), Refused)
    assert 1 == source.asked


async def test_a14_a_source_that_fails_leaves_nothing_open(face: Face) -> None:
    def fail() -> str:
        raise LookupError("no token today")

    sink = sink_of("XOAUTH2", server=Tokens("XOAUTH2"))
    session = session_at(face, sink, token=fail)
    with pytest.raises(LookupError, match="no token today"):
        await session.open()
    assert SessionState.CLOSED is session.state
    assert [] == tried(sink)


@pytest.mark.parametrize("token", ["", None, 42, b"bytes", "two words", "line\r\nend", "é"])
async def test_a14_a_source_of_nonsense_is_told_so(face: Face, token: Any) -> None:
    sink = sink_of("XOAUTH2", server=Tokens("XOAUTH2"))
    assert isinstance(await refused(face, sink, token=lambda: token), Misused)
    assert [] == tried(sink)


# A15: what is transient says nothing about the password.


@pytest.mark.parametrize("mechanism", [*PASSWORDS, *TOKENS])
@pytest.mark.parametrize("code", ["454 4.7.0", "432 4.7.12", "421 4.3.2"])
async def test_a15_a_transient_failure_is_no_wrong_password(
    face: Face, mechanism: str, code: str
) -> None:
    secret = {"token": TOKEN} if mechanism in TOKENS else {}
    error = await refused(face, sink_of(mechanism, server=always(f"{code} later")), **secret)
    assert not isinstance(error, Unauthorised)
    assert error.retryable
    assert "password" not in error.hint


@pytest.mark.parametrize("mechanism", [*PASSWORDS, *TOKENS])
async def test_a15_535_is_one(face: Face, mechanism: str) -> None:
    secret = {"token": TOKEN} if mechanism in TOKENS else {}
    error = await refused(face, sink_of(mechanism, server=always("535 5.7.8 no")), **secret)
    assert isinstance(error, Unauthorised)
    assert not error.retryable


@pytest.mark.parametrize("mechanism", [*PASSWORDS, *TOKENS])
async def test_a15_silence_is_neither(face: Face, mechanism: str) -> None:
    secret = {"token": TOKEN} if mechanism in TOKENS else {"password": PASSWORD}
    server = ScriptedServer(
        f"""
        S: 220 mx
        C: EHLO *
        S: 250-mx
        S: 250 AUTH {mechanism}
        C: AUTH *
        -- cut
        """
    )
    session = face.scripted(server, user="ada", **secret)
    with pytest.raises(Disconnected):
        await session.open()
    assert SessionState.CLOSED is session.state
