"""Sessions by user name: one of each kind a user, all closed by one word.

This is what WLanguage's names do (``EmailCloseSession("ada")``), as a value that a program owns.
"""

from __future__ import annotations

import threading
from typing import TypeVar

from courriel.errors import Misused
from courriel.sessions.base import BlockingSession

S = TypeVar("S", bound=BlockingSession)


class Registry:
    """A set of sessions, found by user name and kind. Safe for many threads."""

    __slots__ = ("_lock", "_sessions")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[str, dict[type[BlockingSession], BlockingSession]] = {}

    def add(self, session: BlockingSession) -> None:
        """Keep a session under its user name.

        Raises Misused when it has none, or when another session of the same
        kind is kept under that name.
        """
        user = session.user
        if not user:
            raise Misused("the session has no user name", operation="Registry.add")
        with self._lock:
            kinds = self._sessions.setdefault(user, {})
            known = kinds.setdefault(type(session), session)
        if known is not session:
            raise Misused(
                f"{user!r} has a {type(session).__name__} already",
                operation="Registry.add",
                hint="Close that one first.",
            )

    def find(self, user: str, kind: type[S]) -> S:
        """Return the session of that kind. Raises Misused if there is none."""
        with self._lock:
            for session in self._sessions.get(user, {}).values():
                if isinstance(session, kind):
                    return session
        raise Misused(
            f"{user!r} has no {kind.__name__}", operation="Registry.find", hint="Open and add one."
        )

    def close(self, which: str | BlockingSession) -> None:
        """Close every session of a user name, or that one session, and forget it.

        May be called from any thread; whoever is using the session gets a
        clear error. An unknown name or session does no harm.
        """
        for session in self._taken(which):
            session.close()

    def close_all(self) -> None:
        """Close every session, and forget them."""
        with self._lock:
            everything, self._sessions = self._sessions, {}
        for kinds in everything.values():
            for session in kinds.values():
                session.close()

    def _taken(self, which: str | BlockingSession) -> list[BlockingSession]:
        with self._lock:
            if isinstance(which, str):
                return list(self._sessions.pop(which, {}).values())
            kinds = self._sessions.get(which.user or "", {})
            if kinds.get(type(which)) is which:
                del kinds[type(which)]
                if not kinds:
                    del self._sessions[which.user or ""]
            return [which]
