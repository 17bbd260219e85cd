"""Deviations of real servers are recognised by their replies, and nothing else is."""

from __future__ import annotations

import pytest

from courriel.model.receipt import Reply
from courriel.wire.smtp.quirks import (
    CHUNKING,
    FULL,
    MECHANISM,
    PARAMETERS,
    PIPELINING,
    QUIRKS,
    Quirk,
)

CODES = [250, 354, 421, 450, 452, 500, 501, 502, 503, 504, 530, 535, 550, 552, 554, 555]


@pytest.mark.parametrize(
    ("quirk", "codes"),
    [
        (CHUNKING, {500, 502, 504}),
        (MECHANISM, {500, 502, 504}),
        (PARAMETERS, {501, 504, 555}),
        (PIPELINING, set()),
    ],
)
def test_a_quirk_shows_in_the_code(quirk: Quirk, codes: set[int]) -> None:
    assert codes == {code for code in CODES if quirk.seen_in(Reply(code, ("no",)))}


@pytest.mark.parametrize(
    ("code", "text", "seen"),
    [
        (554, "SMTP synchronization error", True),
        (554, "SMTP protocol synchronisation error", True),
        (503, "Improper use of SMTP command pipelining", True),
        (550, "PIPELINING is not allowed here", True),
        (550, "user unknown", False),
        (250, "PIPELINING", False),
        (421, "synchronization error", False),
    ],
)
def test_pipelining_shows_in_the_words(code: int, text: str, seen: bool) -> None:
    assert seen == PIPELINING.seen_in(Reply(code, (text,)))


@pytest.mark.parametrize(
    ("reply", "seen"),
    [
        (Reply(421, ("too many messages in this connection",)), True),
        (Reply(452, ("Too many recipients: Too many messages sent",), "4.5.3"), True),
        (Reply(452, ("Too many transactions",)), True),
        (Reply(421, ("shutting down",), "4.3.2"), False),
        (Reply(452, ("Insufficient system storage",), "4.3.1"), False),
        (Reply(550, ("too many messages",)), False),
    ],
)
def test_a_full_connection_shows_in_the_words(reply: Reply, seen: bool) -> None:
    assert seen == FULL.seen_in(reply)


def test_every_quirk_says_where_it_was_seen_and_what_is_done() -> None:
    assert len(QUIRKS) == len({quirk.name for quirk in QUIRKS})
    assert all(quirk.seen and quirk.remedy and quirk.verb for quirk in QUIRKS)
