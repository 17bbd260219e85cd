"""In which order the addresses of a host are tried, and what failing to reach one is called.

RFC 8305, 4: the families take turns, IPv6 first unless the resolver put IPv4 first; attempts start
250 ms apart, the first that succeeds wins.
"""

from __future__ import annotations

import os
import socket
from itertools import zip_longest
from typing import Any

from courriel.errors import Disconnected, TimedOut

ATTEMPT_DELAY = 0.25

Address = tuple[Any, ...]
"""What ``socket.getaddrinfo`` gives: family, type, protocol, canonical name, address."""


def interleaved(addresses: list[Address]) -> list[Address]:
    """Return the addresses with their families taking turns, each family in its own order."""
    families: dict[int, list[Address]] = {}
    for address in dict.fromkeys(addresses):
        families.setdefault(address[0], []).append(address)
    rounds = zip_longest(*families.values())
    return [address for turn in rounds for address in turn if address is not None]


def unresolved(host: str, error: OSError | UnicodeError) -> Disconnected:
    """Return the error for a name without addresses."""
    words = getattr(error, "strerror", None) or str(error)
    return Disconnected(
        f"the name {host!r} could not be resolved: {words}",
        hint="Check the host name, and that DNS works here.",
    )


def unreachable(host: str, port: int, errors: list[OSError]) -> Disconnected:
    """Return the error for a host none of whose addresses answered."""
    # The event loop puts its own words where the system's belong.
    words = "; ".join(dict.fromkeys(os.strerror(e.errno) if e.errno else str(e) for e in errors))
    return Disconnected(
        f"no connection to {host} port {port}: {words}",
        hint="Is the server running, is the port right, does a firewall block it?",
    )


def too_slow(host: str, port: int, hint: str) -> TimedOut:
    """Return the error for a connection that took too long."""
    return TimedOut(f"no connection to {host} port {port} in time", hint=hint)


def lost(error: OSError) -> Disconnected:
    """Return the error for a connection that the network took away."""
    wrapped = Disconnected(
        f"the connection was lost: {error.strerror or error}", hint="Open the session again."
    )
    # The frames that it came through hold what was to be sent, which may be a password.
    wrapped.__cause__ = error.with_traceback(None)
    return wrapped


def inherited() -> Disconnected:
    """Return the error for a connection that is another process's affair."""
    return Disconnected(
        "the session belongs to the process that has opened it",
        hint="Open it again in this one.",
    )


def closed() -> Disconnected:
    """Return the error for a connection that this side has closed."""
    return Disconnected("the connection is closed", hint="Open the session again.")


def local_name(local: Any) -> str:
    """Return how this machine calls itself in EHLO (RFC 5321, 4.1.1.1 and 4.1.4).

    Its host name where that is fully qualified, else the address literal of
    the connection's local end.
    """
    name = socket.gethostname()
    if "." in name.strip(".") and name.isascii() and all(_is_label(x) for x in name.split(".")):
        return name
    host = local[0] if isinstance(local, tuple) else "127.0.0.1"
    host = host.split("%", 1)[0]
    return f"[IPv6:{host}]" if ":" in host else f"[{host}]"


def _is_label(label: str) -> bool:
    return bool(label) and label.replace("-", "").isalnum() and len(label) <= 63
