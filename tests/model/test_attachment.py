"""A file from a mail is saved under a plain name, in the directory, over nothing."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.errors import Misused
from courriel.model.attachment import Attachment, guessed_type
from courriel.model.email import Email
from courriel.model.filename import NAME_OCTETS, candidates, safe_name

ODD_PATHS = ["a\x7f.bin"]
"""Names of files that cannot be those of attachments, as far as the file system takes them."""
if os.name == "posix":
    ODD_PATHS.append("a\tb.bin")
if sys.platform == "linux":
    ODD_PATHS.append(os.fsdecode(b"a\xff.bin"))


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\x", "x"),
        ("/abs", "abs"),
        ("C:\\x", "x"),
        ("C:x", "C_x"),
        ("\\\\host\\share", "share"),
        ("CON", "_CON"),
        ("con.txt", "_con.txt"),
        ("LPT1 .x", "_LPT1 .x"),
        ("a. .", "a"),
        ("a\x00b", "ab"),
        ("x" * 4_000 + ".pdf", "x" * (NAME_OCTETS - 4) + ".pdf"),
        ("ü" * 4_000, "ü" * (NAME_OCTETS // 2)),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a.pdf\u00a0\u00a0\u2003 .exe", "a.pdf .exe"),
        ("a.pdf" + "\u2800" * 9 + ".exe", "a.pdf.exe"),
        (".htaccess", "_.htaccess"),
        ("-rf", "_-rf"),
        ("a\nb", "ab"),
        ('a"b;c.txt', "a_b;c.txt"),
        ("e\u0301.txt", "é.txt"),
        ("", "attachment"),
        ("...", "attachment"),
        ("/", "attachment"),
        ("\u200b", "attachment"),
        ("a?*<>|.txt", "a_____.txt"),
    ],
)
def test_names_are_made_safe(name: str, safe: str) -> None:
    assert safe == safe_name(name)


@given(st.text(max_size=300))
def test_law_a_safe_name_is_one_plain_name(name: str) -> None:
    safe = safe_name(name)
    assert safe == os.path.basename(safe) == safe.strip()
    assert safe not in {"", ".", ".."}
    assert safe[0] not in ".-~"
    assert not set(safe) & set('/\\:*?"<>|\x00\n\r\u202e')
    assert 255 >= len(safe.encode())
    assert safe == safe_name(safe)


def test_saving_writes_the_content_and_says_where(tmp_path: Path) -> None:
    path = Attachment("../a.pdf", b"1").save(tmp_path)
    assert tmp_path / "a.pdf" == path
    assert b"1" == path.read_bytes()


def test_saving_never_overwrites(tmp_path: Path) -> None:
    paths = [Attachment("a.tar.gz", bytes([n])).save(str(tmp_path)) for n in range(3)]
    assert ["a.tar.gz", "a.tar (2).gz", "a.tar (3).gz"] == [path.name for path in paths]
    assert [b"\0", b"\1", b"\2"] == [path.read_bytes() for path in paths]


def test_saving_follows_no_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a").symlink_to(outside)
    assert folder / "a (2)" == Attachment("a", b"1").save(folder)
    assert not outside.exists()


def test_saving_needs_a_directory(tmp_path: Path) -> None:
    with pytest.raises(Misused, match="directory"):
        Attachment("a", b"1").save(tmp_path / "none")


def test_names_go_on_without_end() -> None:
    names = candidates("README")
    assert ["README", "README (2)", "README (3)"] == [next(names) for _ in range(3)]


def test_types_are_guessed() -> None:
    assert "application/pdf" == Attachment("a.PDF", b"").content_type
    assert "application/gzip" == guessed_type("a.tar.gz")
    assert "application/octet-stream" == guessed_type("a.unknown-thing")
    assert "application/octet-stream" == guessed_type("")
    assert "message/rfc822" == guessed_type("a.eml")


def test_content_comes_from_bytes_paths_and_files(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"abc")
    with path.open("rb") as file:
        files = [Attachment("a", b"abc"), Attachment("a", path), Attachment("a", file)]
    files += [Attachment("a", str(path)), Attachment("a", memoryview(b"abc"))]
    assert [b"abc"] * 5 == [file.content for file in files]
    assert 3 == files[0].size
    assert files[0] == files[1]
    assert files[0] != Attachment("b", b"abc")
    assert hash(files[0]) == hash(files[1])


@pytest.mark.parametrize(
    "arguments",
    [
        ("a", "no such file"),
        ("a", "nul\0"),
        ("a", 5),
        ("a", None),
        (b"a", b""),
        ("a", b"", "text"),
        ("a", b"", "text/plain; x"),
        ("a", b"", "multipart/mixed"),
        ("a", b"", "é/b"),
        ("a", b"", None, "a b"),
        ("a", b"", None, "<>"),
        ("a", b"", None, ""),
        ("a", b"", None, "a?=b@@"),
        ("a", b"", None, "<a@b@c>"),
        ("a", b"", None, "@x"),
        ("a", b"", None, "a@"),
        ("a", b"", None, "a" * 201),
    ],
    ids=str,
)
def test_what_cannot_be_an_attachment_is_misused(arguments: tuple[object, ...]) -> None:
    with pytest.raises(Misused):
        Attachment(*arguments)  # type: ignore[arg-type]  # What callers do all the same.


def test_an_inline_id_stands_without_brackets() -> None:
    assert "logo@x" == Attachment("a", b"", inline_id="<logo@x>").inline_id


def test_parameters_of_a_type_are_kept() -> None:
    kind = 'text/calendar; charset=utf-8; method="REQUEST"'
    assert kind == Attachment("a", b"", kind).content_type


def test_two_files_that_html_cannot_tell_apart_are_misused() -> None:
    files = [Attachment(name, b"", inline_id="logo@x") for name in "ab"]
    with pytest.raises(Misused, match="the same inline_id"):
        Email(html="<img src='cid:logo@x'>", attachments=files)


def test_files_that_a_mail_did_not_tell_apart_are_passed_on() -> None:
    part = (
        b"--x\r\nContent-Type: image/png\r\nContent-Disposition: attachment\r\n"
        b"Content-ID: <1@x>\r\n\r\nA\r\n"
    )
    mail = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + part * 2 + b"--x--\r\n"
    files = Email.from_source(mail).forward(to="a@example.org").attachments
    assert [(b"A", None)] * 2 == [(file.content, file.inline_id) for file in files]


@pytest.mark.parametrize("name", ODD_PATHS, ids=ascii)
def test_a_file_whose_name_no_mail_can_show_needs_another(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"abc")
    for value in (path, str(path)):
        with pytest.raises(Misused, match="the name of the file") as caught:
            Email(attachments=[value])
        assert 'Attachment("name", path)' in str(caught.value)
    assert b"abc" == Attachment("name", path).content


def test_a_directory_and_a_pipe_are_called_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(Misused, match="is a directory, no file"):
        Email(attachments=[tmp_path])
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Misused, match="is a pipe or a device, no file"):
        Email(attachments=[tmp_path / "pipe"])


@pytest.mark.parametrize("directory", [None, 5, b"/tmp", "a\0b"], ids=ascii)
def test_what_is_no_path_is_misused(directory: Any) -> None:
    with pytest.raises(Misused) as caught:
        Attachment("a", b"1").save(directory)
    assert "directory" in str(caught.value)


def test_security_1_10_the_directory_is_the_one_that_was_asked_for(tmp_path: Path) -> None:
    folder, moved, other = tmp_path / "folder", tmp_path / "moved", tmp_path / "other"
    folder.mkdir()
    other.mkdir()

    def load() -> bytes:
        # The mail's octets are asked for when the file is there already, and still empty.
        assert b"" == (folder / "a").read_bytes()
        folder.rename(moved)
        folder.symlink_to(other)
        raise OSError("it cannot be decoded")

    with pytest.raises(OSError, match="cannot be decoded"):
        Attachment.as_read("a", load, "text/plain", None).save(folder)
    assert [] == [*moved.iterdir()] == [*other.iterdir()]


def test_a_directory_that_may_not_be_read_takes_files(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.chmod(0o300)
    try:
        path = Attachment("a", b"1").save(folder)
        assert b"1" == path.read_bytes()
    finally:
        folder.chmod(0o700)
