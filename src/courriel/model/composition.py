"""Check what a caller wants a message to say, before anything is written.

A ``Composition`` is what ``Email(...)`` was given, in one form: addresses are ``Address``,
identifiers have their angle brackets, Date and Message-ID are there. Every string that will reach
a header has passed ``single_line``, so a line end in a field is refused where it is given, not
where it would be sent.

Only values and their checks live here; ``compose`` turns them into bytes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from courriel.errors import Misused
from courriel.model.address import Address, AddressesLike, AddressLike, addresses
from courriel.model.attachment import Attachment
from courriel.model.characters import excerpt, single_line
from courriel.model.folding import NAME
from courriel.model.invitation import Invitation, checked_calendar
from courriel.model.priority import Priority, Sensitivity
from courriel.model.unsubscribing import FIELDS, checked_unsubscribe

__all__ = [
    "OPERATION",
    "Composition",
    "checked_addresses",
    "checked_body",
    "checked_calendar",
    "checked_date",
    "checked_files",
    "checked_headers",
    "checked_identifier",
    "checked_references",
    "checked_sender",
    "checked_unsubscribe",
    "new_message_id",
]

OPERATION = "Email"

_IDENTIFIER = re.compile(r"<?([!-;=?-~]{1,900})>?")
_OWN = {
    "from": "sender",
    "to": "to",
    "cc": "cc",
    "bcc": "bcc",
    "reply-to": "reply_to",
    "subject": "subject",
    "date": "date",
    "message-id": "message_id",
    "in-reply-to": "in_reply_to",
    "references": "references",
    "mime-version": "text",
    "content-type": "text",
    "content-transfer-encoding": "text",
    "content-disposition": "attachments",
    "content-id": "attachments",
}
"""Fields that the message writes itself, and the argument that sets each."""


@dataclass(frozen=True, slots=True)
class Composition:
    """Everything that a composed message says, checked."""

    sender: Address | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    subject: str
    text: str | None
    html: str | None
    attachments: tuple[Attachment, ...]
    inline: tuple[Attachment, ...]
    extra: tuple[tuple[str, str], ...]
    date: datetime
    message_id: str
    in_reply_to: str | None
    references: tuple[str, ...]
    priority: Priority
    sensitivity: Sensitivity
    request_read_receipt: bool
    request_delivery_receipt: bool
    unsubscribe: tuple[str, ...] = ()
    calendar: Invitation | None = None

    @property
    def plain(self) -> bool:
        """Whether its text is ASCII, so that it is written the same way for every transport."""
        bodies = (self.text, self.html, self.calendar.text if self.calendar else None)
        return all(body is None or body.isascii() for body in bodies)

    @property
    def defects(self) -> tuple[str, ...]:
        """What is wrong with the message: nothing, it is ours."""
        return ()

    @property
    def needs_utf8(self) -> bool:
        """Whether an address of it can only be carried by SMTPUTF8 (RFC 6531)."""
        everybody = (*self.to, *self.cc, *self.bcc, *self.reply_to)
        return any(address.needs_utf8 for address in everybody) or (
            self.sender is not None and self.sender.needs_utf8
        )


def checked_sender(value: AddressLike | None) -> Address | None:
    """Return the author's address, or None; an empty string is None."""
    return None if value is None or value == "" else Address.of(value)


def checked_addresses(value: AddressesLike) -> tuple[Address, ...]:
    """Return the addresses of one field."""
    return addresses(value)


def checked_body(value: str | None, what: str) -> str | None:
    """Return a body, which may hold any character but a lone surrogate."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise Misused(f"{what} must be a string, not {type(value).__name__}", operation=OPERATION)
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise Misused(
                f"{what} holds a lone surrogate at character {error.start}",
                operation=OPERATION,
                hint="Decode its bytes with the right charset first.",
            ) from error
    return value


def checked_headers(
    value: Mapping[str, str] | Iterable[tuple[str, str]] | None,
    *,
    unsubscribe: tuple[str, ...] = (),
) -> tuple[tuple[str, str], ...]:
    """Return the caller's own header fields, in order; ``unsubscribe`` writes some itself."""
    if value is None:
        return ()
    pairs: object = value.items() if isinstance(value, Mapping) else value
    if not isinstance(pairs, Iterable):
        raise _no_headers(value)
    checked = tuple(_checked_header(*_pair(pair)) for pair in pairs)
    for name, _ in checked:
        if unsubscribe and name.lower() in FIELDS:
            raise Misused(
                f"the header {name} is given twice",
                operation=OPERATION,
                hint="Leave it to the argument unsubscribe=.",
            )
    return checked


def _pair(value: object) -> tuple[str, str]:
    if not isinstance(value, tuple) or len(value) != 2:
        raise _no_headers(value)
    return value


def _no_headers(value: object) -> Misused:
    return Misused(
        f"headers cannot be made from {type(value).__name__}",
        operation=OPERATION,
        hint='Write {"X-Name": "value"}, or pairs of name and value.',
    )


def _checked_header(name: str, text: str) -> tuple[str, str]:
    single_line(name, what="a header's name", operation=OPERATION)
    if NAME.fullmatch(name) is None:
        raise Misused(
            f"{excerpt(name)} cannot name a header",
            operation=OPERATION,
            hint="Use printable ASCII without spaces and colons (RFC 5322, 2.2).",
        )
    if name.lower() in _OWN:
        raise Misused(
            f"the header {name} is written by the message itself",
            operation=OPERATION,
            hint=f"Use the argument {_OWN[name.lower()]}=.",
        )
    return name, single_line(text, what=f"the header {name}", operation=OPERATION)


def checked_files(values: Iterable[object]) -> list[Attachment]:
    """Return what goes with the message; a message among it becomes a file."""
    single = isinstance(values, (str, bytes, Attachment)) or hasattr(values, "as_attachment")
    if single or not isinstance(values, Iterable):
        raise Misused(
            "attachments must be a list",
            operation=OPERATION,
            hint="Write attachments=[...], even for one.",
        )
    return [_file(value) for value in values]


def _file(value: Any) -> Attachment:
    if hasattr(value, "as_attachment"):
        made = value.as_attachment()
        assert isinstance(made, Attachment)  # Only a message has such a method.
        return made
    return Attachment.of(value).sendable()


def checked_identifier(value: str | None, what: str) -> str | None:
    """Return a Message-ID in angle brackets (RFC 5322, 3.6.4), or None."""
    if value is None:
        return None
    single_line(value, what=what, operation=OPERATION)
    found = _IDENTIFIER.fullmatch(value.strip())
    if found is None:
        raise Misused(
            f"{what} cannot be {excerpt(value)}",
            operation=OPERATION,
            hint="Write it as <unique@domain>, in ASCII without spaces.",
        )
    return f"<{found[1]}>"


def checked_references(value: Iterable[str] | str) -> tuple[str, ...]:
    """Return the Message-IDs of a thread; a string may hold several, apart by spaces."""
    if isinstance(value, str):
        value = single_line(value, what="references", operation=OPERATION).split()
    if not isinstance(value, Iterable):
        raise Misused(
            f"references must be a list, not {type(value).__name__}",
            operation=OPERATION,
            hint="Give the Message-IDs of the thread, oldest first.",
        )
    found = [checked_identifier(item, "references") for item in value]
    return tuple(item for item in found if item is not None)


def checked_date(value: datetime | None) -> datetime:
    """Return a moment with a zone; None is now, a moment without a zone is local."""
    if value is None:
        return datetime.now().astimezone().replace(microsecond=0)
    if not isinstance(value, datetime):
        raise Misused(f"date must be a datetime, not {type(value).__name__}", operation=OPERATION)
    return value if value.tzinfo is not None else value.astimezone()


def new_message_id(sender: Address | None) -> str:
    """Return a Message-ID that nobody has used: 128 random bits at the sender's domain."""
    domain = sender.wire.rpartition("@")[2] if sender is not None else "localhost"
    return f"<{os.urandom(16).hex()}@{domain}>"
