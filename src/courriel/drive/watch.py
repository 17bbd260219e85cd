"""The watch over a pipe on an event loop: who looks when the server's time is up.

A thread that waits wakes by itself when patience is over; on a loop somebody must be called. Only
that alarm lives here. How long to wait is ``Patience``'s arithmetic, and what follows is the
driver's affair.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from courriel.drive.async_pipe import AsyncPipe
from courriel.drive.patience import Patience


class Watch:
    """One driver's alarm. ``lost`` is called when patience has ended a connection."""

    __slots__ = ("_alarm", "_lost", "_patience", "phase")

    def __init__(self, patience: Patience, lost: Callable[[], None]) -> None:
        self._patience = patience
        self._lost = lost
        self._alarm: asyncio.TimerHandle | None = None
        self.phase = False
        """Whether a phase of a flow bounds the wait instead."""

    def keep(self, pipe: AsyncPipe) -> None:
        """Note how far things are now, and see to it that somebody looks again."""
        if self.phase or not pipe.machine.awaiting:
            return
        now, machine = pipe.loop.time(), pipe.machine
        left = self._patience.left(machine, now)
        if left is None:
            return
        if machine.octets_sent < machine.octets_queued:
            # How much the transport still keeps nobody is told: somebody must look.
            left = min(left, self._patience.step)
            if self._alarm is not None and self._alarm.when() > now + left:
                self.end()
        if self._alarm is None:
            self._alarm = pipe.loop.call_later(left, self._look, pipe)

    def _look(self, pipe: AsyncPipe) -> None:
        self._alarm = None
        if not pipe.machine.awaiting or not pipe.machine.usable:
            return
        pipe.measure()
        if not self.phase and self._patience.left(pipe.machine, pipe.loop.time()) == 0:
            pipe.machine.condemn(self._patience.error())
            self._lost()
            return
        self.keep(pipe)

    def end(self) -> None:
        """Look no more."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
