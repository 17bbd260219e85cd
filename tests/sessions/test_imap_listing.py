"""Listing a folder against transcripts: as little as possible, in few round trips, in order."""

from __future__ import annotations

from typing import Any

import pytest

from courriel import Misused, NotSupported, Refused, where
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.hostile.imap_sink import ImapSink
from tests.sessions.imap_desk import Desk
from tests.sessions.imap_talk import bye, examined, imap, opened

pytestmark = pytest.mark.virtual

ITEMS = "UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE"
NIL = "NIL NIL NIL NIL NIL NIL NIL NIL"


def summary(number: int, uid: int, subject: str = "x", more: str = "") -> str:
    facts = f'UID {uid} FLAGS () RFC822.SIZE 5 ENVELOPE (NIL "{subject}" {NIL})'
    return f"S: * {number} FETCH ({facts}{more})\n"


async def listed(session: Any, *arguments: Any, **named: Any) -> list[int]:
    return [each.id async for each in session.messages(*arguments, **named)]


@pytest.mark.parametrize("chunk", [None, 1, 7])
async def test_the_newest_take_two_flights(face: Face, chunk: int | None) -> None:
    server = ScriptedServer(
        opened()
        + f"C: A1 EXAMINE INBOX\n{examined(1, exists=10)}"
        + f"C: A2 FETCH 8:* ({ITEMS})\n"
        + "".join(summary(number, number + 100) for number in (8, 9, 10, 11))
        + "S: A2 OK\n"
        + f"C: A3 NOOP\nS: * 11 EXISTS\nS: A3 OK\nC: A4 FETCH 11:* ({ITEMS})\n"
        + summary(11, 111)
        + "S: A4 OK\n"
        + bye(5),
        chunk=chunk,
    )
    async with imap(face, server) as session:
        assert [111, 110, 109] == await listed(session, newest_first=True, limit=3)
        assert 2 == server.flights
        assert [111] == await listed(session, newest_first=True, limit=1)
        assert 4 == server.flights
    server.check()


@pytest.mark.parametrize("end", ["OK", "NO [EXPUNGEISSUED] one is gone"])
async def test_those_that_went_while_they_were_counted_are_made_up_for(
    face: Face, end: str
) -> None:
    server = ScriptedServer(
        opened()
        + f"C: A1 EXAMINE INBOX\n{examined(1, exists=10)}"
        + f"C: A2 FETCH 9:* ({ITEMS})\n"
        # Somebody else has expunged one before the server has read that.
        + summary(9, 109)
        + f"S: A2 {end}\nC: A3 FETCH 8 ({ITEMS})\n"
        + summary(8, 108)
        + "S: A3 OK\n"
        + bye(4)
    )
    async with imap(face, server) as session:
        assert [109, 108] == await listed(session, newest_first=True, limit=2)
        assert 3 == server.flights
    server.check()


@pytest.mark.parametrize("tags_last", [False, True])
@pytest.mark.parametrize("newest_first", [False, True])
async def test_a_limit_beyond_a_batch_lists_no_more_either(
    face: Face, newest_first: bool, tags_last: bool
) -> None:
    uids = list(range(7, 3000, 2))
    desk = Desk(INBOX=list(uids))
    desk.tags_last = tags_last
    server = ScriptedServer(desk)
    async with imap(face, server) as session:
        found = await listed(session, newest_first=newest_first, limit=300)
        # The folder, and then two batches at once.
        assert 2 == server.flights
    assert sorted(uids, reverse=newest_first)[:300] == found
    assert not [command for command in desk.said if "SEARCH" in command]
    batches = [command.split(" ")[1] for command in desk.said if command.startswith("FETCH")]
    last = len(uids)
    expected = [f"{last - 249}:*", f"{last - 299}:{last - 250}"]
    assert (expected if newest_first else ["1:250", "251:300"]) == batches


@pytest.mark.parametrize("newest_first", [False, True])
async def test_a_limit_beyond_the_folder_walks_through_all_of_it(
    face: Face, newest_first: bool
) -> None:
    uids = list(range(7, 1600, 2))
    server = ScriptedServer(Desk(INBOX=list(uids)))
    async with imap(face, server) as session:
        found = await listed(session, newest_first=newest_first, limit=10_000_000)
    assert sorted(uids, reverse=newest_first) == found
    assert b"SEARCH" not in server.sent


@pytest.mark.parametrize("newest_first", [False, True])
async def test_others_may_expunge_while_a_folder_is_walked_through(
    face: Face, newest_first: bool
) -> None:
    uids = list(range(1, 1001))
    desk = Desk(INBOX=list(uids))
    gone = [400, 700, 701, 20]

    def before(desk: Desk, verb: str) -> list[str]:
        return desk.expunge(gone.pop()) if verb == "NOOP" and gone else []

    desk.before = before
    server = ScriptedServer(desk)
    async with imap(face, server) as session:
        found: list[int] = []
        async for each in session.messages(newest_first=newest_first, limit=900):
            found.append(each.id)
            if each.id in (200, 500, 850):
                # Another task lets the server tell it.
                await session.noop()
    there = [uid for uid in sorted(found) if uid in desk.folders["INBOX"]]
    if newest_first:
        assert sorted(found, reverse=True) == found
        assert desk.folders["INBOX"][-len(there) :] == there
    else:
        assert sorted(found) == found
        assert desk.folders["INBOX"][: len(there)] == there
    assert 900 == len(set(found)) == len(found)


async def test_what_is_gone_for_good_is_not_looked_for_for_ever(face: Face) -> None:
    server = ScriptedServer(
        opened("ESEARCH PARTIAL")
        + f"C: A1 EXAMINE INBOX\n{examined(1, exists=1000)}"
        + "".join(
            f"C: A{tag} FETCH {numbers} ({ITEMS})\nS: A{tag} OK\n"
            for tag, numbers in enumerate(("1000:*", "999", "998", "997"), 2)
        )
        + "C: A6 UID SEARCH RETURN (PARTIAL *) ALL\n"
        + 'S: * ESEARCH (TAG "A6") UID PARTIAL (-1:-1 108)\nS: A6 OK\n'
        + f"C: A7 UID FETCH 108 ({ITEMS})\n{summary(8, 108)}S: A7 OK\n"
        + bye(8)
    )
    async with imap(face, server) as session:
        assert [108] == await listed(session, newest_first=True, limit=1)
    server.check()


@pytest.mark.parametrize("arguments", [{}, {"limit": 3}, {"newest_first": True}])
@pytest.mark.parametrize("end", ["OK [EXPUNGEISSUED] some are gone", "NO [EXPUNGEISSUED] gone"])
async def test_what_others_have_expunged_is_left_out(
    face: Face, arguments: dict[str, Any], end: str
) -> None:
    ghost = "UID 5 FLAGS (\\Deleted) RFC822.SIZE 0 INTERNALDATE "
    ghost += f'"01-Jan-1970 00:00:00 +0000" ENVELOPE (NIL NIL {NIL})'

    def answers(command: str) -> str | None:
        if "SEARCH" in command:
            return "* SEARCH 3 5 9\r\nTAG OK"
        if "FETCH" not in command:
            return None
        told = (summary(1, 3), f"S: * 2 FETCH ({ghost})\n", summary(3, 9))
        return "".join(told).replace("S: ", "").replace("\n", "\r\n") + f"TAG {end}"

    server = ScriptedServer(ImapSink(answers=answers))
    async with imap(face, server) as session:
        assert [3, 9] == sorted(await listed(session, **arguments))
        assert session.usable


async def test_the_oldest(face: Face) -> None:
    server = ScriptedServer(Desk(INBOX=list(range(5, 50))))
    async with imap(face, server) as session:
        assert [5, 6, 7] == await listed(session, limit=3)
        assert 2 == server.flights
        assert list(range(5, 50)) == await listed(session, limit=200)


async def test_an_empty_folder(face: Face) -> None:
    server = ScriptedServer(Desk(INBOX=[]))
    async with imap(face, server) as session:
        assert [] == await listed(session, limit=3)
        assert [] == await listed(session)
        assert [] == await listed(session, newest_first=True)
    assert b"FETCH" not in server.sent


async def test_nothing_is_said_when_nothing_is_wanted(face: Face) -> None:
    server = ScriptedServer(opened() + bye(1))
    async with imap(face, server) as session:
        assert [] == await listed(session, limit=0)
    server.check()


@pytest.mark.parametrize("newest_first", [False, True])
async def test_a_thousand_in_batches(face: Face, newest_first: bool) -> None:
    uids = [uid for uid in range(1, 2000) if uid % 3]
    server = ScriptedServer(Desk(INBOX=list(uids)))
    async with imap(face, server) as session:
        found = await listed(session, newest_first=newest_first)
    assert sorted(uids, reverse=newest_first) == found
    assert 10 > server.flights
    assert all(len(line) < 8000 for line in server.sent.splitlines())


async def test_unread_ones(face: Face) -> None:
    server = ScriptedServer(
        opened()
        + f"C: A1 EXAMINE INBOX\n{examined(1)}C: A2 UID SEARCH UNSEEN\nS: * SEARCH 4 2\nS: A2 OK\n"
        + f"C: A3 UID FETCH 2,4 ({ITEMS})\n"
        + summary(2, 2)
        + "S: * 9 FETCH (UID 9 FLAGS (\\Seen))\nS: * 4 FETCH (UID 4 FLAGS (\\Seen))\n"
        + summary(4, 4)
        + "S: A3 OK\n"
        + bye(4)
    )
    async with imap(face, server) as session:
        assert [2, 4] == await listed(session, unread=True)
        assert 3 == server.flights
    server.check()


async def test_search_and_fetch_of_a_query(face: Face) -> None:
    server = ScriptedServer(
        opened("ESEARCH")
        + f"C: A1 EXAMINE INBOX\n{examined(1)}"
        + 'C: A2 UID SEARCH RETURN (ALL) SEEN FROM "bob"\n'.replace('"bob"', "*")
        + 'S: * ESEARCH (TAG "A2") UID ALL 1:9\nS: A2 OK\n'
        + f"C: A3 UID FETCH 8:9 ({ITEMS})\n"
        + summary(8, 8)
        + summary(9, 9)
        + "S: A3 OK\n"
        + bye(4)
    )
    async with imap(face, server) as session:
        query = where.sender("bob")
        assert [9, 8] == await listed(
            session, unread=False, query=query, newest_first=True, limit=2
        )
    server.check()


async def test_what_only_some_servers_know_is_asked_of_those(face: Face) -> None:
    words = "OBJECTID X-GM-EXT-1 PREVIEW CONDSTORE"
    server = ScriptedServer(
        opened(words)
        + f"C: A1 EXAMINE INBOX (CONDSTORE)\n{examined(1, exists=1)}"
        + f"C: A2 FETCH 1:* ({ITEMS} EMAILID THREADID X-GM-LABELS X-GM-MSGID X-GM-THRID"
        + " PREVIEW (LAZY)*)\n"
        + summary(1, 7, more=' EMAILID (M1) THREADID (T1) PREVIEW "Hi." X-GM-LABELS (a b)')
        + "S: A2 OK\n"
        + bye(3)
    )
    async with imap(face, server) as session:
        (found,) = [s async for s in session.messages(newest_first=True, limit=1)]
    server.check()
    assert ("M1", "T1", "Hi.", {"a", "b"}) == (
        found.email_id,
        found.thread_id,
        found.preview,
        found.labels,
    )


async def test_a_broken_envelope_costs_no_other_message(face: Face) -> None:
    server = ScriptedServer(
        opened()
        + f"C: A1 EXAMINE INBOX\n{examined(1, exists=3)}C: A2 FETCH 1:3 ({ITEMS})\n"
        + summary(1, 1, "one")
        + "S: * 2 FETCH (UID 2 RFC822.SIZE 5 ENVELOPE ((((oops BODYSTRUCTURE )\n"
        + summary(3, 3, "three")
        + "S: A2 OK\n"
        + bye(3)
    )
    async with imap(face, server) as session:
        found = {s.id: s async for s in session.messages(limit=3)}
        assert session.usable
    assert "one" == found[1].envelope.subject
    assert "three" == found[3].envelope.subject


@pytest.mark.parametrize(
    "arguments",
    [
        {"limit": -1},
        {"limit": 1.5},
        {"limit": True},
        {"limit": "5"},
        {"query": "unseen"},
        {"folder": ""},
        {"folder": 5},
    ],
)
async def test_what_cannot_be_meant(face: Face, arguments: dict[str, Any]) -> None:
    server = ScriptedServer(opened() + bye(1))
    async with imap(face, server) as session:
        with pytest.raises(Misused) as caught:
            await listed(session, **arguments)
    server.check()
    assert "messages" == caught.value.operation


async def test_a_query_that_the_server_cannot_be_asked(face: Face) -> None:
    server = ScriptedServer(opened() + bye(1))
    async with imap(face, server) as session:
        with pytest.raises(NotSupported) as caught:
            await listed(session, query=where.gmail("has:attachment"))
    server.check()
    assert ("messages", "X-GM-EXT-1") == (caught.value.operation, caught.value.capability)


async def test_a_folder_that_was_made_anew_is_simply_listed(face: Face) -> None:
    anew = examined(5, exists=1).replace("UIDVALIDITY 7", "UIDVALIDITY 8")
    server = ScriptedServer(
        opened()
        + f"C: A1 EXAMINE INBOX\n{examined(1, exists=1)}C: A2 FETCH 1 ({ITEMS})\n{summary(1, 1)}"
        + f"S: A2 OK\nC: A3 EXAMINE Work\n{examined(3)}C: A4 FETCH 1 ({ITEMS})\n{summary(1, 1)}"
        + f"S: A4 OK\nC: A5 EXAMINE INBOX\n{anew}C: A6 EXAMINE INBOX\n{anew.replace('A5', 'A6')}"
        + f"C: A7 FETCH 1 ({ITEMS})\n{summary(1, 9)}S: A7 OK\n"
        + bye(8)
    )
    async with imap(face, server) as session:
        assert [1] == await listed(session, limit=1)
        assert [1] == await listed(session, "Work", limit=1)
        assert [9] == await listed(session, limit=1)
    server.check()


async def test_a_folder_that_cannot_be_selected(face: Face) -> None:
    script = opened() + "C: A1 EXAMINE Nowhere\nS: A1 NO [NONEXISTENT] no\n" + bye(2)
    for arguments in ({}, {"limit": 1}, {"unread": True}):
        async with imap(face, ScriptedServer(script)) as session:
            with pytest.raises(Refused) as caught:
                await listed(session, "Nowhere", **arguments)
        assert ("messages", "NONEXISTENT") == (caught.value.operation, caught.value.condition)


FOUND = "* SEARCH 3 5 9\r\nTAG OK"
ENVELOPE = f'ENVELOPE (NIL "s" {NIL}) BODYSTRUCTURE ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 5 1)'


def told(uid: int, facts: str) -> str:
    return f"* {[3, 5, 9].index(uid) + 1} FETCH (UID {uid} {facts})\r\n"


SPLIT = {
    "twice": told(3, f"RFC822.SIZE 9 {ENVELOPE}") * 2,
    "in two": told(3, "FLAGS () RFC822.SIZE 9") + told(3, ENVELOPE),
    "the other way round": told(3, ENVELOPE) + told(3, "FLAGS () RFC822.SIZE 9"),
    "flags first": told(3, "FLAGS ()") + told(3, f"RFC822.SIZE 9 {ENVELOPE}"),
    "flags behind": told(3, f"RFC822.SIZE 9 {ENVELOPE}") + told(3, "FLAGS (\\Seen)"),
    "in two and twice": (told(3, "RFC822.SIZE 9") + told(3, ENVELOPE)) * 2,
}


@pytest.mark.parametrize("chunk", [None, 1])
@pytest.mark.parametrize("said", SPLIT.values(), ids=SPLIT)
@pytest.mark.parametrize(
    "way",
    [
        {"unread": True},
        {"unread": True, "newest_first": True},
        {"limit": 3},
        {"limit": 1, "unread": True},
    ],
    ids=str,
)
async def test_h17_each_message_comes_once_and_whole(
    face: Face, way: dict[str, Any], said: str, chunk: int | None
) -> None:
    others = told(5, f"RFC822.SIZE 8 {ENVELOPE}") + told(9, f"RFC822.SIZE 7 {ENVELOPE}")
    server = ImapSink(
        answers={
            "UID SEARCH": FOUND,
            "UID FETCH": f"{said}{others}TAG OK",
            "UID FETCH 3 ": f"{said}TAG OK",
            "FETCH": f"{said}{others}TAG OK",
        }
    )
    async with imap(face, ScriptedServer(server, chunk=chunk)) as session:
        found = [each async for each in session.messages(**way)]
    sizes = [(each.id, each.size, each.envelope.subject) for each in found]
    wanted = [(3, 9, "s"), (5, 8, "s"), (9, 7, "s")][: way.get("limit")]
    assert (wanted[::-1] if "newest_first" in way else wanted) == sizes
    assert [()] * len(found) == [each.defects for each in found]
