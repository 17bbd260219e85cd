"""What is signed arrives: parts are written so that relays have nothing to change in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel import Attachment, Email
from courriel.crypto import smime
from courriel.crypto.entity import check_plain, divided, halves
from courriel.crypto.sturdy import sturdy
from courriel.model.transfer import Transfer
from tests.crypto.people import NOW, ada, bob, root
from tests.crypto.relays import FRAIL, RELAYS, Relay

ROOTS = [root().certificate]
LINES = st.lists(
    st.sampled_from(["From ", "-- ", "Größe ", "\t", "x" * 1_100, "=", ".", "a", "\n"]), max_size=20
).map("".join)
TYPES = st.sampled_from(["text/plain; charset=utf-8", "text/html", "application/json", "image/png"])


@pytest.mark.parametrize("relay", RELAYS)
@pytest.mark.parametrize("html", [None, "<p>From </p> \nFrom \n"])
def test_relays_do_not_break_a_signature(relay: Relay, html: str | None) -> None:
    letter = Email(
        sender="ada@example.org",
        to="bob@example.org",
        text=FRAIL,
        html=html,
        attachments=[Attachment("notes.txt", b"From \n \n", "text/plain")],
    )
    signed = smime.sign(letter, ada(), at=NOW)
    assert FRAIL == signed.text
    result = smime.verify(Email.from_source(relay(signed.source)), ROOTS, at=NOW)
    assert (True, "") == (result.valid, result.reason)
    assert result.email is not None
    assert FRAIL == result.email.text
    assert b"From \n \n" == result.email.attachments[0].content


def test_what_is_sturdy_stays_as_it_is() -> None:
    plain = Email(sender="ada@example.org", text="Plain.\n", html="<p>Größe</p>").source
    for form in (Transfer.SEVEN_BIT, Transfer.EIGHT_BIT):
        assert plain is sturdy(plain, form)
    frail = Email(sender="ada@example.org", text=FRAIL).source
    assert frail is sturdy(frail, Transfer.EIGHT_BIT)
    assert frail != sturdy(frail, Transfer.SEVEN_BIT)


@pytest.mark.parametrize(
    ("part", "written"),
    [
        (b"\r\nFrom me\r\n", b"quoted-printable\r\n\r\nFro=\r\nm me\r\n"),
        (b"X: y\r\n\r\nblank \r\n", b"quoted-printable\r\n\r\nblank=20\r\n"),
        (b"X: y\n\nblank \n", b"quoted-printable\n\nblank=20\r\n"),
        (
            b"Content-Type: text/plain; charset=latin-1\r\n\r\nIt says H\xe4llo\r\n",
            b"quoted-printable\r\n\r\nIt says H=E4llo\r\n",
        ),
        (b"Content-Type: text/plain\r\n\r\n\xe4\xf6\xfc\r\n", b"base64\r\n\r\n5Pb8DQo="),
        (b"Content-Type: text/plain\r\n\r\na\0b\r\n", b"base64\r\n\r\nYQBiDQo="),
        (b"Content-Type: image/png\r\n\r\n\x89PNG\n", b"base64\r\n\r\niVBORwo="),
        (
            b"Content-Transfer-Encoding:\r\n 8bit (really)\r\nX: y\r\n\r\nblank \r\n",
            b"X: y\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nblank=20\r\n",
        ),
    ],
)
def test_a_frail_part_is_encoded(part: bytes, written: bytes) -> None:
    assert sturdy(part, Transfer.SEVEN_BIT).endswith(written)
    assert 1 == sturdy(part, Transfer.SEVEN_BIT).lower().count(b"content-transfer-encoding")


@pytest.mark.parametrize("form", [Transfer.SEVEN_BIT, Transfer.EIGHT_BIT])
def test_binary_octets_are_no_lines(form: Transfer) -> None:
    """Otherwise their line ends would be changed when the message is signed or encrypted."""
    picture = b"\x89PNG\r\n\x1a\n\r\0\n"
    part = b"Content-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\n" + picture
    letter = Email.from_source(
        b"From: ada@example.org\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nHi\r\n--b\r\n" + part + b"\r\n--b--\r\n"
    )
    assert picture == letter.attachments[0].content
    (file,) = Email.from_source(sturdy(letter.source, form)).attachments
    assert picture == file.content
    result = smime.verify(smime.sign(letter, ada(), at=NOW), ROOTS, at=NOW)
    assert result.email is not None and picture == result.email.attachments[0].content
    sealed = smime.encrypt(letter, [bob().certificate])
    assert picture == smime.decrypt(sealed, bob()).email.attachments[0].content


@pytest.mark.parametrize(
    "entity",
    [
        b"Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nFrom me \r\n",
        (
            b"Content-Type: multipart/signed; boundary=b\r\n\r\n"
            b"--b\r\n\r\nFrom me \r\n--b\r\n\r\n--b--\r\n"
        ),
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\nNo such boundary. \r\n",
        b"Content-Transfer-Encoding: base64\r\n\r\nSGk= \r\n",
        b"Content-Transfer-Encoding: x-own\r\n\r\nFrom \r\n",
        b"no header at all ",
        b"",
    ],
)
def test_what_must_not_be_encoded_is_not(entity: bytes) -> None:
    assert entity is sturdy(entity, Transfer.SEVEN_BIT)


@given(text=LINES, kind=TYPES, line_end=st.sampled_from([b"\r\n", b"\n"]))
def test_law_what_was_written_is_read(text: str, kind: str, line_end: bytes) -> None:
    body = text.encode().replace(b"\n", line_end)
    head = b"From: ada@example.org\nContent-Type: %s\n\n" % kind.encode()
    before = Email.from_source(head.replace(b"\n", line_end) + body)
    after = Email.from_source(sturdy(before.source, Transfer.SEVEN_BIT))
    assert (before.text, before.html) == (after.text, after.html)
    check_plain(divided(after.source).entity, "test", "")
    assert [one.content_type for one in before.attachments] == [
        one.content_type for one in after.attachments
    ]


@given(source=st.binary(max_size=500))
def test_law_no_octets_raise(source: bytes) -> None:
    for form in Transfer:
        once = sturdy(source, form)
        Email.from_source(once).text  # noqa: B018 - It must be readable.
        halves(Email.from_source(source), form)
