"""Sessions by user name: one of each kind a user, all closed by one word.

This is what WLanguage's names do (``EmailCloseSession("ada")``), as a value that a program owns.
Which sessions are kept is decided under a lock; they are closed outside it.
"""

from __future__ import annotations

import threading
from typing import Any, ClassVar, Generic, TypeVar

from courriel.errors import Misused
from courriel.model.characters import excerpt
from courriel.sessions.base import AsyncSession, BlockingSession, Session

B = TypeVar("B", BlockingSession, AsyncSession)
S = TypeVar("S", bound=BlockingSession)
A = TypeVar("A", bound=AsyncSession)


class Shelf(Generic[B]):
    """What both registries share: names, kinds, and one session for each pair."""

    __slots__ = ("_lock", "_sessions")

    _kind: ClassVar[type[Session]]

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[str, dict[type[Any], B]] = {}

    def add(self, session: B) -> None:
        """Keep a session under its user name.

        It takes the place of a session of the same kind that was closed. Raises
        Misused when it has no user name, or when one that is open, or still to
        be opened, is kept under it.
        """
        user = session.user if isinstance(session, self._kind) else None
        if not user:
            raise Misused(
                f"only a {self._kind.__name__} with a user name can be kept",
                operation="Registry.add",
            )
        with self._lock:
            kinds = self._sessions.setdefault(user, {})
            known = kinds.get(type(session), session)
            if known is session or known._dialogue.closed:
                known = kinds[type(session)] = session
        if known is not session:
            raise Misused(
                f"{excerpt(user)} has a {type(session).__name__} already",
                operation="Registry.add",
                hint="Close that one first.",
            )

    def _found(self, user: object, kind: Any) -> Any:
        if not (isinstance(user, str) and isinstance(kind, type)):
            raise Misused("find takes a user name and a class", operation="Registry.find")
        with self._lock:
            for session in self._sessions.get(user, {}).values():
                if isinstance(session, kind):
                    return session
        raise Misused(
            f"{excerpt(user)} has no {kind.__name__}",
            operation="Registry.find",
            hint="Open and add one.",
        )

    def _taken(self, which: str | B) -> list[B]:
        """Forget what is meant, and return it to be closed."""
        if not isinstance(which, (str, self._kind)):
            raise Misused("close takes a user name or a session", operation="Registry.close")
        with self._lock:
            if isinstance(which, str):
                return list(self._sessions.pop(which, {}).values())
            user = which.user or ""
            kinds = self._sessions.get(user, {})
            if kinds.get(type(which)) is which:
                del kinds[type(which)]
                if not kinds:
                    del self._sessions[user]
            return [which]

    def _emptied(self) -> list[B]:
        with self._lock:
            everything, self._sessions = self._sessions, {}
        return [session for kinds in everything.values() for session in kinds.values()]


class Registry(Shelf[BlockingSession]):
    """A set of sessions, found by user name and kind. Safe for many threads."""

    __slots__ = ()

    _kind = BlockingSession

    def find(self, user: str, kind: type[S]) -> S:
        """Return the user's session of that kind. Raises Misused if there is none."""
        session: S = self._found(user, kind)
        return session

    def close(self, which: str | BlockingSession) -> None:
        """Close every session of a user name, or that one session, and forget it.

        May be called from any thread; whoever is using the session gets a
        clear error. An unknown name or session does no harm.
        """
        for session in self._taken(which):
            session.close()

    def close_all(self) -> None:
        """Close every session, and forget them."""
        for session in self._emptied():
            session.close()


class AsyncRegistry(Shelf[AsyncSession]):
    """The asyncio twin of ``Registry``, with the same words."""

    __slots__ = ()

    _kind = AsyncSession

    def find(self, user: str, kind: type[A]) -> A:
        """Return the user's session of that kind. Raises Misused if there is none."""
        session: A = self._found(user, kind)
        return session

    async def close(self, which: str | AsyncSession) -> None:
        """Close every session of a user name, or that one session, and forget it.

        Whoever is using the session gets a clear error. An unknown name or
        session does no harm.
        """
        for session in self._taken(which):
            await session.close()

    async def close_all(self) -> None:
        """Close every session, and forget them."""
        for session in self._emptied():
            await session.close()
