"""SCRAM (RFC 5802, RFC 7677): both ends prove that they know the password, neither says it.

::

    client-first  = gs2-header "n=" saslname ",r=" c-nonce
    client-final  = "c=" base64(gs2-header [cbind-data]) ",r=" nonce ",p=" base64(ClientProof)
    gs2-header    = ("p=tls-server-end-point" / "n" / "y") ",,"

    SaltedPassword  = PBKDF2(password, salt, i)
    ClientKey       = HMAC(SaltedPassword, "Client Key")
    ClientProof     = ClientKey XOR HMAC(H(ClientKey), AuthMessage)
    ServerSignature = HMAC(HMAC(SaltedPassword, "Server Key"), AuthMessage)
    AuthMessage     = client-first without header "," server-first "," client-final without proof

The gs2 header says what we think of channel binding: ``p`` we bind, ``y`` we could but the server
does not offer it, ``n`` we cannot. A server that did offer it and reads ``y`` knows that somebody
took its offer away. What the server says is read in ``scram_answers``; what we say, and the
arithmetic of both ends, lives here.
"""

from __future__ import annotations

from binascii import b2a_base64
from dataclasses import dataclass

from courriel.errors import Misused
from courriel.wire.sasl.exchange import Compute, Credentials, Exchange
from courriel.wire.sasl.prep import prepared, saslname
from courriel.wire.sasl.scram_answers import Opening, insist_on_signature, read_opening
from courriel.wire.sasl.turns import concluded, signing_in


@dataclass(frozen=True, slots=True)
class Variant:
    """A member of the family: its name, its hash function, and whether it binds to TLS."""

    name: str
    digest: str
    bound: bool


SHA_1 = Variant("SCRAM-SHA-1", "sha1", bound=False)
SHA_1_PLUS = Variant("SCRAM-SHA-1-PLUS", "sha1", bound=True)
SHA_256 = Variant("SCRAM-SHA-256", "sha256", bound=False)
SHA_256_PLUS = Variant("SCRAM-SHA-256-PLUS", "sha256", bound=True)


def scram_sha_1(credentials: Credentials) -> Exchange:
    """Sign in with SCRAM-SHA-1 (RFC 5802). Raises as ``exchange`` does."""
    return exchange(SHA_1, credentials)


def scram_sha_1_plus(credentials: Credentials) -> Exchange:
    """Sign in with SCRAM-SHA-1-PLUS (RFC 5802). Raises as ``exchange`` does."""
    return exchange(SHA_1_PLUS, credentials)


def scram_sha_256(credentials: Credentials) -> Exchange:
    """Sign in with SCRAM-SHA-256 (RFC 7677). Raises as ``exchange`` does."""
    return exchange(SHA_256, credentials)


def scram_sha_256_plus(credentials: Credentials) -> Exchange:
    """Sign in with SCRAM-SHA-256-PLUS (RFC 7677). Raises as ``exchange`` does."""
    return exchange(SHA_256_PLUS, credentials)


def exchange(variant: Variant, credentials: Credentials, *, nonce: str = "") -> Exchange:
    """Sign in with a member of the SCRAM family; ``nonce`` is random unless a test gives it.

    Raises Misused for credentials that cannot be used, before anything is
    yielded; Garbled for a challenge that breaks the grammar; Unauthorised when
    the server says in the exchange that it refuses; InsecureConnection when it
    does not prove that it knows the password, or would weaken it.
    """
    header, binding = _gs2(variant, credentials)
    user = prepared(credentials.user, "user name", variant.name)
    prepared(credentials.password, "password", variant.name)
    ours = (nonce or _random_nonce()).encode()

    client_first = b"n=" + saslname(user) + b",r=" + ours
    server_first = yield header + client_first
    opening = read_opening(variant.name, credentials, ours, server_first)
    client_final = b"c=" + _base64(header + binding) + b",r=" + opening.nonce
    message = b",".join((client_first, server_first, client_final))
    proof, signature = _prove(variant, (yield _salted(variant, credentials, opening)), message)
    server_final = yield client_final + b",p=" + proof
    insist_on_signature(variant.name, server_final, signature)
    concluded(variant.name, (yield b""))


def _gs2(variant: Variant, credentials: Credentials) -> tuple[bytes, bytes]:
    """Return the gs2 header and the channel binding data behind it."""
    end_point = credentials.server_end_point
    if variant.bound:
        if not end_point:
            raise Misused(
                "there is no TLS certificate to bind to",
                operation=signing_in(variant.name),
                hint="Choose the mechanism without -PLUS.",
            )
        return b"p=tls-server-end-point,,", end_point
    if end_point and not credentials.binding_offered:
        return b"y,,", b""
    return b"n,,", b""


def _salted(variant: Variant, credentials: Credentials, opening: Opening) -> Compute:
    def compute() -> bytes:
        from hashlib import pbkdf2_hmac

        password = prepared(credentials.password, "password", variant.name)
        return pbkdf2_hmac(variant.digest, password, opening.salt, opening.iterations)

    return Compute(compute)


def _prove(variant: Variant, salted: bytes, message: bytes) -> tuple[bytes, bytes]:
    """Return our proof and the signature that the server must show, both in base64."""
    import hashlib
    import hmac

    client_key = hmac.digest(salted, b"Client Key", variant.digest)
    stored_key = hashlib.new(variant.digest, client_key).digest()
    client_signature = hmac.digest(stored_key, message, variant.digest)
    proof = bytes(a ^ b for a, b in zip(client_key, client_signature, strict=True))
    server_key = hmac.digest(salted, b"Server Key", variant.digest)
    return _base64(proof), _base64(hmac.digest(server_key, message, variant.digest))


def _random_nonce() -> str:
    import secrets

    return secrets.token_urlsafe(24)


def _base64(octets: bytes) -> bytes:
    return b2a_base64(octets, newline=False)
