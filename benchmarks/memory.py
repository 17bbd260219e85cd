"""Measure what an open, idle asyncio session in plaintext costs in memory."""

from __future__ import annotations

from functools import partial

from benchmarks.figures import Figures, in_turns
from benchmarks.processes import answer, module, serving
from benchmarks.report import Goal, Section
from benchmarks.scale import Scale
from benchmarks.senders import LOOPBACK

TITLE = "Idle sessions"
CLIENTS = {"aiosmtplib": "aio", "courriel": "courriel"}
KIB = 1024


def measure(scale: Scale) -> list[Section]:
    """Hold thousands of sessions open, for each client, in turns."""
    with serving(module("benchmarks.sink_server")) as port:
        found = in_turns(
            {
                name: partial(octets_per_session, "idle", kind, port, scale.idle_sessions)
                for name, kind in CLIENTS.items()
            },
            rounds=min(2, scale.rounds),
        )
    text = (
        f"{scale.idle_sessions:,} open sessions in one process, plaintext, the server in another; "
        "growth of the process's resident memory after a collection, KiB per session: median "
        "(least–most). Fifty sessions were open before, so that modules and loop are not counted."
    )
    rows = [
        (name, kibibytes(f).text(1) if isinstance(f, Figures) else f) for name, f in found.items()
    ]
    ours = found["courriel"]
    goal = Goal(
        "memory of an idle async session",
        20,
        kibibytes(ours) if isinstance(ours, Figures) else None,
        unit="KiB",
        at_most=True,
        digits=1,
    )
    return [Section(TITLE, text, ("Client", "KiB per session"), rows, goals=[goal])]


def kibibytes(figures: Figures) -> Figures:
    """Return octets as KiB."""
    return Figures(tuple(value / KIB for value in figures.values))


def octets_per_session(client: str, kind: str, port: int, count: int) -> float:
    """Return what a session costs by a client of ``benchmarks.clients`` that holds many open."""
    figures = answer(module(f"benchmarks.clients.{client}", LOOPBACK, port, count, kind))
    return float(figures["octets"]) / float(figures["sessions"])
