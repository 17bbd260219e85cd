from __future__ import annotations

import datetime as dt
import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from hypothesis import given
from hypothesis import strategies as st

from courriel.errors import Garbled
from courriel.wire.sasl.binding import server_end_point

RSA = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
EC = ec.generate_private_key(ec.SECP256R1())
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def certificate(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey,
    algorithm: hashes.SHA256 | hashes.SHA384 | hashes.SHA512 | hashes.SHA224 | None,
    pss: padding.PSS | None = None,
) -> bytes:
    """Return a self-signed certificate in DER."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.example.org")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOW)
        .not_valid_after(NOW + dt.timedelta(days=1))
    )
    made = builder.sign(key, algorithm, rsa_padding=pss)
    return made.public_bytes(serialization.Encoding.DER)


def masked(algorithm: hashes.SHA256 | hashes.SHA384, mask: hashes.SHA256) -> padding.PSS:
    return padding.PSS(mgf=padding.MGF1(mask), salt_length=algorithm.digest_size)


GOOD = certificate(EC, hashes.SHA256())


@pytest.mark.parametrize("key", [RSA, EC], ids=["rsa", "ecdsa"])
@pytest.mark.parametrize(
    "algorithm", [hashes.SHA224(), hashes.SHA256(), hashes.SHA384(), hashes.SHA512()]
)
def test_the_hash_function_is_that_of_the_signature(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, algorithm: hashes.SHA256
) -> None:
    octets = certificate(key, algorithm)
    assert hashlib.new(algorithm.name, octets).digest() == server_end_point(octets)


@pytest.mark.parametrize("weak", [b"\x04", b"\x05"], ids=["md5", "sha1"])
def test_in_place_of_md5_and_sha_1_it_is_sha_256(weak: bytes) -> None:
    # A library that signs with MD5 is hard to find; the name of the function is the last octet.
    prefix = bytes.fromhex("06092a864886f70d0101")
    octets = certificate(RSA, hashes.SHA256()).replace(prefix + b"\x0b", prefix + weak)
    assert hashlib.sha256(octets).digest() == server_end_point(octets)


def test_pss_names_the_function_in_its_parameters() -> None:
    octets = certificate(RSA, hashes.SHA256(), masked(hashes.SHA256(), hashes.SHA256()))
    assert hashlib.sha256(octets).digest() == server_end_point(octets)


def test_pss_with_two_functions_is_undefined() -> None:
    octets = certificate(RSA, hashes.SHA384(), masked(hashes.SHA384(), hashes.SHA256()))
    assert server_end_point(octets) is None


def test_pss_without_parameters_means_sha_1_and_so_sha_256() -> None:
    algorithm = bytes.fromhex("300b06092a864886f70d01010a")
    octets = b"\x30" + bytes([2 + len(algorithm)]) + b"\x30\x00" + algorithm
    assert hashlib.sha256(octets).digest() == server_end_point(octets)


def test_ed25519_is_undefined() -> None:
    assert server_end_point(certificate(ed25519.Ed25519PrivateKey.generate(), None)) is None


def test_an_algorithm_that_we_do_not_know_gives_nothing_to_bind_to() -> None:
    octets = GOOD.replace(
        bytes.fromhex("06082a8648ce3d040302"), bytes.fromhex("06082a8648ce3d040309")
    )
    assert octets != GOOD
    assert server_end_point(octets) is None


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\x30",
        b"\x30\x80",
        b"\x30\x85\x01\x01\x01\x01\x01",
        b"\x30\x84\xff\xff\xff\xff",
        b"\x30\x82\x01",
        b"\x31\x00",
        b"\x30\x02\x30\x00",
        b"\x30\x04\x30\x00\x30\x00",
        b"\x30\x06\x30\x00\x30\x02\x06\x00",
        b"\x30\x07\x30\x00\x30\x03\x06\x01\x80",
        b"\x30\x2b\x30\x00\x30\x27\x06\x25" + b"\x81" * 36 + b"\x01",
        b"-----BEGIN CERTIFICATE-----",
    ],
)
def test_what_is_no_certificate_is_garbled(octets: bytes) -> None:
    with pytest.raises(Garbled, match="certificate cannot be read"):
        server_end_point(octets)


def test_every_cut_is_garbled_or_reaches_the_algorithm() -> None:
    for end in range(len(GOOD)):
        with pytest.raises(Garbled):
            server_end_point(GOOD[:end])


@given(st.binary(max_size=200))
def test_law_octets_of_any_kind_raise_nothing_but_garbled(octets: bytes) -> None:
    try:
        result = server_end_point(octets)
    except Garbled:
        return
    assert result is None or len(result) in (28, 32, 48, 64)


@given(position=st.integers(0, len(GOOD) - 1), octet=st.integers(0, 255))
def test_law_one_wrong_octet_raises_nothing_but_garbled(position: int, octet: int) -> None:
    changed = GOOD[:position] + bytes([octet]) + GOOD[position + 1 :]
    try:
        result = server_end_point(changed)
    except Garbled:
        return
    assert result is None or len(result) in (28, 32, 48, 64)
