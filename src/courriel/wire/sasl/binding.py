"""The channel binding tls-server-end-point (RFC 5929, 4.1): a hash of the server's certificate.

::

    Certificate         ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue }
    signatureAlgorithm  ::= SEQUENCE { algorithm OBJECT IDENTIFIER, parameters ANY OPTIONAL }

The hash function is the one that the certificate was signed with, SHA-256 in place of MD5 and
SHA-1. Where the signature has no hash function of its own (Ed25519, Ed448) or two different ones
(RSASSA-PSS, when its mask is made with another), RFC 5929 leaves the binding undefined: None.

Finding the name of that function needs a little DER (X.690): tag, definite length, contents. Only
that much of it lives here. It keeps within its octets and raises nothing but Garbled.
"""

from __future__ import annotations

from courriel.errors import Garbled

_SEQUENCE = 0x30
_OBJECT_IDENTIFIER = 0x06
_HASH = 0xA0
_MASK = 0xA1

_RSASSA_PSS = "1.2.840.113549.1.1.10"
_MGF1 = "1.2.840.113549.1.1.8"

_HASHES = {
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
    "2.16.840.1.101.3.4.2.4": "sha224",
}

_SIGNATURES = {
    # RSA with PKCS #1 v1.5 (RFC 8017, A.2.4).
    "1.2.840.113549.1.1.4": "md5",
    "1.2.840.113549.1.1.5": "sha1",
    "1.2.840.113549.1.1.11": "sha256",
    "1.2.840.113549.1.1.12": "sha384",
    "1.2.840.113549.1.1.13": "sha512",
    "1.2.840.113549.1.1.14": "sha224",
    # ECDSA (RFC 5758, 3.2).
    "1.2.840.10045.4.1": "sha1",
    "1.2.840.10045.4.3.1": "sha224",
    "1.2.840.10045.4.3.2": "sha256",
    "1.2.840.10045.4.3.3": "sha384",
    "1.2.840.10045.4.3.4": "sha512",
    # DSA (RFC 5758, 3.1).
    "1.2.840.10040.4.3": "sha1",
    "2.16.840.1.101.3.4.3.1": "sha224",
    "2.16.840.1.101.3.4.3.2": "sha256",
    # RSA and ECDSA with SHA-3 (RFC 9688; the arc is NIST's).
    "2.16.840.1.101.3.4.3.10": "sha3_256",
    "2.16.840.1.101.3.4.3.11": "sha3_384",
    "2.16.840.1.101.3.4.3.12": "sha3_512",
    "2.16.840.1.101.3.4.3.14": "sha3_256",
    "2.16.840.1.101.3.4.3.15": "sha3_384",
    "2.16.840.1.101.3.4.3.16": "sha3_512",
}


def server_end_point(certificate_der: bytes) -> bytes | None:
    """Return the tls-server-end-point binding of a certificate in DER (RFC 5929, 4.1).

    None where the RFC leaves it undefined, or we do not know the signature's
    algorithm: then there is nothing to bind to. Raises Garbled for octets that
    are no certificate.
    """
    import hashlib

    function = _hash_function(certificate_der)
    if function is None:
        return None
    if function in ("md5", "sha1"):
        function = "sha256"
    return hashlib.new(function, certificate_der).digest()


def _hash_function(certificate: bytes) -> str | None:
    reader = _Reader(certificate, 0, len(certificate)).enter(_SEQUENCE)
    reader.enter(_SEQUENCE)  # The signed part, with all that a certificate is about.
    algorithm = reader.enter(_SEQUENCE)
    name = algorithm.identifier()
    if name == _RSASSA_PSS:
        return _pss_hash_function(algorithm)
    return _SIGNATURES.get(name)


def _pss_hash_function(algorithm: _Reader) -> str | None:
    """Read RSASSA-PSS-params (RFC 4055, 3.1); both hash functions are SHA-1 by default."""
    content = mask = "sha1"
    if algorithm.at(_SEQUENCE):
        parameters = algorithm.enter(_SEQUENCE)
        if parameters.at(_HASH):
            content = _HASHES.get(parameters.enter(_HASH).enter(_SEQUENCE).identifier(), "")
        if parameters.at(_MASK):
            generator = parameters.enter(_MASK).enter(_SEQUENCE)
            if generator.identifier() != _MGF1:
                return None
            mask = _HASHES.get(generator.enter(_SEQUENCE).identifier(), "")
    return content if content and content == mask else None


class _Reader:
    """Read elements one behind the other, between two positions of the same octets."""

    __slots__ = ("_end", "_octets", "_position")

    def __init__(self, octets: bytes, position: int, end: int) -> None:
        self._octets = octets
        self._position = position
        self._end = end

    def at(self, tag: int) -> bool:
        """Tell whether an element with ``tag`` is next."""
        return self._position < self._end and self._octets[self._position] == tag

    def enter(self, tag: int) -> _Reader:
        """Step over the next element, which must have ``tag``; return a reader of its contents."""
        if not self.at(tag):
            raise self._garbled(f"an element with tag {tag:#04x}")
        length = self._length()
        start = self._position
        if length > self._end - start:
            raise self._garbled(f"{length} octets of contents")
        self._position = start + length
        return _Reader(self._octets, start, self._position)

    def identifier(self) -> str:
        """Step over an OBJECT IDENTIFIER; return it in dots (X.690, 8.19)."""
        element = self.enter(_OBJECT_IDENTIFIER)
        contents = self._octets[element._position : element._end]
        # The longest that we know has eleven octets; a number of unlimited length is nobody's.
        if not 0 < len(contents) <= 32 or contents[-1] & 0x80:
            raise element._garbled("an object identifier")
        numbers = [0]
        for octet in contents:
            numbers[-1] = numbers[-1] << 7 | octet & 0x7F
            if not octet & 0x80:
                numbers.append(0)
        first = min(numbers[0] // 40, 2)
        return ".".join(map(str, [first, numbers[0] - 40 * first, *numbers[1:-1]]))

    def _length(self) -> int:
        """Step over tag and length; DER has the definite form only (X.690, 10.1)."""
        head = self._octets[self._position + 1 : min(self._position + 6, self._end)]
        size = head[0] & 0x7F if head and head[0] & 0x80 else 0
        if not head or (head[0] & 0x80 and not 0 < size <= 4) or len(head) <= size:
            raise self._garbled("a definite length of at most four octets")
        self._position += 2 + size
        return int.from_bytes(head[1 : 1 + size], "big") if size else head[0]

    def _garbled(self, expected: str) -> Garbled:
        return Garbled(
            "the server's certificate cannot be read",
            operation="binding to TLS",
            hint="Check the certificate with a tool such as openssl.",
            position=self._position,
            expected=expected,
            excerpt=self._octets[self._position : min(self._position + 8, self._end)].hex(),
        )
