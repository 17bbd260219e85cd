"""Write a composed message: the right MIME tree, encoded so that every server carries it.

::

    mixed                       when there are attachments
    ├── alternative             when there are text and HTML
    │   ├── text/plain
    │   └── related             when the HTML shows images of its own
    │       ├── text/html
    │       └── image/…         Content-ID
    └── application/…

A level that would hold one part is left out. Text is 7bit when it is plain ASCII in short lines,
else quoted-printable or base64, whichever is shorter; files are base64; a message inside a message
stays as it is (RFC 2046, 5.2.1). So the result needs no 8BITMIME, except for the headers of
SMTPUTF8 addresses and for such inner messages. The result depends on the composition alone.

Only the making of bytes lives here; what goes in has been checked by ``composition``.
"""

from __future__ import annotations

import binascii
from collections.abc import Sequence
from dataclasses import dataclass

from courriel.model.address import Address, addresses
from courriel.model.attachment import Attachment
from courriel.model.composition import Composition
from courriel.model.dates import written
from courriel.model.folding import (
    Field,
    address_words,
    block,
    fallback_words,
    parameter_words,
    text_words,
)
from courriel.model.priority import IMPORTANCE, SENSITIVITY, X_PRIORITY, Priority, Sensitivity

_LINE = 990
_BASE64_LINE = 76
_PLAIN_OCTETS = bytes(range(32, 127)) + b"\t\n"
_ADDRESS_FIELDS = frozenset(
    {
        "sender",
        "errors-to",
        "return-receipt-to",
        "disposition-notification-to",
        "mail-followup-to",
        "resent-from",
        "resent-sender",
        "resent-to",
        "resent-cc",
    }
)


@dataclass(frozen=True, slots=True)
class Entity:
    """A MIME entity: its fields, the pieces of its body, and those that hold free text."""

    fields: list[Field]
    body: list[bytes]
    free: list[bytes]


def render(composition: Composition) -> bytes:
    """Return the message as bytes with CR LF line ends, without Bcc."""
    content = _content(composition)
    fields = [*_header(composition), ("MIME-Version", ["1.0"]), *content.fields]
    return b"".join([block(fields), b"\r\n", *content.body])


def _header(mail: Composition) -> list[Field]:
    utf8 = mail.needs_utf8
    fields: list[Field] = [("Date", [written(mail.date)])]
    people: list[tuple[str, Sequence[Address]]] = [
        ("From", [mail.sender] if mail.sender else []),
        ("Reply-To", mail.reply_to),
        ("To", mail.to),
        ("Cc", mail.cc),
    ]
    if mail.sender and mail.request_read_receipt:
        people.append(("Disposition-Notification-To", [mail.sender]))
    if mail.sender and mail.request_delivery_receipt:
        people.append(("Return-Receipt-To", [mail.sender]))
    fields += [(name, address_words(list_, utf8=utf8)) for name, list_ in people if list_]
    if mail.subject:
        fields.append(("Subject", text_words("Subject", mail.subject, utf8=utf8)))
    fields.append(("Message-ID", [mail.message_id]))
    if mail.in_reply_to:
        fields.append(("In-Reply-To", [mail.in_reply_to]))
    if mail.references:
        fields.append(("References", mail.references))
    if mail.priority is not Priority.NORMAL:
        fields.append(("X-Priority", [X_PRIORITY[mail.priority]]))
        fields.append(("Importance", [IMPORTANCE[mail.priority]]))
    if mail.sensitivity is not Sensitivity.NORMAL:
        fields.append(("Sensitivity", [SENSITIVITY[mail.sensitivity]]))
    return fields + [(name, _extra_words(name, text, utf8)) for name, text in mail.extra]


def _extra_words(name: str, text: str, utf8: bool) -> list[str]:
    if name.lower() in _ADDRESS_FIELDS:
        return address_words(addresses(text), utf8=utf8)
    return text_words(name, text, utf8=utf8)


def _content(mail: Composition) -> Entity:
    bodies: list[Entity] = []
    inline = list(mail.inline)
    if mail.text is not None or mail.html is None:
        bodies.append(_text("plain", mail.text or ""))
    if mail.html is not None:
        html = _text("html", mail.html)
        if inline:
            parts = [html, *(_file(image) for image in inline)]
            html = _multipart("related", parts, mail.message_id)
            inline = []
        bodies.append(html)
    body = _multipart("alternative", bodies, mail.message_id) if len(bodies) > 1 else bodies[0]
    files = [_file(attachment) for attachment in (*inline, *mail.attachments)]
    return _multipart("mixed", [body, *files], mail.message_id) if files else body


def _text(subtype: str, text: str) -> Entity:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    data = text.encode()
    odd = len(data.translate(None, _PLAIN_OCTETS))
    type_: Field = ("Content-Type", [f"text/{subtype};", "charset=utf-8"])
    if not odd and (len(data) <= _LINE or max(map(len, data.split(b"\n"))) <= _LINE):
        body = data.replace(b"\n", b"\r\n")
        return Entity([type_, ("Content-Transfer-Encoding", ["7bit"])], [body], [body])
    if odd > len(data) // 6:
        encoding, body = "base64", base64_lines(data.replace(b"\n", b"\r\n"))
    else:
        # The codec writes its soft breaks like the first line end it sees: LF throughout.
        encoding, body = "quoted-printable", binascii.b2a_qp(data).replace(b"\n", b"\r\n")
    return Entity([type_, ("Content-Transfer-Encoding", [encoding])], [body], [])


def _file(attachment: Attachment) -> Entity:
    content = attachment.content
    type_ = attachment.content_type
    if type_.lower().startswith("message/rfc822"):
        nested = _nested_message(content)
        if nested is not None:
            encoding = "7bit" if nested.isascii() else "8bit"
            return Entity(_file_fields(attachment, type_, encoding), [nested], [nested])
        type_ = "application/octet-stream"
    return Entity(_file_fields(attachment, type_, "base64"), [base64_lines(content)], [])


def _file_fields(attachment: Attachment, type_: str, encoding: str) -> list[Field]:
    name = attachment.name
    shown = "inline" if attachment.inline_id is not None else "attachment"
    type_words, disposition = [type_], [shown]
    if name:
        type_words = [f"{type_};", *fallback_words("name", name)]
        disposition = [f"{shown};", *parameter_words("filename", name)]
    fields: list[Field] = [
        ("Content-Type", type_words),
        ("Content-Transfer-Encoding", [encoding]),
        ("Content-Disposition", disposition),
    ]
    if attachment.inline_id is not None:
        fields.append(("Content-ID", [f"<{attachment.inline_id}>"]))
    return fields


def _nested_message(content: bytes) -> bytes | None:
    """Return a message with CR LF line ends, or None when it cannot be carried as it is."""
    if b"\0" in content:
        return None
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    return b"\r\n".join(lines) if max(map(len, lines)) <= _LINE else None


def _multipart(subtype: str, parts: Sequence[Entity], seed: str) -> Entity:
    free = [piece for part in parts for piece in part.free]
    boundary = _boundary(f"{subtype} {seed}", free)
    delimiter = b"\r\n--" + boundary
    body: list[bytes] = []
    for part in parts:
        body += [delimiter, b"\r\n", block(part.fields), b"\r\n", *part.body]
    body[0] = delimiter[2:]
    body += [delimiter, b"--\r\n"]
    type_: Field = ("Content-Type", [f"multipart/{subtype};", f'boundary="{boundary.decode()}"'])
    return Entity([type_], body, free)


def _boundary(seed: str, free: Sequence[bytes]) -> bytes:
    """Return a boundary that no part holds.

    ``=_`` stands in no base64 and no quoted-printable text (RFC 2045, 6.7);
    in free text it is looked for.
    """
    number = 0
    while True:
        digest = binascii.crc32(f"{seed} {number}".encode())
        boundary = b"=_%08x_%d" % (digest, number)
        if not any(boundary in piece for piece in free):
            return boundary
        number += 1


def base64_lines(data: bytes) -> bytes:
    """Return ``data`` in base64, in lines of 76 characters (RFC 2045, 6.8)."""
    encoded = binascii.b2a_base64(data, newline=False)
    starts = range(0, len(encoded), _BASE64_LINE)
    return b"\r\n".join([encoded[start : start + _BASE64_LINE] for start in starts])
