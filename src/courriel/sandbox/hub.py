"""Hold the connections of one server: how many there may be, which are idle, how all end.

It lives in the server's event loop and is used from nowhere else.
"""

from __future__ import annotations

import asyncio

from courriel.sandbox.connection import Connection

# RFC 5321, 4.5.3.2.7: at least five minutes. Other protocols say themselves how long.
_IDLE = 300.0
_SWEEP = 15.0
# A descriptor each; more are a client that forgets to close.
_CONNECTIONS = 10_000
_TURNS = 3


class Hub:
    """All connections of a server."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._connections: set[Connection] = set()
        self._sweeping = self._loop.call_later(_SWEEP, self._sweep)

    def joined(self, connection: Connection) -> bool:
        """Note a new connection; False when there are too many."""
        self._connections.add(connection)
        return len(self._connections) <= _CONNECTIONS

    def left(self, connection: Connection) -> None:
        """Note that a connection is gone."""
        self._connections.discard(connection)

    async def end(self) -> None:
        """End all connections and wait until they are gone."""
        self._sweeping.cancel()
        # What the listeners accepted last needs some turns of the loop to come here.
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        connections = tuple(self._connections)
        for connection in connections:
            connection.end("4.3.2", "The sandbox is closing")
        await asyncio.gather(*[connection.gone for connection in connections])

    def _sweep(self) -> None:
        now = self._loop.time()
        for connection in tuple(self._connections):
            if now - connection.heard > (connection.idle or _IDLE):
                connection.end("4.4.2", "Nothing was heard for too long")
        self._sweeping = self._loop.call_later(_SWEEP, self._sweep)
