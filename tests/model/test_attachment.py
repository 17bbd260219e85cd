"""A file from a mail is saved under a plain name, in the directory, over nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.errors import Misused
from courriel.model.attachment import Attachment, guessed_type
from courriel.model.filename import NAME_OCTETS, candidates, safe_name


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
