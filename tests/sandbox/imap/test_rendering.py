"""ENVELOPE, BODY and BODYSTRUCTURE, of mails as they come."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.sandbox.envelope import SmtpEnvelope
from courriel.sandbox.imap.people import addresses
from courriel.sandbox.imap.rendering import body_structure, envelope
from courriel.sandbox.imap.texts import body_text
from courriel.sandbox.stored import StoredMessage

END = "(NIL NIL NIL NIL)"


def stored(content: bytes) -> StoredMessage:
    return StoredMessage(1, content, SmtpEnvelope(), datetime.now(UTC))


def crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("ada@example.org", '(NIL NIL "ada" "example.org")'),
        ("Ada <ada@example.org>", '("Ada" NIL "ada" "example.org")'),
        ('"Ada, \\"L\\"" <ada@x>', '("Ada, \\"L\\"" NIL "ada" "x")'),
        ("=?utf-8?q?Ad=C3=A0?= King <ada@x>", '("=?utf-8?q?Ad=C3=A0?= King" NIL "ada" "x")'),
        ("ada@x (Ada (L) King)", '("Ada (L) King" NIL "ada" "x")'),
        ("a@x, b@y", '(NIL NIL "a" "x")(NIL NIL "b" "y")'),
        ("<@relay,@other:a@x>", '(NIL NIL "a" "x")'),
        ('"a b"@x', '(NIL NIL "a b" "x")'),
        ("a@[127.0.0.1]", '(NIL NIL "a" "[127.0.0.1]")'),
        ("ada", '(NIL NIL "ada" "")'),
        ("us: a@x, B <b@y>;", f'(NIL NIL "us" NIL)(NIL NIL "a" "x")("B" NIL "b" "y"){END}'),
        ("undisclosed-recipients:;", f'(NIL NIL "undisclosed-recipients" NIL){END}'),
        ("open: a@x", f'(NIL NIL "open" NIL)(NIL NIL "a" "x"){END}'),
    ],
)  # fmt: skip
def test_addresses(written: str, expected: str) -> None:
    assert f"({expected})" == addresses(written.encode()).decode()


@pytest.mark.parametrize("written", [None, b"", b" , ,", b"(only a comment)", b"<", b";"])
def test_no_addresses(written: bytes | None) -> None:
    assert addresses(written) in (b"NIL", b'((NIL NIL "" ""))')


def test_an_envelope() -> None:
    message = stored(
        crlf("""\
Date: Mon, 1 Jan 2024 10:00:00 +0100
Subject: a
 folded subject
From: Ada <ada@example.org>
Sender: <bot@example.org>
To: bob@example.org
Message-ID: <1@example.org>
In-Reply-To: <0@example.org>

""")
    )
    ada, bot = '(("Ada" NIL "ada" "example.org"))', '((NIL NIL "bot" "example.org"))'
    bob = '((NIL NIL "bob" "example.org"))'
    assert (
        '("Mon, 1 Jan 2024 10:00:00 +0100" "a folded subject" '
        f"{ada} {bot} {ada} {bob} NIL NIL "
        '"<0@example.org>" "<1@example.org>")'
    ) == envelope(message).decode()


def test_an_empty_envelope() -> None:
    assert b"(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)" == envelope(stored(b"\r\nbody"))


def test_eight_bit_headers_are_literals() -> None:
    assert b"(NIL {2}\r\n\xc3\xa9 NIL" in envelope(stored("Subject: é\r\n\r\n".encode()))


def test_a_plain_text() -> None:
    message = stored(b"Subject: x\r\n\r\none\r\ntwo\r\n")
    text = b'("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 10 2'
    assert text + b")" == body_structure(message, extended=False)
    assert text + b" NIL NIL NIL NIL)" == body_structure(message, extended=True)


def test_a_mail_with_everything() -> None:
    message = stored(
        crlf("""\
Content-Type: multipart/mixed; boundary="b;c"
Content-Language: de, fr

--b;c
Content-Type: multipart/alternative; boundary=i

--i
Content-Type: text/plain; charset=utf-8; format=flowed
Content-Transfer-Encoding: quoted-printable

x
--i
Content-Type: text/html
Content-ID: <1@x>

<p>
--i--
--b;c
Content-Type: application/pdf;
 name*=utf-8''%C3%A9.pdf
Content-Disposition: attachment;
 filename="a \\"b\\".pdf"; size=3
Content-Description: a file
Content-MD5: Q2hlY2s=
Content-Location: http://x/

abc
--b;c
Content-Type: message/rfc822

Subject: inner

text
--b;c--
""")
    )
    assert (
        '((("TEXT" "PLAIN" ("CHARSET" "utf-8" "FORMAT" "flowed") NIL NIL '
        '"QUOTED-PRINTABLE" 1 1 NIL NIL NIL NIL)'
        '("TEXT" "HTML" ("CHARSET" "US-ASCII") "<1@x>" NIL "7BIT" 3 1 NIL NIL NIL NIL) '
        '"ALTERNATIVE" ("BOUNDARY" "i") NIL NIL NIL)'
        '("APPLICATION" "PDF" ("NAME*" "utf-8\'\'%C3%A9.pdf") NIL "a file" "7BIT" 3 "Q2hlY2s=" '
        '("ATTACHMENT" ("FILENAME" "a \\"b\\".pdf" "SIZE" "3")) NIL "http://x/")'
        '("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 22 '
        '(NIL "inner" NIL NIL NIL NIL NIL NIL NIL NIL) '
        '("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 4 1 NIL NIL NIL NIL) '
        "3 NIL NIL NIL NIL) "
        '"MIXED" ("BOUNDARY" "b;c") NIL ("de" "fr") NIL)'
    ) == body_structure(message, extended=True).decode()


def test_what_is_written_is_kept() -> None:
    message = stored(b"Subject: x\r\n\r\n")
    assert envelope(message) is envelope(message)
    assert body_structure(message, extended=True) is body_structure(message, extended=True)


def nested(levels: int) -> bytes:
    content = b"x"
    for _ in range(levels):
        content = b"Content-Type: message/rfc822\r\n\r\n" + content
    return content


def test_nesting_is_bounded() -> None:
    assert body_structure(stored(nested(10_000)), extended=True).count(b"RFC822") < 100
    multiparts = b"".join(
        b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (level, level)
        for level in range(200)
    )
    assert b"OCTET-STREAM" in body_structure(stored(multiparts), extended=True)


MIXTURES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                b"Content-Type: multipart/mixed; boundary=b\r\n",
                b"Content-Type: message/rfc822\r\n",
                b"Content-Type: text/plain; charset=x\r\n",
                b"Content-Transfer-Encoding: base64\r\n",
                b"From: a <b@c>, d:;\r\n",
                b"\r\n",
                b"--b\r\n",
                b"--b--\r\n",
                b"\n",
            ]
        ),
        st.binary(max_size=10),
    ),
    max_size=40,
).map(b"".join)


@given(MIXTURES)
def test_anything_can_be_described(content: bytes) -> None:
    message = stored(content)
    for written in (envelope(message), body_structure(message, extended=True)):
        assert written.startswith(b"(")
        assert written.endswith(b")")
        assert b"\0" not in written
    body_text(message)
