"""Check what ``delete`` does, on any backend."""

from __future__ import annotations

from typing import Any

from courriel.errors import NotSupported
from courriel.testing.expectations import same
from courriel.testing.letters import LETTERS
from courriel.testing.listing import ids_of, listed
from courriel.testing.spoken import Spoken
from courriel.testing.suite import Account, Suite, check

__all__ = ["Removing"]


class Removing(Suite):
    """Deleted messages go when the session ends, or when ``expunge`` says so; others stay."""

    @check(*LETTERS)
    async def test_deleted_messages_are_gone_in_the_next_session(self, account: Account) -> None:
        """And no id of another message changes."""
        async with account.session() as session:
            summaries = await listed(session.messages())
            ids = [summary.id for summary in summaries]
            await session.delete([ids[1], summaries[3]], folder="INBOX")
            same(LETTERS[4], await session.source(ids[4]), "another message, after delete")
            await _expunge(session, [ids[1], ids[3]])
        async with account.session() as session:
            same([ids[0], ids[2], ids[4]], await ids_of(session.messages()), "ids that are left")
            same(3, await session.count(), "count")
            same(LETTERS[2], await session.source(ids[2]), "a message that is left")

    @check(*LETTERS)
    async def test_one_id_or_summary_may_stand_alone(self, account: Account) -> None:
        """``delete`` takes one as well as several."""
        async with account.session() as session:
            first, second, *_ = await listed(session.messages())
            await session.delete(first.id)
            await session.delete(second)
            await _expunge(session)
        async with account.session() as session:
            same(len(LETTERS) - 2, await session.count(), "count")

    @check(*LETTERS)
    async def test_deleting_nothing_deletes_nothing(self, account: Account) -> None:
        """No ids are no message, and not all of them."""
        async with account.session() as session:
            await session.delete([])
            await _expunge(session, [])
        async with account.session() as session:
            same(len(LETTERS), await session.count(), "count")


async def _expunge(session: Spoken, ids: list[Any] | None = None) -> None:
    """Remove for good what is marked, where that takes a call of its own."""
    if not hasattr(session.session, "expunge"):
        return
    # Without UIDPLUS a server removes all that is marked, or nothing; others do it at the end.
    for which in (ids, None):
        try:
            await session.expunge(which)
        except NotSupported:
            continue
        return
