"""Run one check on an account that has just been made: what all conformance suites stand on.

A check is an async method that is given an ``Account``; ``check(*sources)`` makes a plain test of
it, with these messages in the INBOX. Which checks there are is the suites' business.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar, TypeAlias, TypeVar

from courriel.errors import Misused, NotSupported, Refused
from courriel.testing.expectations import raises, same
from courriel.testing.spoken import Spoken, is_blocking, run

S = TypeVar("S", bound="Suite")

__all__ = ["Account", "Check", "Suite", "check"]

Opener: TypeAlias = Callable[[], Any]


class Account:
    """An INBOX in which ``sources`` are, in this order, and a way to it."""

    def __init__(self, sources: Sequence[bytes], opener: Opener) -> None:
        self.sources = tuple(sources)
        self._opener = opener

    def session(self) -> Spoken:
        """Return a new session, not yet open."""
        return Spoken(self._opener())


class Suite:
    """What a conformance suite needs to be told.

    ``lacks`` maps what the backend cannot do to the capability that its
    ``NotSupported`` names: ``"flags"`` (whether a message was read; the call
    ``flag``), and ``"folders"`` (any besides INBOX; the call ``folders``).
    """

    lacks: ClassVar[Mapping[str, str]] = {}

    def account(self, sources: Sequence[bytes]) -> AbstractContextManager[Opener]:
        """Prepare an INBOX that holds exactly ``sources``, in this order, none of them read.

        Enters into a function that returns a new session for it, not yet
        open; two of them are never open at once. To be overridden.
        """
        raise NotImplementedError

    async def lacks_folder(self, call: Awaitable[Any], what: str) -> None:
        """Await a call that must raise, because it names a folder that is not there."""
        capability = self.lacks.get("folders")
        if capability is None:
            await raises((Refused, Misused), call, what)
            return
        error = await raises(NotSupported, call, what)
        same(capability, error.capability, "the capability for folders")


Check: TypeAlias = Callable[[S, Account], Coroutine[Any, Any, None]]


def check(*sources: bytes) -> Callable[[Check[S]], Callable[[S], None]]:
    """Make a plain test of a check: on a blocking session or on an event loop, as it comes."""

    def decorate(body: Check[S]) -> Callable[[S], None]:
        def test(self: S) -> None:
            with self.account(sources) as opener:
                blocking = is_blocking(opener())
                run(body(self, Account(sources, opener)), blocking=blocking)

        # Not functools.wraps: a runner would take the check's own parameters for the test's.
        test.__name__ = body.__name__
        test.__qualname__ = body.__qualname__
        test.__doc__ = body.__doc__
        test.__module__ = body.__module__
        return test

    return decorate
