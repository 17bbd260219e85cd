"""Watching a folder against transcripts, on virtual time: what is said when, and what is told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from courriel import Disconnected, Garbled, Limits, Misused, Refused, TimedOut, Timeout
from courriel.drive.scripted import ScriptedServer
from courriel.model.events import Arrived, Event, FlagsChanged, Resynchronise, Vanished
from tests.faces import Face
from tests.sessions.imap_talk import bye, examined, imap, opened

pytestmark = pytest.mark.virtual

INBOX = "INBOX"
LEARNED = f"""
C: A1 EXAMINE INBOX
{examined(1, exists=3)}
C: A2 UID SEARCH ALL
S: * SEARCH 11 12 13
S: A2 OK
"""
IDLING = (
    opened("IDLE")
    + LEARNED
    + """
C: A3 IDLE
S: + idling
"""
)
MINUTES = 60


async def events(session: Any, count: int, folder: str = INBOX, **arguments: Any) -> list[Event]:
    """Return so many events, or all until the time is over."""
    found: list[Event] = []
    watching = session.watch(folder, **arguments)
    try:
        async for event in watching:
            found.append(event)
            if len(found) == count:
                break
    finally:
        await watching.aclose()
    return found


@pytest.mark.parametrize("chunk", [None, 1, 7])
async def test_what_happens_is_told_by_uid(face: Face, chunk: int | None) -> None:
    server = ScriptedServer(
        IDLING
        + """
        S: * 2 EXPUNGE
        S: * 2 FETCH (FLAGS (\\Seen))
        S: * 1 FETCH (UID 11 FLAGS (\\Answered))
        S: * 3 EXISTS
        C: DONE
        S: A3 OK
        C: A4 UID SEARCH UID 14:*
        S: * SEARCH 14
        S: A4 OK
        C: A5 IDLE
        S: + idling
        S: * 2 EXPUNGE
        C: DONE
        S: A5 OK
        """
        + bye(6),
        chunk=chunk,
    )
    async with imap(face, server) as session:
        found = await events(session, 5)
    server.check()
    assert [
        Vanished(INBOX, (12,)),
        FlagsChanged(INBOX, 13, frozenset({"\\Seen"})),
        FlagsChanged(INBOX, 11, frozenset({"\\Answered"})),
        Arrived(INBOX, (14,)),
        Vanished(INBOX, (13,)),
    ] == found


async def test_vanished_says_uids(face: Face) -> None:
    server = ScriptedServer(
        IDLING
        + """
        S: * VANISHED 12:13,90:99
        S: * 1 FETCH (FLAGS ())
        C: DONE
        S: A3 OK
        """
        + bye(4)
    )
    async with imap(face, server) as session:
        found = await events(session, 2)
    server.check()
    assert [Vanished(INBOX, (12, 13)), FlagsChanged(INBOX, 11, frozenset())] == found


async def test_a_search_for_new_messages_may_name_an_old_one(face: Face) -> None:
    # "n:*" is never empty (RFC 9051, 9), whatever we wrote.
    server = ScriptedServer(
        IDLING
        + """
        S: * 4 EXISTS
        C: DONE
        S: A3 OK
        C: A4 UID SEARCH UID 14:*
        S: * SEARCH 13 14
        S: A4 OK
        """
        + bye(5)
    )
    async with imap(face, server) as session:
        found = await events(session, 1)
    server.check()
    assert [Arrived(INBOX, (14,))] == found


async def test_numbers_that_move_while_they_are_asked_for_are_asked_for_again(face: Face) -> None:
    server = ScriptedServer(
        opened("IDLE")
        + f"""
        C: A1 EXAMINE INBOX
        {examined(1, exists=3)}
        C: A2 UID SEARCH ALL
        S: * SEARCH 11 12 13
        S: * 1 EXPUNGE
        S: * 3 EXISTS
        S: A2 OK
        C: A3 UID SEARCH ALL
        S: * SEARCH 12 13 14
        S: A3 OK
        C: A4 IDLE
        S: + idling
        S: * 1 EXPUNGE
        C: DONE
        S: A4 OK
        """
        + bye(5)
    )
    async with imap(face, server) as session:
        found = await events(session, 1)
    server.check()
    assert [Vanished(INBOX, (12,))] == found


async def test_so_are_those_of_new_messages(face: Face) -> None:
    server = ScriptedServer(
        IDLING
        + """
        S: * 4 EXISTS
        C: DONE
        S: A3 OK
        C: A4 UID SEARCH UID 14:*
        S: * SEARCH 14
        S: * 4 EXPUNGE
        S: * 4 EXISTS
        S: A4 OK
        C: A5 UID SEARCH ALL
        S: * SEARCH 11 12 13 15
        S: A5 OK
        """
        + bye(6)
    )
    async with imap(face, server) as session:
        found = await events(session, 1)
    server.check()
    assert [Arrived(INBOX, (15,))] == found


class TestTime:
    async def test_idle_is_taken_up_anew_before_29_minutes(self, face: Face) -> None:
        server = ScriptedServer(
            IDLING
            + """
            C: DONE
            S: A3 OK
            C: A4 IDLE
            S: + idling
            C: DONE
            S: A4 OK
            """
            + bye(5)
        )
        async with imap(face, server) as session:
            assert [] == await events(session, 1, timeout=30 * MINUTES)
        server.check()

    async def test_also_when_something_happens_every_ten_minutes(self, face: Face) -> None:
        # The server counts from what we have said last, not from what it has.
        server = ScriptedServer(
            IDLING
            + """
            -- wait 600
            S: * 1 FETCH (FLAGS (\\Seen))
            -- wait 600
            S: * 1 FETCH (FLAGS ())
            C: DONE
            S: A3 OK
            C: A4 IDLE
            -- wait 300
            S: + idling
            S: * 1 FETCH (FLAGS (\\Seen))
            C: DONE
            S: A4 OK
            """
            + bye(5)
        )
        async with imap(face, server, timeout=Timeout(read=400)) as session:
            assert 3 == len(await events(session, 3))
        server.check()

    async def test_it_ends_when_its_time_is_over(self, face: Face) -> None:
        server = ScriptedServer(IDLING + "C: DONE\nS: A3 OK\n" + bye(4))
        async with imap(face, server) as session:
            assert [] == await events(session, 1, timeout=5)
        server.check()

    async def test_with_no_time_it_only_looks(self, face: Face) -> None:
        server = ScriptedServer(opened("IDLE") + LEARNED + bye(3))
        async with imap(face, server) as session:
            assert [] == await events(session, 1, timeout=0)
        server.check()

    @pytest.mark.parametrize("timeout", [-1, "5", True, float("nan")])
    async def test_a_time_that_is_none(self, face: Face, timeout: Any) -> None:
        server = ScriptedServer(opened("IDLE") + bye(1))
        async with imap(face, server) as session:
            with pytest.raises(Misused, match="timeout") as caught:
                await events(session, 1, timeout=timeout)
        assert "watch" == caught.value.operation

    async def test_neither_the_total_nor_the_read_timeout_counts(self, face: Face) -> None:
        server = ScriptedServer(
            IDLING
            + "".join(
                f"""
                -- wait 900
                S: * {number + 4} EXISTS
                C: DONE
                S: A{2 * number + 3} OK
                -- wait 6
                C: A{2 * number + 4} UID SEARCH UID {number + 14}:*
                S: * SEARCH {number + 14}
                S: A{2 * number + 4} OK
                C: A{2 * number + 5} IDLE
                S: + idling
                """
                for number in range(4)
            )
            + "C: DONE\nS: A11 OK\n"
            + bye(12)
        )
        async with imap(face, server, timeout=Timeout(read=20, total=20)) as session:
            found = await events(session, 5, timeout=3700)
        server.check()
        assert [Arrived(INBOX, (uid,)) for uid in range(14, 18)] == found

    async def test_a_server_that_does_not_take_up_idle_is_given_up(self, face: Face) -> None:
        server = ScriptedServer(opened("IDLE") + LEARNED + "C: A3 IDLE\n-- stall")
        async with imap(face, server, timeout=Timeout(read=30)) as session:
            with pytest.raises((TimedOut, Disconnected)) as caught:
                await events(session, 1)
        assert "watch" == caught.value.operation

    async def test_calls_long_after_something_was_told_have_their_time(self, face: Face) -> None:
        server = ScriptedServer(
            IDLING
            + """
            S: * 1 FETCH (FLAGS ())
            -- wait 1000
            S: * 2 FETCH (FLAGS ())
            C: DONE
            S: A3 OK
            C: A4 UID FETCH 11 (BODY.PEEK[])
            -- wait 9
            S: * 1 FETCH (UID 11 BODY[] {2}
            S- hi
            S: )
            S: A4 OK
            """
            + bye(5)
        )
        async with imap(face, server, timeout=Timeout(read=10)) as session:
            watching = session.watch()
            await anext(watching)
            await anext(watching)
            assert b"hi" == await session.source(11)
            await watching.aclose()
        server.check()


class TestPolling:
    async def test_without_idle_it_looks_now_and_then(self, face: Face) -> None:
        server = ScriptedServer(
            opened()
            + LEARNED
            + """
            C: A3 NOOP
            S: * 1 EXPUNGE
            S: A3 OK
            C: A4 NOOP
            S: A4 OK
            C: A5 NOOP
            S: * 3 EXISTS
            S: A5 OK
            C: A6 UID SEARCH UID 14:*
            S: * SEARCH 14
            S: A6 OK
            """
            + bye(7)
        )
        async with imap(face, server, limits=Limits(poll=30)) as session:
            before = await _now(face, server)
            found = await events(session, 2)
            assert 90 == await _now(face, server) - before
        server.check()
        assert [Vanished(INBOX, (11,)), Arrived(INBOX, (14,))] == found


async def _now(face: Face, server: ScriptedServer) -> float:
    return server.clock if face.blocking else asyncio.get_running_loop().time()


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

    async def test_idle_may_be_refused(self, face: Face) -> None:
        server = ScriptedServer(
            opened("IDLE") + LEARNED + "C: A3 IDLE\nS: A3 NO [UNAVAILABLE] not today\n" + bye(4)
        )
        async with imap(face, server) as session:
            with pytest.raises(Refused, match="not today") as caught:
                await events(session, 1)
        server.check()
        assert "watch" == caught.value.operation

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
