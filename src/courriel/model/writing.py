"""Write a message for a transport: in the form that it carries, and its files when it goes out.

``Email.source`` is the form that every server takes. Where a server takes more, text needs no
encoding, and files neither if that is wanted; the message says the same. What was read goes out as
it is, whatever the transport.

Only the choice lives here; ``compose`` writes.
"""

from __future__ import annotations

from typing import Protocol

from courriel.model.compose import LARGE, draft
from courriel.model.composition import Composition
from courriel.model.draft import Draft
from courriel.model.transfer import Transfer

__all__ = ["Writable", "beginning", "draft_of", "octets", "written"]


class Writable(Protocol):
    """What must be known of a message to write it; an ``Email`` is one."""

    @property
    def composition(self) -> Composition | None:
        """What it says, None when it was read."""
        ...

    @property
    def source(self) -> bytes:
        """The message in the form that every server takes."""
        ...


def written(email: Writable, transfer: Transfer) -> bytes:
    """Return the message as it goes out over a transport."""
    mail = email.composition
    if mail is None or transfer is Transfer.SEVEN_BIT:
        return email.source
    if mail.plain and transfer is Transfer.EIGHT_BIT:
        return email.source
    return draft(mail, transfer).joined()


def draft_of(email: Writable, transfer: Transfer = Transfer.SEVEN_BIT) -> Draft | None:
    """Return the message with its files still to be read or encoded, None when it has no such."""
    mail = email.composition
    if mail is None:
        return None
    files = (*mail.attachments, *mail.inline)
    if all(file.store is None and file.size <= LARGE for file in files):
        return None
    return draft(mail, transfer)


def octets(email: Writable) -> int:
    """Return how many octets the source of a message has, or would have."""
    draft = draft_of(email)
    return len(email.source) if draft is None else draft.octets


def beginning(email: Writable) -> bytes:
    """Return the first octets of the source, the whole header among them."""
    draft = draft_of(email)
    if draft is None:
        return email.source
    first = draft.parts[0]
    assert isinstance(first, bytes)  # A header stands before any file.
    return first
