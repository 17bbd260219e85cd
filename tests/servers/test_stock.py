"""Mails put straight into a Maildir are whole, in order, and named with their sizes."""

from __future__ import annotations

import os
import pwd
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.servers.maildir import Maildirs
from tests.servers.stock import Stock, big_mail, small_mail


@pytest.fixture
def stock(tmp_path: Path) -> Stock:
    return Stock(tmp_path, pwd.getpwuid(os.getuid()))


def inbox(root: Path) -> list[bytes]:
    return Maildirs(root, lambda: "").inbox("ada")


@pytest.mark.parametrize("octets", [300, 1_024, 9_000])
def test_a_small_mail_has_the_size_asked_for(octets: int) -> None:
    source = small_mail(5, octets)
    assert len(source) == octets
    assert message_from_bytes(source)["Subject"] == "Mail 5"


def test_a_big_mail_is_its_text_and_its_attachment() -> None:
    message = message_from_bytes(b"".join(big_mail(100_000)), policy=policy.default)
    text, attachment = message.iter_parts()
    assert text.get_content() == "See the attachment."
    content = attachment.get_content()
    assert attachment.get_filename() == "big.bin"
    assert len(content) == -(-100_000 // 57) * 57
    assert set(content[56::57]) == {56}


def test_mails_are_read_in_the_order_they_were_put(stock: Stock, tmp_path: Path) -> None:
    mails = [small_mail(number) for number in range(12)]
    assert stock.fill("ada", mails[:10]) == 10
    stock.put("ada", mails[10], seen=True)
    stock.put("ada", mails[11])
    assert inbox(tmp_path) == mails


def test_a_mail_in_crlf_is_stored_in_lf_with_both_sizes_in_its_name(stock: Stock) -> None:
    file = stock.put("ada", b"Subject: x\r\n\r\nHello.\r\n")
    assert file.read_bytes() == b"Subject: x\n\nHello.\n"
    assert file.name.endswith(",S=19,W=22")


def test_a_folder_is_made_when_first_needed(stock: Stock, tmp_path: Path) -> None:
    file = stock.put("ada", small_mail(1), folder="Work.Plans")
    assert file.parent == tmp_path / "ada" / ".Work.Plans" / "new"
    assert inbox(tmp_path) == []
