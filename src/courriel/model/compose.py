"""Write a composed message: the right MIME tree, encoded so that every server carries it.

::

    mixed                       when there are attachments
    ├── alternative             when there are text and HTML
    │   ├── text/plain
    │   ├── related             when the HTML shows images of its own
    │   │   ├── text/html
    │   │   └── image/…         Content-ID
    │   └── text/calendar       when it is an invitation
    └── application/…

A level that would hold one part is left out. Text is 7bit when it is plain ASCII in short lines,
else quoted-printable or base64, whichever is shorter; files are base64; a message inside a message
stays as it is, and so do the parts of a report (RFC 2045, 6.4). So the result needs no 8BITMIME,
except for the headers of SMTPUTF8 addresses and for such inner messages, and depends on the
composition alone. For a transport that carries more, text is 8bit and files are binary. An
invitation is the last of the alternatives (RFC 6047, 2.4), for programs that know calendars, and a
file for the others.

Only the making of bytes lives here; what goes in has been checked by ``composition``.
"""

from __future__ import annotations

import binascii
import os
from collections.abc import Sequence
from dataclasses import dataclass

from courriel.model.address import Address
from courriel.model.attachment import Attachment
from courriel.model.composition import GLOBAL, OPERATION, Composition
from courriel.model.dates import written
from courriel.model.draft import Draft, FilePiece, Piece, base64_lines, changed, unreadable
from courriel.model.folding import (
    Field,
    address_words,
    block,
    fallback_words,
    parameter_words,
    text_words,
)
from courriel.model.priority import IMPORTANCE, SENSITIVITY, X_PRIORITY, Priority, Sensitivity
from courriel.model.structured import field_words
from courriel.model.transfer import Transfer
from courriel.model.unsubscribing import unsubscribe_fields

LARGE = 1024 * 1024
"""Octets of a file in memory above which it is encoded on the way out, like one on disk."""

NESTED = 16 * 1024 * 1024
"""Octets of a message in a file that is nested as a message; a larger one goes as a plain file,
because it would have to be read as a whole to know whether it can be nested."""

_ENCODING = "Content-Transfer-Encoding"
_LINE = 990
_PLAIN_OCTETS = bytes(range(32, 127)) + b"\t\n"
_TEXT_OCTETS = _PLAIN_OCTETS + bytes(range(128, 256))
_SEVEN_BIT, _EIGHT_BIT, _BINARY = Transfer.SEVEN_BIT, Transfer.EIGHT_BIT, Transfer.BINARY


@dataclass(frozen=True, slots=True)
class Entity:
    """A MIME entity: its fields, the pieces of its body, and those that hold free text.

    ``opaque``: it holds files as they are, which nobody looks through for a boundary.
    """

    fields: list[Field]
    body: Sequence[Piece]
    free: Sequence[bytes]
    opaque: bool = False


def render(composition: Composition) -> bytes:
    """Return the message as bytes with CR LF line ends, without Bcc, for any server."""
    return draft(composition).joined()


def draft(composition: Composition, transfer: Transfer = _SEVEN_BIT) -> Draft:
    """Return the message for a transport, with files still to be read."""
    content = _content(composition, transfer)
    fields = [*_header(composition), ("MIME-Version", ["1.0"]), *content.fields]
    return Draft([block(fields), b"\r\n", *content.body], transfer)


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
    fields += [(name, address_words(name, list_, utf8=utf8)) for name, list_ in people if list_]
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
    fields += unsubscribe_fields(mail.unsubscribe)
    return fields + [
        (name, field_words(name, text, operation=OPERATION, utf8=utf8)) for name, text in mail.extra
    ]


def _content(mail: Composition, transfer: Transfer) -> Entity:
    bodies: list[Entity] = []
    inline = list(mail.inline)
    if mail.text is not None or mail.html is None:
        bodies.append(_text("plain", mail.text or "", transfer))
    if mail.html is not None:
        html = _text("html", mail.html, transfer)
        if inline:
            parts = [html, *(_file(image, transfer) for image in inline)]
            # The type of the page must be told (RFC 2387, 3.1).
            html = _multipart("related", parts, mail.message_id, 'type="text/html";')
            inline = []
        bodies.append(html)
    if mail.calendar is not None:
        method = f"method={mail.calendar.method}"
        bodies.append(_text("calendar", mail.calendar.text, transfer, method))
    body = _multipart("alternative", bodies, mail.message_id) if len(bodies) > 1 else bodies[0]
    files = [_file(attachment, transfer) for attachment in (*inline, *mail.attachments)]
    return _multipart("mixed", [body, *files], mail.message_id) if files else body


def _text(subtype: str, text: str, transfer: Transfer, parameter: str = "") -> Entity:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    data = text.encode()
    words = [f"text/{subtype};", "charset=utf-8"]
    if parameter:
        words[1:] = ["charset=utf-8;", parameter]
    odd = len(data.translate(None, _PLAIN_OCTETS))
    short = len(data) <= _LINE or max(map(len, data.split(b"\n"))) <= _LINE
    if short and (
        not odd or (transfer is not _SEVEN_BIT and not data.translate(None, _TEXT_OCTETS))
    ):
        body = data.replace(b"\n", b"\r\n")
        return _entity(words, "8bit" if odd else "7bit", body, free=True)
    if odd > len(data) // 6:
        return _entity(words, "base64", base64_lines(data.replace(b"\n", b"\r\n")))
    # The codec writes its soft breaks like the first line end it sees: LF throughout.
    return _entity(words, "quoted-printable", binascii.b2a_qp(data).replace(b"\n", b"\r\n"))


def _entity(type_: list[str], encoding: str, body: bytes, *, free: bool = False) -> Entity:
    fields: list[Field] = [("Content-Type", type_), (_ENCODING, [encoding])]
    return Entity(fields, [body], [body] if free else [])


def _file(attachment: Attachment, transfer: Transfer) -> Entity:
    try:
        return _file_as_it_is(attachment, transfer)
    except OSError as error:
        raise unreadable(attachment, error) from error


def _file_as_it_is(attachment: Attachment, transfer: Transfer) -> Entity:
    type_ = attachment.content_type
    in_utf8 = type_.lower().startswith(GLOBAL)
    # What is in UTF-8 may be encoded, and is where it must be (RFC 6532, 3.7).
    if type_.lower().startswith("message/") and not (in_utf8 and transfer is _SEVEN_BIT):
        nested = _nested(attachment)
        if nested is not None:
            eight_bit = not all(isinstance(piece, FilePiece) or piece.isascii() for piece in nested)
            free = [piece for piece in nested if isinstance(piece, bytes)]
            fields = _file_fields(attachment, type_, "8bit" if eight_bit else "7bit")
            return Entity(fields, nested, free)
        type_ = type_ if in_utf8 else "application/octet-stream"
    store = attachment.store
    binary = transfer is _BINARY
    fields = _file_fields(attachment, type_, "binary" if binary else "base64")
    if store is not None or attachment.size > LARGE:
        return Entity(fields, [FilePiece(attachment, attachment.size, not binary)], [], binary)
    content = attachment.content
    return Entity(fields, [content if binary else base64_lines(content)], [], binary)


def _file_fields(attachment: Attachment, type_: str, encoding: str) -> list[Field]:
    name = attachment.name
    shown = "inline" if attachment.inline_id is not None else "attachment"
    type_words, disposition = [type_], [shown]
    if name:
        type_words = [f"{type_};", *fallback_words("name", name)]
        disposition = [f"{shown};", *parameter_words("filename", name)]
    fields: list[Field] = [
        ("Content-Type", type_words),
        (_ENCODING, [encoding]),
        ("Content-Disposition", disposition),
    ]
    if attachment.inline_id is not None:
        fields.append(("Content-ID", [f"<{attachment.inline_id}>"]))
    return fields


def _nested(attachment: Attachment) -> Sequence[Piece] | None:
    """Return a message with CR LF line ends, or None when it cannot be carried as it is."""
    store = attachment.store
    if isinstance(store, Draft):
        return store.parts
    if store is not None and store.size > NESTED:
        return None
    content = attachment.content if store is None else b"".join(attachment.pieces())
    if len(content) != attachment.size:
        raise changed(attachment)
    if b"\0" in content:
        return None
    ends = content.count(b"\r\n")
    if not ends == content.count(b"\n") == content.count(b"\r"):
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    return None if _has_long_line(content) else [content]


def _has_long_line(content: bytes) -> bool:
    """Tell whether a line is longer than servers carry, without cutting it into lines."""
    start = 0
    while len(content) - start > _LINE:
        end = content.rfind(b"\n", start, start + _LINE + 1)
        if end < 0:
            return True
        start = end + 1
    return False


def _multipart(subtype: str, parts: Sequence[Entity], seed: str, *parameters: str) -> Entity:
    free = [piece for part in parts for piece in part.free]
    opaque = any(part.opaque for part in parts)
    boundary = _unguessable() if opaque else _boundary(f"{subtype} {seed}", free)
    delimiter = b"\r\n--" + boundary
    body: list[Piece] = []
    for part in parts:
        body += [delimiter, b"\r\n", block(part.fields), b"\r\n", *part.body]
    body[0] = delimiter[2:]
    body += [delimiter, b"--\r\n"]
    words = [f"multipart/{subtype};", *parameters, f'boundary="{boundary.decode()}"']
    fields: list[Field] = [("Content-Type", words)]
    encodings = {value[0] for part in parts for name, value in part.fields if name == _ENCODING}
    for encoding in ("binary", "8bit"):
        if encoding in encodings:
            # The multipart has what its parts have (RFC 2045, 6.4).
            fields.append((_ENCODING, [encoding]))
            break
    return Entity(fields, body, free, opaque)


def _unguessable() -> bytes:
    """Return a boundary that no file can hold on purpose: 128 random bits."""
    return b"=_" + os.urandom(16).hex().encode()


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
