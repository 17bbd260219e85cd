"""Sessions that a program leaves open are closed when it ends, promptly and without a word."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.sessions.loopback import loopback

BLOCKING = """
import sys
from courriel import *
sessions = [SMTPSession("127.0.0.1", port=int(sys.argv[1]), security="plaintext").open()]
"""
ASYNCIO = """
import asyncio, sys
from courriel import *
sessions = []
async def main():
    session = AsyncSMTPSession("127.0.0.1", port=int(sys.argv[1]), security="plaintext")
    sessions.append(await session.open())
asyncio.run(main())
"""
WITHIN_THE_LOOP = """
import asyncio, sys
from courriel import *
async def main():
    session = AsyncSMTPSession("127.0.0.1", port=int(sys.argv[1]), security="plaintext")
    await session.open()
    sys.exit(0)
asyncio.run(main())
"""
IN_A_THREAD = """
import sys, threading
from courriel import *
session = SMTPSession("127.0.0.1", port=int(sys.argv[1]), security="plaintext").open()
def send():
    try:
        session.noop()
    except CourrielError:
        pass
threading.Thread(target=send, daemon=True).start()
print(flush=True)
sys.stdin.readline()
"""
UNHANDLED = """
import sys
from courriel import *
session = SMTPSession("127.0.0.1", port=int(sys.argv[1]), security="plaintext").open()
sys.exit("on purpose")
"""


def run(program: str, port: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-X", "dev", "-W", "error", "-c", program, str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("program", [BLOCKING, ASYNCIO, WITHIN_THE_LOOP], ids=["b", "a", "l"])
def test_the_server_is_told_and_the_program_ends(program: str) -> None:
    with loopback() as server:
        out, err = run(program, server.port).communicate(timeout=15)
        assert ("", "") == (out, err)
        commands = server.wait_for_the_end()
    # An event loop that has ended cannot say QUIT any more, but the connection is ended.
    assert "EHLO" == commands[0].split()[0]
    if program is BLOCKING:
        assert "QUIT" == commands[-1]


@pytest.mark.parametrize("program", [BLOCKING, ASYNCIO, WITHIN_THE_LOOP], ids=["b", "a", "l"])
def test_a_server_that_says_nothing_does_not_hold_it(program: str) -> None:
    with loopback(silent_at="QUIT") as server:
        process = run(program, server.port)
        out, err = process.communicate(timeout=15)
        assert ("", "", 0) == (out, err, process.returncode)
        server.wait_for_the_end()


def test_a_thread_that_waits_for_an_answer_does_not_hold_it() -> None:
    with loopback(silent_at="NOOP") as server:
        process = run(IN_A_THREAD, server.port)
        server.wait()
        _, err = process.communicate("\n", timeout=15)
        assert ("", 0) == (err, process.returncode)
        server.wait_for_the_end()


def test_an_exit_with_an_error_stays_one() -> None:
    with loopback() as server:
        process = run(UNHANDLED, server.port)
        _, err = process.communicate(timeout=15)
        assert ("on purpose\n", 1) == (err, process.returncode)
        assert "QUIT" == server.wait_for_the_end()[-1]
