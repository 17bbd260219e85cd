"""Call an operation of a session in another thread, or another task, and go on meanwhile.

So that one test body covers what threads do to a blocking session and tasks to an asyncio one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from tests.faces import Face


def elsewhere(
    face: Face, session: Any, name: str, *args: Any, **kwargs: Any
) -> asyncio.Future[Any]:
    """Begin the operation of that name; the future has its result or error."""
    call: Any = getattr(session.plain if face.blocking else session, name)
    if face.blocking:
        return asyncio.ensure_future(asyncio.to_thread(call, *args, **kwargs))
    operation: Coroutine[Any, Any, Any] = call(*args, **kwargs)
    return asyncio.ensure_future(operation)


def many_elsewhere(face: Face, session: Any, emails: Any, **kwargs: Any) -> asyncio.Future[Any]:
    """Begin ``send_many``; the future has the list of receipts."""
    if face.blocking:
        return asyncio.ensure_future(
            asyncio.to_thread(lambda: list(session.plain.send_many(emails, **kwargs)))
        )

    async def collect() -> list[Any]:
        return [receipt async for receipt in session.send_many(emails, **kwargs)]

    return asyncio.ensure_future(collect())
