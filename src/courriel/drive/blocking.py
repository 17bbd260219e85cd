"""The blocking driver: runs flows on the threads of their callers, over one link.

Any number of threads may run flows at once. One lock guards the machine and every step of a flow;
it is given up only to rest. Of the threads that wait, one leads: it reads for all, so that each
answer wakes the thread whose ticket it resolves. When the leader has its own answer, another
thread takes over.

The driver reads while it writes, so two full pipes never stand against each other. It rests only
in ``Link.wait`` and in a thread's own ``Event``: there Ctrl-C finds everything in step. Anywhere
else an interrupt may have torn a step apart, so the connection is condemned.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar, cast

from courriel.drive.link import Link, connect
from courriel.drive.patience import Bounds, Patience
from courriel.drive.pipe import Pipe
from courriel.errors import CourrielError, Disconnected, InsecureConnection
from courriel.faces import Effect, Emit, Flow, Items
from courriel.flows.effects import (
    END,
    Allow,
    Connect,
    HangUp,
    Offload,
    Peer,
    Pull,
    Secure,
    Secured,
)
from courriel.model.options import Timeout
from courriel.protocol.machine import Machine
from courriel.protocol.ticket import Ticket, Turn

if TYPE_CHECKING:
    from courriel.drive.tls import MakeLayer

T = TypeVar("T")

Dialler = Callable[..., Link]

# Iterators that give their items at once, so that nothing need be flushed before asking them.
QUICK_ITERATORS: tuple[type, ...] = (type(iter([])), type(iter(())))


class BlockingDriver:
    """One session's transport, and the threads that share it."""

    __slots__ = (
        "_calm",
        "_dial",
        "_leading",
        "_leftover",
        "_lock",
        "_make_tls",
        "_now",
        "_parked",
        "_patience",
        "_pipe",
        "_timeout",
        "_writing",
    )

    def __init__(self, timeout: Timeout, rate: int, dial: Dialler = connect) -> None:
        self._timeout = timeout
        self._patience = Patience(timeout.read, rate)
        self._dial = dial
        self._make_tls: MakeLayer | None = None
        self._now = time.monotonic
        self._lock = threading.Lock()
        self._pipe: Pipe | None = None
        self._leading = False
        self._writing = False
        self._calm = False
        self._leftover = False
        self._parked: dict[Ticket[Any], threading.Event] = {}

    def replace_network(
        self, dial: Dialler, make_tls: MakeLayer, clock: Callable[[], float]
    ) -> None:
        """Connect by other means and on another clock, as scripted tests do."""
        self._dial = dial
        self._make_tls = make_tls
        self._now = clock

    # Flows.

    def run(self, flow: Flow[T], *, first: Effect[Any] | None = None) -> T:
        """Run a flow to its end and return its result."""
        with self._lock:
            try:
                self._drive(flow, self._bounds(), first)
            except StopIteration as stop:
                return cast("T", stop.value)
        raise AssertionError("an operation emits nothing")

    def begin(self, flow: Flow[Any]) -> Effect[Any]:
        """Run a flow to its first wait, and return what it waits for. StopIteration at its end."""
        with self._lock:
            effect = flow.send(None)
            self._settle()
            return effect

    def iterate(self, flow: Items[T]) -> Iterator[T]:
        """Run a flow from item to item."""
        bounds = self._bounds()
        try:
            while True:
                with self._lock:
                    try:
                        item = self._drive(flow, bounds, None)
                    except StopIteration:
                        return
                yield item
        finally:
            self.abandon(flow)

    def abandon(self, flow: Generator[Any, Any, Any]) -> None:
        """Close a flow where it stands; what it has begun is ended as well as it can be."""
        with self._lock:
            flow.close()
            self._settle()

    def check(self) -> None:
        """Take what has arrived without waiting, so that a lost connection is noticed."""
        with self._lock:
            if self._pipe is not None and not self._leading:
                self._pipe.move()
                self._settle()

    def _bounds(self) -> Bounds:
        total = self._timeout.total
        return Bounds(total, 0.0 if total is None else self._now())

    def _drive(
        self, flow: Generator[Any, Any, Any], bounds: Bounds, effect: Effect[Any] | None
    ) -> Any:
        """Step a flow until it emits an item, which is returned, or ends (StopIteration)."""
        self._calm = False
        try:
            if not self._leading and self._pipe is not None and not self._pipe.machine.awaiting:
                # What came unasked must not pass for the answer to what is asked now.
                self._pipe.move()
            step: Any = flow.send(None) if effect is None else effect
            while True:
                if isinstance(step, Ticket):
                    if not step.done:
                        try:
                            self._wait(step, bounds)
                        except CourrielError as error:
                            self._calm = False
                            step = flow.throw(error)
                            continue
                    step = flow.send(None)
                elif isinstance(step, Emit):
                    return step.item
                else:
                    try:
                        answer = self._perform(step, bounds)
                    except Exception as error:  # noqa: BLE001 - The flow decides what it means.
                        self._calm = False
                        step = flow.throw(error)
                        continue
                    step = flow.send(answer)
        except Exception:
            raise
        except BaseException:
            self._interrupted()
            flow.close()
            raise
        finally:
            self._settle()

    def _interrupted(self) -> None:
        if not self._calm and self._pipe is not None:
            self._pipe.machine.condemn(
                Disconnected(
                    "the operation was interrupted, so the connection was dropped",
                    hint="Open the session again.",
                )
            )

    def _settle(self) -> None:
        """Send what is due, and let go of a connection that is over."""
        pipe = self._pipe
        if pipe is None:
            return
        if pipe.machine.usable:
            pipe.flush()
            if not pipe.machine.awaiting:
                self._patience.rest()
        if not pipe.machine.usable:
            self._drop()

    # Waiting.

    def _wait(self, ticket: Ticket[Any], bounds: Bounds) -> None:
        """Return when the ticket is done. Raises TimedOut when the bounds have run out."""
        if isinstance(ticket, Turn):
            self._queue(ticket, bounds)
            return
        try:
            while not ticket.done:
                pipe = self._pipe
                if pipe is None:
                    raise Disconnected("the connection is closed", hint="Open the session again.")
                if self._leftover:
                    self._leftover = False
                    pipe.take_decrypted()
                    continue
                pipe.flush()
                if not self._leading:
                    self._lead(pipe, ticket, bounds)
                elif pipe.unsent and not self._writing:
                    self._help_writing(pipe, bounds)
                else:
                    self._follow(ticket, bounds)
        finally:
            if self._parked and not self._leading:
                # Somebody must read on for those who still wait.
                next(iter(self._parked.values())).set()

    def _lead(self, pipe: Pipe, ticket: Ticket[Any], bounds: Bounds) -> None:
        self._leading = True
        try:
            while not ticket.done and self._pipe is pipe:
                seconds = self._seconds(pipe, bounds)
                write = bool(pipe.unsent)
                pipe.acknowledge()
                with self._resting():
                    pipe.link.wait(read=True, write=write, seconds=seconds)
                if self._pipe is pipe:
                    pipe.move()
                    pipe.flush()
        finally:
            self._leading = False
            if self._pipe is not pipe:
                # Another thread let go of it while this one was resting on it.
                pipe.link.close()

    def _follow(self, ticket: Ticket[Any], bounds: Bounds) -> None:
        if ticket.done:
            return  # What was written last resolved it, or was the end of the connection.
        woken = threading.Event()
        self._parked[ticket] = woken
        ticket.wake = woken.set
        seconds = None if bounds.until is None else bounds.left(self._now())
        try:
            with self._resting():
                woken.wait(None if seconds is None else min(seconds, threading.TIMEOUT_MAX))
        finally:
            del self._parked[ticket]

    def _queue(self, turn: Turn, bounds: Bounds) -> None:
        """Wait for another thread's flow; whoever waits so never reads for the others."""
        woken = threading.Event()
        turn.wake = woken.set
        while not turn.done:
            seconds = None if bounds.until is None else bounds.left(self._now())
            with self._resting():
                woken.wait(None if seconds is None else min(seconds, threading.TIMEOUT_MAX))

    def _help_writing(self, pipe: Pipe, bounds: Bounds) -> None:
        """Wait for room in the transport while another thread reads."""
        self._writing = True
        seconds = None if bounds.until is None else bounds.left(self._now())
        try:
            with self._resting():
                # Bounded, since the reader may have written everything in the meantime.
                pipe.link.wait(read=False, write=True, seconds=min(1.0, seconds or 1.0))
        finally:
            self._writing = False

    @contextmanager
    def _resting(self) -> Iterator[None]:
        """Give the lock up while nothing is half done."""
        self._lock.release()
        try:
            try:
                yield
            finally:
                self._retake_lock()
        except BaseException:
            # Other threads may have been at work meanwhile, but none of them now.
            self._calm = True
            raise
        self._calm = False

    def _retake_lock(self) -> None:
        """Take the lock back; an interrupt comes after that, since the caller will release it."""
        interrupt: KeyboardInterrupt | None = None
        while True:
            try:
                self._lock.acquire()
                break
            except KeyboardInterrupt as error:
                interrupt = error
        if interrupt is not None:
            raise interrupt

    def _seconds(self, pipe: Pipe, bounds: Bounds) -> float | None:
        """Return how long to rest, None for no end. Ends the connection when patience is over."""
        now, machine = self._now(), pipe.machine
        left = None if bounds.until is None else bounds.left(now)
        if bounds.phase is not None or not machine.awaiting:
            return left
        patience = self._patience.left(machine, now)
        if patience == 0:
            machine.condemn(self._patience.error())
            return 0
        return patience if left is None or (patience is not None and patience < left) else left

    # Effects.

    def _perform(self, effect: Effect[Any], bounds: Bounds) -> Any:
        if isinstance(effect, Pull):
            return self._pull(effect)
        if isinstance(effect, Offload):
            with self._resting():
                return effect.function()
        if isinstance(effect, Allow):
            bounds.allow(effect.seconds, effect.hint, self._now())
            return None
        if isinstance(effect, Connect):
            return self._connect(effect, bounds)
        if isinstance(effect, Secure):
            return self._secure(effect, bounds)
        if isinstance(effect, HangUp):
            return self._drop()
        raise AssertionError(f"unknown effect {effect!r}")

    def _pull(self, effect: Pull[Any]) -> Any:
        if not isinstance(effect.iterator, QUICK_ITERATORS):
            # The caller's iterator may take its time; what is ready goes out before.
            self._settle()
        with self._resting():
            return next(effect.iterator, END)

    def _connect(self, effect: Connect, bounds: Bounds) -> Peer:
        self._drop()

        def deadline() -> float | None:
            return None if bounds.until is None else bounds.left(self._now())

        with self._resting():
            link = self._dial(
                effect.host, effect.port, proxy=effect.proxy, deadline=deadline, hint=bounds.hint
            )
        self._pipe = Pipe(link, effect.machine)
        self._patience.rest()
        return Peer(link.local_name)

    def _secure(self, effect: Secure, bounds: Bounds) -> Secured:
        tls = (self._make_tls or _layer())(effect.context, effect.host)
        pipe = self._pipe
        while pipe is not None and pipe is self._pipe:
            try:
                secured = tls.shake()
            except InsecureConnection:
                # The alert explains it to a server that still listens; this error does to us.
                pipe.unsent = tls.take()
                with suppress(Disconnected):
                    pipe.push()
                raise
            pipe.unsent = tls.take()
            while pipe.push():
                self._rest_on(pipe, bounds, read=False)
            if secured is not None:
                pipe.tls = tls
                self._leftover = True
                return secured
            while (data := pipe.pull()) is None:
                self._rest_on(pipe, bounds, read=True)
            if not data:
                break
            tls.feed(data)
        raise Disconnected(
            "the server closed the connection during the TLS handshake",
            hint="Check the port and the TLS mode.",
        )

    def _rest_on(self, pipe: Pipe, bounds: Bounds, *, read: bool) -> None:
        seconds = bounds.left(self._now())
        with self._resting():
            pipe.link.wait(read=read, write=not read, seconds=seconds)

    # The end.

    def _drop(self) -> None:
        """Let the connection go; the thread that leads closes it when it has woken up."""
        pipe, self._pipe = self._pipe, None
        if pipe is None:
            return
        pipe.say_last_words()
        pipe.link.shutdown()
        if not self._leading:
            pipe.link.close()

    def goodbye(self, farewell: Callable[[Machine], object]) -> None:
        """End the connection at the end of the program, without waiting for anybody."""
        if not self._lock.acquire(timeout=1):
            return
        try:
            pipe = self._pipe
            if pipe is not None and pipe.machine.usable:
                farewell(pipe.machine)
                pipe.flush()
                pipe.machine.condemn(Disconnected("the program has ended"))
            self._drop()
        finally:
            self._lock.release()


def _layer() -> MakeLayer:
    # The ssl module is loaded when TLS is first wanted.
    from courriel.drive.tls import TlsLayer

    return TlsLayer
