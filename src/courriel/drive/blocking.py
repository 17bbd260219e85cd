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
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from courriel.drive.link import Link, connect
from courriel.drive.patience import Bounds, Patience
from courriel.drive.tls import Layer, MakeLayer, TlsLayer
from courriel.errors import Broken, CourrielError, Disconnected
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
from courriel.protocol.ticket import Ticket

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
        "_link",
        "_make_tls",
        "_lock",
        "_machine",
        "_parked",
        "_patience",
        "_timeout",
        "_tls",
        "_unsent",
        "_writing",
    )

    def __init__(self, timeout: Timeout, rate: int, dial: Dialler = connect) -> None:
        self._timeout = timeout
        self._patience = Patience(timeout.read, rate)
        self._dial = dial
        self._make_tls: MakeLayer = TlsLayer
        self._lock = threading.Lock()
        self._link: Link | None = None
        self._machine: Machine | None = None
        self._tls: Layer | None = None
        self._unsent: bytes | memoryview = b""
        self._leading = False
        self._writing = False
        self._calm = False
        self._parked: dict[Ticket[Any], threading.Event] = {}

    def replace_network(self, dial: Dialler, make_tls: MakeLayer) -> None:
        """Connect by other means, as scripted tests do."""
        self._dial = dial
        self._make_tls = make_tls

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
        """Run a flow up to its first wait and return what it waits for. StopIteration at its end."""
        with self._lock:
            return flow.send(None)

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
            with self._lock:
                flow.close()
                self._settle()

    def check(self) -> None:
        """Take what has arrived without waiting, so that a lost connection is noticed."""
        with self._lock:
            if not self._leading:
                self._move()
                self._settle()

    def _bounds(self) -> Bounds:
        total = self._timeout.total
        return Bounds(total, 0.0 if total is None else self._now())

    def _now(self) -> float:
        import time

        return time.monotonic() if self._link is None else self._link.now()

    def _drive(
        self, flow: Generator[Any, Any, Any], bounds: Bounds, effect: Effect[Any] | None
    ) -> Any:
        """Step a flow until it emits an item, which is returned, or ends (StopIteration)."""
        self._calm = False
        try:
            step: Any = flow.send(None) if effect is None else effect
            while True:
                if isinstance(step, Ticket):
                    if not step.done:
                        try:
                            self._wait(step, bounds)
                        except CourrielError as error:
                            step = flow.throw(error)
                            continue
                    step = flow.send(None)
                elif isinstance(step, Emit):
                    return step.item
                else:
                    try:
                        answer = self._perform(step, bounds)
                    except Exception as error:  # noqa: BLE001 - The flow decides what it means.
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
        if not self._calm and self._machine is not None:
            self._machine.condemn(
                Disconnected(
                    "the operation was interrupted, so the connection was dropped",
                    hint="Open the session again.",
                )
            )

    def _settle(self) -> None:
        """Send what is due, and let go of a connection that is over."""
        machine = self._machine
        if machine is None:
            return
        if machine.usable:
            self._flush()
            if not machine.awaiting:
                self._patience.rest()
        if not machine.usable:
            self._drop()

    # Waiting.

    def _wait(self, ticket: Ticket[Any], bounds: Bounds) -> None:
        """Return when the ticket is done. Raises TimedOut when the bounds have run out."""
        try:
            while not ticket.done:
                if self._machine is None or self._link is None:
                    raise Disconnected("the connection is closed", hint="Open the session again.")
                self._flush()
                if not self._leading:
                    self._lead(ticket, bounds)
                elif self._unsent and not self._writing:
                    self._help_writing(bounds)
                else:
                    self._follow(ticket, bounds)
        finally:
            if self._parked and not self._leading:
                # Somebody must read on for those who still wait.
                next(iter(self._parked.values())).set()

    def _lead(self, ticket: Ticket[Any], bounds: Bounds) -> None:
        link = self._link
        assert link is not None
        self._leading = True
        try:
            while not ticket.done and self._link is link:
                seconds = self._seconds(bounds)
                write = bool(self._unsent)
                with self._resting():
                    link.wait(read=True, write=write, seconds=seconds)
                if self._link is link:
                    self._move()
                    self._flush()
        finally:
            self._leading = False
            if self._link is not link:
                # Another thread let go of it while this one was resting on it.
                link.close()

    def _follow(self, ticket: Ticket[Any], bounds: Bounds) -> None:
        woken = threading.Event()
        self._parked[ticket] = woken
        ticket.wake = woken.set
        seconds = None if bounds.until is None else bounds.left(self._now())
        try:
            with self._resting():
                woken.wait(seconds)
        finally:
            del self._parked[ticket]

    def _help_writing(self, bounds: Bounds) -> None:
        """Wait for room in the transport while another thread reads."""
        link = self._link
        assert link is not None
        self._writing = True
        seconds = None if bounds.until is None else bounds.left(self._now())
        try:
            with self._resting():
                # Bounded, since the reader may have written everything in the meantime.
                link.wait(read=False, write=True, seconds=min(1.0, seconds or 1.0))
        finally:
            self._writing = False

    @contextmanager
    def _resting(self) -> Iterator[None]:
        """Give the lock up while nothing is half done."""
        self._calm = True
        self._lock.release()
        try:
            yield
        finally:
            self._lock.acquire()
        self._calm = False

    def _seconds(self, bounds: Bounds) -> float | None:
        """Return how long to rest, None for no end. Ends the connection when patience is over."""
        now, machine = self._now(), self._machine
        left = None if bounds.until is None else bounds.left(now)
        if machine is None or bounds.phase is not None or not machine.awaiting:
            return left
        patience = self._patience.left(machine, now)
        if patience == 0:
            machine.condemn(self._patience.error())
            return 0
        return patience if left is None or (patience is not None and patience < left) else left

    # Octets.

    def _move(self) -> None:
        """Take what has arrived, without waiting."""
        link, machine = self._link, self._machine
        if link is None or machine is None:
            return
        try:
            data = link.receive()
            if data is None:
                return
            if not data:
                machine.receive_eof()
                return
            if self._tls is not None:
                self._tls.feed(data)
                data = self._tls.decrypt()
            if data:
                machine.receive_data(data)
            if self._tls is not None and self._tls.ended:
                machine.receive_eof()
        except OSError as error:
            machine.condemn(_lost(error))
        except Broken as error:
            machine.condemn(error)

    def _flush(self) -> None:
        """Send what is due, without waiting."""
        link, machine, tls = self._link, self._machine, self._tls
        if link is None or machine is None:
            return
        try:
            while True:
                if not self._unsent:
                    data = machine.data_to_send()
                    if not data:
                        return
                    if tls is not None:
                        self._unsent = tls.encrypt(data)
                        machine.data_sent(len(data))
                    else:
                        self._unsent = data
                taken = link.send(self._unsent)
                if tls is None:
                    machine.data_sent(taken)
                if taken < len(self._unsent):
                    self._unsent = memoryview(self._unsent)[taken:]
                    if not taken:
                        return
                else:
                    self._unsent = b""
        except OSError as error:
            # What the server said before it went away explains more than the broken pipe.
            self._move()
            machine.condemn(_lost(error))
        except Broken as error:
            machine.condemn(error)

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
            self._flush()
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
        self._link, self._machine, self._unsent = link, effect.machine, b""
        self._patience.rest()
        return Peer(link.local_name)

    def _secure(self, effect: Secure, bounds: Bounds) -> Secured:
        tls = self._make_tls(effect.context, effect.host)
        while True:
            try:
                secured = tls.shake()
            finally:
                self._send_all(tls.take(), bounds)
            if secured is not None:
                self._tls = tls
                return secured
            data = self._receive_some(bounds)
            if not data:
                raise Disconnected(
                    "the server closed the connection during the TLS handshake",
                    hint="Check the port and the TLS mode.",
                )
            tls.feed(data)

    def _send_all(self, data: bytes, bounds: Bounds) -> None:
        try:
            while data and self._link is not None:
                data = data[self._link.send(data) :]
                if data:
                    self._rest_for(bounds, read=False)
        except OSError as error:
            raise _lost(error) from error

    def _receive_some(self, bounds: Bounds) -> bytes:
        try:
            while self._link is not None:
                data = self._link.receive()
                if data is not None:
                    return data
                self._rest_for(bounds, read=True)
        except OSError as error:
            raise _lost(error) from error
        return b""

    def _rest_for(self, bounds: Bounds, *, read: bool) -> None:
        link, seconds = self._link, bounds.left(self._now())
        assert link is not None
        with self._resting():
            link.wait(read=read, write=not read, seconds=seconds)

    # The end.

    def _drop(self) -> None:
        """Let the connection go; the thread that leads closes it when it has woken up."""
        link = self._link
        if link is None:
            return
        if self._tls is not None:
            self._last_words(link, self._tls.farewell())
        self._link = self._tls = None
        self._unsent = b""
        link.shutdown()
        if not self._leading:
            link.close()

    def _last_words(self, link: Link, data: bytes) -> None:
        try:
            if not self._unsent:
                link.send(data)
        except OSError:
            pass  # Nobody listens any more.

    def goodbye(self, farewell: Callable[[Machine], object]) -> None:
        """End the connection at the end of the program, without waiting for anybody."""
        if not self._lock.acquire(timeout=1):
            return
        try:
            machine = self._machine
            if machine is not None and machine.usable:
                farewell(machine)
                self._flush()
                machine.condemn(Disconnected("the program has ended"))
            self._drop()
        finally:
            self._lock.release()


def _lost(error: OSError) -> Disconnected:
    lost = Disconnected(
        f"the connection was lost: {error.strerror or error}", hint="Open the session again."
    )
    lost.__cause__ = error
    return lost
