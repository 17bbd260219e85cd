"""POP3 sessions take what IMAP sessions take: summaries as ids, and the name of their folder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from courriel import Misused, NotSupported, Refused, Summary
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.pop3_sink import Pop3Sink
from tests.transcripts import POP3_BYE, POP3_LISTED, POP3_OPEN

pytestmark = pytest.mark.virtual

MAILS = [b"Subject: %d\r\n\r\n%d\r\n" % (number, number) for number in range(3)]


def session_with(face: Face, server: Any) -> Any:
    server = server if isinstance(server, ScriptedServer) else ScriptedServer(server)
    return face.scripted(server, "POP3Session", user="ada", password="secret")


async def until_refused(items: Any) -> tuple[list[Any], Refused]:
    """Return what comes, and the error behind it."""
    found = []
    try:
        async for item in items:
            found.append(item)
    except Refused as error:
        return found, error
    raise AssertionError("nothing was refused")


@pytest.mark.parametrize("folder", [None, "INBOX", "inbox"])
async def test_a_summary_stands_for_its_id(face: Face, folder: str | None) -> None:
    sink = Pop3Sink(MAILS)
    where = {} if folder is None else {"folder": folder}
    async with session_with(face, sink) as session:
        first, second, third = [summary async for summary in session.messages()]
        assert MAILS[0] == (await session.fetch(first, **where)).source
        assert "1" == (await session.headers(second, **where)).subject
        assert b"2\r\n" == await session.part(third, "1", **where)
        assert MAILS[2] == await session.source(third, **where)
        emails = session.fetch_many([third, first.id], **where)
        assert [MAILS[2], MAILS[0]] == [email.source async for email in emails]
        await session.delete(second, **where)
        await session.delete([third, first.id], **where)
    assert {1, 2, 3} == sink.deleted


async def test_there_is_no_folder_but_inbox(face: Face) -> None:
    async with session_with(face, ScriptedServer(POP3_OPEN + POP3_BYE)) as session:
        for folder, error in (("Sent", NotSupported), ("", NotSupported), (1, Misused)):
            for call in (session.fetch, session.headers, session.source, session.delete):
                with pytest.raises(error):
                    await call("uid-1", folder=folder)
            with pytest.raises(error):
                await session.part("uid-1", "1", folder=folder)
            with pytest.raises(error):
                [email async for email in session.fetch_many([], folder=folder)]


async def test_a_summary_of_another_session_is_no_id(face: Face) -> None:
    async with session_with(face, ScriptedServer(POP3_OPEN + POP3_BYE)) as session:
        with pytest.raises(Misused, match="ids of POP3"):
            await session.fetch(Summary(7, "INBOX"))
        with pytest.raises(NotSupported) as caught:
            await session.delete([Summary("uid-1", "Archive")])
        assert "FOLDERS" == caught.value.capability


async def test_a_message_that_is_refused_does_not_stop_the_others(face: Face) -> None:
    server = ScriptedServer(
        POP3_OPEN
        + POP3_LISTED
        + """
        C: TOP 1 0
        C: TOP 2 0
        C: TOP 3 0
        S: +OK
        S: Subject: one
        S:
        S: .
        S: -ERR [SYS/PERM] its file is gone
        S: +OK
        S: Subject: three
        S:
        S: .
        C: RETR 1
        C: RETR 2
        C: RETR 3
        S: +OK
        S: Subject: one
        S:
        S: .
        S: -ERR [SYS/PERM] its file is gone
        S: +OK
        S: Subject: three
        S:
        S: .
        """
        + POP3_BYE
    )
    async with session_with(face, server) as session:
        calls: list[Callable[[], Any]] = [
            session.messages,
            lambda: session.fetch_many(["aaa", "zzz", "bbb", "ccc"]),
        ]
        for call in calls:
            found, error = await until_refused(call())
            assert ["one", "three"] == [getattr(one, "envelope", one).subject for one in found]
            assert error.session_usable
    server.check()


async def test_an_id_that_now_means_another_message_is_told_behind_the_others(face: Face) -> None:
    def mailbox(*subjects: str) -> Pop3Sink:
        sink = Pop3Sink([b"Subject: %b\r\n\r\n" % subject.encode() for subject in subjects])
        sink.capabilities = ("TOP", "USER", "PIPELINING")
        sink.refused = {"UIDL"}
        return sink

    async with session_with(face, mailbox("a", "b", "c")) as session:
        ids = [summary.id async for summary in session.messages()]
    async with session_with(face, mailbox("a", "x", "c")) as session:
        found, error = await until_refused(session.fetch_many(ids))
    assert ["a", "c"] == [email.subject for email in found]
    assert "NONEXISTENT" == error.condition


async def test_that_top_is_not_there_is_learned_once(face: Face) -> None:
    sink = Pop3Sink([b"Subject: %d\r\n\r\nbody\r\n" % number for number in range(4)], "USER")
    sink.capabilities = ("USER", "UIDL", "TOP")
    sink.refused = {"TOP"}
    async with session_with(face, sink) as session:
        for number in range(4):
            assert str(number) == (await session.headers(f"uid-{number + 1}")).subject
    assert 1 == len([command for command in sink.commands if command.startswith("TOP")])
    assert 4 == len([command for command in sink.commands if command.startswith("RETR")])
