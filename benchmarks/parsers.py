"""List who is measured at parsing, and the mails made for it.

Every parser answers two questions of a mail's octets: ``header`` gives subject, name and address of
the sender, and date; ``whole`` every text and every attachment with its name, decoded. Only that
lives here.
"""

from __future__ import annotations

import base64
import email
import email.policy
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from random import Random

from courriel import Address, Email

MODERN = "message_from_bytes(policy.default)"
COMPAT = "message_from_bytes(compat32)"
COURRIEL = "Email.from_source"


@dataclass(frozen=True, slots=True)
class Parser:
    """One way of reading."""

    header: Callable[[bytes], object]
    whole: Callable[[bytes], list[tuple[str | None, object]]]


def modern_header(source: bytes) -> object:
    """Ask the standard library's parser with its modern policy."""
    message = email.message_from_bytes(source, policy=email.policy.default)
    sender = message["from"].addresses[0]
    return message["subject"], sender.display_name, sender.addr_spec, message["date"].datetime


def modern_whole(source: bytes) -> list[tuple[str | None, object]]:
    """Take every part's content, decoded."""
    message = email.message_from_bytes(source, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return [
        (part.get_filename(), part.get_content())
        for part in message.walk()
        if not part.is_multipart()
    ]


def compat_header(source: bytes) -> object:
    """Ask the standard library's parser with its old policy."""
    message = email.message_from_bytes(source)
    return message["subject"], message["from"], message["date"]


def compat_whole(source: bytes) -> list[tuple[str | None, object]]:
    """Take every part's octets."""
    message = email.message_from_bytes(source)
    return [
        (part.get_filename(), part.get_payload(decode=True))
        for part in message.walk()
        if not part.is_multipart()
    ]


def courriel_header(source: bytes) -> object:
    """Ask ours."""
    mail = Email.from_source(source)
    assert mail.sender is not None
    return mail.subject, mail.sender.name, mail.sender.address, mail.date


def courriel_whole(source: bytes) -> list[tuple[str | None, object]]:
    """Take the texts and the files."""
    mail = Email.from_source(source)
    texts = [(None, text) for text in (mail.text, mail.html) if text is not None]
    return [*texts, *((file.name, file.content) for file in mail.attachments)]


PARSERS = {
    MODERN: Parser(modern_header, modern_whole),
    COMPAT: Parser(compat_header, compat_whole),
    COURRIEL: Parser(courriel_header, courriel_whole),
}


def recipients_of(source: bytes) -> tuple[Address, ...]:
    """Return the recipients, by ours."""
    return Email.from_source(source).to


def subject_of(source: bytes) -> str:
    """Return the subject, by ours."""
    return Email.from_source(source).subject


def large_mail() -> bytes:
    """Return a mail with three attachments, 2.8 MB in all."""
    chance = Random(2_800_000)
    files = b"".join(
        b"\r\n--=_mixed\r\nContent-Type: application/pdf\r\n"
        b'Content-Disposition: attachment; filename="minutes-%d.pdf"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n"
        % number
        + base64.encodebytes(chance.randbytes(680_000)).replace(b"\n", b"\r\n")
        for number in range(3)
    )
    head = (
        b"From: ada@bench.invalid\r\nTo: bob@bench.invalid\r\nSubject: Minutes\r\n"
        b"Date: Sat, 21 Nov 2026 12:00:00 +0000\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="=_mixed"\r\n\r\n'
        b"--=_mixed\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nThree files.\r\n"
    )
    return head + files + b"\r\n--=_mixed--\r\n"


def recipients_mail(count: int) -> bytes:
    """Return a mail to so many people."""
    people = ", ".join(f"Person {n} <person{n}@bench.invalid>" for n in range(count))
    return f"From: ada@bench.invalid\r\nTo: {people}\r\n\r\n".encode("ascii")


def words_mail(count: int) -> bytes:
    """Return a mail whose subject has so many encoded words (RFC 2047)."""
    words = "\r\n ".join(f"=?utf-8?q?w=C3=B6rd_{n}_?=" for n in range(count))
    return f"From: ada@bench.invalid\r\nSubject: {words}\r\n\r\n".encode("ascii")
