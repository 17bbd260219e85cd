"""A ready-made message in seven bits says what it said, and what is signed is left alone."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.model.outgoing import prepare
from courriel.model.recoding import seven_bit
from courriel.model.standard import serialised
from courriel.model.transfer import Transfer

HEAD = b"From: ada@example.org\r\nTo: bob@example.org\r\nMIME-Version: 1.0\r\n"
TYPE = b"Content-Type: text/plain; charset=latin-1\r\nContent-Transfer-Encoding: 8bit\r\n"
BODY = b"\r\nSch\xf6ne Gr\xfc\xdfe und noch etwas mehr.\r\n"


def letter(text: str = "Héllo, it is me.\n", **content: Any) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "Ada <ada@example.org>", "bob@example.org"
    message["Subject"] = "A très long subject " * 8
    message.set_content(text, **content)
    return message


def contents(source: bytes) -> list[tuple[str, Any]]:
    """Return what the parts say, whatever their encoding."""
    return [
        (part.get_content_type(), part.get_payload(decode=True))
        for part in message_from_bytes(source, policy=policy.default).walk()
        if not part.is_multipart()
    ]


def alternative() -> EmailMessage:
    message = letter()
    message.add_alternative("<p>Héllo</p>\n", subtype="html", cte="8bit")
    message.add_attachment(b"\x00\xff\xfe", maintype="image", subtype="png", filename="é.png")
    message.add_attachment("naïve\n" * 3, charset="latin-1", cte="8bit", filename="n.txt")
    return message


def forward() -> EmailMessage:
    message = letter("See below.\n")
    message.add_attachment(letter("Zoë wrote\n"))
    return message


def legacy() -> Message:
    return message_from_bytes(HEAD + TYPE + BODY)


@pytest.mark.parametrize("make", [letter, alternative, forward, legacy])
def test_it_says_the_same(make: Any) -> None:
    source = serialised(make())
    assert not source.isascii()
    written = seven_bit(source)
    assert written.isascii()
    assert contents(source) == contents(written)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t")))
def test_whatever_the_text_is(text: str) -> None:
    source = serialised(letter(text + "é\n", cte="8bit"))
    written = seven_bit(source)
    assert written.isascii()
    assert contents(source) == contents(written)


def test_nothing_else_is_changed() -> None:
    source = (
        HEAD + b'Content-Type: multipart/mixed; boundary="="\r\nX-Odd:\r\n\t as it  was\r\n\r\n'
        b"preamble\r\n--=\r\n" + TYPE + BODY + b"--=\r\n\r\nFrom here \r\n--=--\r\nepilogue\r\n"
    )
    changed = b"Content-Transfer-Encoding: quoted-printable\r\n"
    expected = source.replace(b"Content-Transfer-Encoding: 8bit\r\n", changed)
    expected = expected.replace(BODY, b"\r\nSch=F6ne Gr=FC=DFe und noch etwas mehr.\r\n")
    assert expected == seven_bit(source)


def test_what_is_ascii_is_the_same_object() -> None:
    source = serialised(letter("Hello\n"))
    assert source is seven_bit(source)


SIGNED = (
    b'Content-Type: multipart/signed; boundary="="\r\n\r\n--=\r\n'
    + TYPE
    + BODY
    + b"--=\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--=--\r\n"
)


@pytest.mark.parametrize(
    "source",
    [
        HEAD + SIGNED,
        HEAD + b"DKIM-Signature: v=1; bh=x\r\n" + TYPE + BODY,
        HEAD + b"Content-Type: message/rfc822\r\n\r\n" + HEAD + SIGNED,
        HEAD + b"Content-Type: message/rfc822\r\n\r\n" + b"DKIM-Signature: x\r\n" + HEAD + BODY,
        HEAD + b"Content-Type: message/global\r\n\r\n" + HEAD + TYPE + BODY,
        HEAD.replace(b"MIME-Version: 1.0\r\n", b"") + BODY,
        HEAD + TYPE.replace(b"8bit", b"quoted-printable") + BODY,
        HEAD + TYPE.replace(b"8bit", b"x-secret") + BODY,
        HEAD + b"X-Raw: \xe9\r\n\r\nHi.\r\n",
        HEAD + TYPE.removesuffix(b"\r\n") + b"\xe9",
        b"\xe9",
        b"",
    ],
)
def test_what_must_not_or_cannot_be_changed_is_not(source: bytes) -> None:
    assert source == seven_bit(source)


def test_only_a_message_that_is_given_as_such_has_two_forms() -> None:
    outgoing = prepare(letter())
    assert outgoing.written(Transfer.SEVEN_BIT).isascii()
    assert outgoing.message == outgoing.written(Transfer.EIGHT_BIT)
    ready = prepare(serialised(letter()))
    assert ready.message == ready.written(Transfer.SEVEN_BIT)
    assert not prepare(letter("Hello\n")).recodable


def test_the_blind_copies_stay_out_of_both() -> None:
    message = letter()
    message["Bcc"] = "eve@example.org"
    outgoing = prepare(message)
    assert ("bob@example.org", "eve@example.org") == outgoing.recipients
    for transfer in Transfer:
        assert b"eve" not in outgoing.written(transfer)
