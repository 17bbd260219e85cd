"""A ticket: a command in flight, and the promise of its answer.

The machine keeps tickets in the order of their commands and resolves each exactly once. A flow
waits with ``reply = yield from ticket``. A ticket whose flow has gone away (cancelled, timed out,
closed) is *abandoned*: it stays queued and swallows its own answer, so that an answer can never be
given to the wrong command.

Nothing here knows what a command is, or who waits; the driver leaves a callable in ``wake``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Generator
from typing import Any, TypeVar

from courriel.errors import CourrielError
from courriel.faces import Effect

T = TypeVar("T")


class Ticket(Effect[T]):
    """A command in flight that will be answered with a ``T``."""

    __slots__ = ("abandoned", "done", "error", "value", "wake")

    value: T

    def __init__(self) -> None:
        self.done = False
        self.abandoned = False
        self.error: CourrielError | None = None
        self.wake: Callable[[], object] | None = None

    def __iter__(self) -> Generator[Effect[Any], Any, T]:
        if not self.done:
            try:
                yield self
            except BaseException:
                self.abandoned = True
                self.wake = None
                raise
        if self.error is not None:
            raise self.error
        return self.value

    def resolve(self, value: T) -> None:
        """Give the answer and wake whoever waits."""
        self.value = value
        self._finish()

    def fail(self, error: CourrielError) -> None:
        """Give an error instead of an answer.

        One cause may fail many tickets, each raised in a flow of its own, so
        every ticket gets its own copy.
        """
        self.error = copy.copy(error)
        self.error.__cause__ = error.__cause__
        self._finish()

    def _finish(self) -> None:
        self.done = True
        wake, self.wake = self.wake, None
        if wake is not None:
            wake()


class Turn(Ticket[None]):
    """A place in a queue: what another flow will resolve, and nothing that the server says."""

    __slots__ = ()
