"""Be the server's side of SASL: a generator per mechanism that is fed responses.

A mechanism (RFC 4422) is a generator function of ``Party``. It yields challenges, is sent the
client's responses, and returns the user who has signed in. ``next()`` starts it; where the client
speaks first, the challenge yielded then is empty and is not sent when an initial response is there
already. Whatever is wrong raises ``Unauthorised`` with the reply code and enhanced status code of
RFC 4954, 6. Base64 belongs to the protocol.

``MECHANISMS`` is the table: a line and a function make a new mechanism, for every protocol of the
sandbox at once.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64decode, b64encode
from binascii import Error as NoBase64
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeAlias

from courriel.errors import Unauthorised
from courriel.sandbox.accounts import Accounts

__all__ = ["MECHANISMS", "Exchange", "Mechanism", "Party", "refusal"]

Exchange: TypeAlias = Generator[bytes, bytes, str]

_BOUND = b"p=tls-server-end-point"


@dataclass(frozen=True, slots=True)
class Party:
    """What the server brings into an exchange.

    ``server_end_point`` is the hash of its certificate (RFC 5929, 4), None
    without TLS; ``nonce`` makes printable random text; ``binding_offered`` says
    whether the mechanism was on offer with -PLUS too.
    """

    accounts: Accounts
    domain: str
    nonce: Callable[[], str]
    server_end_point: bytes | None = None
    binding_offered: bool = False


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One mechanism: its exchange, and who speaks first."""

    begin: Callable[[Party], Exchange]
    client_first: bool = True


def refusal(text: str = "The name or the password is wrong") -> Unauthorised:
    """Return the error for credentials that do not sign in (RFC 4954, 6: 535 5.7.8)."""
    return Unauthorised(text, operation="AUTH", code=535, enhanced="5.7.8", text=text)


def _malformed(text: str) -> Unauthorised:
    return Unauthorised(text, operation="AUTH", code=501, enhanced="5.5.2", text=text)


def _text(response: bytes) -> str:
    try:
        return response.decode()
    except UnicodeDecodeError as error:
        raise _malformed("The response is not UTF-8") from error


def _granted(user: str | None) -> str:
    if user is None:
        raise refusal()
    return user


def plain(party: Party) -> Exchange:
    """PLAIN (RFC 4616): authorisation identity, name and password, with NUL between."""
    fields = _text((yield b"")).split("\0")
    if len(fields) != 3:
        raise _malformed("PLAIN wants identity NUL name NUL password")
    identity, name, password = fields
    user = _granted(party.accounts.check_password(name, password))
    if identity and party.accounts.known(identity) != user:
        raise refusal(f"{user} may not act for anybody else")
    return user


def login(party: Party) -> Exchange:
    """LOGIN (draft-murchison-sasl-login): name, then password, each after a prompt."""
    name = _text((yield b"Username:"))
    return _granted(party.accounts.check_password(name, _text((yield b"Password:"))))


def cram_md5(party: Party) -> Exchange:
    """CRAM-MD5 (RFC 2195): name and keyed digest of a challenge that is new each time."""
    challenge = f"<{party.nonce()}@{party.domain}>".encode()
    name, space, digest = _text((yield challenge)).rpartition(" ")
    if not space:
        raise _malformed("CRAM-MD5 wants name SP digest")
    return _granted(party.accounts.check_digest(name, challenge, digest))


def xoauth2(party: Party) -> Exchange:
    """XOAUTH2 (Google's specification): name and bearer token.

    A refusal is a challenge in JSON first; the client answers it with nothing.
    """
    fields = _oauth_fields((yield b""))
    user = party.accounts.check_token(fields.get("user", ""), _bearer(fields))
    if user is None or not fields.get("user"):
        yield b'{"status":"401","schemes":"bearer","scope":"https://mail.example.org/"}'
        raise refusal("The token is not accepted")
    return user


def oauthbearer(party: Party) -> Exchange:
    """OAUTHBEARER (RFC 7628): a gs2 header, then the bearer token.

    A refusal is a challenge in JSON first; the client answers it with one 0x01.
    """
    response = yield b""
    header, separator, rest = response.partition(b"\x01")
    match = re.fullmatch(rb"[ny],(?:a=([^,]*))?,", header)
    if match is None or not separator:
        raise _malformed("OAUTHBEARER wants a gs2 header and fields, each ended by 0x01")
    name = _text(_saslname(match[1] or b""))
    user = party.accounts.check_token(name, _bearer(_oauth_fields(rest)))
    if user is None:
        yield b'{"status":"invalid_token","scope":"mail"}'
        raise refusal("The token is not accepted")
    return user


def _oauth_fields(response: bytes) -> dict[str, str]:
    if not response.endswith(b"\x01\x01"):
        raise _malformed("The response does not end with two 0x01")
    fields = (field.partition("=") for field in _text(response[:-2]).split("\x01"))
    return {key: value for key, _, value in fields}


def _bearer(fields: dict[str, str]) -> str:
    scheme, _, token = fields.get("auth", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def scram(digest: str, *, bound: bool) -> Callable[[Party], Exchange]:
    """Return the server's side of a SCRAM mechanism (RFC 5802, 5), bound to TLS or not."""

    def begin(party: Party) -> Exchange:
        header, bare = _client_first((yield b""))
        _check_header(party, header, bound=bound)
        name, client_nonce = _name_and_nonce(bare)
        keys = party.accounts.scram_keys(name, digest)
        nonce = client_nonce + party.nonce().encode()
        server_first = b"r=%b,s=%b,i=%d" % (nonce, b64encode(keys.salt), keys.iterations)
        final, separator, proof = (yield server_first).rpartition(b",p=")
        message = b",".join((bare, server_first, final))
        binding = (party.server_end_point or b"") if bound else b""
        expected = b"c=%b,r=%b" % (b64encode(header + binding), nonce)
        signature = hmac.new(keys.stored_key, message, digest).digest()
        client_key = _xor(_base64(proof), signature)
        proven = hmac.compare_digest(hashlib.new(digest, client_key).digest(), keys.stored_key)
        # Extensions may follow the nonce; what comes before them is fixed.
        well_bound = (final + b",").startswith(expected + b",")
        user = party.accounts.known(name)
        if not separator or not well_bound or not proven or user is None:
            raise refusal()
        yield b"v=" + b64encode(hmac.new(keys.server_key, message, digest).digest())
        return user

    return begin


def _client_first(response: bytes) -> tuple[bytes, bytes]:
    """Split client-first into its gs2 header, with the last comma, and the rest."""
    match = re.fullmatch(rb"((?:[ny]|p=[A-Za-z0-9.-]+),(?:a=[^,]*)?,)(n=.*)", response, re.DOTALL)
    if match is None:
        raise _malformed("The response is no client-first-message of SCRAM")
    return match[1], match[2]


def _check_header(party: Party, header: bytes, *, bound: bool) -> None:
    if bound and not header.startswith(_BOUND + b","):
        raise refusal("Only the channel binding tls-server-end-point is known")
    if not bound and header.startswith(b"p="):
        raise refusal("A mechanism without -PLUS has no channel binding")
    if header.startswith(b"y") and party.binding_offered:
        # RFC 5802, 6: the client did not see our offer, so somebody took it away.
        raise refusal("Channel binding was offered; somebody removed it")


def _name_and_nonce(bare: bytes) -> tuple[str, bytes]:
    fields = bare.split(b",")
    if len(fields) < 2 or len(fields[1]) < 3 or not fields[1].startswith(b"r="):
        raise _malformed("The client-first-message has no nonce")
    return _text(_saslname(fields[0][2:])), fields[1][2:]


def _saslname(name: bytes) -> bytes:
    """Decode a saslname (RFC 5802, 5.1)."""
    if re.search(rb"=(?!2C|3D)", name):
        raise _malformed("The name has a bare = in it")
    return name.replace(b"=2C", b",").replace(b"=3D", b"=")


def _base64(text: bytes) -> bytes:
    try:
        return b64decode(text, validate=True)
    except NoBase64 as error:
        raise _malformed("The proof is not base64") from error


def _xor(one: bytes, other: bytes) -> bytes:
    if len(one) != len(other):
        raise refusal()
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


MECHANISMS = {
    "PLAIN": Mechanism(plain),
    "LOGIN": Mechanism(login, client_first=False),
    "CRAM-MD5": Mechanism(cram_md5, client_first=False),
    "SCRAM-SHA-1": Mechanism(scram("sha1", bound=False)),
    "SCRAM-SHA-1-PLUS": Mechanism(scram("sha1", bound=True)),
    "SCRAM-SHA-256": Mechanism(scram("sha256", bound=False)),
    "SCRAM-SHA-256-PLUS": Mechanism(scram("sha256", bound=True)),
    "XOAUTH2": Mechanism(xoauth2),
    "OAUTHBEARER": Mechanism(oauthbearer),
}
