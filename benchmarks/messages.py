"""Measure how fast mails are read and composed: headers, whole mails, and those made to be slow.

The peers are the standard library with its modern policy and with the old one (``compat32``), each
asked for the same things of the same mails. Only the measuring lives here; who reads how is in
``parsers``, who writes how in ``composers``.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from benchmarks import composers, parsers
from benchmarks.composers import COMPOSERS
from benchmarks.figures import Figures, in_turns
from benchmarks.letters import letter, written
from benchmarks.mails import WHOLE_OCTETS
from benchmarks.parsers import (
    PARSERS,
    large_mail,
    recipients_mail,
    recipients_of,
    subject_of,
    words_mail,
)
from benchmarks.report import Goal, Section
from benchmarks.scale import Scale

T = TypeVar("T")

GROWTH = 100
"""How much longer the long list is than the short one."""
RECIPIENTS = 160
WORDS = 200


def measure(scale: Scale) -> list[Section]:
    """Read and write the same mails with everybody, in turns."""
    return [*reading(scale), composing(scale), growth(scale)]


def reading(scale: Scale) -> list[Section]:
    """Read letters, letters in other scripts, and a large mail."""
    header = {name: parser.header for name, parser in PARSERS.items()}
    whole = {name: parser.whole for name, parser in PARSERS.items()}
    goal = partial(_section, scale, ours=parsers.COURRIEL, peer=parsers.MODERN)
    notes = [f"`{parsers.COMPAT}` decodes no header: what it gives is octets in disguise."]
    size = f"{scale.messages:,} mails of {WHOLE_OCTETS // 1000} KB with an attachment"
    sections: list[Section] = []
    for foreign, kind in ((False, size), (True, f"{size}, in other scripts")):
        mails = [written(letter(number, foreign=foreign)) for number in range(scale.messages)]
        sections += [
            goal(f"Subject, sender and date of {kind}", header, mails, required=15, notes=notes),
            goal(f"Texts and attachments, decoded, of {kind}", whole, mails, required=5),
        ]
    large = large_mail()
    title = f"A mail of {len(large) / 1e6:.1f} MB with three attachments, decoded"
    return [*sections, goal(title, whole, [large], required=5)]


def composing(scale: Scale) -> Section:
    """Compose letters, every second one in other scripts."""
    letters = [letter(number, foreign=bool(number % 2)) for number in range(scale.messages)]
    return _section(
        scale,
        f"Composing {len(letters):,} mails of text, HTML and an attachment",
        COMPOSERS,
        letters,
        ours=composers.COURRIEL,
        peer=composers.MODERN,
        required=2,
    )


def _section(
    scale: Scale,
    title: str,
    ways: Mapping[str, Callable[[T], object]],
    items: Sequence[T],
    *,
    ours: str,
    peer: str,
    required: float,
    notes: Sequence[str] = (),
) -> Section:
    measures = {name: partial(_microseconds, way, items) for name, way in ways.items()}
    found = in_turns(measures, rounds=scale.rounds)
    figures = {name: f for name, f in found.items() if isinstance(f, Figures)}
    rows = [
        (name, f.text(1), f.ratio(figures[ours]).text(1) if name != ours else "")
        for name, f in figures.items()
    ]
    goals = [Goal(f"{title}, over `{peer}`", required, figures[peer].ratio(figures[ours]))]
    text = (
        "Microseconds a mail, median (least–most); the ratio is of that over ours, round by round."
    )
    return Section(title, text, ("By", "µs", "× ours"), rows, notes, goals)


def growth(scale: Scale) -> Section:
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
                "long": partial(_least, ask, long, 50),
            },
            rounds=scale.rounds,
        )
        one, many = found["short"], found["long"]
        if isinstance(one, Figures) and isinstance(many, Figures):
            ratio = many.ratio(one)
            rows.append((name, one.text(0), many.text(0), ratio.text(1)))
            goals.append(Goal(f"{count * GROWTH:,} instead of {name}", GROWTH, ratio, at_most=True))
    text = (
        f"The list of that length, and one {GROWTH} times as long; microseconds, the least of "
        "several readings, median (least–most) of the rounds."
    )
    return Section("Growth", text, ("List", "Short, µs", "Long, µs", "Growth"), rows, goals=goals)


def _microseconds(way: Callable[[T], object], items: Sequence[T]) -> float:
    way(items[0])
    gc.collect()
    return _timed(way, items)


def _least(way: Callable[[T], object], item: T, times: int) -> float:
    gc.collect()
    return min(_timed(way, [item]) for _ in range(times))


def _timed(way: Callable[[T], object], items: Sequence[T]) -> float:
    started = time.perf_counter()
    for item in items:
        way(item)
    return (time.perf_counter() - started) / len(items) * 1e6
