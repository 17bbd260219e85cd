"""The passage between the colours, and what an expectation says when it fails."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from courriel import Refused
from courriel.testing import Spoken, run
from courriel.testing.expectations import holds, raises, same
from tests.testing.memory import AsyncMemorySession, Box, MemorySession


@pytest.mark.parametrize("kind", [MemorySession, AsyncMemorySession])
def test_one_body_for_both(kind: type[MemorySession | AsyncMemorySession]) -> None:
    heard: list[object] = []

    async def body() -> None:
        async with Spoken(kind(Box([b"Subject: x\r\n\r\n", b"\r\n"]))) as session:
            heard.append(await session.count())
            heard.extend([summary.size async for summary in session.messages()])
            items = session.messages()
            async for _ in items:
                break
            await items.aclose()

    run(body(), blocking=Spoken(kind(Box([]))).blocking)
    assert [2, 14, 2] == heard


def test_a_blocking_check_may_not_wait_for_anything_else() -> None:
    async def body() -> None:
        await asyncio.sleep(0)

    with pytest.raises(AssertionError, match="waited for something else"):
        run(body(), blocking=True)


def test_errors_come_out() -> None:
    async def body() -> None:
        async with Spoken(MemorySession(Box([]))) as session:
            await session.fetch("nothing")

    with pytest.raises(Refused, match="no message 'nothing'"):
        run(body(), blocking=True)


async def test_an_error_that_does_not_come() -> None:
    async def nothing() -> int:
        return 5

    with pytest.raises(AssertionError, match=r"it: expected .*Refused.*, got 5"):
        await raises(Refused, nothing(), "it")


def test_expectations_say_what_came() -> None:
    same([1], [1], "numbers")
    holds(condition=True, what="all is well")
    with pytest.raises(AssertionError, match=r"numbers: expected \[1\], got \[2\]"):
        same([1], [2], "numbers")
    with pytest.raises(AssertionError, match=r"… \(1002 characters\)"):
        same("", "x" * 1_000, "text")
    with pytest.raises(AssertionError, match="all is well"):
        holds(condition=False, what="all is well")


def test_no_test_framework_is_needed() -> None:
    program = "import sys, courriel.testing; print('pytest' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert b"False" == ended.stdout.strip()
