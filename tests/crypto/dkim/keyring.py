"""Keys for the tests of DKIM, and the records that publish them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from functools import cache

from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from courriel.crypto.dkim import DkimSigner

PLACE = "spring._domainkey.example.org"
LETTER = (
    b"From: Ada <ada@example.org>\r\nTo: bob@example.net\r\nSubject: Figures \t of\r\n\tMarch\r\n"
    b"Date: Sat, 21 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n"
    b"\r\nDear Bob, \t here\r\n  they are. \r\n\r\n\r\n"
)


@cache
def rsa(bits: int = 2048) -> RSAPrivateKey:
    return generate_private_key(65537, bits)


@cache
def ed25519() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def key(kind: str) -> RSAPrivateKey | Ed25519PrivateKey:
    return rsa() if kind == "rsa" else ed25519()


def pem(private: RSAPrivateKey | Ed25519PrivateKey) -> bytes:
    return private.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())


def traditional(private: RSAPrivateKey) -> bytes:
    return private.private_bytes(
        form.Encoding.PEM, form.PrivateFormat.TraditionalOpenSSL, form.NoEncryption()
    )


def seed(private: Ed25519PrivateKey) -> bytes:
    return b64encode(private.private_bytes_raw())


def record(private: RSAPrivateKey | Ed25519PrivateKey, more: bytes = b"") -> bytes:
    """Return the text under which the public half is published."""
    if isinstance(private, Ed25519PrivateKey):
        octets, kind = private.public_key().public_bytes_raw(), b"ed25519"
    else:
        octets = private.public_key().public_bytes(
            form.Encoding.DER, form.PublicFormat.SubjectPublicKeyInfo
        )
        kind = b"rsa"
    return b"v=DKIM1; k=" + kind + b";" + more + b" p=" + b64encode(octets)


def published(*texts: bytes, at: str = PLACE) -> Callable[[str], list[bytes]]:
    """Return a resolver that knows one name."""
    return lambda name: [*texts] if name == at else []


def signer(kind: str = "ed25519", **more: object) -> DkimSigner:
    return DkimSigner("example.org", "spring", pem(key(kind)), **more)  # type: ignore[arg-type]  # Tests of wrong values too.
