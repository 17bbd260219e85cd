"""From the members of an Email structure to a ``courriel.Email``.

What WLanguage leaves to chance is decided here, and only here: who the sender is when name and
address are in one member, which receipt is asked for when both are, and which members take effect
only with an option. Nothing is sent and nothing is remembered.
"""

from __future__ import annotations

from courriel.errors import Misused
from courriel.model.address import Address
from courriel.model.email import Email
from courriel.wlanguage.constants import SendingOption
from courriel.wlanguage.structure import EmailStructure

__all__ = ["composed"]

_OPERATION = "EmailSendMessage"


def composed(structure: EmailStructure, options: SendingOption) -> Email:
    """Return the message that the members describe.

    Raises Misused for members that make no message: no sender, no recipient, a blank element that
    counts, an address that is none; OSError for an attachment that cannot be read.
    """
    to, cc, bcc = (tuple(array) for array in (structure.Recipient, structure.Cc, structure.Bcc))
    if not to and not cc and not bcc:
        raise Misused(
            "the message has no recipient",
            operation=_OPERATION,
            hint="Write Email.Recipient[1] (and Email.NbRecipient, if the program sets it).",
        )
    references = _words(structure.Reference) if SendingOption.REFERENCE in options else []
    own_id = _trimmed(structure.MessageID) if SendingOption.MESSAGE_ID in options else ""
    return Email(
        sender=_sender(structure),
        to=to,
        cc=cc,
        bcc=bcc,
        reply_to=_trimmed(structure.ReplyTo) or (),
        subject=structure.Subject,
        text=structure.Message if structure.Message or not structure.HTML else None,
        html=structure.HTML or None,
        attachments=tuple(structure.Attach),
        message_id=own_id or None,
        in_reply_to=references[-1] if references else None,
        references=tuple(references),
        priority=structure.Priority,
        sensitivity=structure.Sensitivity,
        request_read_receipt=structure.DispositionNotification,
        # The vendor's page: a read receipt has priority over a delivery receipt.
        request_delivery_receipt=(
            structure.AccuséRéception and not structure.DispositionNotification
        ),
    )


def _sender(structure: EmailStructure) -> Address:
    """Return the sender: SenderAddress with Sender as the name, or whatever Sender holds."""
    name, address = _trimmed(structure.Sender), _trimmed(structure.SenderAddress)
    if not name and not address:
        raise Misused(
            "the message has no sender",
            operation=_OPERATION,
            hint="Write Email.SenderAddress, or an address in Email.Sender.",
        )
    if not address:
        return Address.of(name)
    return Address(_name(name), Address.of(address).address)


def _name(sender: str) -> str:
    if "@" not in sender:
        return sender
    try:
        return Address.of(sender).name
    except Misused:
        # A name may hold an @ and be no address.
        return sender


def _trimmed(text: str) -> str:
    """Return ``text`` without blanks around it; a line end stays and is refused."""
    return text.strip(" ")


def _words(text: str) -> list[str]:
    return [word for word in text.split(" ") if word]
