"""Both scales know how much everybody sends."""

from __future__ import annotations

import pytest

from benchmarks.scale import QUICK, WHOLE, Scale
from benchmarks.senders import SENDERS


@pytest.mark.parametrize("scale", [QUICK, WHOLE])
@pytest.mark.parametrize("sender", [sender.name for sender in SENDERS])
def test_every_sender_has_a_count(scale: Scale, sender: str) -> None:
    assert scale.count(scale.loopback, sender) > 0
    assert scale.count(scale.latency, sender) > 0


def test_whoever_waits_for_each_answer_sends_less_over_20_ms() -> None:
    waiting = ("courriel send_source", "courriel send", "courriel async send")
    assert {WHOLE.count(WHOLE.latency, name) for name in waiting} == {60}
    assert WHOLE.count(WHOLE.latency, "courriel send_many") == 1_500
