"""Pipelines: calls begin at once, and are answered when the block is left."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from courriel import Disconnected, Misused, Refused, SendRefused, Uncertain
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.servers.maildir import Maildirs
from tests.servers.postfix import Postfix
from tests.servers.refusals import UNKNOWN
from tests.sessions.doors import through
from tests.sessions.letters import ADA, SENDER, expect_once, letter, message_id
from tests.sessions.loopback import loopback

DOORS = pytest.mark.parametrize("door", ["open", "no CHUNKING", "no PIPELINING", "submission"])


def spoken_to(pipeline: Any) -> Any:
    """Return the pipeline itself: its calls return at once, on both faces."""
    return getattr(pipeline, "plain", pipeline)


@asynccontextmanager
async def begun_in(session: Any) -> AsyncIterator[Any]:
    async with session.pipeline() as pipeline:
        yield spoken_to(pipeline)


@pytest.mark.server
@DOORS
async def test_each_pending_has_its_own_answer(
    face: Face, postfix: Postfix, mail: Maildirs, door: str
) -> None:
    async with face.smtp(**through(postfix, door)) as session:
        async with begun_in(session) as pipeline:
            sent = [pipeline.send(letter(n), sender=SENDER, recipients=[ADA]) for n in range(20)]
            bad = pipeline.send(letter("bad"), sender=SENDER, recipients=[UNKNOWN])
            wrong = pipeline.send(b"no header\r\n")
            noop = pipeline.noop()
            for pending in (sent[0], bad, noop):
                with pytest.raises(Misused, match="not there yet"):
                    pending.result()
            ready = pipeline.send_source(letter("ready"), sender=SENDER, recipients=[ADA])
        assert [message_id(n) for n in range(20)] == [one.result().message_id for one in sent]
        assert message_id("ready") == ready.result().message_id
        for _ in range(2):
            with pytest.raises(SendRefused) as caught:
                bad.result()
            assert [UNKNOWN] == list(caught.value.refused)
        with pytest.raises(Misused):
            wrong.result()
        assert 250 == noop.result().code
        assert 250 == (await session.noop()).code
    postfix.drain()
    expect_once([*range(20), "ready"], mail.inbox("ada"))


@pytest.mark.virtual
async def test_all_of_it_goes_out_in_one_flight(face: Face) -> None:
    # Only RSET may be followed in its group (RFC 2920, 3.1); VRFY ends it.
    lines = "C: RSET\nC: RSET\nC: VRFY bob\nS: 250 ok\nS: 250 ok\nS: 550 nobody\n"
    server = ScriptedServer(
        "S: 220 mx\nC: EHLO me.example.org\nS: 250-mx\nS: 250 PIPELINING\n"
        + lines
        + "C: QUIT\nS: 221 bye\n"
    )
    async with face.scripted(server) as session:
        before = server.flights
        async with begun_in(session) as pipeline:
            one, other, verify = pipeline.reset(), pipeline.reset(), pipeline.verify("bob")
        assert 1 == server.flights - before
        assert [250, 250] == [one.result().code, other.result().code]
        with pytest.raises(Refused, match="VRFY"):
            verify.result()
    server.check()


async def test_an_empty_pipeline_does_nothing(face: Face) -> None:
    with loopback("PIPELINING") as server:
        session = face.smtp(port=server.port, security="plaintext")
        async with session, session.pipeline():
            pass
        assert ["EHLO", "QUIT"] == [line.split()[0] for line in server.wait_for_the_end()]


async def test_outside_its_block_a_pipeline_takes_nothing(face: Face) -> None:
    with loopback("PIPELINING") as server:
        async with face.smtp(port=server.port, security="plaintext") as session:
            pipeline = session.pipeline()
            plain = spoken_to(pipeline)
            with pytest.raises(Misused, match="not entered"):
                plain.noop()
            async with pipeline:
                pass
            with pytest.raises(Misused, match="not entered"):
                plain.noop()


async def test_a_session_that_is_not_open_fails_each_call(face: Face) -> None:
    session = face.smtp(security="plaintext")
    async with begun_in(session) as pipeline:
        pending = pipeline.noop()
    with pytest.raises(Misused, match="not open"):
        pending.result()


async def fail_in(pipeline: Any, begun: list[Any]) -> None:
    async with pipeline:
        begun.append(spoken_to(pipeline).noop())
        raise ZeroDivisionError


async def test_a_block_left_by_an_exception_waits_for_nothing(face: Face) -> None:
    with loopback("PIPELINING", silent_at="NOOP") as server:
        async with face.smtp(port=server.port, security="plaintext") as session:
            begun: list[Any] = []
            with pytest.raises(ZeroDivisionError):
                await fail_in(session.pipeline(), begun)
            (pending,) = begun
            with pytest.raises(Misused, match="left by an error"):
                pending.result()


async def test_a_lost_connection_is_each_calls_own_error(face: Face) -> None:
    with loopback("PIPELINING", hang_up_at="message") as server:
        async with face.smtp(port=server.port, security="plaintext") as session:
            async with begun_in(session) as pipeline:
                sent = [pipeline.send(letter(n), sender=SENDER, recipients=[ADA]) for n in range(3)]
            with pytest.raises(Uncertain):
                sent[0].result()
            for pending in sent[1:]:
                with pytest.raises(Disconnected, match="not sent"):
                    pending.result()
