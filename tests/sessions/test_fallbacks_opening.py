"""Servers that lack what opening begins with: the next best way, but never a weaker one."""

from __future__ import annotations

from typing import Any

import pytest

from courriel import (
    CourrielError,
    Email,
    NotSupported,
    SendOptions,
    Unauthorised,
)
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.sessions.heard import mails_of, send, verbs_of
from tests.sessions.letters import ADA, SENDER, letter
from tests.sink import Sink

pytestmark = pytest.mark.virtual

EIGHT_BIT = letter("eight", "Grüße\r\n".encode())


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
