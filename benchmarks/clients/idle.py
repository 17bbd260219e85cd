"""Open thousands of idle asyncio sessions, and say how much memory they took.

``python -m benchmarks.clients.idle HOST PORT COUNT aio|courriel`` prints
``{"sessions": …, "octets": …}``.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterator
from typing import Protocol

from benchmarks.descriptors import raise_descriptor_limit
from benchmarks.resident import resident

WARM = 50
"""Sessions opened before the count begins."""
AT_ONCE = 100
"""Sessions being opened at the same time."""


class Session(Protocol):
    """What both clients' sessions can do."""

    async def noop(self) -> object: ...


Opening = Callable[[str, int], Awaitable[Session]]


async def open_aio(host: str, port: int) -> Session:
    import aiosmtplib

    connection = aiosmtplib.SMTP(hostname=host, port=port, use_tls=False, start_tls=False)
    await connection.connect()
    await connection.ehlo()
    return connection


async def open_courriel(host: str, port: int) -> Session:
    from courriel import AsyncSMTPSession, Security

    session = AsyncSMTPSession(host, port=port, security=Security.PLAINTEXT)
    await session.open()
    return session


OPENINGS: dict[str, Opening] = {"aio": open_aio, "courriel": open_courriel}


async def opened(opening: Opening, host: str, port: int, count: int) -> list[Session]:
    sessions: list[Session] = []

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
    # All of them must still be there, and work.
    await asyncio.gather(*(session.noop() for session in [*warm, *sessions]))
    print(json.dumps({"sessions": len(sessions), "octets": octets}), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
