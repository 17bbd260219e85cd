"""Let thousands of asyncio IMAP sessions wait in IDLE, and say how much memory they took.

``python -m benchmarks.clients.idling HOST PORT COUNT aioimaplib|courriel`` prints
``{"sessions": …, "octets": …}``. A session counts as waiting when it has heard of the mail whose
flags ``benchmarks.idle_server`` tells in IDLE, and waits again.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterator
from importlib import import_module
from typing import Any

from benchmarks.descriptors import raise_descriptor_limit
from benchmarks.resident import resident

WARM = 50
"""Sessions opened before the count begins."""
AT_ONCE = 100
"""Sessions being opened at the same time."""
USER, PASSWORD = "ada", "secret"

Waiting = tuple[object, "asyncio.Task[object]"]
"""A session, and the task that waits in it; it never ends by itself."""
Opening = Callable[[str, int], Awaitable[Waiting]]


async def open_aioimaplib(host: str, port: int) -> Waiting:
    # It has no types.
    aioimaplib: Any = import_module("aioimaplib")
    session = aioimaplib.IMAP4(host, port)
    await session.wait_hello_from_server()
    await session.login(USER, PASSWORD)
    await session.select("INBOX")
    await session.idle_start(timeout=3_600)
    heard = await session.wait_server_push()
    if not any(b"FETCH" in line for line in heard):
        raise SystemExit(f"heard in IDLE: {heard}")
    return session, asyncio.create_task(session.wait_server_push(timeout=3_600))


async def open_courriel(host: str, port: int) -> Waiting:
    from courriel import AsyncIMAPSession, Security

    session = AsyncIMAPSession(
        host, port=port, user=USER, password=PASSWORD, security=Security.PLAINTEXT
    )
    await session.open()
    events = session.watch()
    heard = await anext(events)
    if type(heard).__name__ != "FlagsChanged":
        raise SystemExit(f"heard in IDLE: {heard}")

    async def again() -> object:
        return await anext(events)

    return session, asyncio.create_task(again())


OPENINGS: dict[str, Opening] = {"aioimaplib": open_aioimaplib, "courriel": open_courriel}


async def opened(opening: Opening, host: str, port: int, count: int) -> list[Waiting]:
    sessions: list[Waiting] = []

    async def some(numbers: Iterator[int]) -> None:
        for _ in numbers:
            sessions.append(await opening(host, port))

    numbers = iter(range(count))
    await asyncio.gather(*(some(numbers) for _ in range(AT_ONCE)))
    return sessions


async def main() -> None:
    host, port, count, kind = sys.argv[1:]
    raise_descriptor_limit()
    opening = OPENINGS[kind]
    warm = await opened(opening, host, int(port), WARM)
    before = resident()
    sessions = await opened(opening, host, int(port), int(count))
    octets = resident() - before
    # All of them must still be there, and wait.
    if any(task.done() for _, task in [*warm, *sessions]):
        raise SystemExit("a session waits no more")
    print(json.dumps({"sessions": len(sessions), "octets": octets}), flush=True)
    await ended([task for _, task in [*warm, *sessions]])


async def ended(tasks: list[asyncio.Task[object]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main())
