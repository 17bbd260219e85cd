"""The cryptography under DKIM: two kinds of keys, by the package cryptography (extra ``crypto``).

::

    rsa-sha256      RSASSA-PKCS1-v1_5 over the octets                  RFC 6376, 3.3.2
    ed25519-sha256  PureEdDSA over the SHA-256 of the octets           RFC 8463, 3

RSA keys have at least 1024 bits to be believed, 2048 to sign with (RFC 8301, 3.2). Nothing else of
DKIM lives here, and nothing of cryptography elsewhere in DKIM.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TypeAlias

from courriel.crypto.extra import missing
from courriel.errors import Misused

try:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        PublicFormat,
        load_der_public_key,
        load_pem_private_key,
    )
except ImportError as error:
    raise missing("DKIM", "cryptography") from error

PrivateKey: TypeAlias = "RSAPrivateKey | Ed25519PrivateKey"
PublicKey: TypeAlias = "RSAPublicKey | Ed25519PublicKey"

BITS_BELIEVED = 1_024
BITS_SIGNING = 2_048
BITS_MOST = 8_192
"""A longer key costs the verifier more than anybody needs."""

_OPERATION = "DkimSigner"


def private_key(pem: bytes, password: bytes | None) -> PrivateKey:
    """Return the key of a PEM file. Raises Misused when it is none that signs."""
    try:
        key = load_pem_private_key(pem, password)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        # The words of the error may show the key's; only its kind is kept.
        raise Misused(
            f"the private key cannot be read ({type(error).__name__})",
            operation=_OPERATION,
            hint="Give the PEM file of a private key, and its password if it has one.",
        ) from None
    if isinstance(key, Ed25519PrivateKey):
        return key
    if not isinstance(key, RSAPrivateKey):
        raise Misused(
            "the private key is neither RSA nor Ed25519",
            operation=_OPERATION,
            hint="Make one: openssl genrsa -out key.pem 2048.",
        )
    if not BITS_SIGNING <= key.key_size <= BITS_MOST:
        raise Misused(
            f"an RSA key of {key.key_size} bits must not sign (RFC 8301, 3.2)",
            operation=_OPERATION,
            hint="Make one of 2048 bits: openssl genrsa -out key.pem 2048.",
        )
    return key


def kind_of(key: PrivateKey) -> str:
    """Return the algorithm that a key signs with."""
    return "rsa-sha256" if isinstance(key, RSAPrivateKey) else "ed25519-sha256"


def published(key: PrivateKey) -> bytes:
    """Return the octets of the public half, as a record holds them (RFC 8463, 4)."""
    if isinstance(key, RSAPrivateKey):
        return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def signed(key: PrivateKey, octets: bytes) -> bytes:
    """Return the signature of ``octets``."""
    if isinstance(key, RSAPrivateKey):
        return key.sign(octets, PKCS1v15(), SHA256())
    return key.sign(sha256(octets).digest())


def public_key(kind: str, octets: bytes) -> PublicKey:
    """Return the key that a record holds. Raises ValueError with the reason."""
    try:
        key = (
            Ed25519PublicKey.from_public_bytes(octets)
            if kind == "ed25519"
            else load_der_public_key(octets)
        )
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("the key that is published cannot be read") from None
    if isinstance(key, Ed25519PublicKey) and kind == "ed25519":
        return key
    if not isinstance(key, RSAPublicKey):
        raise ValueError("the key that is published is of another kind")
    if key.key_size < BITS_BELIEVED:
        raise ValueError(f"an RSA key of {key.key_size} bits proves nothing (RFC 8301, 3.2)")
    if key.key_size > BITS_MOST:
        raise ValueError(f"an RSA key of more than {BITS_MOST} bits is not looked at")
    return key


def holds(key: PublicKey, signature: bytes, octets: bytes) -> bool:
    """Whether ``signature`` is one of ``octets`` by that key."""
    try:
        if isinstance(key, RSAPublicKey):
            key.verify(signature, octets, PKCS1v15(), SHA256())
        else:
            key.verify(signature, sha256(octets).digest())
    except InvalidSignature:
        return False
    return True
