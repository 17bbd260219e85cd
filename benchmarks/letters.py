"""Make letters that people might write: no two alike, nine kilobytes each, with a file.

A letter is the same one for the same number. Every second kind is foreign: its names and its
subject are encoded words (RFC 2047), its text is base64, the name of its file is extended
(RFC 2231). ``written`` makes the mail that another program would have made of it, with what servers
put in front; it knows nothing of what is measured.

Only these letters live here; mails of one size to the octet are in ``mails``.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from random import Random
from textwrap import fill
from urllib.parse import quote

_PLAIN = """
    about after again all already and another answer as ask at be before board budget by call can
    chairman change come copy date day do draft end evening first for from give go have here hour
    if in invoice it know last letter line list meet minutes month more need never new no note of
    on open or order over page paper part pay plan please price question read report room same see
    send sign some sum table take tell than that the then there they think this time to under use
    very wait week what when which will with word work write year you
""".split()  # noqa: SIM905 - A list of a hundred strings is a hundred lines.
_FOREIGN = """
    straße größe über für dass heißt bücher müsste élève garçon août naïve señor mañana façade
    wrocław łódź žluťoučký kůň прошу письмо завтра договор καλημέρα έγγραφο 会議 議事録 請求書
""".split()  # noqa: SIM905 - As above.
_NAMES = ("Ada Lovelace", "Bob Babbage", "Carol Coder", "Dave Decker", "Eve Ericson")
_FOREIGN_NAMES = ("Jürgen Müller", "Zoë Brontë", "Łukasz Żak", "Ольга Иванова", "山田 太郎")
_FILE_OCTETS = 4_000
_RELAY = (
    "Received: from mx{hop}.bench.invalid (mx{hop}.bench.invalid [192.0.2.{hop}])\r\n"
    "\tby mx{next}.bench.invalid with ESMTPS id {number:08x}{hop}\r\n"
    "\tfor <{to}>; {date}\r\n"
)
_OUTSIDE = (
    b'Content-Type: multipart/mixed; boundary="=_mixed"\r\n\r\n--=_mixed\r\n'
    b'Content-Type: multipart/alternative;\r\n\tboundary="=_alternative"\r\n\r\n'
)


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter says."""

    number: int
    sender: tuple[str, str]
    to: tuple[tuple[str, str], ...]
    subject: str
    date: datetime
    text: str
    html: str
    file_name: str
    file: bytes


def letter(number: int, *, foreign: bool = False) -> Letter:
    """Return the letter of that number."""
    chance = Random(number)
    words = _PLAIN + _FOREIGN * 2 if foreign else _PLAIN
    names = _FOREIGN_NAMES if foreign else _NAMES
    people = [
        (name, f"{_NAMES[at].split()[0].lower()}{number % 97}@bench.invalid")
        for at, name in enumerate(chance.sample(names, 3))
    ]
    paragraphs = [
        fill(" ".join(chance.choices(words, k=30)), 72) for _ in range(3 if foreign else 7)
    ]
    items = "".join(f"<li>{' '.join(chance.choices(words, k=9))}</li>\n" for _ in range(6))
    title = " ".join([*chance.choices(words, k=6), chance.choice(_FOREIGN if foreign else _PLAIN)])
    return Letter(
        number=number,
        sender=people[0],
        to=(people[1], people[2]),
        subject=f"{title} ({number})",
        date=datetime(2026, 11, 21, tzinfo=UTC) + timedelta(minutes=number),
        text="\n\n".join(paragraphs) + "\n",
        html=f"<html><body>\n<h1>{title}</h1>\n<p>{paragraphs[0]}</p>\n<ul>\n{items}</ul>\n"
        "</body></html>\n",
        file_name=f"{'議事録 ' if foreign else 'minutes-'}{number}.pdf",
        file=chance.randbytes(_FILE_OCTETS),
    )


def written(letter: Letter) -> bytes:
    """Return a letter as a mail that has come in."""
    text = letter.text.encode()
    plain = text.isascii()
    body = _lines(text) if plain else base64.encodebytes(_lines(text)).replace(b"\n", b"\r\n")
    name = (
        f'filename="{letter.file_name}"'
        if letter.file_name.isascii()
        else f"filename*=utf-8''{quote(letter.file_name)}"
    )
    return b"".join(
        [
            _header(letter).encode("ascii"),
            _OUTSIDE,
            _part("text/plain; charset=utf-8", "7bit" if plain else "base64"),
            body,
            _part("text/html; charset=utf-8", "quoted-printable"),
            binascii.b2a_qp(letter.html.encode()).replace(b"\n", b"\r\n"),
            b"\r\n--=_alternative--\r\n\r\n--=_mixed\r\nContent-Type: application/pdf\r\n",
            f"Content-Disposition: attachment;\r\n\t{name}\r\n".encode("ascii"),
            b"Content-Transfer-Encoding: base64\r\n\r\n",
            base64.encodebytes(letter.file).replace(b"\n", b"\r\n"),
            b"\r\n--=_mixed--\r\n",
        ]
    )


def _header(letter: Letter) -> str:
    date = format_datetime(letter.date)
    relays = [
        _RELAY.format(hop=hop, next=hop + 1, number=letter.number, to=letter.to[0][1], date=date)
        for hop in (3, 2, 1)
    ]
    to = ",\r\n\t".join(_mailbox(*person) for person in letter.to)
    signature = fill(base64.b64encode(letter.file[:160]).decode("ascii"), 70).replace(
        "\n", "\r\n\t "
    )
    return (
        f"Return-Path: <{letter.sender[1]}>\r\nDelivered-To: {letter.to[0][1]}\r\n"
        f"{''.join(relays)}"
        "DKIM-Signature: v=1; a=rsa-sha256; d=bench.invalid; s=2026;\r\n"
        f"\th=from:to:subject:date:message-id;\r\n\tb={signature}\r\n"
        f"From: {_mailbox(*letter.sender)}\r\nTo: {to}\r\n"
        f"Subject: {_encoded(letter.subject)}\r\nDate: {date}\r\n"
        f"Message-ID: <{letter.number:08}.letter@bench.invalid>\r\n"
        "X-Mailer: Letters 1.0\r\nMIME-Version: 1.0\r\n"
    )


def _part(kind: str, encoding: str) -> bytes:
    return (
        f"\r\n--=_alternative\r\nContent-Type: {kind}\r\n"
        f"Content-Transfer-Encoding: {encoding}\r\n\r\n"
    ).encode("ascii")


def _mailbox(name: str, address: str) -> str:
    return f"{_encoded(name)} <{address}>"


def _encoded(text: str) -> str:
    """Return a text as it stands in a header, in words of fifteen characters if need be."""
    if text.isascii():
        return text
    pieces = [text[at : at + 15].encode() for at in range(0, len(text), 15)]
    words = [f"=?utf-8?b?{base64.b64encode(piece).decode('ascii')}?=" for piece in pieces]
    return "\r\n ".join(words)


def _lines(text: bytes) -> bytes:
    return text.replace(b"\n", b"\r\n")
