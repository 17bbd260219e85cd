"""What is raised names the call that was made, whatever was being done inside of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from courriel import CourrielError, Email, Misused, NotSupported, Refused, where
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.hostile.imap_sink import ImapSink
from tests.pop3_sink import Pop3Sink
from tests.sink import Sink

pytestmark = pytest.mark.virtual

LETTER = b"Subject: hello\r\n\r\nHi.\r\n"
MAIL = Email(sender="ada@example.org", to="bob@example.org", text="Hi.")

IMAP: dict[str, tuple[Callable[[Any], Any], ...]] = {
    "append": (
        lambda s: s.append("a", b""),
        lambda s: s.append("a", LETTER + b"\0"),
        lambda s: s.append("a", LETTER, flags="a b"),
    ),
    "append_many": (
        lambda s: s.append_many("a", [b""]),
        lambda s: s.append_many("a", [LETTER], flags="a b"),
        lambda s: s.append_many("a", LETTER),
    ),
    "flag": (
        lambda s: s.flag(1, add="a b"),
        lambda s: s.flag("1", add="seen"),
        lambda s: s.flag(0, add="seen"),
        lambda s: s.flag(1),
    ),
    "search": (
        lambda s: s.search(where.ids("u1")),
        lambda s: s.search("ALL"),
        lambda s: s.search(where.gmail("x")),
        lambda s: s.search(where.all, sort="colour"),
    ),
    "threads": (lambda s: s.threads(where.unseen),),
    "part": (lambda s: s.part(1, "one"),),
    "copy": (lambda s: s.copy(1, ""), lambda s: s.copy("1", "a")),
    "create_folder": (lambda s: s.create_folder(""), lambda s: s.create_folder("a", use="b")),
    "status": (lambda s: s.status(3),),
    "folders": (lambda s: s.folders(""),),
    "identify": (lambda s: s.identify(name="é"),),
}
IMAP_STREAMS: dict[str, tuple[Callable[[Any], Any], ...]] = {
    "messages": (
        lambda s: s.messages(query=where.ids("u1")),
        lambda s: s.messages(query="ALL"),
        lambda s: s.messages(limit=-1),
        lambda s: s.messages(3),
    ),
    "fetch_many": (lambda s: s.fetch_many(["1"]),),
    "watch": (lambda s: s.watch(timeout="x"),),
}
POP3: dict[str, tuple[Callable[[Any], Any], ...]] = {
    "fetch": (lambda s: s.fetch("nothing"), lambda s: s.fetch(3)),
    "part": (lambda s: s.part("nothing", "1"), lambda s: s.part("uid-1", "one")),
    "count": (lambda s: s.count("Sent"),),
    "delete": (lambda s: s.delete(["nothing"]),),
}
POP3_STREAMS: dict[str, tuple[Callable[[Any], Any], ...]] = {
    "messages": (
        lambda s: s.messages(query=where.unseen),
        lambda s: s.messages(query=where.gmail("x")),
        lambda s: s.messages(query=where.ids(5)),
        lambda s: s.messages(unread=True),
        lambda s: s.messages(limit="x"),
    ),
    "fetch_many": (lambda s: s.fetch_many(["nothing"]),),
}
SMTP: dict[str, tuple[Callable[[Any], Any], ...]] = {
    "send": (
        lambda s: s.send(3),
        lambda s: s.send(MAIL, sender="a b"),
        lambda s: s.send(MAIL, recipients=[]),
        lambda s: s.send(MAIL, options=3),
        lambda s: s.send(MAIL, recipients="é@example.org"),
    ),
    "send_source": (
        lambda s: s.send_source(3, sender=None, recipients="a@b.org"),
        lambda s: s.send_source(LETTER, sender="a@b.org", recipients=None),
    ),
    "verify": (lambda s: s.verify("\r\n"), lambda s: s.verify("é")),
}


def every(table: dict[str, tuple[Callable[[Any], Any], ...]]) -> pytest.MarkDecorator:
    cases = [(name, place) for name, calls in table.items() for place in range(len(calls))]
    return pytest.mark.parametrize(("name", "place"), cases)


def check(error: CourrielError, name: str) -> None:
    assert name == error.operation
    assert str(error).startswith(f"{name}: ")
    if isinstance(error, NotSupported):
        assert error.capability


async def first(items: Any) -> None:
    async for _ in items:
        return


@every(IMAP)
async def test_imap(face: Face, name: str, place: int) -> None:
    async with face.scripted(ScriptedServer(ImapSink()), "IMAPSession") as session:
        with pytest.raises(CourrielError) as caught:
            await IMAP[name][place](session)
    check(caught.value, name)


@every(IMAP_STREAMS)
async def test_imap_streams(face: Face, name: str, place: int) -> None:
    async with face.scripted(ScriptedServer(ImapSink()), "IMAPSession") as session:
        with pytest.raises(CourrielError) as caught:
            await first(IMAP_STREAMS[name][place](session))
    check(caught.value, name)


@every(POP3)
async def test_pop3(face: Face, name: str, place: int) -> None:
    async with face.scripted(ScriptedServer(Pop3Sink([LETTER])), "POP3Session") as session:
        with pytest.raises(CourrielError) as caught:
            await POP3[name][place](session)
    check(caught.value, name)


@every(POP3_STREAMS)
async def test_pop3_streams(face: Face, name: str, place: int) -> None:
    async with face.scripted(ScriptedServer(Pop3Sink([LETTER])), "POP3Session") as session:
        with pytest.raises(CourrielError) as caught:
            await first(POP3_STREAMS[name][place](session))
    check(caught.value, name)


@every(SMTP)
async def test_smtp(face: Face, name: str, place: int) -> None:
    async with face.scripted(ScriptedServer(Sink())) as session:
        with pytest.raises(CourrielError) as caught:
            await SMTP[name][place](session)
    check(caught.value, name)


async def test_a_receipt_of_many_names_the_call_too(face: Face) -> None:
    async with face.scripted(ScriptedServer(Sink())) as session:
        receipts = [each async for each in session.send_many([3, MAIL], recipients="a b")]
    assert ["send_many"] * 2 == [each.error.operation for each in receipts]


async def test_in_a_pipeline_too(face: Face) -> None:
    session = face.scripted(ScriptedServer(ImapSink()), "IMAPSession")
    async with session, session.pipeline() as pipeline:
        pendings = [pipeline.flag(1, add="a b"), pipeline.search(where.ids("u1"))]
        if face.blocking:
            pendings = [await each for each in pendings]
    for pending, name in zip(pendings, ("flag", "search"), strict=True):
        with pytest.raises(Misused) as caught:
            pending.result()
        check(caught.value, name)


async def test_a_call_in_the_callers_own_iterable_is_another_call(face: Face) -> None:
    def failing() -> Iterator[bytes]:
        yield LETTER
        error = Refused("no such message")
        error.raised_by("fetch_many")
        raise error

    async with face.scripted(ScriptedServer(ImapSink()), "IMAPSession") as session:
        with pytest.raises(CourrielError) as caught:
            await session.append_many("a", failing())
    check(caught.value, "fetch_many")
