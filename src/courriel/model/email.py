"""The message that people hold: composed here, or read from bytes.

One class with two origins. ``Email(...)`` checks what it is given at once and is written when its
``source`` is first asked for; ``Email.from_source`` looks at nothing until something is asked, and
then never raises, whatever the bytes are. Both answer the same questions. An ``Email`` never
changes: what was read keeps its bytes, what was composed keeps its Date and Message-ID.

Only the face lives here: ``composition`` and ``compose`` write, ``reading`` reads, ``answering``
makes replies.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from courriel.errors import Misused
from courriel.model import composition as given
from courriel.model.address import Address, AddressesLike, AddressLike
from courriel.model.attachment import Attachment, AttachmentLike
from courriel.model.characters import single_line
from courriel.model.choice import choice
from courriel.model.composition import Composition
from courriel.model.headers import Headers
from courriel.model.invitation import Invitation
from courriel.model.priority import Priority, Sensitivity

if TYPE_CHECKING:
    from email.message import EmailMessage

    from courriel.model.header_changes import HeaderChanges
    from courriel.model.reading import ReadMail
    from courriel.model.report import Report

__all__ = ["Email"]

HeadersLike: TypeAlias = "Mapping[str, str] | Iterable[tuple[str, str]] | None"


class Email:
    """A message.

    Addresses are ``"Ada <ada@example.org>"``, ``("Ada", "ada@example.org")`` or
    ``Address``; fields for several take one, a list, or a text with commas.
    ``attachments`` are paths, ``Attachment``, open binary files or other
    ``Email``. ``headers`` are further fields. ``date`` is now when None,
    ``message_id`` is made up when None. Raises Misused when a value holds a
    line end or another character that cannot stand in a header, or an address
    is not plainly one.

    ``unsubscribe`` are the ``https:`` and ``mailto:`` URIs under which a reader
    leaves the list; one ``https:`` among them makes it a matter of one click
    (RFC 8058). ``calendar`` is an iCalendar object with a METHOD: an invitation
    (RFC 6047), shown as one by mail programs and attached as ``invite.ics``.
    """

    __slots__ = ("_headers", "_source", "_view")

    def __init__(
        self,
        *,
        sender: AddressLike | None = None,
        to: AddressesLike = (),
        cc: AddressesLike = (),
        bcc: AddressesLike = (),
        reply_to: AddressesLike = (),
        subject: str = "",
        text: str | None = None,
        html: str | None = None,
        attachments: Iterable[AttachmentLike | Email] = (),
        headers: HeadersLike = None,
        date: datetime | None = None,
        message_id: str | None = None,
        in_reply_to: str | None = None,
        references: Iterable[str] | str = (),
        priority: Priority | str = Priority.NORMAL,
        sensitivity: Sensitivity | str = Sensitivity.NORMAL,
        request_read_receipt: bool = False,
        request_delivery_receipt: bool = False,
        unsubscribe: Iterable[str] | str | None = None,
        calendar: str | bytes | None = None,
    ) -> None:
        author = given.checked_sender(sender)
        invitation = given.checked_calendar(calendar)
        files, shown = given.checked_files(attachments, invitation, html)
        links = given.checked_unsubscribe(unsubscribe)
        urgency = choice(Priority, priority, what="priority", operation=given.OPERATION)
        discretion = choice(Sensitivity, sensitivity, what="sensitivity", operation=given.OPERATION)
        read, delivered = bool(request_read_receipt), bool(request_delivery_receipt)
        written = given.fields_for(urgency, discretion, read, delivered, links)
        identifier = given.checked_identifier(message_id, "message_id")
        self._source: bytes | None = None
        self._headers: Headers | None = None
        self._view: Composition | ReadMail = Composition(
            sender=author,
            to=given.checked_addresses(to),
            cc=given.checked_addresses(cc),
            bcc=given.checked_addresses(bcc),
            reply_to=given.checked_addresses(reply_to),
            subject=single_line(subject, what="subject", operation=given.OPERATION),
            text=given.checked_body(text, "text"),
            html=given.checked_body(html, "html"),
            attachments=tuple(files),
            inline=tuple(shown),
            extra=given.checked_headers(headers, written=written),
            date=given.checked_date(date),
            message_id=identifier or given.new_message_id(author),
            in_reply_to=given.checked_identifier(in_reply_to, "in_reply_to"),
            references=given.checked_references(references),
            priority=urgency,
            sensitivity=discretion,
            request_read_receipt=read,
            request_delivery_receipt=delivered,
            unsubscribe=links,
            calendar=invitation,
        )

    @classmethod
    def from_source(cls, source: bytes) -> Email:
        """Return the message that ``source`` holds, as it was stored or received.

        Nothing is decoded until it is asked for. Raises Misused only when
        ``source`` is not bytes.
        """
        from courriel.model.reading import ReadMail

        if not isinstance(source, (bytes, bytearray, memoryview)):
            raise Misused(
                f"a message is read from bytes, not {type(source).__name__}",
                operation="Email.from_source",
                hint="Open the file in binary mode.",
            )
        made = cls.__new__(cls)
        made._source = bytes(source)
        made._headers = None
        made._view = ReadMail(made._source)
        return made

    @property
    def source(self) -> bytes:
        """The message as bytes: as it was read, or as it was composed, without Bcc."""
        if self._source is None:
            from courriel.model.compose import render

            assert isinstance(self._view, Composition)  # A mail that was read has its source.
            self._source = render(self._view)
        return self._source

    @property
    def composition(self) -> Composition | None:
        """What a message that was composed here says; None for one that was read."""
        return self._view if isinstance(self._view, Composition) else None

    @property
    def composed(self) -> bool:
        """Whether the message was composed here, not read."""
        return self.composition is not None

    @property
    def sender(self) -> Address | None:
        """The author (From), or None when there is none."""
        return self._view.sender

    @property
    def to(self) -> tuple[Address, ...]:
        """The recipients of the field To."""
        return self._view.to

    @property
    def cc(self) -> tuple[Address, ...]:
        """The recipients of the field Cc."""
        return self._view.cc

    @property
    def bcc(self) -> tuple[Address, ...]:
        """The recipients of the field Bcc; they are never written into ``source``."""
        return self._view.bcc

    @property
    def reply_to(self) -> tuple[Address, ...]:
        """Where answers should go instead of to the sender."""
        return self._view.reply_to

    @property
    def subject(self) -> str:
        """The subject, decoded; empty when there is none."""
        return self._view.subject

    @property
    def date(self) -> datetime | None:
        """When it was written, with its zone; None when a mail does not say."""
        return self._view.date

    @property
    def text(self) -> str | None:
        """The plain text, lines apart by LF, made from the HTML when there is only that."""
        return self._view.shown_text

    @property
    def html(self) -> str | None:
        """The HTML body as it was sent: not made safe to be shown. None when there is none."""
        return self._view.html

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """The files that go with the message."""
        return self._view.attachments

    @property
    def inline(self) -> tuple[Attachment, ...]:
        """The files that the HTML shows by their ``inline_id``."""
        return self._view.inline

    @property
    def calendar(self) -> str | None:
        """The iCalendar object of an invitation (RFC 6047), None when there is none."""
        calendar = self._view.calendar
        return calendar.text if isinstance(calendar, Invitation) else calendar

    @property
    def unsubscribe(self) -> tuple[str, ...]:
        """The ``https:``, ``http:`` and ``mailto:`` URIs of List-Unsubscribe (RFC 2369)."""
        return self._view.unsubscribe

    @property
    def headers(self) -> Headers:
        """All header fields of ``source``, decoded and unfolded."""
        if self._headers is None:
            from courriel.model.reading import ReadMail

            view = self._view
            if isinstance(view, Composition):
                from courriel.model.writing import beginning

                view = ReadMail(beginning(self))
            self._headers = view.headers
        return self._headers

    @property
    def message_id(self) -> str | None:
        """The Message-ID with its angle brackets, or None when a mail has none."""
        return self._view.message_id

    @property
    def in_reply_to(self) -> str | None:
        """The Message-ID of the message that this one answers, or None."""
        return self._view.in_reply_to

    @property
    def references(self) -> tuple[str, ...]:
        """The Message-IDs of the thread, oldest first."""
        return self._view.references

    @property
    def priority(self) -> Priority:
        """How urgent the sender finds it."""
        return self._view.priority

    @property
    def sensitivity(self) -> Sensitivity:
        """How discreetly the sender wants it to be treated."""
        return self._view.sensitivity

    @property
    def request_read_receipt(self) -> bool:
        """Whether the sender wants to know that it was read (RFC 8098)."""
        return self._view.request_read_receipt

    @property
    def request_delivery_receipt(self) -> bool:
        """Whether the sender wants to know that it was delivered."""
        return self._view.request_delivery_receipt

    @property
    def needs_utf8(self) -> bool:
        """Whether a local part or a header of it can only be carried by SMTPUTF8 (RFC 6531)."""
        return self._view.needs_utf8

    @property
    def size(self) -> int:
        """The number of octets of ``source``; no file is read to know it."""
        if self._source is not None:
            return len(self._source)
        from courriel.model.writing import octets

        return octets(self)

    @property
    def defects(self) -> tuple[str, ...]:
        """What is wrong with the mail, in words; empty when nothing is."""
        return self._view.defects

    @property
    def report(self) -> Report[Email] | None:
        """What the mail reports of another one, None when it is no report.

        A ``DeliveryReport`` (RFC 3464) or a ``DispositionReport`` (RFC 8098).
        """
        from courriel.model.report import read_report

        return read_report(self, Email.from_source)

    def with_headers(self, changes: HeaderChanges) -> Email:
        """Return the message with header fields changed, and every other octet as it is.

        ``changes`` maps names to what the field shall say: a string, several
        for as many fields, or None for no such field. Fields are rewritten
        where they stand; new ones close the header. Raises Misused when a
        value cannot stand in a header, or the message was composed with
        Bcc, which no ``source`` holds, and ``changes`` do not say it anew.
        """
        from courriel.model.header_changes import changed

        source = changed(self.source, changes)
        if self.composed and self.bcc and "bcc" not in map(str.lower, changes):
            raise Misused(
                "the blind copies of a composed message would be lost",
                operation="with_headers",
                hint='Say them too: {"Bcc": ", ".join(map(str, email.bcc))}.',
            )
        return Email.from_source(source)

    def as_message(self) -> EmailMessage:
        """Return the message as the standard library's ``EmailMessage``.

        Raises Misused when the library's parser cannot cope with its bytes.
        """
        from courriel.model.standard import parsed

        return parsed(self.source)

    def reply(
        self,
        all: bool = False,  # noqa: A002 - The public API names it so.
        *,
        sender: AddressLike | None = None,
        text: str | None = None,
    ) -> Email:
        """Return an answer: addressed, threaded, with the original quoted under ``text``.

        ``all`` answers the other recipients too (Cc), without ``sender``. Who
        answers is not known from the mail: give ``sender``, else the answer
        has no author and needs one when it is sent.
        """
        from courriel.model.answering import reply_fields

        return Email(
            **reply_fields(
                self, all, given.checked_sender(sender), given.checked_body(text, "text")
            )
        )

    def forward(
        self,
        *,
        sender: AddressLike | None = None,
        to: AddressesLike = (),
        text: str | None = None,
    ) -> Email:
        """Return a message that passes this one on: quoted under ``text``, with its files."""
        from courriel.model.answering import forward_fields

        return Email(
            to=to,
            **forward_fields(self, given.checked_sender(sender), given.checked_body(text, "text")),
        )

    def embed_images(self, base_directory: str | os.PathLike[str]) -> Email:
        """Return the message with the local images that its HTML shows put into it.

        The ``src`` of ``img`` and the ``url()`` of CSS that name an image by a
        path relative to ``base_directory`` become inline parts, each file
        once; remote ones (``https:``, ``data:``, ``cid:``, …) stay, and so
        does every other character of the HTML. Raises Misused for an image
        that is not there or not inside ``base_directory``, links followed, and
        for a message that was not composed here.
        """
        from courriel.model.images import embedded

        made = Email.__new__(Email)
        made._source = made._headers = None
        made._view = embedded(self.composition, base_directory)
        return made

    def as_attachment(self) -> Attachment:
        """Return the message as a file without blind copies: message/rfc822, or message/global."""
        from courriel.model.nesting import nested

        return nested(self)

    def __repr__(self) -> str:
        sender = self.sender.address if self.sender else None
        return f"Email(sender={sender!r}, subject={self.subject[:60]!r})"
