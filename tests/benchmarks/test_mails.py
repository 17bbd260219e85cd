"""Everybody reads the same mails: of one size to the octet, numbered, with all their parts."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes, policy

import pytest

from benchmarks.mails import SMALL_OCTETS, SUBJECT, WHOLE_OCTETS, small_mail, whole_mail


@pytest.mark.parametrize(("make", "octets"), [(small_mail, 1_000), (whole_mail, 9_000)])
@pytest.mark.parametrize("number", [1, 20_000])
def test_every_mail_has_the_size_that_is_told(
    make: Callable[[int], bytes], octets: int, number: int
) -> None:
    source = make(number)
    assert len(source) == octets
    assert octets in (SMALL_OCTETS, WHOLE_OCTETS)
    assert source.endswith(b"\r\n")
    assert source.count(b"\n") == source.count(b"\r\n")
    assert max(map(len, source.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("make", [small_mail, whole_mail])
def test_mails_differ_by_their_number(make: Callable[[int], bytes]) -> None:
    assert message_from_bytes(make(7))["Subject"] == f"{SUBJECT} 000007"
    assert make(7) == make(8).replace(b"000008", b"000007")


def test_a_whole_mail_has_text_and_an_attachment() -> None:
    mail = message_from_bytes(whole_mail(1), policy=policy.default)
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/pdf",
    ]
    (attachment,) = mail.iter_attachments()
    assert attachment.get_filename() == "minutes.pdf"
    assert len(attachment.get_content()) == 5_120
