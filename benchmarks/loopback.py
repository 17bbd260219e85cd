"""Measure sending to Postfix's smtp-sink on loopback, where only the work of both ends counts.

It is measured twice, because where the scheduler puts client and server changes everything. On one
core a message costs the work of both, and nothing else. On two cores an end that waits goes to
sleep and must be woken across cores, which costs a virtual machine more than the message; whoever
asks and waits pays it for every answer, whoever pipelines does not. Left alone, the scheduler
chooses anew from run to run.
"""

from __future__ import annotations

import os
import shutil
from functools import partial

from benchmarks.figures import Figures, Unmeasured
from benchmarks.processes import free_port, placed, serving_silently
from benchmarks.report import Goal, Section
from benchmarks.scale import Scale
from benchmarks.senders import LOOPBACK, SENDERS, Sender, absent
from benchmarks.sending import Rates, rates, ratio, rows

TEXT = (
    "4 KiB messages over one connection to `smtp-sink`, client and server {placement}; messages a "
    "second: median (least–most). `smtp-sink` has PIPELINING, not CHUNKING. The clients' own "
    "clocks, from after the first message; `smtp-source` has none, its start and connection are "
    "in its time."
)
PEERS = ("smtplib", "aiosmtplib", "smtp-source")
WAYS = ("courriel async send", "courriel async send, 100 tasks", "courriel async send_many")


def measure(scale: Scale) -> list[Section]:
    """Measure every sender that is here, on one core and on two."""
    if shutil.which("smtp-sink") is None:
        raise Unmeasured("smtp-sink is not here: it is in Debian's package postfix")
    cores = sorted(os.sched_getaffinity(0))
    sections = [_section("one core", "on one core", scale, cores[0], cores[0])]
    if len(cores) > 1:
        sections.append(_section("two cores", "each on its own core", scale, cores[0], cores[1]))
    return sections


def _section(name: str, placement: str, scale: Scale, server: int, client: int) -> Section:
    port = free_port()
    command = ["smtp-sink", *(["-u", "nobody"] if os.geteuid() == 0 else [])]
    with placed(server), serving_silently([*command, f"{LOOPBACK}:{port}", "256"], port):
        senders = [_on(client, sender) for sender in SENDERS]
        count = partial(scale.count, scale.loopback)
        found = rates(senders, port, count, rounds=scale.rounds, absent=absent())
    return Section(
        f"Sending on loopback, {name}",
        TEXT.format(placement=placement),
        ("Sender", "Messages/s", *(f"× {peer}" for peer in PEERS)),
        rows(found, PEERS),
        goals=_goals(name, found),
    )


def _on(core: int, sender: Sender) -> Sender:
    def rate(port: int, count: int) -> float:
        with placed(core):
            return sender.rate(port, count)

    return Sender(sender.name, rate, sender.ours)


def _goals(placement: str, found: Rates) -> list[Goal]:
    def goal(name: str, peer: str, required: float) -> Goal:
        measured: Figures | None = ratio(found, name, peer)
        return Goal(f"loopback, {placement}: {name}, of {peer}", required, measured)

    return [
        goal("courriel send_source", "smtplib", 1.0),
        *(goal(way, "aiosmtplib", 3.5) for way in WAYS),
        *(goal(way, "smtp-source", 0.8) for way in WAYS[1:]),
    ]
