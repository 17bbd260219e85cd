"""A runner: one flow on an event loop, stepped wherever its answers arrive.

It holds the flow, not the task; the task waits on ``future`` and is woken only for what a callback
cannot do: the flow's end, an item, an effect that must be awaited.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import Any, Protocol

from courriel.drive.patience import Bounds
from courriel.flows.effects import END, QUICK_ITERATORS, Allow, Now, Pull, Within
from courriel.protocol.ticket import Ticket


class Conductor(Protocol):
    """What a runner needs of its driver."""

    def now(self) -> float: ...
    def ready(self, runner: Runner, /) -> None: ...
    def late(self, runner: Runner, outcome: Any, /) -> None: ...
    def allow(self, bounds: Bounds, effect: Allow, /) -> None: ...


class Done:
    """A flow's end: its result, or the error it raised."""

    __slots__ = ("error", "value")

    def __init__(self, value: Any, error: BaseException | None = None) -> None:
        self.value = value
        self.error = error


class Runner:
    """One flow, and the task that waits for it."""

    __slots__ = ("_alarm", "_driver", "_pausing", "bounds", "flow", "future", "ticket")

    def __init__(self, driver: Conductor, flow: Generator[Any, Any, Any], bounds: Bounds) -> None:
        self._driver = driver
        self.flow = flow
        self.bounds = bounds
        self._alarm: asyncio.TimerHandle | None = None
        self.future: asyncio.Future[Any] | None = None
        self.ticket: Ticket[Any] | None = None
        self._pausing = False
        """Whether the ticket may stay open: the flow goes on when its time is over."""

    def wake(self) -> None:
        """Have the flow stepped: its ticket is done."""
        self._driver.ready(self)

    def step(
        self, answer: Any = None, error: BaseException | None = None, first: Any = None
    ) -> Any:
        """Step the flow; return what the task must deal with, or None while a ticket is awaited."""
        flow = self.flow
        self.ticket = None
        if self._pausing:
            answer = self._resume(answer)
        try:
            if first is not None:
                effect = first
            else:
                effect = flow.send(answer) if error is None else flow.throw(error)
            while True:
                if isinstance(effect, Ticket):
                    if not effect.done:
                        self.ticket = effect
                        effect.wake = self.wake
                        return None
                    effect = flow.send(None)
                elif isinstance(effect, Within):
                    if not effect.ticket.done:
                        self._pause(effect)
                        return None
                    effect = flow.send(True)
                elif isinstance(effect, Now):
                    effect = flow.send(self._driver.now())
                elif isinstance(effect, Pull) and isinstance(effect.iterator, QUICK_ITERATORS):
                    effect = flow.send(next(effect.iterator, END))
                elif isinstance(effect, Allow):
                    self._driver.allow(self.bounds, effect)
                    if self.future is not None:
                        self.arm(self.future.get_loop())
                    effect = flow.send(None)
                else:
                    return effect
        except StopIteration as stop:
            return Done(stop.value)
        except Exception as failure:  # noqa: BLE001 - It is raised again in the task that waits.
            return Done(None, failure)

    def _pause(self, effect: Within) -> None:
        self._pausing = True
        self.ticket = effect.ticket
        effect.ticket.wake = self.wake
        self.bounds.pause(effect.seconds, self._driver.now())
        if self.future is not None:
            self.arm(self.future.get_loop())

    def _resume(self, answer: Any) -> bool:
        self._pausing = False
        self.bounds.resume(self._driver.now())
        if self.future is not None:
            self.disarm()
            self.arm(self.future.get_loop())
        return answer is None  # Whoever is woken is given nothing; whoever is late is given False.

    def arm(self, loop: asyncio.AbstractEventLoop) -> None:
        """Have the flow told when its bounds, as they are now, run out."""
        self.disarm()
        if self.bounds.until is not None:
            self._alarm = loop.call_at(self.bounds.until, self.expire)

    def disarm(self) -> None:
        """Forget the alarm."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def expire(self) -> None:
        """Tell the flow that its bounds have run out."""
        ticket, future = self.ticket, self.future
        if ticket is None or future is None or future.done():
            return
        ticket.wake = None
        if self._pausing:
            self._driver.late(self, self.step(False))
            return
        self._driver.late(self, self.step(error=self.bounds.expired(self._driver.now())))
