"""What callers give that runs, even such as asks the session that it is given to: ids, tokens."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any

import pytest

from courriel import Misused, SMTPSession
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.hostile.imap_sink import ImapSink
from tests.pop3_sink import Pop3Sink
from tests.sessions.imap_desk import Desk, letter
from tests.sessions.imap_talk import imap
from tests.sink import Sink

pytestmark = pytest.mark.virtual

PATIENCE = 20.0
MAILS = [b"Subject: %d\r\n\r\nbody\r\n" % number for number in range(1, 5)]
LETTER = b"From: ada@example.org\r\nTo: bob@example.org\r\nSubject: Hi\r\n\r\nHi.\r\n"


def desk() -> Desk:
    return Desk("UIDPLUS MOVE", INBOX=[1, 2, 5], Work=[])


def pop3(face: Face, sink: Pop3Sink) -> Any:
    server = ScriptedServer(sink)
    return face.scripted(server, "POP3Session", user="ada", password="secret")


def within_reason(call: Callable[[], Any]) -> Any:
    """Return what a plain call gives; fail where it would hang for ever."""
    given: list[Any] = []

    def run() -> None:
        try:
            given.append(call())
        except BaseException as error:  # noqa: BLE001 - It is raised again here.
            given.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    assert given, "the session waits for itself"
    if isinstance(given[0], BaseException):
        raise given[0]
    return given[0]


CALLS: dict[str, Callable[[Any, Any], Any]] = {
    "UID STORE 1,5 +FLAGS.SILENT (\\Deleted)": lambda session, ids: session.delete(ids),
    "UID STORE 1,5 +FLAGS.SILENT (\\Seen)": lambda session, ids: session.flag(ids, add="seen"),
    'UID COPY 1,5 "Work"': lambda session, ids: session.copy(ids, "Work"),
    'UID MOVE 1,5 "Work"': lambda session, ids: session.move(ids, "Work"),
    "UID EXPUNGE 1,5": lambda session, ids: session.expunge(ids),
    "UID FETCH 1,5 (BODY.PEEK[])": lambda session, ids: list(session.fetch_many(ids)),
}


@pytest.mark.parametrize("command", CALLS)
def test_ids_may_come_out_of_the_same_session(command: str) -> None:
    office = desk()
    session = imap(Face("blocking"), ScriptedServer(office)).plain
    with session:

        def odd() -> Iterator[Any]:
            return (each for each in session.messages() if each.id % 2)

        within_reason(lambda: CALLS[command](session, odd()))
        assert command.replace('"', "") == office.said[-1].replace('"', "")


@pytest.mark.parametrize("command", CALLS)
async def test_ids_may_come_asynchronously_in_asyncio(command: str) -> None:
    office = desk()
    async with imap(Face("asyncio"), ScriptedServer(office)) as session:

        async def odd() -> AsyncIterator[Any]:
            async for each in session.messages():
                if each.id % 2:
                    yield each

        if "FETCH" in command:
            found = [email.source async for email in session.fetch_many(odd())]
            assert [letter("INBOX", 1), letter("INBOX", 5)] == found
        else:
            await CALLS[command](session, odd())
        assert command.replace('"', "") == office.said[-1].replace('"', "")


def test_ids_out_of_the_same_pop3_session() -> None:
    sink = Pop3Sink(MAILS)
    session = pop3(Face("blocking"), sink).plain
    with session:
        emails = within_reason(lambda: list(session.fetch_many(session.messages())))
        assert ["1", "2", "3", "4"] == [email.subject for email in emails]
        within_reason(lambda: session.delete(s for s in session.messages() if s.id != "uid-2"))
    assert {1, 3, 4} == sink.deleted


async def test_ids_out_of_the_same_pop3_session_in_asyncio() -> None:
    sink = Pop3Sink(MAILS)
    async with pop3(Face("asyncio"), sink) as session:
        emails = [email async for email in session.fetch_many(session.messages(limit=2))]
        assert ["1", "2"] == [email.subject for email in emails]
        await session.delete(session.messages())
    assert {1, 2, 3, 4} == sink.deleted


async def test_a_stream_takes_its_ids_when_it_is_iterated(face: Face) -> None:
    asked: list[int] = []

    def ids() -> Iterator[int]:
        for uid in (5, 1):
            asked.append(uid)
            yield uid

    async with imap(face, ScriptedServer(desk())) as session:
        stream = session.fetch_many(ids())
        assert [] == asked
        assert letter("INBOX", 5) == (await anext(stream)).source
        assert [5, 1] == asked
        await stream.aclose()


async def test_in_a_pipeline_calls_keep_their_order(face: Face) -> None:
    office = desk()
    async with imap(face, ScriptedServer(office)) as session, session.pipeline() as pipeline:
        plain = getattr(pipeline, "plain", pipeline)
        plain.delete(uid for uid in (1, 5))
        plain.expunge(iter([1, 5]))
    assert ["UID STORE", "UID EXPUNGE"] == [
        " ".join(command.split(" ")[:2]) for command in office.said if command.startswith("UID")
    ]


@pytest.mark.parametrize("kind", ["imap", "pop3"])
async def test_bad_ids_are_misused_however_they_come(face: Face, kind: str) -> None:
    session = imap(face, ScriptedServer(desk())) if kind == "imap" else pop3(face, Pop3Sink(MAILS))
    wrong: Iterable[Any] = (one for one in (None, 1.5))
    async with session:
        with pytest.raises(Misused) as caught:
            await session.delete(wrong)
        assert "delete" == caught.value.operation
        with pytest.raises(Misused) as caught:
            [email async for email in session.fetch_many(one for one in (b"", None))]
        assert "fetch_many" == caught.value.operation


@pytest.mark.parametrize("kind", ["imap", "pop3"])
async def test_what_an_iterable_raises_comes_through(face: Face, kind: str) -> None:
    def torn() -> Iterator[Any]:
        yield from ()
        raise KeyError("paper")

    session = imap(face, ScriptedServer(desk())) if kind == "imap" else pop3(face, Pop3Sink(MAILS))
    async with session:
        with pytest.raises(KeyError):
            await session.delete(torn())
        with pytest.raises(KeyError):
            [email async for email in session.fetch_many(torn())]
        assert session.usable


def test_an_asynchronous_iterable_is_nothing_for_a_blocking_session() -> None:
    async def ids() -> AsyncIterator[int]:
        yield 1

    with imap(Face("blocking"), ScriptedServer(desk())).plain as session:
        with pytest.raises(Misused, match="asyncio") as caught:
            session.delete(ids())
        assert "delete" == caught.value.operation
        with pytest.raises(Misused, match="asyncio"):
            list(session.fetch_many(ids()))
        assert 3 == len(list(session.messages()))


def connected() -> tuple[Sink, SMTPSession]:
    sink = Sink("PIPELINING")
    session = Face("blocking").scripted(ScriptedServer(sink)).plain
    return sink, session


@pytest.mark.parametrize("way", ["send", "send_source", "send_many"])
def test_recipients_may_come_out_of_the_same_session(way: str) -> None:
    sink, session = connected()
    people = ["bob@example.org", "eve@example.org"]
    with session:
        known = (each for each in people if session.verify(each).code == 250)
        options: dict[str, Any] = {"sender": "ada@example.org", "recipients": known}
        if way == "send_many":
            within_reason(lambda: list(session.send_many([LETTER, LETTER], **options)))
        else:
            within_reason(lambda: getattr(session, way)(LETTER, **options))
    assert tuple(f"RCPT TO:<{each}>" for each in people) == sink.envelopes[-1][1]


def test_what_gets_a_token_cannot_open_the_session_that_it_is_for() -> None:
    server = ScriptedServer(ImapSink("AUTH=XOAUTH2"), ImapSink())
    kept: list[Any] = []

    def token() -> str:
        return str(kept[0].open())

    kept.append(imap(Face("blocking"), server, user="ada", token=token).plain)
    with pytest.raises(Misused, match="this very call") as caught:
        within_reason(kept[0].open)
    assert "open" == caught.value.operation


async def test_what_gets_a_token_cannot_open_the_session_in_asyncio_either() -> None:
    server = ScriptedServer(ImapSink("AUTH=XOAUTH2"), ImapSink())
    kept: list[Any] = []

    async def token() -> str:
        return str(await kept[0].open())

    kept.append(imap(Face("asyncio"), server, user="ada", token=token))
    with pytest.raises(Misused, match="this very call"):
        await kept[0].open()
