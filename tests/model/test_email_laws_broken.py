"""Nothing that can stand in a mailbox raises, and what was read keeps its octets.

Random octets seldom get past the first line; the mails of the corpus, broken a little, get
everywhere. They are cut, spliced, and strewn with what breaks parsers.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courriel.model.email import Email
from tests.model.asking import EMAIL, ask_everything
from tests.toil import linear

CORPUS = Path(__file__).parent.parent / "corpus"
LARGEST = 8_000
"""Octets of a mail that is broken here; a long one is broken in no other way."""
MAILS = [
    source for path in sorted(CORPUS.glob("*.eml")) if len(source := path.read_bytes()) <= LARGEST
]
SPLINTERS = [
    b"",
    *(b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\n\n", b"\0", b"\xff", b"\xc3", b"\x1b$B", b" ", b"\t"),
    *(b"<", b">", b'"', b"\\", b"(", b")", b":", b";", b",", b"@", b"%"),
    *(b"=", b"?=", b"=?utf-8?b?", b"=?utf-8?q?", b"'"),
    *(b"--", b"--b\r\n", b"--b--\r\n", b"begin 644 x\n", b"end\n", b"From ", b"*0*=", b"filename*"),
    b"Content-Type: multipart/mixed; boundary=b\r\n",
    b"Content-Type: message/rfc822\r\n",
    b"Content-Type: application/ms-tnef\r\n",
    b"Content-Type: text/plain; format=flowed; delsp=yes\r\n",
    b"Content-Type: text/html; charset=utf-16\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Transfer-Encoding: quoted-printable\r\n",
    b"Content-Transfer-Encoding: x-uuencode\r\n",
    b"Content-Disposition: attachment; filename*1=b; filename*0*=nope''%",
    b"Message-ID: <[a]@[b>\r\n",
    b"To: (((:;,<@\r\n",
    b"Date: 99 Foo 99999 99:99:99 +9999\r\n",
]


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """A mail of the corpus in which a few places are cut out, doubled or overwritten."""
    mail = bytearray(draw(st.sampled_from(MAILS)))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(mail)))
        end = min(len(mail), start + draw(st.integers(0, 40)))
        put = draw(
            st.sampled_from(SPLINTERS)
            | st.binary(max_size=8)
            | st.just(bytes(mail[start:end]) * 2)
            | st.sampled_from(MAILS).map(lambda other: other[:200])
        )
        mail[start:end] = put
    return bytes(mail)


@given(broken())
@settings(deadline=None, max_examples=400)
def test_law_a_broken_mail_answers_everything(source: bytes) -> None:
    email = Email.from_source(source)
    ask_everything(email)
    assert source == email.source


@given(st.sampled_from(MAILS), st.data())
@settings(deadline=None, max_examples=200)
def test_law_a_mail_may_end_anywhere(mail: bytes, data: st.DataObject) -> None:
    ask_everything(Email.from_source(mail[: data.draw(st.integers(0, len(mail)))]))


@given(st.sampled_from(MAILS), st.sampled_from(MAILS), st.data())
@settings(deadline=None, max_examples=200)
def test_law_two_mails_may_be_one(first: bytes, second: bytes, data: st.DataObject) -> None:
    head = first[: data.draw(st.integers(0, len(first)))]
    ask_everything(Email.from_source(head + second[data.draw(st.integers(0, len(second))) :]))


@given(st.binary(max_size=600))
@settings(deadline=None)
def test_law_any_octets_are_a_mail(source: bytes) -> None:
    email = Email.from_source(source)
    ask_everything(email)
    assert source == email.source


@given(st.sampled_from(["subject", "from", "to", "date", "message-id", "references"]), st.binary())
@settings(deadline=None)
def test_law_any_octets_are_a_field(name: str, value: bytes) -> None:
    ask_everything(Email.from_source(name.encode() + b": " + value + b"\r\n\r\nok\r\n"))


@given(
    st.sampled_from(["Content-Type", "Content-Disposition", "Content-Transfer-Encoding"]),
    st.lists(st.sampled_from(SPLINTERS) | st.binary(max_size=8), max_size=12).map(b"".join),
)
@settings(deadline=None)
def test_law_any_octets_describe_a_part(name: str, value: bytes) -> None:
    ask_everything(Email.from_source(name.encode() + b": " + value + b"\r\n\r\n--b\r\n\r\nok\r\n"))


HOSTILE = {
    "white space in quoted-printable": b"Content-Transfer-Encoding: quoted-printable\n\n"
    + b" " * 1_000_000
    + b"x",
    "escapes of ISO-2022-JP": b"Content-Type: text/plain; charset=iso-2022-jp\n\n\xff"
    + b"\x1b$B" * 300_000,
    "escapes in a header": b"Subject: " + b"\x1b$B!\x1b(B" * 100_000,
    "comments in brackets": b"To: <a" + b"(" * 500_000 + b"@x>",
    "dots after an address": b"To: a@x" + b" ." * 300_000,
    "white space in a date": b"Date: 6" + b" " * 900_000 + b"Nov",
    "comments in a date": b"Date: " + b"(" * 500_000 + b")" * 500_000,
    "a line of an mbox": b"From " + b" " * 1_000_000,
    "byte order marks": b"\xef\xbb\xbf" * 300_000,
    "begins of uuencode": b"\n" + b"begin 644 x\nM\n" * 70_000,
    "flowed lines": b"Content-Type: text/plain; format=flowed\n\n" + b"> \n>> " * 200_000,
    "uuencode as encoding": b"Content-Transfer-Encoding: x-uue\n\n" + b"begin 644 x\n" * 80_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_mail_takes_long(name: str) -> None:
    with linear():
        email = Email.from_source(HOSTILE[name])
        for question in EMAIL:
            getattr(email, question)


def test_every_mail_of_the_corpus_answers_everything() -> None:
    for path in sorted(CORPUS.glob("*.eml")):
        source = path.read_bytes()
        email = Email.from_source(source)
        ask_everything(email)
        assert source == email.source
