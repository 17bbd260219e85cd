"""Make the mails that everybody reads: nine kilobytes with an attachment, or one of plain text.

All of a kind have the same size to the octet, and differ by the number in their Subject. Lines end
in CRLF, as they do on the wire. Only the workload lives here.
"""

from __future__ import annotations

import base64

WHOLE_OCTETS = 9_000
"""Octets of a mail that is read whole."""
SMALL_OCTETS = 1_000
"""Octets of a mail of which only the envelope is read."""
SUBJECT = "Minutes of the meeting"

_HEADER = (
    "Return-Path: <ada@bench.invalid>\r\n"
    "From: =?utf-8?q?Ada_Lovel=C3=A4ce?= <ada@bench.invalid>\r\n"
    "To: Bob <bob@bench.invalid>, carol@bench.invalid\r\n"
    'Cc: "Dave, of the board" <dave@bench.invalid>\r\n'
    f"Subject: {SUBJECT} {{number:06}}\r\n"
    "Date: Sat, 21 Nov 2026 12:00:00 +0000\r\n"
    "Message-ID: <{number:06}@bench.invalid>\r\n"
    "MIME-Version: 1.0\r\n"
)
_PLAIN = "Content-Type: text/plain; charset=us-ascii\r\n\r\n"
_LINE = b"The quick brown fox jumps over the lazy dog, and so on to the end of line.\r\n"
_END = b"\r\n--=_mixed--\r\n"


def small_mail(number: int) -> bytes:
    """Return a mail of one plain text, ``SMALL_OCTETS`` in all."""
    header = (_HEADER + _PLAIN).format(number=number).encode("ascii")
    return header + _text(SMALL_OCTETS - len(header))


def whole_mail(number: int) -> bytes:
    """Return a mail of text, HTML and an attachment, ``WHOLE_OCTETS`` in all."""
    before = (
        _HEADER.format(number=number)
        + 'Content-Type: multipart/mixed; boundary="=_mixed"\r\n\r\n'
        + '--=_mixed\r\nContent-Type: multipart/alternative; boundary="=_alternative"\r\n\r\n'
        + f"--=_alternative\r\n{_PLAIN}"
    ).encode("ascii")
    after = (
        b"\r\n--=_alternative\r\nContent-Type: text/html; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>Caf=C3=A9</p>\r\n"
        b"--=_alternative--\r\n--=_mixed\r\n"
        b'Content-Type: application/pdf; name="minutes.pdf"\r\n'
        b'Content-Disposition: attachment; filename="minutes.pdf"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n"
    ) + base64.encodebytes(bytes(range(256)) * 20).replace(b"\n", b"\r\n")
    room = WHOLE_OCTETS - len(before) - len(after) - len(_END)
    return before + _text(room) + after + _END


def _text(octets: int) -> bytes:
    """Return lines of exactly ``octets`` octets in all."""
    lines, rest = divmod(octets - 2, len(_LINE))
    return _LINE * lines + b"x" * rest + b"\r\n"
