"""Obey LOGIN and AUTHENTICATE: carry a SASL exchange over IMAP (RFC 3501, 6.2.2; RFC 4959).

The mechanisms are ``sandbox.sasl``; here is base64, ``=`` for an empty initial response, ``*`` to
cancel, and the answers.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as NoBase64

from courriel.sandbox.imap.arguments import Arguments
from courriel.sandbox.imap.conversation import Conversation, Mode
from courriel.sandbox.imap.replies import Done, bad, no
from courriel.sandbox.sasl import MECHANISMS, Party, refusal


def login(conversation: Conversation, arguments: Arguments) -> Done:
    """Sign in with a name and a password in clear."""
    arguments.space()
    name = arguments.astring()
    arguments.space()
    password = arguments.astring()
    arguments.end()
    _check_secure(conversation)
    if not conversation.has("LOGIN"):
        raise no("LOGIN is not offered", "CANNOT")
    try:
        user = conversation.accounts.check_password(name.decode(), password.decode())
    except UnicodeDecodeError:
        user = None
    if user is None:
        raise refusal()
    return _signed_in(conversation, user)


def authenticate(conversation: Conversation, arguments: Arguments) -> Done | None:
    """Begin an exchange, with the initial response if there is one."""
    arguments.space()
    name = arguments.word()
    initial: bytes | None = None
    if not arguments.at_end():
        arguments.space()
        initial = arguments.rest
    _check_secure(conversation)
    if name not in conversation.mechanisms:
        raise no("That mechanism is not offered", "CANNOT")
    mechanism = MECHANISMS[name]
    if initial is not None and not conversation.has("SASL-IR"):
        raise bad("SASL-IR is not offered")
    if initial is not None and not mechanism.client_first and name != "LOGIN":
        raise bad(f"In {name} the server speaks first")
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
    if initial is None:
        _challenge(conversation, challenge)
        return None
    # LOGIN has an initial response in no document, but in many clients: the name.
    return _proceed(conversation, b"" if initial == b"=" else _decode(initial))


def respond(conversation: Conversation, line: bytes) -> Done | None:
    """Go on with the exchange."""
    if line == b"*":
        raise bad("The exchange is cancelled")
    return _proceed(conversation, _decode(line))


def _proceed(conversation: Conversation, response: bytes) -> Done | None:
    assert conversation.exchange is not None
    try:
        challenge = conversation.exchange.send(response)
    except StopIteration as finished:
        conversation.exchange = None
        return _signed_in(conversation, finished.value)
    _challenge(conversation, challenge)
    return None


def _challenge(conversation: Conversation, octets: bytes) -> None:
    conversation.mode = Mode.RESPONSE
    conversation.prompt = b64encode(octets)


def _signed_in(conversation: Conversation, user: str) -> Done:
    conversation.user = user
    conversation.mode = Mode.COMMAND
    return Done("You are signed in", " ".join(["CAPABILITY", *conversation.capabilities]))


def _check_secure(conversation: Conversation) -> None:
    if not conversation.may_sign_in:
        raise no("STARTTLS comes first", "PRIVACYREQUIRED")


def _decode(text: bytes) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (NoBase64, ValueError):
        raise bad("The response is not base64") from None
