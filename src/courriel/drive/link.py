"""A connected TCP socket as the blocking driver wants it: never blocking, except in ``wait``.

``wait`` is the only place where a thread rests, so it is the only place where Ctrl-C finds it, and
there nothing is half done. ``connect`` makes a link by RFC 8305.
"""

from __future__ import annotations

import os
import select
import selectors
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from courriel.drive.addresses import (
    ATTEMPT_DELAY,
    Address,
    interleaved,
    local_name,
    too_slow,
    unreachable,
    unresolved,
)
from courriel.model.secret import Secret

# Below the size from which the C library maps memory anew for every read.
_READ = 64 * 1024
# A day: what poll() takes is bounded, and whoever waits longer comes back.
_LONGEST = 86_400
_QUICKACK = getattr(socket, "TCP_QUICKACK", None) if sys.platform == "linux" else None


class Link(Protocol):
    """What the blocking driver needs of a transport."""

    local_name: str

    def send(self, data: bytes | memoryview) -> int:
        """Hand over octets without waiting; return how many were taken."""
        ...

    def receive(self) -> bytes | None:
        """Return what has arrived, ``b""`` for the end, None for nothing yet."""

    def acknowledge(self) -> None:
        """Have the network acknowledge at once, since nothing will be sent that could carry it."""

    def wait(self, *, read: bool, write: bool, seconds: float | None) -> None:
        """Rest until the link can be read or written, or that many seconds are over."""

    def shutdown(self) -> None:
        """End both directions, which wakes whoever waits."""

    def close(self) -> None:
        """Give the socket back."""


class SocketLink:
    """A link over a real socket."""

    __slots__ = ("_polls", "_socket", "local_name")

    def __init__(self, connected: socket.socket) -> None:
        connected.setblocking(False)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = connected
        self._polls: dict[bool, Any] = {}
        self.local_name = local_name(connected.getsockname())

    def send(self, data: bytes | memoryview) -> int:
        try:
            return self._socket.send(data)
        except (BlockingIOError, InterruptedError):
            return 0

    def receive(self) -> bytes | None:
        try:
            return self._socket.recv(_READ)
        except (BlockingIOError, InterruptedError):
            return None

    def acknowledge(self) -> None:
        # The kernel falls back to delayed acknowledgements by itself; see architecture, 3.
        if _QUICKACK is not None:
            # Another thread may have closed the socket, and not every socket is TCP's.
            with suppress(OSError):
                self._socket.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)

    def wait(self, *, read: bool, write: bool, seconds: float | None) -> None:
        if not hasattr(select, "poll"):
            wanted = [self._socket]
            writers = wanted if write else []
            # Windows reports a failed connection in the third set only.
            select.select(wanted if read else [], writers, writers, seconds)
            return
        # Only the one thread that reads uses the kept objects: poll objects cannot be shared.
        poll = self._polls.get(write) if read else None
        if poll is None:
            poll = select.poll()
            mask = (select.POLLIN if read else 0) | (select.POLLOUT if write else 0)
            poll.register(self._socket, mask)
            if read:
                self._polls[write] = poll
        poll.poll(None if seconds is None else min(max(0, seconds), _LONGEST) * 1000)

    def shutdown(self) -> None:
        # The peer may have been faster.
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._polls.clear()
        self._socket.close()


def connect(
    host: str,
    port: int,
    *,
    proxy: Secret | None,
    deadline: Callable[[], float | None],
    hint: str,
) -> SocketLink:
    """Connect to the first address of ``host`` that answers.

    ``deadline`` returns the seconds left, None for no end. Raises Disconnected
    and TimedOut.
    """
    if proxy is not None:
        from courriel.drive.proxy import connect_through

        return SocketLink(connect_through(proxy, host, port, deadline()))
    addresses = interleaved(_resolve(host, port, deadline(), hint))
    return SocketLink(_race(addresses, host, port, deadline, hint))


def _resolve(host: str, port: int, seconds: float | None, hint: str) -> list[Address]:
    """Look the name up. The system's resolver cannot be hurried, so a thread waits for it."""
    name = host.strip("[]")
    if name.replace(".", "").isdigit() or ":" in name:
        return _looked_up(name, port)
    found: list[list[Address] | Exception] = []

    def look_up() -> None:
        try:
            found.append(_looked_up(name, port))
        except Exception as error:  # noqa: BLE001 - It is raised again in the thread that waits.
            found.append(error)

    thread = threading.Thread(target=look_up, name="courriel-resolver", daemon=True)
    thread.start()
    thread.join(seconds)
    if not found:
        raise too_slow(host, port, hint)
    if isinstance(found[0], Exception):
        raise found[0]
    return found[0]


def _looked_up(name: str, port: int) -> list[Address]:
    try:
        return list(socket.getaddrinfo(name, port, type=socket.SOCK_STREAM))
    except (OSError, UnicodeError) as error:
        raise unresolved(name, error) from error


def _race(
    addresses: list[Address],
    host: str,
    port: int,
    deadline: Callable[[], float | None],
    hint: str,
) -> socket.socket:
    waiting = list(reversed(addresses))
    errors: list[OSError] = []
    with selectors.DefaultSelector() as selector:
        try:
            while waiting or selector.get_map():
                if waiting:
                    _attempt(waiting.pop(), selector, errors)
                if not selector.get_map():
                    continue
                seconds = deadline()
                if waiting:
                    seconds = min(ATTEMPT_DELAY, ATTEMPT_DELAY if seconds is None else seconds)
                rest = _LONGEST if seconds is None else min(seconds, _LONGEST)
                ready = selector.select(rest)
                for key, _ in ready:
                    attempt = key.fileobj
                    assert isinstance(attempt, socket.socket)
                    selector.unregister(attempt)
                    code = attempt.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                    if code == 0:
                        return attempt
                    attempt.close()
                    errors.append(OSError(code, os.strerror(code)))
                if not ready and not waiting and rest == seconds:
                    raise too_slow(host, port, hint)
            raise unreachable(host, port, errors) from (errors[-1] if errors else None)
        finally:
            for key in list(selector.get_map().values()):
                assert isinstance(key.fileobj, socket.socket)
                key.fileobj.close()


def _attempt(address: Address, selector: selectors.BaseSelector, errors: list[OSError]) -> None:
    family, kind, protocol, _, target = address
    try:
        attempt = socket.socket(family, kind, protocol)
    except OSError as error:
        errors.append(error)
        return
    attempt.setblocking(False)
    try:
        attempt.connect(target)
    except BlockingIOError:
        pass
    except OSError as error:
        errors.append(error)
        attempt.close()
        return
    selector.register(attempt, selectors.EVENT_WRITE)
