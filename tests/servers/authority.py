"""Issue the certificates of the test servers, the good one and the bad ones.

One authority per test session (trustme). ``certificate()`` is what an honest server on this
machine shows; ``certificate(fault)`` is what a client must refuse, each for one reason only.

Files and contexts of certificates live here; who serves them is the servers' business.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from ipaddress import ip_address
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOSTS = ("localhost", "127.0.0.1", "127.0.0.2", "127.0.0.3", "::1")
WRONG_HOST = "elsewhere.example"


class Fault(Enum):
    """What is wrong with a certificate."""

    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    WRONG_HOST = "wrong-host"
    UNKNOWN_AUTHORITY = "unknown-authority"
    SELF_SIGNED = "self-signed"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate on disk, in PEM: ``chain`` (leaf first), ``key``, and ``both`` (key first)."""

    chain: Path
    key: Path
    both: Path

    def server_context(self) -> ssl.SSLContext:
        """Make the context of a server that shows this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain, self.key)
        return context


class Authority:
    """A certificate authority of our own, which nobody else trusts.

    ``folder`` takes the files; ``ca_file`` is the authority's own certificate in PEM.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._authority = trustme.CA()
        self._issued: dict[Fault | None, Certificate] = {}
        self.ca_file = folder / "authority.pem"
        self.ca_file.write_bytes(self._authority.cert_pem.bytes())

    def client_context(self) -> ssl.SSLContext:
        """Make the context of a client that trusts this authority and nobody else."""
        return ssl.create_default_context(cafile=str(self.ca_file))

    def certificate(self, fault: Fault | None = None) -> Certificate:
        """Give the server certificate for ``HOSTS``, or the one with ``fault``; it is kept."""
        if fault not in self._issued:
            self._issued[fault] = self._write(fault.value if fault else "good", self._issue(fault))
        return self._issued[fault]

    def _issue(self, fault: Fault | None) -> tuple[bytes, bytes]:
        now = datetime.now(UTC)
        match fault:
            case None:
                return _pem(self._authority.issue_cert(*HOSTS))
            case Fault.EXPIRED:
                return _pem(self._authority.issue_cert(*HOSTS, not_after=now - timedelta(days=1)))
            case Fault.NOT_YET_VALID:
                return _pem(self._authority.issue_cert(*HOSTS, not_before=now + timedelta(days=1)))
            case Fault.WRONG_HOST:
                return _pem(self._authority.issue_cert(WRONG_HOST))
            case Fault.UNKNOWN_AUTHORITY:
                return _pem(trustme.CA().issue_cert(*HOSTS))
            case Fault.SELF_SIGNED:
                return _self_signed(now)

    def _write(self, name: str, pem: tuple[bytes, bytes]) -> Certificate:
        """Write the key and the chain under ``name``."""
        key, chain = pem
        stem = self._folder / name
        certificate = Certificate(
            chain=stem.with_suffix(".crt"),
            key=stem.with_suffix(".key"),
            both=stem.with_suffix(".pem"),
        )
        certificate.chain.write_bytes(chain)
        certificate.key.write_bytes(key)
        certificate.both.write_bytes(key + chain)
        return certificate


def _pem(leaf: trustme.LeafCert) -> tuple[bytes, bytes]:
    """Give the key and the chain of ``leaf``."""
    return leaf.private_key_pem.bytes(), b"".join(blob.bytes() for blob in leaf.cert_chain_pems)


def _self_signed(now: datetime) -> tuple[bytes, bytes]:
    """Make a certificate for ``HOSTS`` that vouches for itself; trustme has no such thing."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name.from_rfc4514_string("CN=localhost")
    names = [x509.DNSName(HOSTS[0]), *(x509.IPAddress(ip_address(host)) for host in HOSTS[1:])]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    key_pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return key_pem, certificate.public_bytes(serialization.Encoding.PEM)
