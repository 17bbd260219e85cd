"""Whatever people write: what is signed is verified, and what is encrypted comes out again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from courriel import Attachment, Email
from courriel.crypto import dkim, smime
from tests.crypto.dkim.keyring import ed25519, published, record, signer
from tests.crypto.people import NOW, ada, bob, root

ROOTS = [root().certificate]
RESOLVER = published(record(ed25519()))
WORDS = st.sampled_from(["From ", ">From ", "-- ", " ", "\t", "\n", ".", "=", "Größe", "--=_"])
TEXT = st.lists(WORDS | st.text(max_size=8), max_size=15).map("".join)
FILE = st.builds(
    Attachment,
    st.sampled_from(["notes.txt", "Größe.png", "x" * 80]),
    st.binary(max_size=300),
    st.sampled_from(["text/plain", "image/png", "application/octet-stream"]),
)


@st.composite
def letters(draw: st.DrawFn) -> Email:
    """Make a message, composed or as it was stored."""
    made = Email(
        sender="Ada <ada@example.org>",
        to="bob@example.org",
        subject="".join(filter(str.isprintable, draw(TEXT))),
        text=draw(TEXT),
        html=draw(st.none() | TEXT),
        attachments=draw(st.lists(FILE, max_size=2)),
    )
    if draw(st.booleans()):
        return Email.from_source(made.source.replace(b"\r\n", b"\n"))
    return made


def said(email: Email) -> tuple[object, ...]:
    # As it is read: a lone carriage return is written as a line end.
    email = Email.from_source(email.source)
    files = [(file.name, file.content_type, file.content) for file in email.attachments]
    return email.sender, email.subject, email.text, email.html, files


@given(letter=letters(), kind=st.sampled_from(["p256", "ed25519"]), opaque=st.booleans())
def test_law_what_is_signed_is_verified(letter: Email, kind: str, opaque: bool) -> None:
    result = smime.verify(smime.sign(letter, ada(kind), opaque=opaque, at=NOW), ROOTS, at=NOW)
    assert (True, "") == (result.valid, result.reason)
    assert result.email is not None
    assert said(letter) == said(result.email)


@given(letter=letters(), cipher=st.sampled_from(["aes-256-cbc", "aes-256-gcm"]))
def test_law_what_is_encrypted_comes_out_again(letter: Email, cipher: object) -> None:
    sealed = smime.encrypt(letter, [bob().certificate], cipher=cipher)  # type: ignore[arg-type]  # One of two.
    assert said(letter) == said(smime.decrypt(sealed, bob()).email)
    signed = smime.sign(letter, ada(), opaque=True, at=NOW)
    sealed = smime.encrypt(signed, [bob().certificate], cipher=cipher)  # type: ignore[arg-type]  # As above.
    opened = smime.decrypt(sealed, bob(), roots=ROOTS, at=NOW)
    assert opened.signed_by is not None
    assert said(letter) == said(opened.email)


@given(letter=letters(), form=st.sampled_from(["simple/simple", "relaxed/relaxed"]))
def test_law_dkim_is_around_whatever_is_in_it(letter: Email, form: str) -> None:
    signed = signer(canonicalization=form).sign(smime.sign(letter, ada(), at=NOW))
    assert [True] == [result.passed for result in dkim.verify(signed, resolver=RESOLVER)]
    assert smime.verify(signed, ROOTS, at=NOW).valid
    assert said(letter)[:-1] == said(signed)[:-1]
