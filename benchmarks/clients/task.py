"""Say what a client has to do, and what it did.

Only what all Python clients share lives here: arguments, the clock, the line of JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.message import RECIPIENT, SENDER, message


@dataclass(frozen=True, slots=True)
class Task:
    """Where to send how many messages, and in which of the client's ways."""

    host: str
    port: int
    count: int
    mode: str
    source: bytes
    sender: str = SENDER
    recipient: str = RECIPIENT

    @classmethod
    def from_arguments(cls) -> Task:
        """Read the task from the command line."""
        host, port, count, *mode = sys.argv[1:]
        return cls(host, int(port), int(count), "".join(mode), message())

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Measure a block and print the line of figures."""
        started = time.perf_counter()
        yield
        seconds = time.perf_counter() - started
        print(json.dumps({"messages": self.count, "seconds": seconds}))

    def check(self, accepted: int) -> None:
        """Insist on every message having been accepted."""
        if accepted != self.count:
            raise SystemExit(f"{accepted} of {self.count} messages accepted")
