"""One session used by many threads, or many tasks, at once on a real Postfix stays correct."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from courriel import AsyncSMTPSession, Receipt, SendRefused, SMTPSession
from tests.servers.maildir import Maildirs
from tests.servers.postfix import Postfix
from tests.servers.refusals import MAILDIR_DOMAIN, UNKNOWN
from tests.sessions.doors import through
from tests.sessions.letters import SENDER, expect_once, ids, letter, message_id
from tests.sessions.loopback import loopback

ADA = f"ada@{MAILDIR_DOMAIN}"
ENVELOPE: dict[str, Any] = {"sender": SENDER, "recipients": [ADA]}
THREADS, EACH, TASKS = 50, 20, 1_000

DOORS = pytest.mark.parametrize("door", ["open", "no CHUNKING", "starttls"])


def expect_own(name: object, receipt: Receipt) -> None:
    assert message_id(name) == receipt.message_id
    assert (ADA,) == receipt.accepted


@pytest.mark.server
@pytest.mark.slow
@DOORS
def test_fifty_threads_share_a_session(postfix: Postfix, mail: Maildirs, door: str) -> None:
    def work(thread: int) -> None:
        if thread % 10 == 0:
            names = [f"{thread}-{n}" for n in range(EACH)]
            receipts = session.send_many(map(letter, names), **ENVELOPE)
            for name, receipt in zip(names, receipts, strict=True):
                expect_own(name, receipt)
            return
        for n in range(EACH):
            expect_own(f"{thread}-{n}", session.send(letter(f"{thread}-{n}"), **ENVELOPE))
            if thread % 10 == 1:
                with pytest.raises(SendRefused) as caught:
                    session.send(letter("bad"), sender=SENDER, recipients=[UNKNOWN])
                assert [UNKNOWN] == list(caught.value.refused)
                assert 250 == session.noop().code

    with (
        SMTPSession("127.0.0.1", **through(postfix, door)) as session,
        ThreadPoolExecutor(THREADS) as pool,
    ):
        list(pool.map(work, range(THREADS)))
        assert session.usable
    postfix.drain()
    expect_once([f"{t}-{n}" for t in range(THREADS) for n in range(EACH)], mail.inbox("ada"))


@pytest.mark.server
@pytest.mark.slow
@DOORS
async def test_a_thousand_tasks_share_a_session(
    postfix: Postfix, mail: Maildirs, door: str
) -> None:
    async with AsyncSMTPSession("127.0.0.1", **through(postfix, door)) as session:

        async def work(task: int) -> None:
            if task % 100 == 0:
                names = [f"{task}-{n}" for n in range(5)]
                receipts = [r async for r in session.send_many(map(letter, names), **ENVELOPE)]
                for name, receipt in zip(names, receipts, strict=True):
                    expect_own(name, receipt)
            elif task % 100 == 1:
                with pytest.raises(SendRefused):
                    await session.send(letter("bad"), sender=SENDER, recipients=[UNKNOWN])
            else:
                expect_own(task, await session.send(letter(task), **ENVELOPE))

        await asyncio.gather(*map(work, range(TASKS)))
        assert session.usable
    postfix.drain()
    alone = [task for task in range(TASKS) if task % 100 > 1]
    together = [f"{task}-{n}" for task in range(0, TASKS, 100) for n in range(5)]
    expect_once([*alone, *together], mail.inbox("ada"))


@pytest.mark.server
@pytest.mark.slow
async def test_cancelled_tasks_put_nobody_out_of_step(postfix: Postfix, mail: Maildirs) -> None:
    async with AsyncSMTPSession("127.0.0.1", **through(postfix)) as session:
        tasks = [asyncio.ensure_future(session.send(letter(n), **ENVELOPE)) for n in range(200)]
        await tasks[20]
        for task in tasks[1::2]:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        for n, outcome in enumerate(outcomes):
            if isinstance(outcome, Receipt):
                expect_own(n, outcome)
            else:
                assert isinstance(outcome, asyncio.CancelledError)
                assert n % 2
        assert 250 == (await session.noop()).code
    postfix.drain()
    arrived = ids(mail.inbox("ada"))
    assert len(set(arrived)) == len(arrived)
    answered = {message_id(n) for n, outcome in enumerate(outcomes) if isinstance(outcome, Receipt)}
    # What was given up in flight may have arrived; what was answered has.
    assert answered <= set(arrived) <= {message_id(n) for n in range(200)}


INTERRUPTED = """
import sys
from courriel import *
session = SMTPSession("127.0.0.1", port=int(sys.argv[1]), security="plaintext").open()
letter = b"Subject: x\\r\\n\\r\\nHello.\\r\\n"
envelope = dict(sender="a@example.org", recipients=["b@example.org"])
try:
    session.send(letter, **envelope)
except KeyboardInterrupt:
    print("interrupted", flush=True)
try:
    session.noop()
    print("usable", flush=True)
except Disconnected as error:
    print("disconnected", flush=True)
session.close()
"""


@pytest.mark.parametrize("verb", ["MAIL", "DATA", "message"])
def test_an_interrupt_ends_a_send_at_once_and_leaves_it_in_step(verb: str) -> None:
    with loopback(silent_at=verb) as server:
        with subprocess.Popen(
            [sys.executable, "-W", "error", "-c", INTERRUPTED, str(server.port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
        ) as process:
            server.wait()
            process.send_signal(signal.SIGINT)
            assert process.stdout is not None
            assert b"interrupted\n" == process.stdout.readline()
            # A NOOP behind a command without an answer may wait, until the server has gone.
            server.hang_up()
            out, err = process.communicate(timeout=10)
        assert (b"disconnected\n", b"", 0) == (out, err, process.returncode)
