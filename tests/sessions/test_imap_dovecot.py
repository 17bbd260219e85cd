"""IMAP sessions on a real Dovecot: the reading side, whole and bare, many mails and a huge one."""

from __future__ import annotations

import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from courriel import IMAPSession, Limits, Misused, Refused, Unauthorised, where
from courriel.model.events import Arrived, Event, FlagsChanged, Vanished
from tests.faces import Face
from tests.servers.dovecot import Dovecot
from tests.servers.stock import ENCODED_OCTETS, big_mail, small_mail

pytestmark = pytest.mark.server

MIB = 1024 * 1024
FILES = (
    b"From: Ada <ada@example.org>\r\nSubject: =?utf-8?q?Gr=C3=B6=C3=9Fe?=\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: text/plain\r\n\r\nSee below.\r\n"
    b"--b\r\nContent-Type: image/png; name=x.png\r\nContent-Transfer-Encoding: base64\r\n"
    b"Content-Disposition: attachment; filename=x.png\r\n\r\niVBORw0K\r\n--b--\r\n"
)


def session_of(face: Face, dovecot: Dovecot, user: str, **more: Any) -> Any:
    options: dict[str, Any] = {"security": "plaintext", "password": "secret"}
    options |= {"port": dovecot.imap_port} | more
    host = options.pop("host", dovecot.host)
    return face.tame(face.kind("IMAPSession")(host, user=user, **options))


@pytest.fixture
def user(dovecot: Dovecot) -> str:
    """A user with five mails."""
    name = dovecot.reader()
    dovecot.stock.fill(name, [*(small_mail(number) for number in range(4)), FILES])
    return name


@contextmanager
def allocating_at_most(octets: int) -> Iterator[None]:
    """Fail when more than that is held at any moment of the block."""
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak <= octets, f"{peak / MIB:.1f} MiB were held"


@pytest.mark.parametrize("security", ["tls", "starttls", "plaintext"])
async def test_a_session_opens_in_every_way(
    face: Face, dovecot: Dovecot, user: str, security: str
) -> None:
    port = dovecot.imaps_port if security == "tls" else dovecot.imap_port
    context = None if security == "plaintext" else dovecot.ssl_context
    session = session_of(face, dovecot, user, security=security, port=port, tls=context)
    async with session:
        assert (security != "plaintext") is session.secured
        assert {"IMAP4REV1", "IDLE"} <= session.capabilities
        assert 5 == len([summary async for summary in session.messages()])


async def test_a_wrong_password(face: Face, dovecot: Dovecot, user: str) -> None:
    with pytest.raises(Unauthorised):
        await session_of(face, dovecot, user, password="wrong").open()


@pytest.mark.parametrize("bare", [False, True])
async def test_everything_that_reads(face: Face, dovecot: Dovecot, user: str, bare: bool) -> None:
    host = dovecot.bare_host if bare else dovecot.host
    async with session_of(face, dovecot, user, host=host) as session:
        found = [summary async for summary in session.messages()]
        assert [f"Mail {number}" for number in range(4)] == [
            summary.envelope.subject for summary in found[:4]
        ]
        last = found[-1]
        assert ("Größe", True, "ada@example.org") == (
            last.envelope.subject,
            last.unread,
            last.envelope.sender.address,
        )
        (attachment,) = last.attachments
        assert "x.png" == attachment.name
        assert b"\x89PNG\r\n"[:6] == (await session.part(last, attachment))[:6]
        assert b"\x89PNG\r\n"[:6] == (await session.part(last.id, "2"))[:6]
        assert FILES == await session.source(last)
        assert "Größe" == (await session.headers(last)).subject
        emails = [email async for email in session.fetch_many(reversed(found))]
        assert ["Größe", "Mail 3", "Mail 2", "Mail 1", "Mail 0"] == [e.subject for e in emails]
        newest = [summary.id async for summary in session.messages(newest_first=True, limit=2)]
        assert [found[4].id, found[3].id] == newest
        query = where.subject("größe")
        assert [last.id] == [summary.id async for summary in session.messages(query=query)]
        assert 5 == len([summary async for summary in session.messages(unread=True)])
        with pytest.raises(Misused):
            await session.part(last, "7")
        with pytest.raises(Refused):
            await session.fetch(4_000_000_000)


async def test_a_pipeline(face: Face, dovecot: Dovecot, user: str) -> None:
    async with session_of(face, dovecot, user) as session:
        ids = [summary.id async for summary in session.messages()]
        async with session.pipeline() as pipeline:
            pending = [pipeline.headers(one) for one in ids * 40]
            if face.blocking:
                pending = [await each for each in pending]
        subjects = [each.result().subject for each in pending]
    assert [*(f"Mail {number}" for number in range(4)), "Größe"] * 40 == subjects


@pytest.mark.parametrize("bare", [False, True])
async def test_watching(face: Face, dovecot: Dovecot, user: str, bare: bool) -> None:
    host = dovecot.bare_host if bare else dovecot.host
    watched = session_of(face, dovecot, user, host=host, limits=Limits(poll=1))
    seen = threading.Event()
    found: list[Event] = []

    def change(ids: list[int]) -> None:
        with IMAPSession(
            dovecot.host,
            port=dovecot.imap_port,
            user=user,
            password="secret",
            security="plaintext",
        ) as other:
            flags: dict[str, Any] = {}
            while not seen.wait(0.05):
                # Until the watcher has looked for the first time nobody tells him.
                word = "remove" if "add" in flags else "add"
                flags = {word: ["\\Flagged"]}
                other.flag([ids[0]], **flags)
            other.flag([ids[1]], add=["\\Deleted"])
            other.expunge([ids[1]])
            other.append("INBOX", small_mail(9))

    async with watched as session:
        ids = [summary.id async for summary in session.messages()]
        thread = threading.Thread(target=change, args=(ids,))
        thread.start()
        watching = session.watch(timeout=30)
        async for event in watching:
            found.append(event)
            seen.set()
            if isinstance(event, Arrived):
                break
        await watching.aclose()
        thread.join(20)
    assert [Vanished("INBOX", (ids[1],))] == [e for e in found if isinstance(e, Vanished)]
    assert ids[0] in {e.id for e in found if isinstance(e, FlagsChanged)}
    assert isinstance(found[-1], Arrived)
    assert found[-1].ids[0] > ids[-1]


@pytest.fixture(scope="module")
def crowded(dovecot: Dovecot) -> str:
    """A user with twenty thousand small mails."""
    name = dovecot.reader()
    dovecot.stock.fill(name, (small_mail(number, 512) for number in range(20_000)))
    return name


@pytest.mark.slow
class TestTwentyThousand:
    async def test_all_are_listed_in_little_memory(
        self, face: Face, dovecot: Dovecot, crowded: str
    ) -> None:
        count = 0
        async with session_of(face, dovecot, crowded) as session:
            with allocating_at_most(20 * MIB):
                async for summary in session.messages():
                    assert f"Mail {count}" == summary.envelope.subject
                    count += 1
        assert 20_000 == count

    async def test_the_newest_twenty(self, face: Face, dovecot: Dovecot, crowded: str) -> None:
        async with session_of(face, dovecot, crowded) as session:
            with allocating_at_most(2 * MIB):
                listing = session.messages(newest_first=True, limit=20)
                found = [summary.envelope.subject async for summary in listing]
        assert [f"Mail {number}" for number in range(19_999, 19_979, -1)] == found

    async def test_some_and_any_of_them(self, face: Face, dovecot: Dovecot, crowded: str) -> None:
        async with session_of(face, dovecot, crowded) as session:
            numbers = range(1, 20_001, 13)
            count = 0
            with allocating_at_most(20 * MIB):
                async for email in session.fetch_many(numbers):
                    assert f"Mail {numbers[count] - 1}" == email.subject
                    count += 1
            assert len(numbers) == count
            odd = where.ids(*range(1, 20_001, 2))
            assert 10_000 == len([s async for s in session.messages(query=odd)])


HUGE = 148 * MIB
"""Octets of an attachment; as it is stored it is a third more."""


@pytest.fixture(scope="module")
def heavy(dovecot: Dovecot) -> str:
    """A user with one huge mail between small ones."""
    name = dovecot.reader()
    dovecot.stock.fill(name, [small_mail(number) for number in range(3)])
    dovecot.stock.put(name, big_mail(HUGE))
    dovecot.stock.fill(name, [small_mail(number) for number in range(3, 6)])
    return name


@pytest.mark.slow
class TestTwoHundredMebibytes:
    async def test_small_ones_around_it(self, face: Face, dovecot: Dovecot, heavy: str) -> None:
        async with session_of(face, dovecot, heavy) as session:
            ids = [summary.id async for summary in session.messages()]
            sizes: list[int] = []
            with allocating_at_most(230 * MIB):
                async for email in session.fetch_many(ids):
                    sizes.append(email.size)
        assert 7 == len(sizes)
        assert sizes[3] > 200 * MIB
        assert all(size < 2_000 for size in sizes[:3] + sizes[4:])

    async def test_a_part_of_it(self, face: Face, dovecot: Dovecot, heavy: str) -> None:
        async with session_of(face, dovecot, heavy) as session:
            (summary,) = [s async for s in session.messages(query=where.larger(MIB))]
            text, attachment = summary.parts
            with allocating_at_most(2 * MIB):
                assert b"See the attachment." == await session.part(summary, text)
            content = await session.part(summary, attachment)
        assert -(-HUGE // ENCODED_OCTETS) * ENCODED_OCTETS == len(content)
        assert bytes(range(ENCODED_OCTETS)) == content[:ENCODED_OCTETS]

    async def test_given_up_in_the_middle(self, face: Face, dovecot: Dovecot, heavy: str) -> None:
        async with session_of(face, dovecot, heavy) as session:
            ids = [summary.id async for summary in session.messages()]
            stream = session.fetch_many(ids)
            first = await anext(stream)
            await stream.aclose()
            assert first.subject == (await session.headers(ids[0])).subject
            assert "Mail 5" == (await session.headers(ids[-1])).subject
