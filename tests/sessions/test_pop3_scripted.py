"""POP3 sessions against transcripts: what is said, in which order, in how many round trips."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from courriel import (
    Disconnected,
    Garbled,
    Limits,
    Misused,
    NotSupported,
    Refused,
    SessionState,
    TimedOut,
    where,
)
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.transcripts import POP3_BYE, POP3_LISTED, POP3_OPEN

pytestmark = pytest.mark.virtual

# A server that knows nothing but RFC 1939.
OLD = """
S: +OK ready
C: CAPA
S: -ERR unknown command
C: USER ada
S: +OK
C: PASS secret
S: +OK
"""
TWO_HEADERS = """
C: TOP 1 0
C: TOP 2 0
C: TOP 3 0
S: +OK
S: From: Ada <ada@example.org>
S: Subject: one
S:
S: .
S: +OK
S: Subject: two
S:
S: .
S: +OK
S: From: bob@example.org
S: Subject: three
S: Date: Sat, 14 Nov 2026 10:00:00 +0000
S:
S: .
"""


def session_with(face: Face, server: ScriptedServer, **arguments: Any) -> Any:
    options = {"user": "ada", "password": "secret"} | arguments
    return face.scripted(server, "POP3Session", **options)


@pytest.mark.parametrize("chunk", [None, 1, 7])
async def test_messages_take_two_flights(face: Face, chunk: int | None) -> None:
    server = ScriptedServer(POP3_OPEN + POP3_LISTED + TWO_HEADERS + POP3_BYE, chunk=chunk)
    async with session_with(face, server) as session:
        before = server.flights
        found = [summary async for summary in session.messages()]
        assert 2 == server.flights - before
    server.check()
    assert ["aaa", "bbb", "ccc"] == [summary.id for summary in found]
    assert [120, 200, 330] == [summary.size for summary in found]
    assert ["one", "two", "three"] == [summary.envelope.subject for summary in found]
    assert "ada@example.org" == found[0].envelope.sender.address
    assert {"INBOX"} == {summary.folder for summary in found}
    assert all(summary.unread and not summary.flags and not summary.parts for summary in found)


async def test_the_newest_are_asked_for_alone(face: Face) -> None:
    server = ScriptedServer(
        POP3_OPEN
        + POP3_LISTED
        + """
        C: TOP 3 0
        C: TOP 2 0
        S: +OK
        S: Subject: three
        S:
        S: .
        S: +OK
        S: Subject: two
        S:
        S: .
        """
        + POP3_BYE
    )
    async with session_with(face, server) as session:
        found = [s async for s in session.messages(newest_first=True, limit=2)]
    server.check()
    assert ["ccc", "bbb"] == [summary.id for summary in found]


async def test_nothing_is_asked_for_when_nothing_is_wanted(face: Face) -> None:
    server = ScriptedServer(POP3_OPEN + POP3_BYE)
    async with session_with(face, server) as session:
        assert [] == [s async for s in session.messages(limit=0)]
        assert [] == [email async for email in session.fetch_many([])]
    server.check()


async def test_an_empty_mailbox(face: Face) -> None:
    server = ScriptedServer(
        POP3_OPEN
        + """
        C: LIST
        C: UIDL
        S: +OK
        S: .
        S: +OK
        S: .
        """
        + POP3_BYE
    )
    async with session_with(face, server) as session:
        assert [] == [s async for s in session.messages()]
        assert 0 == await session.count()
    server.check()


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        (where.sender("ada"), ["aaa"]),
        (~where.subject("o"), ["ccc"]),
        (where.sent_since(date(2026, 11, 1)), ["ccc"]),
        (where.subject("e") & where.larger(200), ["ccc"]),
        (where.all, ["aaa", "bbb", "ccc"]),
    ],
)
async def test_a_query_is_answered_here(face: Face, query: Any, ids: list[str]) -> None:
    headers = TWO_HEADERS
    server = ScriptedServer(POP3_OPEN + POP3_LISTED + headers + POP3_BYE)
    async with session_with(face, server) as session:
        assert ids == [summary.id async for summary in session.messages(query=query)]
    server.check()


async def test_a_query_that_the_listing_answers_costs_no_header_of_the_others(face: Face) -> None:
    server = ScriptedServer(
        POP3_OPEN
        + POP3_LISTED
        + """
        C: TOP 2 0
        S: +OK
        S: Subject: two
        S:
        S: .
        """
        + POP3_BYE
    )
    async with session_with(face, server) as session:
        query = where.larger(150) & where.smaller(300)
        assert ["bbb"] == [summary.id async for summary in session.messages(query=query)]
    server.check()


async def test_a_query_for_words_of_the_body_brings_the_messages(face: Face) -> None:
    server = ScriptedServer(
        POP3_OPEN
        + POP3_LISTED
        + """
        C: RETR 1
        C: RETR 2
        C: RETR 3
        S: +OK
        S: Subject: one
        S:
        S: Here is the needle.
        S: .
        S: +OK
        S: Subject: needle
        S:
        S: .
        S: +OK
        S:
        S: ..
        S: .
        """
        + POP3_BYE
    )
    async with session_with(face, server) as session:
        found = [summary async for summary in session.messages(query=where.body("NEEDLE"))]
    server.check()
    assert ["aaa"] == [summary.id for summary in found]
    assert ["1"] == [part.path for part in found[0].parts]


async def test_a_message_is_fetched_in_one_flight_once_the_list_is_known(face: Face) -> None:
    server = ScriptedServer(
        POP3_OPEN
        + POP3_LISTED
        + """
        C: RETR 2
        S: +OK 200 octets
        S: Subject: two
        S:
        S: ..a dot
        S: .
        C: TOP 2 0
        S: +OK
        S: Subject: two
        S:
        S: .
        C: RETR 2
        S: +OK
        S: Content-Type: multipart/mixed; boundary=b
        S:
        S: --b
        S:
        S: text
        S: --b
        S: Content-Transfer-Encoding: base64
        S:
        S: Zm9v
        S: --b--
        S: .
        """
        + POP3_BYE
    )
    async with session_with(face, server) as session:
        email = await session.fetch("bbb")
        before = server.flights
        header = await session.headers("bbb")
        assert 1 == server.flights - before
        assert b"foo" == await session.part("bbb", "2")
    server.check()
    assert b"Subject: two\r\n\r\n.a dot\r\n" == email.source
    assert "two" == header.subject
    assert b"Subject: two\r\n\r\n" == header.source


RETRIEVED = """
S: +OK
S: Subject: {0}
S:
S: .
"""


async def test_many_messages_take_one_flight_in_the_order_of_their_ids(face: Face) -> None:
    server = ScriptedServer(
        POP3_OPEN
        + POP3_LISTED
        + "C: RETR 3\nC: RETR 1\nC: RETR 2\n"
        + RETRIEVED.format("three")
        + RETRIEVED.format("one")
        + RETRIEVED.format("two")
        + POP3_BYE
    )
    async with session_with(face, server) as session:
        before = server.flights
        found = [email.subject async for email in session.fetch_many(["ccc", "aaa", "bbb"])]
        assert 2 == server.flights - before
    server.check()
    assert ["three", "one", "two"] == found


async def test_without_pipelining_commands_go_one_by_one(face: Face) -> None:
    server = ScriptedServer(
        OLD
        + """
        C: LIST
        S: +OK
        S: 1 10
        S: 2 10
        S: .
        C: UIDL
        S: +OK
        S: 1 a
        S: 2 b
        S: .
        C: RETR 1
        """
        + RETRIEVED.format("one")
        + "C: RETR 2\n"
        + RETRIEVED.format("two")
        + "C: DELE 1\nS: +OK\nC: DELE 2\nS: +OK\n"
        + POP3_BYE
    )
    async with session_with(face, server) as session:
        assert frozenset() == session.capabilities
        ids = ["a", "b"]
        assert ["one", "two"] == [email.subject async for email in session.fetch_many(ids)]
        await session.delete(ids)
    server.check()


async def test_a_pipeline_asks_for_the_list_once_and_for_the_rest_together(face: Face) -> None:
    server = ScriptedServer(
        POP3_OPEN
        + POP3_LISTED
        + "C: RETR 1\nC: RETR 2\nC: DELE 3\n"
        + RETRIEVED.format("one")
        + "S: -ERR no such message\nS: +OK\n"
        + POP3_BYE
    )
    async with session_with(face, server) as session:
        before = server.flights
        async with session.pipeline() as pipeline:
            pending = [pipeline.fetch("aaa"), pipeline.fetch("bbb"), pipeline.delete(["ccc"])]
            pending = [p if hasattr(p, "result") else await p for p in pending]
        assert 2 == server.flights - before
        assert "one" == pending[0].result().subject
        with pytest.raises(Refused, match="no such message"):
            pending[1].result()
        assert pending[2].result() is None
    server.check()


async def test_a_stream_that_is_left_early_leaves_the_session_in_step(face: Face) -> None:
    server = ScriptedServer(
        POP3_OPEN
        + POP3_LISTED
        + "C: RETR 1\nC: RETR 2\nC: RETR 3\n"
        + "".join(RETRIEVED.format(word) for word in ("one", "two", "three"))
        + "C: NOOP\nS: +OK\n"
        + POP3_BYE
    )
    async with session_with(face, server) as session:
        stream = session.fetch_many(["aaa", "bbb", "ccc"])
        async for email in stream:
            assert "one" == email.subject
            break
        await stream.aclose()
        await session.noop()
    server.check()


async def test_deletions_survive_a_stream_that_is_left_just_before_the_end(face: Face) -> None:
    server = ScriptedServer(
        POP3_OPEN
        + POP3_LISTED
        + "C: DELE 3\nS: +OK\nC: RETR 1\nC: RETR 2\n"
        + RETRIEVED.format("one")
        + "-- wait 5\n"
        + RETRIEVED.format("two")
        + POP3_BYE
    )
    async with session_with(face, server) as session:
        await session.delete("ccc")
        stream = session.fetch_many(["aaa", "bbb"])
        async for _ in stream:
            break
        await stream.aclose()
    server.check()


async def test_deletions_are_taken_back(face: Face) -> None:
    server = ScriptedServer(
        POP3_OPEN
        + POP3_LISTED
        + """
        C: DELE 1
        C: DELE 2
        S: +OK
        S: +OK
        C: RSET
        S: +OK
        """
        + POP3_BYE
    )
    async with session_with(face, server) as session:
        await session.delete(["aaa", "bbb", "aaa"])
        assert 1 == await session.count()
        with pytest.raises(Refused, match="marked for deletion"):
            await session.fetch("aaa")
        await session.delete("aaa")
        await session.reset()
        assert 3 == await session.count()
    server.check()


async def test_a_broken_session_deletes_nothing(face: Face) -> None:
    server = ScriptedServer(
        POP3_OPEN + POP3_LISTED + "C: DELE 1\nS: +OK\nC: NOOP\n-- cut\n",
    )
    session = session_with(face, server)
    await session.open()
    await session.delete("aaa")
    with pytest.raises(Disconnected):
        await session.noop()
    assert SessionState.BROKEN is session.state
    await session.close()
    assert b"QUIT" not in server.sent
    server.check()


async def test_a_server_that_deletes_slowly_is_waited_for(face: Face) -> None:
    server = ScriptedServer(
        POP3_OPEN + POP3_LISTED + "C: DELE 1\nS: +OK\nC: QUIT\n-- wait 30\nS: +OK bye\n"
    )
    async with session_with(face, server) as session:
        await session.delete("aaa")
    server.check()


async def test_one_refused_deletion_leaves_the_others(face: Face) -> None:
    server = ScriptedServer(
        POP3_OPEN
        + POP3_LISTED
        + """
        C: DELE 1
        C: DELE 2
        S: -ERR [SYS/TEMP] not now
        S: +OK
        """
        + POP3_BYE
    )
    async with session_with(face, server) as session:
        with pytest.raises(Refused) as caught:
            await session.delete(["aaa", "bbb"])
        assert 2 == await session.count()
    server.check()
    assert ("SYS/TEMP", "DELE", True) == (
        caught.value.condition,
        caught.value.command,
        caught.value.retryable,
    )


async def test_an_id_that_means_no_message(face: Face) -> None:
    server = ScriptedServer(POP3_OPEN + POP3_LISTED + POP3_BYE)
    async with session_with(face, server) as session:
        for call in (session.fetch, session.headers, session.source, session.delete):
            with pytest.raises(Refused, match="there is no message 'zzz'") as caught:
                await call("zzz")
            assert caught.value.session_usable
        with pytest.raises(Refused, match="fetch_many: there is no message"):
            [email async for email in session.fetch_many(["zzz"])]
    server.check()


async def test_what_pop3_cannot_do(face: Face) -> None:
    server = ScriptedServer(POP3_OPEN + POP3_BYE)
    async with session_with(face, server) as session:
        for arguments in (
            {"unread": True},
            {"unread": False},
            {"query": where.unseen},
            {"query": where.gmail("has:attachment")},
            {"folder": "Sent"},
        ):
            with pytest.raises(NotSupported) as caught:
                [summary async for summary in session.messages(**arguments)]
            assert caught.value.capability
        with pytest.raises(NotSupported):
            await session.count("Sent")
        for call in (session.languages(), session.use_language("en")):
            with pytest.raises(NotSupported, match="LANG"):
                await call
    server.check()


async def test_wrong_arguments_are_refused_before_anything_is_said(face: Face) -> None:
    server = ScriptedServer(POP3_OPEN + POP3_BYE)
    async with session_with(face, server) as session:
        for arguments in ({"limit": -1}, {"limit": True}, {"query": "unseen"}, {"folder": 1}):
            with pytest.raises(Misused):
                [summary async for summary in session.messages(**arguments)]
        for ids in (1, [1], b"aaa", None):
            with pytest.raises(Misused):
                await session.delete(ids)
        with pytest.raises(Misused):
            await session.fetch(1)
    server.check()


async def test_count_asks_for_nothing_but_the_count(face: Face) -> None:
    server = ScriptedServer(POP3_OPEN + "C: STAT\nS: +OK 42 12345\n" + POP3_BYE)
    async with session_with(face, server) as session:
        assert 42 == await session.count("inbox")
    server.check()


async def test_languages(face: Face) -> None:
    server = ScriptedServer(
        POP3_OPEN.replace("S: RESP-CODES", "S: LANG")
        + """
        C: LANG
        S: +OK Language listing follows:
        S: en English
        S: es Espa\xc3\xb1ol
        S: .
        C: LANG es
        S: +OK es Idioma cambiado
        C: LANG uga
        S: -ERR no es posible
        """
        + POP3_BYE
    )
    async with session_with(face, server) as session:
        assert {"en": "English", "es": "Español"} == await session.languages()
        await session.use_language("es")
        with pytest.raises(Refused, match="no es posible"):
            await session.use_language("uga")
        with pytest.raises(Misused):
            await session.use_language("en\r\nQUIT")
    server.check()


async def test_names_are_made_up_where_the_server_has_none(face: Face) -> None:
    listing = """
        C: LIST
        S: +OK
        S: 1 10
        S: 2 10
        S: .
        C: UIDL
        S: -ERR what?
        """
    headers = """
        C: TOP 1 0
        S: +OK
        S: Subject: same
        S:
        S: .
        C: TOP 2 0
        S: +OK
        S: Subject: same
        S:
        S: .
        """
    message = """
        C: RETR {}
        S: +OK
        S: Subject: {}
        S:
        S: Body.
        S: .
        """
    server = ScriptedServer(
        OLD + listing + headers + message.format(2, "same") + POP3_BYE,
        OLD + listing + message.format(2, "same") + message.format(1, "another") + POP3_BYE,
    )
    async with session_with(face, server) as session:
        first, second = [summary.id async for summary in session.messages()]
        assert "same" == (await session.fetch(second)).subject
    assert first != second
    assert first[1:] == second[1:]
    async with session_with(face, server) as session:
        assert "same" == (await session.fetch(second)).subject
        with pytest.raises(Refused, match="there is no message"):
            # Another message has come to stand in its place.
            await session.fetch(first)
        with pytest.raises(Refused):
            await session.fetch(f"3{first[1:]}")
    server.check()


async def test_a_server_without_top_sends_whole_messages(face: Face) -> None:
    server = ScriptedServer(
        OLD
        + """
        C: LIST
        S: +OK
        S: 1 10
        S: .
        C: UIDL
        S: +OK
        S: 1 a
        S: .
        C: TOP 1 0
        S: -ERR invalid command
        C: RETR 1
        S: +OK
        S: Subject: one
        S:
        S: Body.
        S: .
        """
        + POP3_BYE
    )
    async with session_with(face, server) as session:
        found = [summary async for summary in session.messages()]
    server.check()
    assert ["one"] == [summary.envelope.subject for summary in found]


async def test_no_more_is_asked_for_than_the_window_takes(face: Face) -> None:
    server = ScriptedServer(
        POP3_OPEN
        + POP3_LISTED
        + "C: RETR 1\nC: RETR 2\n"
        + RETRIEVED.format("one")
        + RETRIEVED.format("two")
        + "C: RETR 3\n"
        + RETRIEVED.format("three")
        + POP3_BYE
    )
    limits = Limits(window_octets=320)
    async with session_with(face, server, limits=limits) as session:
        before = server.flights
        ids = ["aaa", "bbb", "ccc"]
        assert 3 == len([email async for email in session.fetch_many(ids)])
        assert 3 == server.flights - before
    server.check()


async def test_a_body_that_does_not_end_is_never_returned(face: Face) -> None:
    server = ScriptedServer(
        POP3_OPEN
        + POP3_LISTED
        + "C: RETR 1\nS: +OK\nS: Subject: one\nS:\nS: -ERR internal error\n-- stall\n"
    )
    async with session_with(face, server) as session:
        with pytest.raises(TimedOut):
            await session.fetch("aaa")
        assert SessionState.BROKEN is session.state


async def test_an_idle_session_that_the_server_ends(face: Face) -> None:
    server = ScriptedServer(
        POP3_OPEN + "C: NOOP\nS: +OK\nS: -ERR [SYS/TEMP] idle for too long\n-- cut\n"
    )
    async with session_with(face, server) as session:
        await session.noop()
        with pytest.raises(Disconnected, match="idle for too long"):
            await session.noop()


async def test_an_answer_that_nobody_asked_for(face: Face) -> None:
    server = ScriptedServer(POP3_OPEN + "C: NOOP\nS: +OK\nS: +OK once more\n")
    async with session_with(face, server) as session:
        await session.noop()
        with pytest.raises((Garbled, Disconnected), match="was not sent"):
            await session.noop()
        assert SessionState.BROKEN is session.state


async def test_a_session_opens_anew_with_a_list_of_its_own(face: Face) -> None:
    one = """
        C: LIST
        C: UIDL
        S: +OK
        S: 1 5
        S: .
        S: +OK
        S: 1 ccc
        S: .
        C: RETR 1
        """ + RETRIEVED.format("three")
    server = ScriptedServer(
        POP3_OPEN + POP3_LISTED + "C: RETR 3\n" + RETRIEVED.format("three") + POP3_BYE,
        POP3_OPEN + one + POP3_BYE,
    )
    session = session_with(face, server)
    for _ in range(2):
        async with session:
            assert "three" == (await session.fetch("ccc")).subject
    server.check()
