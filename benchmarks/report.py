"""Hold what a part of the benchmark found, and write it as Markdown.

Only the shape of the report lives here; what is in it is its parts' business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.figures import Figures


@dataclass(frozen=True, slots=True)
class Goal:
    """A promise of the project, and what was measured of it."""

    text: str
    required: float
    measured: Figures | None
    unit: str = "×"
    at_most: bool = False
    digits: int = 2

    @property
    def met(self) -> bool:
        """Whether the median keeps the promise; what was not measured does not."""
        if self.measured is None:
            return False
        if self.at_most:
            return self.measured.median <= self.required
        return self.measured.median >= self.required

    def cells(self) -> tuple[str, str, str, str]:
        """Return goal, requirement, measurement and verdict."""
        sign = "≤" if self.at_most else "≥"
        required = f"{sign} {self.required:g} {self.unit}"
        if self.measured is None:
            return self.text, required, "–", "not measured"
        return (
            self.text,
            required,
            f"{self.measured.text(self.digits)} {self.unit}",
            "met" if self.met else "**not met**",
        )


@dataclass(frozen=True, slots=True)
class Section:
    """One part's findings."""

    title: str
    text: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()
    goals: Sequence[Goal] = field(default=())

    def markdown(self) -> str:
        """Return the section as Markdown."""
        blocks = [f"## {self.title}", self.text, table(self.columns, self.rows)]
        if self.notes:
            blocks.append("\n".join(f"* {note}" for note in self.notes))
        return "\n\n".join(blocks)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table, padded so that it reads as plain text too."""
    lines = [list(columns), *map(list, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    padded = [
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        + " |"
        for line in lines
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([padded[0], rule, *padded[1:]])


def goals_table(sections: Sequence[Section]) -> str:
    """Return every section's goals as one Markdown table."""
    cells = [goal.cells() for section in sections for goal in section.goals]
    return table(("Goal", "Required", "Measured", "Verdict"), cells)
