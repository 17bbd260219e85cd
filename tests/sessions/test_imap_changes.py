"""Flags, copies, moves and deletions in IMAP sessions against transcripts."""

from __future__ import annotations

from typing import Any

import pytest

from courriel import Disconnected, Misused, NotSupported, Refused, where
from courriel.drive.scripted import ScriptedServer
from courriel.model.envelope import Envelope
from courriel.model.summary import Summary
from tests.faces import Face
from tests.sessions.imap_talk import bye, examined, imap, opened

pytestmark = pytest.mark.virtual

SELECTED = "C: A1 SELECT INBOX" + examined(1, verb="SELECT")


async def test_flags_are_added_and_removed_in_one_flight(face: Face) -> None:
    server = ScriptedServer(
        opened()
        + SELECTED
        + r"""
        C: A2 UID STORE 1:3,9 +FLAGS.SILENT (\Seen $Work)
        C: A3 UID STORE 1:3,9 -FLAGS.SILENT (\Flagged)
        S: A2 OK done
        S: A3 OK done
        C: A4 UID STORE 5 FLAGS.SILENT ()
        S: A4 OK done
        """
        + bye(5)
    )
    async with imap(face, server) as session:
        before = server.flights
        await session.flag([3, 1, 2, 9], add=("seen", "$Work"), remove="flagged")
        # SELECT is waited for, the two STOREs together.
        assert 2 == server.flights - before
        await session.flag(5, replace=())
    server.check()


async def test_a_folder_that_is_read_is_opened_anew_to_change_it(face: Face) -> None:
    server = ScriptedServer(
        opened("ESEARCH")
        + "C: A1 EXAMINE Work"
        + examined(1, "Work")
        + """
        C: A2 UID SEARCH RETURN (ALL) SEEN
        S: * ESEARCH (TAG "A2") UID ALL 4
        S: A2 OK done
        C: A3 SELECT Work
        """
        + examined(3, "Work", verb="SELECT")
        + r"""
        C: A4 UID STORE 4 +FLAGS.SILENT (\Deleted)
        S: A4 OK done
        """
        + bye(5)
    )
    async with imap(face, server) as session:
        found = await session.search(where.seen, "Work")
        await session.delete(found)
    server.check()


async def test_summaries_are_ids_too(face: Face) -> None:
    server = ScriptedServer(
        opened()
        + SELECTED
        + r"""
        C: A2 UID STORE 7:8 +FLAGS.SILENT (\Seen)
        S: A2 OK done
        """
        + bye(3)
    )
    summary: Any = Summary(7, "INBOX", 1, frozenset(), None, Envelope(), ())
    async with imap(face, server) as session:
        await session.flag([summary, 8], add="seen")
    server.check()


async def test_what_changes_nothing_asks_nothing(face: Face) -> None:
    server = ScriptedServer(opened("UIDPLUS MOVE") + bye(1))
    async with imap(face, server) as session:
        await session.flag([], add="seen")
        await session.delete(())
        await session.expunge([])
        assert {} == await session.copy([], "a")
        assert {} == await session.move([], "a")
    server.check()


async def test_wrong_calls_are_told_before_anything_is_sent(face: Face) -> None:
    server = ScriptedServer(opened() + bye(1))
    calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
        ("flag", (1,), {}),
        ("flag", (1,), {"add": "seen", "replace": "seen"}),
        ("flag", (1,), {"add": "two words"}),
        ("flag", (0,), {"add": "seen"}),
        ("flag", ("1:*",), {"add": "seen"}),
        ("flag", (1,), {"add": "seen", "folder": ""}),
        ("copy", ([1], ""), {}),
        ("move", ([True], "a"), {}),
        ("delete", (2**32,), {}),
    ]
    async with imap(face, server) as session:
        for name, positional, named in calls:
            with pytest.raises(Misused):
                await getattr(session, name)(*positional, **named)
    server.check()


async def test_a_long_set_goes_in_pieces_all_in_flight(face: Face) -> None:
    heard: list[bytes] = []

    def respond(data: bytes) -> bytes:
        heard.append(data)
        if len(heard) == 1:
            return b"* OK [CAPABILITY IMAP4rev1] ready\r\n"
        said = b""
        for line in data.splitlines():
            assert len(line) < 8_000
            said += line.partition(b" ")[0]
            said += b" NO not that\r\n" if b",2401," in line else b" OK done\r\n"
        return said

    server = ScriptedServer(respond)
    async with imap(face, server) as session:
        before = server.flights
        with pytest.raises(Refused) as caught:
            await session.flag(range(1, 20_000, 2), add="seen")
        assert 2 == server.flights - before
        assert "flag" == caught.value.operation
    assert 8 == server.sent.count(b"UID STORE")


# Copies and moves.


async def test_copies_are_told_by_their_new_ids(face: Face) -> None:
    server = ScriptedServer(
        opened("UIDPLUS")
        + SELECTED
        + """
        C: A2 UID COPY 3:5 "My Archive"
        S: A2 OK [COPYUID 9 3:5 11,21:20] done
        C: A3 UID COPY 6 Other
        S: A3 OK done
        C: A4 UID COPY 7 Nowhere
        S: A4 NO [TRYCREATE] none such
        """
        + bye(5)
    )
    async with imap(face, server) as session:
        assert {3: 11, 4: 21, 5: 20} == await session.copy([3, 4, 5], "My Archive")
        assert {} == await session.copy([6], "Other")
        with pytest.raises(Refused) as caught:
            await session.copy([7], "Nowhere")
    server.check()
    assert ("copy", "TRYCREATE") == (caught.value.operation, caught.value.condition)
    assert "create it first" in str(caught.value)


async def test_a_lie_about_copies_is_not_believed_at_length(face: Face) -> None:
    server = ScriptedServer(
        opened("UIDPLUS")
        + SELECTED
        + """
        C: A2 UID COPY 3 a
        S: A2 OK [COPYUID 9 1:4294967295 1:4294967295] done
        """
        + bye(3)
    )
    async with imap(face, server) as session:
        assert set(await session.copy([3], "a")) <= {3}
    server.check()


async def test_move_tells_new_ids_before_the_messages_go(face: Face) -> None:
    server = ScriptedServer(
        opened("MOVE UIDPLUS")
        + SELECTED
        + """
        C: A2 UID MOVE 3:4 Trash
        S: * OK [COPYUID 9 3:4 11:12] moved
        S: * 1 EXPUNGE
        S: * 1 EXPUNGE
        S: A2 OK done
        """
        + bye(3)
    )
    async with imap(face, server) as session:
        assert {3: 11, 4: 12} == await session.move([3, 4], "Trash")
    server.check()


async def test_two_moves_in_flight_keep_their_ids_apart(face: Face) -> None:
    server = ScriptedServer(
        opened("MOVE UIDPLUS")
        + SELECTED
        + """
        C: A2 UID MOVE 3 Trash
        C: A3 UID MOVE 4 Archive
        S: * OK [COPYUID 9 4 12] moved
        S: * OK [COPYUID 8 3 30] moved
        S: A3 OK done
        S: A2 OK done
        """
        + bye(4)
    )
    async with imap(face, server) as session:
        async with session.pipeline() as pipeline:
            # Its calls return at once, on both faces.
            begin = getattr(pipeline, "plain", pipeline).move
            first, second = begin([3], "Trash"), begin([4], "Archive")
        assert ({3: 30}, {4: 12}) == (first.result(), second.result())
    server.check()


async def test_without_move_only_what_was_copied_is_expunged(face: Face) -> None:
    server = ScriptedServer(
        opened("UIDPLUS")
        + SELECTED
        + r"""
        C: A2 UID COPY 3:4 Trash
        S: A2 OK [COPYUID 9 3:4 11:12] done
        C: A3 UID STORE 3:4 +FLAGS.SILENT (\Deleted)
        S: A3 OK done
        C: A4 UID EXPUNGE 3:4
        S: * 1 EXPUNGE
        S: * 1 EXPUNGE
        S: A4 OK done
        """
        + bye(5)
    )
    async with imap(face, server) as session:
        assert {3: 11, 4: 12} == await session.move([3, 4], "Trash")
    server.check()


async def test_without_uidplus_nothing_is_expunged(face: Face) -> None:
    server = ScriptedServer(
        opened()
        + SELECTED
        + r"""
        C: A2 UID COPY 3:4 Trash
        S: A2 OK done
        C: A3 UID STORE 3:4 +FLAGS.SILENT (\Deleted)
        S: A3 OK done
        """
        + bye(4)
    )
    async with imap(face, server) as session:
        assert {} == await session.move([3, 4], "Trash")
        with pytest.raises(NotSupported) as caught:
            await session.expunge([3, 4])
    server.check()
    assert ("UIDPLUS", "expunge") == (caught.value.capability, caught.value.operation)


async def test_a_copy_that_failed_deletes_nothing(face: Face) -> None:
    server = ScriptedServer(
        opened("UIDPLUS")
        + SELECTED
        + """
        C: A2 UID COPY 3:4 Trash
        S: A2 NO [OVERQUOTA] full
        """
        + bye(3)
    )
    async with imap(face, server) as session:
        with pytest.raises(Refused) as caught:
            await session.move([3, 4], "Trash")
    server.check()
    assert ("move", "OVERQUOTA") == (caught.value.operation, caught.value.condition)


async def test_a_copy_without_an_answer_deletes_nothing(face: Face) -> None:
    server = ScriptedServer(
        opened("UIDPLUS")
        + SELECTED
        + """
        C: A2 UID COPY 3:4 Trash
        -- cut
        """
    )
    async with imap(face, server) as session:
        with pytest.raises(Disconnected):
            await session.move([3, 4], "Trash")
    server.check()
    assert b"STORE" not in server.sent


async def test_expunging_all_is_asked_for_by_name_only(face: Face) -> None:
    server = ScriptedServer(
        opened("UIDPLUS")
        + SELECTED
        + """
        C: A2 UID EXPUNGE 3
        S: * 3 EXPUNGE
        S: A2 OK done
        C: A3 EXPUNGE
        S: A3 OK done
        """
        + bye(4)
    )
    async with imap(face, server) as session:
        await session.expunge(3)
        await session.expunge()
    server.check()
