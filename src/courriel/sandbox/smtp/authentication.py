"""Obey AUTH: carry a SASL exchange over SMTP (RFC 4954, 4).

The mechanisms are ``sandbox.sasl``; here is base64, ``=`` for an empty initial response, ``*`` to
cancel, and the replies.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as NoBase64

from courriel.model.receipt import Reply
from courriel.sandbox.sasl import MECHANISMS, Party
from courriel.sandbox.smtp import replies
from courriel.sandbox.smtp.conversation import Conversation, Mode
from courriel.sandbox.smtp.replies import refused


def auth(conversation: Conversation, argument: str) -> Reply:
    """Begin an exchange, with the initial response if there is one."""
    name, _, initial = argument.partition(" ")
    name = name.upper()
    _check_allowed(conversation, name)
    mechanism = MECHANISMS[name]
    if initial and not mechanism.client_first and name != "LOGIN":
        raise refused(501, "5.7.0", f"In {name} the server speaks first")
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
    return _proceed(conversation, b"" if initial == "=" else _decode(initial))


def respond(conversation: Conversation, line: bytes) -> Reply:
    """Go on with the exchange."""
    if line == b"*":
        raise refused(501, "5.7.0", "The exchange is cancelled")
    try:
        text = line.decode("ascii")
    except UnicodeDecodeError:
        raise _no_base64() from None
    return _proceed(conversation, _decode(text))


def _proceed(conversation: Conversation, response: bytes) -> Reply:
    assert conversation.exchange is not None
    try:
        challenge = conversation.exchange.send(response)
    except StopIteration as finished:
        conversation.user = finished.value
        conversation.exchange = None
        conversation.mode = Mode.COMMAND
        return replies.ok("2.7.0", "You are signed in", code=235)
    conversation.mode = Mode.RESPONSE
    return _challenge(challenge)


def _check_allowed(conversation: Conversation, name: str) -> None:
    if not name:
        raise refused(501, "5.5.4", "AUTH wants a mechanism")
    if "AUTH" not in conversation.policy.capabilities:
        raise refused(502, "5.5.1", "AUTH is not offered")
    if conversation.policy.auth_requires_tls and not conversation.secured:
        raise refused(538, "5.7.11", "STARTTLS comes first")
    if not conversation.offers("AUTH"):
        raise refused(503, "5.5.1", "EHLO comes first")
    if conversation.user is not None:
        raise refused(503, "5.5.1", "You are signed in already (RFC 4954, 4)")
    if conversation.transaction is not None:
        raise refused(503, "5.5.1", "AUTH cannot come inside a message (RFC 4954, 4)")
    if name not in conversation.mechanisms:
        raise refused(504, "5.5.4", "That mechanism is not offered")


def _challenge(octets: bytes) -> Reply:
    return Reply(334, (b64encode(octets).decode(),))


def _decode(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (NoBase64, ValueError):
        raise _no_base64() from None


def _no_base64() -> Exception:
    return refused(501, "5.5.2", "The response is not base64")
