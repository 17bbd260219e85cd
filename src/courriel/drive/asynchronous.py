"""The asyncio driver: runs flows on one event loop, over one transport.

Flows are stepped where their answers arrive, in ``data_received``, so that an answer costs no turn
of the loop; a task is woken only when its flow has ended, emits an item, or wants something that
must be awaited. Cancelling the task closes the flow: its tickets stay queued and swallow their
answers, so the next task finds the conversation in step.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import ssl
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import suppress
from typing import Any, TypeVar, cast

from courriel.drive.addresses import closed, inherited, local_name
from courriel.drive.async_pipe import AsyncPipe
from courriel.drive.dialling import dial
from courriel.drive.patience import Bounds, Patience
from courriel.drive.runner import Done, Runner
from courriel.drive.tls import MakeLayer, TlsLayer, default_context
from courriel.drive.watch import Watch
from courriel.errors import Broken, Disconnected, Misused
from courriel.faces import Effect, Emit, EmitMany, Flow, Items
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
from courriel.protocol.ticket import Turn

T = TypeVar("T")


class AsyncDriver:
    """One session's transport, and the tasks that share it."""

    __slots__ = (
        "_context",
        "_leftover",
        "_loop",
        "_make_tls",
        "_open",
        "_patience",
        "_pipe",
        "_ready",
        "_resting",
        "_scheduled",
        "_timeout",
        "_watch",
    )

    def __init__(self, timeout: Timeout, rate: int) -> None:
        self._timeout = timeout
        self._patience = Patience(timeout.read, rate)
        self._watch = Watch(self._patience, self._step_ready)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pipe: AsyncPipe | None = None
        self._leftover = False
        self._scheduled = False
        self._resting = 0
        self._ready: deque[Runner] | None = None
        self._open: Callable[..., Awaitable[asyncio.Transport]] = dial
        self._make_tls: MakeLayer = TlsLayer
        self._context: ssl.SSLContext | None = None

    def replace_network(
        self, opener: Callable[..., Awaitable[asyncio.Transport]], make_tls: MakeLayer, _: object
    ) -> None:
        """Connect by other means, as scripted tests do; the clock is the loop's."""
        self._open = opener
        self._make_tls = make_tls

    def now(self) -> float:
        """Return the loop's clock, in seconds."""
        return 0.0 if self._loop is None else self._loop.time()

    # Flows.

    async def run(self, flow: Flow[T], *, first: Effect[Any] | None = None) -> T:
        """Run a flow to its end and return its result."""
        outcome = await self._until(self._runner(flow), first)
        return cast("T", outcome.value)

    def begin(self, flow: Flow[Any]) -> Effect[Any]:
        """Run a flow to its first wait, and return what it waits for. StopIteration at its end."""
        effect = flow.send(None)
        self._flush_soon()
        return effect

    async def iterate(self, flow: Items[T]) -> AsyncIterator[T]:
        """Run a flow from item to item."""
        runner = self._runner(flow)
        try:
            while True:
                outcome = await self._until(runner)
                if isinstance(outcome, Done):
                    return
                if isinstance(outcome, Emit):
                    yield outcome.item
                else:
                    for item in outcome.items:
                        yield item
        finally:
            self.abandon(flow)

    def abandon(self, flow: Generator[Any, Any, Any]) -> None:
        """Close a flow where it stands; what it has begun is ended as well as it can be."""
        self._measure()
        flow.close()
        self._settle()

    def _runner(self, flow: Generator[Any, Any, Any]) -> Runner:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._move_to(loop)
        return Runner(self, flow, Bounds(self._timeout.total, loop.time()))

    def _move_to(self, loop: asyncio.AbstractEventLoop) -> None:
        """Belong to another event loop, unless a connection that lives ties us to the old one."""
        pipe = self._pipe
        if pipe is not None:
            if pipe.machine.usable and not pipe.loop.is_closed():
                raise Misused(
                    "the session was opened in another event loop",
                    hint="Open one session in each event loop.",
                )
            pipe.machine.condemn(
                Disconnected("the event loop of the session is closed", hint="Open it again.")
            )
            pipe.abandon()
        self._watch.end()
        self._loop, self._pipe, self._ready = loop, None, None
        self._leftover = self._scheduled = self._watch.phase = False
        self._resting = 0

    async def _until(self, runner: Runner, first: Effect[Any] | None = None) -> Any:
        """Run a flow until it emits an item or ends. Raises what it raises."""
        self._measure()
        outcome = runner.step(first=first)
        try:
            while True:
                if outcome is None:
                    outcome = await self._rest(runner)
                elif isinstance(outcome, Done):
                    if outcome.error is not None:
                        raise outcome.error
                    return outcome
                elif isinstance(outcome, Emit | EmitMany):
                    return outcome
                else:
                    try:
                        answer = await self._perform(outcome, runner.bounds)
                    except Exception as error:  # noqa: BLE001 - The flow decides what it means.
                        outcome = runner.step(error=error)
                    else:
                        outcome = runner.step(answer)
        except asyncio.CancelledError:
            if runner.ticket is not None:
                runner.ticket.wake = None
                runner.ticket = None
            self._measure()
            runner.flow.close()
            raise
        finally:
            self._settle()

    def _measure(self) -> None:
        """See what has left, since a flow may be about to give the connection up."""
        if self._pipe is not None:
            self._pipe.measure()

    async def _rest(self, runner: Runner) -> Any:
        assert self._loop is not None
        if self._pipe is None and not isinstance(runner.ticket, Turn):
            return runner.step(error=closed())
        runner.future = self._loop.create_future()
        if self._leftover and self._pipe is not None:
            self._leftover = False
            self._pipe.take_decrypted()
        self._flush_soon()
        if self._pipe is not None:
            self._watch.keep(self._pipe)
        if runner.bounds.until is not None:
            runner.arm(self._loop)
        self._resting += 1
        try:
            return await runner.future
        finally:
            self._resting -= 1
            runner.future = None
            runner.disarm()

    def allow(self, bounds: Bounds, effect: Allow) -> None:
        """Begin or end a phase."""
        bounds.allow(effect.seconds, effect.hint, self.now())
        self._watch.phase = effect.seconds is not None

    def ready(self, runner: Runner) -> None:
        """Have a runner stepped at the end of what is going on now."""
        if self._ready is None:
            self._ready = deque()
        self._ready.append(runner)
        if self._pipe is not None and self._pipe.telling:
            return  # It will be stepped as soon as all that has arrived is known.
        if not self._scheduled and self._loop is not None:
            self._scheduled = True
            self._loop.call_soon(self._step_ready)

    def give(self, runner: Runner, outcome: Any) -> None:
        """Hand a task what its flow came to."""
        if outcome is not None and runner.future is not None and not runner.future.done():
            runner.future.set_result(outcome)

    def late(self, runner: Runner, outcome: Any) -> None:
        """Hand a task what its flow came to when its time was over, and send what it has to say."""
        self.give(runner, outcome)
        self._settle()

    def _step_ready(self) -> None:
        self._scheduled = False
        ready = self._ready
        while ready:
            runner = ready.popleft()
            ticket = runner.ticket
            if ticket is not None and ticket.done:
                self.give(runner, runner.step())
        self._settle()

    def _settle(self) -> None:
        """Send what is due, and let go of a connection that is over."""
        pipe = self._pipe
        if pipe is None:
            return
        if pipe.machine.usable:
            pipe.flush()
            if pipe.machine.awaiting:
                pipe.acknowledge()
                self._watch.keep(pipe)
            else:
                self._patience.rest()
        if not pipe.machine.usable:
            self._abort()

    def _changed(self) -> None:
        """Go on after something has arrived, or the connection has ended."""
        pipe = self._pipe
        if pipe is not None and not self._watch.phase:
            self._patience.left(pipe.machine, pipe.loop.time())
        self._step_ready()

    def _flush_soon(self) -> None:
        """Send now when the line is quiet, else together with what other tasks add in this turn."""
        pipe = self._pipe
        if pipe is None or not pipe.machine.has_data_to_send:
            return
        if not self._resting:
            pipe.flush()
        elif not self._scheduled:
            self._scheduled = True
            pipe.loop.call_soon(self._step_ready)

    # Effects.

    async def _perform(self, effect: Effect[Any], bounds: Bounds) -> Any:
        if isinstance(effect, Pull):
            self._settle()
            iterator: Any = effect.iterator
            if hasattr(iterator, "__anext__"):
                return await anext(iterator, END)
            return next(iterator, END)
        if isinstance(effect, Offload):
            return await self._offload(effect.function, bounds)
        if isinstance(effect, Connect):
            return await self._bounded(self._connect(effect), bounds)
        if isinstance(effect, Secure):
            return await self._bounded(self._secure(effect), bounds)
        if isinstance(effect, HangUp):
            return await self._hang_up(effect.machine)
        raise AssertionError(f"unknown effect {effect!r}")

    async def _bounded(self, work: Awaitable[T], bounds: Bounds) -> T:
        try:
            async with asyncio.timeout_at(bounds.until):
                return await work
        except TimeoutError as error:
            if isinstance(error, Broken):
                raise
            raise bounds.expired(self.now()) from None

    async def _offload(self, function: Callable[[], Any], bounds: Bounds) -> Any:
        if inspect.iscoroutinefunction(function):
            return await self._bounded(function(), bounds)
        result = await self._bounded(asyncio.to_thread(function), bounds)
        return await result if inspect.isawaitable(result) else result

    async def _connect(self, effect: Connect) -> Peer:
        await self._drop()
        loop = self._loop = asyncio.get_running_loop()
        pipe = AsyncPipe(loop, effect.machine, self._changed)
        transport = await self._open(pipe, effect.host, effect.port, proxy=effect.proxy)
        self._pipe = pipe
        self._patience.rest()
        return Peer(local_name(transport.get_extra_info("sockname")))

    async def _secure(self, effect: Secure) -> Secured:
        pipe, context = self._pipe, effect.context
        if pipe is None:
            raise closed()
        if context is None and self._make_tls is TlsLayer:
            context = await self._default_context(pipe)
        secured = await pipe.secure(self._make_tls(context, effect.host))
        self._leftover = True
        return secured

    async def _default_context(self, pipe: AsyncPipe) -> ssl.SSLContext:
        """Return the verified context; it takes long to make, since it reads every authority."""
        if self._context is None:
            with pipe.deaf():
                self._context = await asyncio.to_thread(default_context)
        return self._context

    # The end.

    def _abort(self) -> None:
        self._watch.end()
        if self._pipe is not None:
            self._pipe.abort()

    async def _hang_up(self, machine: Machine) -> None:
        if self._pipe is not None and self._pipe.machine is machine:
            await self._drop()

    async def _drop(self) -> None:
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            self._watch.end()
            pipe.measure()
            pipe.machine.condemn(closed())
            pipe.abort()
            await pipe.closed()

    def disown(self) -> bool:
        """Let go, in silence, of a connection that this process has inherited.

        Its parent goes on with it. The event loop's watch over the socket is
        the parent's too, so that it is not ended either.
        """
        pipe = self._pipe
        if pipe is None or pipe.owner == os.getpid():
            return False
        self._pipe = None
        self._watch.end()
        with suppress(RuntimeError):
            pipe.machine.condemn(inherited())
        with suppress(RuntimeError):
            pipe.forsake()
        return True

    def goodbye(self) -> None:
        """End the connection at the end of the program, without waiting for anybody."""
        pipe = self._pipe
        if self.disown() or pipe is None or pipe.transport is None:
            return
        # A closed event loop lets some of this be done, and refuses the rest.
        with suppress(RuntimeError):
            if pipe.machine.usable:
                pipe.machine.part()
                pipe.flush()
                pipe.machine.condemn(Disconnected("the program has ended"))
        with suppress(RuntimeError):
            self._abort()
        with suppress(RuntimeError):
            pipe.abandon()
