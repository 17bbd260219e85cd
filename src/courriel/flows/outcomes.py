"""From the replies of a transaction to what people are told: a receipt, or an error."""

from __future__ import annotations

from collections.abc import Sequence

from courriel.errors import SendRefused, Uncertain
from courriel.model.receipt import Receipt, Refusal, Reply
from courriel.protocol.transaction import Outcome

_HINTS = {
    "5.1.1": "Check the address; the server does not know it.",
    "5.7.1": "The server does not take mail from here to there; sign in, or check the sender.",
    "5.3.4": "The message is too large for the server.",
    "5.2.2": "The mailbox is full.",
}


def receipt_of(
    outcome: Outcome, labels: Sequence[str], message_id: str | None, *, per_recipient: bool
) -> Receipt:
    """Return the receipt of a transaction. Raises SendRefused when nobody will get the message."""
    final = outcome.final
    if len(final) == 1 and final[0].positive and len(outcome.accepted) == len(labels) == 1:
        # One recipient who was accepted: by far the most frequent case.
        return Receipt(message_id, tuple(labels), {}, final[0])
    accepted, refused = _sorted_out(outcome, labels, per_recipient=per_recipient)
    if not accepted:
        raise _refused(refused, message_id)
    return Receipt(message_id, accepted, refused, final[-1])


def tell_apart(
    error: Uncertain, outcome: Outcome, labels: Sequence[str], *, per_recipient: bool
) -> None:
    """Say in the error what is known of each recipient: LMTP answers for one after the other."""
    error.accepted, error.refused = _sorted_out(outcome, labels, per_recipient=per_recipient)
    error.unknown = tuple(
        label for label in labels if label not in error.accepted and label not in error.refused
    )


def _sorted_out(
    outcome: Outcome, labels: Sequence[str], *, per_recipient: bool
) -> tuple[tuple[str, ...], dict[str, Refusal]]:
    mail, final = outcome.mail, outcome.final
    if mail is not None and not mail.positive:
        return (), dict.fromkeys(labels, Refusal(mail, "MAIL"))
    refused = {
        label: Refusal(reply, "RCPT")
        for label, reply in zip(labels, outcome.recipients, strict=True)
        if reply is not None and not reply.positive
    }
    places = outcome.accepted
    if outcome.data is not None:
        last = Refusal(outcome.data, "DATA")
        refused.update({labels[place]: last for place in places})
        return (), refused
    answers: Sequence[Reply] = final if per_recipient else final[:1] * len(places)
    accepted: list[str] = []
    for place, answer in zip(places, answers, strict=False):
        if answer.positive:
            accepted.append(labels[place])
        else:
            refused[labels[place]] = Refusal(answer, "DATA")
    return tuple(accepted), refused


def _refused(refused: dict[str, Refusal], message_id: str | None) -> SendRefused:
    first = next(iter(refused.values()))
    whole = first.command != "RCPT"
    subject = "the message" if whole else f"every recipient ({_some(list(refused))})"
    error = SendRefused(
        f"the server refused {subject} at {first.command}: {first}",
        operation="send",
        hint=_hint(first),
        code=first.code,
        enhanced=first.enhanced,
        text=first.text,
        command=first.command,
        refused=refused,
        message_id=message_id,
        reply=list(refused.values())[-1].reply,
    )
    error.session_usable = first.code != 421
    return error


def _some(labels: Sequence[str]) -> str:
    shown = ", ".join(labels[:3])
    return shown if len(labels) <= 3 else f"{shown} and {len(labels) - 3} more"


def _hint(refusal: Refusal) -> str:
    if refusal.code == 530:
        return (
            "The server wants TLS or a sign-in first: use another security, or user and password."
        )
    if refusal.retryable:
        return "The refusal is temporary: try again later."
    return _HINTS.get(refusal.enhanced or "", "")
