"""POP3 sessions under load, on a real Dovecot: a huge mail, a thousand tasks, fifty threads."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from courriel import AsyncPOP3Session, POP3Session
from tests.faces import Face
from tests.servers.dovecot import Dovecot
from tests.servers.stock import big_mail, small_mail

pytestmark = [pytest.mark.server, pytest.mark.slow]

MIB = 1024 * 1024
DOORS = pytest.mark.parametrize("door", ["tls", "plaintext"])
READER = """
import asyncio, resource, sys
from courriel import *

kind, port, user = sys.argv[1], int(sys.argv[2]), sys.argv[3]
arguments = dict(port=port, user=user, password="secret", security="plaintext")

def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

def blocking():
    with POP3Session("127.0.0.1", **arguments) as session:
        summaries = list(session.messages())
        session.source(summaries[-1])
        before = peak()
        for email in session.fetch_many(summaries):
            print(email.size, peak() - before)
            del email

async def asynchronous():
    async with AsyncPOP3Session("127.0.0.1", **arguments) as session:
        summaries = [summary async for summary in session.messages()]
        await session.source(summaries[-1])
        before = peak()
        async for email in session.fetch_many(summaries):
            print(email.size, peak() - before)
            del email

blocking() if kind == "blocking" else asyncio.run(asynchronous())
"""


def arguments_for(dovecot: Dovecot, user: str, door: str) -> dict[str, Any]:
    common = {"host": dovecot.host, "user": user, "password": "secret", "security": door}
    if door == "tls":
        return common | {"port": dovecot.pop3s_port, "tls": dovecot.ssl_context}
    return common | {"port": dovecot.pop3_port}


@pytest.fixture
def user(dovecot: Dovecot) -> str:
    """A user with a thousand mails."""
    name = dovecot.reader()
    dovecot.stock.fill(name, (small_mail(number) for number in range(1_000)))
    return name


def test_two_hundred_mebibytes_are_held_once(face: Face, dovecot: Dovecot) -> None:
    user = dovecot.reader()
    dovecot.stock.put(user, small_mail(1))
    dovecot.stock.put(user, big_mail(148 * MIB))
    dovecot.stock.put(user, small_mail(2))
    read = subprocess.run(
        [sys.executable, "-c", READER, face.name, str(dovecot.pop3_port), user],
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [[int(word) for word in line.split()] for line in read.stdout.splitlines()]
    (_, before), (size, _), (_, after) = rows
    assert 200 * MIB < size
    # A mail on its way waits in a file, and one in hand is there once.
    assert before < 16 * 1024
    assert after < size // 1024 + 16 * 1024


@DOORS
async def test_a_thousand_tasks_share_a_session(dovecot: Dovecot, user: str, door: str) -> None:
    async with AsyncPOP3Session(**arguments_for(dovecot, user, door)) as session:
        ids = [summary.id async for summary in session.messages()]

        async def work(task: int) -> None:
            if task % 100 == 0:
                places = range(task + 2, task + 22)
                emails = session.fetch_many([ids[place] for place in places])
                subjects = [email.subject async for email in emails]
                assert [f"Mail {place}" for place in places] == subjects
            elif task % 100 == 1:
                await session.delete(ids[task])
            else:
                assert f"Mail {task}" == (await session.headers(ids[task])).subject

        await asyncio.gather(*map(work, range(1_000)))
        assert 990 == await session.count()
    async with AsyncPOP3Session(**arguments_for(dovecot, user, door)) as session:
        assert 990 == await session.count()


@DOORS
async def test_cancelled_tasks_put_nobody_out_of_step(
    dovecot: Dovecot, user: str, door: str
) -> None:
    async with AsyncPOP3Session(**arguments_for(dovecot, user, door)) as session:
        ids = [summary.id async for summary in session.messages()]
        tasks = [asyncio.ensure_future(session.fetch(one)) for one in ids]
        for waited in (20, 200, 500):
            await tasks[waited]
            for task in tasks[waited + 1 :: 3]:
                task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        for number, outcome in enumerate(outcomes):
            if not isinstance(outcome, asyncio.CancelledError):
                assert not isinstance(outcome, BaseException)
                assert f"Mail {number}" == outcome.subject
        deletions = [asyncio.ensure_future(session.delete(one)) for one in ids]
        # One turn of the loop, so that all are asked for, and the first of them on their way.
        await asyncio.sleep(0)
        for deletion in deletions[::2]:
            deletion.cancel()
        await asyncio.gather(*deletions, return_exceptions=True)
        await session.noop()
        left = await session.count()
        assert 0 < left <= 500
    async with AsyncPOP3Session(**arguments_for(dovecot, user, door)) as session:
        # What the session knew to be marked is what the server has deleted.
        assert left == await session.count()


@DOORS
def test_fifty_threads_share_a_session(dovecot: Dovecot, user: str, door: str) -> None:
    with (
        POP3Session(**arguments_for(dovecot, user, door)) as session,
        ThreadPoolExecutor(50) as pool,
    ):
        ids = [summary.id for summary in session.messages()]

        def work(thread: int) -> None:
            places = range(thread, 1_000, 50)
            if thread % 10 == 0:
                emails = session.fetch_many([ids[place] for place in places])
                assert [f"Mail {place}" for place in places] == [mail.subject for mail in emails]
                return
            for place in places:
                assert f"Mail {place}" == session.fetch(ids[place]).subject
            if thread % 10 == 1:
                session.delete([ids[place] for place in places])

        list(pool.map(work, range(50)))
        assert 900 == session.count()
        session.reset()
        assert 1_000 == session.count()
