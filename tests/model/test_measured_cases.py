"""Mails on which other readers were measured to raise, to hang or to lose something.

Every question is answered for each of them, in little time, and the standard library's message is
made or refused with ``Misused``.
"""

from __future__ import annotations

import pytest

from courriel.errors import Misused
from courriel.model.email import Email
from tests.model.asking import ask_everything
from tests.toil import linear

MAILS: dict[str, bytes] = {
    "message-id-of-exchange": b"Message-ID: <[8a1bc2@mail.example.com]>\r\n\r\nx\r\n",
    "content-type-name-without-value": b"Content-Type: text/plain; name*\r\n\r\nx\r\n",
    "to-a-comment-alone": b"To: (c):\r\n\r\nx\r\n",
    "unknown-charset": b"Content-Type: text/plain; charset=x-none-such\r\n\r\nx\r\n",
    "multiparts-2000-deep": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
        for level in range(2_000)
    )
    + b"\r\nx\r\n",
    "comments-20000-deep": b"To: " + b"(" * 20_000 + b")" * 20_000 + b" a@x.example\r\n\r\nx\r\n",
    "recipients-16000": b"To: "
    + b",\r\n ".join(b"r%d@x.example" % number for number in range(16_000))
    + b"\r\n\r\nx\r\n",
    "encoded-words-20000": b"Subject: " + b"=?utf-8?q?a?=\r\n " * 20_000 + b"end\r\n\r\nx\r\n",
}

REFUSED = ["content-type-name-without-value", "multiparts-2000-deep"]
"""On which the standard library's parser raises IndexError, and RecursionError."""


@pytest.mark.parametrize("mail", MAILS.values(), ids=MAILS)
def test_a_measured_case_is_read(mail: bytes) -> None:
    with linear():
        ask_everything(Email.from_source(mail))


@pytest.mark.parametrize("name", sorted(MAILS.keys() - REFUSED))
def test_a_measured_case_becomes_a_standard_message(name: str) -> None:
    message = Email.from_source(MAILS[name]).as_message()
    assert [] != message.keys()


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_standard_library_cannot_read_is_refused(name: str) -> None:
    with pytest.raises(Misused, match="as_message"):
        Email.from_source(MAILS[name]).as_message()


def test_the_message_id_of_exchange_is_there() -> None:
    email = Email.from_source(MAILS["message-id-of-exchange"])
    assert "<[8a1bc2@mail.example.com]>" == email.message_id


@pytest.mark.parametrize("name", ["content-type-name-without-value", "unknown-charset"])
def test_a_body_is_read_whatever_its_type_says(name: str) -> None:
    assert "x\n" == Email.from_source(MAILS[name]).text


def test_all_recipients_are_there() -> None:
    assert 16_000 == len(Email.from_source(MAILS["recipients-16000"]).to)


def test_all_encoded_words_are_read() -> None:
    assert "a" * 20_000 + " end" == Email.from_source(MAILS["encoded-words-20000"]).subject
