"""Read and write the encrypted messages of CMS.

::

    EnvelopedData     ::= SEQUENCE { version, [0] originatorInfo OPTIONAL, recipientInfos SET,
        encryptedContentInfo, [1] unprotectedAttrs OPTIONAL }    RFC 5652, 6.1
    AuthEnvelopedData ::= SEQUENCE { version, [0] originatorInfo OPTIONAL, recipientInfos SET,
        authEncryptedContentInfo, [1] authAttrs OPTIONAL, mac OCTET STRING,
        [2] unauthAttrs OPTIONAL }                               RFC 5083, 2.1
    EncryptedContentInfo ::= SEQUENCE { contentType, contentEncryptionAlgorithm,
        [0] IMPLICIT OCTET STRING OPTIONAL }

AES in CBC is what every mail program reads, and nothing in it tells when it was changed on the
way; AES in GCM does (RFC 8551, 2.7). Whatever fails in decrypting fails in the same words: an error
that said how far it came would help whoever tries to find out the content.

Only CMS lives here; keys go to their holders by ``recipients``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from courriel.crypto import der, oids, recipients
from courriel.crypto.algorithm import Algorithm
from courriel.crypto.certificates import Identity
from courriel.crypto.signed_data import content_info, content_of, kind_of
from courriel.model.limits import DEFAULT

KINDS = (oids.ENVELOPED_DATA, oids.AUTH_ENVELOPED_DATA)
_BLOCK = 16
_NONCE = 12
_TAG = 16
_SHORTEST_TAG = 12


class Undecipherable(ValueError):
    """The content cannot be had with this key. Never leaves this package."""


class Unknown(ValueError):
    """The content is encrypted by an algorithm that is not known. Never leaves this package."""


@dataclass(frozen=True, slots=True)
class EncryptedData:
    """An encrypted message, read but not decrypted."""

    recipients: tuple[der.Element, ...]
    algorithm: Algorithm
    content: bytes
    attributes: bytes
    tag: bytes

    @property
    def authenticated(self) -> bool:
        """Whether a change on the way would be noticed."""
        return self.algorithm.name in oids.AES_GCM


def read(octets: bytes) -> EncryptedData:
    """Return the encrypted message in ``octets``. Raises der.Unreadable and Unknown."""
    fields = content_of(octets, *KINDS)
    authenticated = kind_of(octets) == oids.AUTH_ENVELOPED_DATA
    fields.take(der.INTEGER)
    fields.maybe(der.context(0))
    whom = fields.take(der.SET).children()
    if len(whom) > DEFAULT.cms_recipients:
        raise der.Unreadable("too many recipients")
    inside = der.Fields(fields.take())
    inside.take(der.OBJECT_IDENTIFIER)
    algorithm = Algorithm.read(inside.take())
    content = inside.maybe(der.context(0, constructed=False), der.context(0))
    if content is None:
        raise der.Unreadable("an encrypted message without its content")
    attributes, tag = b"", b""
    if authenticated:
        signed = fields.maybe(der.context(1))
        attributes = bytes((der.SET,)) + signed.raw[1:] if signed else b""
        tag = fields.octets()
    if algorithm.name not in oids.AES_CBC | oids.AES_GCM:
        # No key has been looked at: this tells nobody anything.
        raise Unknown(algorithm.name)
    if authenticated != (algorithm.name in oids.AES_GCM):
        raise der.Unreadable("an algorithm that does not fit the message")
    return EncryptedData(tuple(whom), algorithm, content.octets(), attributes, tag)


def decrypt(data: EncryptedData, identity: Identity) -> bytes:
    """Return the content. Raises recipients.NotForThis or Undecipherable."""
    size = (oids.AES_CBC | oids.AES_GCM)[data.algorithm.name]
    if data.algorithm.parameters is None:
        raise Undecipherable
    key = recipients.content_key(data.recipients, identity, size)
    try:
        if data.authenticated:
            nonce, length = _gcm_parameters(data.algorithm.parameters)
            if len(data.tag) != length:
                raise Undecipherable
            mode = modes.GCM(nonce, data.tag, min_tag_length=_SHORTEST_TAG)
            opening = Cipher(algorithms.AES(key), mode).decryptor()
            opening.authenticate_additional_data(data.attributes)
            return opening.update(data.content) + opening.finalize()
        vector = data.algorithm.parameters.expect(der.OCTET_STRING).contents
        decryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
        padded = decryptor.update(data.content) + decryptor.finalize()
        unpadder = padding.PKCS7(8 * _BLOCK).unpadder()
        return unpadder.update(padded) + unpadder.finalize()
    except (ValueError, InvalidTag):
        raise Undecipherable from None


def _gcm_parameters(element: der.Element) -> tuple[bytes, int]:
    """Return the nonce and the length of the tag in octets.

    ::

        GCMParameters ::= SEQUENCE { nonce OCTET STRING, ICVlen INTEGER DEFAULT 12 }
                                                                 RFC 5084, 3.2
    """
    fields = der.Fields(element)
    nonce = fields.take(der.OCTET_STRING).contents
    told = fields.maybe(der.INTEGER)
    length = _SHORTEST_TAG if told is None else told.whole_number()
    if not _SHORTEST_TAG <= length <= _TAG:
        raise der.Unreadable("a tag of a length that cannot be")
    return nonce, length


def write(
    content: bytes, certificates: tuple[x509.Certificate, ...], *, gcm: bool, oaep: bool = False
) -> bytes:
    """Return ``content`` encrypted to every one of ``certificates``."""
    key = os.urandom(32)
    whom = der.set_of([recipients.written(key, one, oaep=oaep) for one in certificates])
    if gcm:
        nonce = os.urandom(_NONCE)
        sealed = AESGCM(key).encrypt(nonce, content, None)
        parameters = der.sequence(der.octet_string(nonce), der.integer(_TAG))
        inside = _content(oids.AES_256_GCM, parameters, sealed[:-_TAG])
        parts = (der.integer(0), whom, inside, der.octet_string(sealed[-_TAG:]))
        return content_info(oids.AUTH_ENVELOPED_DATA, der.sequence(*parts))
    vector = os.urandom(_BLOCK)
    padder = padding.PKCS7(8 * _BLOCK).padder()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    padded = padder.update(content) + padder.finalize()
    sealed = encryptor.update(padded) + encryptor.finalize()
    inside = _content(oids.AES_256_CBC, der.octet_string(vector), sealed)
    # Version 2 tells of recipients that are not RSA (RFC 5652, 6.1).
    version = 0 if all(map(recipients.is_rsa, certificates)) else 2
    return content_info(oids.ENVELOPED_DATA, der.sequence(der.integer(version), whom, inside))


def _content(name: str, parameters: bytes, sealed: bytes) -> bytes:
    return der.sequence(
        der.object_identifier(oids.DATA),
        der.algorithm(name, parameters),
        der.element(der.context(0, constructed=False), sealed),
    )
