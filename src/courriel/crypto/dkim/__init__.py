"""Say who answers for a message, by DKIM (RFC 6376), and check who does.

``DkimSigner`` puts a signature in front of a message, ``verify`` looks at those that are there::

    signer = DkimSigner("example.org", "spring", Path("spring.pem").read_bytes())
    session.send(signer.sign(email))

    for result in verify(source):
        print(result.domain, result.status.value, result.reason)

A signature covers octets, not meanings: ``split`` finds the fields, ``canonical`` brings them into
the form that survives transport, ``tags`` and ``signature`` read the field, ``records`` the key's.
``primitives`` alone knows the cryptography, ``dns`` alone the network.
"""

from __future__ import annotations

from courriel.crypto.dkim.dns import DnsResolver, Resolver
from courriel.crypto.dkim.results import DkimResult, DkimStatus
from courriel.crypto.dkim.signing import DkimSigner
from courriel.crypto.dkim.verification import verify

__all__ = ["DkimResult", "DkimSigner", "DkimStatus", "DnsResolver", "Resolver", "verify"]
