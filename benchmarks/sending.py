"""Measure senders in turns on one port, and set the rates side by side.

What the loopback table and the latency table share lives here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from benchmarks.figures import Figures, in_turns
from benchmarks.senders import Sender

Rates = Mapping[str, "Figures | str"]


def rates(
    senders: Sequence[Sender],
    port: int,
    count: Callable[[str], int],
    *,
    rounds: int,
    absent: Mapping[str, str],
    settle: Callable[[], None] = lambda: None,
) -> dict[str, Figures | str]:
    """Measure messages a second of each sender; the reason where there is none.

    ``settle`` is called before each run, for a server that has work left from the last one.
    """

    def measure(sender: Sender) -> float:
        settle()
        return sender.rate(port, count(sender.name))

    present = {s.name: partial(measure, s) for s in senders if s.name not in absent}
    found = in_turns(present, rounds=rounds)
    return {s.name: absent.get(s.name) or found[s.name] for s in senders}


def rows(found: Rates, against: Sequence[str], *, digits: int = 0) -> list[tuple[str, ...]]:
    """Return a table's rows: name, rate, and the ratio to each of some peers."""
    lines: list[tuple[str, ...]] = []
    for name, figures in found.items():
        if isinstance(figures, str):
            lines.append((name, figures, *("" for _ in against)))
            continue
        ratios = [ratio(found, name, peer) for peer in against]
        lines.append(
            (name, figures.text(digits), *(f"{r.median:,.2f}" if r else "" for r in ratios))
        )
    return lines


def ratio(found: Rates, name: str, peer: str) -> Figures | None:
    """Return one sender's rate over another's; None where either is missing."""
    one, other = found.get(name), found.get(peer)
    if not isinstance(one, Figures) or not isinstance(other, Figures):
        return None
    return one.ratio(other)
