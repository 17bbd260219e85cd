"""XOAUTH2 and OAUTHBEARER (RFC 7628): a bearer token instead of a password.

::

    XOAUTH2      = "user=" user kvsep "auth=Bearer " token kvsep kvsep
    OAUTHBEARER  = "n,a=" saslname "," kvsep ["host=" host kvsep] ["port=" port kvsep]
                   "auth=Bearer " token kvsep kvsep
    kvsep        = %x01

A server that does not like the token says why in a challenge (JSON) and waits; it says no only
after a last response, which is empty for XOAUTH2 and one kvsep for OAUTHBEARER. The mechanism gives
that response and nothing else; ``explain`` turns the challenge into words, for whoever drives the
exchange to put beside the refusal. Only what concerns bearer tokens lives here.
"""

from __future__ import annotations

import re

from courriel.errors import Misused
from courriel.model.secret import Secret
from courriel.wire.sasl.exchange import Credentials, Exchange
from courriel.wire.sasl.prep import saslname, verbatim
from courriel.wire.sasl.turns import challenged, concluded, signing_in

_KVSEP = b"\x01"

# RFC 6750, 2.1 has b64token; some issuers use more of ASCII, but nobody uses blanks or controls.
_TOKEN = re.compile(r"[\x21-\x7e]+")
_HOST = re.compile(r"[\x21-\x7e]+")

# RFC 6749, 3.3: scope = scope-token *( SP scope-token ).
_SCOPE = re.compile(r"(?=[^ ])[\x20\x21\x23-\x5b\x5d-\x7e]{1,256}")
_STATUS = re.compile(r"[0-9A-Za-z_-]{1,32}")

_EXPLAINED = 64 * 1024
_MEANINGS = {
    "400": "the server could not make sense of the request",
    "401": "the token is expired, revoked or meant for another server",
    "403": "the token does not allow this",
    "invalid_request": "the server could not make sense of the request",
    "invalid_token": "the token is expired, revoked or meant for another server",
    "insufficient_scope": "the token does not allow this",
}


def xoauth2(credentials: Credentials) -> Exchange:
    """Sign in with XOAUTH2, Google's and Microsoft's form of a bearer token.

    Raises Misused for a user name or token that cannot be sent, before
    anything is yielded; Garbled when the server does not refuse after its
    error challenge has been answered.
    """
    name = "XOAUTH2"
    answer = yield (
        b"user="
        + _field(credentials.user, "user name", name)
        + _KVSEP
        + _authorization(credentials, name)
    )
    if answer is not None:
        _denied(name, (yield b""))


def oauthbearer(credentials: Credentials) -> Exchange:
    """Sign in with OAUTHBEARER (RFC 7628). Without a user name the token decides who it is.

    Raises as ``xoauth2`` does.
    """
    name = "OAUTHBEARER"
    header = b"n,,"
    if credentials.user:
        header = b"n,a=" + saslname(_field(credentials.user, "user name", name)) + b","
    if credentials.host:
        header += _KVSEP + b"host=" + _host(credentials.host, name)
    if credentials.port:
        header += _KVSEP + b"port=%d" % credentials.port
    answer = yield header + _KVSEP + _authorization(credentials, name)
    if answer is not None:
        _denied(name, (yield _KVSEP))


def explain(challenge: bytes) -> str:
    """Say in words what an error challenge of XOAUTH2 or OAUTHBEARER means (RFC 7628, 3.2.2).

    The result is one short line of printable ASCII, whatever the server sent;
    it is "" when the challenge says nothing that can be understood. Never raises.
    """
    import json

    if len(challenge) > _EXPLAINED:
        return ""
    try:
        said = json.loads(challenge)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(said, dict):
        return ""
    words = []
    status, scope = said.get("status"), said.get("scope")
    if isinstance(status, str | int) and _STATUS.fullmatch(str(status)):
        meaning = _MEANINGS.get(str(status).lower())
        words.append(f"status {status}" + (f": {meaning}" if meaning else ""))
    if isinstance(scope, str) and _SCOPE.fullmatch(scope):
        words.append(f"it wants the scope {scope}")
    return "; ".join(words)


def _denied(name: str, answer: bytes | None) -> None:
    """Raise Garbled: after the error challenge was answered, only a refusal may come."""
    challenged(name, answer)
    concluded(name, answer)


def _authorization(credentials: Credentials, name: str) -> bytes:
    if not _is_token(credentials.token):
        raise Misused(
            "the token is missing, or has blanks, control or non-ASCII characters in it",
            operation=signing_in(name),
            hint='Give the access token alone, without the word "Bearer".',
        )
    return b"auth=Bearer " + _reveal(credentials.token) + _KVSEP + _KVSEP


def _is_token(token: Secret | None) -> bool:
    return token is not None and _TOKEN.fullmatch(token.reveal()) is not None


def _reveal(token: Secret | None) -> bytes:
    return token.reveal().encode() if token is not None else b""


def _field(value: str, what: str, name: str) -> bytes:
    octets = verbatim(value, what, name)
    if _KVSEP in octets:
        raise Misused(
            f"the {what} has a control character in it",
            operation=signing_in(name),
            hint=f"Check where the {what} comes from.",
        )
    return octets


def _host(host: str, name: str) -> bytes:
    try:
        octets = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        octets = ""
    if not _HOST.fullmatch(octets):
        raise Misused(
            "the host is no host name",
            operation=signing_in(name),
            hint="Give the name that the connection was made to.",
        )
    return octets.encode()
