"""One session for many: threads, tasks, several folders, people who watch, people who go away."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courriel import AsyncIMAPSession, IMAPSession, Limits, Refused, TimedOut, Timeout, where
from courriel.drive.scripted import ScriptedServer
from courriel.model.events import Arrived, Event, FlagsChanged, Vanished
from tests.faces import Face
from tests.sessions.imap_desk import Desk, Interruption, letter, serving
from tests.sessions.imap_talk import imap

FOLDERS = {name: list(range(1, 41)) for name in ("INBOX", "Work", "Lists")}


def desk(words: str = "IDLE") -> Desk:
    return Desk(words, **{name: list(uids) for name, uids in FOLDERS.items()})


def plain(port: int, **arguments: Any) -> IMAPSession:
    return IMAPSession("127.0.0.1", port=port, security="plaintext", **arguments)


def telling(begun: threading.Event) -> Interruption:
    """Have somebody know when IDLE has begun."""

    def before(desk: Desk, verb: str) -> list[str]:
        if verb == "IDLE":
            begun.set()
        return []

    return before


async def _first(items: AsyncIterator[Any]) -> Any:
    return await anext(items)


def errand(number: int) -> tuple[str, int]:
    return random.Random(number).choice(sorted(FOLDERS)), number % 40 + 1


class TestManyAtOnce:
    def test_fifty_threads_in_several_folders(self) -> None:
        with serving(desk()) as port, plain(port) as session, ThreadPoolExecutor(50) as pool:

            def fetch(number: int) -> bytes:
                folder, uid = errand(number)
                if number % 3 == 0:
                    (email,) = session.fetch_many([uid], folder=folder)
                    return email.source
                return session.source(uid, folder=folder)

            found = list(pool.map(fetch, range(300)))
        assert [letter(*errand(number)) for number in range(300)] == found

    @pytest.mark.virtual
    async def test_a_thousand_tasks_in_several_folders(self) -> None:
        session = AsyncIMAPSession("mx", security="plaintext")
        async with ScriptedServer(desk()).attach(session):

            async def fetch(number: int) -> bytes:
                folder, uid = errand(number)
                if number % 3 == 0:
                    return (await anext(session.fetch_many([uid], folder=folder))).source
                return await session.source(uid, folder=folder)

            found = await asyncio.gather(*map(fetch, range(1000)))
        assert [letter(*errand(number)) for number in range(1000)] == found

    @pytest.mark.virtual
    @pytest.mark.parametrize("words", ["", "BINARY"])
    async def test_the_same_messages_where_tags_come_behind_the_answers_to_all(
        self, words: str
    ) -> None:
        office = desk(words)
        office.tags_last = True
        session = AsyncIMAPSession("mx", security="plaintext")

        async def errands(number: int) -> object:
            uid = number % 3 + 1
            match number % 7:
                case 0:
                    return letter("INBOX", uid) == await session.source(uid)
                case 1:
                    return f"INBOX {uid}" == (await session.headers(uid)).subject
                case 2:
                    listing = session.messages(limit=5)
                    return [1, 2, 3, 4, 5] == [summary.id async for summary in listing]
                case 3:
                    listing = session.messages(newest_first=True, limit=38)
                    return list(range(40, 2, -1)) == [summary.id async for summary in listing]
                case 4:
                    return list(range(1, 41)) == [
                        summary.id async for summary in session.messages()
                    ]
                case 5:
                    emails = session.fetch_many([uid, 7, 5])
                    expected = [letter("INBOX", each) for each in (uid, 7, 5)]
                    return expected == [email.source async for email in emails]
                case _:
                    return [*range(uid, 41)] == await session.search(where.id_range(uid))

        async with ScriptedServer(office).attach(session):
            for seed in range(20):
                numbers = list(range(50))
                random.Random(seed).shuffle(numbers)
                assert [True] * 50 == await asyncio.gather(*map(errands, numbers))

    @pytest.mark.virtual
    async def test_some_of_them_go_away(self) -> None:
        session = AsyncIMAPSession("mx", security="plaintext")
        async with ScriptedServer(desk(), chunk=50).attach(session):
            tasks = [
                asyncio.create_task(session.source(uid, folder=folder))
                for folder, uid in map(errand, range(300))
            ]
            for number in range(0, 300, 7):
                await asyncio.sleep(0)
                tasks[number].cancel()
            found = await asyncio.gather(*tasks, return_exceptions=True)
            for number, each in enumerate(found):
                if not isinstance(each, asyncio.CancelledError):
                    assert letter(*errand(number)) == each
            # Whoever has gone away while it was being selected has left no folder without messages.
            listed = [s async for s in session.messages("Work", newest_first=True, limit=5)]
        assert [40, 39, 38, 37, 36] == [summary.id for summary in listed]

    @pytest.mark.virtual
    async def test_the_newest_of_folders_that_others_are_just_selecting(self) -> None:
        session = AsyncIMAPSession("mx", security="plaintext")
        async with ScriptedServer(desk()).attach(session):

            async def newest(number: int) -> list[str]:
                listing = session.messages(errand(number)[0], newest_first=True, limit=2)
                return [summary.envelope.subject async for summary in listing]

            found = await asyncio.gather(*map(newest, range(60)))
        assert [[f"{errand(n)[0]} {uid}" for uid in (40, 39)] for n in range(60)] == found


@pytest.mark.virtual
class TestGoingAway:
    async def test_while_the_folder_is_being_selected(self) -> None:
        session = AsyncIMAPSession("mx", security="plaintext")
        async with ScriptedServer(desk(), chunk=1).attach(session):
            listing = asyncio.create_task(_first(session.messages(limit=3)))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            listing.cancel()
            assert [1, 2, 3] == [s.id async for s in session.messages(limit=3)]
            assert 40 == len([s async for s in session.messages()])

    @pytest.mark.parametrize("taken", [1, 5, 39])
    async def test_in_the_middle_of_a_stream(self, face: Face, taken: int) -> None:
        server = ScriptedServer(desk(), chunk=100)
        async with imap(face, server, limits=Limits(fetch_window=8)) as session:
            for stream in (
                session.fetch_many(range(1, 41)),
                session.messages(),
                session.messages(newest_first=True),
            ):
                found: list[str] = []
                async for item in stream:
                    found.append(getattr(item, "envelope", item).subject)
                    if len(found) == taken:
                        break
                await stream.aclose()
                numbers = range(1, 41) if "1" in found[0].split() else range(40, 0, -1)
                assert [f"INBOX {uid}" for uid in numbers][:taken] == found
                assert letter("Work", 7) == await session.source(7, folder="Work")
                assert letter("INBOX", 7) == await session.source(7, folder="INBOX")


@pytest.mark.virtual
class TestExpunges:
    @given(st.integers(0, 2**32))
    @settings(max_examples=30)
    def test_at_any_permitted_point_never_shift_an_answer(self, seed: int) -> None:
        chance = random.Random(seed)
        office = desk("")

        def interrupt(desk: Desk, verb: str) -> list[str]:
            # Not while numbers are in use (RFC 9051, 7.5.1); but everywhere else.
            if verb in ("SELECT", "EXAMINE", "LOGOUT") or desk.selected is None:
                return []
            if desk.said[-1].startswith(("FETCH", "STORE", "SEARCH")):
                return []
            uids = desk.folders[desk.selected]
            lines: list[str] = []
            while len(uids) > 5 and chance.random() < 0.3:
                lines += desk.expunge(chance.choice(uids))
            return lines

        office.before = interrupt
        with ScriptedServer(office, chunk=chance.choice([None, 1, 33])).attach(
            IMAPSession("mx", security="plaintext")
        ) as session:
            for _ in range(10):
                folder = chance.choice(sorted(FOLDERS))
                uid = chance.choice(range(1, 41))
                try:
                    assert letter(folder, uid) == session.source(uid, folder=folder)
                except Refused:
                    assert uid not in office.folders[folder]
                for summary in session.messages(folder, newest_first=True, limit=3):
                    assert f"{folder} {summary.id}" == summary.envelope.subject


async def collect(session: Any, folder: str, count: int, found: list[Event]) -> None:
    async for event in session.watch(folder):
        found.append(event)
        if len(found) == count:
            return


@pytest.mark.virtual
class TestWatchingTogether:
    async def test_two_who_watch_one_folder_share_one_idle(self) -> None:
        office = desk()
        session = AsyncIMAPSession("mx", security="plaintext")
        server = ScriptedServer(office)
        async with server.attach(session):
            found: tuple[list[Event], list[Event]] = ([], [])
            tasks = [asyncio.create_task(collect(session, "INBOX", 2, each)) for each in found]
            await asyncio.sleep(100)
            assert 1 == office.said.count("IDLE")
            office.folders["INBOX"].append(41)
            office.before = lambda desk, verb: ["* 41 EXISTS"] if verb == "NOOP" else []
            await session.noop()
            await asyncio.sleep(100)
            office.before = lambda desk, verb: desk.expunge(3) if verb == "NOOP" else []
            await session.noop()
            await asyncio.gather(*tasks)
        expected = [Arrived("INBOX", (41,)), Vanished("INBOX", (3,))]
        assert [expected, expected] == list(found)
        assert 8 > office.said.count("IDLE")

    async def test_two_who_watch_two_folders_look_in_turn(self) -> None:
        office = desk()
        session = AsyncIMAPSession("mx", security="plaintext", limits=Limits(poll=60))
        async with ScriptedServer(office).attach(session):
            inbox: list[Event] = []
            work: list[Event] = []
            tasks = [
                asyncio.create_task(collect(session, "INBOX", 1, inbox)),
                asyncio.create_task(collect(session, "Work", 2, work)),
            ]
            await asyncio.sleep(600)
            # Each looks once a minute, and not as often as the line allows.
            assert 60 > len(office.said)
            office.folders["INBOX"].append(41)
            office.folders["Work"].remove(5)
            await asyncio.sleep(200)
            assert [Arrived("INBOX", (41,))] == inbox
            # Now the other is alone, and has IDLE.
            assert "IDLE" == office.said[-1]
            office.folders["Work"].append(41)
            office.before = lambda desk, verb: ["* 40 EXISTS"] if verb == "NOOP" else []
            await session.noop()
            await asyncio.gather(*tasks)
        assert [Vanished("Work", (5,)), Arrived("Work", (41,))] == work

    async def test_others_may_work_in_another_folder_meanwhile(self) -> None:
        office = desk()
        session = AsyncIMAPSession("mx", security="plaintext")
        async with ScriptedServer(office).attach(session):
            found: list[Event] = []
            task = asyncio.create_task(collect(session, "INBOX", 1, found))
            for uid in range(1, 30):
                await asyncio.sleep(uid % 3)
                assert letter("Work", uid) == await session.source(uid, folder="Work")
            office.folders["INBOX"].append(41)
            assert letter("Work", 30) == await session.source(30, folder="Work")
            await task
        assert [Arrived("INBOX", (41,))] == found


class TestThreads:
    def test_somebody_watches_while_others_work(self) -> None:
        office = desk()
        found: list[Event] = []
        begun = threading.Event()

        def answer(desk: Desk, verb: str) -> list[str]:
            if verb == "IDLE":
                begun.set()
            return ["* 1 FETCH (FLAGS (\\Seen))"] if verb == "NOOP" else []

        office.before = answer
        with serving(office) as port, plain(port) as session:

            def watch() -> None:
                found.extend(event for _, event in zip(range(1), session.watch(), strict=False))

            thread = threading.Thread(target=watch)
            thread.start()
            assert begun.wait(20)
            for uid in range(1, 20):
                assert letter("INBOX", uid) == session.source(uid)
            session.noop()
            thread.join(20)
            assert not thread.is_alive()
        assert [FlagsChanged("INBOX", 1, frozenset({"\\Seen"}))] == found

    def test_who_watches_keeps_nobody_from_losing_patience(self) -> None:
        office = desk()
        office.silent_at = "FETCH"
        begun = threading.Event()
        office.before = telling(begun)
        with serving(office) as port, plain(port, timeout=Timeout(read=1)) as session:

            def watch() -> None:
                with pytest.raises(TimedOut):
                    next(session.watch())

            thread = threading.Thread(target=watch)
            thread.start()
            assert begun.wait(20)
            with pytest.raises(TimedOut):
                session.source(1)
            thread.join(20)
            assert not thread.is_alive()
