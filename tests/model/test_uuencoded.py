"""Files that stand in a text as uuencode become attachments, and the text goes without them."""

from __future__ import annotations

import binascii

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel import Email
from courriel.model.uuencoded import FILES, is_cut, without_files
from tests.toil import linear


def encoded(name: str, content: bytes, *, end: bytes = b"`\nend\n") -> bytes:
    """Write a file as uuencode does."""
    lines = [content[at : at + 45] for at in range(0, len(content), 45)]
    body = b"".join(binascii.b2a_uu(line, backtick=True) for line in lines)
    return f"begin 644 {name}\n".encode() + body + end


def read(body: bytes, kind: bytes = b"text/plain") -> Email:
    return Email.from_source(b"Content-Type: " + kind + b"\r\n\r\n" + body)


CONTENT = bytes(range(256)) * 3


def test_a_file_in_the_text_is_an_attachment() -> None:
    email = read(b"Hello,\n\n" + encoded("my photo.jpg", CONTENT) + b"\nAda\n")
    (file,) = email.attachments
    assert ("my photo.jpg", "image/jpeg", CONTENT) == (file.name, file.content_type, file.content)
    assert "Hello,\n\n\nAda\n" == email.text


def test_several_files_keep_their_order() -> None:
    email = read(encoded("a", b"1") + b"and\r\n" + encoded("b", CONTENT).replace(b"\n", b"\r\n"))
    assert [("a", b"1"), ("b", CONTENT)] == [(f.name, f.content) for f in email.attachments]
    assert "and\n" == email.text


def test_spaces_that_were_lost_at_line_ends_are_put_back() -> None:
    body = encoded("zeros", bytes(100)).replace(b"`", b" ")
    stripped = b"\n".join(line.rstrip() for line in body.split(b"\n"))
    assert bytes(100) == read(stripped).attachments[0].content


@pytest.mark.parametrize("end", [b"end", b"\nend\n", b" \nend \r\n", b"`\nend"])
def test_ends(end: bytes) -> None:
    email = read(encoded("a.txt", b"hello", end=end))
    assert b"hello" == email.attachments[0].content
    assert "" == email.text


def test_an_empty_file() -> None:
    assert b"" == read(encoded("empty", b"")).attachments[0].content


def test_a_file_without_its_end_is_given_with_a_defect() -> None:
    email = read(encoded("a.bin", CONTENT, end=b"Bye!\n"))
    assert CONTENT == email.attachments[0].content
    assert "Bye!\n" == email.text
    assert "a uuencoded file without its end" in email.defects


@pytest.mark.parametrize(
    "text",
    [
        "begin 644 x",
        "begin 644 reading here\nand go on\n",
        "Begin 644 x\n`\nend\n",
        "begin x\n`\nend\n",
        "begin 644 x\nHELLO\n",
        " begin 644 x\n`\nend\n",
    ],
)
def test_what_only_looks_like_it_stays_text(text: str) -> None:
    email = read(text.encode())
    assert text == email.text
    assert () == email.attachments


def test_html_is_left_alone() -> None:
    body = encoded("a", b"1")
    assert body.decode() == read(body, b"text/html").html


def test_a_name_is_made_safe() -> None:
    (file,) = read(encoded("../../etc/passwd", b"x")).attachments
    assert "passwd" == file.safe_name


@pytest.mark.parametrize(
    "piece",
    [
        b"begin 644 a\n",
        b"begin 644 a\n`\nend\n",
        b"begin 644 a\n#AB",
        b"M" + b"A" * 60 + b"\n",
        b"begin 644 a\n" + (b"M" + b"A" * 60 + b"\n") * 3,
        b"begin 644 " + b" " * 500,
        b"`",
        b"`\n",
    ],
)
def test_bombs_take_linear_time(piece: bytes) -> None:
    body = b"begin 644 x\n" + piece * (1_000_000 // len(piece))
    with linear():
        _, files = without_files(body)
    assert FILES >= len(files)


@given(st.binary(max_size=300))
def test_law_no_body_raises(body: bytes) -> None:
    rest, files = without_files(b"begin 644 x\nM" + body)
    assert len(body) + 13 >= len(rest)
    assert all(isinstance(file.content(), bytes) for file in files)


@given(st.binary(max_size=300), st.text(alphabet="abc.é ", min_size=1).filter(str.strip))
def test_law_what_was_encoded_is_decoded(content: bytes, name: str) -> None:
    rest, (file,) = without_files(b"x\n" + encoded(name, content))
    assert (b"x\n", content, True) == (rest, file.content(), file.complete)
    assert name.strip() == file.name.decode()


@pytest.mark.parametrize(
    "rest", [b"#0V%T\r\n", b"#0V%T", b"#0V%T\n\n\n", b"M" + b"A" * 30, b"#0V%T\n#0V"]
)
def test_a_file_that_is_cut_early_stays_text_and_is_a_defect(rest: bytes) -> None:
    email = read(b"begin 644 a.txt\r\n" + rest)
    assert () == email.attachments
    assert (email.text or "").startswith("begin 644 a.txt\n")
    assert "a uuencoded file that is cut" in email.defects


@pytest.mark.parametrize("rest", [b"", b"the day\n", b"OK\n", b"#0V%T\nand so on\n"])
def test_a_text_that_tells_of_a_file_is_no_cut_one(rest: bytes) -> None:
    assert "a uuencoded file that is cut" not in read(b"begin 644 a.txt\r\n" + rest).defects


def test_looking_for_a_file_that_is_cut_takes_linear_time() -> None:
    body = b"begin 644 x\n#AB\n" * 60_000
    with linear():
        assert not is_cut(body)
