"""Pipelines: operations that begin at once and are answered when the pipeline is left.

Inside the block every call puts its commands in flight and returns a ``Pending``; leaving the
block waits for all of them. An operation's error is raised by its own ``result()``, so that one
failure does not hide the others. A block that is left by an exception waits for nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar

from courriel.errors import CourrielError, Misused
from courriel.faces import Effect, Flow, Pending, Pipelined

if TYPE_CHECKING:
    from courriel.sessions.base import AsyncSession, BlockingSession

T = TypeVar("T")


class Begun(Pending[T]):
    """An operation in a pipeline, with what it waits for."""

    __slots__ = ("_call", "_done", "_error", "_value", "effect", "flow")

    def __init__(self, flow: Flow[T], call: str) -> None:
        self.flow = flow
        self._call = call
        self.effect: Effect[Any] | None = None
        self._done = False
        self._value: Any = None
        self._error: CourrielError | None = None

    @property
    def done(self) -> bool:
        """Whether ``result`` has an answer."""
        return self._done

    def succeed(self, value: Any) -> None:
        """Keep the result."""
        self._value, self._done = value, True

    def fail(self, error: CourrielError) -> None:
        """Keep the error."""
        error.raised_by(self._call)
        self._error, self._done = error, True

    def result(self) -> T:
        """Return the operation's result, or raise its error."""
        if not self._done:
            raise Misused(
                "the answer is not there yet",
                operation="result",
                hint="Ask for it after the pipeline's with block.",
            )
        if self._error is not None:
            raise self._error
        value: T = self._value
        return value


class Pipeline(Pipelined):
    """What pipelines of both colours share: a session, and the operations begun."""

    __slots__ = ("_begun", "_dialogue", "_driver", "_entered", "_session")

    def __init__(self, session: BlockingSession | AsyncSession) -> None:
        self._session = session
        """Held, so that it is not collected while the pipeline is in use."""
        self._dialogue: Any = session._dialogue
        self._driver: Any = session._driver
        self._begun: list[Begun[Any]] = []
        self._entered = False

    def _begin(self, flow: Flow[T], call: str) -> Pending[T]:
        if not self._entered:
            flow.close()
            raise Misused(
                "the pipeline is not entered", operation=call, hint="Use it in a with block."
            )
        begun = Begun(flow, call)
        try:
            begun.effect = self._driver.begin(flow)
        except StopIteration as stop:
            begun.succeed(stop.value)
        except CourrielError as error:
            begun.fail(error)
        self._begun.append(begun)
        return begun

    def _leave(self, failed: bool) -> list[Begun[Any]]:
        """End the block; return what must be waited for."""
        self._entered = False
        begun, self._begun = [b for b in self._begun if not b.done], []
        if not failed:
            return begun
        self._give_up(begun)
        return []

    def _give_up(self, begun: list[Begun[Any]]) -> None:
        """Abandon what nobody will wait for: the last first, so that none takes another's place."""
        for one in reversed(begun):
            if not one.done:
                self._driver.abandon(one.flow)
                one.fail(Misused("the pipeline was left by an error", operation="result"))


class BlockingPipeline(Pipeline):
    """A pipeline for ``with``."""

    __slots__ = ()

    def __enter__(self) -> Self:
        self._entered = True
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        waiting = self._leave(kind is not None)
        try:
            for begun in waiting:
                try:
                    begun.succeed(self._driver.run(begun.flow, first=begun.effect))
                except CourrielError as error:
                    begun.fail(error)
        finally:
            self._give_up(waiting)


class AsyncPipeline(Pipeline):
    """A pipeline for ``async with``."""

    __slots__ = ()

    async def __aenter__(self) -> Self:
        self._entered = True
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        waiting = self._leave(kind is not None)
        try:
            for begun in waiting:
                try:
                    begun.succeed(await self._driver.run(begun.flow, first=begun.effect))
                except CourrielError as error:
                    begun.fail(error)
        finally:
            self._give_up(waiting)
