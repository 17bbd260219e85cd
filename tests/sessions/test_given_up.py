"""What is given up half-way: a body, a farewell, a pipeline, a session that nobody holds."""

from __future__ import annotations

import asyncio
import gc
import io
from types import SimpleNamespace
from typing import Any

import pytest

from courriel import (
    CourrielError,
    Limits,
    Misused,
    NotSupported,
    SessionState,
    SMTPSession,
)
from courriel.drive.scripted import ScriptedServer
from courriel.flows.opening import close_dialogue
from tests.faces import Face
from tests.sessions.elsewhere import elsewhere
from tests.sessions.letters import ADA, SENDER, letter
from tests.sessions.loopback import loopback
from tests.sink import Sink

ENVELOPE: dict[str, Any] = {"sender": SENDER, "recipients": [ADA]}
FED = Limits(eager_body=100, body_chunk=100)
HELLO = "S: 220 mx\nC: EHLO me.example.org\nS: 250-mx\nS: 250 PIPELINING\n"


# Bodies out of files. A file is read in a thread, so this is on real time.


@pytest.mark.parametrize(
    ("tail", "kind"), [(b"\xe9\r\n", NotSupported), (b"x" * 2_000 + b"\r\n", Misused)]
)
async def test_a_body_that_fails_in_the_middle_costs_the_session(
    face: Face, tail: bytes, kind: type[CourrielError]
) -> None:
    source = io.BytesIO(letter(1, b"Line.\r\n" * 100 + tail))
    async with face.scripted(ScriptedServer(Sink("PIPELINING")), limits=FED) as session:
        with pytest.raises(kind) as caught:
            await session.send_source(source, **ENVELOPE)
        assert SessionState.BROKEN is session.state
        assert not caught.value.session_usable


async def test_a_body_that_fails_between_chunks_does_not(face: Face) -> None:
    source = io.BytesIO(letter(1, b"Line.\r\n" * 100 + b"\xe9\r\n"))
    sink = Sink("PIPELINING", "CHUNKING")
    async with face.scripted(ScriptedServer(sink), limits=FED) as session:
        with pytest.raises(NotSupported) as caught:
            await session.send_source(source, **ENVELOPE)
        assert caught.value.session_usable
        assert 250 == (await session.noop()).code
    assert [] == sink.messages


@pytest.mark.parametrize("octets", [10, 10_000])
async def test_recipients_are_counted_however_long_the_message(face: Face, octets: int) -> None:
    sink = Sink("PIPELINING")
    limits = Limits(eager_body=1_000, recipients=2)
    async with face.scripted(ScriptedServer(sink), limits=limits) as session:
        many = [f"ada{number}@example.org" for number in range(3)]
        with pytest.raises(Misused, match="3 recipients"):
            await session.send_source(
                io.BytesIO(letter(1, b"x\r\n" * (octets // 3))), sender=SENDER, recipients=many
            )
        assert session.usable
    assert not [line for line in sink.commands if line.startswith("MAIL")]


@pytest.mark.parametrize(
    ("offers", "body"),
    [
        (("CHUNKING", "BINARYMIME", "8BITMIME"), "BINARYMIME"),
        (("BINARYMIME", "8BITMIME"), "8BITMIME"),
        (("CHUNKING", "8BITMIME"), "8BITMIME"),
    ],
)
async def test_a_body_that_is_not_known_yet_is_called_all_that_it_may_be(
    face: Face, offers: tuple[str, ...], body: str
) -> None:
    sink = Sink("PIPELINING", *offers)
    async with face.scripted(ScriptedServer(sink), limits=FED) as session:
        await session.send_source(io.BytesIO(letter(1, b"Line.\r\n" * 100)), **ENVELOPE)
    assert [f"MAIL FROM:<{SENDER}> BODY={body}"] == [c for c in sink.commands if "MAIL" in c]


# Sessions.


async def test_a_session_is_held_by_those_who_iterate(face: Face) -> None:
    with loopback("PIPELINING", "CHUNKING") as server:
        session = face.smtp(port=server.port, security="plaintext")
        await session.open()
        receipts = session.send_many([letter(number) for number in range(3)], **ENVELOPE)
        del session
        gc.collect()
        taken = []
        async for receipt in receipts:
            gc.collect()
            taken.append(receipt.error)
        assert [None] * 3 == taken
        del receipts
        gc.collect()
        assert "QUIT" == (await asyncio.to_thread(server.wait_for_the_end))[-1]


async def test_a_session_is_held_by_its_pipeline(face: Face) -> None:
    with loopback("PIPELINING") as server:
        session = face.smtp(port=server.port, security="plaintext")
        await session.open()
        pipeline = session.pipeline()
        session = None
        gc.collect()
        async with pipeline:
            pending = getattr(pipeline, "plain", pipeline).noop()
        assert 250 == pending.result().code


async def test_opening_while_another_closes_leaves_it_open(face: Face) -> None:
    with loopback(silent_at="QUIT") as server:
        session = face.smtp(port=server.port, security="plaintext")
        await session.open()
        closing = elsewhere(face, session, "close")
        await asyncio.to_thread(server.wait)
        server.speak()
        await session.open()
        await closing
        assert SessionState.OPEN is session.state
        assert 250 == (await session.noop()).code
        server.ended.clear()
        # And it is still watched over.
        del session, closing
        gc.collect()
        assert "QUIT" == (await asyncio.to_thread(server.wait_for_the_end))[-1]


async def test_a_cancelled_close_leaves_nothing_open() -> None:
    with loopback(silent_at="QUIT") as server:
        session = Face("asyncio").smtp(port=server.port, security="plaintext")
        await session.open()
        closing = asyncio.ensure_future(session.close())
        await asyncio.to_thread(server.wait)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        assert SessionState.CLOSED is session.state
        await asyncio.to_thread(server.wait_for_the_end)


def test_an_interrupted_close_condemns_the_connection() -> None:
    server = ScriptedServer(HELLO + "C: QUIT\n-- stall")
    session = server.attach(
        SMTPSession("mx.example.org", security="plaintext", local_name="me.example.org")
    )
    session.open()
    machine = session._dialogue.machine
    flow = close_dialogue(session._dialogue)
    next(flow)
    next(flow)
    with pytest.raises(KeyboardInterrupt):
        flow.throw(KeyboardInterrupt())
    assert machine.error is not None
    session.close()


@pytest.mark.virtual
async def test_who_is_interrupted_while_leaving_a_pipeline_gives_all_of_it_up(face: Face) -> None:
    server = ScriptedServer(HELLO + "C: VRFY one\nS: 250 one\n-- stall")
    async with face.scripted(server) as session:
        pipeline = session.pipeline()
        plain = getattr(pipeline, "plain", pipeline)
        run, calls = plain._driver.run, []

        def interrupted(flow: Any, **more: Any) -> Any:
            calls.append(flow)
            if len(calls) > 1:
                raise KeyboardInterrupt
            return run(flow, **more)

        driver = plain._driver
        plain._driver = SimpleNamespace(run=interrupted, begin=driver.begin, abandon=driver.abandon)
        pending: list[Any] = []
        with pytest.raises(KeyboardInterrupt):
            async with pipeline:
                pending += [plain.verify(name) for name in ("one", "two", "three")]
        assert 250 == pending[0].result().code
        for one in pending[1:]:
            with pytest.raises(Misused, match="left by an error"):
                one.result()
