"""Parts have the numbers that RFC 3501, 6.4.5 gives them, in any mail however broken."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.errors import Misused
from courriel.model.email import Email
from courriel.model.parts import part_of, parts_of
from courriel.model.structure import DEPTH, PARTS


def leaf(content: str, kind: str = "text/plain", *more: str) -> str:
    return "\n".join((f"Content-Type: {kind}", *more, "", content))


def multipart(boundary: str, *parts: str, kind: str = "mixed", more: str = "") -> str:
    inside = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return f"Content-Type: multipart/{kind}; boundary={boundary}\n{more}\n{inside}--{boundary}--\n"


def message(inner: str) -> str:
    return f"Content-Type: message/rfc822\n\n{inner}"


def mail(text: str) -> Email:
    return Email.from_source(text.replace("\n", "\r\n").encode())


RFC_EXAMPLE = multipart(
    "A",
    leaf("one"),
    leaf("two", "application/octet-stream"),
    message(
        multipart("B", leaf("3.1"), leaf("3.2", "application/octet-stream"), more="Subject: B\n")
    ),
    multipart(
        "C",
        leaf("R0lG", "image/gif", "Content-Transfer-Encoding: base64"),
        message(
            multipart(
                "D",
                leaf("4.2.1"),
                multipart(
                    "E", leaf("4.2.2.1"), leaf("4.2.2.2", "text/richtext"), kind="alternative"
                ),
                more="Subject: D\n",
            )
        ),
    ),
)


def test_the_example_of_the_rfc_is_numbered_as_it_says() -> None:
    # RFC 3501, 6.4.5.
    expected = {
        "1": "text/plain",
        "2": "application/octet-stream",
        "3": "message/rfc822",
        "3.1": "text/plain",
        "3.2": "application/octet-stream",
        "4.1": "image/gif",
        "4.2": "message/rfc822",
        "4.2.1": "text/plain",
        "4.2.2.1": "text/plain",
        "4.2.2.2": "text/richtext",
    }
    email = mail(RFC_EXAMPLE)
    assert expected == {part.path: part.content_type for part in parts_of(email)}
    assert b"one" == part_of(email, "1")
    assert b"GIF" == part_of(email, "4.1")
    assert b"4.2.2.2" == part_of(email, "4.2.2.2")
    assert part_of(email, "3").startswith(b"Content-Type: multipart/mixed; boundary=B\r\n")
    assert b"--E\r\nContent-Type: text/plain" in part_of(email, "4.2.2")


def test_a_single_part_is_number_one() -> None:
    email = mail("Subject: x\n\nHello\nBob\n")
    (part,) = parts_of(email)
    assert ("1", "text/plain", 12, 2, "7bit", None) == (
        *(part.path, part.content_type, part.size, part.lines, part.encoding, part.charset),
    )
    assert b"Hello\r\nBob\r\n" == part_of(email, part)


def test_a_message_that_is_only_a_message_goes_on_below_one() -> None:
    email = mail(message(message("Subject: innermost\n\nhello")))
    assert ["1", "1.1", "1.1.1"] == [part.path for part in parts_of(email)]
    assert ["", "message/rfc822", "message/rfc822"] == [part.around for part in parts_of(email)]
    assert b"hello" == part_of(email, "1.1.1")
    assert b"Subject: innermost\r\n\r\nhello" == part_of(email, "1.1")


def test_a_part_is_described_as_it_describes_itself() -> None:
    email = mail(
        multipart(
            "A",
            leaf(
                "=C3=A9t=C3=A9",
                "Text/HTML; Charset=UTF-8; format=flowed",
                "Content-Transfer-Encoding: Quoted-Printable",
            ),
            leaf(
                "aGVsbG8=",
                "application/pdf; name=other.pdf",
                "Content-Transfer-Encoding: BASE64",
                'Content-Disposition: Attachment; filename="../../etc/pass=?utf-8?q?w=C3=B6rd?="',
                "Content-ID: <id@x>",
            ),
            kind="related",
        )
    )
    html, pdf = parts_of(email)
    assert ("text/html", "UTF-8", "quoted-printable") == (
        *(html.content_type, html.charset, html.encoding),
    )
    assert {"charset": "UTF-8", "format": "flowed"} == html.parameters
    assert "multipart/related" == html.around
    assert html.is_text
    assert "été".encode() == part_of(email, html)
    assert ("passwörd", "attachment", "id@x") == (pdf.name, pdf.disposition, pdf.inline_id)
    assert (8, None, "base64") == (pdf.size, pdf.lines, pdf.encoding)
    assert b"hello" == part_of(email, pdf)


def test_a_digest_holds_messages() -> None:
    email = mail(
        multipart("A", "\nSubject: one\n\n1", "\nSubject: two\n\n2", kind="digest", more="\n")
    )
    paths = [(part.path, part.content_type) for part in parts_of(email)]
    assert [
        ("1", "message/rfc822"),
        ("1.1", "text/plain"),
        ("2", "message/rfc822"),
        ("2.1", "text/plain"),
    ] == paths
    assert b"2" == part_of(email, "2.1")


def test_an_encoded_message_is_one_part_and_decoded() -> None:
    source = "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeA==\n"
    email = mail(source)
    assert ["1"] == [part.path for part in parts_of(email)]
    assert b"Subject: x" == part_of(email, "1")


@pytest.mark.parametrize(
    "path", ["", "0", "01", "5", "1.1", "1.", ".1", "3.1.1", "HEADER", "1.MIME", "1" * 11, "١"]
)
def test_a_part_that_is_not_there_is_misused(path: str) -> None:
    with pytest.raises(Misused):
        part_of(mail(RFC_EXAMPLE), path)


@pytest.mark.parametrize("path", [None, 1, b"1", ("1",)])
def test_what_is_no_path_is_misused(path: Any) -> None:
    with pytest.raises(Misused):
        part_of(mail(RFC_EXAMPLE), path)


def test_a_composed_message_has_parts_too() -> None:
    email = Email(sender="ada@example.org", text="hi", html="<p>hi")
    assert ["text/plain", "text/html"] == [part.content_type for part in parts_of(email)]


def test_h06_messages_inside_messages_end_somewhere() -> None:
    deep = Email.from_source(b"Content-Type: message/rfc822\n\n" * 5_000 + b"x")
    parts = parts_of(deep)
    assert DEPTH + 1 == len(parts)
    assert part_of(deep, parts[-1])


def test_h06_parts_of_messages_count_together() -> None:
    one = b"--A\nContent-Type: message/rfc822\n\n" + multipart("B", "\nx", "\ny").encode()
    wide = Email.from_source(
        b"Content-Type: multipart/mixed; boundary=A\n\n" + one * (PARTS // 2) + b"--A--\n"
    )
    assert PARTS // 2 <= len(parts_of(wide)) <= 2 * PARTS


@given(
    st.lists(
        st.sampled_from(
            [
                *(b"Content-Type: multipart/mixed; boundary=A\n", b"--A\n", b"--A--\n", b"\n"),
                *(b"Content-Type: message/rfc822\r\n", b"--B\n", b"\r", b"text", b"\xff\x00"),
                *(b"Content-Type: multipart/digest; boundary=B\n", b"From \n", b" folded\n"),
                b"Content-Transfer-Encoding: base64\n",
            ]
        ),
        max_size=30,
    ).map(b"".join)
)
def test_law_no_mail_is_too_broken(source: bytes) -> None:
    email = Email.from_source(source)
    parts = parts_of(email)
    paths = [part.path for part in parts]
    assert paths
    assert len(set(paths)) == len(paths)
    for part in parts:
        assert isinstance(part_of(email, part), bytes)
        assert 0 <= part.size <= len(source)
