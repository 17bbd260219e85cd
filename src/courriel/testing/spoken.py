"""Speak to a blocking session and to an asyncio session in the same words.

A check is written once, as a coroutine. On an asyncio session its awaits are what they seem; on a
blocking one every call is done by the time it is awaited, so that the coroutine never rests and
needs no loop. Only this passage lives here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterator
from types import TracebackType
from typing import Any, Self

__all__ = ["Spoken", "run"]


class Spoken:
    """A session, not yet open, whose methods can be awaited whatever its colour.

    What returns an iterator is iterated with ``async for``, attributes are
    read as they are, and ``async with`` opens and closes.
    """

    def __init__(self, session: Any) -> None:
        self.session = session

    @property
    def blocking(self) -> bool:
        """Whether the session's own methods are plain calls."""
        return is_blocking(self.session)

    def __getattr__(self, name: str) -> Any:
        member = getattr(self.session, name)
        if not self.blocking or not callable(member):
            return member

        def call(*args: Any, **kwargs: Any) -> Any:
            return _Answer(member, args, kwargs)

        return call

    async def __aenter__(self) -> Self:
        if self.blocking:
            self.session.__enter__()
        else:
            await self.session.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.blocking:
            self.session.__exit__(kind, error, trace)
        else:
            await self.session.__aexit__(kind, error, trace)


class _Answer(AsyncIterator[Any]):
    """A blocking call that is made when it is awaited, or iterated over."""

    def __init__(self, member: Callable[..., Any], args: Any, kwargs: Any) -> None:
        self._member = member
        self._args = args
        self._kwargs = kwargs
        self._items: Iterator[Any] | None = None

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._made().__await__()

    async def _made(self) -> Any:
        return self._member(*self._args, **self._kwargs)

    async def __anext__(self) -> Any:
        if self._items is None:
            self._items = iter(self._member(*self._args, **self._kwargs))
        try:
            return next(self._items)
        except StopIteration:
            raise StopAsyncIteration from None

    async def aclose(self) -> None:
        """End the iteration before its end."""
        close = getattr(self._items, "close", None)
        if close is not None:
            close()


def is_blocking(session: Any) -> bool:
    """Return whether a session is opened with a plain ``with``."""
    return not hasattr(session, "__aenter__")


def run(check: Coroutine[Any, Any, None], *, blocking: bool) -> None:
    """Run a check to its end: on a new event loop, or on none when ``blocking``.

    Raises what the check raises.
    """
    if not blocking:
        import asyncio

        asyncio.run(check)
        return
    try:
        check.send(None)
    except StopIteration:
        return
    check.close()
    raise AssertionError("a check on a blocking session waited for something else")
