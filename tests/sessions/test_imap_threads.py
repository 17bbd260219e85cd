"""Conversations: THREAD by the server, whatever depth, and a clear word where there is none."""

from __future__ import annotations

from typing import Any

import pytest

from courriel import NotSupported, where
from courriel.drive.scripted import ScriptedServer
from courriel.model.thread import Thread

GREETING = "S: * PREAUTH [CAPABILITY IMAP4rev1 {words}] ready"


def served(face: Any, words: str, *lines: str) -> Any:
    """Return a session with a server that offers ``words`` and then goes on with ``lines``."""
    last = sum(line.startswith("C:") for line in lines) + 1
    bye = (f"C: A{last} LOGOUT", "S: * BYE", f"S: A{last} OK")
    server = ScriptedServer("\n".join((GREETING.format(words=words), *lines, *bye)))
    return face.tame(
        server.attach(face.kind("IMAPSession")("mx.example.org", security="plaintext"))
    )


async def test_the_conversations_of_a_folder(face: Any) -> None:
    session = served(
        face,
        "THREAD=ORDEREDSUBJECT THREAD=REFERENCES",
        "C: A1 EXAMINE INBOX",
        "S: * 7 EXISTS",
        "S: A1 OK [READ-ONLY] examined",
        "C: A2 UID THREAD REFERENCES US-ASCII UNSEEN",
        "S: * THREAD (2)(3 6 (4 23)(44 7 96))",
        "S: A2 OK done",
    )
    async with session:
        assert [
            Thread(((2, 0),)),
            Thread(((3, 0), (6, 1), (4, 2), (23, 3), (44, 2), (7, 3), (96, 4))),
        ] == await session.threads(where.unseen)


async def test_an_answer_to_a_message_that_is_gone(face: Any) -> None:
    session = served(
        face,
        "THREAD=REFERENCES",
        "C: A1 EXAMINE INBOX",
        "S: * 2 EXISTS",
        "S: A1 OK [READ-ONLY] examined",
        "C: A2 UID THREAD REFERENCES US-ASCII ALL",
        "S: * THREAD ((3)(5))",
        "S: A2 OK done",
    )
    async with session:
        (thread,) = await session.threads()
        assert ((None, 0), (3, 1), (5, 1)) == thread.members
        assert (3, 5) == thread.ids


async def test_a_server_that_sorts_nothing_into_conversations(face: Any) -> None:
    async with served(face, "UIDPLUS") as session:
        with pytest.raises(NotSupported) as caught:
            await session.threads()
        assert "THREAD=REFERENCES" == caught.value.capability
