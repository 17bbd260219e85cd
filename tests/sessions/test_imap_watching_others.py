"""Watching a folder while others call, switch it, refuse it, end it: against transcripts."""

from __future__ import annotations

import pytest

from courriel import Disconnected, Garbled, Misused, Refused
from courriel.drive.scripted import ScriptedServer
from courriel.model.events import Arrived, FlagsChanged, Resynchronise, Vanished
from tests.faces import Face
from tests.hostile.imap_sink import ImapSink
from tests.sessions.imap_talk import bye, examined, imap, opened
from tests.sessions.imap_watch import IDLING, INBOX, events

pytestmark = pytest.mark.virtual


class TestOtherCalls:
    async def test_idle_is_left_for_them_and_taken_up_again(self, face: Face) -> None:
        server = ScriptedServer(
            IDLING
            + """
            S: * 1 FETCH (FLAGS ())
            C: DONE
            S: A3 OK
            C: A4 UID FETCH 11 (BODY.PEEK[])
            S: * 1 EXPUNGE
            S: * 1 FETCH (UID 12 FLAGS (\\Seen))
            S: A4 OK
            C: A5 IDLE
            S: + idling
            S: * 1 FETCH (FLAGS (\\Deleted))
            C: DONE
            S: A5 OK
            """
            + bye(6)
        )
        async with imap(face, server) as session:
            watching = session.watch()
            found = [await anext(watching)]
            with pytest.raises(Refused, match="no message 11"):
                await session.fetch(11)
            found += [await anext(watching) for _ in range(3)]
            await watching.aclose()
        server.check()
        assert [
            FlagsChanged(INBOX, 11, frozenset()),
            Vanished(INBOX, (11,)),
            FlagsChanged(INBOX, 12, frozenset({"\\Seen"})),
            FlagsChanged(INBOX, 12, frozenset({"\\Deleted"})),
        ] == found

    async def test_flags_that_change_while_the_message_is_fetched_are_told(
        self, face: Face
    ) -> None:
        server = ScriptedServer(
            IDLING
            + """
            S: * 1 FETCH (FLAGS ())
            C: DONE
            S: A3 OK
            C: A4 UID FETCH 11 (BODY.PEEK[])
            S: * 1 FETCH (UID 11 FLAGS (\\Flagged))
            S: * 1 FETCH (UID 11 BODY[] {2}
            S- hi
            S: )
            S: A4 OK
            """
            + bye(5)
        )
        async with imap(face, server) as session:
            watching = session.watch()
            await anext(watching)
            assert b"hi" == await session.source(11)
            assert FlagsChanged(INBOX, 11, frozenset({"\\Flagged"})) == await anext(watching)
            await watching.aclose()
        server.check()

    async def test_the_folder_may_be_switched_and_is_compared_when_it_is_back(
        self, face: Face
    ) -> None:
        server = ScriptedServer(
            IDLING
            + f"""
            S: * 1 EXPUNGE
            C: DONE
            S: A3 OK
            C: A4 EXAMINE Other
            {examined(4, "Other")}
            C: A5 UID FETCH 5 (BODY.PEEK[])
            S: * 9 EXPUNGE
            S: * 5 FETCH (UID 5 BODY[] {{2}}
            S- hi
            S: )
            S: A5 OK
            C: A6 EXAMINE INBOX
            {examined(6, exists=2)}
            C: A7 UID SEARCH ALL
            S: * SEARCH 13 14
            S: A7 OK
            C: A8 IDLE
            S: + idling
            S: * 2 EXPUNGE
            C: DONE
            S: A8 OK
            """
            + bye(9)
        )
        async with imap(face, server) as session:
            watching = session.watch()
            found = [await anext(watching)]
            assert b"hi" == await session.source(5, folder="Other")
            found += [await anext(watching) for _ in range(3)]
            await watching.aclose()
        server.check()
        # What was told before it was left is not told again.
        assert [
            Vanished(INBOX, (11,)),
            Vanished(INBOX, (12,)),
            Arrived(INBOX, (14,)),
            Vanished(INBOX, (14,)),
        ] == found

    async def test_flags_that_changed_meanwhile_are_asked_for_where_the_server_can(
        self, face: Face
    ) -> None:
        server = ScriptedServer(
            opened("IDLE CONDSTORE")
            + f"""
            C: A1 EXAMINE INBOX (CONDSTORE)
            S: * OK [HIGHESTMODSEQ 70] ok
            {examined(1, exists=3)}
            C: A2 UID SEARCH ALL
            S: * SEARCH 11 12 13
            S: A2 OK
            C: A3 IDLE
            S: + idling
            S: * 1 FETCH (UID 11 FLAGS ())
            C: DONE
            S: A3 OK
            C: A4 EXAMINE Other (CONDSTORE)
            {examined(4, "Other")}
            C: A5 UID FETCH 5 (BODY.PEEK[])
            S: * 5 FETCH (UID 5 BODY[] {{2}}
            S- hi
            S: )
            S: A5 OK
            C: A6 EXAMINE INBOX (CONDSTORE)
            S: * OK [HIGHESTMODSEQ 80] ok
            {examined(6, exists=3)}
            C: A7 UID SEARCH ALL
            S: * SEARCH 11 12 13
            S: A7 OK
            C: A8 UID FETCH 1:* (UID FLAGS) (CHANGEDSINCE 70)
            S: * 2 FETCH (UID 12 FLAGS (\\Seen) MODSEQ (75))
            S: A8 OK
            """
            + bye(9)
        )
        async with imap(face, server) as session:
            watching = session.watch()
            found = [await anext(watching)]
            await session.source(5, folder="Other")
            found.append(await anext(watching))
            await watching.aclose()
        server.check()
        assert FlagsChanged(INBOX, 12, frozenset({"\\Seen"})) == found[1]

    async def test_a_folder_that_was_made_anew_meanwhile(self, face: Face) -> None:
        anew = examined(6, exists=1).replace("UIDVALIDITY 7", "UIDVALIDITY 8")
        server = ScriptedServer(
            IDLING
            + f"""
            S: * 1 EXPUNGE
            C: DONE
            S: A3 OK
            C: A4 EXAMINE Other
            {examined(4, "Other")}
            C: A5 UID FETCH 5 (BODY.PEEK[])
            S: A5 OK
            C: A6 EXAMINE INBOX
            {anew}
            C: A7 EXAMINE INBOX
            {anew.replace("A6", "A7")}
            C: A8 UID SEARCH ALL
            S: * SEARCH 1
            S: A8 OK
            C: A9 IDLE
            S: + idling
            S: * 1 EXPUNGE
            C: DONE
            S: A9 OK
            """
            + bye(10)
        )
        async with imap(face, server) as session:
            watching = session.watch()
            await anext(watching)
            with pytest.raises(Refused):
                await session.source(5, folder="Other")
            found = [await anext(watching), await anext(watching)]
            await watching.aclose()
        server.check()
        assert isinstance(found[0], Resynchronise)
        assert Vanished(INBOX, (1,)) == found[1]


class TestTheEnd:
    async def test_bye_ends_it(self, face: Face) -> None:
        server = ScriptedServer(IDLING + "S: * BYE Server is going down\n-- cut")
        async with imap(face, server) as session:
            with pytest.raises(Disconnected, match="going down") as caught:
                await events(session, 1)
        assert "watch" == caught.value.operation

    async def test_what_was_told_before_is_told_before_the_error(self, face: Face) -> None:
        server = ScriptedServer(IDLING + "S: * 1 EXPUNGE\nS: * BYE\n-- cut")
        async with imap(face, server) as session:
            watching = session.watch()
            assert Vanished(INBOX, (11,)) == await anext(watching)
            with pytest.raises(Disconnected):
                await anext(watching)

    async def test_a_folder_that_is_not_there(self, face: Face) -> None:
        server = ScriptedServer(
            opened("IDLE") + "C: A1 EXAMINE Nowhere\nS: A1 NO [NONEXISTENT] no\n" + bye(2)
        )
        async with imap(face, server) as session:
            with pytest.raises(Refused) as caught:
                await events(session, 1, "Nowhere")
        server.check()
        assert ("watch", "NONEXISTENT") == (caught.value.operation, caught.value.condition)

    async def test_closing_the_session_ends_it(self, face: Face) -> None:
        server = ScriptedServer(IDLING + "S: * 1 EXPUNGE\nC: DONE\nS: A3 OK\n" + bye(4))
        session = imap(face, server)
        async with session:
            watching = session.watch()
            await anext(watching)
        with pytest.raises((Disconnected, Misused)):
            await anext(watching)
        server.check()

    async def test_messages_that_vanish_without_a_word(self, face: Face) -> None:
        server = ScriptedServer(
            IDLING
            + """
            S: * 2 EXISTS
            C: DONE
            S: A3 OK
            C: A4 UID SEARCH ALL
            S: * SEARCH 11 13
            S: A4 OK
            """
            + bye(5)
        )
        async with imap(face, server) as session:
            found = await events(session, 2)
        server.check()
        assert isinstance(found[0], Resynchronise)
        assert Vanished(INBOX, (12,)) == found[1]

    async def test_who_falls_behind_is_told_to_look_anew(self, face: Face) -> None:
        server = ScriptedServer(
            IDLING
            + "S: * 1 FETCH (FLAGS ())\n"
            + "S: * 2 FETCH (FLAGS (\\Seen))\n" * 12_000
            + "C: DONE\nS: A3 OK\n"
            + bye(4)
        )
        async with imap(face, server) as session:
            found = [event async for event in session.watch(timeout=5)]
        server.check()
        assert any(isinstance(event, Resynchronise) for event in found)
        assert len(found) < 12_000

    async def test_a_server_that_never_agrees_with_itself_is_not_asked_for_ever(
        self, face: Face
    ) -> None:
        server = ScriptedServer(
            IDLING
            + """
            S: * 5 EXISTS
            C: DONE
            S: A3 OK
            C: A4 UID SEARCH UID 14:*
            S: * SEARCH
            S: A4 OK
            C: A5 UID SEARCH ALL
            S: * SEARCH 11 12 13
            S: A5 OK
            C: A6 IDLE
            S: + idling
            C: DONE
            S: A6 OK
            """
            + bye(7)
        )
        async with imap(face, server) as session:
            assert [] == await events(session, 1, timeout=5)
        server.check()

    async def test_a_server_whose_numbers_always_move_is_asked_now_and_then(
        self, face: Face
    ) -> None:
        searches = 0

        def server_says(command: str) -> str | None:
            nonlocal searches
            if not command.startswith("UID SEARCH"):
                return None
            searches += 1
            return "* SEARCH 1 2 3\r\n* 1 EXPUNGE\r\n* 3 EXISTS\r\nTAG OK"

        server = ScriptedServer(ImapSink("IDLE", answers=server_says))
        async with imap(face, server) as session:
            assert [] == await events(session, 1, timeout=150)
        # Five at once, after one minute, after two, and at the end.
        assert 20 == searches

    async def test_numbers_that_cannot_be_are_ignored(self, face: Face) -> None:
        server = ScriptedServer(
            IDLING
            + """
            S: * 99 EXPUNGE
            S: * 4294967295 FETCH (FLAGS ())
            S: * 1 FETCH (FLAGS ())
            C: DONE
            S: A3 OK
            """
            + bye(4)
        )
        async with imap(face, server) as session:
            assert [FlagsChanged(INBOX, 11, frozenset())] == await events(session, 1)
        server.check()

    async def test_a_search_that_names_the_world(self, face: Face) -> None:
        server = ScriptedServer(
            opened("IDLE ESEARCH")
            + f"""
            C: A1 EXAMINE INBOX
            {examined(1, exists=3)}
            C: A2 UID SEARCH RETURN (ALL) ALL
            S: * ESEARCH (TAG "A2") UID ALL 1:4294967295
            S: A2 OK
            """
            + bye(3)
        )
        async with imap(face, server) as session:
            with pytest.raises(Garbled) as caught:
                await events(session, 1)
        assert caught.value.session_usable
