"""A process that was forked inherits sessions, and ends none of its parent's."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.sessions.loopback import loopback

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")

BLOCKING = """
import gc, os, sys
from courriel import *

def letters():
    while True:
        yield b"Subject: x\\r\\n\\r\\nHello.\\r\\n"

def child():
    global session, receipts
    {child}

session = SMTPSession("127.0.0.1", port=int(sys.argv[1]), security="plaintext").open()
receipts = session.send_many(letters(), sender="ada@example.org", recipients=["bob@example.org"])
next(receipts)
with {held}:
    if not os.fork():
        child()
        sys.exit(0)
    _, status = os.wait()
    assert status == 0, status
    receipts.close()
    session.noop()
session.close()
"""
ASYNCIO = """
import asyncio, gc, os, sys
from courriel import *

async def main():
    asyncio.get_running_loop().slow_callback_duration = 60
    session = AsyncSMTPSession("127.0.0.1", port=int(sys.argv[1]), security="plaintext")
    async with session:
        await session.noop()
        if not os.fork():
            {child}
        _, status = os.wait()
        assert status == 0, status
        await session.noop()
asyncio.run(main())
"""
AGAIN = """
session.close()
session.open().noop()
session.close()
"""
TAKEN_OVER = """
import os, sys
from courriel import *
session = SMTPSession("127.0.0.1", port=int(sys.argv[1]), security="plaintext").open()
if os.fork():
    os._exit(0)
session.noop()
"""
UNDER_TLS = """
import gc, os
from courriel import *
from courriel.sandbox import Server
with Server(users={"ada": "secret"}) as server:
    session = SMTPSession("127.0.0.1", port=server.smtp_tls_port, tls=server.ssl_context).open()
    if not os.fork():
        session = None
        gc.collect()
        os._exit(0)
    _, status = os.wait()
    session.noop()
    session.close()
print(status)
"""


def run(program: str, port: int = 0) -> str:
    """Run a program that must not complain; return what it says."""
    # A fork beside a thread, here the server's, is no affair of ours.
    quiet = ["-W", "error", "-W", "ignore::DeprecationWarning"]
    command = [sys.executable, "-X", "dev", *quiet, "-c", program, str(port)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert ("", 0) == (done.stderr, done.returncode)
    return done.stdout


@pytest.mark.parametrize(
    "child",
    ["pass", "session.close()", "session = receipts = None; gc.collect()", "os._exit(0)"],
    ids=["exit", "close", "collect", "leave"],
)
@pytest.mark.parametrize("held", ["session", "open(os.devnull)"], ids=["within", "behind"])
def test_its_end_is_none_of_the_session(child: str, held: str) -> None:
    with loopback("PIPELINING") as server:
        run(BLOCKING.format(child=child, held=held), server.port)
        server.wait_for_the_end()
        [conversation] = server.conversations
        assert ["NOOP", "QUIT"] == conversation.commands[-2:]
        assert 1 == conversation.commands.count("QUIT")


@pytest.mark.parametrize(
    "child",
    ["sys.exit(0)", "await session.close(); os._exit(0)", "session = None; gc.collect(); return"],
    ids=["exit", "close", "collect"],
)
def test_nor_is_it_with_asyncio(child: str) -> None:
    with loopback() as server:
        run(ASYNCIO.format(child=child), server.port)
        server.wait_for_the_end()
        [conversation] = server.conversations
        assert ["NOOP", "NOOP", "QUIT"] == conversation.commands[1:]


def test_under_tls_nothing_is_said_either() -> None:
    assert "0\n" == run(UNDER_TLS)


def test_it_may_open_the_session_for_itself() -> None:
    with loopback() as server:
        child = AGAIN.strip().replace("\n", "; ")
        run(BLOCKING.format(child=child, held="open(os.devnull)"), server.port)
        server.wait_for_the_end()
        parent, own = server.conversations
        assert ["NOOP", "QUIT"] == own.commands[1:] == parent.commands[-2:]


def test_it_may_take_the_session_over() -> None:
    """A daemon is the child of a process that has ended without a word."""
    with loopback() as server:
        run(TAKEN_OVER, server.port)
        assert ["NOOP", "QUIT"] == server.wait_for_the_end()[1:]
