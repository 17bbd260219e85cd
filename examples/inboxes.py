"""Watch the inboxes of many accounts at once, and tell of every mail that arrives.

    python examples/inboxes.py 600 imaps://ada:secret@mail.example.org \
        imaps://bob:secret@mail.example.org

Ends after so many seconds.
"""

from __future__ import annotations

import asyncio
import sys

from courriel import Arrived, AsyncIMAPSession, CourrielError


async def tell(url: str, seconds: float) -> None:
    """Tell of the mails of one account; one that fails is no reason for the others to end."""
    session = AsyncIMAPSession.from_url(url)
    try:
        async with session:
            print(f"{session.user}: {await session.count()} messages", flush=True)
            async for event in session.watch(timeout=seconds):
                if isinstance(event, Arrived):
                    for identifier in event.ids:
                        email = await session.headers(identifier, folder=event.folder)
                        print(f"{session.user}: {email.sender}: {email.subject}", flush=True)
    except CourrielError as error:
        print(f"{session.user}: {error}", flush=True)


async def main(seconds: str, *urls: str) -> None:
    await asyncio.gather(*(tell(url, float(seconds)) for url in urls))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
