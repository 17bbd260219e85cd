"""What every session is, whatever its protocol and face: a profile, a dialogue, a life.

The constructor only describes. ``open`` and ``close`` are idempotent and may be called from any
thread or task; whatever else goes on at that moment gets a clear error. A session that is
forgotten is closed when it is collected, or when the program ends.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from courriel.drive.blocking import BlockingDriver
from courriel.errors import CourrielError, Misused
from courriel.faces import Awaiting, Blocking, Flow, Items
from courriel.flows.dialogue import Dialogue
from courriel.flows.opening import close_dialogue, open_dialogue
from courriel.model.options import SessionState
from courriel.model.profile import Profile
from courriel.protocol.machine import Machine

if TYPE_CHECKING:
    import asyncio

    from courriel.drive.asynchronous import AsyncDriver

T = TypeVar("T")


class Session:
    """The part of a session that has no face: who, where, and how it stands."""

    __slots__ = ("__weakref__", "_dialogue", "_finalizer")

    # Each protocol's operations say which dialogue it is.
    _dialogue: Any

    def __init__(self, dialogue: Dialogue[Any]) -> None:
        self._dialogue = dialogue
        self._finalizer: weakref.finalize[..., Session] | None = None

    @property
    def _profile(self) -> Profile:
        profile: Profile = self._dialogue.profile
        return profile

    @property
    def _machine(self) -> Machine | None:
        machine: Machine | None = self._dialogue.current
        return machine

    @property
    def host(self) -> str:
        """The server's name or address."""
        return self._profile.host

    @property
    def port(self) -> int:
        """The server's port."""
        return self._profile.port

    @property
    def user(self) -> str | None:
        """The user name, under which ``Registry`` keeps the session."""
        return self._profile.user

    @property
    def state(self) -> SessionState:
        """Where the session stands, as far as is known without asking the network."""
        machine = self._machine
        if machine is None:
            return SessionState.CLOSED
        return SessionState.OPEN if machine.usable else SessionState.BROKEN

    @property
    def usable(self) -> bool:
        """Whether the session can be used now."""
        return self.state is SessionState.OPEN

    @property
    def capabilities(self) -> frozenset[str]:
        """What the server offers, in upper case: ``"SIZE"``, ``"AUTH=PLAIN"``. Empty if closed."""
        machine = self._machine
        return frozenset() if machine is None else machine.words

    @property
    def greeting(self) -> str:
        """The text of the server's greeting, empty before the first ``open``."""
        greeting: str = self._dialogue.greeting
        return greeting

    @property
    def secured(self) -> bool:
        """Whether TLS protects the connection."""
        machine = self._machine
        return machine is not None and machine.secured

    def __repr__(self) -> str:
        who = f"{self.user}@" if self.user else ""
        return f"<{type(self).__name__} {who}{self.host}:{self.port} {self.state.value}>"

    def _watch_over(self, driver: BlockingDriver | AsyncDriver) -> None:
        """Have the connection ended with the program, or with the last reference to this."""
        if self._finalizer is None:
            self._finalizer = weakref.finalize(self, _say_goodbye, driver)

    def _released(self) -> None:
        # Somebody may have opened it again while it was being closed.
        dialogue = self._dialogue
        if self._finalizer is not None and dialogue.current is None and dialogue.opening is None:
            self._finalizer.detach()
            self._finalizer = None


def _held(session: Session, flow: Items[T], call: str) -> Items[T]:
    """Run a flow in a frame that holds its session, so that it is not collected meanwhile."""
    try:
        yield from flow
    except CourrielError as error:
        error.raised_by(call)
        raise


def _opened_twice() -> Misused:
    """Return the error for who opens a session while he is opening it: he would wait for himself.

    What gets a token may be given the session that the token is for.
    """
    return Misused(
        "the session is being opened by this very call",
        operation="open",
        hint="What gets a token cannot use the session that it is for.",
    )


def _forget(dialogue: Dialogue[Any]) -> None:
    """Close a dialogue that has lost its connection: no step of that waits for anybody."""
    for _ in close_dialogue(dialogue):
        pass


def _say_goodbye(driver: BlockingDriver | AsyncDriver) -> None:
    driver.goodbye()


class BlockingSession(Session, Blocking):
    """A session whose operations are plain calls. Any number of threads may share it."""

    __slots__ = ("_driver", "_lifecycle", "_opener")

    def __init__(self, dialogue: Dialogue[Any]) -> None:
        super().__init__(dialogue)
        profile = dialogue.profile
        self._driver = BlockingDriver(profile.timeout, profile.limits.minimum_rate)
        self._lifecycle = threading.Lock()
        self._opener: int | None = None

    def open(self) -> Self:
        """Connect, secure and sign in, again if broken; do nothing if open. Returns the session.

        Raises Disconnected, TimedOut, InsecureConnection, Unauthorised,
        Refused, NotSupported, Misused.
        """
        if self._opener == threading.get_ident() and self._lifecycle.locked():
            raise _opened_twice()
        with self._lifecycle:
            self._opener = threading.get_ident()
            try:
                if self.state is SessionState.BROKEN:
                    self._driver.run(close_dialogue(self._dialogue))
                if self.state is SessionState.CLOSED:
                    self._watch_over(self._driver)
                    self._driver.run(open_dialogue(self._dialogue))
            finally:
                self._opener = None
        return self

    def close(self) -> None:
        """Say goodbye and hang up. Never raises, and does nothing when closed."""
        if self._driver.disown():
            _forget(self._dialogue)
        else:
            with suppress(CourrielError):
                self._driver.run(close_dialogue(self._dialogue))
        # A thread that holds the lock opens it again, and wants it watched over.
        if self._lifecycle.acquire(blocking=False):
            try:
                self._released()
            finally:
                self._lifecycle.release()

    @property
    def usable(self) -> bool:
        """Whether the session can be used now; notices a connection that the server has ended."""
        if self.state is SessionState.OPEN:
            self._driver.check()
        return self.state is SessionState.OPEN

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _run(self, flow: Flow[T]) -> T:
        return self._driver.run(flow)

    def _iterate(self, flow: Items[T], call: str) -> Iterator[T]:
        # This frame holds the session, so that it is not collected meanwhile; and not the flow's,
        # whose last step is done under the driver's lock, where nobody can say goodbye.
        try:
            yield from self._driver.iterate(flow)
        except CourrielError as error:
            error.raised_by(call)
            raise


class AsyncSession(Session, Awaiting):
    """A session whose operations are awaited. Any number of tasks of one loop may share it."""

    __slots__ = ("_driver", "_lifecycle", "_opener", "_openers")

    def __init__(self, dialogue: Dialogue[Any]) -> None:
        from courriel.drive.asynchronous import AsyncDriver

        super().__init__(dialogue)
        profile = dialogue.profile
        self._driver = AsyncDriver(profile.timeout, profile.limits.minimum_rate)
        self._lifecycle: asyncio.Lock | None = None
        self._opener: asyncio.Task[Any] | None = None
        self._openers = 0

    async def open(self) -> Self:
        """Connect, secure and sign in, again if broken; do nothing if open. Returns the session.

        Raises as the blocking ``open`` does.
        """
        import asyncio

        task = asyncio.current_task()
        if task is not None and self._opener is task:
            raise _opened_twice()
        if self._lifecycle is None:
            self._lifecycle = asyncio.Lock()
        self._openers += 1
        try:
            async with self._lifecycle:
                self._opener = task
                if self.state is SessionState.BROKEN:
                    await self._driver.run(close_dialogue(self._dialogue))
                if self.state is SessionState.CLOSED:
                    self._watch_over(self._driver)
                    await self._driver.run(open_dialogue(self._dialogue))
        finally:
            if self._opener is task:
                self._opener = None
            self._openers -= 1
            if not self._openers:
                # Thousands of sessions need not keep one each.
                self._lifecycle = None
        return self

    async def close(self) -> None:
        """Say goodbye and hang up. Never raises, and does nothing when closed."""
        if self._driver.disown():
            # Whoever forks within an event loop has none in the child.
            _forget(self._dialogue)
        else:
            with suppress(CourrielError):
                await self._driver.run(close_dialogue(self._dialogue))
        self._released()

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _run(self, flow: Flow[T]) -> T:
        return await self._driver.run(flow)

    def _iterate(self, flow: Items[T], call: str) -> AsyncIterator[T]:
        return self._driver.iterate(_held(self, flow, call))
