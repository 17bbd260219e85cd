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
from datetime import date, datetime, timedelta, timezone
from typing import Any

from courriel.errors import Misused
from courriel.model.address import Address, AddressesLike, AddressLike, addresses
from courriel.model.attachment import Attachment
from courriel.model.characters import excerpt, single_line
from courriel.model.folding import NAME
from courriel.model.inlined import apart
from courriel.model.invitation import NAME as INVITATION
from courriel.model.invitation import Invitation, checked_calendar
from courriel.model.priority import Priority, Sensitivity
from courriel.model.structured import PEOPLE, structured_words
from courriel.model.unsubscribing import FIELDS, checked_unsubscribe

__all__ = [
    "GLOBAL",
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
    "fields_for",
    "new_message_id",
]

OPERATION = "Email"

_MINUTE = timedelta(minutes=1)
_FIRST_YEAR = 1900
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
    # A blind copy is blind, too, when a message goes out once more.
    "resent-bcc": "bcc",
}
"""Fields that the message writes itself, and the argument that sets each."""

GLOBAL = "message/global"
"""The types of messages in UTF-8 begin so (RFC 6532, 3.7; RFC 6533, 4)."""

_ONCE = frozenset({"sender", "disposition-notification-to", *FIELDS})
"""Fields that a header holds once at most (RFC 5322, 3.6; RFC 8098, 2.1; RFC 2369, 3.2)."""


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
    def shown_text(self) -> str | None:
        """The text, made from the HTML when there is only that."""
        if self.text is None and self.html is not None:
            from courriel.model.html_text import html_to_text

            return html_to_text(self.html)
        return self.text

    @property
    def plain(self) -> bool:
        """Whether its text is ASCII, so that it is written the same way for every transport."""
        bodies = (self.text, self.html, self.calendar.text if self.calendar else None)
        return all(body is None or body.isascii() for body in bodies) and not any(
            file.content_type.lower().startswith(GLOBAL) for file in self.attachments
        )

    @property
    def defects(self) -> tuple[str, ...]:
        """What is wrong with the message: nothing, it is ours."""
        return ()

    @property
    def needs_utf8(self) -> bool:
        """Whether an address of it can only be carried by SMTPUTF8 (RFC 6531)."""
        everybody = (*self.to, *self.cc, *self.bcc, *self.reply_to)
        return (
            any(address.needs_utf8 for address in everybody)
            or (self.sender is not None and self.sender.needs_utf8)
            or any(
                address.needs_utf8
                for name, text in self.extra
                if name.lower() in PEOPLE and not text.isascii()
                for address in addresses(text)
            )
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
    written: Iterable[str] = (),
) -> tuple[tuple[str, str], ...]:
    """Return the caller's own header fields, in order; ``written`` are those there are besides."""
    if value is None:
        return ()
    pairs: object = value.items() if isinstance(value, Mapping) else value
    if not isinstance(pairs, Iterable):
        raise _no_headers(value)
    checked = tuple(_checked_header(*_pair(pair)) for pair in pairs)
    known = {*written}
    for name, _ in checked:
        if name.lower() in known:
            raise Misused(
                f"the header {name} is given twice",
                operation=OPERATION,
                hint="It may stand once; some fields are written by an argument of Email.",
            )
        if name.lower() in _ONCE:
            known.add(name.lower())
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
    single_line(text, what=f"the header {name}", operation=OPERATION)
    structured_words(name, text, operation=OPERATION)
    if name.lower() in PEOPLE and not addresses(text):
        raise Misused(f"the header {name} holds no address", operation=OPERATION)
    return name, text


def fields_for(
    priority: Priority,
    sensitivity: Sensitivity,
    read_receipt: bool,
    delivery_receipt: bool,
    unsubscribe: tuple[str, ...],
) -> set[str]:
    """Return the names of the fields that the message writes for these, in lower case."""
    names = {"x-priority", "importance"} if priority is not Priority.NORMAL else set()
    if sensitivity is not Sensitivity.NORMAL:
        names.add("sensitivity")
    if read_receipt:
        names.add("disposition-notification-to")
    if delivery_receipt:
        names.add("return-receipt-to")
    return names | FIELDS if unsubscribe else names


def checked_files(
    values: Iterable[object], invitation: Invitation | None, html: str | None
) -> tuple[list[Attachment], list[Attachment]]:
    """Return what goes with the message, and what its HTML shows.

    A message among it, and an invitation, become files.
    """
    single = isinstance(values, (str, bytes, Attachment)) or hasattr(values, "as_attachment")
    if single or not isinstance(values, Iterable):
        raise Misused(
            "attachments must be a list",
            operation=OPERATION,
            hint="Write attachments=[...], even for one.",
        )
    files = [_file(value) for value in values]
    shown = [file.inline_id for file in files if file.inline_id is not None]
    if len(shown) != len({*shown}):
        raise Misused(
            "two attachments have the same inline_id",
            operation=OPERATION,
            hint="Give each one its own: HTML shows a file by it.",
        )
    if invitation is not None:
        files.append(Attachment(INVITATION, invitation.text.encode(), "application/ics"))
    return apart(files, checked_body(html, "html"))


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
    # The others come from mails, whose writers may have known no better.
    if found is None or (what == "message_id" and found[1].count("@") > 1):
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
    """Return a moment as a field tells it: to the second, in a zone of whole minutes.

    None is now, a moment without a zone is local.
    """
    if value is None:
        return datetime.now().astimezone().replace(microsecond=0)
    if not isinstance(value, datetime):
        raise Misused(f"date must be a datetime, not {type(value).__name__}", operation=OPERATION)
    try:
        moment = value if value.utcoffset() is not None else value.astimezone()
        zone = moment.utcoffset() or timedelta()
        if zone % _MINUTE:
            # Before there were time zones, clocks of towns were some seconds apart.
            moment = moment.astimezone(timezone(zone // _MINUTE * _MINUTE))
    except Exception as error:
        # A zone is code of somebody else's, and the first and last moments are not in every one.
        raise Misused("the date cannot be told in its zone", operation=OPERATION) from error
    if not _FIRST_YEAR <= moment.year or moment.date() == date.max:
        raise Misused(
            f"the date {moment:%d %b %Y} cannot stand in a header",
            operation=OPERATION,
            hint="Mail begins with the year 1900 (RFC 5322, 3.3).",
        )
    return moment.replace(microsecond=0)


def new_message_id(sender: Address | None) -> str:
    """Return a Message-ID that nobody has used: 128 random bits at the sender's domain."""
    domain = sender.wire.rpartition("@")[2] if sender is not None else "localhost"
    return f"<{os.urandom(16).hex()}@{domain}>"
