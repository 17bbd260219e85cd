"""How the asyncio driver reaches a server: happy eyeballs (RFC 8305) by the loop, or a proxy."""

from __future__ import annotations

import asyncio
import socket

from courriel.drive.addresses import ATTEMPT_DELAY, unreachable, unresolved
from courriel.errors import Broken
from courriel.model.secret import Secret


async def dial(
    protocol: asyncio.BaseProtocol, host: str, port: int, *, proxy: Secret | None
) -> asyncio.Transport:
    """Return a transport connected to ``host`` for ``protocol``. Raises Disconnected."""
    loop, host = asyncio.get_running_loop(), host.strip("[]")
    try:
        if proxy is not None:
            from courriel.drive.proxy import connect_through_async

            connected = await connect_through_async(proxy, host, port, None)
            transport, _ = await loop.create_connection(lambda: protocol, sock=connected)
        else:
            transport, _ = await loop.create_connection(
                lambda: protocol, host, port, happy_eyeballs_delay=ATTEMPT_DELAY, interleave=1
            )
    except (socket.gaierror, UnicodeError) as error:
        raise unresolved(host, error) from error
    except OSError as error:
        if isinstance(error, Broken):
            raise
        raise unreachable(host, port, [error]) from error
    return transport
