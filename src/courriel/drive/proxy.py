"""A connection through a SOCKS or HTTP proxy, by python-socks (extra ``proxy``).

Only the making of the socket; from there on a proxied connection is like any other.
"""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import urlsplit

from courriel.errors import Disconnected, Misused, TimedOut

_SCHEMES = ("socks4", "socks5", "http")


def connect_through(url: str, host: str, port: int, seconds: float | None) -> socket.socket:
    """Return a socket connected to ``host`` through the proxy at ``url``.

    Raises Misused for a URL that names no proxy, Disconnected and TimedOut.
    """
    proxy = _proxy(url, asynchronous=False)
    try:
        connected = proxy.connect(dest_host=host, dest_port=port, timeout=seconds)
    except Exception as error:
        raise _failure(url, error) from error
    assert isinstance(connected, socket.socket)
    return connected


async def connect_through_async(
    url: str, host: str, port: int, seconds: float | None
) -> socket.socket:
    """Do as ``connect_through``, without blocking the event loop."""
    proxy = _proxy(url, asynchronous=True)
    try:
        connected = await proxy.connect(dest_host=host, dest_port=port, timeout=seconds)
    except Exception as error:
        raise _failure(url, error) from error
    assert isinstance(connected, socket.socket)
    return connected


def _proxy(url: str, *, asynchronous: bool) -> Any:
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise Misused(
            f"the proxy must be one of {', '.join(_SCHEMES)}",
            operation="open",
            hint="Write it as socks5://user:password@host:port.",
        )
    try:
        if asynchronous:
            from python_socks.async_.asyncio import Proxy as AsyncProxy

            return AsyncProxy.from_url(url, rdns=True)
        from python_socks.sync import Proxy

        return Proxy.from_url(url, rdns=True)
    except ImportError as error:
        raise Misused(
            "a proxy needs the package python-socks",
            operation="open",
            hint="Install it with: pip install 'courriel[proxy]'.",
        ) from error


def _failure(url: str, error: Exception) -> Disconnected | TimedOut:
    # The URL may hold a password, so only its host is told.
    where = urlsplit(url).hostname
    if isinstance(error, TimeoutError) or "timeout" in type(error).__name__.lower():
        return TimedOut(f"the proxy {where} did not connect in time", hint="Check the proxy.")
    return Disconnected(f"the proxy {where} did not connect: {error}", hint="Check the proxy.")
