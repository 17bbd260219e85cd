"""Make a file of a message, to go inside another one (RFC 2046, 5.2.1; RFC 6532, 3.7).

A composed message stays a draft, so that its files are read when the outer message goes out. One
that was read keeps its octets, but for the blind copies: what a sender kept for himself is not for
those to whom he passes it on.

Only that step lives here.
"""

from __future__ import annotations

from typing import Protocol

from courriel.model.attachment import Attachment
from courriel.model.headerblock import header_end, without_blind
from courriel.model.writing import Writable, draft_of

_TITLE = 100
"""Characters of a subject that name the file."""


class Message(Writable, Protocol):
    """What must be known of a message to make a file of it."""

    @property
    def subject(self) -> str:
        """What names the file."""
        ...

    @property
    def needs_utf8(self) -> bool:
        """Whether its header is in UTF-8, which no message/rfc822 may be."""
        ...


def nested(email: Message) -> Attachment:
    """Return the whole message as a file."""
    name = f"{email.subject[:_TITLE] or 'message'}.eml"
    kind = "message/global" if email.needs_utf8 else "message/rfc822"
    draft = draft_of(email)
    if draft is not None:
        return Attachment.stored(name, draft, kind)
    source = email.source
    return Attachment(name, without_blind(source, header_end(source)), kind)
