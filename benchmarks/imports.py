"""Measure how long `import courriel` takes, in fresh interpreters taking turns."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from functools import partial

from benchmarks.figures import Figures, Unmeasured, in_turns
from benchmarks.report import Goal, Section
from benchmarks.scale import Scale

TITLE = "Importing"
TEXT = (
    "Fresh interpreters, taking turns, byte code compiled before; milliseconds from start to end: "
    "median (least–most). The ratio is of what each adds to an interpreter that imports nothing, "
    "and of the whole."
)
BARE = "pass"
PEER = "import smtplib, email.message"
OURS = "import courriel"
SESSION = "from courriel import SMTPSession"
BOTH = "from courriel import SMTPSession, AsyncSMTPSession"
PROGRAMS = (BARE, PEER, OURS, SESSION, BOTH)


def measure(scale: Scale) -> list[Section]:
    """Start every program often."""
    with tempfile.TemporaryDirectory() as folder:
        # The first round compiles everything into the folder, whatever the environment forbids.
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = folder
        measures = {p: partial(_milliseconds, p, environment) for p in PROGRAMS}
        in_turns(measures, rounds=1)
        found = in_turns(measures, rounds=scale.interpreter_starts)
    whole = {name: f for name, f in found.items() if isinstance(f, Figures)}
    if BARE not in whole or PEER not in whole:
        raise Unmeasured("the interpreter could not be started")
    added = {name: _median_less(f, whole[BARE].median) for name, f in whole.items()}
    rows = [
        (
            f"`{name}`",
            whole[name].text(1) if name in whole else str(found[name]),
            f"{added[name].median:.1f}" if name in added else "",
            f"{added[name].median / added[PEER].median:.2f}" if name in added else "",
            f"{whole[name].median / whole[PEER].median:.2f}" if name in whole else "",
        )
        for name in PROGRAMS
    ]
    goals = [
        Goal(
            f"`{name}`, time added, of `{PEER}`",
            1.3,
            _of_medians(added[name], added[PEER]) if name in added else None,
            at_most=True,
        )
        for name in (OURS, SESSION)
    ]
    columns = ("Program", "Whole, ms", "Added, ms", "× added", "× whole")
    return [Section(TITLE, TEXT, columns, rows, goals=goals)]


def _median_less(figures: Figures, bare: float) -> Figures:
    return Figures(tuple(value - bare for value in figures.values))


def _of_medians(one: Figures, other: Figures) -> Figures:
    # Single starts scatter more than the import takes; only medians are divided.
    return Figures((one.median / other.median,))


def _milliseconds(program: str, environment: dict[str, str]) -> float:
    started = time.perf_counter()
    child = os.posix_spawn(sys.executable, [sys.executable, "-c", program], environment)
    _, status = os.waitpid(child, 0)
    elapsed = time.perf_counter() - started
    if status:
        raise Unmeasured(f"`{program}` failed")
    return elapsed * 1000
