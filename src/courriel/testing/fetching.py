"""Check what ``fetch``, ``fetch_many``, ``headers``, ``source`` and ``part`` give."""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable
from typing import Any

from courriel.errors import Misused, Refused
from courriel.model.email import Email
from courriel.model.parts import part_of
from courriel.testing.expectations import holds, raises, same
from courriel.testing.letters import ATTACHED, BROKEN, LETTERS, PICTURE
from courriel.testing.listing import ids_of, listed
from courriel.testing.suite import Account, Suite, check

__all__ = ["Fetching"]

_MANY = tuple(
    b"Subject: number %d\r\n\r\n%b\r\n" % (number, b"text " * (number % 7)) for number in range(200)
)

_UNKNOWN = 2_000_000_000
"""A UID that nothing has. Cyrus 3.10 finds nothing at all for a set with one of 32 bits in it."""


class Fetching(Suite):
    """Messages and their parts: octet for octet, in the order asked for."""

    @check(*LETTERS)
    async def test_a_message_comes_octet_for_octet(self, account: Account) -> None:
        """``fetch`` and ``source`` give what lies in the mailbox."""
        async with account.session() as session:
            for source, identifier in zip(LETTERS, await ids_of(session.messages()), strict=True):
                same(source, await session.source(identifier), "source")
                same(source, (await session.fetch(identifier)).source, "the fetched message")

    @check(*LETTERS)
    async def test_many_come_in_the_order_of_the_ids(self, account: Account) -> None:
        """Not in the order in which a server may send them."""
        async with account.session() as session:
            ids = await ids_of(session.messages())
            for order in ([4, 0, 2], [3, 2, 1, 0], [1]):
                emails = session.fetch_many([ids[place] for place in order])
                got = [email.source async for email in emails]
                same([LETTERS[place] for place in order], got, f"messages {order}")
            some = session.fetch_many(iter(ids[:2]))
            same(list(LETTERS[:2]), [email.source async for email in some], "from an iterator")

    @check(*_MANY)
    async def test_many_are_streamed(self, account: Account) -> None:
        """Other calls work between two of them, and whoever stops early harms nothing."""
        async with account.session() as session:
            ids = await ids_of(session.messages())
            same(200, len(ids), "messages")
            emails = session.fetch_many(ids)
            number = 0
            async for email in emails:
                same(_MANY[number], email.source, f"message {number}")
                if number % 50 == 0:
                    same(200, await session.count(), "count between two")
                    same(_MANY[7], await session.source(ids[7]), "another one between two")
                number += 1
            same(200, number, "messages fetched")
            await self._stop_early(session, session.fetch_many(ids))
            await self._stop_early(session, session.messages())
            same(_MANY[199], await session.source(ids[199]), "a message after stopping early")

    async def _stop_early(self, session: Any, items: Any) -> None:
        async for _ in items:
            break
        await items.aclose()
        same(200, await session.count(), "count after stopping early")

    @check(*LETTERS)
    async def test_a_header_comes_alone(self, account: Account) -> None:
        """``headers`` has the fields of the message, and nothing of its body."""
        async with account.session() as session:
            for source, identifier in zip(LETTERS, await ids_of(session.messages()), strict=True):
                email = await session.headers(identifier)
                whole = Email.from_source(source)
                for field in ("subject", "sender", "to", "cc", "date", "message_id"):
                    same(getattr(whole, field), getattr(email, field), field)
                head, _, _ = source.partition(b"\r\n\r\n")
                same(head, email.source.rstrip(b"\r\n"), "the header's octets")

    @check(*LETTERS)
    async def test_parts_come_decoded(self, account: Account) -> None:
        """One part is asked for by its place, or as the summary has it."""
        async with account.session() as session:
            *_, summary = await listed(session.messages())
            same(PICTURE, await session.part(summary.id, "2"), "the attachment")
            text = await session.part(summary.id, "1.1")
            same(b"L'\xe9t\xe9.\r\n.", text.rstrip(b"\r\n"), "the text, in its own charset")
            if summary.parts:
                (attachment,) = summary.attachments
                same(PICTURE, await session.part(summary.id, attachment), "by its summary")
            email = Email.from_source(ATTACHED)
            same(part_of(email, "1.2"), await session.part(summary.id, "1.2"), "the HTML")

    @check(*LETTERS)
    async def test_a_message_without_parts_is_part_1(self, account: Account) -> None:
        """RFC 3501, 6.4.5: every message has at least one part."""
        async with account.session() as session:
            first, *_ = await ids_of(session.messages())
            same(b"At noon?\r\n", await session.part(first, "1"), "part 1")

    @check(*LETTERS)
    async def test_an_unknown_part_is_an_error(self, account: Account) -> None:
        """A part that is not there, and what cannot be a part."""
        async with account.session() as session:
            *_, last = await ids_of(session.messages())
            for path in ("9", "2.7.1"):
                await raises((Misused, Refused), session.part(last, path), f"part {path}")
            for path in ("", "0", "1..2", "TEXT", "1]\r\nX"):
                await raises(Misused, session.part(last, path), f"part {path!r}")
            same(PICTURE, await session.part(last, "2"), "a part afterwards")

    @check(*LETTERS)
    async def test_an_unknown_id_is_an_error(self, account: Account) -> None:
        """The error says so, and the session goes on."""
        async with account.session() as session:
            ids = await ids_of(session.messages())
            unknown: Any = _UNKNOWN if isinstance(ids[0], int) else "no-such-message"
            calls: dict[str, Callable[[], Awaitable[Any]]] = {
                "fetch": lambda: session.fetch(unknown),
                "source": lambda: session.source(unknown),
                "headers": lambda: session.headers(unknown),
                "part": lambda: session.part(unknown, "1"),
            }
            for name, call in calls.items():
                error = await raises(Refused, call(), f"{name} of an unknown id")
                holds(error.session_usable, f"{name}: the error leaves the session usable")
            same(LETTERS[0], await session.source(ids[0]), "a message afterwards")

    @check(*LETTERS)
    async def test_unknown_ids_do_not_stop_the_others(self, account: Account) -> None:
        """``fetch_many`` yields whatever is there, in order, and raises Refused behind it."""
        async with account.session() as session:
            ids = await ids_of(session.messages())
            unknown: Any = _UNKNOWN if isinstance(ids[0], int) else "no-such-message"
            for order in ([unknown, ids[3], ids[0]], [ids[3], unknown, ids[0]], [unknown]):
                emails = session.fetch_many(order)
                expected = [LETTERS[ids.index(one)] for one in order if one is not unknown]
                got: list[bytes] = []
                error = await raises(Refused, _gathered(emails, got), f"fetch_many({order})")
                same(expected, got, f"the messages of {order}")
                holds(error.session_usable, "the error leaves the session usable")
            same(LETTERS[0], await session.source(ids[0]), "a message afterwards")

    @check(*LETTERS)
    async def test_a_summary_stands_for_its_id(self, account: Account) -> None:
        """Wherever an id is taken, alone or among others, with and without its folder."""
        async with account.session() as session:
            summaries = await listed(session.messages())
            last = summaries[-1]
            for where in ({}, {"folder": None}, {"folder": last.folder}):
                same(ATTACHED, (await session.fetch(last, **where)).source, f"fetch {where}")
                same(ATTACHED, await session.source(last, **where), f"source {where}")
                header = await session.headers(last, **where)
                same(Email.from_source(ATTACHED).subject, header.subject, f"headers {where}")
                same(PICTURE, await session.part(last, "2", **where), f"part {where}")
                emails = session.fetch_many([last, summaries[0].id, summaries[1]], **where)
                expected = [ATTACHED, LETTERS[0], LETTERS[1]]
                same(expected, [email.source async for email in emails], f"fetch_many {where}")

    @check(*LETTERS)
    async def test_a_message_is_looked_for_in_its_folder(self, account: Account) -> None:
        """A folder that is not there, or that no backend of that kind has, is an error."""
        async with account.session() as session:
            one, *_ = await ids_of(session.messages())
            calls: dict[str, Callable[[], Awaitable[Any]]] = {
                "fetch": lambda: session.fetch(one, folder="No such folder"),
                "source": lambda: session.source(one, folder="No such folder"),
                "headers": lambda: session.headers(one, folder="No such folder"),
                "part": lambda: session.part(one, "1", folder="No such folder"),
                "delete": lambda: session.delete([one], folder="No such folder"),
                "fetch_many": lambda: listed(session.fetch_many([one], folder="No such folder")),
            }
            for name, call in calls.items():
                await self.lacks_folder(call(), f"{name} in another folder")
            same(LETTERS[0], await session.source(one, folder="INBOX"), "a message afterwards")
            same(len(LETTERS), await session.count(), "count afterwards")

    @check(*BROKEN)
    async def test_broken_mail_is_listed_and_read(self, account: Account) -> None:
        """No message, however broken, takes the others or the session with it."""
        async with account.session() as session:
            summaries = await listed(session.messages())
            same(len(BROKEN), len(summaries), "messages")
            for source, summary in zip(BROKEN, summaries, strict=True):
                # Whatever they say, they say it without an error.
                holds(summary.envelope is not None, "there is an envelope")
                holds(isinstance(summary.parts, tuple), "there are parts, or none")
                email = await session.fetch(summary.id)
                same(source, email.source, "a broken message")
                holds(isinstance(email.subject, str), "there is a subject, or none")
                await session.headers(summary.id)
                holds(isinstance(email.attachments, tuple), "there are attachments, or none")
            emails = session.fetch_many([summary.id for summary in summaries])
            same(list(BROKEN), [email.source async for email in emails], "all broken ones")


async def _gathered(emails: AsyncIterable[Email], sources: list[bytes]) -> None:
    """Put the sources of a stream into a list, so that they are there if it raises."""
    async for email in emails:
        sources.append(email.source)
