"""Measure readers in turns, and keep what each found: its rate, and its growth in memory.

What the reading tables share lives here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from benchmarks.figures import Figures, in_turns
from benchmarks.readers import Job, Reader, absent
from benchmarks.report import Goal
from benchmarks.sending import ratio

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Readings:
    """What the readers of one table found."""

    rates: dict[str, Figures | str]
    """Mails a second by name, or why there are none."""
    growths: dict[str, Figures]
    """Octets by which the peak of memory grew, of those who can tell."""

    def goal(self, where: str, name: str, peer: str, required: float, digits: int = 2) -> Goal:
        """Return the goal that one reader is so many times as quick as a peer."""
        measured = ratio(self.rates, name, peer)
        return Goal(f"{where}: {name}, of {peer}", required, measured, digits=digits)

    def growth(self, name: str) -> str:
        """Return a reader's growth in MiB, or nothing."""
        figures = self.growths.get(name)
        return "" if figures is None else mebibytes(figures).text(1)


def readings(
    readers: Sequence[Reader], port: int, user: str, count: Callable[[str], int], *, rounds: int
) -> Readings:
    """Measure each reader that is here on the mails of one user, in turns."""
    missing = absent(readers)
    growths: dict[str, list[float]] = {}

    def measure(reader: Reader) -> float:
        found = reader.read(Job(port, user, count(reader.name)))
        if found.growth is not None:
            growths.setdefault(reader.name, []).append(found.growth)
        return found.rate

    present = {r.name: partial(measure, r) for r in readers if r.name not in missing}
    found = in_turns(present, rounds=rounds)
    return Readings(
        {r.name: missing.get(r.name) or found[r.name] for r in readers},
        {name: Figures(tuple(values)) for name, values in growths.items()},
    )


def mebibytes(figures: Figures) -> Figures:
    """Return octets as MiB."""
    return Figures(tuple(value / MIB for value in figures.values))
