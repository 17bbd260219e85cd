"""Watching a folder against transcripts, on virtual time: what is said when, and what is told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from courriel import Disconnected, Limits, Misused, TimedOut, Timeout
from courriel.drive.scripted import ScriptedServer
from courriel.model.events import Arrived, FlagsChanged, Vanished
from tests.faces import Face
from tests.hostile.imap_sink import ImapSink
from tests.sessions.imap_talk import bye, examined, imap, opened
from tests.sessions.imap_watch import IDLING, INBOX, LEARNED, events

pytestmark = pytest.mark.virtual

MINUTES = 60


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

    @pytest.mark.parametrize("seconds", [-1, "5", True, float("nan")])
    async def test_a_time_that_is_none(self, face: Face, seconds: Any) -> None:
        server = ScriptedServer(opened("IDLE") + bye(1))
        async with imap(face, server) as session:
            with pytest.raises(Misused, match="timeout") as caught:
                await events(session, 1, timeout=seconds)
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


class TestAServerThatWantsNoIdle:
    @pytest.mark.parametrize(
        "answer",
        ["S: A3 NO [UNAVAILABLE] not today", "S: A3 BAD what?", "S: + idling\nS: A3 OK enough"],
    )
    async def test_it_is_looked_at_now_and_then(self, face: Face, answer: str) -> None:
        server = ScriptedServer(
            opened("IDLE")
            + LEARNED
            + f"""
            C: A3 IDLE
            {answer}
            -- wait 9
            C: A4 NOOP
            S: * 2 EXPUNGE
            S: A4 OK
            C: A5 IDLE
            S: + idling
            S: * 1 EXPUNGE
            C: DONE
            S: A5 OK
            """
            + bye(6)
        )
        async with imap(face, server, limits=Limits(poll=10)) as session:
            found = await events(session, 2)
        server.check()
        assert [Vanished(INBOX, (12,)), Vanished(INBOX, (11,))] == found

    @pytest.mark.parametrize("answer", ["TAG NO no", "TAG BAD what?", "+ idling\r\nTAG OK enough"])
    async def test_it_is_asked_no_oftener_than_one_without_idle(
        self, face: Face, answer: str
    ) -> None:
        sink = ImapSink(
            "IDLE", answers={"UID SEARCH": "* SEARCH 11 12 13\r\nTAG OK", "IDLE": answer}
        )
        async with imap(face, ScriptedServer(sink), limits=Limits(poll=10)) as session:
            assert [] == await events(session, 1, timeout=95)
        assert 10 >= sink.commands.count("IDLE")
        assert 9 == sink.commands.count("NOOP")

    async def test_one_that_ends_it_after_a_while_is_asked_again_at_once(self, face: Face) -> None:
        server = ScriptedServer(
            IDLING
            + """
            -- wait 600
            S: A3 OK enough
            C: A4 IDLE
            S: + idling
            S: * 1 EXPUNGE
            C: DONE
            S: A4 OK
            """
            + bye(5)
        )
        async with imap(face, server, limits=Limits(poll=10)) as session:
            assert [Vanished(INBOX, (11,))] == await events(session, 1)
        server.check()

    async def test_other_calls_go_on_meanwhile(self, face: Face) -> None:
        sink = ImapSink(
            "IDLE",
            answers={
                "UID SEARCH": "* SEARCH 11 12 13\r\nTAG OK",
                "IDLE": "TAG NO no",
                "NOOP": "* 1 EXPUNGE\r\nTAG OK",
            },
        )
        async with imap(face, ScriptedServer(sink)) as session:
            watching = session.watch()
            assert Vanished(INBOX, (11,)) == await anext(watching)
            await session.noop()
            assert Vanished(INBOX, (12,)) == await anext(watching)
            await watching.aclose()
