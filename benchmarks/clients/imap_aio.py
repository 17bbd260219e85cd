"""Read with aioimaplib, which parses nothing of what is fetched."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

from benchmarks.clients.reading import Task

PATIENCE = 100.0
"""Seconds; its own time-out of ten is too short for twenty thousand envelopes."""


async def _fetch(session: Any, ids: str, items: str) -> list[bytes | bytearray]:
    answer = await session.uid("fetch", ids, items)
    if answer.result != "OK":
        raise SystemExit(f"{answer}")
    lines: list[bytes | bytearray] = answer.lines
    return lines


def _literals(lines: list[bytes | bytearray]) -> list[int]:
    # A literal is a bytearray, a line is bytes.
    return [len(line) for line in lines if isinstance(line, bytearray)]


async def whole(session: Any, task: Task) -> None:
    task.check(_literals(await _fetch(session, f"1:{task.count}", "(BODY.PEEK[])")))


async def single(session: Any, task: Task) -> None:
    sizes: list[int] = []
    for number in task.numbers:
        sizes += _literals(await _fetch(session, str(number), "(BODY.PEEK[])"))
    task.check(sizes)


async def envelopes(session: Any, task: Task) -> None:
    lines = await _fetch(session, f"1:{task.count}", "(ENVELOPE)")
    task.check_count(sum(b"ENVELOPE" in line for line in lines))


MODES: dict[str, Callable[[Any, Task], Awaitable[None]]] = {
    "whole": whole,
    "single": single,
    "envelopes": envelopes,
}


async def main() -> None:
    task = Task.from_arguments()
    # It has no types.
    aioimaplib: Any = import_module("aioimaplib")
    session = aioimaplib.IMAP4(task.host, task.port, timeout=PATIENCE)
    await session.wait_hello_from_server()
    await session.login(task.user, task.password)
    await session.select("INBOX")
    with task.timed():
        await MODES[task.mode](session, task)
    await session.logout()


if __name__ == "__main__":
    asyncio.run(main())
