"""Bound all mailboxes of a server together, and guard them with one lock.

What would grow beyond the capacity is refused whole, so that a runaway test ends with a refusal
and not with a dead machine. Only counting and locking live here.
"""

from __future__ import annotations

import threading

from courriel.errors import Refused


class Room:
    """``capacity`` octets, and ``changed``: the lock of all mailboxes, told of every change."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.changed = threading.Condition(threading.RLock())
        self._octets = 0

    @property
    def octets(self) -> int:
        """How many octets are taken."""
        return self._octets

    def take(self, octets: int) -> None:
        """Take so many octets; raises Refused (452 4.3.1) when there are not as many left."""
        with self.changed:
            self.check(octets)
            self._octets += octets

    def check(self, octets: int) -> None:
        """Raise Refused (452 4.3.1) when there are not so many octets left."""
        with self.changed:
            if self._octets + octets > self.capacity:
                raise Refused(
                    f"the mailboxes hold {self._octets} of {self.capacity} octets",
                    operation="sandbox",
                    hint="Clear a mailbox or give the server a larger capacity.",
                    code=452,
                    enhanced="4.3.1",
                    text="Insufficient system storage",
                )

    def release(self, octets: int) -> None:
        """Give so many octets back."""
        with self.changed:
            self._octets -= octets
