"""POP3 sessions that are shared, cancelled, closed and opened again in the middle of something."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from courriel import AsyncPOP3Session, Limits, Timeout
from courriel.drive.scripted import ScriptedServer
from courriel.flows import collecting
from courriel.flows.pop3_opening import Pop3Dialogue
from courriel.model.options import Security
from courriel.model.profile import Profile
from courriel.protocol.pop3 import Pop3Machine
from courriel.wire.pop3.capabilities import Capabilities
from tests.faces import Face
from tests.pop3_sink import Pop3Sink
from tests.transcripts import POP3_BYE, POP3_LISTED, POP3_OPEN

pytestmark = pytest.mark.virtual


def session_of(server: ScriptedServer, **arguments: Any) -> AsyncPOP3Session:
    options = {"user": "ada", "password": "secret"} | arguments
    session: AsyncPOP3Session = Face("asyncio").scripted(server, "POP3Session", **options)
    return session


async def cancelled(call: Any) -> None:
    """Begin a call and cancel it while it waits."""
    task = asyncio.ensure_future(call)
    await asyncio.sleep(1)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_a_deletion_that_is_cancelled_is_known_all_the_same() -> None:
    server = ScriptedServer(
        POP3_OPEN
        + POP3_LISTED
        + "C: DELE 1\nC: DELE 3\n-- wait 5\nS: +OK\nS: +OK\n"
        + "C: NOOP\nS: +OK\nC: QUIT\n-- wait 30\nS: +OK bye\n"
    )
    async with session_of(server) as session:
        await cancelled(session.delete(["aaa", "ccc"]))
        await session.noop()
        assert 1 == await session.count()
    server.check()


async def test_what_a_cancelled_deletion_had_not_said_is_not_said() -> None:
    server = ScriptedServer(
        POP3_OPEN.replace("S: PIPELINING\n", "")
        + POP3_LISTED.replace("C: UIDL\n", "").replace("S: .\nS: +OK\n", "S: .\nC: UIDL\nS: +OK\n")
        + "C: DELE 1\n-- wait 5\nS: +OK\nC: NOOP\nS: +OK\n"
        + POP3_BYE
    )
    async with session_of(server) as session:
        await cancelled(session.delete(["aaa", "bbb", "ccc"]))
        await session.noop()
        assert 2 == await session.count()
    server.check()


async def test_a_reset_that_is_cancelled_takes_the_deletions_back() -> None:
    server = ScriptedServer(
        POP3_OPEN
        + POP3_LISTED
        + "C: DELE 1\nS: +OK\nC: RSET\n-- wait 5\nS: +OK\nC: NOOP\nS: +OK\n"
        + POP3_BYE
    )
    async with session_of(server) as session:
        await session.delete("aaa")
        await cancelled(session.reset())
        await session.noop()
        assert 3 == await session.count()
    server.check()


async def test_two_tasks_may_delete_the_same_message() -> None:
    server = ScriptedServer(
        POP3_OPEN
        + POP3_LISTED
        + "C: DELE 1\nC: DELE 1\nS: +OK\nS: -ERR message 1 already deleted\n"
        + POP3_BYE
    )
    async with session_of(server) as session:
        await asyncio.gather(session.delete("aaa"), session.delete("aaa"))
        assert 2 == await session.count()
    server.check()


async def test_a_list_that_one_task_gave_up_is_asked_for_by_the_next() -> None:
    server = ScriptedServer(
        POP3_OPEN
        + POP3_LISTED.replace("S: +OK 3 messages", "-- wait 5\nS: +OK 3 messages")
        + POP3_LISTED
        + "C: RETR 2\nS: +OK\nS: Subject: two\nS:\nS: .\n"
        + POP3_BYE
    )
    async with session_of(server) as session:
        first = asyncio.ensure_future(session.fetch("aaa"))
        second = asyncio.ensure_future(session.fetch("bbb"))
        await asyncio.sleep(1)
        first.cancel()
        assert "two" == (await second).subject
    server.check()


async def test_closing_waits_for_deletions_behind_a_long_message_nobody_wants() -> None:
    body = "\n".join(["S: " + "x" * 70] * 40)
    server = ScriptedServer(
        POP3_OPEN
        + POP3_LISTED
        + "C: DELE 1\nS: +OK\nC: RETR 3\nS: +OK\n"
        + f"-- wait 8\n{body}\n" * 10
        + "S: .\n"
        + POP3_BYE
    )
    session = session_of(server, timeout=Timeout(read=10), limits=Limits(minimum_rate=100))
    async with session:
        await session.delete("aaa")
        await cancelled(session.fetch("ccc"))
    server.check()


async def test_no_more_large_messages_are_asked_for_than_the_window_takes(face: Face) -> None:
    small, large = b"Subject: s\r\n\r\n", b"Subject: l\r\n\r\n" + b"x" * 5_000 + b"\r\n"
    sink = Pop3Sink([small] * 20 + [large] * 40)
    limits = Limits(window_octets=6_000)
    session = face.scripted(
        ScriptedServer(sink), "POP3Session", user="ada", password="secret", limits=limits
    )
    async with session:
        stream = session.fetch_many([f"uid-{n + 1}" for n in range(60)])
        taken = 0
        async for _ in stream:
            taken += 1
            if taken == 20:
                break
        # Others use the session meanwhile, so that answers come in.
        for _ in range(50):
            await session.noop()
        asked = len([command for command in sink.commands if command.startswith("RETR")])
        await stream.aclose()
    assert asked <= 22


def greeted() -> Pop3Machine:
    """Return a machine that was greeted."""
    machine = Pop3Machine(Limits())
    machine.receive_data(b"+OK ready\r\n")
    machine.learn(Capabilities.of(b"UIDL\r\nTOP\r\nPIPELINING"))
    return machine


def test_numbers_of_one_connection_are_never_used_on_the_next() -> None:
    dialogue = Pop3Dialogue(Profile(host="x", port=110, security=Security.PLAINTEXT))
    old, new = greeted(), greeted()
    dialogue.current = old
    flow = collecting.delete(dialogue, "bbb", None)
    flow.send(None)
    old.receive_data(b"+OK\r\n1 1\r\n2 1\r\n.\r\n+OK\r\n1 aaa\r\n2 bbb\r\n.\r\n")
    # All is answered; before the flow goes on somebody closes the session and opens it again.
    dialogue.maildrop, dialogue.current = None, new
    flow.send(None)
    new.receive_data(b"+OK\r\n1 1\r\n2 1\r\n.\r\n+OK\r\n1 bbb\r\n2 ccc\r\n.\r\n")
    flow.send(None)
    assert b"DELE" not in old.data_to_send()
    assert b"LIST\r\nUIDL\r\nDELE 1\r\n" == new.data_to_send()
