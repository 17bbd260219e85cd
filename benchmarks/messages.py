"""Measure how fast mails are read: their header, all of them, and those made to be slow.

The peers are the standard library's parser with its modern policy and with the old one
(``compat32``), each asked for the same things. Only the measuring lives here; who reads how is in
``parsers``.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from functools import partial

from benchmarks.figures import Figures, in_turns
from benchmarks.mails import WHOLE_OCTETS, whole_mail
from benchmarks.parsers import (
    COMPAT,
    COURRIEL,
    MODERN,
    PARSERS,
    large_mail,
    recipients_mail,
    recipients_of,
    subject_of,
    words_mail,
)
from benchmarks.report import Goal, Section
from benchmarks.scale import Scale

GROWTH = 100
"""How much longer the long list is than the short one."""
RECIPIENTS = 160
WORDS = 200


def measure(scale: Scale) -> list[Section]:
    """Read the same mails with every parser, in turns."""
    mails = [whole_mail(number) for number in range(scale.messages)]
    kib = WHOLE_OCTETS // 1000
    head = f"Subject, sender and date of {len(mails):,} mails of {kib} KB with an attachment"
    large = large_mail()
    return [
        _section(scale, head, "header", mails, required=15),
        _section(scale, "The same mails, texts and attachments decoded", "whole", mails, 5),
        _section(
            scale,
            f"A mail of {len(large) / 1e6:.1f} MB with three attachments",
            "whole",
            [large],
            5,
        ),
        _growth(scale),
    ]


def _section(
    scale: Scale, title: str, what: str, mails: Sequence[bytes], required: float
) -> Section:
    measures = {
        name: partial(_microseconds, getattr(parser, what), mails)
        for name, parser in PARSERS.items()
    }
    found = in_turns(measures, rounds=scale.rounds)
    figures = {name: f for name, f in found.items() if isinstance(f, Figures)}
    ours = figures[COURRIEL]
    rows = [
        (name, f.text(1), f.ratio(ours).text(1) if name != COURRIEL else "")
        for name, f in figures.items()
    ]
    goals = [Goal(f"{title}, over `{MODERN}`", required, figures[MODERN].ratio(ours), digits=1)]
    text = (
        "Microseconds a mail, median (least–most); the ratio is of that over ours, round by round."
    )
    notes = [f"`{COMPAT}` decodes no header: what it gives is octets in disguise."]
    return Section(title, text, ("Parser", "µs", "× ours"), rows, notes, goals)


def _growth(scale: Scale) -> Section:
    """Read lists, and lists a hundred times as long."""
    cases = {
        f"{RECIPIENTS:,} recipients": (recipients_of, recipients_mail, RECIPIENTS),
        f"{WORDS:,} encoded words": (subject_of, words_mail, WORDS),
    }
    rows: list[Sequence[str]] = []
    goals: list[Goal] = []
    for name, (ask, make, count) in cases.items():
        short, long = make(count), make(count * GROWTH)
        found = in_turns(
            {
                "short": partial(_least, ask, short, 200),
                "long": partial(_least, ask, long, 5),
            },
            rounds=scale.rounds,
        )
        one, many = found["short"], found["long"]
        if isinstance(one, Figures) and isinstance(many, Figures):
            growth = many.ratio(one)
            rows.append((name, one.text(0), many.text(0), growth.text(1)))
            goals.append(
                Goal(f"{count * GROWTH:,} instead of {name}", GROWTH, growth, at_most=True)
            )
    text = (
        f"The list of that length, and one {GROWTH} times as long; microseconds, the least of "
        "several readings, median (least–most) of the rounds."
    )
    return Section("Growth", text, ("List", "Short, µs", "Long, µs", "Growth"), rows, goals=goals)


def _microseconds(read: Callable[[bytes], object], mails: Sequence[bytes]) -> float:
    read(mails[0])
    gc.collect()
    started = time.perf_counter()
    for mail in mails:
        read(mail)
    return (time.perf_counter() - started) / len(mails) * 1e6


def _least(read: Callable[[bytes], object], mail: bytes, times: int) -> float:
    return min(_microseconds(read, [mail]) for _ in range(times))
