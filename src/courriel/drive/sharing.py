"""A pipe that threads share: who may touch it, who reads, who waits.

One lock guards the machine and every step of a flow; it is given up only to rest. Of the threads
that wait, one leads: it reads for all, so that each answer wakes the thread whose ticket it
resolves. When the leader has its own answer, another thread takes over.

Threads rest only in ``Link.wait``, in their own ``Event`` and in what flows have done for them:
there Ctrl-C finds everything in step. Anywhere else an interrupt may have torn a step apart, so
the connection is condemned. No flow is known here, and all but ``left`` wants the lock held.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Generator
from typing import Any, ParamSpec, TypeVar

from courriel.drive.addresses import closed, inherited
from courriel.drive.patience import Bounds, Patience
from courriel.drive.pipe import Pipe
from courriel.errors import Disconnected, Misused
from courriel.protocol.machine import Machine
from courriel.protocol.ticket import Ticket, Turn

P = ParamSpec("P")
T = TypeVar("T")

_ONCE = (True,)


class SharedPipe:
    """The place of one pipe, which comes and goes, and the threads that share it."""

    __slots__ = (
        "_buried",
        "_parked",
        "_patience",
        "_writing",
        "calm",
        "holder",
        "leading",
        "leftover",
        "lock",
        "now",
        "pipe",
    )

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self.now = time.monotonic
        """The clock, in seconds."""
        self.lock = threading.Lock()
        self.pipe: Pipe | None = None
        self.leading = False
        """Whether a thread reads for all."""
        self.leftover = False
        """Whether TLS may hold octets that came with the handshake."""
        self.calm = False
        """Whether what was raised last was raised while nothing was half done."""
        self.holder: int | None = None
        """The thread that steps a flow, None where that is not known."""
        self._buried: deque[Generator[Any, Any, Any]] = deque()
        self._writing = False
        self._parked: dict[Ticket[Any], threading.Event] = {}

    def put(self, pipe: Pipe) -> None:
        """Share a pipe that was just connected."""
        self.pipe = pipe
        self._patience.rest()

    def settle(self) -> None:
        """Send what is due, and let go of a connection that is over."""
        while self._buried:
            self._buried.popleft().close()
        pipe = self.pipe
        if pipe is None:
            return
        if pipe.machine.usable:
            pipe.flush()
            if not pipe.machine.awaiting:
                self._patience.rest()
        if not pipe.machine.usable:
            self.drop()

    def look(self) -> None:
        """Take what has arrived without waiting, unless another thread reads."""
        if self.pipe is not None and not self.leading:
            self.pipe.move()
            self.settle()

    def hang_up(self, machine: Machine) -> None:
        """Let the connection go if it is still the one of that machine."""
        if self.pipe is not None and self.pipe.machine is machine:
            self.drop()

    def drop(self) -> None:
        """Let the connection go; the thread that leads closes it when it has woken up."""
        pipe, self.pipe = self.pipe, None
        if pipe is None:
            return
        pipe.machine.condemn(closed())
        pipe.say_last_words()
        pipe.link.shutdown()
        if not self.leading:
            pipe.link.close()

    def disown(self) -> bool:
        """Let go of a connection that this process has inherited; return whether it was one.

        Its parent goes on with it. So nothing is said on it, nor is it shut
        down, but this end of it closed. Wants no lock: who had it may be a
        thread of the parent's.
        """
        pipe = self.pipe
        if pipe is None or pipe.owner == os.getpid():
            return False
        self.pipe = None
        pipe.machine.condemn(inherited())
        pipe.link.close()
        return True

    def interrupted(self) -> None:
        """Condemn the connection, unless the interrupt has found everything in step."""
        if not self.calm and self.pipe is not None:
            machine = self.pipe.machine
            # What the link has taken may not have been counted: all of it may have left.
            machine.octets_sent = machine.octets_queued
            machine.condemn(
                Disconnected(
                    "the operation was interrupted, so the connection was dropped",
                    hint="Open the session again.",
                )
            )

    def bury(self, flow: Generator[Any, Any, Any]) -> None:
        """Close a flow, or have it closed by this very thread when its step is done.

        The collector may find a flow that nobody wants any more in the middle
        of a step, and must not wait for the lock that this step holds.
        """
        self.disown()
        self._buried.append(flow)
        taken: list[bool] = []
        try:
            taken.extend(
                map(self.lock.acquire, (self.holder not in (None, threading.get_ident()),))
            )
            if taken[0]:
                self.settle()
        finally:
            if taken and taken[0]:
                self.lock.release()

    # Waiting.

    def wait(self, ticket: Ticket[Any], bounds: Bounds) -> None:
        """Return when the ticket is done. Raises TimedOut when the bounds have run out."""
        if isinstance(ticket, Turn):
            self._queue(ticket, bounds)
            return
        try:
            while not ticket.done:
                if self._buried:
                    self.settle()
                pipe = self.pipe
                if pipe is None:
                    raise closed()
                if self.leftover:
                    self.leftover = False
                    pipe.take_decrypted()
                    continue
                pipe.flush()
                if not self.leading:
                    self._lead(pipe, ticket, bounds)
                elif pipe.unsent and not self._writing:
                    self._help_writing(pipe, bounds)
                else:
                    self._follow(pipe, ticket, bounds)
        finally:
            if self._parked and not self.leading:
                # Somebody must read on for those who still wait.
                next(iter(self._parked.values())).set()

    def _lead(self, pipe: Pipe, ticket: Ticket[Any], bounds: Bounds) -> None:
        self.leading = True
        try:
            while not ticket.done and self.pipe is pipe and not self._buried:
                seconds = self._seconds(pipe, bounds)
                write = bool(pipe.unsent)
                if write:
                    seconds = self._soon(seconds)
                pipe.acknowledge()
                self.rest(pipe.link.wait, read=True, write=write, seconds=seconds)
                if self.pipe is pipe:
                    pipe.move()
                    pipe.flush()
        finally:
            self.leading = False
            if self.pipe is not pipe:
                # Another thread let go of it while this one was resting on it.
                pipe.link.close()

    def _seconds(self, pipe: Pipe, bounds: Bounds) -> float | None:
        """Return how long to rest, None for no end. Ends the connection when patience is over."""
        now, machine = self.now(), pipe.machine
        left = None if bounds.until is None else bounds.left(now)
        if bounds.phase is not None or not machine.awaiting:
            return left
        patience = self._patience.left(machine, now)
        if patience == 0:
            machine.condemn(self._patience.error())
            return 0
        return patience if left is None or (patience is not None and patience < left) else left

    def _soon(self, seconds: float | None) -> float:
        """Return how long to rest while the link keeps output back.

        There may be some room in it before it says that there is much, and it
        must not be taken for an advance of the moment at which it is found.
        """
        step = self._patience.step
        return step if seconds is None else min(step, seconds)

    def _follow(self, pipe: Pipe, ticket: Ticket[Any], bounds: Bounds) -> None:
        # Who leads may wait for what nobody owes, and looks at no clock for us.
        seconds = None if ticket.done else self._seconds(pipe, bounds)
        if ticket.done:
            return  # What was written last resolved it, or was the end of the connection.
        woken = threading.Event()
        self._parked[ticket] = woken
        ticket.wake = woken.set
        try:
            self._sleep(woken, seconds)
        finally:
            del self._parked[ticket]

    def _queue(self, turn: Turn, bounds: Bounds) -> None:
        """Wait for another thread's flow; whoever waits so never reads for the others."""
        woken = threading.Event()
        turn.wake = woken.set
        while not turn.done:
            self._sleep(woken, self.left(bounds))

    def _sleep(self, woken: threading.Event, seconds: float | None) -> None:
        self.rest(woken.wait, None if seconds is None else min(seconds, threading.TIMEOUT_MAX))

    def _help_writing(self, pipe: Pipe, bounds: Bounds) -> None:
        """Wait for room in the transport while another thread reads."""
        seconds = self._soon(self._seconds(pipe, bounds))
        if not pipe.machine.usable:
            return  # The server has not taken anything for too long.
        self._writing = True
        try:
            # Not for long, since the reader may have written everything in the meantime.
            self.rest(pipe.link.wait, read=False, write=True, seconds=seconds)
        finally:
            self._writing = False

    def rest_on(self, pipe: Pipe, bounds: Bounds, *, read: bool) -> None:
        """Wait until a pipe that nobody reads for others can be read, or written."""
        self.rest(pipe.link.wait, read=read, write=not read, seconds=self.left(bounds))

    def left(self, bounds: Bounds) -> float | None:
        """Return the seconds left, None for no end. Raises TimedOut when there are none."""
        return None if bounds.until is None else bounds.left(self.now())

    # The lock.

    def entrance(self) -> threading.Lock:
        """Return the lock, for who may wait for it. Raises Misused for the thread that has it."""
        # The holder alone may be out of date, where an interrupt came at the end of a step.
        if self.holder == threading.get_ident() and self.lock.locked():
            raise Misused(
                "the session was called in the middle of one of its own calls",
                hint="Make the inner call before, and hand over what it has given.",
            )
        return self.lock

    def rest(self, action: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """Do what takes its time, without the lock, while nothing is half done.

        An interrupt may come behind any call. So the lock is given up inside the ``try``, and
        ``map`` notes that it is back before anybody can look.
        """
        taken: list[bool] = []
        interrupt: BaseException | None = None
        calm = True
        try:
            self.holder = None
            self.lock.release()
            result = action(*arguments, **named)
            calm = False
        finally:
            while not taken:
                try:
                    taken.extend(map(self.lock.acquire, _ONCE))
                except BaseException as error:  # noqa: BLE001 - It is raised with the lock held.
                    interrupt = error
            self.holder = threading.get_ident()
            # Other threads may have been at work meanwhile, but none of them now.
            self.calm = calm or interrupt is not None
            if interrupt is not None:
                raise interrupt
        return result
