"""Run the benchmark: every part, or those asked for; print the report, or keep it.

``--write`` renews ``benchmarks/RESULTS.md``, by a whole run only: its tables belong together. What
a part lacks on this machine (a server, a peer) is said in the report. A goal that is not met is
said there too; it is a finding, not a failure of the run.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence

from benchmarks import (
    big_body,
    idling,
    imports,
    latency,
    loopback,
    machine,
    memory,
    messages,
    reading,
    reading_latency,
)
from benchmarks.figures import Unmeasured
from benchmarks.processes import ROOT
from benchmarks.report import Section, goals_table
from benchmarks.scale import QUICK, WHOLE, Scale

RESULTS = ROOT / "benchmarks" / "RESULTS.md"

PARTS: dict[str, Callable[[Scale], list[Section]]] = {
    "loopback": loopback.measure,
    "latency": latency.measure,
    "import": imports.measure,
    "memory": memory.measure,
    "big": big_body.measure,
    "messages": messages.measure,
    "reading": reading.measure,
    "reading-latency": reading_latency.measure,
    "idling": idling.measure,
}


def main() -> None:
    """Read the arguments, measure, report."""
    options = arguments()
    sections: list[Section] = []
    left_out: list[str] = []
    for name in options.only:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        started = time.perf_counter()
        try:
            sections += PARTS[name](QUICK if options.quick else WHOLE)
        except Unmeasured as error:
            left_out.append(f"{name}: {error}")
        print(f"{name}: {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
    text = report(sections, left_out, command(options))
    if options.write:
        RESULTS.write_text(text, encoding="utf-8")
        print(f"written: {RESULTS.relative_to(ROOT)}", file=sys.stderr)
    print(text)


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line, or the words given."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke test: figures mean nothing")
    parser.add_argument("--write", action="store_true", help="renew benchmarks/RESULTS.md")
    parser.add_argument("--only", type=parts, default=list(PARTS), help=",".join(PARTS))
    options = parser.parse_args(words)
    if options.write and (options.quick or options.only != list(PARTS)):
        parser.error("--write keeps a whole run: give it without --quick and --only")
    return options


def parts(text: str) -> list[str]:
    """Read a list of parts' names."""
    names = text.split(",")
    for name in names:
        if name not in PARTS:
            raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(PARTS)}")
    return names


def command(options: argparse.Namespace) -> str:
    """Return the command that makes this report again."""
    words = ["python -m benchmarks"]
    words += ["--quick"] if options.quick else []
    words += [f"--only {','.join(options.only)}"] if options.only != list(PARTS) else []
    words += ["--write"] if options.write else []
    return " ".join(words)


def report(sections: list[Section], left_out: list[str], made_by: str) -> str:
    """Return the whole report as Markdown."""
    blocks = [
        "# Benchmark results",
        f"Made by `{made_by}`; every table is one run, its clients taking turns.",
        "\n".join(f"* {line}" for line in machine.description()),
    ]
    if left_out:
        blocks.append("Left out:\n\n" + "\n".join(f"* {line}" for line in left_out))
    if any(section.goals for section in sections):
        blocks += ["## Goals", goals_table(sections)]
    blocks += [section.markdown() for section in sections]
    return "\n\n".join(blocks) + "\n"


if __name__ == "__main__":
    main()
