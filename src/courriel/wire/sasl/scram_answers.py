"""What a SCRAM server says, and how far it is believed (RFC 5802, 5 and 7).

::

    server-first  = ["m=" mext ","] "r=" c-nonce s-nonce ",s=" base64 ",i=" posit-number
                    ["," extensions]
    server-final  = ("e=" server-error-value / "v=" base64(ServerSignature)) ["," extensions]

A server that breaks the grammar is Garbled. One that would have us weaken the password (few
iterations), burn the processor (many), answer somebody else's exchange (the nonce) or believe it
without its signature is an InsecureConnection: its word that all is well is worth nothing. Only
the reading of these two messages lives here. ``name`` is always the mechanism's, for errors.
"""

from __future__ import annotations

import re
from binascii import Error as NoBase64
from binascii import a2b_base64
from dataclasses import dataclass

from courriel.errors import CourrielError, Garbled, InsecureConnection, Unauthorised
from courriel.wire.sasl.exchange import Credentials
from courriel.wire.sasl.turns import signing_in

_PRINTABLE = re.compile(rb"[\x21-\x2b\x2d-\x7e]+")

_WORDS = {
    b"invalid-encoding": "the server could not read what we sent",
    b"extensions-not-supported": "the server does not support an extension",
    b"invalid-proof": "the password is wrong",
    b"channel-bindings-dont-match": "the server sees another TLS certificate than we do",
    b"server-does-support-channel-binding": "the server's offer of channel binding got lost",
    b"channel-binding-not-supported": "the server does not support channel binding",
    b"unsupported-channel-binding-type": "the server does not know tls-server-end-point",
    b"unknown-user": "the server does not know the user",
    b"invalid-username-encoding": "the server could not read the user name",
    b"no-resources": "the server has no resources left",
    b"other-error": "the server gave no reason",
}
# These two mean that somebody sits between us and the server (RFC 5802, 6).
_INTERCEPTED = {b"channel-bindings-dont-match", b"server-does-support-channel-binding"}


@dataclass(frozen=True, slots=True)
class Opening:
    """What server-first holds: the whole nonce, the salt and the iteration count."""

    nonce: bytes
    salt: bytes
    iterations: int


def read_opening(
    name: str, credentials: Credentials, ours: bytes, challenge: bytes | None
) -> Opening:
    """Read server-first; every doubt about it ends the exchange."""
    if challenge is None:
        raise _unproven(name)
    if challenge.startswith(b"e="):
        raise _refusal(name, challenge)
    fields = challenge.split(b",")
    if any(field.startswith(b"m=") for field in fields):
        raise _insecure(name, "the server demands an extension that we do not know")
    if [field[:2] for field in fields[:3]] != [b"r=", b"s=", b"i="]:
        raise _garbled(name, "the challenge is not nonce, salt and iteration count")
    nonce, salt, iterations = (field[2:] for field in fields[:3])
    if not nonce.startswith(ours) or nonce == ours:
        raise _insecure(name, "the server's nonce does not continue ours")
    if not _PRINTABLE.fullmatch(nonce):
        raise _garbled(name, "the nonce has characters in it that the grammar forbids")
    return Opening(nonce, _read_salt(name, salt), _read_iterations(name, credentials, iterations))


def _read_salt(name: str, text: bytes) -> bytes:
    try:
        salt = a2b_base64(text, strict_mode=True)
    except NoBase64 as error:
        raise _garbled(name, "the salt is not base64") from error
    if not salt:
        raise _garbled(name, "the salt is empty")
    return salt


def _read_iterations(name: str, credentials: Credentials, text: bytes) -> int:
    if not text.isdigit():
        raise _garbled(name, "the iteration count is not a number")
    low, high = credentials.iterations_minimum, credentials.iterations_maximum
    digits = text.lstrip(b"0") or b"0"
    # The length is looked at first: converting a megabyte of digits is work that nobody needs.
    if len(digits) > len(str(high)) or int(digits) > high:
        raise _insecure(
            name,
            f"the server wants more than {high} iterations",
            "Raise Limits.scram_iterations_maximum if you trust the server.",
        )
    if int(digits) < low or int(digits) == 0:
        raise _insecure(
            name,
            f"the server wants fewer than {max(low, 1)} iterations, which makes the password "
            "easy to guess",
            "Have the server store the password with more, or lower "
            "Limits.scram_iterations_minimum.",
        )
    return int(digits)


def insist_on_signature(name: str, challenge: bytes | None, signature: bytes) -> None:
    """Insist that server-final holds ``signature``; anything else proves nothing."""
    import hmac

    if challenge is None:
        raise _unproven(name)
    if challenge.startswith(b"e="):
        raise _refusal(name, challenge)
    field = challenge.partition(b",")[0]
    if not hmac.compare_digest(field, b"v=" + signature):
        raise _unproven(name)


def _unproven(name: str) -> CourrielError:
    return _insecure(name, "the server did not prove that it knows the password")


def _insecure(name: str, message: str, hint: str = "") -> CourrielError:
    return InsecureConnection(
        message,
        operation=signing_in(name),
        hint=hint or "Do not sign in here before you know that this is the right server.",
    )


def _garbled(name: str, message: str) -> CourrielError:
    return Garbled(
        message,
        operation=signing_in(name),
        hint="Tell whoever runs the server.",
    )


def _refusal(name: str, challenge: bytes) -> CourrielError:
    """Return the error for ``e=``, in words of our own: the server's stay out of it."""
    value = challenge[2:].partition(b",")[0]
    if value not in _WORDS:
        value = b"other-error"
    if value in _INTERCEPTED:
        return _insecure(name, _WORDS[value], "Somebody may sit between you and the server.")
    return Unauthorised(
        _WORDS[value],
        operation=signing_in(name),
        hint="Check the user name and the password, and which mechanisms the account may use.",
        text=value.decode(),
        command="AUTH",
    )
