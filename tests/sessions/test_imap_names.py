"""Names of folders as people type and see them, whatever a server makes of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from courriel import Folder, Misused, Summary
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.hostile.imap_sink import ImapSink

pytestmark = pytest.mark.virtual

LETTER = b"Subject: hello\r\n\r\nHi.\r\n"
RAW = {
    b'"R&D"': "R&D",
    b'"a\tb"': "a b",
    '"Entwürfe"'.encode(): "Entwürfe",
    b'"\xff"': "\ufffd",
    b'"&AGE-"': "&AGE-",
}


def listing(*raw: bytes) -> ImapSink:
    lines = [b'* LIST () "/" ' + each + b"\r\n" for each in raw]
    status = b"* STATUS x (MESSAGES 3)\r\nTAG OK\r\n"
    return ImapSink(answers={"LIST": b"".join(lines) + b"TAG OK\r\n", "STATUS": status})


def heard(sink: ImapSink) -> list[str]:
    """Return the names in STATUS, in whatever way they were written."""
    lines = [line for line in sink.commands if line.startswith("STATUS ")]
    names = [line.removeprefix("STATUS ").rpartition(" (")[0] for line in lines]
    return [re.sub(r'^\{\d+\+?\}\r\n|"', "", name) for name in names]


async def count(session: Any, folder: Any) -> None:
    try:
        await session.status(folder)
    except Misused:
        raise
    except Exception:  # noqa: BLE001 - What is answered is not the point.
        return


@pytest.mark.parametrize("raw", RAW, ids=ascii)
async def test_what_is_shown_can_be_printed_and_typed(face: Face, raw: bytes) -> None:
    sink = listing(b'"Sent"', raw)
    async with face.scripted(ScriptedServer(sink), "IMAPSession") as session:
        _, folder = await session.folders()
        assert RAW[raw] == folder.shown == str(folder) == f"{folder}"
        folder.shown.encode()
        for named in (folder, folder.name, folder.shown):
            await count(session, named)
    wanted = raw.strip(b'"').decode("utf-8", "surrogateescape")
    assert [wanted] * 3 == heard(sink)


async def test_the_folder_of_that_very_name_comes_first(face: Face) -> None:
    sink = listing(b'"R&D"', b'"R&-D"')
    async with face.scripted(ScriptedServer(sink), "IMAPSession") as session:
        odd, plain = await session.folders()
        for named in ("R&D", plain, plain.name, odd, odd.name):
            await count(session, named)
    assert [*["R&-D"] * 3, *["R&D"] * 2] == heard(sink)


async def test_two_that_look_alike_are_told_apart(face: Face) -> None:
    sink = listing(b'"a\x01b"', b'"a\x02b"')
    async with face.scripted(ScriptedServer(sink), "IMAPSession") as session:
        for folder in await session.folders():
            assert "a b" == str(folder)
            await count(session, folder.name)
        await count(session, "a b")
    assert ["a\x01b", "a\x02b", "a b"] == heard(sink)


async def test_what_is_made_has_the_name_that_was_typed(face: Face) -> None:
    sink = listing(b'"R&D"')
    async with face.scripted(ScriptedServer(sink), "IMAPSession") as session:
        (odd,) = await session.folders()
        await session.create_folder("R&D")
        await count(session, "R&D")
        await session.rename_folder(odd, "R&D (old)")
    said = [line.replace('"', "") for line in sink.commands]
    assert "CREATE R&-D" in said
    assert ["R&-D"] == heard(sink)
    assert "RENAME R&D R&-D (old)" in said


async def test_a_list_of_some_says_nothing_of_the_others(face: Face) -> None:
    sink = listing(b'"R&D"')
    async with face.scripted(ScriptedServer(sink), "IMAPSession") as session:
        await session.folders("R*")
        await count(session, "R&D")
    assert ["R&-D"] == heard(sink)


# I05: NUL, CR and LF.

CALLS: dict[str, Callable[[Any, Any], Any]] = {
    "count": lambda session, name: session.count(name),
    "status": lambda session, name: session.status(name),
    "subscribe": lambda session, name: session.subscribe(name),
    "unsubscribe": lambda session, name: session.unsubscribe(name),
    "delete_folder": lambda session, name: session.delete_folder(name),
    "create_folder": lambda session, name: session.create_folder(name),
    "rename_folder": lambda session, name: session.rename_folder("a", name),
    "copy": lambda session, name: session.copy(1, name),
    "move": lambda session, name: session.move(1, name),
    "append": lambda session, name: session.append(name, LETTER),
    "append_many": lambda session, name: session.append_many(name, [LETTER]),
    "fetch": lambda session, name: session.fetch(1, folder=name),
    "delete": lambda session, name: session.delete(1, folder=name),
    "folders": lambda session, name: session.folders(name),
}
BREAKS = ("A\r\nB", "a\r", "\nb", "a\0b")


@pytest.mark.parametrize("text", BREAKS, ids=ascii)
@pytest.mark.parametrize("call", CALLS)
async def test_i05_no_line_end_is_typed(face: Face, call: str, text: str) -> None:
    sink = ImapSink()
    async with face.scripted(ScriptedServer(sink), "IMAPSession") as session:
        with pytest.raises(Misused) as caught:
            await CALLS[call](session, text)
        for stream in (session.messages(text), session.watch(text)):
            with pytest.raises(Misused):
                await anext(stream)
    assert call == caught.value.operation
    assert ["LOGOUT"] == sink.commands


async def test_i05_a_folder_that_has_one_can_be_reached(face: Face) -> None:
    sink = listing(b'"A&AA0ACg-B"')
    async with face.scripted(ScriptedServer(sink), "IMAPSession") as session:
        with pytest.raises(Misused):
            await session.status("A\r\nB")
        (folder,) = await session.folders()
        assert ("A\r\nB", "A  B") == (folder.name, str(folder))
        for named in (folder, folder.name, folder.shown):
            await count(session, named)
    assert ["A&AA0ACg-B"] * 3 == heard(sink)


async def test_i05_summaries_know_their_folder_in_another_session_too(face: Face) -> None:
    sink = ImapSink()
    async with face.scripted(ScriptedServer(sink), "IMAPSession") as session:
        await session.delete(Summary(3, "A\r\nB"))
        await session.subscribe(Folder("A\r\nB"))
    assert 2 == len([line for line in sink.commands if "A&AA0ACg-B" in line])
