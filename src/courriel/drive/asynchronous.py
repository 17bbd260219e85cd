"""The asyncio driver: runs flows on one event loop, over one transport.

Flows are stepped where their answers arrive, in ``data_received``, so that an answer costs no turn
of the loop; a task is woken only when its flow has ended, emits an item, or wants something that
must be awaited. Cancelling the task closes the flow: its tickets stay queued and swallow their
answers, so the next task finds the conversation in step.
"""

from __future__ import annotations

import asyncio
import inspect
import socket
import sys
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from typing import Any, TypeVar, cast

from courriel.drive.addresses import local_name, unreachable, unresolved
from courriel.drive.blocking import QUICK_ITERATORS
from courriel.drive.patience import Bounds, Patience
from courriel.drive.tls import Layer, MakeLayer, TlsLayer
from courriel.errors import Broken, Disconnected, Misused
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

_QUICKACK = getattr(socket, "TCP_QUICKACK", None) if sys.platform == "linux" else None


class _Done:
    """A flow's end: its result, or the error it raised."""

    __slots__ = ("error", "value")

    def __init__(self, value: Any, error: BaseException | None = None) -> None:
        self.value = value
        self.error = error


class _Runner:
    """One flow, and the task that waits for it."""

    __slots__ = ("_driver", "bounds", "flow", "future", "ticket")

    def __init__(self, driver: AsyncDriver, flow: Generator[Any, Any, Any], bounds: Bounds) -> None:
        self._driver = driver
        self.flow = flow
        self.bounds = bounds
        self.future: asyncio.Future[Any] | None = None
        self.ticket: Ticket[Any] | None = None

    def wake(self) -> None:
        """Have the flow stepped: its ticket is done."""
        self._driver.ready(self)

    def step(
        self, answer: Any = None, error: BaseException | None = None, first: Any = None
    ) -> Any:
        """Step the flow; return what the task must deal with, or None while a ticket is awaited."""
        flow = self.flow
        self.ticket = None
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
                elif isinstance(effect, Pull) and isinstance(effect.iterator, QUICK_ITERATORS):
                    effect = flow.send(next(effect.iterator, END))
                elif isinstance(effect, Allow):
                    self._driver.allow(self.bounds, effect)
                    effect = flow.send(None)
                else:
                    return effect
        except StopIteration as stop:
            return _Done(stop.value)
        except Exception as failure:  # noqa: BLE001 - It is raised again in the task that waits.
            return _Done(None, failure)

    def expire(self) -> None:
        """Tell the flow that its bounds have run out."""
        ticket, future = self.ticket, self.future
        if ticket is None or future is None or future.done():
            return
        ticket.wake = None
        self._driver.give(self, self.step(error=self.bounds.expired(self._driver.now())))


class AsyncDriver(asyncio.Protocol):
    """One session's transport, and the tasks that share it."""

    __slots__ = (
        "_closed",
        "_handshake",
        "_loop",
        "_make_tls",
        "_open",
        "_machine",
        "_patience",
        "_paused",
        "_phase",
        "_ready",
        "_resting",
        "_scheduled",
        "_timeout",
        "_timer",
        "_tls",
        "_transport",
    )

    def __init__(self, timeout: Timeout, rate: int) -> None:
        self._timeout = timeout
        self._patience = Patience(timeout.read, rate)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._transport: asyncio.Transport | None = None
        self._machine: Machine | None = None
        self._tls: Layer | None = None
        self._handshake: asyncio.Future[None] | None = None
        self._closed: asyncio.Future[None] | None = None
        self._paused = False
        self._phase = False
        self._scheduled = False
        self._resting = 0
        self._ready: deque[_Runner] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._open: Callable[..., Awaitable[asyncio.Transport]] = _dial
        self._make_tls: MakeLayer = TlsLayer

    def replace_network(
        self, opener: Callable[..., Awaitable[asyncio.Transport]], make_tls: MakeLayer
    ) -> None:
        """Connect by other means, as scripted tests do."""
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
        """Run a flow up to its first wait and return what it waits for. StopIteration at its end."""
        effect = flow.send(None)
        self._flush_soon()
        return effect

    async def iterate(self, flow: Items[T]) -> AsyncIterator[T]:
        """Run a flow from item to item."""
        runner = self._runner(flow)
        try:
            while True:
                outcome = await self._until(runner)
                if isinstance(outcome, _Done):
                    return
                yield outcome.item
        finally:
            flow.close()
            self._settle()

    def _runner(self, flow: Generator[Any, Any, Any]) -> _Runner:
        loop = asyncio.get_running_loop()
        if self._transport is None:
            self._loop = loop
        elif self._loop is not loop:
            raise Misused(
                "the session was opened in another event loop",
                hint="Open one session in each event loop.",
            )
        return _Runner(self, flow, Bounds(self._timeout.total, loop.time()))

    async def _until(self, runner: _Runner, first: Effect[Any] | None = None) -> Any:
        """Run a flow until it emits an item or ends. Raises what it raises."""
        outcome = runner.step(first=first)
        try:
            while True:
                if outcome is None:
                    outcome = await self._rest(runner)
                elif isinstance(outcome, _Done):
                    if outcome.error is not None:
                        raise outcome.error
                    return outcome
                elif isinstance(outcome, Emit):
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
            runner.flow.close()
            raise
        finally:
            self._settle()

    async def _rest(self, runner: _Runner) -> Any:
        assert self._loop is not None
        runner.future = self._loop.create_future()
        self._flush_soon()
        self._watch()
        until = runner.bounds.until
        alarm = None if until is None else self._loop.call_at(until, runner.expire)
        self._resting += 1
        try:
            return await runner.future
        finally:
            self._resting -= 1
            runner.future = None
            if alarm is not None:
                alarm.cancel()

    def allow(self, bounds: Bounds, effect: Allow) -> None:
        """Begin or end a phase."""
        bounds.allow(effect.seconds, effect.hint, self.now())
        self._phase = effect.seconds is not None

    def ready(self, runner: _Runner) -> None:
        """Have a runner stepped at the end of what is going on now."""
        if self._ready is None:
            self._ready = deque()
        self._ready.append(runner)
        if not self._scheduled and self._loop is not None:
            self._scheduled = True
            self._loop.call_soon(self._step_ready)

    def give(self, runner: _Runner, outcome: Any) -> None:
        """Hand a task what its flow came to."""
        if outcome is not None and runner.future is not None and not runner.future.done():
            runner.future.set_result(outcome)

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
        machine = self._machine
        if machine is None:
            return
        if machine.usable:
            self._flush()
            if not machine.awaiting:
                self._patience.rest()
        if not machine.usable:
            self._abort()

    # Octets.

    def data_received(self, data: bytes) -> None:
        """Take what arrived."""
        machine, tls = self._machine, self._tls
        if machine is None:
            return
        self._quick_ack()
        try:
            if tls is not None:
                tls.feed(data)
                if self._handshake is not None:
                    self._wake_handshake()
                    return
                data = tls.decrypt()
            if data:
                machine.receive_data(data)
            if tls is not None and tls.ended:
                machine.receive_eof()
        except Broken as error:
            machine.condemn(error)
        if self._loop is not None and not self._phase:
            self._patience.left(machine, self._loop.time())
        self._step_ready()

    def eof_received(self) -> None:
        """Take note that the server will send no more."""
        self._ended(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note that the connection is gone."""
        self._transport = None
        self._ended(exc)
        if self._closed is not None and not self._closed.done():
            self._closed.set_result(None)

    def _ended(self, error: Exception | None) -> None:
        self._wake_handshake()
        if self._machine is None:
            return
        if isinstance(error, OSError):
            self._machine.condemn(_lost(error))
        else:
            self._machine.receive_eof()
        self._step_ready()

    def pause_writing(self) -> None:
        """Leave further output with the machine."""
        self._paused = True

    def resume_writing(self) -> None:
        """Go on with output."""
        self._paused = False
        self._flush()
        self._step_ready()

    def _flush_soon(self) -> None:
        """Send now when the line is quiet, else together with what other tasks add in this turn."""
        machine = self._machine
        if machine is None or not machine.has_data_to_send:
            return
        if self._resting and self._loop is not None:
            if not self._scheduled:
                self._scheduled = True
                self._loop.call_soon(self._step_ready)
            return
        self._flush()

    def _flush(self) -> None:
        machine, transport = self._machine, self._transport
        if machine is None or transport is None:
            return
        try:
            while not self._paused:
                data = machine.data_to_send()
                if not data:
                    return
                transport.write(data if self._tls is None else self._tls.encrypt(data))
                machine.data_sent(len(data))
        except Broken as error:
            machine.condemn(error)

    def _quick_ack(self) -> None:
        if _QUICKACK is not None and self._transport is not None:
            peer = self._transport.get_extra_info("socket")
            if peer is not None and peer.family in (socket.AF_INET, socket.AF_INET6):
                peer.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)

    # Patience.

    def _watch(self) -> None:
        """See to it that somebody looks at the read timeout."""
        machine = self._machine
        if self._timer is not None or machine is None or self._loop is None or self._phase:
            return
        left = self._patience.left(machine, self._loop.time())
        if left is not None:
            self._timer = self._loop.call_later(left, self._look)

    def _look(self) -> None:
        self._timer = None
        machine, loop = self._machine, self._loop
        if machine is None or loop is None or not machine.awaiting or not machine.usable:
            return
        if not self._phase and self._patience.left(machine, loop.time()) == 0:
            machine.condemn(self._patience.error())
            self._step_ready()
            return
        self._watch()

    # Effects.

    async def _perform(self, effect: Effect[Any], bounds: Bounds) -> Any:
        if isinstance(effect, Pull):
            self._flush()
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
            return await self._hang_up()
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
        self._loop = asyncio.get_running_loop()
        await self._hang_up()
        self._machine, self._paused = effect.machine, False
        self._patience.rest()
        self._transport = await self._open(self, effect.host, effect.port, proxy=effect.proxy)
        return Peer(local_name(self._transport.get_extra_info("sockname")))

    async def _secure(self, effect: Secure) -> Secured:
        assert self._loop is not None
        tls = self._tls = self._make_tls(effect.context, effect.host)
        try:
            while True:
                self._handshake = self._loop.create_future()
                try:
                    secured = tls.shake()
                finally:
                    if self._transport is not None and (data := tls.take()):
                        self._transport.write(data)
                if secured is not None:
                    return secured
                if self._transport is None:
                    raise Disconnected(
                        "the server closed the connection during the TLS handshake",
                        hint="Check the port and the TLS mode.",
                    )
                await self._handshake
        finally:
            self._handshake = None

    def _wake_handshake(self) -> None:
        if self._handshake is not None and not self._handshake.done():
            self._handshake.set_result(None)

    # The end.

    def _abort(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        transport = self._transport
        if transport is None:
            return
        if self._closed is None and self._loop is not None:
            self._closed = self._loop.create_future()
        if self._tls is not None and not transport.is_closing():
            transport.write(self._tls.farewell())
        transport.abort()

    async def _hang_up(self) -> None:
        self._abort()
        if self._closed is not None:
            await self._closed
        self._closed = None
        self._transport = self._tls = None

    def goodbye(self, farewell: Callable[[Machine], object]) -> None:
        """End the connection at the end of the program, without waiting for anybody."""
        machine = self._machine
        if machine is None or self._transport is None:
            return
        try:
            if machine.usable:
                farewell(machine)
                self._flush()
                machine.condemn(Disconnected("the program has ended"))
            self._abort()
        except RuntimeError:
            pass  # The event loop is closed; what could be said has been said.


async def _dial(
    protocol: AsyncDriver, host: str, port: int, *, proxy: str | None
) -> asyncio.Transport:
    loop, host = asyncio.get_running_loop(), host.strip("[]")
    try:
        if proxy is not None:
            from courriel.drive.proxy import connect_through_async

            connected = await connect_through_async(proxy, host, port, None)
            transport, _ = await loop.create_connection(lambda: protocol, sock=connected)
        else:
            transport, _ = await loop.create_connection(
                lambda: protocol, host, port, happy_eyeballs_delay=0.25, interleave=1
            )
    except (socket.gaierror, UnicodeError) as error:
        raise unresolved(host, error) from error
    except OSError as error:
        if isinstance(error, Broken):
            raise
        raise unreachable(host, port, [error]) from error
    return transport


def _lost(error: OSError) -> Disconnected:
    lost = Disconnected(
        f"the connection was lost: {error.strerror or error}", hint="Open the session again."
    )
    lost.__cause__ = error
    return lost
