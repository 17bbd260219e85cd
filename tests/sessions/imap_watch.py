"""Watch a folder in tests: how it begins, and so many of the events."""

from __future__ import annotations

from typing import Any

from courriel.model.events import Event
from tests.sessions.imap_talk import examined, opened

INBOX = "INBOX"
LEARNED = f"""
C: A1 EXAMINE INBOX
{examined(1, exists=3)}
C: A2 UID SEARCH ALL
S: * SEARCH 11 12 13
S: A2 OK
"""
IDLING = (
    opened("IDLE")
    + LEARNED
    + """
C: A3 IDLE
S: + idling
"""
)


async def events(session: Any, count: int, folder: str = INBOX, **arguments: Any) -> list[Event]:
    """Return so many events, or all until the time is over."""
    found: list[Event] = []
    watching = session.watch(folder, **arguments)
    try:
        async for event in watching:
            found.append(event)
            if len(found) == count:
                break
    finally:
        await watching.aclose()
    return found
