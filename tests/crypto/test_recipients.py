"""The keys of encrypted messages: what a wrong one tells, and what a broken one does.

Whoever could learn whether an RSA decryption has succeeded could decrypt (Bleichenbacher; RFC
3218), and whoever could learn whether the padding of CBC is right could, too (Vaudenay).
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from courriel import Email, Garbled, Misused
from courriel.crypto import der, enveloped_data, oids, recipients, signed_data, smime
from courriel.crypto.algorithm import written_holder
from courriel.crypto.entity import base64_entity, halves
from tests.crypto.people import LETTER, ada, bob, root, usage


def transported(sealed: bytes, algorithm: bytes | None = None) -> der.Element:
    """Return what gives Bob the key of a message, which is in ``sealed``."""
    named = algorithm or der.algorithm(oids.RSA, der.null())
    holder = written_holder(bob("rsa").certificate)
    info = der.sequence(der.integer(0), holder, named, der.octet_string(sealed))
    return der.read(info)


def to_bob(plain: bytes) -> bytes:
    public = bob("rsa").key.public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    return public.encrypt(plain, padding.PKCS1v15())


BROKEN: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "one octet": lambda: b"\1",
    "zeros": lambda: bytes(256),
    "random": lambda: b"\1" + os.urandom(255),
    "too large": lambda: b"\xff" * 256,
    "too long": lambda: b"\0" * 10_000,
    "no key": lambda: to_bob(b""),
    "a short key": lambda: to_bob(bytes(16)),
    "a long key": lambda: to_bob(bytes(33)),
    "the key of another": lambda: to_bob(bytes(32)),
}


@pytest.mark.parametrize("name", [name for name in BROKEN if name != "the key of another"])
def test_a_key_that_cannot_be_had_is_a_random_one(name: str) -> None:
    keys = {recipients.content_key([transported(BROKEN[name]())], bob("rsa"), 32) for _ in "ab"}
    assert [32, 32] == [len(key) for key in keys]


@pytest.mark.parametrize("name", BROKEN)
def test_whatever_is_wrong_with_a_key_is_said_in_the_same_words(name: str) -> None:
    info = transported(BROKEN[name]())
    with pytest.raises(Garbled) as caught:
        smime.decrypt(message(info.raw), bob("rsa"))
    assert "the message cannot be decrypted" in str(caught.value)
    assert (None, True) == (caught.value.__cause__, caught.value.__suppress_context__)


def message(info: bytes) -> Email:
    """Return a message that nobody can read, with these recipients."""
    octets = enveloped_data.write(b"x" * 64, (ada("rsa").certificate,), gcm=True)
    fields = der.Fields(der.read(octets))
    fields.take()
    version, _, content, mac = der.Fields(der.Fields(fields.take(), 0xA0).take()).rest()
    whole = der.sequence(version.raw, der.set_of([info]), content.raw, mac.raw)
    changed = signed_data.content_info(oids.AUTH_ENVELOPED_DATA, whole)
    type_ = "application/pkcs7-mime; smime-type=authEnveloped-data"
    return halves(LETTER).around(base64_entity(type_, "smime.p7m", changed))


@pytest.mark.parametrize("kind", ["rsa", "p256"])
def test_a_wrong_padding_is_said_in_the_same_words(kind: str) -> None:
    """Whatever octet of a message in CBC is changed."""
    octets = enveloped_data.write(b"x" * 64, (bob(kind).certificate,), gcm=False)
    said = set()
    for at in range(len(octets) - 40, len(octets)):
        for flip in (1, 0x80, 0xFF):
            changed = octets[:at] + bytes((octets[at] ^ flip,)) + octets[at + 1 :]
            type_ = "application/pkcs7-mime; smime-type=enveloped-data"
            email = halves(LETTER).around(base64_entity(type_, "smime.p7m", changed))
            try:
                assert not smime.decrypt(email, bob(kind)).authenticated
            except Garbled as error:
                said.add((str(error), repr(error.__cause__), error.__suppress_context__))
    assert 1 == len(said)


def test_a_certificate_of_the_wrong_kind_opens_nothing() -> None:
    """RSA for somebody with an elliptic key, and the other way round."""
    for kind, holder in (("rsa", "p256"), ("p256", "rsa")):
        data = enveloped_data.read(enveloped_data.write(b"x", (bob(kind).certificate,), gcm=True))
        with pytest.raises(recipients.NotForThis):
            enveloped_data.decrypt(data, bob(holder))


@pytest.mark.parametrize(
    "algorithm",
    [
        der.algorithm("1.2.3.4"),
        der.algorithm(oids.RSA_OAEP, der.sequence(der.element(0xA0, der.algorithm("1.2.3")))),
        der.algorithm(oids.RSA_OAEP, der.sequence(der.element(0xA1, der.algorithm("1.2.3")))),
        der.algorithm(oids.RSA_OAEP, der.sequence(der.element(0xA2, der.algorithm("1.2.3")))),
        der.algorithm(oids.RSA_OAEP, der.integer(1)),
    ],
)
def test_a_transport_that_is_not_known_opens_nothing(algorithm: bytes) -> None:
    info = transported(to_bob(bytes(32)), algorithm)
    assert bytes(32) != recipients.content_key([info], bob("rsa"), 32)


@pytest.mark.parametrize("label", [None, b"", b"a label"])
def test_oaep_may_have_a_label(label: bytes | None) -> None:
    """Some write the empty one, which is the default, for all to see (RFC 4055, 4.1)."""
    public = bob("rsa").key.public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    mask = padding.MGF1(hashes.SHA1())
    sealed = public.encrypt(bytes(range(32)), padding.OAEP(mask, hashes.SHA1(), label))
    told = b""
    if label is not None:
        told = der.element(0xA2, der.algorithm(oids.OAEP_LABEL, der.octet_string(label)))
    info = transported(sealed, der.algorithm(oids.RSA_OAEP, der.sequence(told)))
    assert bytes(range(32)) == recipients.content_key([info], bob("rsa"), 32)


@pytest.mark.parametrize(
    "point",
    [
        b"",
        b"\4",
        b"\0",
        b"\4" + bytes(64),
        b"\4" + b"\1" * 64,
        b"\2" + b"\xff" * 32,
        b"another curve",
    ],
)
def test_a_point_that_is_not_on_the_curve_opens_nothing(point: bytes) -> None:
    """With one, a secret key is told piece by piece (invalid curve attack)."""
    own = ec.generate_private_key(ec.SECP256R1()).public_key()
    good = own.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    if point == b"another curve":
        other = ec.generate_private_key(ec.SECP384R1()).public_key()
        point = other.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    for offered in (good, point):
        key = der.element(0xA1, der.algorithm(oids.EC_PUBLIC_KEY), der.bit_string(offered))
        holder = written_holder(bob("p256").certificate)
        info = der.element(
            0xA1,
            der.integer(3),
            der.element(0xA0, key),
            der.algorithm(oids.ECDH_SHA256, der.algorithm(oids.AES_256_WRAP)),
            der.sequence(der.sequence(holder, der.octet_string(bytes(40)))),
        )
        assert 32 == len(recipients.content_key([der.read(info)], bob("p256"), 32))
        with pytest.raises(Garbled, match="cannot be decrypted"):
            smime.decrypt(message(info), bob("p256"))


@pytest.mark.parametrize(
    ("kind", "given", "can"),
    [
        ("rsa", {"key_encipherment": True}, True),
        ("rsa", {"digital_signature": True}, False),
        ("rsa", {"key_agreement": True}, False),
        ("p256", {"key_agreement": True}, True),
        ("p256", {"digital_signature": True}, False),
        ("p256", {"key_encipherment": True}, False),
        ("ed25519", {"key_agreement": True}, False),
    ],
)
def test_nothing_is_encrypted_to_a_certificate_that_is_for_signing(
    kind: str, given: dict[str, bool], can: bool
) -> None:
    person = root().person(kind=kind, extensions=[(usage(**given), True)])
    assert can == recipients.can_receive(person.certificate)
    if not can:
        with pytest.raises(Misused, match="only signs"):
            smime.encrypt(LETTER, [bob().certificate, person.certificate])


def test_one_broken_recipient_does_not_hide_the_next() -> None:
    good = recipients.written(bytes(range(32)), bob("rsa").certificate)
    for broken in (transported(b"\1").raw, der.sequence(), der.element(0xA1), der.null()):
        whom = [der.read(broken), der.read(good)]
        assert bytes(range(32)) == recipients.content_key(whom, bob("rsa"), 32)
    for kind in (0xA2, 0xA3, 0xA4):
        with pytest.raises(Misused, match="not encrypted to this certificate"):
            smime.decrypt(message(der.element(kind, der.integer(0))), bob("rsa"))
