"""What is written keeps to the letter of MIME, whatever goes in, for every transport."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courriel.model.attachment import Attachment
from courriel.model.email import Email
from courriel.model.transfer import Transfer
from courriel.model.writing import written

LOGO = Attachment("logo.png", b"1", inline_id="logo@x.org")
NAME = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=300)
BODY = st.text(st.characters(codec="utf-8"), max_size=200) | st.integers(900, 1_100).map(
    lambda length: "x" * length + "\n" + "é" * (length // 2)
)


def parts(email: Email) -> list[Message]:
    return list(email.as_message().walk())


def part(email: Email, kind: str) -> Message:
    (found,) = [one for one in parts(email) if one.get_content_type() == kind]
    return found


def test_a_page_with_images_says_of_what_type_it_is() -> None:
    """RFC 2387, 3.1: the parameter must be there."""
    related = part(Email(html="x", attachments=[LOGO]), "multipart/related")
    assert "text/html" == related.get_param("type")
    first, image = list(related.walk())[1:]
    assert "text/html" == first.get_content_type()
    assert ("<logo@x.org>", "inline") == (image["Content-ID"], image.get_content_disposition())


def test_an_image_that_is_shown_twice_is_there_once(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"1")
    html = "<img src=a.png><p style='x:url(a.png)'><img src=./a.png srcset='a.png 2x'>"
    email = Email(html=html).embed_images(tmp_path)
    (image,) = email.inline
    assert 4 == (email.html or "").count(f"cid:{image.inline_id}")
    assert 1 == email.source.count(b"Content-ID:")


@pytest.mark.parametrize(
    ("kind", "content", "encoding", "expected"),
    [
        ("message/rfc822", b"Subject: x\r\n\r\nx", "7bit", "message/rfc822"),
        ("Message/RFC822; x=y", b"Subject: x\r\n\r\nx", "7bit", "message/rfc822"),
        ("message/rfc822", b"\r\n\xe9", "8bit", "message/rfc822"),
        ("message/delivery-status", b"Action: failed\r\n", "7bit", "message/delivery-status"),
        ("message/partial; id=x; number=1", b"x\r\n", "7bit", "message/partial"),
        ("message/rfc822", b"\r\n\0", "base64", "application/octet-stream"),
        ("message/rfc822", b"\r\n" + b"x" * 999, "base64", "application/octet-stream"),
        ("text/csv", b"x\n", "base64", "text/csv"),
    ],
)
def test_what_is_a_message_is_never_encoded(
    kind: str, content: bytes, encoding: str, expected: str
) -> None:
    """RFC 2045, 6.4; RFC 2046, 5.2.1."""
    email = Email(attachments=[Attachment("a.eml", content, kind)])
    for transfer in (Transfer.SEVEN_BIT, Transfer.EIGHT_BIT):
        source = written(email, transfer)
        found = part(Email.from_source(source), expected)
        assert encoding == found["Content-Transfer-Encoding"]
        assert content == Email.from_source(source).attachments[0].content


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("Subject: é\r\n\r\nx".encode(), "8bit"),
        (b"Subject: x\r\n\r\nx", "7bit"),
        (b"Subject: x\r\n\r\n\0", "base64"),
    ],
)
def test_a_message_in_utf_8_is_encoded_where_it_must_be(content: bytes, encoding: str) -> None:
    """RFC 6532, 3.7."""
    email = Email(text="x", attachments=[Attachment("a.eml", content, "message/global")])
    for transfer, expected in ((Transfer.SEVEN_BIT, "base64"), (Transfer.EIGHT_BIT, encoding)):
        source = written(email, transfer)
        assert f"Content-Transfer-Encoding: {expected}\r\n".encode() in source
        (file,) = Email.from_source(source).attachments
        assert ("message/global", content) == (file.content_type, file.content)


def test_a_message_that_is_a_file_gets_proper_line_ends() -> None:
    for content in (b"Subject: x\n\nx\n", b"Subject: x\r\rx\r", b"Subject: x\r\n\nx\r"):
        email = Email(attachments=[Attachment("a.eml", content)])
        assert b"Subject: x\r\n\r\nx\r\n" == Email.from_source(email.source).attachments[0].content


def test_lines_of_a_message_that_is_a_file_may_be_as_long_as_servers_carry() -> None:
    for length, kind in ((980, "message/rfc822"), (1_000, "application/octet-stream")):
        for tail in (b"", b"\r\n", b"\r\nx" * 900):
            content = b"Subject: x\r\n\r\n" + b"y" * length + tail
            email = Email(attachments=[Attachment("a.eml", content)])
            (file,) = Email.from_source(email.source).attachments
            assert (kind, content) == (file.content_type, file.content)


@given(BODY, st.none() | BODY, NAME, NAME, st.binary(max_size=100), st.booleans())
@settings(deadline=None)
def test_law_every_line_is_one_that_the_transport_carries(
    text: str, html: str | None, subject: str, name: str, content: bytes, utf8: bool
) -> None:
    """RFC 5322, 2.1.1; RFC 2045, 2.7 and 2.8; RFC 6152."""
    email = Email(
        sender=("Zoë " + name, "zoë@x.org" if utf8 else "zoe@x.org"),
        subject=subject,
        text=text,
        html=html,
        attachments=[Attachment(name or "x", content), Email(subject=subject, text=text)],
    )
    for transfer in (Transfer.SEVEN_BIT, Transfer.EIGHT_BIT):
        source = written(email, transfer)
        head = source[: source.index(b"\r\n\r\n")]
        assert head.isascii() or utf8
        assert transfer is not Transfer.SEVEN_BIT or source[len(head) :].isascii()
        assert not re.search(rb"\r(?!\n)|(?<!\r)\n|\0", source)
        assert 998 >= max(map(len, source.split(b"\r\n")))
        for line in head.split(b"\r\n"):
            # Only a word that is long itself makes a line longer (RFC 5322, 2.1.1).
            assert 78 >= len(line.decode()) or 1 >= line.strip().count(b" ")


@given(st.text(st.sampled_from("aé=. \t\n你\0"), max_size=400), st.binary(max_size=400))
@settings(deadline=None)
def test_law_encoded_lines_are_short(text: str, content: bytes) -> None:
    """RFC 2045, 6.7 (5) and 6.8: at most 76 characters, no white space at the end."""
    email = Email(text=text, html=text, attachments=[Attachment("a.bin", content)])
    for one in parts(email):
        if one["Content-Transfer-Encoding"] in {"quoted-printable", "base64"}:
            for line in str(one.get_payload()).splitlines():
                assert 76 >= len(line)
                assert line == line.rstrip(" \t")


@given(st.lists(st.sampled_from(["=_", "--", "\n", "mixed", "x", "0"]), max_size=30))
def test_law_no_text_is_taken_for_a_boundary(pieces: list[str]) -> None:
    fields: dict[str, Any] = {"message_id": "<1@x.org>", "sender": "ada@x.org"}
    empty = Email(html="x", attachments=[LOGO, Attachment("a", b"1")], **fields)
    boundaries = [one.get_boundary() or "" for one in parts(empty) if one.is_multipart()]
    text = "".join(pieces) + "".join(f"\n--{one}--\n--{one}\n" for one in boundaries)
    inner = Email(text=text, **fields)
    email = Email(text=text, html=text, attachments=[LOGO, inner], **fields)
    for transfer in (Transfer.SEVEN_BIT, Transfer.EIGHT_BIT, Transfer.BINARY):
        read = Email.from_source(written(email, transfer))
        assert (text, text) == (read.text, read.html)
        assert (inner.source, ()) == (read.attachments[0].content, read.defects)


def test_a_name_is_written_for_those_who_know_rfc_2231_and_for_outlook() -> None:
    for name in ("Grüße.pdf", "资料" * 60 + ".pdf", 'a"b.pdf', "%41'x'.pdf", "=?utf-8?q?x?="):
        source = Email(attachments=[Attachment(name, b"1", "application/pdf")]).source
        found = part(Email.from_source(source), "application/pdf")
        assert name == found.get_filename()
        field = source[source.index(b"application/pdf") :].partition(b"\r\nContent-Tr")[0]
        assert b'name="' in field
        assert b"name*" not in field
        # What follows the name is but the field for those who read RFC 2231.
        alone = source.replace(b"Content-Disposition: attachment;", b"X-Nothing:")
        assert [name] == [file.name for file in Email.from_source(alone).attachments]


@pytest.mark.parametrize("letters", ["Ä", "你", "😀", "Ä你", "aÄ你😀", "你a"])
def test_only_the_last_encoded_word_is_filled_up(letters: str) -> None:
    """GMime reads neighbours as one, and stops at the first "=" (RFC 2047, 2 has no such rule)."""
    subject = letters * 120 + "я"
    email = Email(subject=subject, to=[(subject, "a@x.org")])
    words = re.findall(rb"=\?utf-8\?b\?(\S*?)\?=", email.source)
    assert 10 < len(words)
    filled = [word for word in words if word.endswith(b"=")]
    assert 2 >= len(filled)
    assert all(75 - len("=?utf-8?b??=") >= len(word) for word in words)
    read = Email.from_source(email.source)
    assert (subject, subject) == (read.subject, read.to[0].name)


def test_a_multipart_tells_what_its_parts_hold() -> None:
    inner = Attachment("a.eml", "Subject: é\r\n\r\n".encode(), "message/rfc822")
    arguments: dict[str, Any] = {"text": "Grüße", "html": "<p>Grüße", "attachments": [inner]}
    email = Email(sender="ada@x.org", **arguments)
    assert ["8bit", "", "base64", "base64", "8bit", ""] == encodings(email.source)
    wide = written(email, Transfer.EIGHT_BIT)
    assert ["8bit", "8bit", "8bit", "8bit", "8bit", ""] == encodings(wide)
    binary = written(Email(text="a", attachments=[Attachment("b", b"\0")]), Transfer.BINARY)
    assert ["binary", "7bit", "binary"] == encodings(binary)
    assert ["", "7bit", "base64"] == encodings(
        Email(text="a", attachments=[Attachment("b", b"\0")]).source
    )


def encodings(source: bytes) -> list[str]:
    return [
        str(part.get("Content-Transfer-Encoding", ""))
        for part in message_from_bytes(source, policy=policy.compat32).walk()
    ]


LONG = "Ünïcödé " * 12 + "!"


def long_lines(email: Email) -> list[bytes]:
    """Return the lines of a header that are longer than they may be."""
    head, _, _ = email.source.partition(b"\r\n\r\n")
    return [line for line in head.split(b"\r\n") if len(line) > (76 if b"=?" in line else 78)]


def test_no_line_with_an_encoded_word_is_longer_than_76() -> None:
    """RFC 2047, 2: the name of the field counts, whichever field it is."""
    person = (LONG, "ada@example.org")
    email = Email(
        sender=person,
        to=person,
        cc=person,
        reply_to=person,
        subject=LONG,
        request_read_receipt=True,
        request_delivery_receipt=True,
        headers={
            "List-Id": f"{LONG} <list.example.org>",
            "X-" + "h" * 70: LONG,
            "Errors-To": f'"{LONG}" <a@x.org>',
        },
    )
    assert [] == long_lines(email)
    read = Email.from_source(email.source)
    assert [LONG] * 4 == [a.name for a in (read.sender, *read.to, *read.cc, *read.reply_to) if a]
    assert LONG == read.headers["X-" + "h" * 70]


def test_lines_are_folded_behind_a_name_longer_than_they_are() -> None:
    name = "X-" + "h" * 60
    email = Email(headers={name: "aaa " * 60 + "b"})
    assert [] == long_lines(email)
    assert "aaa " * 60 + "b" == Email.from_source(email.source).headers[name]
