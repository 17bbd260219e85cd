"""Keep the messages that the conformance suite reads: ordinary ones, and broken ones.

Each is written out as it lies in a mailbox, every line with CRLF: a message made by the code under
test would hide that code's mistakes. What is broken here is so in real mailboxes.
"""

from __future__ import annotations

__all__ = ["ATTACHED", "BROKEN", "LETTERS", "PICTURE"]

PICTURE = bytes(range(256)) * 12
"""What is attached to ``ATTACHED``, decoded."""


def _lines(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def _letter(number: int, sender: str, subject: str, body: str) -> bytes:
    return _lines(
        f"From: {sender}\n"
        "To: Ada Lovelace <ada@example.org>\n"
        f"Subject: {subject}\n"
        f"Date: Mon, {number + 1} Jun 2026 10:00:00 +0200\n"
        f"Message-ID: <letter.{number}@example.org>\n"
        "MIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=utf-8\n"
        "Content-Transfer-Encoding: 8bit\n"
        "\n"
        f"{body}\n"
    )


def _attached() -> bytes:
    from base64 import encodebytes

    picture = encodebytes(PICTURE).decode()
    return _lines(
        "From: =?utf-8?Q?Gr=C3=A9goire?= <gregoire@example.net>\n"
        "To: ada@example.org, bob@example.org\n"
        "Cc: Eve <eve@example.com>\n"
        "Subject: =?utf-8?B?UGhvdG9zIGRlIGwnw6l0w6k=?=\n"
        "Date: Fri, 5 Jun 2026 18:30:00 +0000\n"
        "Message-ID: <photos@example.net>\n"
        "In-Reply-To: <letter.1@example.org>\n"
        "List-Id: Holidays <holidays.example.net>\n"
        "MIME-Version: 1.0\n"
        'Content-Type: multipart/mixed; boundary="outer"\n'
        "\n"
        "Nobody reads this.\n"
        "--outer\n"
        'Content-Type: multipart/alternative; boundary="inner"\n'
        "\n"
        "--inner\n"
        "Content-Type: text/plain; charset=iso-8859-1\n"
        "Content-Transfer-Encoding: quoted-printable\n"
        "\n"
        "L'=E9t=E9.\n"
        ".\n"
        "--inner\n"
        "Content-Type: text/html; charset=utf-8\n"
        "\n"
        "<p>L'&eacute;t&eacute;.</p>\n"
        "--inner--\n"
        "--outer\n"
        'Content-Type: image/png; name="summer.png"\n'
        'Content-Disposition: attachment; filename="summer.png"\n'
        "Content-Transfer-Encoding: base64\n"
        "\n"
        f"{picture}"
        "--outer--\n"
    )


ATTACHED = _attached()
"""A letter with two bodies (parts 1.1 and 1.2) and an attachment (part 2)."""

LETTERS: tuple[bytes, ...] = (
    _letter(0, "Bob <bob@example.org>", "Lunch", "At noon?"),
    _letter(1, "carol@example.com", "The report", "See below.\n.\n..\n.hidden"),
    _letter(2, "Bob <bob@example.org>", "Re: Lunch", "Noon it is.\n" + "x" * 70),
    _letter(3, '"Quoted, Name" <dan@example.org>', "A long one", "word " * 12 + "\n" * 500),
    ATTACHED,
)
"""Ordinary letters, in the order of their arrival."""

BROKEN: tuple[bytes, ...] = (
    b"no header at all\r\n",
    b"\r\nonly a body\r\n",
    b"Subject: only a header\r\n",
    b"From: <<>>, ,;:@\r\nTo: undisclosed-recipients:;\r\nDate: yesterday\r\n\r\nbody\r\n",
    b"Subject: =?utf-8?B?not base64?= =?x-unknown?Q?=FF?=\r\n\r\nbody\r\n",
    b"Subject: raw \xe9\xff octets\r\nFrom: \xc3\xa9@example.org\r\n\r\n\xff\xfe\r\n",
    b'Content-Type: multipart/mixed; boundary="never"\r\n\r\nno boundary ever comes\r\n',
    b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\n\r\nno end\r\n',
    b"Content-Type: multipart/mixed\r\n\r\nno boundary is named\r\n",
    b"Content-Type: text/plain; charset=klingon\r\n\r\nbody\r\n",
    b"Content-Transfer-Encoding: base64\r\n\r\n!!! no base64 !!!\r\n",
    b"Content-Type: ;;;=\r\nContent-Disposition: attachment; filename=\r\n\r\nbody\r\n",
    b"Subject: one\r\nSubject: two\r\nnot a field\r\n continued\r\n\r\nbody\r\n",
    b"Content-Type: message/rfc822\r\n\r\nSubject: inside\r\n\r\nbody\r\n",
)
"""Messages with which something is wrong, as they come."""
