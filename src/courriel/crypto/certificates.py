"""Read certificates and keys from what callers have, and addresses from certificates.

A caller gives a ``cryptography`` object or bytes in PEM or DER; an ``Identity`` is a certificate
with its private key. What he gives wrongly is Misused; what a mail carries may be anything.

Only this reading lives here; whether a certificate is to be believed is ``chain``'s business.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from string import ascii_lowercase, ascii_uppercase
from typing import TypeAlias

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from courriel.crypto import der, oids
from courriel.crypto.algorithm import names as issuer_and_subject
from courriel.errors import Misused
from courriel.model.address import Address
from courriel.model.secret import Secret, discreet

PrivateKey: TypeAlias = "rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey"
CertificatesLike: TypeAlias = "Iterable[x509.Certificate | bytes] | x509.Certificate | bytes"

UNREADABLE = (
    ValueError,
    TypeError,
    KeyError,
    OverflowError,
    UnsupportedAlgorithm,
    UserWarning,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    x509.AttributeNotFound,
)
"""What looking into a foreign certificate can raise (warnings too, where they are errors)."""

_OPERATION = "Identity"
_UTF8_STRING = 0x0C
_SMALL = str.maketrans(ascii_uppercase, ascii_lowercase)


@dataclass(frozen=True, slots=True)
class Identity:
    """Someone's certificate with its private key, for signing and decrypting.

    ``chain`` holds the certificates between it and a root; they go along with
    a signature, so that the reader finds the way. The key is never shown.
    Raises Misused when key and certificate do not belong together.
    """

    certificate: x509.Certificate
    key: PrivateKey = field(repr=False, compare=False)
    chain: tuple[x509.Certificate, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(
            self.key, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey, ed25519.Ed25519PrivateKey)
        ):
            raise Misused(
                "the key is of a kind that S/MIME does not use",
                operation=_OPERATION,
                hint="Use an RSA, ECDSA or Ed25519 key.",
            )
        if self.key.public_key() != self.certificate.public_key():
            raise Misused(
                "the private key does not belong to the certificate", operation=_OPERATION
            )

    @classmethod
    @discreet
    def from_pem(
        cls,
        certificate: bytes,
        key: bytes,
        *,
        passphrase: str | Secret | None = None,
    ) -> Identity:
        """Return the identity of a certificate and a key in PEM or DER.

        Certificates behind the first one are its ``chain``. Raises Misused when
        they cannot be read, which a wrong passphrase leads to as well.
        """
        first, *others = certificates((certificate,), operation=_OPERATION)
        load = serialization.load_pem_private_key
        if b"-----BEGIN" not in key:
            load = serialization.load_der_private_key
        try:
            loaded = load(key, _octets(passphrase))
        except UNREADABLE:
            raise _no_key() from None
        return cls(first, loaded, tuple(others))  # type: ignore[arg-type]  # __post_init__ looks.

    @classmethod
    @discreet
    def from_pkcs12(cls, data: bytes, *, passphrase: str | Secret | None = None) -> Identity:
        """Return the identity of a PKCS #12 file, the ``.p12`` that mail programs export."""
        try:
            key, certificate, others = pkcs12.load_key_and_certificates(data, _octets(passphrase))
        except UNREADABLE:
            raise _no_key() from None
        if key is None or certificate is None:
            raise Misused("the file holds no certificate with its key", operation=_OPERATION)
        return cls(certificate, key, tuple(others))  # type: ignore[arg-type]  # As above.


def _octets(passphrase: str | Secret | None) -> bytes | None:
    return None if passphrase is None else Secret(passphrase).reveal().encode()


def _no_key() -> Misused:
    return Misused(
        "the private key cannot be read",
        operation=_OPERATION,
        hint="Give it in PEM, DER or PKCS #12, with its passphrase.",
    )


def certificates(values: CertificatesLike, *, operation: str) -> tuple[x509.Certificate, ...]:
    """Return the certificates that a caller gives; bytes in PEM may hold several."""
    if isinstance(values, (x509.Certificate, bytes)):
        values = (values,)
    if not isinstance(values, Iterable):
        raise _no_certificate(operation)
    found: list[x509.Certificate] = []
    for value in values:
        if isinstance(value, x509.Certificate):
            found.append(value)
            continue
        try:
            found += (
                x509.load_pem_x509_certificates(value)
                if b"-----BEGIN" in value
                else [x509.load_der_x509_certificate(value)]
            )
        except UNREADABLE:
            raise _no_certificate(operation) from None
    return tuple(found)


def _no_certificate(operation: str) -> Misused:
    return Misused(
        "a certificate cannot be read",
        operation=operation,
        hint="Give it in PEM or DER, or as cryptography.x509.Certificate.",
    )


def foreign(octets: bytes) -> x509.Certificate | None:
    """Return a certificate that a mail carries, or None when it cannot be read."""
    try:
        certificate = x509.load_der_x509_certificate(octets)
        # Its extensions are only read when they are asked for.
        certificate.extensions  # noqa: B018
        certificate.public_key()
        issuer_and_subject(certificate)
    except UNREADABLE:
        return None
    return certificate


def addresses(certificate: x509.Certificate) -> tuple[Address, ...]:
    """Return the addresses that a certificate is for, with the name of its owner.

    Those of the alternative name (RFC 8550, 3; RFC 9598), or of the subject
    when there are none.
    """
    try:
        name = _text_of(certificate, NameOID.COMMON_NAME)
        found = [*_alternative(certificate)] or [*_texts(certificate, NameOID.EMAIL_ADDRESS)]
    except UNREADABLE:
        return ()
    return tuple(Address.as_read(name, address) for address in found)


def _text_of(certificate: x509.Certificate, kind: x509.ObjectIdentifier) -> str:
    return next(iter(_texts(certificate, kind)), "")


def _texts(certificate: x509.Certificate, kind: x509.ObjectIdentifier) -> list[str]:
    values = [item.value for item in certificate.subject.get_attributes_for_oid(kind)]
    return [value for value in values if isinstance(value, str)]


def _alternative(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    found = [*names.get_values_for_type(x509.RFC822Name)]
    for other in names.get_values_for_type(x509.OtherName):
        if other.type_id.dotted_string == oids.SMTP_UTF8_MAILBOX:
            found.append(der.read(other.value).expect(_UTF8_STRING).contents.decode())
    return found


def same_address(one: Address, other: Address) -> bool:
    """Whether two addresses are the same mailbox, as far as anybody but its server can know."""
    return bool(one.address) and comparable(one) == comparable(other)


def comparable(address: Address) -> str:
    """Return an address in the form in which it is compared: domain in A-labels, small letters.

    Only letters of ASCII are made small: others, such as the Kelvin sign, would
    become those of somebody else's address.
    """
    try:
        return address.wire.translate(_SMALL)
    except Misused:
        return address.address.translate(_SMALL)
