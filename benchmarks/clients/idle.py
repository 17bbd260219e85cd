"""Open thousands of idle asyncio sessions, and say how much memory they took.

``python -m benchmarks.clients.idle HOST PORT COUNT aio|courriel`` prints
``{"sessions": …, "octets": …}``.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterator

from benchmarks.descriptors import raise_descriptor_limit
from benchmarks.resident import resident

WARM = 50
"""Sessions opened before the count begins."""
AT_ONCE = 100
"""Sessions being opened at the same time."""


Noop = Callable[[], Awaitable[object]]
"""What holds a session open, and shows in the end that it still works."""
Opening = Callable[[str, int], Awaitable[Noop]]


async def open_aio(host: str, port: int) -> Noop:
    import aiosmtplib

    connection = aiosmtplib.SMTP(hostname=host, port=port, use_tls=False, start_tls=False)
    await connection.connect()
    await connection.ehlo()
    return connection.noop


async def open_courriel(host: str, port: int) -> Noop:
    from courriel import AsyncSMTPSession, Security

    session = AsyncSMTPSession(host, port=port, security=Security.PLAINTEXT)
    await session.open()
    return session.noop


OPENINGS: dict[str, Opening] = {"aio": open_aio, "courriel": open_courriel}


async def opened(opening: Opening, host: str, port: int, count: int) -> list[Noop]:
    sessions: list[Noop] = []

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
    await asyncio.gather(*(noop() for noop in [*warm, *sessions]))
    print(json.dumps({"sessions": len(sessions), "octets": octets}), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
