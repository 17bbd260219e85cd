"""Both scales know how much everybody sends."""

from __future__ import annotations

import pytest

from benchmarks.readers import Reader
from benchmarks.reading_tables import POP3, SINGLE
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


@pytest.mark.parametrize("scale", [QUICK, WHOLE])
@pytest.mark.parametrize("reader", [*SINGLE, *POP3], ids=lambda reader: str(reader.name))
def test_every_reader_has_a_count(scale: Scale, reader: Reader) -> None:
    table = scale.imap_latency if reader in SINGLE else scale.pop3_latency
    assert 0 < scale.count(table, reader.name) <= scale.whole_mails


def test_a_pipeline_is_of_a_hundred_fetches() -> None:
    assert WHOLE.count(WHOLE.imap_latency, "courriel fetch, pipeline") == 100


def test_a_program_that_copies_a_mailbox_copies_all_of_it() -> None:
    for scale in (QUICK, WHOLE):
        copied = scale.count(scale.pop3_latency, "mpop, into a Maildir")
        assert copied == scale.whole_mails
