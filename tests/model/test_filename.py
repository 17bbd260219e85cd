"""Names of attachments do no harm: the security catalogue, 1.10, case by case."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel import Attachment, Email
from courriel.model.filename import NAME_OCTETS, SHOWN_OCTETS, safe_name, shown_name
from tests.toil import linear

CASES = {
    "up-and-out": ("../../etc/passwd", "passwd"),
    "up-and-out-with-backslashes": ("..\\..\\x", "x"),
    "up-and-out-mixed": ("..\\../..\\./x.txt", "x.txt"),
    "absolute": ("/abs", "abs"),
    "drive": ("C:\\x", "x"),
    "drive-without-directory": ("C:x", "C_x"),
    "share": ("\\\\host\\share", "share"),
    "device-path": ("\\\\.\\PhysicalDrive0", "PhysicalDrive0"),
    "file-url": ("file:///etc/passwd", "passwd"),
    "only-directories": ("../..", "attachment"),
    "dot": (".", "attachment"),
    "ends-in-a-slash": ("etc/", "attachment"),
    "reserved": ("CON", "_CON"),
    "reserved-with-extension": ("nul.tar.gz", "_nul.tar.gz"),
    "reserved-with-space": ("AUX .txt", "_AUX .txt"),
    "reserved-with-dot-behind": ("PRN.", "_PRN"),
    "reserved-superscript": ("COM¹.txt", "_COM¹.txt"),
    "reserved-console": ("CONIN$", "_CONIN$"),
    "reserved-clock": ("clock$", "_clock$"),
    "reserved-behind-a-control": ("\x01con", "_con"),
    "not-reserved": ("console.txt", "console.txt"),
    "trailing-dots": ("evil.exe. . .", "evil.exe"),
    "trailing-spaces": ("evil.exe   ", "evil.exe"),
    "stream": ("report.txt:evil.exe", "report.txt_evil.exe"),
    "stream-of-data": ("report.txt::$DATA", "report.txt__$DATA"),
    "nul": ("a.exe\x00.txt", "a.exe.txt"),
    "newline": ("a\r\nX: y.txt", "aX_ y.txt"),
    "escape": ("a\x1b[2J.txt", "a[2J.txt"),
    "c1-control": ("a\x9b2J.txt", "a2J.txt"),
    "very-long": ("x" * 4_000 + ".pdf", "x" * (NAME_OCTETS - 4) + ".pdf"),
    "very-long-extension": ("a." + "x" * 4_000, "a." + "x" * (NAME_OCTETS - 2)),
    "very-long-in-octets": ("日" * 4_000, "日" * (NAME_OCTETS // 3)),
    "right-to-left-override": ("invoice\u202efdp.exe", "invoicefdp.exe"),
    "direction-isolates": ("a\u2066b\u2069\u200f.txt", "ab.txt"),
    "zero-width": ("a\u200b\ufeff.txt", "a.txt"),
    "line-separators": ("a\u2028b\u2029.txt", "ab.txt"),
    "spaces-before-the-extension": ("a.pdf\u00a0\u2003\u3000   .exe", "a.pdf .exe"),
    "invisible-letters": ("a.pdf\u3164\u115f\u2800.exe", "a.pdf.exe"),
    "lone-surrogate": ("a\ud800.txt", "a.txt"),
    "private-use": ("a\ue000.txt", "a.txt"),
    "hidden-file": (".htaccess", "_.htaccess"),
    "option": ("-rf", "_-rf"),
    "home": ("~root", "_~root"),
    "wildcards": ("*?.txt", "__.txt"),
    "quotes-and-semicolons": ('a"; filename="b.exe', "a_; filename=_b.exe"),
    "markup": ("<img src=x>.txt", "_img src=x_.txt"),
    "pipe": ("a|b", "a_b"),
    "decomposed": ("e\u0301.txt", "é.txt"),
    "empty": ("", "attachment"),
    "nothing-visible": ("\u200b\u202e\x00", "attachment"),
}


@pytest.mark.parametrize(("name", "safe"), CASES.values(), ids=CASES)
def test_security_1_10(name: str, safe: str) -> None:
    assert safe == safe_name(name)
    assert safe == safe_name(safe)


@pytest.mark.parametrize("name", [case[0] for case in CASES.values()], ids=CASES)
def test_whatever_the_name_the_file_is_saved_inside_the_directory(
    name: str, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    file = Attachment.as_read(name, lambda: b"octets", "application/octet-stream", None)
    saved = [file.save(folder), file.save(folder)]
    assert saved == sorted(folder.iterdir(), key=lambda path: (len(path.name), path.name))
    assert [folder] == [*tmp_path.iterdir()]
    assert [b"octets", b"octets"] == [path.read_bytes() for path in saved]


def test_security_1_10_names_that_differ_in_nothing_but_case(tmp_path: Path) -> None:
    names = ("Report.pdf", "report.pdf", "REPORT.PDF")
    paths = {Attachment(name, name.encode()).save(tmp_path) for name in names}
    assert {name.encode() for name in names} == {path.read_bytes() for path in paths}


def test_security_1_10_a_link_in_a_mail_is_never_followed(tmp_path: Path) -> None:
    target = tmp_path / "secret"
    target.write_bytes(b"secret")
    source = (
        b'Content-Type: message/external-body; access-type=local-file; name="%s"\r\n'
        b"Content-Disposition: attachment\r\n"
        b"X-Mozilla-External-Attachment-URL: file://%s\r\n\r\nnothing\r\n"
    )
    path = os.fsencode(target)
    for file in Email.from_source(source % (path, path)).attachments:
        assert b"secret" not in file.content


def test_long_names_take_linear_time() -> None:
    with linear():
        for piece in ("a", ".", " ", "/", "\u0301", "\u200b", "日", "e\u0301", "\\.."):
            safe_name(piece * 1_000_000)


@given(st.text(max_size=300) | st.text(alphabet="./\\: -~aCON$\u202e", max_size=20))
def test_law_a_safe_name_is_visible_and_in_one_form(name: str) -> None:
    safe = safe_name(name)
    assert unicodedata.is_normalized("NFC", safe)
    assert not {unicodedata.category(letter) for letter in safe} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not safe.endswith((".", " "))
    assert os.path.basename(safe) == safe


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ada\\a.pdf", "a.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\x1b[2J\u2028\u2066.txt", "a[2J.txt"),
        ("CON", "_CON"),
        ("nul.tar.gz", "_nul.tar.gz"),
        ("..", "attachment"),
        ("a/", "attachment"),
        ("a/ . ", "attachment"),
        ("", ""),
        (" \u3000", ""),
        (" Re: a? ", "Re: a?"),
        (".profile", ".profile"),
        ("family \U0001f468\u200d\U0001f469.png", "family \U0001f468\u200d\U0001f469.png"),
        ("日" * 4_000 + ".pdf", "日" * ((SHOWN_OCTETS - 4) // 3) + ".pdf"),
    ],
)
def test_the_name_that_is_shown_leads_nobody_astray(name: str, shown: str) -> None:
    assert shown == shown_name(name)
    assert shown == shown_name(shown)


def test_an_attachment_has_the_name_that_is_shown() -> None:
    assert "passwd" == Attachment.as_read("../../etc/passwd", bytes, "text/plain", None).name
    assert "passwd" == Attachment("../../etc/passwd", b"").name


@given(st.text())
def test_law_the_name_that_is_shown_is_one_plain_name(name: str) -> None:
    shown = shown_name(name)
    assert shown == shown_name(shown)
    assert not set(shown) & set("/\\\0\r\n\u202e\u2066")
    assert shown not in {".", ".."}
    assert SHOWN_OCTETS >= len(shown.encode())
