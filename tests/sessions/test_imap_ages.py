"""``where.younger`` and ``where.older`` on servers without WITHIN, against transcripts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from courriel import where
from courriel.drive.scripted import ScriptedServer
from courriel.flows import ages
from courriel.model.query import Query
from tests.faces import Face
from tests.sessions.imap_talk import bye, examined, imap, opened

pytestmark = pytest.mark.virtual

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
HOUR = 3_600
SELECTED = "C: A1 EXAMINE INBOX" + examined(1)


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ages, "_now", lambda: NOW)


def arrived(uid: int, moment: str) -> str:
    """Return what a server says of one message."""
    return f'S: * {uid} FETCH (UID {uid} INTERNALDATE "{moment}")\n'


# An hour ago it was 8:30 in London, 20:30 of the day before at the date line.
ARRIVALS = (
    arrived(5, "21-Nov-2026 08:29:59 +0000")
    + arrived(6, "21-Nov-2026 08:30:00 +0000")
    + arrived(7, "20-Nov-2026 23:00:00 -1200")
    + arrived(8, "21-Nov-2026 21:00:00 +1400")
)


@pytest.mark.parametrize("chunk", [None, 1, 7])
@pytest.mark.parametrize(
    ("query", "found"),
    [
        (where.younger(HOUR), "OR SINCE 22-Nov-2026 UID 6:7"),
        (where.older(HOUR), "OR BEFORE 20-Nov-2026 UID 5:6,8"),
        (~where.younger(timedelta(hours=1)), "NOT (OR SINCE 22-Nov-2026 UID 6:7)"),
    ],
)
async def test_days_decide_and_internal_dates_where_they_do_not(
    face: Face, query: Query, found: str, chunk: int | None
) -> None:
    server = ScriptedServer(
        opened("ESEARCH")
        + SELECTED
        + """
        C: A2 UID SEARCH RETURN (ALL) SINCE 20-Nov-2026 BEFORE 22-Nov-2026
        S: * ESEARCH (TAG "A2") UID ALL 5:8
        S: A2 OK done
        C: A3 UID FETCH 5:8 (UID INTERNALDATE)
        """
        + ARRIVALS
        + f"""
        S: A3 OK done
        C: A4 UID SEARCH RETURN (ALL) {found}
        S: * ESEARCH (TAG "A4") UID ALL 2:3
        S: A4 OK done
        """
        + bye(5),
        chunk=chunk,
    )
    async with imap(face, server) as session:
        before = server.flights
        assert [2, 3] == await session.search(query)
        # The folder, the days, the dates, and what was asked.
        assert 4 == server.flights - before
    server.check()


async def test_only_those_are_looked_at_that_may_be_found(face: Face) -> None:
    server = ScriptedServer(
        opened("LITERAL+")
        + SELECTED
        + """
        C: A2 UID SEARCH UNSEEN SINCE 20-Nov-2026 BEFORE 22-Nov-2026
        S: * SEARCH
        S: A2 OK done
        C: A3 UID SEARCH CHARSET UTF-8 UNSEEN SUBJECT {2+}
        C: ü BEFORE 20-Nov-2026
        S: * SEARCH 1
        S: A3 OK done
        """
        + bye(4)
    )
    async with imap(face, server) as session:
        query = where.unseen & where.subject("ü") & where.older(HOUR)
        before = server.flights
        assert [1] == await session.search(query)
        # Where no day is in doubt nothing is fetched.
        assert 3 == server.flights - before
    server.check()


async def test_several_ages_are_looked_at_together(face: Face) -> None:
    server = ScriptedServer(
        opened()
        + SELECTED
        + "C: A2 UID SEARCH OR (SINCE 20-Nov-2026 BEFORE 22-Nov-2026)"
        + " (SINCE 20-Nov-2026 BEFORE 22-Nov-2026)"
        + """
        S: * SEARCH 5 6 7 8
        S: A2 OK done
        C: A3 UID FETCH 5:8 (UID INTERNALDATE)
        """
        + ARRIVALS
        + """
        S: A3 OK done
        C: A4 UID SEARCH OR SINCE 22-Nov-2026 UID 6:7 OR BEFORE 20-Nov-2026 UID 5:6,8
        S: * SEARCH 6
        S: A4 OK done
        """
        + bye(5)
    )
    async with imap(face, server) as session:
        assert [6] == await session.search(where.younger(HOUR) & where.older(HOUR))
    server.check()


async def test_who_has_within_is_asked(face: Face) -> None:
    server = ScriptedServer(
        opened("WITHIN")
        + SELECTED
        + """
        C: A2 UID SEARCH YOUNGER 3600
        S: * SEARCH 7
        S: A2 OK done
        """
        + bye(3)
    )
    async with imap(face, server) as session:
        assert [7] == await session.search(where.younger(HOUR))
    server.check()


async def test_what_is_listed_sorted_and_threaded_may_have_an_age(face: Face) -> None:
    days = "SINCE 20-Nov-2026 BEFORE 22-Nov-2026"
    told = "OR SINCE 22-Nov-2026 UID 7"
    script = opened("SORT THREAD=REFERENCES") + SELECTED
    ends = (
        f"UID SORT (SIZE) US-ASCII {told}\nS: * SORT 7",
        f"UID THREAD REFERENCES US-ASCII {told}\nS: * THREAD (7)",
        f"UID SEARCH {told}\nS: * SEARCH 7",
    )
    for place, end in enumerate(ends):
        tag = 2 + 3 * place
        script += f"""
            C: A{tag} UID SEARCH {days}
            S: * SEARCH 7
            S: A{tag} OK done
            C: A{tag + 1} UID FETCH 7 (UID INTERNALDATE)
            {arrived(7, "20-Nov-2026 23:00:00 -1200")}
            S: A{tag + 1} OK done
            C: A{tag + 2} {end}
            S: A{tag + 2} OK done
        """
    script += """
        C: A11 UID FETCH 7 (*)
        S: * 7 FETCH (UID 7 FLAGS () RFC822.SIZE 10)
        S: A11 OK done
    """
    server = ScriptedServer(script + bye(12))
    query = where.younger(HOUR)
    async with imap(face, server) as session:
        assert [7] == await session.search(query, sort="size")
        assert [((7, 0),)] == [each.members for each in await session.threads(query)]
        assert [7] == [each.id async for each in session.messages(query=query)]
    server.check()
