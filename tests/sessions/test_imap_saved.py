"""The first and the last message that a query finds, in one flight (SEARCHRES), in transcripts."""

from __future__ import annotations

from typing import Any

import pytest

from courriel import Refused, where
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.sessions.imap_talk import bye, examined, imap, opened

pytestmark = pytest.mark.virtual

SAVING = "ESEARCH SEARCHRES LITERAL+"
SELECTED = "C: A1 EXAMINE INBOX" + examined(1)


async def edge(session: Any, *, newest_first: bool = True, subject: str = "x") -> list[int]:
    query = where.subject(subject)
    found = session.messages(query=query, newest_first=newest_first, limit=1)
    return [summary.id async for summary in found]


@pytest.mark.parametrize("chunk", [None, 1, 7])
@pytest.mark.parametrize(("option", "newest"), [("MAX", True), ("MIN", False)])
async def test_search_and_fetch_go_out_together(
    face: Face, option: str, newest: bool, chunk: int | None
) -> None:
    server = ScriptedServer(
        opened(SAVING)
        + SELECTED
        + f"""
        C: A2 UID SEARCH RETURN (SAVE {option}) SUBJECT "x"
        C: A3 UID FETCH $ (UID FLAGS *)
        S: * ESEARCH (TAG "A2") UID {option} 90
        S: A2 OK done
        S: * 3 FETCH (UID 4 FLAGS (\\Seen))
        S: * 9 FETCH (UID 90 FLAGS () RFC822.SIZE 10)
        S: A3 OK done
        """
        + bye(4),
        chunk=chunk,
    )
    async with imap(face, server) as session:
        before = server.flights
        assert [90] == await edge(session, newest_first=newest)
        # The folder, and then both at once.
        assert 2 == server.flights - before
    server.check()


async def test_nothing_is_found(face: Face) -> None:
    server = ScriptedServer(
        opened(SAVING)
        + SELECTED
        + """
        C: A2 UID SEARCH RETURN (SAVE MAX) SUBJECT "x"
        C: A3 UID FETCH $ (*)
        S: * ESEARCH (TAG "A2") UID
        S: A2 OK done
        S: A3 OK done
        """
        + bye(4)
    )
    async with imap(face, server) as session:
        assert [] == await edge(session)
    server.check()


async def test_who_saves_more_than_was_asked_for_is_not_believed(face: Face) -> None:
    server = ScriptedServer(
        opened("IMAP4rev2 LITERAL+")
        + SELECTED
        + """
        C: A2 UID SEARCH RETURN (SAVE MAX) SUBJECT "x"
        C: A3 UID FETCH $ (*)
        S: * ESEARCH (TAG "A2") UID MAX 90
        S: A2 OK done
        S: * 8 FETCH (UID 80 FLAGS () RFC822.SIZE 10)
        S: * 9 FETCH (UID 90 FLAGS () RFC822.SIZE 10)
        S: A3 OK done
        """
        + bye(4)
    )
    async with imap(face, server) as session:
        assert [90] == await edge(session)
    server.check()


@pytest.mark.parametrize(
    "answer",
    ["S: A2 NO [NOTSAVED] no room", "S: * SEARCH 80 90\nS: A2 OK done", "S: A2 OK done"],
)
async def test_who_cannot_save_is_asked_in_two_steps(face: Face, answer: str) -> None:
    server = ScriptedServer(
        opened(SAVING)
        + SELECTED
        + f"""
        C: A2 UID SEARCH RETURN (SAVE MAX) SUBJECT "x"
        C: A3 UID FETCH $ (*)
        {answer}
        S: A3 BAD nothing is saved
        C: A4 UID SEARCH RETURN (ALL) SUBJECT "x"
        S: * ESEARCH (TAG "A4") UID ALL 80,90
        S: A4 OK done
        C: A5 UID FETCH 90 (*)
        S: * 9 FETCH (UID 90 FLAGS () RFC822.SIZE 10)
        S: A5 OK done
        """
        + bye(6)
    )
    async with imap(face, server) as session:
        assert [90] == await edge(session)
    server.check()


async def test_a_charset_is_found_as_ever(face: Face) -> None:
    server = ScriptedServer(
        opened(SAVING)
        + SELECTED
        + """
        C: A2 UID SEARCH RETURN (SAVE MAX) CHARSET UTF-8 SUBJECT {2+}
        C: ü
        C: A3 UID FETCH $ (*)
        S: A2 NO [BADCHARSET (ISO-8859-1)] no
        S: A3 OK done
        C: A4 UID SEARCH RETURN (ALL) CHARSET UTF-8 SUBJECT {2+}
        C: ü
        S: A4 NO [BADCHARSET (ISO-8859-1)] no
        C: A5 UID SEARCH RETURN (ALL) CHARSET ISO-8859-1 SUBJECT {1+}
        C: \udcfc
        S: * ESEARCH (TAG "A5") UID ALL 90
        S: A5 OK done
        C: A6 UID FETCH 90 (*)
        S: * 9 FETCH (UID 90 FLAGS () RFC822.SIZE 10)
        S: A6 OK done
        """
        + bye(7)
    )
    async with imap(face, server) as session:
        assert [90] == await edge(session, subject="ü")
    server.check()


async def test_another_refusal_is_the_error(face: Face) -> None:
    server = ScriptedServer(
        opened(SAVING)
        + SELECTED
        + """
        C: A2 UID SEARCH RETURN (SAVE MAX) SUBJECT "x"
        C: A3 UID FETCH $ (*)
        S: A2 NO [LIMIT] too expensive
        S: A3 OK done
        """
        + bye(4)
    )
    async with imap(face, server) as session:
        with pytest.raises(Refused) as caught:
            await edge(session)
        assert ("LIMIT", "messages") == (caught.value.condition, caught.value.operation)
    server.check()
