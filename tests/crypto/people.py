"""People with certificates, and the authorities that issued them, for tests of S/MIME."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from courriel import Email
from courriel.crypto.certificates import PrivateKey
from courriel.crypto.entity import base64_entity, halves, multipart
from courriel.crypto.smime import Identity

BIRTH = datetime(2020, 1, 1, tzinfo=UTC)
DEATH = datetime(2045, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PEM = serialization.Encoding.PEM
KINDS = ("rsa", "p256", "p384", "p521", "ed25519")

LETTER = Email(
    sender="Ada <ada@example.org>",
    to="bob@example.org",
    subject="Grüße",
    text="From the Analytical Engine, with a line at its end.\n",
    html="<p>Hällo</p>",
)


ENTITY = halves(LETTER).entity


def carried(octets: bytes, entity: bytes | None = ENTITY, letter: Email = LETTER) -> Email:
    """Return a message with that CMS signature beside its content, or around it when None."""
    if entity is None:
        type_ = "application/pkcs7-mime; smime-type=signed-data"
        return halves(letter).around(base64_entity(type_, "smime.p7m", octets))
    parameters = ('protocol="application/pkcs7-signature"', "micalg=sha-256")
    signature = base64_entity("application/pkcs7-signature", "smime.p7s", octets)
    return halves(letter).around(multipart("signed", parameters, (entity, signature)))


@cache
def key(kind: str, name: str = "") -> PrivateKey:
    """Return the same key for the same kind and name, because RSA keys take long to make."""
    if kind == "rsa":
        return rsa.generate_private_key(65537, 2048)
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    curves = {"p256": ec.SECP256R1(), "p384": ec.SECP384R1(), "p521": ec.SECP521R1()}
    return ec.generate_private_key(curves[kind])


@dataclass(frozen=True)
class Office:
    """An authority: it issues certificates for people and for other authorities."""

    identity: Identity

    @property
    def certificate(self) -> x509.Certificate:
        return self.identity.certificate

    def person(
        self,
        address: str = "ada@example.org",
        *,
        kind: str = "p256",
        extensions: Sequence[tuple[x509.ExtensionType, bool]] = (),
        born: datetime = BIRTH,
        died: datetime = DEATH,
        chain: tuple[x509.Certificate, ...] = (),
    ) -> Identity:
        names = x509.SubjectAlternativeName([x509.RFC822Name(address)])
        own = key(kind, address)
        builder = named(address.partition("@")[0].title(), own, born, died)
        for extension, critical in ((names, False), *extensions):
            builder = builder.add_extension(extension, critical)
        return Identity(self.issue(builder), own, chain)

    def office(
        self,
        name: str,
        *,
        path_length: int | None = None,
        extensions: Sequence[tuple[x509.ExtensionType, bool]] = (),
    ) -> Office:
        own = key("p256", name)
        builder = named(name, own, BIRTH, DEATH)
        constraints = x509.BasicConstraints(ca=True, path_length=path_length)
        for extension, critical in ((constraints, True), *extensions):
            builder = builder.add_extension(extension, critical)
        return Office(Identity(self.issue(builder), own))

    def issue(self, builder: x509.CertificateBuilder) -> x509.Certificate:
        issuer = self.identity.key
        builder = builder.issuer_name(self.certificate.subject)
        return builder.sign(
            issuer, None if isinstance(issuer, ed25519.Ed25519PrivateKey) else hashes.SHA256()
        )


def named(
    name: str, own: PrivateKey, born: datetime = BIRTH, died: datetime = DEATH
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(born)
        .not_valid_after(died)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), False)
    )


@cache
def root(name: str = "Root", kind: str = "p256") -> Office:
    own = key(kind, name)
    builder = named(name, own).issuer_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    )
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
    hash_ = None if isinstance(own, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return Office(Identity(builder.sign(own, hash_), own))


@cache
def ada(kind: str = "p256") -> Identity:
    return root().person(kind=kind)


@cache
def bob(kind: str = "p256") -> Identity:
    return root().person("bob@example.org", kind=kind)


def usage(**given: bool) -> x509.KeyUsage:
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment")
    others = ("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{name: given.get(name, False) for name in (*names, *others)})


def purpose(*names: str) -> x509.ExtendedKeyUsage:
    return x509.ExtendedKeyUsage([getattr(ExtendedKeyUsageOID, name) for name in names])


def pem(identity: Identity) -> tuple[bytes, bytes]:
    private = identity.key.private_bytes(
        PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return identity.certificate.public_bytes(PEM), private
