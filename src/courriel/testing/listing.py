"""Check what ``count`` and ``messages`` say, on any backend."""

from __future__ import annotations

from collections.abc import AsyncIterable
from typing import Any, TypeVar

from courriel.errors import NotSupported
from courriel.model.email import Email
from courriel.model.envelope import Envelope
from courriel.model.parts import parts_of
from courriel.model.query import where
from courriel.testing.expectations import holds, raises, same
from courriel.testing.letters import ATTACHED, LETTERS
from courriel.testing.suite import Account, Suite, check

T = TypeVar("T")

__all__ = ["Listing", "listed"]


class Listing(Suite):
    """Summaries: which, in which order, and what they say."""

    @check()
    async def test_an_empty_inbox_has_no_messages(self, account: Account) -> None:
        """Nothing is counted, listed or fetched."""
        async with account.session() as session:
            same(0, await session.count(), "count")
            same([], await listed(session.messages()), "messages")
            same([], await listed(session.messages(newest_first=True, limit=5)), "newest")
            same([], await listed(session.fetch_many([])), "fetch_many of nothing")

    @check(*LETTERS)
    async def test_messages_come_in_the_order_of_their_arrival(self, account: Account) -> None:
        """Each is listed once, with its size, an id of its own and the name of the folder."""
        async with account.session() as session:
            same(len(LETTERS), await session.count(), "count")
            summaries = await listed(session.messages())
            same([len(source) for source in LETTERS], [s.size for s in summaries], "sizes")
            same(len(LETTERS), len({summary.id for summary in summaries}), "different ids")
            same({"INBOX"}, {summary.folder for summary in summaries}, "folders")
            for summary in summaries:
                received = summary.received
                holds(received is None or received.tzinfo is not None, "received has a zone")

    @check(*LETTERS)
    async def test_envelopes_say_what_the_headers_say(self, account: Account) -> None:
        """Whoever reads the header, the server or we, the envelope is the same."""
        async with account.session() as session:
            summaries = await listed(session.messages())
        for source, summary in zip(LETTERS, summaries, strict=True):
            same(Envelope.of(Email.from_source(source)), summary.envelope, "envelope")

    @check(*LETTERS)
    async def test_parts_are_those_of_the_message(self, account: Account) -> None:
        """A backend that knows the parts without the body names them as RFC 3501 does."""
        async with account.session() as session:
            summaries = await listed(session.messages())
        for source, summary in zip(LETTERS, summaries, strict=True):
            if summary.parts:
                expected = parts_of(Email.from_source(source))
                same(_outlines(expected), _outlines(summary.parts), "parts")
        if summaries[-1].parts:
            names = [part.name for part in summaries[-1].attachments]
            same(["summer.png"], names, "attachments of the last")

    @check(*LETTERS)
    async def test_the_newest_come_first_when_wanted(self, account: Account) -> None:
        """The order is turned round before the limit is applied."""
        async with account.session() as session:
            ids = [summary.id async for summary in session.messages()]
            newest = session.messages(newest_first=True)
            same(ids[::-1], [summary.id async for summary in newest], "newest first")
            same(ids[:2], await ids_of(session.messages(limit=2)), "the two oldest")
            two = session.messages(newest_first=True, limit=2)
            same(ids[:-3:-1], await ids_of(two), "the two newest")
            same(ids, await ids_of(session.messages(limit=1_000)), "a limit beyond the last")

    @check(*LETTERS)
    async def test_ids_stay_the_same_in_the_next_session(self, account: Account) -> None:
        """An id that was kept leads to its message again."""
        async with account.session() as session:
            first = await ids_of(session.messages())
        async with account.session() as session:
            same(first, await ids_of(session.messages()), "ids")
            email = await session.fetch(first[-1])
        same(ATTACHED, email.source, "the message of a kept id")

    @check(*LETTERS)
    async def test_queries_find_what_they_mean(self, account: Account) -> None:
        """A server's search and ours give the same messages, in the same order."""
        queries = {
            where.all: [0, 1, 2, 3, 4],
            where.subject("lunch"): [0, 2],
            where.subject("PHOTOS"): [4],
            where.sender("bob@example.org"): [0, 2],
            where.sender("bob") & ~where.subject("re:"): [0],
            where.sender("carol") | where.header("List-Id"): [1, 4],
            where.header("List-Id", "holidays"): [4],
            where.cc("eve"): [4],
            where.to("ada"): [0, 1, 2, 3, 4],
            where.message_id("letter.1@example.org"): [1],
            where.larger(len(ATTACHED) - 1): [4],
            where.smaller(len(ATTACHED)): [0, 1, 2, 3],
            where.body("noon it is"): [2],
            where.subject("nobody wrote this"): [],
        }
        async with account.session() as session:
            ids = await ids_of(session.messages())
            for query, places in queries.items():
                expected = [ids[place] for place in places]
                same(expected, await ids_of(session.messages(query=query)), f"{query!r}")
            newest = session.messages(query=where.sender("bob"), newest_first=True, limit=1)
            same([ids[2]], await ids_of(newest), "the newest of bob's")
            same([ids[1]], await ids_of(session.messages(query=where.ids(ids[1]))), "one id")

    @check(*LETTERS)
    async def test_reading_marks_nothing_as_read(self, account: Account) -> None:
        """Whatever is read, in whatever way, is as unread as before."""
        async with account.session() as session:
            for summary in await listed(session.messages()):
                await session.headers(summary.id)
                await session.fetch(summary.id)
                await session.source(summary.id)
                await session.part(summary.id, "1")
            await listed(session.fetch_many(await ids_of(session.messages())))
            await listed(session.messages(query=where.body("noon")))
        async with account.session() as session:
            flags = [summary.flags - {"\\Recent"} async for summary in session.messages()]
            same([frozenset()] * len(LETTERS), flags, "flags afterwards")
            if "flags" not in self.lacks:
                unread = session.messages(unread=True)
                same(len(LETTERS), len(await listed(unread)), "unread messages")
                same([], await listed(session.messages(unread=False)), "read messages")

    @check(*LETTERS)
    async def test_what_is_not_supported_is_named(self, account: Account) -> None:
        """What the backend cannot do raises NotSupported with the capability's name."""
        async with account.session() as session:
            if capability := self.lacks.get("flags"):
                for wanted in ({"unread": True}, {"query": where.unseen}):
                    error = await raises(
                        NotSupported, listed(session.messages(**wanted)), f"messages({wanted})"
                    )
                    same(capability, error.capability, "the capability for flags")
            await self.lacks_folder(session.count("No such folder"), "count in another folder")
            other = session.messages("No such folder")
            await self.lacks_folder(listed(other), "messages of another folder")
            same(len(LETTERS), await session.count(), "count afterwards")

    @check(*LETTERS)
    async def test_calls_that_the_backend_lacks_are_refused_by_name(self, account: Account) -> None:
        """A call that other backends have is there, and raises NotSupported."""
        async with account.session() as session:
            first, *_ = await ids_of(session.messages())
            calls = {"folders": ("folders",), "flags": ("flag", first)}
            for what, capability in self.lacks.items():
                name, *arguments = calls[what]
                error = await raises(NotSupported, getattr(session, name)(*arguments), name)
                same((capability, name), (error.capability, error.operation), f"why no {name}")
            same(len(LETTERS), await session.count(), "count afterwards")


async def listed(items: AsyncIterable[T]) -> list[T]:
    """Return all items of a stream."""
    return [item async for item in items]


async def ids_of(summaries: AsyncIterable[Any]) -> list[Any]:
    """Return the ids of a stream of summaries."""
    return [summary.id async for summary in summaries]


def _outlines(parts: tuple[Any, ...]) -> list[tuple[str, str, str | None, str]]:
    return [(part.path, part.content_type, part.name, part.encoding) for part in parts]
