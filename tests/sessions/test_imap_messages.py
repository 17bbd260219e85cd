"""Fetching messages against transcripts: round trips, order, what is not there, what is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from courriel import Disconnected, Garbled, Limits, Misused, Refused, Summary
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.sessions.imap_desk import Desk, letter
from tests.sessions.imap_talk import bye, examined, imap, opened

pytestmark = pytest.mark.virtual

OPEN = opened() + f"C: A1 EXAMINE INBOX\n{examined(1)}"


def said(number: int, text: str = "hi", section: str = "") -> str:
    return f"S: * {number} FETCH (UID {number} BODY[{section}] {{{len(text)}}}\nS- {text}\nS: )\n"


def desk(count: int = 100) -> Desk:
    return Desk(INBOX=list(range(1, count + 1)), Work=list(range(1, count + 1)))


async def fetched(session: Any, *arguments: Any, **named: Any) -> list[Any]:
    return [email async for email in session.fetch_many(*arguments, **named)]


@pytest.mark.parametrize("chunk", [None, 1, 7])
async def test_one_message_is_select_and_fetch(face: Face, chunk: int | None) -> None:
    script = OPEN + "C: A2 UID FETCH 5 (BODY.PEEK[])\n" + said(5) + "S: A2 OK\n" + bye(3)
    server = ScriptedServer(script, chunk=chunk)
    async with imap(face, server) as session:
        assert b"hi" == (await session.fetch(5)).source
        assert 2 == server.flights
    server.check()


async def test_a_hundred_in_a_pipeline_are_two_flights(face: Face) -> None:
    server = ScriptedServer(desk())
    async with imap(face, server) as session:
        async with session.pipeline() as pipeline:
            pending = [pipeline.fetch(uid) for uid in range(1, 101)]
            if face.blocking:
                pending = [await each for each in pending]
        assert 2 == server.flights
    assert [letter("INBOX", uid) for uid in range(1, 101)] == [
        each.result().source for each in pending
    ]


async def test_a_hundred_in_a_stream_are_two_flights_and_come_in_order(face: Face) -> None:
    uids = [*range(100, 50, -1), *range(1, 51)]
    server = ScriptedServer(desk())
    async with imap(face, server, limits=Limits(fetch_window=400)) as session:
        found = await fetched(session, uids)
        assert 3 >= server.flights
    assert [letter("INBOX", uid) for uid in uids] == [email.source for email in found]


@pytest.mark.parametrize("uids", [[], [3], [3, 3], [5, 1, 5], [9, 8, 7, 6, 5, 4, 3, 2, 1] * 3])
@pytest.mark.parametrize("window", [1, 2, 8])
async def test_any_order_and_any_of_them_twice(face: Face, uids: list[int], window: int) -> None:
    async with imap(face, ScriptedServer(desk()), limits=Limits(fetch_window=window)) as session:
        found = await fetched(session, uids)
    assert [letter("INBOX", uid) for uid in uids] == [email.source for email in found]


async def test_those_that_are_not_there_are_named_behind_the_others(face: Face) -> None:
    async with imap(face, ScriptedServer(desk(5))) as session:
        stream = session.fetch_many([7, 1, 9, 3])
        found = [(await anext(stream)).source for _ in range(2)]
        with pytest.raises(Refused, match="no message 7,9") as caught:
            await anext(stream)
        assert letter("INBOX", 2) == await session.source(2)
    assert [letter("INBOX", 1), letter("INBOX", 3)] == found
    assert ("fetch_many", "NONEXISTENT") == (caught.value.operation, caught.value.condition)


async def test_a_summary_knows_its_folder(face: Face) -> None:
    async with imap(face, ScriptedServer(desk())) as session:
        summaries = [s async for s in session.messages("Work", limit=2)]
        [s async for s in session.messages("INBOX", limit=1)]
        assert letter("Work", 1) == await session.source(summaries[0])
        [s async for s in session.messages("INBOX", limit=1)]
        found = await fetched(session, summaries)
        assert [letter("Work", 1), letter("Work", 2)] == [email.source for email in found]


async def test_summaries_of_two_folders_cannot_be_fetched_together(face: Face) -> None:
    async with imap(face, ScriptedServer(desk())) as session:
        (one,) = [s async for s in session.messages("Work", limit=1)]
        (two,) = [s async for s in session.messages("INBOX", limit=1)]
        with pytest.raises(Misused, match="folder") as caught:
            await fetched(session, [one, two])
        assert "fetch_many" == caught.value.operation
        assert 2 == len(await fetched(session, [one, two], folder="INBOX"))


async def test_the_header_alone(face: Face) -> None:
    script = OPEN + "C: A2 UID FETCH 5 (BODY.PEEK[HEADER])\n"
    script += said(5, "Subject: hi", "HEADER") + "S: A2 OK\n"
    server = ScriptedServer(script + bye(3))
    async with imap(face, server) as session:
        email = await session.headers(5)
    server.check()
    assert ("hi", "") == (email.subject, (email.text or "").strip())


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "S: * 5 FETCH (FLAGS (\\Seen))\n",
        "S: * 5 FETCH (UID 5 FLAGS ())\n",
        "S: * 6 FETCH (UID 6 BODY[] {2}\nS: hi)\n",
        "S: * 5 EXPUNGE\n",
        # What Dovecot says of one that another client has expunged.
        "S: * 5 FETCH (UID 5 BODY[] NIL)\nS: * 5 EXPUNGE\n",
    ],
)
@pytest.mark.parametrize("end", ["OK", "OK [EXPUNGEISSUED] gone", "NO [EXPUNGEISSUED] gone"])
async def test_a_message_that_is_not_there(face: Face, answer: str, end: str) -> None:
    script = OPEN + f"C: A2 UID FETCH 5 (BODY.PEEK[])\n{answer}S: A2 {end}\n" + bye(3)
    async with imap(face, ScriptedServer(script)) as session:
        with pytest.raises(Refused) as caught:
            await session.source(5)
        assert session.usable
    assert ("source", "NONEXISTENT") == (caught.value.operation, caught.value.condition)


async def test_a_header_that_is_not_there(face: Face) -> None:
    script = OPEN + "C: A2 UID FETCH 5 (BODY.PEEK[HEADER])\n"
    script += "S: * 5 FETCH (UID 5 BODY[HEADER] NIL)\nS: A2 OK [EXPUNGEISSUED] gone\n" + bye(3)
    async with imap(face, ScriptedServer(script)) as session:
        with pytest.raises(Refused) as caught:
            await session.headers(5)
    assert ("headers", "NONEXISTENT") == (caught.value.operation, caught.value.condition)


@pytest.mark.parametrize("empty", ['""', "{0}\nS: "])
async def test_an_empty_message_is_there(face: Face, empty: str) -> None:
    answer = f"S: * 5 FETCH (UID 5 BODY[] {empty})\n"
    script = OPEN + f"C: A2 UID FETCH 5 (BODY.PEEK[])\n{answer}S: A2 OK\n"
    script += f"C: A3 UID FETCH 5 (BODY.PEEK[])\n{answer}S: A3 OK\n" + bye(4)
    async with imap(face, ScriptedServer(script)) as session:
        assert b"" == await session.source(5)
        assert [b""] == [email.source for email in await fetched(session, [5])]


@pytest.mark.parametrize("end", ["OK", "OK [EXPUNGEISSUED] gone", "NO [EXPUNGEISSUED] gone"])
@pytest.mark.parametrize("gone", ["", "S: * 5 FETCH (UID 5 BODY[] NIL)\n"])
async def test_what_others_have_expunged_costs_no_other_message(
    face: Face, end: str, gone: str
) -> None:
    # Four batches of one; the message of the second is gone.
    script = OPEN + "C: A2 UID FETCH 3 (BODY.PEEK[])\nC: A3 UID FETCH 5 (BODY.PEEK[])\n"
    script += "C: A4 UID FETCH 6 (BODY.PEEK[])\nC: A5 UID FETCH 7 (BODY.PEEK[])\n"
    script += f"{said(3)}S: A2 OK\n{gone}S: A3 {end}\n{said(6)}S: A4 {end}\n{said(7)}S: A5 OK\n"
    server, limits = ScriptedServer(script + bye(6)), Limits(fetch_window=4)
    async with imap(face, server, limits=limits) as session:
        stream = session.fetch_many([3, 5, 6, 7])
        assert [b"hi"] * 3 == [(await anext(stream)).source for _ in range(3)]
        with pytest.raises(Refused, match="no message 5") as caught:
            await anext(stream)
        assert session.usable
    assert ("fetch_many", "NONEXISTENT") == (caught.value.operation, caught.value.condition)


async def test_another_refusal_of_a_fetch_is_the_error(face: Face) -> None:
    script = OPEN + "C: A2 UID FETCH 5 (BODY.PEEK[])\nS: A2 NO [SERVERBUG] oops\n" + bye(3)
    async with imap(face, ScriptedServer(script)) as session:
        with pytest.raises(Refused) as caught:
            await session.source(5)
    assert ("source", "SERVERBUG") == (caught.value.operation, caught.value.condition)


async def test_answers_in_another_order_than_the_questions(face: Face) -> None:
    script = OPEN + "C: A2 UID FETCH 5 (BODY.PEEK[])\nC: A3 UID FETCH 5 (BODY.PEEK[HEADER])\n"
    script += said(5, "Subject: hi", "HEADER") + "S: A3 OK\n" + said(5) + "S: A2 OK\n"
    session = imap(face, ScriptedServer(script + bye(4)))
    async with session, session.pipeline() as pipeline:
        whole, header = pipeline.source(5), pipeline.headers(5)
        if face.blocking:
            whole, header = await whole, await header
    assert (b"hi", "hi") == (whole.result(), header.result().subject)


async def test_a_folder_that_cannot_be_selected_is_the_error_of_each(face: Face) -> None:
    script = opened() + "C: A1 EXAMINE Nowhere\nS: A1 NO [NONEXISTENT] no\n" + bye(2)
    server = ScriptedServer(script)
    async with imap(face, server) as session:
        async with session.pipeline() as pipeline:
            pending = [pipeline.source(uid, folder="Nowhere") for uid in (1, 2)]
            if face.blocking:
                pending = [await each for each in pending]
        for each in pending:
            with pytest.raises(Refused) as caught:
                each.result()
            assert ("source", "NONEXISTENT") == (caught.value.operation, caught.value.condition)
    server.check()


@pytest.mark.parametrize(
    "ids", [0, -1, 2**32, True, "5", 5.0, None, b"5", [1, 0], ["1"], [None], "1:5"]
)
async def test_what_names_no_message(face: Face, ids: Any) -> None:
    server = ScriptedServer(opened() + bye(1))
    async with imap(face, server) as session:
        with pytest.raises(Misused) as caught:
            await fetched(session, ids if isinstance(ids, (list, str, bytes)) else [ids])
        assert "fetch_many" == caught.value.operation
        if not isinstance(ids, list):
            with pytest.raises(Misused) as caught:
                await session.fetch(ids)
            assert "fetch" == caught.value.operation
    server.check()


async def test_a_literal_that_never_ends(face: Face) -> None:
    script = (
        OPEN + "C: A2 UID FETCH 5 (BODY.PEEK[])\nS: * 5 FETCH (UID 5 BODY[] {100}\nS- x\n-- cut"
    )
    async with imap(face, ScriptedServer(script)) as session:
        with pytest.raises(Disconnected) as caught:
            await session.source(5)
    assert "source" == caught.value.operation


async def test_a_literal_that_cannot_be_believed(face: Face) -> None:
    script = OPEN + "C: A2 UID FETCH 5 (BODY.PEEK[])\nS: * 5 FETCH (UID 5 BODY[] {99999999999}\n"
    async with imap(face, ScriptedServer(script)) as session:
        with pytest.raises(Garbled, match="literal") as caught:
            await session.source(5)
    assert "source" == caught.value.operation


async def test_a_large_one_waits_in_a_file_and_is_whole(face: Face) -> None:
    lines = [f"{number:08}" for number in range(20_000)]
    script = OPEN + f"C: A2 UID FETCH 5 (BODY.PEEK[])\nS: * 5 FETCH (UID 5 BODY[] {{{200_000}}}\n"
    script += "".join(f"S: {line}\n" for line in lines) + "S: )\nS: A2 OK\n" + bye(3)
    async with imap(face, ScriptedServer(script, chunk=5000)) as session:
        found = await session.source(5)
    assert lines == found.decode().splitlines()
    assert 200_000 == len(found)


async def test_nothing_is_marked_as_seen(face: Face) -> None:
    server = ScriptedServer(desk())
    async with imap(face, server) as session:
        (summary,) = [s async for s in session.messages(limit=1)]
        await session.fetch(summary)
        await session.headers(summary)
        await fetched(session, [summary, 2, 3])
    assert isinstance(summary, Summary)
    said_all = server.sent.upper()
    assert b"BODY[" not in said_all
    assert b"RFC822 " not in said_all
    assert b"SELECT" not in said_all


@pytest.mark.parametrize("iterator", [False, True])
async def test_changes_are_made_in_the_folder_of_the_summaries(face: Face, iterator: bool) -> None:
    office = Desk("UIDPLUS MOVE", INBOX=[1, 2], Work=[1, 2])
    async with imap(face, ScriptedServer(office)) as session:
        summaries = [s async for s in session.messages("Work", limit=2)]
        for call, verb in (
            (session.delete, "UID STORE 1:2"),
            (session.expunge, "UID EXPUNGE 1:2"),
            (lambda ids: session.copy(ids, "INBOX"), "UID COPY 1:2"),
            (lambda ids: session.move(ids, "INBOX"), "UID MOVE 1:2"),
        ):
            [s async for s in session.messages("INBOX", limit=1)]
            await call(iter(summaries) if iterator else summaries)
            assert office.said[-1].startswith(verb)
            assert "Work" == office.selected
