"""BODYSTRUCTURE: the places of parts, their names, and whatever stands around them."""

from __future__ import annotations

import pytest

from courriel.model.limits import Limits
from courriel.model.summary import Part
from courriel.wire.imap.body import read as read_body
from courriel.wire.imap.cursor import Raw

TEXT = b'("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 1152 23)'


def read(text: bytes, *literals: bytes, limits: Limits | None = None) -> tuple[Part, ...]:
    parts, defects = read_body(Raw(text, literals), limits or Limits())
    assert [] == defects
    return parts


def places(text: bytes) -> list[tuple[str, str, str]]:
    return [(part.path, part.content_type, part.around) for part in read(text)]


def test_the_multipart_of_rfc_3501() -> None:
    first, second = read(
        b"(" + TEXT + b'("TEXT" "PLAIN" ("CHARSET" "US-ASCII" "NAME" "cc.diff") '
        b'"<960723163407.20117h@cac.washington.edu>" "Compiler diff" "BASE64" 4554 73) "MIXED")'
    )
    assert (
        Part(
            "1",
            "text/plain",
            None,
            1152,
            "7bit",
            "US-ASCII",
            None,
            None,
            {"charset": "US-ASCII"},
            23,
            "multipart/mixed",
        )
        == first
    )
    assert (
        Part(
            "2",
            "text/plain",
            "cc.diff",
            4554,
            "base64",
            "US-ASCII",
            None,
            "960723163407.20117h@cac.washington.edu",
            {"charset": "US-ASCII", "name": "cc.diff"},
            73,
            "multipart/mixed",
        )
        == second
    )


def test_paths_go_as_in_rfc_3501_6_4_5() -> None:
    envelope = b"(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"
    image = b'("IMAGE" "GIF" NIL NIL NIL "BASE64" 9)'
    inner = b"(" + image + b'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 9 ' + envelope + b" (" + TEXT
    inner += b"(" + TEXT + image + b' "ALTERNATIVE")"MIXED") 7) "MIXED")'
    message = b'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 900 ' + envelope + b" " + TEXT + b" 30)"
    assert [
        ("1", "text/plain", "multipart/mixed"),
        ("2", "image/gif", "multipart/mixed"),
        ("3", "message/rfc822", "multipart/mixed"),
        ("3.1", "text/plain", "message/rfc822"),
        ("4.1", "image/gif", "multipart/mixed"),
        ("4.2", "message/rfc822", "multipart/mixed"),
        ("4.2.1", "text/plain", "multipart/mixed"),
        ("4.2.2.1", "text/plain", "multipart/alternative"),
        ("4.2.2.2", "image/gif", "multipart/alternative"),
    ] == places(b"(" + TEXT + image + message + inner + b' "MIXED" ("BOUNDARY" "b") NIL NIL)')


def test_a_message_alone() -> None:
    envelope = b'(NIL "a) (b" NIL NIL NIL NIL NIL NIL NIL NIL)'
    outer, inner = read(
        b'("MESSAGE" "RFC822" ("NAME" "x.eml") NIL NIL "7BIT" 900 ' + envelope + b" " + TEXT
        + b' 30 NIL ("attachment" ("filename" "y.eml")) NIL NIL)'
    )  # fmt: skip
    assert ("1", "message/rfc822", 900, 30, "attachment", "y.eml") == (
        *(outer.path, outer.content_type, outer.size, outer.lines, outer.disposition, outer.name),
    )
    assert ("1.1", "text/plain") == (inner.path, inner.content_type)


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        (b'("NAME" "a.pdf")', "a.pdf"),
        (b'("name" "=?utf-8?q?=C3=BC=2Epdf?=")', "ü.pdf"),
        (b'("name*" "utf-8\'\'%C3%BC.pdf" "name" "u.pdf")', "ü.pdf"),
        (b'("name*0" "long" "name*1" "er.pdf")', "longer.pdf"),
        (b'("name" "../../etc/passwd")', "passwd"),
        (b'("name" "a\\"b.pdf")', "a_b.pdf"),
        (b'("charset" "x" "name" "CON.txt")', "_CON.txt"),
        (b'("name" "")', None),
        (b"NIL", None),
    ],
)
def test_names_are_decoded_and_safe(parameters: bytes, name: str | None) -> None:
    (part,) = read(b'("APPLICATION" "PDF" ' + parameters + b' NIL NIL "BASE64" 9)')
    assert name == part.name
    (part,) = read(
        b'("APPLICATION" "PDF" ("NAME" "other") NIL NIL "BASE64" 9 NIL ("ATTACHMENT" '
        + parameters.replace(b"name", b"filename").replace(b"NAME", b"filename")
        + b"))"
    )
    assert "attachment" == part.disposition
    assert (name or "other") == part.name


def test_literals_anywhere() -> None:
    (part,) = read(
        b'({4} {5} ({7} {5}) NIL NIL {4} 28 2 NIL ("inline" NIL) "en" "loc" ("ext" (1 2)) 5)',
        *(b"text", b"plain", b"charset", b"utf-8", b"8bit"),
    )
    assert ("text/plain", "utf-8", "8bit", 28, 2, "inline") == (
        *(part.content_type, part.charset, part.encoding, part.size, part.lines, part.disposition),
    )


def test_the_quick_way_and_the_slow_one_agree() -> None:
    text = (
        b'("IMAGE" "PNG" ("NAME" "a.png" "X" "1") "<i@d>" "words" "BASE64" 12 NIL '
        b'("INLINE" ("FILENAME" "b.png")) ("en" "de") "loc")'
    )
    assert read(text) == read(text.replace(b'"IMAGE"', b'"IMAGE" '))
    assert read(TEXT) == read(TEXT.replace(b"(", b"( ", 1))


def test_what_cannot_be_read_ends_the_list() -> None:
    parts, defects = read_body(Raw(b"(" + TEXT + b'("IMAGE" "PNG" (('), Limits())
    assert ["1", "2"] == [part.path for part in parts]
    assert any("breaks off" in defect for defect in defects)
    assert ((), ["NIL for a BODYSTRUCTURE"]) == read_body(Raw(b"NIL"), Limits())
