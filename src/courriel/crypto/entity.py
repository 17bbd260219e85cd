"""Take a message apart into what stays outside and what is signed or encrypted.

::

    message = outside entity
    outside = fields without Content-* and MIME-Version
    entity  = Content-* fields, an empty line, the body          RFC 8551, 3.1; RFC 3156, 3

The entity is signed as octets, lines apart by CR LF: whatever is changed in it breaks the
signature. So it is copied from the source and written as it is. What is decrypted goes the other
way and takes the place of the whole entity, never of a part of it.

Only this cutting and joining lives here.
"""

from __future__ import annotations

import binascii
import os
import re
from dataclasses import dataclass

from courriel.crypto.sturdy import LINE, sturdy
from courriel.errors import Misused
from courriel.model.address import Address
from courriel.model.decoding import from_transfer, unfolded
from courriel.model.draft import base64_lines
from courriel.model.email import Email
from courriel.model.fieldblock import read_header
from courriel.model.folding import address_words, block
from courriel.model.structure import Part, split, transfer_encoding
from courriel.model.tolerant import read_addresses
from courriel.model.transfer import Transfer

_SUBJECT = re.compile(rb"^subject:[^\n]*\n(?:[ \t][^\n]*\n)*", re.IGNORECASE | re.MULTILINE)
_LINE_END = re.compile(rb"\r\n|\r|\n")
_BETWEEN_WORDS = re.compile(r"[\s<>()\[\],;:\"']+")
_AT_SIGNS = frozenset("@\ufe6b\uff20")
_PKCS7 = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})


@dataclass(frozen=True, slots=True)
class Halves:
    """The two halves of a message: the fields outside, and the entity."""

    outside: bytes
    entity: bytes

    def around(self, entity: bytes) -> Email:
        """Return the message with another entity in the same fields."""
        return Email.from_source(b"".join((self.outside, b"MIME-Version: 1.0\r\n", entity)))

    def revealing(self, content: bytes) -> Email:
        """Return the message with what was signed or decrypted as its only content.

        Fields in there that are not about the content are left out, so that the
        author is the one outside; the subject that programs put there, because
        it is secret too, takes the place of the one outside (RFC 9788).
        """
        inside = divided(sturdy(content, Transfer.EIGHT_BIT))
        subject = _SUBJECT.search(inside.outside)
        if subject is None:
            return self.around(inside.entity)
        outside = _SUBJECT.sub(b"", self.outside) + subject[0]
        return Halves(outside, inside.entity).around(inside.entity)


def checked(email: object, operation: str) -> Email:
    """Return ``email`` when it is one, else raise Misused."""
    if not isinstance(email, Email):
        raise Misused(
            f"{operation} takes an Email, not {type(email).__name__}",
            operation=operation,
            hint="Use Email.from_source for bytes.",
        )
    return email


def halves(email: Email, form: Transfer | None = None) -> Halves:
    """Return the halves of a message, the entity as it is or in a form that lasts.

    Who gets a blind copy of a composed message is kept in a field Bcc, which
    sending takes out again.
    """
    source = readable(email)
    found = divided(source if form is None else sturdy(source, form))
    if not (email.composed and email.bcc):
        return found
    blind = block([("Bcc", address_words("Bcc", email.bcc, utf8=email.needs_utf8))])
    return Halves(found.outside + blind, found.entity)


def divided(source: bytes) -> Halves:
    """Return the halves of a message, or of an entity that has fields of a message."""
    header = read_header(source)
    outside: list[bytes] = []
    inside: list[bytes] = []
    for name, raw in header.fields:
        mime = name.lower().startswith("content-")
        if mime or name.lower() != "mime-version":
            (inside if mime else outside).append(_field(name, raw))
    entity = b"".join((*inside, b"\r\n", canonical(source[header.body :])))
    return Halves(b"".join(outside), entity)


def _field(name: str, raw: bytes) -> bytes:
    # A bare CR would become a line end on the way.
    value = raw.replace(b"\r\n", b"\n").strip(b"\r\n").replace(b"\r", b" ")
    return b"%s:%s\r\n" % (name.encode(), value.replace(b"\n", b"\r\n"))


def readable(email: Email) -> bytes:
    """Return the source, with LF where an old Macintosh wrote nothing but CR."""
    source = email.source
    return source if b"\n" in source else source.replace(b"\r", b"\n")


def canonical(octets: bytes) -> bytes:
    """Return ``octets`` with CR LF at the end of every line (RFC 8551, 3.1.1)."""
    pairs = octets.count(b"\r\n")
    if pairs == octets.count(b"\n") and pairs == octets.count(b"\r"):
        return octets
    return _LINE_END.sub(b"\r\n", octets)


def check_plain(entity: bytes, operation: str, hint: str) -> None:
    """Raise Misused for an entity that a server might change on its way (RFC 3156, 3)."""
    if not entity.isascii() or b"\0" in entity:
        raise Misused("the content has octets that are not ASCII", operation=operation, hint=hint)
    if len(entity) > LINE and max(map(len, entity.split(b"\r\n"))) > LINE:
        raise Misused(
            f"the content has lines of more than {LINE} octets", operation=operation, hint=hint
        )


def multipart(subtype: str, parameters: tuple[str, ...], parts: tuple[bytes, ...]) -> bytes:
    """Return a multipart entity of parts that are entities themselves."""
    boundary = _boundary(parts)
    type_ = [f"multipart/{subtype};", *(f"{one};" for one in parameters)]
    fields = block([("Content-Type", [*type_, f'boundary="{boundary.decode()}"'])])
    delimited = [b"\r\n--%s\r\n%s" % (boundary, part) for part in parts]
    return b"".join((fields, *delimited, b"\r\n--%s--\r\n" % boundary))


def _boundary(parts: tuple[bytes, ...]) -> bytes:
    while True:
        boundary = b"=_%s" % binascii.hexlify(os.urandom(12))
        if not any(boundary in part for part in parts):
            return boundary


def base64_entity(content_type: str, name: str, octets: bytes) -> bytes:
    """Return an entity that carries ``octets`` as a file."""
    kind, *parameters = content_type.split("; ")
    words = [f"{one};" for one in (kind, *parameters)]
    fields = block(
        [
            ("Content-Type", [*words, f'name="{name}"']),
            ("Content-Transfer-Encoding", ["base64"]),
            ("Content-Disposition", ["attachment;", f'filename="{name}"']),
        ]
    )
    return b"".join((fields, b"\r\n", base64_lines(octets), b"\r\n"))


@dataclass(frozen=True, slots=True)
class Layer:
    """The outermost layer of a message: what kind of entity it is, and its parts."""

    source: bytes
    root: Part

    @classmethod
    def of(cls, email: Email) -> Layer:
        """Return the layer of ``email``. Nothing raises, whatever its bytes are."""
        source = readable(email)
        return cls(source, split(source)[0])

    def is_signed(self, protocol: str) -> bool:
        """Whether it is a multipart/signed of that protocol: of two parts, no more."""
        return (
            self.root.kind == "multipart/signed"
            and len(self.root.parts) == 2
            and self.root.parts[1].kind.replace("/x-", "/") == protocol
        )

    def is_encrypted_pgp(self) -> bool:
        """Whether it is a multipart/encrypted of OpenPGP (RFC 3156, 4)."""
        parts = self.root.parts
        return (
            self.root.kind == "multipart/encrypted"
            and len(parts) == 2
            and parts[0].kind == "application/pgp-encrypted"
        )

    def is_pkcs7(self) -> bool:
        """Whether it is a CMS message."""
        return is_pkcs7(self.root)

    def signed_octets(self) -> bytes:
        """Return the first part as it was signed, its header included."""
        part = self.root.parts[0]
        return self.source[part.begin : part.end]

    def decoded(self, part: Part) -> bytes:
        """Return the body of a part without its transfer encoding."""
        encoding = transfer_encoding(part.header)
        return from_transfer(self.source[part.start : part.end], encoding)[0]


def is_pkcs7(part: Part) -> bool:
    """Whether a part is a CMS message, by its type or by its name (RFC 8551, 3.9)."""
    name = part.parameters.get("name", "").lower()
    return part.kind in _PKCS7 or (
        part.kind == "application/octet-stream" and name.endswith(".p7m")
    )


def author(email: Email) -> tuple[Address | None, str]:
    """Return the one author of a message, or None and why there is none that can be told.

    Every address of every From field counts, for readers may choose any. A name
    that looks like an address is no name: programs show it in place of one.
    """
    header = read_header(readable(email))
    named = [one for raw in header.every("from") for one in read_addresses(unfolded(raw))[0]]
    if len(named) != 1:
        return None, "From does not name exactly one author"
    (found,) = named
    words = _BETWEEN_WORDS.split(found.name.lower())
    if any(_AT_SIGNS & set(word) and word != found.address.lower() for word in words):
        return None, "From shows another address as the name of its author"
    return found, ""
