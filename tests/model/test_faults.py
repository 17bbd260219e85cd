"""``defects`` is empty only when nothing is wrong; what is merely unusual is no fault."""

from __future__ import annotations

import base64

import pytest

from courriel.model.email import Email
from courriel.model.limits import DEFAULT
from tests.toil import linear

HEAD = b"From: a@example.org\r\nDate: Thu, 6 Nov 2025 10:11:12 +0100\r\n"
MIXED = b"Content-Type: multipart/mixed; boundary=b\r\n"
FILE = b"Content-Type: image/png\r\nContent-Transfer-Encoding: "


def defects(rest: bytes) -> tuple[str, ...]:
    return Email.from_source(HEAD + rest).defects


@pytest.mark.parametrize(
    ("rest", "defect"),
    [
        (FILE + b"base64\r\n\r\n!!!!\r\n", "base64 with garbage"),
        (FILE + b"quoted-printable\r\n\r\na=ZZ\r\n", "quoted-printable with garbage"),
        (FILE + b"x-nope\r\n\r\na\r\n", "unknown transfer encoding 'x-nope'"),
        (
            MIXED + b"Content-Transfer-Encoding: base64\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n",
            "a multipart in 'base64'",
        ),
        (b"Subject: a\r\nSubject: b\r\n\r\n", "more than one Subject field"),
        (b"To: a@x\r\nTo: b@x\r\n\r\n", "more than one To field"),
        (b"Date: now\r\n\r\n", "more than one Date field"),
        (b"Content-Type: text/plain\r\n" * 2 + b"\r\n", "more than one Content-Type field"),
        (b"To: @@@ <<>>\r\n\r\n", "an unreadable address in To"),
        (b"Cc: Bob\r\n\r\n", "an unreadable address in Cc"),
        (b"Content-Type: nonsense\r\n\r\n", "a Content-Type that is none"),
        (b"Subject: a\0b\r\n\r\n", "NUL in the header"),
        (b"Subject: =?utf-8?q?abc\r\n\r\n", "a broken encoded word"),
        (b"Subject: =?utf-8?b?!!!?=\r\n\r\n", "a broken encoded word"),
        (b"Subject: =?x-no?q?a?=\r\n\r\n", "an encoded word in an unknown charset 'x-no'"),
        (b"Subject: \xfc\r\n\r\n", "octets in the header that are neither ASCII nor UTF-8"),
        (b"\r\n" + b"x" * 999 + b"\r\n", "a line longer than 998 octets"),
        (b"\r\n" + b"x" * 1_001, "a line longer than 998 octets"),
        (b"\r\na\nb\r\n", "lines that end with LF among others"),
        (b"\r\na\rb\r\n", "CR that ends no line"),
        (b"\r\nGr\xc3\xbc\xc3\x9fe\r\n", "text without its charset"),
    ],
)
def test_what_is_wrong_is_a_defect(rest: bytes, defect: str) -> None:
    assert defect in defects(rest)


def test_several_authors_need_a_sender() -> None:
    two = b"From: a@x, b@x\r\nDate: Thu, 6 Nov 2025 10:11:12 +0100\r\n"
    assert ("several authors and no Sender field",) == Email.from_source(two + b"\r\n").defects
    assert () == Email.from_source(two + b"Sender: a@x\r\n\r\n").defects


@pytest.mark.parametrize(
    "rest",
    [
        b"Subject: Gr\xc3\xbc\xc3\x9fe\r\n\r\n",
        b"To: undisclosed-recipients:;\r\nCc:\r\n\r\n",
        b'To: "a b"@example.org, c@[127.0.0.1]\r\n\r\n',
        b"\r\n" + b"x" * 998 + b"\r\n" + b"y" * 998,
        FILE + b"base64\r\n\r\n" + base64.encodebytes(b"x" * 99).replace(b"\n", b"\r\n"),
        FILE + b"quoted-printable\r\n\r\na=3D=\r\nb= \r\n=\r\n",
        FILE + b"binary\r\n\r\n\n\r" + b"x" * 2_000,
        b"Subject: =?utf-8?q?a=C3=BC?= =?utf-8*de?b?w7w=?=\r\n\r\n",
    ],
)
def test_what_is_unusual_is_no_defect(rest: bytes) -> None:
    assert () == defects(rest)


def test_lines_that_all_end_with_lf_are_no_defect() -> None:
    assert () == Email.from_source((HEAD + b"\r\na\r\nb\r\n").replace(b"\r\n", b"\n")).defects


def test_addresses_are_counted_over_all_fields_of_a_name() -> None:
    half = b"To: " + b"a@x," * 30_000 + b"\r\n"
    email = Email.from_source(HEAD + half * 2 + b"\r\n")
    assert DEFAULT.mail_addresses == len(email.to)
    assert "too many addresses in To" in email.defects


@pytest.mark.parametrize(
    "piece", [b"=", b"=?", b"=?a?q?", b"=\t", b"x", b"x\r\n", b'"', b"\r", b"a@", b"=?a?q?b?= "]
)
def test_bombs_take_linear_time(piece: bytes) -> None:
    many = piece * (200_000 // len(piece))
    encoded = b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + many
    with linear():
        assert defects(b"To: " + many + b"\r\n" + encoded)
