"""Obey USER, PASS, APOP and AUTH (RFC 1939, 7; RFC 5034).

The mechanisms are ``sandbox.sasl``; here is how POP3 carries them, base64, ``=`` for an empty
initial response and ``*`` to cancel. What the credentials are found wrong by says ``[AUTH]``
(RFC 3206, 4), so that a client asks for others; nothing else does.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as NoBase64

from courriel.errors import Refused, Unauthorised
from courriel.sandbox.pop3.conversation import Conversation, Mode
from courriel.sandbox.pop3.replies import ok, refused
from courriel.sandbox.sasl import MECHANISMS, Party


def user(conversation: Conversation, argument: str) -> bytes:
    """Take the name; whether there is such a user is not told."""
    _check_allowed(conversation, "USER")
    if not argument:
        raise refused("USER wants a name")
    conversation.name = argument
    return ok("Now the password")


def password(conversation: Conversation, argument: str) -> bytes:
    """Sign in with the name that USER gave; the argument may hold spaces (RFC 1939, 7)."""
    _check_allowed(conversation, "USER")
    name, conversation.name = conversation.name, ""
    if not name:
        raise refused("USER comes first")
    return _signed_in(conversation, conversation.accounts.check_password(name, argument))


def apop(conversation: Conversation, argument: str) -> bytes:
    """Sign in with a digest of the greeting's timestamp and the password."""
    _check_allowed(conversation, "APOP")
    name, space, digest = argument.rpartition(" ")
    if not space:
        raise refused("APOP wants a name and a digest")
    timestamp = conversation.timestamp
    return _signed_in(conversation, conversation.accounts.check_apop(name, timestamp, digest))


def auth(conversation: Conversation, argument: str) -> bytes:
    """Begin an exchange, with the initial response if there is one (RFC 5034, 4)."""
    name, _, initial = argument.partition(" ")
    name = name.upper()
    _check_allowed(conversation, "SASL")
    if name not in conversation.mechanisms:
        raise refused("That mechanism is not offered" if name else "AUTH wants a mechanism")
    mechanism = MECHANISMS[name]
    if initial and not mechanism.client_first and name != "LOGIN":
        raise refused(f"In {name} the server speaks first")
    party = Party(
        conversation.accounts,
        conversation.policy.domain,
        conversation.nonce,
        conversation.server_end_point,
        binding_offered=f"{name}-PLUS" in conversation.mechanisms,
    )
    exchange = mechanism.begin(party)
    challenge = next(exchange)
    conversation.exchange = exchange
    if not initial:
        conversation.mode = Mode.RESPONSE
        return _challenge(challenge)
    # LOGIN has an initial response in no document, but in many clients: the name.
    return _proceed(conversation, b"" if initial == "=" else _decoded(initial.encode()))


def respond(conversation: Conversation, line: bytes) -> bytes:
    """Go on with the exchange."""
    if line == b"*":
        raise refused("The exchange is cancelled")
    return _proceed(conversation, _decoded(line))


def _proceed(conversation: Conversation, response: bytes) -> bytes:
    assert conversation.exchange is not None
    try:
        challenge = conversation.exchange.send(response)
    except StopIteration as finished:
        conversation.exchange = None
        conversation.mode = Mode.COMMAND
        return _signed_in(conversation, finished.value)
    except Unauthorised as error:
        if error.code == 535:
            raise _unauthorised(error.text) from error
        raise
    conversation.mode = Mode.RESPONSE
    return _challenge(challenge)


def _signed_in(conversation: Conversation, user: str | None) -> bytes:
    if user is None:
        raise _unauthorised("The name or the password is wrong")
    conversation.enter(user)
    return ok(f"{len(conversation.begun().messages)} messages")


def _check_allowed(conversation: Conversation, capability: str) -> None:
    if conversation.maildrop is not None:
        raise refused("You are signed in already")
    if capability not in conversation.policy.capabilities:
        raise refused("There is no such command")
    if not conversation.may_sign_in:
        raise refused("STLS comes first")


def _unauthorised(text: str) -> Refused:
    return Unauthorised(text, operation="POP3", enhanced="AUTH", text=text)


def _challenge(octets: bytes) -> bytes:
    return b"+ %b\r\n" % b64encode(octets)


def _decoded(text: bytes) -> bytes:
    try:
        return b64decode(text, validate=True)
    except NoBase64:
        raise refused("The response is not base64") from None
