"""Letters are of one size, no two alike, and hold what they say, encoded where it must be."""

from __future__ import annotations

from email import message_from_bytes, policy

import pytest

from benchmarks.letters import letter, written
from benchmarks.mails import WHOLE_OCTETS

FOREIGN = pytest.mark.parametrize("foreign", [False, True])
NUMBERS = range(40)


@FOREIGN
def test_letters_are_as_large_as_is_told(foreign: bool) -> None:
    sizes = [len(written(letter(number, foreign=foreign))) for number in NUMBERS]
    assert 0.95 * WHOLE_OCTETS < min(sizes)
    assert max(sizes) < 1.1 * WHOLE_OCTETS


@FOREIGN
def test_no_two_letters_are_alike_in_anything(foreign: bool) -> None:
    letters = [letter(number, foreign=foreign) for number in NUMBERS]
    for of_one in (
        {one.subject for one in letters},
        {one.text for one in letters},
        {one.html for one in letters},
        {one.file for one in letters},
        {one.date for one in letters},
    ):
        assert len(of_one) == len(NUMBERS)


def test_a_letter_is_the_same_whenever_it_is_made() -> None:
    assert letter(7) == letter(7)


@FOREIGN
def test_a_letter_is_a_mail(foreign: bool) -> None:
    source = written(letter(3, foreign=foreign))
    assert source.isascii()
    assert source.count(b"\n") == source.count(b"\r\n")
    assert max(map(len, source.split(b"\r\n"))) <= 998
    mail = message_from_bytes(source, policy=policy.default)
    assert [(part.get_content_type(), part.defects) for part in mail.walk()] == [
        ("multipart/mixed", []),
        ("multipart/alternative", []),
        ("text/plain", []),
        ("text/html", []),
        ("application/pdf", []),
    ]


def test_a_foreign_letter_is_encoded_everywhere() -> None:
    head, _, body = written(letter(3, foreign=True)).partition(b"\r\n\r\n")
    for name in (b"From", b"Subject", b"To"):
        (field,) = (line for line in head.split(b"\r\n") if line.startswith(name + b": "))
        assert b"=?utf-8?b?" in field
    encodings = [line for line in body.split(b"\r\n") if b"Transfer-Encoding: " in line]
    assert [line.partition(b": ")[2] for line in encodings] == [
        b"base64",
        b"quoted-printable",
        b"base64",
    ]
    assert b"filename*=utf-8''%" in body
