"""Hand the key of an encrypted message to those who may read it, and take it back out.

::

    RecipientInfo ::= CHOICE { KeyTransRecipientInfo, [1] KeyAgreeRecipientInfo, … }
    KeyTransRecipientInfo ::= SEQUENCE { version, rid, keyEncryptionAlgorithm,
        encryptedKey OCTET STRING }                              RFC 5652, 6.2.1
    KeyAgreeRecipientInfo ::= SEQUENCE { version, [0] originator, [1] ukm OPTIONAL,
        keyEncryptionAlgorithm, SEQUENCE OF SEQUENCE { rid, encryptedKey } }  6.2.2

An RSA key opens the content's key directly (PKCS #1 v1.5, which all programs write, or OAEP); an
elliptic one agrees on a secret with a key made for this message (RFC 5753). Whoever could learn
whether an RSA decryption succeeded could decrypt (RFC 3218), so one that fails gives a random key,
with which the content will not open.

Only the keys live here.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from cryptography import x509
from cryptography.hazmat.primitives import hashes, keywrap, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF

from courriel.crypto import der, oids
from courriel.crypto.algorithm import Algorithm, Holder, written_holder
from courriel.crypto.certificates import UNREADABLE, Identity

_AGREEMENT = der.context(1)
_BINARY_CURVES = "sect"
_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    oids.SHA1: hashes.SHA1,
    oids.SHA224: hashes.SHA224,
    oids.SHA256: hashes.SHA256,
    oids.SHA384: hashes.SHA384,
    oids.SHA512: hashes.SHA512,
}
"""The digests of key derivation and OAEP. SHA-1 is not weak there, and is what OpenSSL writes."""


class NotForThis(ValueError):
    """The message is not encrypted to this certificate. Never leaves this package."""


def is_rsa(certificate: x509.Certificate) -> bool:
    """Whether the key of ``certificate`` is of RSA."""
    return isinstance(certificate.public_key(), rsa.RSAPublicKey)


def can_receive(certificate: x509.Certificate) -> bool:
    """Whether something can be encrypted to ``certificate``, and may be (RFC 8550, 4.4.2)."""
    key = certificate.public_key()
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return isinstance(key, (rsa.RSAPublicKey, ec.EllipticCurvePublicKey))
    if isinstance(key, rsa.RSAPublicKey):
        return usage.key_encipherment
    return isinstance(key, ec.EllipticCurvePublicKey) and usage.key_agreement


def written(key: bytes, certificate: x509.Certificate, *, oaep: bool = False) -> bytes:
    """Return the RecipientInfo that gives ``key`` to the holder of ``certificate``."""
    public = certificate.public_key()
    holder = written_holder(certificate)
    if isinstance(public, rsa.RSAPublicKey):
        algorithm = der.algorithm(oids.RSA, der.null())
        sealed = public.encrypt(key, padding.PKCS1v15())
        if oaep:
            digest, mask = der.algorithm(oids.SHA256), hashes.SHA256()
            parameters = der.sequence(
                der.element(der.context(0), digest),
                der.element(der.context(1), der.algorithm(oids.MGF1, digest)),
            )
            algorithm = der.algorithm(oids.RSA_OAEP, parameters)
            sealed = public.encrypt(key, padding.OAEP(padding.MGF1(mask), mask, None))
        return der.sequence(der.integer(0), holder, algorithm, der.octet_string(sealed))
    assert isinstance(public, ec.EllipticCurvePublicKey)  # Others cannot receive.
    own = ec.generate_private_key(public.curve)
    wrap = der.algorithm(oids.AES_256_WRAP)
    secret = own.exchange(ec.ECDH(), public)
    wrapped = keywrap.aes_key_wrap(_derived(secret, oids.SHA256, wrap, b"", 32), key)
    point = own.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    originator = der.element(
        der.context(1), der.algorithm(oids.EC_PUBLIC_KEY), der.bit_string(point)
    )
    return der.element(
        _AGREEMENT,
        der.integer(3),
        der.element(der.context(0), originator),
        der.algorithm(oids.ECDH_SHA256, wrap),
        der.sequence(der.sequence(holder, der.octet_string(wrapped))),
    )


def content_key(whom: Iterable[der.Element], identity: Identity, size: int) -> bytes:
    """Return the content's key of ``size`` octets, which is a wrong one when it cannot be had.

    Raises NotForThis when nobody of ``whom`` is the holder of ``identity``.
    """
    found = False
    for item in whom:
        try:
            if item.tag == der.SEQUENCE:
                mine, key = _transported(item, identity)
            elif item.tag == _AGREEMENT:
                mine, key = _agreed(item, identity)
            else:
                continue
        except (*UNREADABLE, keywrap.InvalidUnwrap):
            mine, key = True, b""
        found = found or mine
        if len(key) == size:
            return key
    if not found:
        raise NotForThis
    return os.urandom(size)


def _holder(element: der.Element) -> Holder:
    """Return whom a RecipientIdentifier means: a SEQUENCE, or [0] with the key's identifier."""
    if element.tag == der.context(0, constructed=False):
        return Holder(key=element.contents)
    if element.tag == der.context(0):
        return Holder(key=der.Fields(element, element.tag).take(der.OCTET_STRING).contents)
    return Holder.read(element)


def _transported(element: der.Element, identity: Identity) -> tuple[bool, bytes]:
    fields = der.Fields(element)
    fields.take(der.INTEGER)
    holder = _holder(fields.take())
    if not holder.is_of(identity.certificate):
        return False, b""
    algorithm = Algorithm.read(fields.take())
    sealed = fields.octets()
    key = identity.key
    if not isinstance(key, rsa.RSAPrivateKey):
        return True, b""
    if algorithm.name == oids.RSA:
        return True, key.decrypt(sealed, padding.PKCS1v15())
    if algorithm.name == oids.RSA_OAEP:
        return True, key.decrypt(sealed, _oaep(algorithm.parameters))
    return True, b""


def _oaep(element: der.Element | None) -> padding.OAEP:
    """Return the padding that RSAES-OAEP-params tell; digests default to SHA-1.

    ::

        RSAES-OAEP-params ::= SEQUENCE { [0] hashFunc, [1] maskGenFunc, [2] pSourceFunc }
                                                                 RFC 4055, 4.1
    """
    digest = mask = oids.SHA1
    label = b""
    if element is not None:
        fields = der.Fields(element)
        if found := fields.maybe(der.context(0)):
            digest = Algorithm.read(der.Fields(found, found.tag).take()).name
        if found := fields.maybe(der.context(1)):
            generator = Algorithm.read(der.Fields(found, found.tag).take())
            if generator.name != oids.MGF1 or generator.parameters is None:
                raise der.Unreadable("a mask that is not known")
            mask = Algorithm.read(generator.parameters).name
        if found := fields.maybe(der.context(2)):
            source = Algorithm.read(der.Fields(found, found.tag).take())
            if source.name != oids.OAEP_LABEL or source.parameters is None:
                raise der.Unreadable("a label that is not known")
            label = source.parameters.expect(der.OCTET_STRING).contents
    return padding.OAEP(padding.MGF1(_hash(mask)), _hash(digest), label or None)


def _hash(name: str) -> hashes.HashAlgorithm:
    made = _HASHES.get(name)
    if made is None:
        raise der.Unreadable("a digest that is not known")
    return made()


def _agreed(element: der.Element, identity: Identity) -> tuple[bool, bytes]:
    fields = der.Fields(element, _AGREEMENT)
    fields.take(der.INTEGER)
    originator = fields.take(der.context(0))
    ukm = fields.maybe(der.context(1))
    algorithm = Algorithm.read(fields.take())
    for item in fields.take(der.SEQUENCE).children():
        whom = der.Fields(item)
        if _holder(whom.take()).is_of(identity.certificate):
            sealed = whom.octets()
            break
    else:
        return False, b""
    key = identity.key
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        return True, b""
    digest = oids.ECDH_WITH.get(algorithm.name)
    if digest is None and not key.curve.name.startswith(_BINARY_CURVES):
        digest = oids.ECDH_COFACTOR_WITH.get(algorithm.name)
    if digest is None:
        return True, b""
    if algorithm.parameters is None:
        return True, b""
    size = oids.AES_WRAP[Algorithm.read(algorithm.parameters).name]
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(key.curve, _point(originator))
    secret = key.exchange(ec.ECDH(), theirs)
    shared = der.Fields(ukm, ukm.tag).take(der.OCTET_STRING).contents if ukm else b""
    wrapping = _derived(secret, digest, algorithm.parameters.raw, shared, size)
    return True, keywrap.aes_key_unwrap(wrapping, sealed)


def _point(originator: der.Element) -> bytes:
    """Return the public key that was made for this message: ``[1] { algorithm, BIT STRING }``."""
    key = der.Fields(originator, originator.tag).take(der.context(1))
    fields = der.Fields(key, key.tag)
    fields.take(der.SEQUENCE)
    return fields.take().bits()


def _derived(secret: bytes, digest: str, wrap: bytes, shared: bytes, size: int) -> bytes:
    """Return the key that wraps the content's key.

    ::

        ECC-CMS-SharedInfo ::= SEQUENCE { keyInfo AlgorithmIdentifier,
            [0] entityUInfo OCTET STRING OPTIONAL, [2] suppPubInfo OCTET STRING }
                                                                 RFC 5753, 7.2
    """
    info = der.sequence(
        wrap,
        der.element(der.context(0), der.octet_string(shared)) if shared else b"",
        der.element(der.context(2), der.octet_string((8 * size).to_bytes(4, "big"))),
    )
    return X963KDF(algorithm=_hash(digest), length=size, sharedinfo=info).derive(secret)
