"""What the tests of broken and hostile IMAP servers share: sessions on virtual time, bounds."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from courriel import Timeout
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.hostile.imap_sink import ImapSink
from tests.toil import linear

MIB = 1024 * 1024
PATIENCE = Timeout(connect=5, read=7)
CHUNKS = pytest.mark.parametrize("chunk", [None, 1, 7])
MAIL = "Subject: hello\r\n\r\nHi.\r\n"
GOOD = '(NIL "good" NIL NIL NIL NIL NIL NIL NIL NIL)'
LEAF = '("text" "plain" NIL NIL NIL "7bit" 1 1)'
WHOLE = f"* 1 FETCH (UID 1 BODY[] {{{len(MAIL)}}}\r\n{MAIL})"


@contextmanager
def in_little(octets: int = 32 * MIB) -> Iterator[None]:
    """Expect that it takes little memory and little time."""
    with linear():
        tracemalloc.start()
        try:
            yield
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < octets, f"{peak} octets at once"


def session_at(face: Face, sink: Any, *, chunk: int | None = None, **arguments: Any) -> Any:
    """Return a session with a server that is a function."""
    options = {"timeout": PATIENCE} | arguments
    return face.scripted(ScriptedServer(sink, chunk=chunk), "IMAPSession", **options)


def fetching(answer: str | bytes, *capabilities: str) -> ImapSink:
    """Return a server that answers a FETCH so; ``TAG`` ends it."""
    return ImapSink(*capabilities, answers={"UID FETCH": answer})


async def drained(found: Any) -> list[Any]:
    """Return all that a stream yields."""
    return [one async for one in found]


async def hi(session: Any) -> None:
    """Fetch the message that the server has, to see whether the session is in step."""
    assert "hello" == (await session.fetch(1)).subject
