"""Answer what a mail says, from its bytes, one question at a time.

Each answer is worked out when it is first asked for and kept: asking for the subject splits no
body. Nothing raises, whatever the bytes are; ``defects`` says what was wrong.

The text is every ``text/plain`` part that is not a file; the HTML is the first ``text/html`` part:
two of them are never joined, because one could read the other (EFAIL). Parts that the HTML shows
(see ``inlined``) are ``inline``, everything else is an attachment, messages inside messages too;
but for a text without a name that stands beside another one in an alternative, such as the calendar
of an invitation: it says the same in another way.

Only this view lives here; the bytes are read by ``structure``, ``decoding``, ``parameters`` and
``tolerant``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from courriel.model import dates
from courriel.model.address import Address
from courriel.model.attachment import Attachment
from courriel.model.bodyparts import Body, sorted_parts
from courriel.model.decoding import (
    charset_in_html,
    decoded,
    from_transfer,
    header_text,
    in_utf8,
    unfolded,
)
from courriel.model.enclosed import (
    Enclosed,
    from_tnef,
    paragraphs,
    text_in,
    without_uuencode,
)
from courriel.model.headers import Headers
from courriel.model.inlined import shown_among
from courriel.model.limits import DEFAULT
from courriel.model.priority import Priority, Sensitivity, priority_of, sensitivity_of
from courriel.model.structure import (
    Header,
    Part,
    content_type,
    read_header,
    transfer_encoding,
)
from courriel.model.tolerant import read_addresses
from courriel.model.unsubscribing import unsubscribe_links

if TYPE_CHECKING:
    from courriel.model.tnef import Tnef

_IDENTIFIER = re.compile(r"<[^<>]{1,998}>")


def _identifiers(text: str) -> Iterator[str]:
    """Yield the Message-IDs in a text; white space in one came in where it was folded."""
    return ("".join(found[0].split()) for found in _IDENTIFIER.finditer(text))


class ReadMail:
    """A mail that was read: the same questions as a ``Composition``, answered from bytes."""

    def __init__(self, source: bytes) -> None:
        if b"\n" not in source and b"\r" in source:
            # Lines of an old Macintosh; every other reader here looks for LF.
            source = source.replace(b"\r", b"\n")
        self._source = source

    def __reduce__(self) -> tuple[type[ReadMail], tuple[bytes]]:
        return ReadMail, (self._source,)

    @cached_property
    def _header(self) -> Header:
        return read_header(self._source)

    @cached_property
    def headers(self) -> Headers:
        """All fields, decoded."""
        fields = self._header.fields
        return Headers([(name, header_text(self._readable(value))) for name, value in fields])

    def _readable(self, raw: bytes) -> bytes:
        """Return a value that is not ASCII and not UTF-8 as the body's charset reads it."""
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError:
            return in_utf8(raw, self._charset)
        return raw

    @cached_property
    def _charset(self) -> str | None:
        kind, parameters = content_type(self._header)
        if kind.startswith("multipart/"):
            part = next(iter(self._body.texts), self._body.html)
            parameters = parameters if part is None else part.parameters
        return parameters.get("charset")

    def _text_of(self, name: str) -> str:
        raw = self._header.first(name)
        return "" if raw is None else header_text(self._readable(raw))

    def _addresses_of(self, name: str) -> tuple[tuple[Address, ...], bool]:
        found: list[Address] = []
        complete = True
        for raw in self._header.every(name):
            room = DEFAULT.mail_addresses - len(found)
            some, all_read = read_addresses(unfolded(self._readable(raw)), room)
            found += some
            complete = complete and all_read
        return tuple(found), complete

    @cached_property
    def _people(self) -> dict[str, tuple[tuple[Address, ...], bool]]:
        return {}

    def _people_in(self, name: str) -> tuple[Address, ...]:
        if name not in self._people:
            self._people[name] = self._addresses_of(name)
        return self._people[name][0]

    @property
    def sender(self) -> Address | None:
        """The first author, or who sent it when no author is named."""
        authors = self._people_in("from") or self._people_in("sender")
        return authors[0] if authors else None

    @property
    def to(self) -> tuple[Address, ...]:
        """The field To."""
        return self._people_in("to")

    @property
    def cc(self) -> tuple[Address, ...]:
        """The field Cc."""
        return self._people_in("cc")

    @property
    def bcc(self) -> tuple[Address, ...]:
        """The field Bcc, of a mail that has not been sent."""
        return self._people_in("bcc")

    @property
    def reply_to(self) -> tuple[Address, ...]:
        """The field Reply-To."""
        return self._people_in("reply-to")

    @cached_property
    def subject(self) -> str:
        """The subject, decoded, on one line."""
        return self._text_of("subject")

    @cached_property
    def date(self) -> datetime | None:
        """The field Date."""
        raw = self._header.first("date")
        return None if raw is None else dates.read(header_text(raw))

    @cached_property
    def message_id(self) -> str | None:
        """The Message-ID as it stands; without brackets when it has none."""
        text = self._text_of("message-id").strip()
        return next(_identifiers(text), text) or None

    @cached_property
    def in_reply_to(self) -> str | None:
        """The first identifier of In-Reply-To."""
        return next(_identifiers(self._text_of("in-reply-to")), None)

    @cached_property
    def _all_references(self) -> tuple[str, ...]:
        fields = self._header.every("references")
        text = " ".join(header_text(self._readable(raw)) for raw in fields)
        return tuple(_identifiers(text))

    @property
    def references(self) -> tuple[str, ...]:
        """The identifiers of References, of every such field there is."""
        return self._all_references[-DEFAULT.mail_references :]

    @cached_property
    def priority(self) -> Priority:
        """What the first of the fields for it says."""
        for name in ("x-priority", "importance", "priority", "x-msmail-priority"):
            priority = priority_of(self._text_of(name))
            if priority is not None:
                return priority
        return Priority.NORMAL

    @cached_property
    def sensitivity(self) -> Sensitivity:
        """The field Sensitivity."""
        return sensitivity_of(self._text_of("sensitivity")) or Sensitivity.NORMAL

    @property
    def request_read_receipt(self) -> bool:
        """Whether a disposition notification is asked for."""
        return self._header.first("disposition-notification-to") is not None

    @property
    def request_delivery_receipt(self) -> bool:
        """Whether the old field for it is there."""
        return self._header.first("return-receipt-to") is not None

    @property
    def needs_utf8(self) -> bool:
        """Whether the header holds UTF-8."""
        head = self._source[: self._header.body]
        return not head.isascii() and decoded(head, "utf-8")[1]

    @cached_property
    def _body(self) -> Body:
        return sorted_parts(self._source, self._loader)

    def _loader(self, part: Part) -> Callable[[], bytes]:
        return lambda: self._decoded_part(part)[0]

    def _decoded_part(self, part: Part) -> tuple[bytes, str | None]:
        encoding = transfer_encoding(part.header)
        if part.kind == "message/rfc822" and encoding not in {"base64", "quoted-printable"}:
            encoding = ""
        return from_transfer(self._source[part.start : part.end], encoding)

    def _text_of_part(self, part: Part, files: list[Attachment]) -> tuple[str, list[str]]:
        octets, defect = self._decoded_part(part)
        defects = [defect] if defect else []
        plain = part.kind != "text/html"
        if plain:
            octets, more, found = without_uuencode(octets)
            files += more
            defects += found
        charset = part.parameters.get("charset") or (None if plain else charset_in_html(octets))
        text, faithful = decoded(octets, charset)
        if charset is None and not (octets.isascii() and text.isascii()):
            defects.append("text without its charset")
        if not faithful:
            defects.append(f"text that is not in its charset {(charset or '')[:40]!r}")
        text = text.removeprefix("\ufeff")
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        return (paragraphs(text, part.parameters) if plain else text), defects

    @cached_property
    def _texts(self) -> Enclosed:
        found = Enclosed()
        texts: list[str] = []
        for part in self._body.texts:
            text, defects = self._text_of_part(part, found.files)
            texts.append(text)
            found.defects += defects
        found.text = "\n".join(texts) if texts else None
        return found

    @cached_property
    def _html(self) -> tuple[str | None, list[str]]:
        part = self._body.html
        return (None, []) if part is None else self._text_of_part(part, [])

    @cached_property
    def _tnef(self) -> dict[int, Tnef]:
        return {place: from_tnef(file.content) for place, file in self._body.tnef.items()}

    @cached_property
    def _packed(self) -> Enclosed:
        """The text that stands only in a ``winmail.dat``."""
        if self._body.tnef and self._body.html is None and not (self._texts.text or "").strip():
            for tnef in self._tnef.values():
                found = text_in(tnef)
                if found.text is not None or found.html is not None:
                    return found
        return Enclosed()

    @property
    def text(self) -> str | None:
        """The plain text, or None."""
        if self._packed.text is not None or self._packed.html is not None:
            return self._packed.text
        return self._texts.text

    @cached_property
    def shown_text(self) -> str | None:
        """The text, made from the HTML when that is all, or all but what a list put behind it."""
        text, html = self.text, self.html
        if html is None or (text is not None and not self._body.footed):
            return text
        from courriel.model.html_text import html_to_text

        words = html_to_text(html)
        return words if text is None else f"{words}\n{text}"

    @property
    def html(self) -> str | None:
        """The HTML, or None."""
        return self._html[0] if self._body.html is not None else self._packed.html

    @cached_property
    def attachments(self) -> tuple[Attachment, ...]:
        """The files, those of a ``winmail.dat`` in its place, those of the text at the end."""
        files: list[Attachment] = []
        for place, file in enumerate(self._body.attachments):
            if place in self._shown:
                continue
            inside = self._tnef[place].files if place in self._tnef else []
            files += inside or [file]
        if not self._body.texts and self._body.html is None:
            # There is no other version: it has to be shown by whoever can.
            files += self._body.versions
        return (*files, *self._texts.files)

    @cached_property
    def calendar(self) -> str | None:
        """The iCalendar object of an invitation, with the line ends that it has."""
        part = self._body.calendar
        if part is None:
            return None
        return decoded(self._decoded_part(part)[0], part.parameters.get("charset"))[0]

    @cached_property
    def unsubscribe(self) -> tuple[str, ...]:
        """The links of List-Unsubscribe."""
        return unsubscribe_links(self._text_of("list-unsubscribe"))

    @cached_property
    def _shown(self) -> frozenset[int]:
        """The places of the files that the HTML shows."""
        body = self._body
        if body.html is None:
            return frozenset()
        return shown_among(body.attachments, body.identified, lambda: self._html[0])

    @cached_property
    def inline(self) -> tuple[Attachment, ...]:
        """The files that the HTML shows."""
        return tuple(self._body.attachments[place] for place in sorted(self._shown))

    @cached_property
    def defects(self) -> tuple[str, ...]:
        """Everything that was found wrong, each thing once."""
        found = [*self._body.defects, *self._texts.defects, *self._html[1]]
        converted = self.html if self.text is None or self._body.footed else None
        if converted is not None and len(converted) > DEFAULT.mail_html:
            found.append(f"HTML longer than {DEFAULT.mail_html} characters and no text")
        if self._tnef:
            # The text in it is looked at only where there is no other.
            _ = self._packed
        for tnef in self._tnef.values():
            found += tnef.defects
        if len(self._all_references) > DEFAULT.mail_references:
            found.append(f"more than {DEFAULT.mail_references} References")
        found += self._faults()
        if self._header.first("date") is None or self.date is None:
            found.append("no readable Date")
        return tuple(dict.fromkeys(found))

    def _faults(self) -> Iterator[str]:
        """Yield what only somebody who asks for defects wants to know."""
        from courriel.model import faults

        for name in ("from", "sender", "reply-to", "to", "cc", "bcc"):
            people = self._people_in(name)
            if not self._people[name][1]:
                yield f"too many addresses in {name.title()}"
            yield from faults.of_people(self._header, name, people)
        if len(self._header.every("from")) != 1:
            yield "not exactly one From field"
        yield from faults.of_parts(self._source, self._body.root)
        yield from faults.of_lines(self._source, self._body.root)
        yield from faults.of_links(self._text_of("list-unsubscribe"))
