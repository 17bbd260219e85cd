"""What all protocol machines share: octets in and out, counters, and the end.

A machine is one pure object a connection. It owns framing, order, state and limits; it knows no
socket, no clock and no thread, so that a conversation can be played to it in a test, octet by
octet. A driver moves octets: ``receive_data`` and ``receive_eof`` in, ``data_to_send`` and
``data_sent`` out. Counters tell the driver whether there is progress; what that means in seconds
is the driver's business.
"""

from __future__ import annotations

import sys
from collections import deque
from typing import TYPE_CHECKING, Any

from courriel.errors import Broken, CourrielError, Disconnected
from courriel.model.limits import Limits
from courriel.protocol.ticket import Ticket

if TYPE_CHECKING:
    from logging import Logger


def wire_log() -> Logger | None:
    """Return the logger of the conversation, ``courriel.wire``, if anybody listens at DEBUG.

    Who has not loaded ``logging`` does not listen; courriel does not load it
    for him.
    """
    logging = sys.modules.get("logging")
    if logging is None:
        return None
    logger: Logger = logging.getLogger("courriel.wire")
    return logger if logger.isEnabledFor(logging.DEBUG) else None


class Machine:
    """One connection's protocol state. Subclasses add the grammar."""

    __slots__ = (
        "_drained",
        "_events",
        "_out",
        "answers",
        "error",
        "limits",
        "octets_of_bodies",
        "octets_queued",
        "octets_sent",
        "secured",
    )

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.error: CourrielError | None = None
        """Why the connection cannot be used any more, or None."""
        self.answers = 0
        """Complete answers received."""
        self.octets_queued = 0
        """Octets ever given out for sending, or about to be."""
        self.octets_sent = 0
        """Octets that the transport has taken."""
        self.octets_of_bodies = 0
        """Octets received of messages, whose answers take as long as they are large."""
        self.secured = False
        self._out: list[bytes] = []
        self._events: deque[Any] = deque()
        self._drained: list[Ticket[None]] = []

    @property
    def usable(self) -> bool:
        """Whether the connection may be used, as far as the machine knows."""
        return self.error is None

    @property
    def awaiting(self) -> bool:
        """Whether the server owes something, so that the read timeout counts."""
        raise NotImplementedError

    @property
    def idle(self) -> bool:
        """Whether nothing is in flight and nothing waits to be sent."""
        raise NotImplementedError

    @property
    def words(self) -> frozenset[str]:
        """What the server offers, in upper case."""
        raise NotImplementedError

    def seal(self) -> None:
        """Expect TLS: whatever arrives before the handshake is an attack."""
        raise NotImplementedError

    def begin_secured(self) -> None:
        """Take note that TLS protects the connection, and forget what was heard before it."""
        raise NotImplementedError

    def part(self) -> None:
        """Say goodbye without waiting for its answer, if the line is free for it."""
        raise NotImplementedError

    def receive_data(self, data: bytes) -> None:
        """Take what arrived."""
        raise NotImplementedError

    def receive_eof(self) -> None:
        """Take note that the peer has ended the connection."""
        self.condemn(
            Disconnected(
                "the server closed the connection",
                hint="Open the session again; the server's log may say why.",
            )
        )

    def data_to_send(self) -> bytes:
        """Return what may be sent now, once; report it with ``data_sent``."""
        out = self._out
        if not out:
            return b""
        data = out[0] if len(out) == 1 else b"".join(out)
        out.clear()
        return data

    @property
    def has_data_to_send(self) -> bool:
        """Whether ``data_to_send`` would return octets."""
        return bool(self._out)

    def data_sent(self, octets: int) -> None:
        """Take note that the transport took that many octets more."""
        self.octets_sent += octets
        if self._drained and self.octets_sent == self.octets_queued:
            drained, self._drained = self._drained, []
            for ticket in drained:
                ticket.resolve(None)

    def drained(self) -> Ticket[None]:
        """Return a ticket that is resolved when all queued octets are with the transport."""
        ticket: Ticket[None] = Ticket()
        if self.error is not None:
            ticket.fail(self.error)
        elif self.octets_sent == self.octets_queued:
            ticket.resolve(None)
        else:
            self._drained.append(ticket)
        return ticket

    def next_event(self) -> Any | None:
        """Return the next thing that no command asked for, or None."""
        return self._events.popleft() if self._events else None

    def condemn(self, error: CourrielError) -> None:
        """End the connection's life: every ticket fails, nothing more is sent or believed."""
        if self.error is not None:
            return
        self.error = error
        self._out.clear()
        drained, self._drained = self._drained, []
        for ticket in drained:
            ticket.fail(error)
        self._fail_all(error)

    def _fail_all(self, error: CourrielError) -> None:
        raise NotImplementedError

    def check_usable(self) -> None:
        """Raise why the connection cannot be used, if it cannot."""
        if self.error is None:
            return
        if isinstance(self.error, Broken):
            raise Disconnected(
                f"the session is broken: {self.error.message}",
                hint="Close it and open a new one.",
            ) from self.error
        raise self.error

    def _send(self, data: bytes) -> None:
        self.octets_queued += len(data)
        self._out.append(data)
