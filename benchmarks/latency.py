"""Measure sending to a real Postfix over 20 ms, where round trips count.

Between client and server lies the delay line, 10 ms each way. Postfix is the one of the tests,
with a port that has CHUNKING and one that has not; the messages are for a domain that it discards.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from benchmarks.figures import Figures
from benchmarks.ping import round_trip
from benchmarks.postfix import Postfix, running
from benchmarks.processes import module, serving
from benchmarks.report import Goal, Section
from benchmarks.scale import Scale
from benchmarks.senders import LOOPBACK, SENDERS, Sender, absent, sender
from benchmarks.sending import rates, ratio, rows

TITLE = "Sending over 20 ms"
DELAY = 0.010
"""Seconds each way."""
PEERS = ("smtplib", "aiosmtplib", "nodemailer")
WITHOUT = ", no CHUNKING"
"""Ends the names of the rows that were measured on the port without it."""
PIPELINED = ("courriel send_many", "courriel async send_many")


def measure(scale: Scale) -> list[Section]:
    """Measure every sender that is here, then ours once more without CHUNKING."""
    trip = round_trip(DELAY)
    with running() as postfix:
        found = _through_line(
            postfix, postfix.chunking_port, SENDERS, scale, scale.latency, absent()
        )
        pipelined = [sender(name) for name in PIPELINED]
        without = _through_line(
            postfix,
            postfix.plain_port,
            [sender("smtplib"), *pipelined],
            scale,
            {
                "smtplib": scale.count(scale.latency, "smtplib"),
                "": scale.latency_without_chunking,
            },
            {},
        )
    found |= {name + WITHOUT: figures for name, figures in without.items()}
    text = (
        f"4 KiB messages over one connection to Postfix through the delay line (round trip "
        f"measured: {trip.text(2)} ms), messages a second: median (least–most). Only courriel "
        "uses CHUNKING where it is offered. Postfix keeps its queue in memory where it can."
    )
    columns = ("Sender", "Messages/s", *(f"× {peer}" for peer in PEERS))
    return [Section(TITLE, text, columns, rows(found, PEERS, digits=1), goals=_goals(found))]


def _through_line(
    postfix: Postfix,
    port: int,
    senders: list[Sender] | tuple[Sender, ...],
    scale: Scale,
    counts: dict[str, int],
    missing: Mapping[str, str],
) -> dict[str, Figures | str]:
    line = module("benchmarks.delay_line", f"{LOOPBACK}:{port}", "--delay", DELAY)
    with serving(line) as entrance:
        return rates(
            senders,
            entrance,
            partial(scale.count, counts),
            rounds=scale.rounds,
            absent=missing,
            settle=postfix.settle,
        )


def _goals(found: Mapping[str, Figures | str]) -> list[Goal]:
    with_chunking = [
        Goal(f"20 ms, CHUNKING: {name}, of smtplib", 60, ratio(found, name, "smtplib"), digits=1)
        for name in PIPELINED
    ]
    without_chunking = [
        Goal(
            f"20 ms: {name}{WITHOUT}, of smtplib",
            3.9,
            ratio(found, name + WITHOUT, "smtplib" + WITHOUT),
        )
        for name in PIPELINED
    ]
    return with_chunking + without_chunking
