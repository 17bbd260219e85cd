"""Issue certificates that nobody should issue, for tests of who is believed.

``tests.servers.authority`` has the ordinary faults; here each certificate can be wrong in a way
that trustme does not know: names only in the subject, a NUL in a name, a signature with SHA-1.
"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

# AlgorithmIdentifier of RSA with PKCS #1 v1.5 (RFC 8017, A.2.4); they differ in the last octet.
_RSA_SHA_256 = bytes.fromhex("06092a864886f70d01010b")
_RSA_SHA_1 = bytes.fromhex("06092a864886f70d010105")


def _subject(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])


class Issuer:
    """An authority whose own certificate is good; ``ca_file`` is it, in PEM."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._leaf_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._name = _subject("courriel test authority")
        usage = x509.KeyUsage(
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        own = (
            self._describe(self._name, self._key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.ca_file = folder / "issuer.pem"
        self.ca_file.write_bytes(own.public_bytes(serialization.Encoding.PEM))

    def server_context(
        self, *names: str, common_name: str = "nobody", sha_1: bool = False
    ) -> ssl.SSLContext:
        """Make the context of a server with a certificate for ``names``, none for no extension."""
        builder = self._describe(_subject(common_name), self._leaf_key.public_key())
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
            critical=False,
        )
        if names:
            alternatives = x509.SubjectAlternativeName([_general(name) for name in names])
            builder = builder.add_extension(alternatives, critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        der = certificate.public_bytes(serialization.Encoding.DER)
        pem = ssl.DER_cert_to_PEM_cert(self._weakened(der, certificate) if sha_1 else der)
        file = self._folder / "leaf.pem"
        file.write_bytes(pem.encode() + self._leaf_pem())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if sha_1:
            # At any higher level OpenSSL does not even load it.
            context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.load_cert_chain(file)
        return context

    def _describe(self, subject: x509.Name, key: rsa.RSAPublicKey) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        )

    def _weakened(self, der: bytes, certificate: x509.Certificate) -> bytes:
        """Sign it again with SHA-1, which ``cryptography`` itself would not write into it."""
        content = certificate.tbs_certificate_bytes.replace(_RSA_SHA_256, _RSA_SHA_1)
        signature = self._key.sign(content, padding.PKCS1v15(), hashes.SHA1())
        return der.replace(_RSA_SHA_256, _RSA_SHA_1).replace(certificate.signature, signature)

    def _leaf_pem(self) -> bytes:
        return self._leaf_key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
