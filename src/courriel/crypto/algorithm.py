"""Hold what CMS writes wherever it names an algorithm, and whom a key belongs to.

Only these two small values live here, because every other file of CMS needs them.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography import x509

from courriel.crypto import der


@dataclass(frozen=True, slots=True)
class Algorithm:
    """An AlgorithmIdentifier (RFC 5280, 4.1.1.2); NULL parameters are none."""

    name: str
    parameters: der.Element | None

    @classmethod
    def read(cls, element: der.Element) -> Algorithm:
        """Return what ``element`` names. Raises der.Unreadable."""
        fields = der.Fields(element)
        name = fields.take().identifier()
        rest = fields.rest()
        if len(rest) > 1:
            raise der.Unreadable("an algorithm with too many parameters")
        return cls(name, rest[0] if rest and rest[0].tag != der.NULL else None)


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose certificate is meant: issuer and serial number, or the key's identifier.

    ::

        IssuerAndSerialNumber ::= SEQUENCE { issuer Name, serialNumber INTEGER }
                                                                 RFC 5652, 10.2.4
    """

    issuer: bytes = b""
    serial: int = 0
    key: bytes = b""

    @classmethod
    def read(cls, element: der.Element) -> Holder:
        """Return the holder of an IssuerAndSerialNumber. Raises der.Unreadable."""
        fields = der.Fields(element)
        issuer = fields.take(der.SEQUENCE)
        return cls(issuer=issuer.raw, serial=fields.take().whole_number())

    def is_of(self, certificate: x509.Certificate) -> bool:
        """Whether ``certificate`` is the one that is meant."""
        if self.key:
            return key_identifier(certificate) == self.key
        return certificate.serial_number == self.serial and names(certificate)[0] == self.issuer


def names(certificate: x509.Certificate) -> tuple[bytes, bytes]:
    """Return issuer and subject as they are written.

    ::

        TBSCertificate ::= SEQUENCE { [0] version OPTIONAL, serialNumber, signature,
            issuer, validity, subject, … }                       RFC 5280, 4.1
    """
    fields = der.Fields(der.read(certificate.tbs_certificate_bytes))
    fields.maybe(der.context(0))
    fields.take(der.INTEGER)
    fields.take(der.SEQUENCE)
    issuer = fields.take(der.SEQUENCE).raw
    fields.take(der.SEQUENCE)
    return issuer, fields.take(der.SEQUENCE).raw


def key_identifier(certificate: x509.Certificate) -> bytes:
    """Return the SubjectKeyIdentifier, or nothing when the certificate has none."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except x509.ExtensionNotFound:
        return b""
    return found.value.digest


def written_holder(certificate: x509.Certificate) -> bytes:
    """Return the IssuerAndSerialNumber of ``certificate``."""
    serial = certificate.serial_number
    return der.sequence(names(certificate)[0], der.integer(serial))
