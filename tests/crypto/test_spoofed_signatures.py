"""Messages that look as if Ada had signed them, and what S/MIME says of each.

The ways are those of "Johnny, you are fired!" (USENIX Security 2019) and of the RFCs' warnings:
another author shown, another content, nobody's signature, another's certificate, a signed part
among others.
"""

from __future__ import annotations

from binascii import b2a_base64

import pytest
from cryptography import x509

from courriel import Address, Email
from courriel.crypto import der, signatures, signed_data, smime
from courriel.crypto.certificates import same_address
from courriel.crypto.smime import Identity
from tests.crypto.people import (
    BIRTH,
    DEATH,
    ENTITY,
    LETTER,
    NOW,
    ada,
    bob,
    carried,
    key,
    named,
    root,
)

ROOTS = [root().certificate]
SIGNED = smime.sign(LETTER, ada(), at=NOW).source
PAY = b"Content-Type: text/plain\r\n\r\nPay Eve.\r\n"


def verdict(source: bytes | Email) -> smime.SmimeResult:
    email = source if isinstance(source, Email) else Email.from_source(source)
    return smime.verify(email, ROOTS, at=NOW)


def signature(content: bytes = ENTITY, *, enclosed: bool = False) -> bytes:
    return signed_data.write(content, ada(), at=NOW, enclosed=enclosed, pss=False)[0]


@pytest.mark.parametrize(
    "author",
    [
        "Spoofed <spoofed@example.com> <ada@example.org>",
        "<ada@example.org> <eve@example.com>",
        "ada@example.org)eve@example.com",
        "eve@example.com(ada@example.org)",
        "ada@example.org eve@example.com",
        '"ada@example.org" <eve@example.com>',
        '"ceo@example.com" <ada@example.org>',
        "ceo\uff20example.com <ada@example.org>",
        "=?utf-8?q?ceo=40example.com?= <ada@example.org>",
        "=?utf-8?q?=3Cada=40example.org=3E?= <eve@example.com>",
        '"x@example.com y"@internal',
        "g:ada@example.org,eve@example.com;",
        "g:" * 10_000 + "eve@example.com, ada@example.org;",
        "eve@example.com, ada@example.org",
        "ada@example.org\r\nFrom: eve@example.com",
        "ada@example.org\r\nFROM : eve@example.com",
        "ada@example.org@example.com",
        "",
    ],
)
def test_i10_whoever_could_be_read_as_another_has_not_signed(author: str) -> None:
    result = verdict(SIGNED.replace(b"Ada <ada@example.org>", author.encode()))
    assert (False, True, True) == (result.valid, result.intact, result.trusted)
    assert "From" in result.reason


@pytest.mark.parametrize(
    "author",
    [
        "ada@example.org",
        "Somebody else <ADA@Example.ORG>",
        "(a comment) ada@example.org",
        "ada@example.org <ada@example.org>",
        "<@relay.example.com:ada@example.org>",
        "g:ada@example.org;",
    ],
)
def test_ada_may_be_written_in_many_ways(author: str) -> None:
    result = verdict(SIGNED.replace(b"Ada <ada@example.org>", author.encode()))
    assert (True, "") == (result.valid, result.reason)
    assert "Ada <ada@example.org>" == str(result.signer)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("ada@bücher.example", "ADA@xn--bcher-kva.example", True),
        ("ada@BÜCHER.example", "ada@bücher.example", True),
        ("äda@bücher.example", "äda@xn--bcher-kva.example", True),
        ("\u212aate@example.org", "kate@example.org", False),
        ("ada@example.org", "ada@example.org.example.com", False),
        ("ada@example.org", "ada@example.orɡ", False),
        ('"ada"@example.org', "ada@example.org.", False),
        ("ada", "", False),
        ("", "", False),
    ],
)
def test_addresses_are_the_same_as_servers_see_them(one: str, other: str, same: bool) -> None:
    assert same == same_address(Address.as_read("", one), Address.as_read("x", other))


def test_a_certificate_for_a_look_alike_is_not_adas() -> None:
    """The Kelvin sign becomes a small k where letters are made small."""
    kelvin = "\u212aate@example.org".encode()
    names = x509.SubjectAlternativeName(
        [x509.OtherName(x509.ObjectIdentifier("1.3.6.1.5.5.7.8.9"), der.element(0x0C, kelvin))]
    )
    own = key("p256", "kelvin")
    eve = Identity(root().issue(named("Kate", own, BIRTH, DEATH).add_extension(names, False)), own)
    letter = Email(sender="kate@example.org", to="bob@example.org", text="Hi")
    result = verdict(smime.sign(letter, eve, at=NOW))
    assert (False, True) == (result.valid, result.trusted)


@pytest.mark.parametrize("author", ["äda@bücher.example", "äda@xn--bcher-kva.example"])
@pytest.mark.parametrize("held", ["äda@xn--bcher-kva.example", "äda@bücher.example"])
def test_an_address_in_utf8_may_be_written_either_way(author: str, held: str) -> None:
    """Certificates hold the domain in A-labels (RFC 9598, 3), people write it as it sounds."""
    mailbox = x509.OtherName(
        x509.ObjectIdentifier("1.3.6.1.5.5.7.8.9"), der.element(0x0C, held.encode())
    )
    own = key("p256", held)
    names = x509.SubjectAlternativeName([mailbox])
    builder = named("Äda", own, BIRTH, DEATH).add_extension(names, False)
    letter = Email(sender=f"Äda <{author}>", to="bob@example.org", text="Größe\n")
    result = verdict(smime.sign(letter, Identity(root().issue(builder), own), at=NOW))
    assert (True, "") == (result.valid, result.reason)
    assert result.signer is not None and held == result.signer.address


def test_a_certificate_in_the_place_of_the_signers_is_noticed() -> None:
    """It has the same key, issuer and number, and another address."""
    own = key("p256", "ada@example.org")
    names = x509.SubjectAlternativeName([x509.RFC822Name("boss@example.org")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Boss")]))
        .public_key(own.public_key())
        .serial_number(ada().certificate.serial_number)
        .not_valid_before(BIRTH)
        .not_valid_after(DEATH)
        .add_extension(names, False)
    )
    other = root().issue(builder)
    (signer,) = signed_data.read(signature()).signers
    assert signer.holder.is_of(other)
    with pytest.raises(signatures.InvalidSignature):
        signed_data.check(signer, "1.2.840.113549.1.7.1", ENTITY, other)
    assert signed_data.check(signer, "1.2.840.113549.1.7.1", ENTITY, ada().certificate) == NOW


def test_the_signature_of_another_content_is_none() -> None:
    assert not verdict(carried(signature(), PAY)).intact
    # It holds what Ada signed; what is shown stands beside it.
    enclosed = verdict(carried(signature(enclosed=True), PAY))
    assert (False, "the signature holds another content") == (enclosed.valid, enclosed.reason)
    assert not verdict(carried(signature(enclosed=True))).valid
    # Nothing is in it, and nothing beside it.
    assert (
        "nothing is signed, or nobody has signed it" == verdict(carried(signature(), None)).reason
    )


@pytest.mark.parametrize(
    "kind", [b"mixed", b"related", b"alternative", b"digest", b"report", b"encrypted"]
)
def test_w11_a_signed_part_among_others_signs_nothing(kind: bytes) -> None:
    entity = SIGNED[SIGNED.index(b"Content-Type") :]
    for parts in ((entity, PAY), (PAY, entity), (entity,)):
        body = b"".join(b"--o\r\n%s\r\n" % part for part in parts)
        head = b"From: ada@example.org\r\nContent-Type: multipart/%s; boundary=o\r\n\r\n" % kind
        result = verdict(head + body + b"--o--\r\n")
        assert (False, None) == (result.valid, result.email)
        assert "the message is not signed with S/MIME as a whole" == result.reason


def test_w11_a_signed_message_that_is_attached_signs_nothing() -> None:
    letter = Email(
        sender="ada@example.org", text="Pay Eve.", attachments=[Email.from_source(SIGNED)]
    )
    assert "the message is not signed with S/MIME as a whole" == verdict(letter).reason
    head = b"From: ada@example.org\r\nContent-Type: message/rfc822\r\n\r\n"
    assert not verdict(head + SIGNED).valid


def test_the_signature_must_be_the_second_part() -> None:
    octets = signature()
    kind = 'application/pkcs7-signature; name="smime.p7s"'
    first = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode()
    first += b2a_base64(octets)
    body = b"".join(b"--o\r\n%s\r\n" % part for part in (first, ENTITY))
    type_ = b'multipart/signed; protocol="application/pkcs7-signature"; boundary=o'
    head = b"From: ada@example.org\r\nContent-Type: %s\r\n\r\n" % type_
    assert not verdict(head + body + b"--o--\r\n").valid


def test_w11_what_stands_around_the_signed_part_is_not_in_the_result() -> None:
    boundary = SIGNED.rsplit(b"\r\n--", 1)[1].removesuffix(b"--\r\n")
    before = SIGNED.replace(b"\r\n\r\n--" + boundary, b"\r\n\r\nPay Eve.\r\n--" + boundary, 1)
    assert before != SIGNED
    for source in (before, SIGNED + b"Pay Eve.\r\n"):
        result = verdict(source)
        assert result.valid and result.email is not None
        assert (LETTER.text, LETTER.html) == (result.email.text, result.email.html)
        assert b"Pay Eve" not in result.email.source
    opaque = smime.sign(LETTER, ada(), opaque=True, at=NOW).source
    result = verdict(opaque + b"\r\nPay Eve.\r\n")
    assert result.email is None or b"Pay Eve" not in result.email.source


def test_w11_the_content_is_signed_and_the_fields_around_it_are_not() -> None:
    result = verdict(SIGNED.replace(b"Subject: ", b"Subject: Pay Eve. Was: "))
    assert result.valid and result.email is not None
    assert "Pay Eve. Was: Grüße" == result.email.subject
    assert LETTER.text == result.email.text
    # Of two types, the result holds what was signed, whichever a program goes by.
    doubled = SIGNED.replace(b"Content-Type: ", b"Content-Type: text/html\r\nContent-Type: ", 1)
    result = verdict(doubled)
    assert result.email is None or LETTER.text == result.email.text


def test_bob_has_not_signed_for_ada() -> None:
    signed = smime.sign(LETTER, bob(), at=NOW)
    result = verdict(signed)
    assert (False, "Bob <bob@example.org>") == (result.valid, str(result.signer))
    assert "the certificate is not for the address in From" == result.reason
