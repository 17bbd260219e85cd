"""A connection through a SOCKS or HTTP proxy, by python-socks (extra ``proxy``).

Only the making of the socket; from there on a proxied connection is like any other. The URL may
hold a password, so it is a ``Secret``, and of errors in python-socks only the words are kept.
"""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import urlsplit

from courriel.errors import Disconnected, Misused, TimedOut
from courriel.model.secret import Secret

_SCHEMES = ("socks4", "socks5", "http")


def connect_through(url: Secret, host: str, port: int, seconds: float | None) -> socket.socket:
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
    url: Secret, host: str, port: int, seconds: float | None
) -> socket.socket:
    """Do as ``connect_through``, without blocking the event loop."""
    proxy = _proxy(url, asynchronous=True)
    try:
        connected = await proxy.connect(dest_host=host, dest_port=port, timeout=seconds)
    except Exception as error:
        raise _failure(url, error) from error
    assert isinstance(connected, socket.socket)
    return connected


def _proxy(url: Secret, *, asynchronous: bool) -> Any:
    if not _is_proxy(url):
        raise Misused(
            f"the proxy must be a URL with one of {', '.join(_SCHEMES)}",
            operation="open",
            hint="Write it as socks5://user:password@host:port.",
        )
    try:
        if asynchronous:
            from python_socks.async_.asyncio import Proxy as AsyncProxy

            return AsyncProxy.from_url(url.reveal(), rdns=True)
        from python_socks.sync import Proxy

        return Proxy.from_url(url.reveal(), rdns=True)
    except ImportError as error:
        raise Misused(
            "a proxy needs the package python-socks",
            operation="open",
            hint="Install it with: pip install 'courriel[proxy]'.",
        ) from error


def _is_proxy(url: Secret) -> bool:
    try:
        parts = urlsplit(url.reveal())
        # Without a port python-socks gives up.
        return parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port is not None
    except ValueError:
        return False


def _failure(url: Secret, error: Exception) -> Disconnected | TimedOut:
    # The URL may hold a password, so only its host is told, and no frame that has seen more.
    error.__traceback__ = error.__cause__ = error.__context__ = None
    where = urlsplit(url.reveal()).hostname
    if isinstance(error, TimeoutError) or "timeout" in type(error).__name__.lower():
        return TimedOut(f"the proxy {where} did not connect in time", hint="Check the proxy.")
    return Disconnected(f"the proxy {where} did not connect: {error}", hint="Check the proxy.")
