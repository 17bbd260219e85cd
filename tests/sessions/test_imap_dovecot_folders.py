"""Folders, searches, changes and appends of IMAP sessions on a real Dovecot.

Each runs twice: as Dovecot is, and where it says that it has IMAP4rev1 and nothing more.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from courriel import Email, NotSupported, Refused, where
from tests.faces import Face
from tests.servers.dovecot import SMALL_USER, Dovecot
from tests.servers.stock import small_mail

pytestmark = pytest.mark.server

MAIL = b"From: ada@example.org\r\nSubject: hello\r\nMessage-ID: <1@example.org>\r\n\r\nHi.\r\n"

Open = Callable[..., Any]


@pytest.fixture(params=["as it is", "bare"])
def door(request: pytest.FixtureRequest) -> str:
    """Whether the server says all that it can."""
    return str(request.param)


@pytest.fixture
def opened(face: Face, dovecot: Dovecot, door: str) -> Open:
    """Make a session, not yet open, of a user whose mailbox nobody else has touched."""

    def session(*mails: bytes, user: str = "", **more: Any) -> Any:
        name = user or dovecot.reader()
        if mails:
            dovecot.stock.fill(name, mails)
        host = dovecot.host if door == "as it is" else dovecot.bare_host
        options = {"port": dovecot.imap_port, "security": "plaintext", "password": "secret"}
        return face.tame(face.kind("IMAPSession")(host, user=name, **(options | more)))

    return session


async def test_folders(opened: Open, door: str) -> None:
    async with opened() as session:
        await session.create_folder("Entwürfe & mehr.2026")
        await session.subscribe("Entwürfe & mehr.2026")
        found = {folder.name: folder for folder in await session.folders()}
        assert "inbox" == found["INBOX"].use
        assert ("sent", "trash") == (found["Sent"].use, found["Trash"].use)
        source = "server" if door == "as it is" else "name"
        assert found["Trash"].use_source in ("server", source)
        year = found["Entwürfe & mehr.2026"]
        assert ("Entwürfe & mehr", "2026", True) == (
            year.parent,
            year.short_name,
            year.subscribed,
        )
        assert not found["Trash"].subscribed
        assert (found["INBOX"].counters is not None) is (door == "as it is")
        await session.append(year, MAIL)
        await session.rename_folder(year, "日本語")
        assert 1 == await session.count("日本語")
        await session.delete_folder("日本語")
        assert "日本語" not in [folder.name for folder in await session.folders()]
        for call in (session.status, session.delete_folder):
            with pytest.raises(Refused) as caught:
                await call("日本語")
            assert caught.value.session_usable


async def test_a_folder_of_the_same_name_is_another(opened: Open) -> None:
    async with opened() as session:
        for text in (b"one", b"two"):
            await session.create_folder("again")
            await session.append("again", b"Subject: " + text + b"\r\n\r\nx\r\n")
            (found,) = await session.search(where.all, "again")
            assert text.decode() == (await session.headers(found)).subject
            await session.delete_folder("again")


async def test_counters(opened: Open, door: str) -> None:
    async with opened(*map(small_mail, range(3))) as session:
        (first, *_) = await session.search(where.all)
        await session.flag(first, add="seen")
        counters = await session.status()
        assert (3, 2, 4) == (counters.messages, counters.unseen, counters.uid_next)
        assert (counters.highest_modseq is not None) is (door == "as it is")
        assert (counters.size is not None) is (door == "as it is")
        assert 3 == await session.count()


async def test_who_and_where(opened: Open, door: str) -> None:
    async with opened() as session:
        assert [("", ".")] == [
            (each.prefix, each.separator) for each in (await session.namespaces()).personal
        ]
        if door == "as it is":
            assert "Dovecot" == (await session.identify(name="test"))["name"]
        else:
            with pytest.raises(NotSupported):
                await session.identify(name="test")


async def test_quota(opened: Open, door: str) -> None:
    async with opened(user=SMALL_USER) as session:
        if door != "as it is":
            with pytest.raises(NotSupported):
                await session.quota()
            return
        (quota,) = await session.quota()
        assert 64 * 1024 == (quota.storage or (0, 0))[1]
        with pytest.raises(Refused) as caught:
            await session.append("INBOX", MAIL + b"x\r\n" * 30_000)
        assert "OVERQUOTA" == caught.value.condition
        await session.noop()


async def test_searches(opened: Open) -> None:
    foreign = Email(
        sender="zoë <zoe@example.org>", to="ada@example.org", subject="Bücher & mehr", text="Grüße"
    )
    async with opened(*map(small_mail, range(20)), foreign.source) as session:
        assert 21 == len(await session.search(where.all))
        assert [21] == await session.search(where.subject("bücher"))
        assert [21] == await session.search(where.body("grüße") & ~where.subject("mail"))
        assert [4] == await session.search(where.message_id("mail-3@example.org"))
        assert [1, 8, 15] == await session.search(where.sender("writer0@"))
        assert [1, 2, 3] == await session.search(where.ids(1, 2, 3, 400))
        assert [] == await session.search(where.ids(400) | where.flagged)
        assert [] == await session.search(where.since(date(2100, 1, 1)))
        everything = await session.search(where.all, sort="-size")
        assert sorted(everything) == list(range(1, 22))
        assert list(range(21, 0, -1)) == await session.search(where.all, sort=("-arrival",))
        # As texts: Mail 7, Mail 14, Mail 0.
        by_sender = await session.search(where.subject("mail"), sort=("from", "-subject"))
        assert [8, 15, 1] == by_sender[:3]


async def test_long_sets_of_ids(opened: Open) -> None:
    async with opened(*(small_mail(number, 300) for number in range(2_000))) as session:
        odd = list(range(1, 60_000, 2))
        assert list(range(1, 2_001, 2)) == await session.search(where.ids(odd))
        assert list(range(2, 2_001, 2)) == await session.search(~where.ids(odd))
        await session.flag(odd, add="flagged")
        assert list(range(1, 2_001, 2)) == await session.search(where.flagged)
        moved = await session.move(odd, "Trash")
        assert 1_000 == await session.count("Trash")
        assert list(range(2, 2_001, 2)) == await session.search(~where.deleted)
        assert not moved or list(moved.values()) == list(range(1, 1_001))


async def test_flags(opened: Open) -> None:
    async with opened(*map(small_mail, range(3))) as session:
        await session.flag([1, 2], add=("seen", "$Work"), folder="INBOX")
        await session.flag([2], remove="seen", add="Answered")
        await session.flag(3, replace=("flagged", "draft"))
        assert [1] == await session.search(where.seen)
        assert [1, 2] == await session.search(where.keyword("$work"))
        assert [2] == await session.search(where.answered)
        assert [3] == await session.search(where.flagged & where.draft)
        summaries = [summary async for summary in session.messages()]
        assert {"\\Seen", "$Work"} == {*summaries[0].flags} - {"\\Recent"}


async def test_copies_and_moves(opened: Open, door: str) -> None:
    async with opened(*map(small_mail, range(4))) as session:
        copied = await session.copy([1, 2], "Trash", folder="INBOX")
        # Dovecot says it even where it has not announced it.
        assert copied in ({1: 1, 2: 2}, {})
        await session.delete([4])
        await session.move([2, 3], "Trash")
        assert 4 == await session.count("Trash")
        if door == "as it is":
            assert [1, 4] == await session.search(where.all)
            await session.expunge([4])
            assert [1] == await session.search(where.all)
        else:
            # Nobody could remove two of three that are marked.
            assert [2, 3, 4] == await session.search(where.deleted)
            with pytest.raises(NotSupported):
                await session.expunge([4])
        await session.expunge()
        assert [1] == await session.search(where.all)
        with pytest.raises(Refused) as caught:
            await session.copy([1], "nowhere")
        assert "TRYCREATE" == caught.value.condition


async def test_appends(opened: Open, door: str) -> None:
    async with opened() as session:
        moment = datetime(2026, 11, 14, 10, tzinfo=UTC)
        uid = await session.append(
            "Sent", MAIL.replace(b"\r\n", b"\n"), flags="seen", received=moment
        )
        assert uid in (1, None)
        assert MAIL == await session.source(1, folder="Sent")
        (summary,) = [summary async for summary in session.messages("Sent")]
        assert moment == summary.received
        assert not summary.unread
        email = Email(sender="ada@example.org", to="bob@example.org", subject="Grüße", text="Hi")
        await session.append("Sent", email)
        assert email.source == await session.source(2)
        with pytest.raises(Refused) as caught:
            await session.append("nowhere", MAIL)
        assert "TRYCREATE" == caught.value.condition
        await session.noop()


async def test_large_files_stream(opened: Open) -> None:
    content = b"Subject: large\n\n" + b"0123456789 0123456789 0123456789\n" * 200_000
    async with opened() as session:
        await session.append("INBOX", io.BytesIO(content))
        assert content.replace(b"\n", b"\r\n") == await session.source(1)
        with pytest.raises(Refused) as caught:
            await session.append("nowhere", io.BytesIO(content))
        assert "TRYCREATE" == caught.value.condition
        assert 1 == await session.count()


async def test_many_appends(opened: Open) -> None:
    mails = [b"Subject: %d\r\n\r\n%b\r\n" % (n, b"x" * 30_000) for n in range(200)]
    async with opened() as session:
        uids = await session.append_many("Sent", mails, flags="seen")
        assert list(range(1, 201)) == uids
        assert 200 == await session.count("Sent")
        assert mails[199] == await session.source(200, folder="Sent")
        with pytest.raises(Refused) as caught:
            await session.append_many("nowhere", mails)
        assert "TRYCREATE" == caught.value.condition
        assert "Nothing was stored." in caught.value.hint
        assert [] == await session.append_many("Sent", [])
        assert 200 == await session.count("Sent")


async def test_ages(opened: Open) -> None:
    now = datetime.now(UTC)
    async with opened() as session:
        for minutes in (5, 90, 26 * 60, 80 * 60):
            moment = now - timedelta(minutes=minutes)
            await session.append("INBOX", MAIL, received=moment)
        hour, day = timedelta(hours=1), timedelta(days=1)
        assert [1] == await session.search(where.younger(hour))
        assert [2, 3, 4] == await session.search(where.older(hour))
        assert [3, 4] == await session.search(~where.younger(day))
        assert [3, 2] == await session.search(
            where.younger(2 * day) & where.older(hour) & where.unseen, sort="arrival"
        )
        assert [1, 4] == await session.search(where.younger(hour) | ~where.younger(2 * day))
        found = session.messages(query=where.older(hour), newest_first=True, limit=2)
        assert [4, 3] == [summary.id async for summary in found]


async def test_the_edges_of_what_is_found(opened: Open) -> None:
    subjects = (b"one", b"two", b"two", b"one")
    mails = [b"Subject: %b\r\n\r\nx\r\n" % subject for subject in subjects]
    async with opened(*mails) as session:
        for word, newest, expected in (
            ("one", True, [4]),
            ("one", False, [1]),
            ("two", True, [3]),
            ("two", False, [2]),
            ("three", True, []),
            ("drei ü", False, []),
        ):
            query = where.subject(word)
            found = session.messages(query=query, newest_first=newest, limit=1)
            assert expected == [summary.id async for summary in found]
