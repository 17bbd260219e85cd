"""Replies, refusals and receipts: values that answer questions."""

from __future__ import annotations

import pickle

import pytest

from courriel import Receipt, Refusal, Reply, SendRefused


@pytest.mark.parametrize(
    ("code", "positive", "intermediate", "transient"),
    [
        (199, False, False, False),
        (200, True, False, False),
        (299, True, False, False),
        (300, False, True, False),
        (399, False, True, False),
        (400, False, False, True),
        (499, False, False, True),
        (500, False, False, False),
    ],
)
def test_a_code_has_a_class(code: int, positive: bool, intermediate: bool, transient: bool) -> None:
    reply = Reply(code)
    assert (positive, intermediate, transient) == (
        reply.positive,
        reply.intermediate,
        reply.transient,
    )
    assert transient == Refusal(reply).retryable


@pytest.mark.parametrize(
    ("reply", "shown", "text"),
    [
        (Reply(250), "250", ""),
        (Reply(250, ("ok",)), "250 ok", "ok"),
        (Reply(550, ("nobody",), "5.1.1"), "550 5.1.1 nobody", "nobody"),
        (Reply(250, ("a", "b")), "250 a b", "a\nb"),
        (Reply(250, ("a", "", "b")), "250 a b", "a\n\nb"),
    ],
)
def test_a_reply_reads_as_the_server_wrote_it(reply: Reply, shown: str, text: str) -> None:
    assert shown == str(reply) == str(Refusal(reply))
    assert text == reply.text == Refusal(reply).text


def test_a_refusal_passes_on_what_the_reply_says() -> None:
    refusal = Refusal(Reply(452, ("full",), "4.2.2"), "DATA")
    assert (452, "4.2.2", "full", "DATA", True) == (
        refusal.code,
        refusal.enhanced,
        refusal.text,
        refusal.command,
        refusal.retryable,
    )
    assert "RCPT" == Refusal(Reply(550)).command


def test_a_receipt_begins_with_nothing() -> None:
    receipt = Receipt(None)
    assert (None, (), {}, None, None) == (
        receipt.message_id,
        receipt.accepted,
        receipt.refused,
        receipt.reply,
        receipt.error,
    )
    assert receipt.refused is not Receipt(None).refused


def test_they_are_values_that_can_be_kept() -> None:
    receipt = Receipt("<1@x>", ("a@x",), {"b@x": Refusal(Reply(550))}, Reply(250))
    assert receipt == pickle.loads(pickle.dumps(receipt))
    kept = pickle.loads(pickle.dumps(Receipt("<1@x>", error=SendRefused("no", code=550))))
    assert 550 == kept.error.code
    with pytest.raises(AttributeError):
        receipt.accepted = ()  # type: ignore[misc]  # That it cannot be set is the point.
