"""The blocking driver: runs flows on the threads of their callers, over one link.

Any number of threads may run flows at once; ``sharing`` says how they take turns at the connection
and wait for its answers. Here flows are stepped, always under the lock, and their effects carried
out. The driver reads while it writes, so two full pipes never stand against each other.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from threading import get_ident
from typing import TYPE_CHECKING, Any, TypeVar, cast

from courriel.drive.link import Link, connect
from courriel.drive.patience import Bounds, Patience
from courriel.drive.pipe import Pipe
from courriel.drive.sharing import SharedPipe
from courriel.errors import CourrielError, Disconnected, InsecureConnection, Misused, TimedOut
from courriel.faces import Effect, Emit, EmitMany, Flow, Items
from courriel.flows.effects import (
    END,
    QUICK_ITERATORS,
    Allow,
    Connect,
    HangUp,
    Now,
    Offload,
    Peer,
    Pull,
    Secure,
    Secured,
    Within,
)
from courriel.model.options import Timeout
from courriel.protocol.ticket import Ticket

if TYPE_CHECKING:
    from ssl import SSLContext
    from types import GeneratorType

    from courriel.drive.tls import Layer, MakeLayer

T = TypeVar("T")

Dialler = Callable[..., Link]


class BlockingDriver:
    """One session's transport, for any number of threads."""

    __slots__ = ("_context", "_dial", "_make_tls", "_shared", "_timeout")

    def __init__(self, timeout: Timeout, rate: int, dial: Dialler = connect) -> None:
        self._timeout = timeout
        self._dial = dial
        self._make_tls: MakeLayer | None = None
        self._context: SSLContext | None = None
        self._shared = SharedPipe(Patience(timeout.read, rate))

    def replace_network(
        self, dial: Dialler, make_tls: MakeLayer, clock: Callable[[], float]
    ) -> None:
        """Connect by other means and on another clock, as scripted tests do."""
        self._dial = dial
        self._make_tls = make_tls
        self._shared.now = clock

    # Flows.

    def run(self, flow: Flow[T], *, first: Effect[Any] | None = None) -> T:
        """Run a flow to its end and return its result."""
        with self._shared.entrance():
            try:
                self._drive(flow, self._bounds(), first)
            except StopIteration as stop:
                return cast("T", stop.value)
        raise AssertionError("an operation emits nothing")

    def begin(self, flow: Flow[Any]) -> Effect[Any]:
        """Run a flow to its first wait, and return what it waits for. StopIteration at its end."""
        shared = self._shared
        with shared.entrance():
            shared.holder = get_ident()
            try:
                effect = flow.send(None)
                shared.settle()
                return effect
            finally:
                shared.holder = None

    def iterate(self, flow: Items[T]) -> Iterator[T]:
        """Run a flow from item to item."""
        bounds = self._bounds()
        try:
            while True:
                with self._shared.entrance():
                    try:
                        emitted = self._drive(flow, bounds, None)
                    except StopIteration:
                        return
                if isinstance(emitted, Emit):
                    yield emitted.item
                else:
                    yield from emitted.items
        finally:
            self.abandon(flow)

    def abandon(self, flow: Generator[Any, Any, Any]) -> None:
        """Close a flow where it stands; what it has begun is ended as well as it can be."""
        self._shared.bury(flow)

    def check(self) -> None:
        """Take what has arrived without waiting, so that a lost connection is noticed."""
        shared = self._shared
        with shared.entrance():
            shared.holder = get_ident()
            try:
                shared.look()
            finally:
                shared.holder = None

    def _bounds(self) -> Bounds:
        total = self._timeout.total
        return Bounds(total, 0.0 if total is None else self._shared.now())

    def _drive(
        self, flow: Generator[Any, Any, Any], bounds: Bounds, effect: Effect[Any] | None
    ) -> Any:
        """Step a flow until it emits, and return what, or until it ends (StopIteration)."""
        shared = self._shared
        shared.calm = False
        shared.holder = get_ident()
        try:
            pipe = shared.pipe
            if pipe is not None:
                pipe.owner = os.getpid()
            if pipe is not None and not shared.leading and not pipe.machine.awaiting:
                # What came unasked must not pass for the answer to what is asked now.
                pipe.move()
            step: Any = flow.send(None) if effect is None else effect
            while True:
                if isinstance(step, Ticket):
                    if not step.done:
                        try:
                            shared.wait(step, bounds)
                        except CourrielError as error:
                            shared.calm = False
                            step = flow.throw(error)
                            continue
                    step = flow.send(None)
                elif isinstance(step, Emit | EmitMany):
                    return step
                else:
                    try:
                        answer = self._perform(step, bounds)
                    except Exception as error:  # noqa: BLE001 - The flow decides what it means.
                        shared.calm = False
                        step = flow.throw(error)
                        continue
                    step = flow.send(answer)
        except StopIteration:
            raise
        except BaseException as error:
            going_on = cast("GeneratorType[Any, Any, Any]", flow).gi_frame is not None
            if going_on or not isinstance(error, Exception):
                # The flow did not raise it: it is Ctrl-C, or what a signal's handler raised.
                shared.interrupted()
                flow.close()
            raise
        finally:
            try:
                shared.settle()
            finally:
                shared.holder = None

    # Effects.

    def _perform(self, effect: Effect[Any], bounds: Bounds) -> Any:
        if isinstance(effect, Pull):
            return self._pull(effect)
        if isinstance(effect, Offload):
            return self._shared.rest(effect.function)
        if isinstance(effect, Now):
            return self._shared.now()
        if isinstance(effect, Within):
            return self._within(effect, bounds)
        if isinstance(effect, Allow):
            bounds.allow(effect.seconds, effect.hint, self._shared.now())
            return None
        if isinstance(effect, Connect):
            return self._connect(effect, bounds)
        if isinstance(effect, Secure):
            return self._secure(effect, bounds)
        if isinstance(effect, HangUp):
            return self._shared.hang_up(effect.machine)
        raise AssertionError(f"unknown effect {effect!r}")

    def _pull(self, effect: Pull[Any]) -> Any:
        if isinstance(effect.iterator, QUICK_ITERATORS):
            return next(effect.iterator, END)
        if not hasattr(effect.iterator, "__next__"):
            raise Misused(
                "a blocking session cannot read an asynchronous iterable",
                hint="Use the asyncio twin of the session, or give a list.",
            )
        # The caller's iterator may take its time: what is ready goes out before, and what has
        # come meanwhile is taken in behind it, so that receipts do not wait for the next item.
        self._shared.settle()
        item = self._shared.rest(next, effect.iterator, END)
        self._shared.look()
        return item

    def _within(self, effect: Within, bounds: Bounds) -> bool:
        shared = self._shared
        if not effect.ticket.done:
            bounds.pause(effect.seconds, shared.now())
            try:
                shared.wait(effect.ticket, bounds)
            except TimedOut:
                # Nothing but that time is over: what the server owes fails its ticket.
                effect.ticket.wake = None
            finally:
                bounds.resume(shared.now())
        return effect.ticket.done

    def _connect(self, effect: Connect, bounds: Bounds) -> Peer:
        shared = self._shared
        shared.drop()

        def deadline() -> float | None:
            return shared.left(bounds)

        link = shared.rest(
            self._dial,
            effect.host,
            effect.port,
            proxy=effect.proxy,
            deadline=deadline,
            hint=bounds.hint,
        )
        shared.put(Pipe(link, effect.machine))
        return Peer(link.local_name)

    def _secure(self, effect: Secure, bounds: Bounds) -> Secured:
        shared = self._shared
        tls = self._layer(effect)
        pipe = shared.pipe
        while pipe is not None and pipe is shared.pipe:
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
                shared.rest_on(pipe, bounds, read=False)
            if secured is not None:
                pipe.tls = tls
                shared.leftover = True
                return secured
            while (data := pipe.pull()) is None:
                shared.rest_on(pipe, bounds, read=True)
            if not data:
                break
            tls.feed(data)
        raise Disconnected(
            "the server closed the connection during the TLS handshake",
            hint="Check the port and the TLS mode.",
        )

    def _layer(self, effect: Secure) -> Layer:
        if self._make_tls is not None:
            return self._make_tls(effect.context, effect.host)
        # The ssl module is loaded when TLS is first wanted.
        from courriel.drive.tls import TlsLayer, default_context

        if effect.context is None and self._context is None:
            # It takes long to make, since it reads every authority.
            self._context = self._shared.rest(default_context)
        return TlsLayer(effect.context or self._context, effect.host)

    # The end.

    def disown(self) -> bool:
        """Let go, in silence, of a connection that this process has inherited and never used."""
        return self._shared.disown()

    def goodbye(self) -> None:
        """End the connection at the end of the program, without waiting for anybody."""
        shared = self._shared
        if shared.disown() or not shared.lock.acquire(timeout=1):
            return
        try:
            pipe = shared.pipe
            if pipe is not None and pipe.machine.usable:
                pipe.machine.part()
                pipe.flush()
                pipe.machine.condemn(Disconnected("the program has ended"))
            shared.drop()
        finally:
            shared.lock.release()
