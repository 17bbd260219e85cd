"""Appending out of files in IMAP sessions: read twice, never held, from where they stand.

Reading is done by threads in asyncio sessions, so that nothing here runs on virtual time.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest

from courriel import Email, Limits, Misused
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.sessions.imap_several import Several
from tests.sessions.imap_taker import Taker
from tests.sessions.imap_talk import imap

MAIL = b"Subject: hello\r\n\r\nHi.\r\n"
SMALL = Limits(eager_body=1_000, body_chunk=100)
"""Limits under which a few kilobytes are a large message."""
LONG = b"Subject: long\r\nMessage-ID: <2@example.org>\n\n" + b"one\rtwo\nthree\r\n" * 300
LONG_SENT = LONG.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")


class Pipe(io.RawIOBase):
    """A file that can be read once, and gives little at a time."""

    def __init__(self, content: bytes) -> None:
        self._file = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._file.read(min(size, 33))


@pytest.mark.parametrize("words", ["UIDPLUS", "UIDPLUS LITERAL+"])
@pytest.mark.parametrize("kind", [io.BytesIO, Pipe])
async def test_a_large_file_streams(face: Face, kind: type[Any], words: str) -> None:
    taken = Taker(words)
    server = ScriptedServer(taken)
    async with imap(face, server, limits=SMALL) as session:
        assert 5 == await session.append("a", kind(LONG), flags="seen")
        await session.noop()
    assert [LONG_SENT] == taken.messages


async def test_a_file_is_read_from_where_it_stands(face: Face) -> None:
    taken = Taker()
    file = io.BytesIO(b"not this" + LONG)
    file.seek(8)
    async with imap(face, ScriptedServer(taken), limits=SMALL) as session:
        await session.append("a", file)
    assert [LONG_SENT] == taken.messages


class Fickle(io.BytesIO):
    """A file that is another when it is read again."""

    def __init__(self, first: bytes, second: bytes) -> None:
        super().__init__(first)
        self._second = second

    def seek(self, place: int, whence: int = 0) -> int:
        if whence == 0:
            super().__init__(self._second)
        return super().seek(place, whence)


@pytest.mark.parametrize("second", [LONG[:-500], LONG + b"more\r\n" * 100])
async def test_a_file_that_changes_costs_the_connection_and_nothing_else(
    face: Face, second: bytes
) -> None:
    taken = Taker()
    async with imap(face, ScriptedServer(taken), limits=SMALL) as session:
        with pytest.raises(Misused, match="changed"):
            await session.append("a", Fickle(LONG, second))
        assert not session.usable
    assert [] == taken.messages


async def test_whatever_holds_messages_goes_in_order(face: Face) -> None:
    taken = Several()

    def given() -> Iterator[Any]:
        yield MAIL
        yield io.BytesIO(MAIL)
        yield Email.from_source(MAIL)
        # It goes alone, behind what was given before it.
        yield io.BytesIO(LONG)
        yield memoryview(MAIL)

    async with imap(face, ScriptedServer(taken), limits=SMALL) as session:
        assert [1, 2, 3, 4, 5] == await session.append_many("a", given())
    assert [3, 1, 1] == taken.commands
    assert [MAIL, MAIL, MAIL, LONG_SENT, MAIL] == taken.messages
