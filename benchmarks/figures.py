"""Take measurements in turns, and say what they amount to.

The machine's mood changes from second to second; what is compared is therefore measured in turns
within each round, and the median of the rounds counts. Only the arithmetic lives here.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figures:
    """What one thing measured, round by round."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The value in the middle."""
        return statistics.median(self.values)

    @property
    def least(self) -> float:
        """The smallest value."""
        return min(self.values)

    @property
    def most(self) -> float:
        """The largest value."""
        return max(self.values)

    def text(self, digits: int = 0) -> str:
        """Return the median with the range behind it."""
        return f"{self.median:,.{digits}f} ({self.least:,.{digits}f}–{self.most:,.{digits}f})"

    def ratio(self, other: Figures) -> Figures:
        """Return this over another, round by round: both halves of a round met the same mood."""
        return Figures(tuple(a / b for a, b in zip(self.values, other.values, strict=True)))


def in_turns(
    measures: Mapping[str, Callable[[], float]], *, rounds: int
) -> dict[str, Figures | str]:
    """Measure everything once per round, for some rounds.

    Every second round goes backwards, so that nobody always follows the same neighbour. What
    fails is not tried again; its entry is the reason.
    """
    values: dict[str, list[float]] = {name: [] for name in measures}
    failed: dict[str, str] = {}
    for turn in range(rounds):
        for name in list(measures)[:: 1 if turn % 2 == 0 else -1]:
            if name in failed:
                continue
            try:
                values[name].append(measures[name]())
            except Unmeasured as error:
                failed[name] = str(error)
    return {name: failed.get(name) or Figures(tuple(values[name])) for name in measures}


class Unmeasured(Exception):
    """A client or server could not do its part; the text says why."""
