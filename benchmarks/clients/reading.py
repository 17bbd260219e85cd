"""Say what a reading client has to do, and what it did.

Only what all Python clients that read share lives here: arguments, the clock, memory, the line of
JSON. What is read is checked: every mail, and every octet of it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.dovecot import PASSWORD
from benchmarks.mails import SUBJECT, WHOLE_OCTETS
from benchmarks.resident import Growth


@dataclass(frozen=True, slots=True)
class Task:
    """How many mails to read, of whom, and in which of the client's ways.

    Mails are numbered from 1 without a gap, and so are their UIDs.
    """

    host: str
    port: int
    user: str
    count: int
    mode: str
    password: str = PASSWORD

    @classmethod
    def from_arguments(cls) -> Task:
        """Read the task from the command line."""
        host, port, user, count, mode = sys.argv[1:]
        return cls(host, int(port), user, int(count), mode)

    @property
    def numbers(self) -> range:
        """The mails to read."""
        return range(1, self.count + 1)

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Measure a block and print the line of figures."""
        growth, started = Growth(), time.perf_counter()
        yield
        seconds = time.perf_counter() - started
        figures = {"messages": self.count, "seconds": seconds, "octets": growth.octets()}
        print(json.dumps(figures))

    def check(self, sizes: list[int]) -> None:
        """Insist on every mail having come whole."""
        if sizes != [WHOLE_OCTETS] * self.count:
            raise SystemExit(f"{len(sizes)} mails of {sum(sizes)} octets came, not {self.count}")

    def check_count(self, count: int) -> None:
        """Insist on every mail having been listed."""
        if count != self.count:
            raise SystemExit(f"{count} of {self.count} mails were listed")

    def check_subjects(self, subjects: list[str]) -> None:
        """Insist on every mail having been listed, in order, with its Subject."""
        if subjects != [f"{SUBJECT} {number:06}" for number in self.numbers]:
            raise SystemExit(f"{len(subjects)} subjects of {self.count}, or the wrong ones")
