"""A message whose files are read on the way out is the same message, octet for octet."""

from __future__ import annotations

import io
import os
import tracemalloc
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.errors import Misused
from courriel.model.attachment import Attachment
from courriel.model.draft import DraftFile, base64_lines, base64_size
from courriel.model.email import Email
from courriel.model.transfer import Transfer
from courriel.model.writing import draft_of, written

FIXED: dict[str, Any] = {"sender": "ada@x.org", "message_id": "<1@x.org>", "text": "Viele Grüße\n"}


@given(
    contents=st.lists(st.binary(max_size=400), min_size=1, max_size=3),
    subject=st.sampled_from(["", "Grüße"]),
    html=st.none() | st.just("<p>é"),
    octets=st.integers(1, 200),
)
def test_law_what_is_streamed_is_the_source(
    contents: list[bytes], subject: str, html: str | None, octets: int
) -> None:
    with TemporaryDirectory() as folder:
        paths = [Path(folder, f"{number}.bin") for number in range(len(contents))]
        for path, content in zip(paths, contents, strict=True):
            path.write_bytes(content)
        email = Email(subject=subject, html=html, attachments=paths, **FIXED)
        draft = draft_of(email)
        assert draft is not None
        read = draft.opened()
        pieces = list(iter(lambda: read.read(octets), b""))
        assert email.source == b"".join(pieces) == draft.joined()
        assert len(email.source) == draft.octets
        assert {octets} >= {len(piece) for piece in pieces[:-1]}
        got = Email.from_source(email.source)
        assert contents == [file.content for file in got.attachments]


@given(st.binary(max_size=300))
def test_law_the_size_of_base64_is_known_beforehand(data: bytes) -> None:
    assert len(base64_lines(data)) == base64_size(len(data))


def test_a_file_of_several_pieces(tmp_path: Path) -> None:
    path = tmp_path / "long.bin"
    path.write_bytes(bytes(range(256)) * 2_000)
    email = Email(attachments=[path], **FIXED)
    draft = draft_of(email)
    assert draft is not None
    assert len(email.source) == draft.octets
    assert path.read_bytes() == Email.from_source(email.source).attachments[0].content


def opened(email: Email) -> DraftFile:
    draft = draft_of(email)
    assert draft is not None
    return draft.opened()


def test_a_draft_is_read_like_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"abc" * 100)
    email = Email(attachments=[tmp_path / "a.bin"], **FIXED)
    file = opened(email)
    assert file.seekable()
    assert email.source[:10] == file.read(10)
    assert 10 == file.tell()
    assert len(email.source) == file.seek(0, 2)
    assert b"" == file.read(5)
    for start in (0, 3, len(email.source) - 40):
        assert start == file.seek(start)
        assert email.source[start:] == file.read()
    assert 5 == file.seek(5 - file.tell(), 1)
    assert email.source[5:9] == file.read(4)


def test_a_message_without_files_has_no_draft() -> None:
    assert draft_of(Email(attachments=[Attachment("a", b"1")], **FIXED)) is None
    assert draft_of(Email.from_source(b"Subject: x\r\n\r\nx\r\n")) is None


def test_a_file_that_changes_is_told_and_never_sent(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"x" * 100)
    file = opened(Email(attachments=[path], **FIXED))
    for content in (b"x" * 99, b"x" * 101, b""):
        path.write_bytes(content)
        file.seek(1)
        file.seek(0)
        with pytest.raises(Misused, match="changed"):
            file.read()


@pytest.mark.parametrize("name", ["a.bin", "a.eml"])
@pytest.mark.parametrize("content", [b"", b"Subject: b\r\n\r\nlonger\r\n"])
def test_a_file_that_changed_since_it_was_named_is_no_other_message(
    tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(b"Subject: a\r\n\r\n")
    email = Email(attachments=[path], **FIXED)
    size = email.size
    path.write_bytes(content)
    for _ in range(2):
        with pytest.raises(Misused, match="changed"):
            email.source  # noqa: B018 - Writing it reads the file.
    path.write_bytes(b"Subject: a\r\n\r\n")
    assert size == len(email.source)


def test_no_file_is_read_to_know_the_size_or_the_header(tmp_path: Path) -> None:
    path = tmp_path / "film.bin"
    path.touch()
    # A gigabyte of nothing: it takes no place on the disk, and would take memory.
    os.truncate(path, 1 << 30)
    email = Email(subject="x" * 200_000, attachments=[path], **FIXED)
    tracemalloc.start()
    try:
        assert (1 << 30) * 4 // 3 < email.size
        assert "x" * 200_000 == email.headers["Subject"]
        assert email.headers["Content-Type"].startswith("multipart/mixed")
        assert email.size == Email(attachments=[email], **FIXED).attachments[0].size
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 1 << 24 > peak


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"x")
    email = Email(attachments=[path], **FIXED)
    file = opened(email)
    path.unlink()
    with pytest.raises(Misused, match="cannot be read"):
        file.read()
    with pytest.raises(Misused, match="cannot be read"):
        email.source  # noqa: B018 - Writing it reads the file.


def test_a_long_open_file_is_copied_at_once() -> None:
    content = bytes(range(256)) * 8_192
    file = Attachment("a.bin", io.BytesIO(content))
    assert file.store is not None
    assert len(content) == file.size
    assert [content[:1_000_000], content[1_000_000:2_000_000], content[2_000_000:]] == [
        *file.pieces(1_000_000)
    ]
    assert content == file.content


def test_a_message_in_a_message_is_not_read_either(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"abc")
    inner = Email(attachments=[tmp_path / "a.bin"], **FIXED)
    outer = Email(attachments=[inner], sender="ada@x.org")
    draft = draft_of(outer)
    assert draft is not None
    assert not draft.eight_bit
    (nested,) = Email.from_source(draft.joined()).attachments
    assert ("message/rfc822", inner.source) == (nested.content_type, nested.content)


def test_an_eml_file_is_nested_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes("Subject: é\n\né\n".encode())
    email = Email(attachments=[tmp_path / "a.eml"], **FIXED)
    assert b"Content-Transfer-Encoding: 8bit\r\n" in email.source
    assert (
        "Subject: é\r\n\r\né\r\n".encode() == Email.from_source(email.source).attachments[0].content
    )


@pytest.mark.parametrize("kind", ["read", "file", "bytes"])
def test_what_is_large_is_there_once(kind: str) -> None:
    content = b"0123456789abcdef" * 4 * 65_536
    lines = content.replace(b"f0", b"\r\n")
    if kind == "bytes":
        email = Email(attachments=[Attachment("a.bin", content)], **FIXED)
    elif kind == "read":
        email = Email(attachments=[Email.from_source(b"Subject: x\r\n\r\n" + lines)], **FIXED)
    else:
        inner = Email(attachments=[Attachment("a.bin", content)], sender="eve@x.org")
        email = Email.from_source(inner.source).forward()
        assert len(content) == email.attachments[0].size
    octets = 0
    tracemalloc.start()
    try:
        file = opened(email)
        while piece := file.read(50_000):
            octets += len(piece)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(email.source) == octets
    assert len(content) // 4 > peak


def test_text_goes_as_the_transport_allows() -> None:
    email = Email(html="<p>Viele Grüße aus Köln", **FIXED)
    assert b"8bit" not in email.source
    assert email.source == written(email, Transfer.SEVEN_BIT)
    wide = written(email, Transfer.EIGHT_BIT)
    assert "\r\n\r\nViele Grüße\r\n".encode() in wide
    # The multipart has what its parts have (RFC 2045, 6.4).
    assert 3 == wide.count(b"Content-Transfer-Encoding: 8bit")
    read = Email.from_source(wide)
    assert (email.text, email.html, ()) == (read.text, read.html, read.defects)
    for text in ("a\0é", "é" * 600, "x" * 2_000):
        odd = Email(sender="a@x", text=text)
        assert b"8bit" not in written(odd, Transfer.EIGHT_BIT)
        assert text == Email.from_source(written(odd, Transfer.EIGHT_BIT)).text


BODY = st.text(st.characters(codec="utf-8"), max_size=200).map(
    lambda text: text.replace("\r\n", "\n").replace("\r", "\n")
)


@given(text=BODY, html=st.none() | BODY, content=st.binary(max_size=50))
def test_law_every_form_says_the_same(text: str, html: str | None, content: bytes) -> None:
    email = Email(text=text, html=html, attachments=[Attachment("a.bin", content)], sender="a@x")
    for transfer in Transfer:
        read = Email.from_source(written(email, transfer))
        assert (text, html, content) == (read.text, read.html, read.attachments[0].content)
        assert () == read.defects


@given(st.binary(max_size=200))
def test_law_files_go_as_they_are_where_that_is_wanted(content: bytes) -> None:
    email = Email(attachments=[Attachment("a.bin", content)], **FIXED)
    wide = written(email, Transfer.BINARY)
    assert b"Content-Transfer-Encoding: binary\r\n" in wide
    assert b"\r\n\r\n" + content + b"\r\n--" in wide
    assert content == Email.from_source(wide).attachments[0].content


def test_the_boundary_around_a_file_as_it_is_cannot_be_guessed() -> None:
    email = Email(attachments=[Attachment("a.bin", b"1")], **FIXED)
    assert written(email, Transfer.BINARY) != written(email, Transfer.BINARY)


def test_what_was_read_goes_out_as_it_is() -> None:
    email = Email.from_source("Subject: é\r\n\r\né\r\n".encode())
    assert {email.source} == {written(email, transfer) for transfer in Transfer}
