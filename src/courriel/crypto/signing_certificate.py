"""Say in a signature with which certificate it was made, and hold it to that.

::

    SigningCertificateV2 ::= SEQUENCE { SEQUENCE OF ESSCertIDv2, policies OPTIONAL }
    ESSCertIDv2 ::= SEQUENCE { hashAlgorithm DEFAULT sha256, certHash OCTET STRING,
        issuerSerial OPTIONAL }                                  RFC 5035, 3 and 4
    SigningCertificate ::= SEQUENCE { SEQUENCE OF ESSCertID, policies OPTIONAL }
    ESSCertID ::= SEQUENCE { certHash OCTET STRING (of SHA-1), issuerSerial OPTIONAL }
                                                                 RFC 2634, 5.4

A certificate is found by its issuer and number, or by its key: both may fit another one, with other
names in it, that somebody has put in its place. These attributes are signed, so they tell.

Only the two attributes live here.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha1, sha256

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from courriel.crypto import der, oids, signatures
from courriel.crypto.algorithm import Algorithm


def written(certificate: x509.Certificate) -> bytes:
    """Return the value of the attribute for ``certificate``."""
    digest = sha256(certificate.public_bytes(Encoding.DER)).digest()
    return der.sequence(der.sequence(der.sequence(der.octet_string(digest))))


def check(attributes: Mapping[str, der.Element], certificate: x509.Certificate) -> None:
    """Return when the attributes name that certificate, or none.

    Raises signatures.InvalidSignature when they name another one, and
    signatures.Unaccepted or der.Unreadable when they name it in a way that is
    not known.
    """
    whole = certificate.public_bytes(Encoding.DER)
    for name in (oids.SIGNING_CERTIFICATE, oids.SIGNING_CERTIFICATE_V2):
        value = attributes.get(name)
        if value is None:
            continue
        # The first one is the signer's; those behind it are of the way to a root.
        first = der.Fields(der.Fields(der.Fields(value).take(der.SEQUENCE)).take())
        if name == oids.SIGNING_CERTIFICATE:
            # Nobody can make a second certificate for the SHA-1 of one that is there.
            digest = sha1(whole, usedforsecurity=False).digest()
        else:
            told = first.maybe(der.SEQUENCE)
            named = oids.SHA256 if told is None else Algorithm.read(told).name
            digest = signatures.digest_of(named, whole)
        if first.take(der.OCTET_STRING).contents != digest:
            raise signatures.InvalidSignature
