"""Parsing bombs and lying attachments (security.md, 1.8 and 1.10), as whole mails."""

from __future__ import annotations

import os
import struct
from base64 import b64encode
from pathlib import Path

import pytest

from courriel.model.email import Email
from tests.hostile.bounds import MIB, in_little
from tests.model import winmail
from tests.model.asking import ask_everything

PAGE = b"Content-Type: text/html\r\n\r\n"


def asked(mail: bytes) -> Email:
    """Ask a mail everything."""
    email = Email.from_source(mail)
    ask_everything(email)
    return email


@pytest.mark.parametrize("boundary", [b'""', b"", b'" "'])
def test_1_8_an_empty_boundary_divides_nothing(boundary: bytes) -> None:
    mail = b"Content-Type: multipart/mixed; boundary=%s\r\n\r\n--\r\n\r\none\r\n----\r\n"
    email = asked(mail % boundary)
    assert "one" in (email.text or "") or email.attachments
    assert email.defects


def test_1_8_an_image_shown_1500_times_is_there_once() -> None:
    image = b"\x89PNG" + b"x" * 100_000
    mail = (
        b"Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\n"
        + PAGE
        + b"<img src='cid:1@x' alt=a>" * 1_500
        + b"\r\n--b\r\nContent-Type: image/png\r\nContent-ID: <1@x>\r\n\r\n"
        + image
        + b"\r\n--b--\r\n"
    )
    with in_little(8 * MIB):
        email = asked(mail)
        assert [image] == [file.content for file in email.inline]
        assert 1_500 == (email.text or "").count("[a]")
        assert len(mail) > len(email.text or "") + len(email.html or "")


@pytest.mark.parametrize("unit", [b"a", b"=41", b"=\t", b"=ZZ"], ids=ascii)
def test_1_8_a_line_of_ten_megabytes_in_quoted_printable(unit: bytes) -> None:
    line = unit * (10 * MIB // len(unit))
    mail = b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + line + b"\r\n"
    with in_little(40 * 10 * MIB):
        assert (Email.from_source(mail).text or "").startswith(("a", "A", "="))


def test_1_8_cve_2025_14874_groups_in_groups_end() -> None:
    mail = b"To: " + b"a:" * 50_000 + b"b@x.example" + b";" * 50_000 + b"\r\n\r\n"
    with in_little():
        asked(mail)


def in_a_winmail(*attributes: bytes) -> bytes:
    """Return a mail that is a file of Outlook's."""
    return (
        b"Content-Type: application/ms-tnef; name=winmail.dat\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n"
        + b64encode(winmail.stream(*attributes))
        + b"\r\n"
    )


@pytest.mark.parametrize("length", [0, 0x7FFFFFFF, 0xFFFFFFF7, 0xFFFFFFFF])
def test_1_8_cve_2026_62642_every_attribute_of_tnef_leads_on(length: int) -> None:
    going_nowhere = struct.pack("<BII", 1, winmail.PROPERTIES, length)
    with in_little():
        email = asked(in_a_winmail(going_nowhere * 10_000))
    assert email.defects


@pytest.mark.parametrize("size", [0, 1, 0x7FFFFFFF, 0xFFFFFFFF])
def test_1_8_cve_2026_62641_a_size_of_compressed_rtf_that_lies(size: int) -> None:
    packed = winmail.compressed(rb"{\rtf1\ansi Hello}", size=size)
    with in_little():
        email = asked(in_a_winmail(winmail.message({winmail.PR_RTF: packed})))
    assert email.defects


def test_1_10_cve_2025_3909_the_declared_type_is_told_and_nothing_guessed(tmp_path: Path) -> None:
    mail = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee there.\r\n--b\r\n"
        b'Content-Type: application/pdf; name="bill.pdf"\r\n'
        b"X-Mozilla-External-Attachment-URL: https://x.example/bill.html\r\n\r\n"
        b"<html><script>evil()</script></html>\r\n--b--\r\n"
    )
    email = asked(mail)
    (file,) = email.attachments
    assert ("application/pdf", "bill.pdf") == (file.content_type, file.name)
    assert b"<html><script>evil()</script></html>" == file.content
    assert None is email.html
    assert tmp_path / "bill.pdf" == file.save(tmp_path)


@pytest.mark.parametrize("name", [b"/etc/", b"file:///etc/", b"../", b"a/b/..", b"%2e%2e%2f"])
def test_1_10_cve_2025_2830_an_odd_name_lists_no_directory(tmp_path: Path, name: bytes) -> None:
    mail = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        b'Content-Type: application/octet-stream; name="%s"\r\n'
        b'Content-Disposition: attachment; filename="%s"\r\n\r\nabc\r\n--b--\r\n'
    )
    (file,) = asked(mail % (name, name)).attachments
    saved = file.save(tmp_path)
    assert [saved.name] == os.listdir(tmp_path)
    assert b"abc" == file.content == saved.read_bytes()
    assert b"etc" not in file.content
