"""A transaction remembers its replies by slot, and knows when its outcome is certain."""

from __future__ import annotations

import pytest

from courriel.model.receipt import Reply
from courriel.protocol.transaction import BODY, CHUNK, DATA, MAIL, Transaction
from courriel.wire.smtp.commands import Mail, Rcpt

Told = list[tuple[int, int]]


def told(replies: Told, *, recipients: int = 2, lmtp: bool = False) -> Transaction:
    """Return a transaction that has been given these replies: slots and codes."""
    transaction = Transaction(
        Mail("ada@example.org"),
        [Rcpt("bob@example.org")] * recipients,
        b"",
        chunked=False,
        per_recipient=lmtp,
    )
    transaction.outstanding = len(replies)
    for slot, code in replies:
        transaction.take(slot, Reply(code))
    return transaction


MAILED: Told = [(MAIL, 250)]
BOTH: Told = [*MAILED, (0, 250), (1, 250)]


@pytest.mark.parametrize(
    ("replies", "over", "settled", "accepted"),
    [
        ([], False, False, ()),
        (MAILED, False, False, ()),
        ([(MAIL, 550)], True, True, ()),
        ([*MAILED, (0, 550)], False, False, ()),
        ([*MAILED, (0, 550), (1, 450)], True, True, ()),
        ([*MAILED, (0, 550), (1, 251)], False, False, (1,)),
        (BOTH, False, False, (0, 1)),
        ([*BOTH, (DATA, 354)], False, False, (0, 1)),
        ([*BOTH, (DATA, 451)], True, True, (0, 1)),
        ([*BOTH, (CHUNK, 250)], False, False, (0, 1)),
        ([*BOTH, (CHUNK, 552)], True, True, (0, 1)),
        ([*BOTH, (DATA, 354), (BODY, 250)], False, True, (0, 1)),
        ([*BOTH, (DATA, 354), (BODY, 554)], False, True, (0, 1)),
    ],
)
def test_it_knows_where_it_stands(
    replies: Told, over: bool, settled: bool, accepted: tuple[int, ...]
) -> None:
    transaction = told(replies)
    assert (over, settled) == (transaction.over, transaction.settled)
    assert accepted == transaction.outcome.accepted
    assert len(accepted) == transaction.accepted


def test_it_is_not_settled_while_replies_are_owed() -> None:
    transaction = told([(MAIL, 550)])
    transaction.outstanding = 1
    assert transaction.over
    assert not transaction.settled


@pytest.mark.parametrize(("code", "welcome"), [(354, True), (451, False), (250, False)])
def test_only_a_3yz_to_data_is_a_welcome(code: int, welcome: bool) -> None:
    assert welcome == told([*BOTH, (DATA, code)]).welcome


@pytest.mark.parametrize(
    ("replies", "lmtp", "missing"),
    [
        (BOTH, False, 1),
        ([*BOTH, (BODY, 250)], False, 0),
        (BOTH, True, 2),
        ([*BOTH, (BODY, 250)], True, 1),
        ([*MAILED, (0, 250), (1, 550)], True, 1),
        ([*MAILED, (0, 550), (1, 550)], True, 1),
    ],
)
def test_lmtp_owes_an_answer_for_each_recipient(replies: Told, lmtp: bool, missing: int) -> None:
    assert missing == told(replies, lmtp=lmtp).finals_missing


@pytest.mark.parametrize(
    ("replies", "lmtp", "refused"),
    [
        ([(MAIL, 550)], False, True),
        ([*BOTH, (BODY, 554)], False, True),
        ([*BOTH, (BODY, 554)], True, False),
        ([*BOTH, (BODY, 250)], False, False),
        (BOTH, False, False),
    ],
)
def test_it_knows_when_nobody_can_get_it(replies: Told, lmtp: bool, refused: bool) -> None:
    assert refused == told(replies, lmtp=lmtp).refused_for_certain
