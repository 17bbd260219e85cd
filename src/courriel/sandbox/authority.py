"""Be a certificate authority for as long as the sandbox lives.

It makes one certificate for the server and hands out what a client needs to trust it; no system
trust store is touched and no key is ever written to disk by us. Making one takes some
milliseconds, so several servers may share one. Needs ``trustme``, from the extra ``sandbox``.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from courriel.errors import Misused

if TYPE_CHECKING:
    import trustme


class Authority:
    """A certificate authority with one server certificate.

    ``names`` are the host names and IP addresses that the certificate is good
    for, besides those of loopback. ``ca_pem`` is the authority's certificate in
    PEM. Raises Misused when ``trustme`` is not installed.
    """

    def __init__(self, *names: str) -> None:
        authority = _authority_class()(organization_name="courriel sandbox")
        identities = dict.fromkeys((*names, "localhost", "127.0.0.1", "::1"))
        certificate = authority.issue_cert(*identities)
        self.names = frozenset(identities)
        self.ca_pem: str = authority.cert_pem.bytes().decode()
        self.server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server_context.minimum_version = ssl.TLSVersion.TLSv1_2
        certificate.configure_cert(self.server_context)
        self.server_end_point = _end_point(certificate.cert_chain_pems[0].bytes())

    def client_context(self) -> ssl.SSLContext:
        """Return a new context that trusts this authority and nobody else, and checks names."""
        return ssl.create_default_context(cadata=self.ca_pem)


def _end_point(pem: bytes) -> bytes:
    """Return the binding tls-server-end-point (RFC 5929, 4.1) of a certificate.

    The hash is SHA-256, which is what ``trustme`` signs with.
    """
    from hashlib import sha256

    return sha256(ssl.PEM_cert_to_DER_cert(pem.decode())).digest()


def _authority_class() -> type[trustme.CA]:
    try:
        from trustme import CA
    except ImportError as error:
        raise Misused(
            "the certificates of the sandbox are made by trustme, which is not installed",
            operation="sandbox",
            hint="Install it: pip install 'courriel[sandbox]'.",
        ) from error
    return CA
