"""S/MIME between two of us: what is signed, encrypted, decrypted and verified."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from courriel import Email, Garbled, Misused, Secret
from courriel.crypto import smime
from courriel.crypto.entity import halves
from courriel.crypto.smime import Identity
from tests.crypto.people import KINDS, LETTER, NOW, ada, bob, pem, root

ROOTS = [root().certificate]
CIPHERS = ("aes-256-cbc", "aes-256-gcm")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("opaque", [False, True])
@pytest.mark.parametrize("pss", [False, True])
def test_what_is_signed_is_verified(kind: str, opaque: bool, pss: bool) -> None:
    signed = smime.sign(LETTER, ada(kind), opaque=opaque, pss=pss, at=NOW)
    result = smime.verify(signed, ROOTS, at=NOW)
    assert (True, "") == (result.valid, result.reason)
    assert result.intact and result.trusted and result
    assert "Ada <ada@example.org>" == str(result.signer)
    assert NOW == result.signed_at
    assert ada(kind).certificate == result.certificate
    assert result.email is not None
    assert LETTER.text == result.email.text
    assert LETTER.html == result.email.html
    assert LETTER.subject == result.email.subject == signed.subject


def test_a_signed_message_is_readable_to_everybody() -> None:
    signed = smime.sign(LETTER, ada())
    assert LETTER.text == signed.text
    assert ("smime.p7s",) == tuple(file.name for file in signed.attachments)
    assert "micalg=sha-256" in signed.headers["Content-Type"]
    assert "application/pkcs7-signature" in signed.headers["Content-Type"]
    assert LETTER.message_id == signed.message_id
    assert () == signed.defects


def test_blind_copies_still_go_out() -> None:
    letter = Email(sender="ada@example.org", to="bob@example.org", bcc="eve@example.org", text="x")
    signed = smime.sign(letter, ada())
    assert ("eve@example.org",) == tuple(address.address for address in signed.bcc)


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_line_ends_that_a_store_has_changed_change_nothing(line_end: bytes) -> None:
    source = smime.sign(LETTER, ada(), at=NOW).source.replace(b"\r\n", line_end)
    assert smime.verify(Email.from_source(source), ROOTS, at=NOW).valid


def test_a_changed_word_is_noticed() -> None:
    source = smime.sign(LETTER, ada(), at=NOW).source.replace(b"Analytical", b"Difference")
    result = smime.verify(Email.from_source(source), ROOTS, at=NOW)
    assert not result.valid and not result.intact and result.email is None
    assert "the content is not what was signed, or another key has signed it" == result.reason


def test_the_author_must_be_the_signer() -> None:
    source = smime.sign(LETTER, ada(), at=NOW).source
    for changed in (
        source.replace(b"From: Ada <ada@", b"From: Ada <eve@"),
        source.replace(b"From: Ada <ada@example.org>", b'From: "ada@example.org" <eve@x.example>'),
        source.replace(b"From: ", b"From: eve@example.org\r\nFrom: "),
        source.replace(b"From: ", b"From: eve@example.org, "),
        source.replace(b"From: ", b"X-From: "),
    ):
        result = smime.verify(Email.from_source(changed), ROOTS, at=NOW)
        assert not result.valid and result.intact and result.trusted
        assert "From" in result.reason


def test_the_author_may_be_written_in_capitals() -> None:
    source = smime.sign(LETTER, ada(), at=NOW).source
    changed = source.replace(b"<ada@example.org>", b"<Ada@EXAMPLE.org>")
    assert smime.verify(Email.from_source(changed), ROOTS, at=NOW).valid


def test_who_is_trusted_is_the_callers_choice() -> None:
    signed = smime.sign(LETTER, ada(), at=NOW)
    assert "no given root has issued the certificate" == smime.verify(signed, [], at=NOW).reason
    assert not smime.verify(signed, [root("Other").certificate], at=NOW).trusted
    assert smime.verify(signed, [ada().certificate], at=NOW).valid
    pem_of_root = root().certificate.public_bytes(serialization.Encoding.PEM)
    assert smime.verify(signed, pem_of_root, at=NOW).valid


def test_an_old_message_is_verified_at_its_time() -> None:
    ada_of_old = root().person(died=NOW)
    signed = smime.sign(LETTER, ada_of_old, at=NOW - timedelta(days=1))
    assert smime.verify(signed, ROOTS, at=NOW - timedelta(days=1)).valid
    late = smime.verify(signed, ROOTS, at=NOW + timedelta(days=1))
    assert "a certificate is not valid after 2026-11-21" == late.reason
    assert late.intact and not late.trusted


def test_only_a_part_that_is_signed_is_not_a_signed_message() -> None:
    signed = smime.sign(LETTER, ada(), at=NOW)
    around = b"From: ada@example.org\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n"
    piece = signed.source[signed.source.index(b"Content-Type") :]
    mixed = Email.from_source(around + piece + b"--o\r\n\r\nPay Eve.\r\n--o--\r\n")
    assert "the message is not signed with S/MIME as a whole" == smime.verify(mixed, ROOTS).reason


def test_a_third_part_beside_content_and_signature_is_not_signed() -> None:
    source = smime.sign(LETTER, ada(), at=NOW).source
    boundary = source.rsplit(b"\r\n--", 1)[1].removesuffix(b"--\r\n")
    third = b"\r\n--%s\r\nContent-Type: text/html\r\n\r\nPay Eve.\r\n--%s--\r\n" % (
        boundary,
        boundary,
    )
    more = source.removesuffix(b"\r\n--%s--\r\n" % boundary) + third
    assert not smime.verify(Email.from_source(more), ROOTS, at=NOW).valid


def test_content_that_a_server_might_change_is_not_signed() -> None:
    head = b"From: ada@example.org\r\nContent-Type: message/rfc822\r\n\r\nSubject: "
    for content, reason in ((b"H\xe4llo", "not ASCII"), (b"x" * 999, "998")):
        inside = Email.from_source(head + content + b"\r\n\r\n")
        with pytest.raises(Misused, match=f"{reason}.*opaque=True"):
            smime.sign(inside, ada())
        assert smime.verify(smime.sign(inside, ada(), opaque=True, at=NOW), ROOTS, at=NOW).valid


@pytest.mark.parametrize("kind", ["rsa", "p256", "p384", "p521"])
@pytest.mark.parametrize("cipher", CIPHERS)
def test_what_is_encrypted_is_decrypted_by_each_holder(kind: str, cipher: object) -> None:
    signed = smime.sign(LETTER, ada("rsa"), at=NOW)
    to = [bob(kind).certificate, ada("rsa").certificate]
    sealed = smime.encrypt(signed, to, cipher=cipher)  # type: ignore[arg-type]  # One of two.
    assert b"Analytical" not in sealed.source
    assert LETTER.subject == sealed.subject
    for holder in (bob(kind), ada("rsa")):
        opened = smime.decrypt(sealed, holder, roots=ROOTS, at=NOW)
        assert LETTER.text == opened.email.text
        assert LETTER.subject == opened.email.subject
        assert ("aes-256-gcm" == cipher) == opened.authenticated
        assert "ada@example.org" == opened.signed_by.address if opened.signed_by else False


def test_an_unsigned_message_is_signed_by_nobody() -> None:
    opened = smime.decrypt(smime.encrypt(LETTER, [bob().certificate]), bob(), roots=ROOTS)
    assert opened.signature is None
    assert opened.signed_by is None
    assert LETTER.text == opened.email.text


def test_others_do_not_decrypt() -> None:
    sealed = smime.encrypt(LETTER, [bob("rsa").certificate])
    with pytest.raises(Misused, match="not encrypted to this certificate"):
        smime.decrypt(sealed, ada("rsa"))
    with pytest.raises(Misused, match="not encrypted with S/MIME as a whole"):
        smime.decrypt(LETTER, bob("rsa"))


@pytest.mark.parametrize("kind", ["rsa", "p256"])
def test_a_damaged_message_says_no_more_than_that(kind: str) -> None:
    sealed = smime.encrypt(LETTER, [bob(kind).certificate], cipher="aes-256-gcm")
    head, _, body = sealed.source.partition(b"\r\n\r\n")
    lines = body.split(b"\r\n")
    said = set()
    for number in range(len(lines) // 2, len(lines) - 1):
        changed = [*lines]
        changed[number] = changed[number].swapcase()
        with pytest.raises(Garbled) as caught:
            smime.decrypt(Email.from_source(head + b"\r\n\r\n" + b"\r\n".join(changed)), bob(kind))
        said.add(str(caught.value))
        assert caught.value.session_usable
    assert 1 == len(said)


def test_the_subject_that_was_hidden_is_shown() -> None:
    hidden = LETTER.source.replace(b"Subject: ", b"Subject: ...\r\nX-Old: ", 1)
    sealed = smime.encrypt(Email.from_source(hidden), [bob().certificate])
    inner = b"Subject: The real one\r\nFrom: eve@example.org\r\nContent-Type: text/plain\r\n\r\nHi"
    whole = halves(sealed).revealing(inner)
    assert ("The real one",) == whole.headers.all("Subject")
    assert ("Ada <ada@example.org>",) == whole.headers.all("From")
    assert "Hi" == whole.text


def test_encrypting_needs_somebody_who_can_read() -> None:
    with pytest.raises(Misused, match="nobody"):
        smime.encrypt(LETTER, [])
    with pytest.raises(Misused, match="only signs"):
        smime.encrypt(LETTER, [ada("ed25519").certificate])
    with pytest.raises(Misused, match="cipher"):
        smime.encrypt(LETTER, [bob().certificate], cipher="rc2")  # type: ignore[arg-type]  # Meant.
    for wrong in ([b"no certificate"], "text", 5, [None]):
        with pytest.raises(Misused, match="cannot be read"):
            smime.encrypt(LETTER, wrong)  # type: ignore[arg-type]  # Meant.
    with pytest.raises(Misused, match=r"Email\.from_source"):
        smime.encrypt(b"bytes", [bob().certificate])  # type: ignore[arg-type]  # Meant.


@pytest.mark.parametrize("wrong", [None, 5, b"key"], ids=str)
def test_what_is_no_identity_is_misused(wrong: Any) -> None:
    for operation in (smime.sign, smime.decrypt):
        with pytest.raises(Misused, match="takes an Identity") as caught:
            operation(LETTER, wrong)
        assert "Identity.from_pkcs12" in str(caught.value)


def test_an_identity_comes_from_files() -> None:
    certificate, private = pem(ada())
    issuer = root().certificate.public_bytes(serialization.Encoding.PEM)
    assert ada() == Identity.from_pem(certificate, private)
    assert (root().certificate,) == Identity.from_pem(certificate + issuer, private).chain
    locked = pkcs12.serialize_key_and_certificates(
        b"ada",
        ada().key,
        ada().certificate,
        None,
        serialization.BestAvailableEncryption(b"s3cret"),
    )
    assert ada() == Identity.from_pkcs12(locked, passphrase=Secret("s3cret"))
    for wrong in (None, "wrong-s3cret"):
        with pytest.raises(Misused, match="passphrase") as caught:
            Identity.from_pkcs12(locked, passphrase=wrong)
        assert "s3cret" not in str(caught.value)
    with pytest.raises(Misused, match="does not belong"):
        Identity(bob().certificate, ada("rsa").key)
    assert "key" not in repr(ada()).lower().replace("keyusage", "")
