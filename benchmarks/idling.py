"""Measure what an asyncio IMAP session that waits for new mail in IDLE costs in memory."""

from __future__ import annotations

from functools import partial

from benchmarks.figures import Figures, in_turns
from benchmarks.memory import kibibytes, octets_per_session
from benchmarks.processes import module, serving
from benchmarks.report import Goal, Section
from benchmarks.scale import Scale

TITLE = "Sessions in IDLE"
CLIENTS = {"aioimaplib": "aioimaplib", "courriel": "courriel watch"}


def measure(scale: Scale) -> list[Section]:
    """Hold thousands of sessions in IDLE, for each client, in turns."""
    with serving(module("benchmarks.idle_server")) as port:
        found = in_turns(
            {
                name: partial(octets_per_session, "idling", kind, port, scale.idle_sessions)
                for kind, name in CLIENTS.items()
            },
            rounds=min(2, scale.rounds),
        )
    text = (
        f"{scale.idle_sessions:,} IMAP sessions in one process, each in IDLE and heard of once "
        "there, plaintext, the server (ours, for this purpose) in another; growth of the "
        "process's resident memory after a collection, KiB per session: median (least–most). "
        "Fifty sessions were open before, so that modules and loop are not counted."
    )
    rows = [
        (name, kibibytes(f).text(1) if isinstance(f, Figures) else f) for name, f in found.items()
    ]
    ours = found[CLIENTS["courriel"]]
    goal = Goal(
        "memory of an async IMAP session in IDLE",
        25,
        kibibytes(ours) if isinstance(ours, Figures) else None,
        unit="KiB",
        at_most=True,
        digits=1,
    )
    return [Section(TITLE, text, ("Client", "KiB per session"), rows, goals=[goal])]
