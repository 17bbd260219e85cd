"""What IMAP adds and POP3 has not: every call is there, and says what is missing."""

from __future__ import annotations

from typing import Any

import pytest

from courriel import NotSupported, where
from courriel.drive.scripted import ScriptedServer
from courriel.faces import operation, stream
from courriel.sessions.imap import ImapOperations
from courriel.sessions.lacking import Lacking
from courriel.sessions.pop3 import POP3Operations
from tests.faces import Face
from tests.pop3_sink import Pop3Sink

pytestmark = pytest.mark.virtual

LETTER = b"Subject: hello\r\n\r\nHi.\r\n"
CALLS: dict[str, tuple[Any, ...]] = {
    "folders": (),
    "create_folder": ("Archive",),
    "delete_folder": ("Archive",),
    "rename_folder": ("Archive", "Old"),
    "subscribe": ("Archive",),
    "unsubscribe": ("Archive",),
    "namespaces": (),
    "copy": ("uid-1", "Archive"),
    "move": (["uid-1"], "Archive"),
    "status": (),
    "search": (where.unseen,),
    "threads": (),
    "flag": ("uid-1",),
    "expunge": (),
    "append": ("INBOX", LETTER),
    "append_many": ("INBOX", [LETTER]),
    "identify": (),
    "quota": (),
    "compress": (),
}


def told(error: NotSupported, name: str) -> None:
    assert name == error.operation
    assert error.capability
    assert error.hint
    assert str(error).startswith(f"{name}: ")
    assert error.session_usable


def test_whatever_imap_can_do_pop3_has_a_word_for() -> None:
    calls = (operation, stream)
    imap = {
        name for name in dir(ImapOperations) if isinstance(getattr(ImapOperations, name), calls)
    }
    assert imap <= set(dir(POP3Operations))
    assert {*CALLS, "watch"} == {name for name in vars(Lacking) if not name.startswith("_")}


@pytest.mark.parametrize("name", CALLS)
async def test_it_is_refused_without_a_word_to_the_server(face: Face, name: str) -> None:
    sink = Pop3Sink([LETTER])
    async with face.scripted(ScriptedServer(sink), "POP3Session") as session:
        said = list(sink.commands)
        with pytest.raises(NotSupported) as caught:
            await getattr(session, name)(*CALLS[name])
        assert said == sink.commands
        assert 1 == await session.count()
    told(caught.value, name)


@pytest.mark.parametrize("name", CALLS)
async def test_open_or_closed(face: Face, name: str) -> None:
    session = face.scripted(ScriptedServer(), "POP3Session")
    with pytest.raises(NotSupported) as caught:
        await getattr(session, name)(*CALLS[name])
    told(caught.value, name)


async def test_watch_raises_at_the_first_item(face: Face) -> None:
    async with face.scripted(ScriptedServer(Pop3Sink([])), "POP3Session") as session:
        watching = session.watch(timeout=5)
        with pytest.raises(NotSupported) as caught:
            await anext(watching)
    told(caught.value, "watch")
    assert "IDLE" == caught.value.capability


@pytest.mark.parametrize("name", CALLS)
async def test_in_a_pipeline_it_is_the_result(face: Face, name: str) -> None:
    session = face.scripted(ScriptedServer(Pop3Sink([LETTER])), "POP3Session")
    async with session, session.pipeline() as pipeline:
        pending = getattr(pipeline, name)(*CALLS[name])
        if face.blocking:
            pending = await pending
    with pytest.raises(NotSupported) as caught:
        pending.result()
    told(caught.value, name)


@pytest.mark.parametrize("name", [*CALLS, "watch"])
def test_it_is_explained(face: Face, name: str) -> None:
    call = getattr(face.kind("POP3Session"), name)
    assert name == call.__name__
    assert call.__doc__.startswith("Raise NotSupported (")
