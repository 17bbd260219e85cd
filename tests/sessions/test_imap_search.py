"""Searching in IMAP sessions against transcripts: charsets, ranges, orders, long lines, lies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from courriel import Garbled, Misused, NotSupported, Refused, where
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.sessions.imap_talk import bye, examined, imap, opened

pytestmark = pytest.mark.virtual

SELECTED = "C: A1 EXAMINE INBOX" + examined(1)


@pytest.mark.parametrize("chunk", [None, 1, 7])
async def test_a_search_needs_no_round_trip_for_its_folder(face: Face, chunk: int | None) -> None:
    server = ScriptedServer(
        opened("ESEARCH")
        + SELECTED
        + """
        C: A2 UID SEARCH RETURN (ALL) UNSEEN FROM "bob"
        S: * ESEARCH (TAG "A2") UID ALL 2:4,9
        S: A2 OK done
        """
        + bye(3),
        chunk=chunk,
    )
    async with imap(face, server) as session:
        assert [2, 3, 4, 9] == await session.search(where.unseen & where.sender("bob"))
    server.check()


async def test_old_servers_answer_number_by_number(face: Face) -> None:
    server = ScriptedServer(
        opened()
        + SELECTED
        + """
        C: A2 UID SEARCH SEEN
        S: * SEARCH 9 2 4
        S: * SEARCH 3
        S: A2 OK done
        C: A3 UID SEARCH DELETED
        S: * SEARCH
        S: A3 OK done
        C: A4 UID SEARCH DRAFT
        S: A4 OK done
        """
        + bye(5)
    )
    async with imap(face, server) as session:
        assert [2, 3, 4, 9] == await session.search(where.seen)
        assert [] == await session.search(where.deleted)
        assert [] == await session.search(where.draft)
    server.check()


async def test_nothing_is_asked_for_what_nobody_can_be(face: Face) -> None:
    server = ScriptedServer(opened() + bye(1))
    async with imap(face, server) as session:
        assert [] == await session.search(~where.all)
        for capability, query in (
            ("CONDSTORE", where.unseen | where.modified_since(3)),
            ("X-GM-EXT-1", ~where.gmail("has:attachment")),
        ):
            with pytest.raises(NotSupported) as caught:
                await session.search(query)
            assert (capability, "search") == (caught.value.capability, caught.value.operation)
        for wrong in ("UNSEEN", None, 3):
            with pytest.raises(Misused):
                await session.search(wrong)
        for sort in ("colour", 3, b"date", ("date", 5)):
            with pytest.raises(Misused):
                await session.search(where.all, sort=sort)
    server.check()


async def test_a_refused_folder_is_the_error_of_the_search(face: Face) -> None:
    server = ScriptedServer(
        opened()
        + """
        C: A1 EXAMINE nowhere
        S: A1 NO [NONEXISTENT] none such
        """
        + bye(2)
    )
    async with imap(face, server) as session:
        with pytest.raises(Refused) as caught:
            await session.search(where.all, "nowhere")
        assert ("NONEXISTENT", "search") == (caught.value.condition, caught.value.operation)
    server.check()


# Charsets.


async def test_a_charset_is_named_only_where_it_is_needed(face: Face) -> None:
    server = ScriptedServer(
        opened("LITERAL+")
        + SELECTED
        + """
        C: A2 UID SEARCH CHARSET UTF-8 SUBJECT {7+}
        C: Bücher
        S: * SEARCH 4
        S: A2 OK done
        """
        + bye(3)
    )
    async with imap(face, server) as session:
        assert [4] == await session.search(where.subject("Bücher"))
    server.check()


async def test_another_charset_is_taken_if_the_server_offers_one_that_fits(face: Face) -> None:
    server = ScriptedServer(
        opened("LITERAL+")
        + SELECTED
        + """
        C: A2 UID SEARCH CHARSET UTF-8 SUBJECT {7+}
        C: Bücher
        S: A2 NO [BADCHARSET (US-ASCII KOI8-R ISO-8859-1)] no
        C: A3 UID SEARCH CHARSET ISO-8859-1 SUBJECT {6+}
        C: B\udcfccher
        S: * SEARCH 4
        S: A3 OK done
        """
        + bye(4)
    )
    async with imap(face, server) as session:
        assert [4] == await session.search(where.subject("Bücher"))
    server.check()


@pytest.mark.parametrize("refusal", ["NO [BADCHARSET (US-ASCII)] no", "BAD unknown charset"])
async def test_where_only_ascii_is_known_the_rest_is_sifted_here(face: Face, refusal: str) -> None:
    server = ScriptedServer(
        opened("LITERAL+")
        + SELECTED
        + f"""
        C: A2 UID SEARCH CHARSET UTF-8 UNSEEN SUBJECT {{11+}}
        C: Bücher von
        S: A2 {refusal}
        """
        + r"""
        C: A3 UID SEARCH UNSEEN SUBJECT "von"
        S: * SEARCH 4 5 6
        S: A3 OK done
        C: A4 UID FETCH 4:6 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER])
        S- * 1 FETCH (UID 4 FLAGS () INTERNALDATE "17-Jul-2026 02:44:25 +0000" RFC822.SIZE 90
        S:  BODY[HEADER] {44}
        S: Subject: =?utf-8?q?B=C3=BCcher_von_Bob?=
        S:
        S- )
        S:
        S: * 2 FETCH (UID 5 FLAGS (\Seen))
        S: * 2 FETCH (UID 5 FLAGS () RFC822.SIZE 90 BODY[HEADER] "Subject: Neues von Bob")
        S: A4 OK done
        """
        + bye(5)
    )
    async with imap(face, server) as session:
        assert [4] == await session.search(where.unseen & where.subject("Bücher von"))
    server.check()


async def test_another_refusal_is_no_question_of_charsets(face: Face) -> None:
    server = ScriptedServer(
        opened("LITERAL+")
        + SELECTED
        + """
        C: A2 UID SEARCH CHARSET UTF-8 SUBJECT {3+}
        C: ü*
        S: A2 NO [LIMIT] too expensive
        """
        + bye(3)
    )
    async with imap(face, server) as session:
        with pytest.raises(Refused) as caught:
            await session.search(where.subject("ü*"))
        assert "LIMIT" == caught.value.condition
    server.check()


# Lies and long lines.


async def test_a_server_cannot_make_us_count_to_four_thousand_million(face: Face) -> None:
    server = ScriptedServer(
        opened("ESEARCH")
        + SELECTED
        + """
        C: A2 UID SEARCH RETURN (ALL) ALL
        S: * ESEARCH (TAG "A2") UID ALL 1:4294967295
        S: A2 OK done
        C: A3 NOOP
        S: A3 OK done
        """
        + bye(4)
    )
    async with imap(face, server) as session:
        with pytest.raises(Garbled) as caught:
            await session.search(where.all)
        assert caught.value.session_usable
        await session.noop()
    server.check()


def searching(find: Callable[[int], str]) -> Callable[[bytes], bytes]:
    """Return a server that answers each UID SEARCH with what ``find`` gives for its tag."""
    heard: list[bytes] = []

    def respond(data: bytes) -> bytes:
        heard.append(data)
        if len(heard) == 1:
            return b"* OK [CAPABILITY IMAP4rev1 ESEARCH] ready\r\n"
        said = b""
        for line in data.splitlines():
            assert len(line) < 8_000
            tag, _, command = line.partition(b" ")
            if command.startswith(b"EXAMINE"):
                said += b"* 90000 EXISTS\r\n* OK [UIDVALIDITY 1] ok\r\n"
            elif command.startswith(b"UID SEARCH"):
                found = find(int(tag[1:])).encode()
                said += b'* ESEARCH (TAG "%b") UID ALL %b\r\n' % (tag, found)
            said += tag + b" OK done\r\n"
        return said

    return respond


async def test_long_sets_are_asked_for_in_lines_that_servers_take(face: Face) -> None:
    server = ScriptedServer(searching(lambda tag: f"{tag}:{tag + 1}"))
    ids = range(1, 60_000, 2)
    async with imap(face, server) as session:
        before = server.flights
        found = await session.search(where.ids(ids) & where.unseen)
        # The folder, then all pieces at once.
        assert 2 == server.flights - before
    assert list(range(2, len(found) + 2)) == found
    assert 25 <= server.sent.count(b"UID SEARCH") < 32


async def test_much_that_is_asked_at_once_is_asked_in_lines_that_servers_take(face: Face) -> None:
    server = ScriptedServer(searching(lambda tag: f"{tag}:{90 - tag},100"))
    query = ~where.any_of(where.subject(f"number {n}") for n in range(3_000))
    async with imap(face, server) as session:
        before = server.flights
        found = await session.search(query)
        assert 2 == server.flights - before
    searches = server.sent.count(b"UID SEARCH")
    assert 10 <= searches <= 14
    assert max(map(len, server.sent.split(b"\r\n"))) <= 8_000
    # What all of them have found.
    last = searches + 1
    assert [*range(last, 90 - last + 1), 100] == found


# Orders.


async def test_the_server_sorts_where_it_can(face: Face) -> None:
    server = ScriptedServer(
        opened("SORT ESEARCH")
        + SELECTED
        + """
        C: A2 UID SORT (REVERSE DATE SUBJECT) US-ASCII UNSEEN
        S: * SORT 5 3 9
        S: A2 OK done
        C: A3 UID SORT (SIZE) US-ASCII ALL
        S: * SORT
        S: A3 OK done
        """
        + bye(4)
    )
    async with imap(face, server) as session:
        assert [5, 3, 9] == await session.search(where.unseen, sort=("-date", "subject"))
        assert [] == await session.search(where.all, sort="size")
    server.check()


async def test_what_cannot_be_asked_in_order_is_picked_out_of_all(face: Face) -> None:
    server = ScriptedServer(
        opened("SORT LITERAL+")
        + SELECTED
        + """
        C: A2 UID SORT (DATE) UTF-8 SUBJECT {2+}
        C: ü
        S: A2 NO [BADCHARSET (ISO-8859-1)] no
        C: A3 UID SEARCH CHARSET UTF-8 SUBJECT {2+}
        C: ü
        S: A3 NO [BADCHARSET (ISO-8859-1)] no
        C: A4 UID SEARCH CHARSET ISO-8859-1 SUBJECT {1+}
        C: \udcfc
        S: * SEARCH 3 4
        S: A4 OK done
        C: A5 UID SORT (DATE) US-ASCII ALL
        S: * SORT 5 4 3 2 1
        S: A5 OK done
        """
        + bye(6)
    )
    async with imap(face, server) as session:
        assert [4, 3] == await session.search(where.subject("ü"), sort="date")
    server.check()


def envelope(uid: int, date: str, subject: str, sender: str, arrived: str) -> str:
    """Return what a server says of one message."""
    author = f'((NIL NIL "{sender}" "example.org"))'
    return (
        f'S: * {uid} FETCH (UID {uid} ENVELOPE ({date} "{subject}" {author} NIL NIL NIL NIL NIL NIL'
        f' NIL) INTERNALDATE "{arrived} 02:44:25 +0000")'
    )


ENVELOPES = "\n".join(
    (
        envelope(1, '"14 Nov 2026 10:00:00 +0000"', "Re: [list] apples", "zoe", "15-Nov-2026"),
        envelope(2, '"14 Nov 2026 10:30:00 +0200"', "Pears", "Bob", "16-Nov-2026"),
        envelope(3, "NIL", "apples (fwd)", "ada", "13-Nov-2026"),
    )
)


@pytest.mark.parametrize(
    ("sort", "items", "expected"),
    [
        ("date", "ENVELOPE INTERNALDATE", [3, 2, 1]),
        ("-date", "ENVELOPE INTERNALDATE", [1, 2, 3]),
        ("arrival", "INTERNALDATE", [3, 1, 2]),
        ("from", "ENVELOPE", [3, 2, 1]),
        ("subject", "ENVELOPE", [1, 3, 2]),
        (("subject", "-from"), "ENVELOPE", [1, 3, 2]),
        (("-subject", "from"), "ENVELOPE", [2, 3, 1]),
    ],
)
async def test_without_sort_it_is_done_here(
    face: Face, sort: str | tuple[str, ...], items: str, expected: list[int]
) -> None:
    server = ScriptedServer(
        opened()
        + SELECTED
        + f"""
        C: A2 UID SEARCH ALL
        S: * SEARCH 1 2 3
        S: A2 OK done
        C: A3 UID FETCH 1:3 (UID {items})
        {ENVELOPES}
        S: A3 OK done
        """
        + bye(4)
    )
    async with imap(face, server) as session:
        assert expected == await session.search(where.all, sort=sort)
    server.check()


# The newest of many.


async def newest(session: Any, limit: int) -> list[int]:
    found = session.messages(query=where.unseen, newest_first=True, limit=limit)
    return [summary.id async for summary in found]


SUMMARIES = """
S: * 9 FETCH (UID 90 FLAGS () RFC822.SIZE 10)
S: * 8 FETCH (UID 80 FLAGS () RFC822.SIZE 10)
"""


async def test_the_newest_are_asked_for_alone_where_the_server_can(face: Face) -> None:
    server = ScriptedServer(
        opened("ESEARCH PARTIAL")
        + SELECTED
        + f"""
        C: A2 UID SEARCH RETURN (PARTIAL -1:-2) UNSEEN
        S: * ESEARCH (TAG "A2") UID PARTIAL (-1:-2 80,90)
        S: A2 OK done
        C: A3 UID FETCH 80,90 (*)
        {SUMMARIES}
        S: A3 OK done
        C: A4 UID SEARCH RETURN (PARTIAL -1:-3) UNSEEN
        S: * ESEARCH (TAG "A4") UID PARTIAL (-1:-3 NIL)
        S: A4 OK done
        """
        + bye(5)
    )
    async with imap(face, server) as session:
        assert [90, 80] == await newest(session, 2)
        assert [] == await newest(session, 3)
    server.check()


async def test_otherwise_they_are_the_end_of_all(face: Face) -> None:
    server = ScriptedServer(
        opened("ESEARCH")
        + SELECTED
        + f"""
        C: A2 UID SEARCH RETURN (ALL) UNSEEN
        S: * ESEARCH (TAG "A2") UID ALL 1:5,80,90
        S: A2 OK done
        C: A3 UID FETCH 80,90 (*)
        {SUMMARIES}
        S: A3 OK done
        """
        + bye(4)
    )
    async with imap(face, server) as session:
        assert [90, 80] == await newest(session, 2)
    server.check()
