"""Make and check signatures with the algorithms that S/MIME names.

A table of digests and three families of keys. What is not in the table is not accepted: MD5 and
SHA-1 prove nothing any more (RFC 8551, 2.1), an RSA key under 2,048 bits neither (4.2).

Only the algorithms live here; what is signed is the business of ``signed_data``.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from courriel.crypto import der, oids
from courriel.crypto.algorithm import Algorithm
from courriel.crypto.certificates import PrivateKey

RSA_BITS = range(2_048, 16_385)
"""Sizes of RSA keys whose signatures count; a larger one would cost seconds to check."""

DIGESTS: dict[str, type[hashes.SHA256 | hashes.SHA384 | hashes.SHA512]] = {
    oids.SHA256: hashes.SHA256,
    oids.SHA384: hashes.SHA384,
    oids.SHA512: hashes.SHA512,
}
"""Digest -> how it is computed."""
_MASKS: dict[str, type[hashes.HashAlgorithm]] = {oids.SHA1: hashes.SHA1, **DIGESTS}
"""The digests of the mask in RSASSA-PSS. SHA-1 is not weak there, for nobody gains by a collision,
and it is what Java writes beside SHA-256 unless it is told not to."""
MICALG = {oids.SHA256: "sha-256", oids.SHA384: "sha-384", oids.SHA512: "sha-512"}
"""Digest -> its name in the parameter micalg (RFC 8551, 3.5.3.2)."""
_DEFAULT_SALT = 20
_LONGEST_SALT = 512


class Unaccepted(ValueError):
    """The signature is made in a way that proves nothing, or that is not known."""


def digest_of(dotted: str, content: bytes) -> bytes:
    """Return the digest of ``content``. Raises Unaccepted for an unknown or weak one."""
    state = hashes.Hash(_hash(dotted))
    state.update(content)
    return state.finalize()


def _hash(dotted: str) -> hashes.SHA256 | hashes.SHA384 | hashes.SHA512:
    made = DIGESTS.get(dotted)
    if made is None:
        raise Unaccepted("it is made with a digest that is weak or unknown")
    return made()


def check(key: object, digest: str, algorithm: Algorithm, signature: bytes, message: bytes) -> None:
    """Return when ``signature`` is that of ``message`` by the owner of ``key``.

    ``digest`` is what the signer says the content was digested with; the
    signature must use the same one. Raises InvalidSignature, Unaccepted or
    der.Unreadable.
    """
    if isinstance(key, rsa.RSAPublicKey):
        _check_rsa(key, digest, algorithm, signature, message)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        own = oids.ECDSA_WITH.get(algorithm.name)
        if algorithm.name != oids.EC_PUBLIC_KEY and own != digest:
            raise Unaccepted("its algorithm does not fit its key and its digest")
        key.verify(signature, message, ec.ECDSA(_hash(digest)))
    elif isinstance(key, ed25519.Ed25519PublicKey):
        if algorithm.name != oids.ED25519:
            raise Unaccepted("its algorithm does not fit its key")
        key.verify(signature, message)
    else:
        raise Unaccepted("its key is of a kind that is not known")


def _check_rsa(
    key: rsa.RSAPublicKey, digest: str, algorithm: Algorithm, signature: bytes, message: bytes
) -> None:
    if key.key_size not in RSA_BITS:
        raise Unaccepted(f"its RSA key has {key.key_size} bits")
    if algorithm.name == oids.RSA_PSS:
        named, mask, salt = _pss_parameters(algorithm.parameters)
        if named != digest:
            raise Unaccepted("its algorithm does not fit its digest")
        key.verify(signature, message, padding.PSS(padding.MGF1(mask), salt), _hash(digest))
        return
    if algorithm.name != oids.RSA and oids.RSA_WITH.get(algorithm.name) != digest:
        raise Unaccepted("its algorithm does not fit its key and its digest")
    key.verify(signature, message, padding.PKCS1v15(), _hash(digest))


def _pss_parameters(element: der.Element | None) -> tuple[str, hashes.HashAlgorithm, int]:
    """Return the digest, that of the mask, and the salt's length.

    ::

        RSASSA-PSS-params ::= SEQUENCE { [0] HashAlgorithm DEFAULT sha1,
            [1] MaskGenAlgorithm DEFAULT mgf1SHA1, [2] INTEGER DEFAULT 20,
            [3] TrailerField DEFAULT 1 }                         RFC 4055, 3.1
    """
    if element is None:
        raise Unaccepted("it is made with a digest that is weak or unknown")
    fields = der.Fields(element)
    digest = mask = oids.SHA1
    salt = _DEFAULT_SALT
    if found := fields.maybe(der.context(0)):
        digest = Algorithm.read(der.Fields(found, found.tag).take()).name
    if found := fields.maybe(der.context(1)):
        generator = Algorithm.read(der.Fields(found, found.tag).take())
        if generator.name != oids.MGF1 or generator.parameters is None:
            raise Unaccepted("its mask is made in a way that is not known")
        mask = Algorithm.read(generator.parameters).name
    if found := fields.maybe(der.context(2)):
        salt = der.Fields(found, found.tag).take().whole_number()
    made = _MASKS.get(mask)
    if made is None or not 0 <= salt <= _LONGEST_SALT:
        raise Unaccepted("its parameters are not known, or cannot be")
    return digest, made(), salt


def best_digest(key: PrivateKey) -> str:
    """Return the digest that fits the strength of ``key``."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return oids.SHA512  # RFC 8419, 3: nothing else.
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.key_size > 256:
        return oids.SHA384 if key.curve.key_size <= 384 else oids.SHA512
    return oids.SHA256


def sign(key: PrivateKey, digest: str, message: bytes, *, pss: bool) -> tuple[bytes, bytes]:
    """Return the AlgorithmIdentifier and the signature of ``message``."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return der.algorithm(oids.ED25519), key.sign(message)
    hash_ = _hash(digest)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        name = next(name for name, own in oids.ECDSA_WITH.items() if own == digest)
        return der.algorithm(name), key.sign(message, ec.ECDSA(hash_))
    if pss:
        salt = hash_.digest_size
        made = key.sign(message, padding.PSS(padding.MGF1(hash_), salt), hash_)
        return der.algorithm(oids.RSA_PSS, _written_pss(digest, salt)), made
    name = next(name for name, own in oids.RSA_WITH.items() if own == digest)
    return der.algorithm(name, der.null()), key.sign(message, padding.PKCS1v15(), hash_)


def _written_pss(digest: str, salt: int) -> bytes:
    named = der.algorithm(digest)
    return der.sequence(
        der.element(der.context(0), named),
        der.element(der.context(1), der.algorithm(oids.MGF1, named)),
        der.element(der.context(2), der.integer(salt)),
    )


__all__ = ["DIGESTS", "MICALG", "InvalidSignature", "Unaccepted", "best_digest", "check", "sign"]
