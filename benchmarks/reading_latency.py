"""Measure reading over 20 ms, where round trips count: single mails over IMAP, and POP3.

Between client and Dovecot lies the delay line, 10 ms each way.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from benchmarks.dovecot import running
from benchmarks.latency import DELAY
from benchmarks.mails import WHOLE_OCTETS
from benchmarks.ping import round_trip
from benchmarks.processes import module, serving
from benchmarks.readers import LOOPBACK, Reader
from benchmarks.reading_tables import POP3, SINGLE
from benchmarks.readings import Readings, readings
from benchmarks.report import Section
from benchmarks.scale import Scale
from benchmarks.sending import rows

PIPELINES = ("courriel fetch, pipeline", "courriel async fetch, pipeline")
STREAMS = ("courriel fetch_many", "courriel async fetch_many")


def measure(scale: Scale) -> list[Section]:
    """Measure every reader that is here through the line, over IMAP and over POP3."""
    trip = round_trip(DELAY)
    with running(whole=scale.whole_mails) as dovecot:
        imap = _through_line(SINGLE, dovecot.imap_port, dovecot.whole, scale.imap_latency, scale)
        pop3 = _through_line(POP3, dovecot.pop3_port, dovecot.whole, scale.pop3_latency, scale)
    text = (
        f"Mails of {WHOLE_OCTETS:,} octets from Dovecot through the delay line (round trip "
        f"measured: {trip.text(2)} ms), mails a second: median (least–most)."
    )
    return [
        Section(
            "IMAP over 20 ms, mail by mail",
            f"{text} A pipeline is of {scale.imap_latency['']} single `fetch` calls.",
            ("Reader", "Mails/s", "× imaplib", "× aioimaplib"),
            rows(imap.rates, ("imaplib", "aioimaplib"), digits=1),
            goals=[imap.goal("IMAP, 20 ms", name, "imaplib", 50, digits=1) for name in PIPELINES],
        ),
        Section(
            "POP3 over 20 ms",
            text,
            ("Reader", "Mails/s", "× poplib"),
            rows(pop3.rates, ("poplib",), digits=1),
            goals=[pop3.goal("POP3, 20 ms", name, "poplib", 70, digits=1) for name in STREAMS],
        ),
    ]


def _through_line(
    readers: Sequence[Reader], port: int, user: str, counts: dict[str, int], scale: Scale
) -> Readings:
    line = module("benchmarks.delay_line", f"{LOOPBACK}:{port}", "--delay", DELAY)
    with serving(line) as entrance:
        return readings(readers, entrance, user, partial(scale.count, counts), rounds=scale.rounds)
