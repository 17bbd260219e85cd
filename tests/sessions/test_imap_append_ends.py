"""Appends that are given up: what the server has not been handed must not go through later."""

from __future__ import annotations

import asyncio

import pytest

from courriel import Disconnected, TimedOut, Timeout, Uncertain
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.sessions.imap_talk import bye, imap, opened

pytestmark = pytest.mark.virtual

MAIL = b"Subject: hello\r\nMessage-ID: <1@example.org>\r\n\r\nHi.\r\n"
IMPATIENT = Timeout(total=3)


async def test_a_late_invitation_is_not_taken(face: Face) -> None:
    server = ScriptedServer(
        opened()
        + """
        C: A1 APPEND a {52}
        -- wait 5
        S: + go on
        """
    )
    async with imap(face, server, timeout=IMPATIENT) as session:
        with pytest.raises(TimedOut):
            await session.append("a", MAIL)
        with pytest.raises(Disconnected, match="given up"):
            await session.noop()
        assert not session.usable
    server.check()
    assert b"hello" not in server.sent


async def test_a_late_refusal_leaves_the_session_as_it_was(face: Face) -> None:
    server = ScriptedServer(
        opened()
        + """
        C: A1 APPEND a {52}
        -- wait 5
        S: A1 NO [TRYCREATE] none such
        C: A2 NOOP
        S: A2 OK done
        """
        + bye(3)
    )
    async with imap(face, server, timeout=IMPATIENT) as session:
        with pytest.raises(TimedOut) as caught:
            await session.append("a", MAIL)
        assert caught.value.session_usable
        await session.noop()
    server.check()


async def test_a_late_answer_is_uncertain_and_the_session_as_it_was(face: Face) -> None:
    server = ScriptedServer(
        opened("LITERAL+")
        + """
        C: A1 APPEND a {52+}
        C: Subject: hello
        C: Message-ID: <1@example.org>
        C:
        C: Hi.
        C:
        -- wait 5
        S: A1 OK done
        C: A2 NOOP
        S: A2 OK done
        """
        + bye(3)
    )
    async with imap(face, server, timeout=IMPATIENT) as session:
        with pytest.raises(Uncertain) as caught:
            await session.append("a", MAIL)
        assert caught.value.session_usable
        await session.noop()
    server.check()


async def test_a_cancelled_task_takes_its_message_back() -> None:
    server = ScriptedServer(
        opened()
        + """
        C: A1 APPEND a {52}
        -- wait 5
        S: + go on
        """
    )
    async with imap(Face("asyncio"), server) as session:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(session.append("a", MAIL), 3)
        with pytest.raises(Disconnected, match="given up"):
            await session.noop()
    server.check()
    assert b"hello" not in server.sent
