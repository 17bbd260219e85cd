"""Hold what the outside of a message says: who wrote to whom, about what, and when.

It is what a list of messages shows. IMAP servers send it by itself (RFC 3501, 7.4.2); elsewhere
it is read from the header. Both ways give the same value for the same mail.

Only the value, and how it is taken from a mail, live here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from courriel.model.address import Address
from courriel.model.decoding import unfolded
from courriel.model.structure import read_header
from courriel.model.tolerant import read_addresses

if TYPE_CHECKING:
    from courriel.model.email import Email

__all__ = ["Envelope"]


@dataclass(frozen=True, slots=True)
class Envelope:
    """The header fields by which people know a message, decoded.

    ``date``: when it was written, with its zone (UTC when it names none),
    None when it does not say. ``subject``: empty when there is none.
    ``sender``: the first author, or who sent it when there is none;
    ``authors``: all of the field From. ``reply_to``: where answers go, which
    is to the authors when there is no such field: IMAP servers fill it in
    (RFC 3501, 7.4.2), so we do. ``in_reply_to``: the first Message-ID of that
    field. Message-IDs keep their angle brackets. Addresses are as the mail
    wrote them, not checked.
    """

    date: datetime | None = None
    subject: str = ""
    sender: Address | None = None
    authors: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    in_reply_to: str | None = None
    message_id: str | None = None

    @classmethod
    def of(cls, email: Email) -> Envelope:
        """Return the envelope of a message, composed or read; a header alone is enough."""
        authors = _authors(email)
        return cls(
            date=email.date,
            subject=email.subject,
            sender=email.sender,
            authors=authors,
            reply_to=email.reply_to or authors,
            to=email.to,
            cc=email.cc,
            bcc=email.bcc,
            in_reply_to=email.in_reply_to,
            message_id=email.message_id,
        )


def _authors(email: Email) -> tuple[Address, ...]:
    if email.composed:
        return () if email.sender is None else (email.sender,)
    found: list[Address] = []
    for raw in read_header(email.source).every("from"):
        found += read_addresses(unfolded(raw))[0]
    return tuple(found)
