"""Sending one message in the best way that the server knows.

It is prepared, and then it goes at once or, where its files are large, a piece at a time. What is
in flight is ``flight``'s business.
"""

from __future__ import annotations

from courriel.faces import Flow
from courriel.flows.envelope import check_options
from courriel.flows.flight import Flight, mend, settle_one
from courriel.flows.smtp_opening import SmtpDialogue
from courriel.model.address import AddressesLike, AddressLike
from courriel.model.outgoing import Outgoing, Sendable, prepare
from courriel.model.receipt import Receipt
from courriel.model.sendoptions import SendOptions


def send_one(
    dialogue: SmtpDialogue,
    email: Sendable,
    sender: AddressLike | None,
    recipients: AddressesLike,
    options: SendOptions,
) -> Flow[Receipt]:
    """Send one message and return its receipt."""
    check_options(options)
    outgoing = prepare(email, sender=sender, recipients=recipients)
    yield from mend(dialogue)
    return (yield from settle_one(take_off(dialogue, outgoing, options)))


def take_off(dialogue: SmtpDialogue, outgoing: Outgoing, options: SendOptions) -> Flight:
    """Put a message in flight; one whose files are large is fed, so that it is never held."""
    draft = outgoing.draft()
    if draft is None or draft.octets <= dialogue.profile.limits.eager_body:
        return Flight(dialogue, outgoing, options)
    # Few programs send files of that size.
    from courriel.flows.feeding import DraftFlight

    return DraftFlight(dialogue, outgoing, options)
