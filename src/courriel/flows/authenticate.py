"""Signing in to an SMTP server (RFC 4954).

Which mechanism, and what may follow a refusal, is ``wire.sasl.choice``; here is only the carrying
of challenges and responses, and what a refusal is called.
"""

from __future__ import annotations

import binascii
from typing import Any

from courriel.errors import (
    CourrielError,
    Garbled,
    InsecureConnection,
    Misused,
    NotSupported,
    Refused,
    Unauthorised,
)
from courriel.faces import Flow
from courriel.flows.effects import Offload, Secured
from courriel.model.limits import Limits
from courriel.model.options import Auth as AuthPolicy
from courriel.model.options import Security
from courriel.model.profile import Profile
from courriel.model.receipt import Reply
from courriel.model.secret import Secret
from courriel.protocol.smtp import SmtpMachine
from courriel.wire.sasl.choice import Choice, Needs, choose
from courriel.wire.sasl.exchange import Compute, Credentials, Exchange
from courriel.wire.sasl.oauth import explain
from courriel.wire.smtp.commands import Auth, AuthResponse
from courriel.wire.smtp.echo import Echo
from courriel.wire.smtp.quirks import MECHANISM

_OPERATION = "sign in"


def authenticate(machine: SmtpMachine, profile: Profile, tls: Secured | None) -> Flow[None]:
    """Sign in as the profile says, or go on without where that is allowed.

    Raises Unauthorised for refused credentials, NotSupported when the server
    offers no mechanism we know, InsecureConnection when a secret would show.
    """
    # EXTERNAL: whoever hands in a context and a name, but no secret, may have a certificate in it.
    required = profile.auth is AuthPolicy.REQUIRED
    certificate_only = profile.tls is not None and bool(profile.user) and required
    if profile.password is None and profile.token is None and not certificate_only:
        return
    credentials = yield from _credentials(profile, tls)
    choices = _choices(machine, profile, credentials)
    if not choices:
        return
    choice = choices.pop(0)
    renewed = False
    while True:
        reply, words = yield from _exchange(machine, choice, profile.limits)
        if reply.positive:
            return
        if MECHANISM.seen_in(reply):
            refused, followers = choice, [c for c in choices if c.may_follow(choice)]
            if followers:
                choice = followers[0]
                choices = followers[1:]
                continue
            raise _refusal(reply, refused, words)
        if _may_renew(choice, profile, reply) and not renewed:
            renewed = True
            token = yield from _token(profile)
            if token != credentials.token and machine.usable:
                credentials = _credentials_of(profile, token, tls)
                choice = next(
                    c for c in _offer(machine, profile, credentials) if c.name == choice.name
                )
                continue
        raise _refusal(reply, choice, words)


def _credentials(profile: Profile, tls: Secured | None) -> Flow[Credentials]:
    if not profile.user:
        raise Misused("a password or token was given without a user", hint="Give user too.")
    token = yield from _token(profile)
    return _credentials_of(profile, token, tls)


def _token(profile: Profile) -> Flow[Secret | None]:
    source = profile.token
    if source is None or isinstance(source, Secret):
        return source
    # The asyncio driver awaits what an async callable returns; nobody else can.
    fetched: Any = yield from Offload(source)
    if hasattr(fetched, "__await__"):
        if hasattr(fetched, "close"):
            fetched.close()
        raise Misused(
            "the token callable is asynchronous, and this session is not",
            hint="Use an asyncio session, or a callable that returns the token itself.",
        )
    if not fetched:
        raise Misused("the token callable returned no token", hint="Return a non-empty string.")
    return Secret(fetched)


def _credentials_of(profile: Profile, token: Secret | None, tls: Secured | None) -> Credentials:
    binding = None
    if tls is not None and tls.certificate is not None:
        from courriel.wire.sasl.binding import server_end_point

        binding = server_end_point(tls.certificate)
    return Credentials(
        user=profile.user or "",
        password=profile.password,
        token=token,
        host=profile.host,
        port=profile.port,
        server_end_point=binding,
        iterations_minimum=profile.limits.scram_iterations_minimum,
        iterations_maximum=profile.limits.scram_iterations_maximum,
    )


def _offer(machine: SmtpMachine, profile: Profile, credentials: Credentials) -> list[Choice]:
    allow_clear = machine.secured or profile.plaintext_named or profile.on_loopback
    return choose(
        machine.capabilities.mechanisms,
        credentials,
        secured=machine.secured,
        allow_clear=allow_clear,
        external=profile.tls is not None and credentials.password is None,
    )


def _choices(machine: SmtpMachine, profile: Profile, credentials: Credentials) -> list[Choice]:
    """Return the usable mechanisms; none means: go on without. Raises where that is not allowed."""
    choices = _offer(machine, profile, credentials)
    if credentials.token is not None:
        # A token is never followed by a password, nor replaced by one.
        choices = [choice for choice in choices if choice.needs is Needs.TOKEN]
    if choices:
        return choices
    mechanisms = machine.capabilities.mechanisms
    if choose(mechanisms, credentials, secured=machine.secured, allow_clear=True):
        raise InsecureConnection(
            "the password or token would cross the network in clear",
            hint='Use TLS, or ask for security="plaintext" by name.',
        )
    if profile.auth is AuthPolicy.OPTIONAL or (
        credentials.password is None and credentials.token is None
    ):
        return []
    raise NotSupported(
        f"the server offers no way to sign in that we know (it offers {_list(mechanisms)})",
        capability="AUTH",
        hint=_advice(profile),
    )


def _list(mechanisms: tuple[str, ...]) -> str:
    return ", ".join(mechanisms[:20]) or "none"


def _advice(profile: Profile) -> str:
    if profile.security is Security.PLAINTEXT:
        return "Many servers offer it only under TLS: try security='starttls'."
    return "Try the submission port (465 or 587), or auth='optional' to go on without."


def _may_renew(choice: Choice, profile: Profile, reply: Reply) -> bool:
    return choice.needs is Needs.TOKEN and callable(profile.token) and reply.code == 535


def _exchange(machine: SmtpMachine, choice: Choice, limits: Limits) -> Flow[tuple[Reply, str]]:
    """Carry one exchange; return the final reply, and what an error challenge said."""
    exchange = choice.begin()
    echo = Echo(tuple(filter(None, (choice.credentials.password, choice.credentials.token))))
    # Only within a command, which does not show it, is a response kept: a traceback has locals.
    command: Auth | AuthResponse
    command, withheld = Auth(choice.name, (yield from _step(exchange, None)), echo).parted()
    reply = yield from machine.submit(command)
    words = ""
    for rounds in range(limits.sasl_rounds + 1):
        if reply.code != 334:
            if reply.positive:
                _conclude(exchange, withheld)
            exchange.close()
            return reply, words
        try:
            if rounds == limits.sasl_rounds:
                raise Garbled(
                    f"the server asked more than {limits.sasl_rounds} times during {choice.name}",
                    hint="Try again; its authentication may be misconfigured.",
                )
            if withheld is not None:
                # This challenge is empty (RFC 4954, 4); what a server says all the same is ignored.
                command, withheld = withheld, None
            else:
                challenge = _challenge(reply, limits)
                if choice.needs is Needs.TOKEN:
                    words = command.echo.removed(explain(challenge))
                command = AuthResponse((yield from _step(exchange, challenge)), command.echo)
        except CourrielError:
            # RFC 4954, 4: a lone "*" cancels the exchange; the server answers with 501.
            yield from machine.submit(AuthResponse(None, command.echo))
            raise
        reply = yield from machine.submit(command)
    raise AssertionError("the loop ends by itself")


def _step(exchange: Exchange, challenge: bytes | None) -> Flow[bytes | None]:
    """Feed a challenge; have long arithmetic done elsewhere; return the response."""
    try:
        wanted = exchange.send(challenge)
        while isinstance(wanted, Compute):
            result = yield from Offload(wanted.function)
            wanted = exchange.send(result)
    except StopIteration:
        raise Garbled("the server went on asking after the exchange had ended") from None
    return wanted


def _conclude(exchange: Exchange, withheld: AuthResponse | None) -> None:
    """Tell the mechanism that the server reports success; it raises if that proves nothing."""
    try:
        exchange.send(None)
    except StopIteration:
        if withheld is None:
            return
    raise InsecureConnection("the server reported success before the exchange had ended")


def _challenge(reply: Reply, limits: Limits) -> bytes:
    text = "".join(reply.lines).strip()
    if len(text) > limits.sasl_challenge * 4 // 3 + 4:
        raise Garbled(f"a challenge is larger than {limits.sasl_challenge} octets")
    try:
        return binascii.a2b_base64(text.encode(), strict_mode=True) if text else b""
    except (binascii.Error, ValueError):
        raise Garbled("a challenge is not base64") from None


def _refusal(reply: Reply, choice: Choice, words: str) -> Refused:
    """Name the refusal: a transient one says nothing about the password (RFC 4954, 6)."""
    kind = Refused if reply.transient else Unauthorised
    message = f"the server refused {choice.name}: {reply}"
    return kind(
        f"{message} ({words})" if words else message,
        operation=_OPERATION,
        hint=_hint(reply, choice),
        code=reply.code,
        enhanced=reply.enhanced,
        text=reply.text,
        command="AUTH",
    )


def _hint(reply: Reply, choice: Choice) -> str:
    if reply.transient:
        return "Try again later; the credentials may be right."
    if "5.7.139" in f"{reply.enhanced} {reply.text}" or "SmtpClientAuthentication" in reply.text:
        return "Sign-in with a password is switched off for this mailbox; use a token (OAuth)."
    if choice.needs is Needs.TOKEN:
        return "The token may have expired or lack the scope for SMTP; fetch a new one."
    return "Check user and password; many providers want an app password or a token instead."
