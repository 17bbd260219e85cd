"""What a flow may ask of the world, besides waiting for a ticket. The set is closed.

A flow does ``peer = yield from Connect(...)``; the driver performs the effect and answers. Drivers
decide nothing: the order of these steps, and what follows from each, is written in flows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from courriel.faces import Effect
from courriel.model.secret import Secret
from courriel.protocol.machine import Machine
from courriel.protocol.ticket import Ticket

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Peer:
    """A fresh connection: ``local_name`` is how this machine may call itself in EHLO."""

    local_name: str


@dataclass(frozen=True, slots=True)
class Secured:
    """A finished TLS handshake; ``certificate`` is the peer's, in DER."""

    version: str
    certificate: bytes | None


class Connect(Effect[Peer]):
    """Connect to a server and attach ``machine`` to the connection.

    Raises Disconnected or TimedOut in the flow.
    """

    __slots__ = ("host", "machine", "port", "proxy")

    def __init__(self, machine: Machine, host: str, port: int, proxy: Secret | None) -> None:
        self.machine = machine
        self.host = host
        self.port = port
        self.proxy = proxy


class Secure(Effect[Secured]):
    """Shake hands for TLS on the connection; ``context`` None means the verified default.

    Raises InsecureConnection, Disconnected or TimedOut in the flow.
    """

    __slots__ = ("context", "host")

    def __init__(self, context: Any, host: str) -> None:
        self.context = context
        self.host = host


class HangUp(Effect[None]):
    """Close the connection of ``machine``, if it is still there. Never raises."""

    __slots__ = ("machine",)

    def __init__(self, machine: Machine) -> None:
        self.machine = machine


class Allow(Effect[None]):
    """Bound everything this flow waits for from now on by ``seconds`` together.

    While a bound is set the read timeout does not apply; None takes it away.
    """

    __slots__ = ("hint", "seconds")

    def __init__(self, seconds: float | None, hint: str = "") -> None:
        self.seconds = seconds
        self.hint = hint


class Now(Effect[float]):
    """Read the driver's clock, in seconds; only differences mean something."""

    __slots__ = ()


class Within(Effect[bool]):
    """Wait for ``ticket`` at most that many seconds; whether it is done.

    What is waited for so is owed by nobody: neither the read timeout nor the
    operation's total counts it, and the total begins anew behind it. The ticket
    is not given up.
    """

    __slots__ = ("seconds", "ticket")

    def __init__(self, ticket: Ticket[Any], seconds: float) -> None:
        self.ticket = ticket
        self.seconds = seconds


class Offload(Effect[T], Generic[T]):
    """Call ``function``, which may take long, and answer with what it returns.

    An event loop has a thread do it; a coroutine function is awaited.
    """

    __slots__ = ("function",)

    def __init__(self, function: Callable[[], T]) -> None:
        self.function = function


class End:
    """What ``Pull`` answers when the iterator has ended."""

    __slots__ = ()


END: Final = End()


# Iterators that give their items at once, so that nothing need be flushed before asking them.
QUICK_ITERATORS: tuple[type, ...] = (type(iter([])), type(iter(())))


class Pull(Effect[T | End], Generic[T]):
    """Take the next item of the caller's iterator, or ``END``."""

    __slots__ = ("iterator",)

    def __init__(self, iterator: Iterator[T]) -> None:
        self.iterator = iterator
