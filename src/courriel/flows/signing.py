"""Signing in, whatever the protocol: whose credentials, by which way, and what follows a refusal.

Which mechanism is better than which is ``wire.sasl.choice``; how one exchange goes is ``carrying``;
the words of a protocol are its ``Carrier``. Here are the rules between them: a secret crosses a
clear line only where the caller allowed it, a refused mechanism is followed by no weaker one, a
refused token by no password, and an expired token is renewed once. One thing only may be given up,
and is logged: channel binding, to a server that says it does not know the type and whose
certificate was verified (decision 0014).
"""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from typing import Any

from courriel.errors import InsecureConnection, Misused, NotSupported, Refused, Unauthorised
from courriel.faces import Flow
from courriel.flows.carrying import Carrier, Denial, carry
from courriel.flows.effects import Offload, Secured
from courriel.model.options import Auth as AuthPolicy
from courriel.model.profile import Profile
from courriel.model.secret import Secret
from courriel.wire.sasl.choice import Choice, Needs, Strength
from courriel.wire.sasl.exchange import Credentials

_OPERATION = "sign in"
_log = logging.getLogger("courriel.security")
_UNBOUND = re.compile(r"\Aunsupported-channel-binding-type\Z|\bbad protocol\b", re.IGNORECASE)
"""How servers say that they know another type of channel binding: by SCRAM's own word (RFC 5802,
7), and by that of Cyrus SASL for any exchange that it cannot follow."""


def sign_in(carrier: Carrier, profile: Profile, tls: Secured | None) -> Flow[None]:
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
    choices = _choices(carrier, profile, credentials)
    if not choices:
        return
    choice = choices.pop(0)
    renewed = False
    while True:
        try:
            verdict, words = yield from carry(carrier, choice, profile.limits)
        except Unauthorised as error:
            unbound = _unbound(carrier, profile, choice, choices, error.text)
            if unbound is None:
                raise
            choice, choices = unbound, []
            continue
        denial = verdict.denial
        if denial is None:
            return
        unbound = _unbound(carrier, profile, choice, choices, denial.text)
        if unbound is not None:
            choice, choices = unbound, []
            continue
        if denial.unimplemented:
            refused, followers = choice, [c for c in choices if c.may_follow(choice)]
            if followers:
                choice = followers[0]
                choices = followers[1:]
                continue
            raise _refusal(carrier, denial, refused, words)
        if _may_renew(choice, profile, denial) and not renewed:
            renewed = True
            token = yield from _token(profile)
            if token != credentials.token and carrier.usable:
                credentials = _credentials_of(profile, token, tls)
                choice = next(
                    c for c in _offer(carrier, profile, credentials) if c.name == choice.name
                )
                continue
        raise _refusal(carrier, denial, choice, words)


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


def _offer(
    carrier: Carrier, profile: Profile, credentials: Credentials, *, clear: bool = False
) -> list[Choice]:
    allowed = carrier.secured or profile.plaintext_named or profile.on_loopback
    return carrier.choices(
        credentials,
        allow_clear=clear or allowed,
        external=profile.tls is not None
        and credentials.password is None
        and credentials.token is None,
    )


def _choices(carrier: Carrier, profile: Profile, credentials: Credentials) -> list[Choice]:
    """Return the usable mechanisms; none means: go on without. Raises where that is not allowed."""
    choices = _offer(carrier, profile, credentials)
    if choices:
        # With a token in hand the password is for where no token can be used: it never follows one.
        return [choice for choice in choices if choice.needs is Needs.TOKEN] or choices
    if _offer(carrier, profile, credentials, clear=True):
        raise InsecureConnection(
            "the password or token would cross the network in clear",
            hint='Use TLS, or ask for security="plaintext" by name.',
        )
    if profile.auth is AuthPolicy.OPTIONAL or (
        credentials.password is None and credentials.token is None
    ):
        return []
    offered = ", ".join(carrier.mechanisms[:20]) or "none"
    raise NotSupported(
        f"the server offers no way to sign in that we know (it offers {offered})",
        capability=carrier.capability,
        hint=carrier.advice(),
    )


def _unbound(
    carrier: Carrier, profile: Profile, refused: Choice, choices: list[Choice], text: str
) -> Choice | None:
    """Return what follows when a server binds, but to something else than we do, else None.

    There is no way to ask for the types that a server knows (RFC 5802, 6.1), and Cyrus knows only
    tls-unique, which TLS 1.3 has not. The same mechanism without binding still gives away no
    password; it says "n", since there is nothing that both could bind to. Where the caller turned
    off the checks of the certificate, binding is all that tells who the server is, and stays.
    """
    if refused.strength is not Strength.BOUND or not _UNBOUND.search(text):
        return None
    if not (carrier.usable and _verified(profile)):
        return None
    name = refused.name.removesuffix("-PLUS")
    for choice in choices:
        if choice.name == name:
            _log.warning(
                "%s knows no channel binding that we know (%r); signing in by %s without it",
                profile.host,
                text,
                name,
            )
            return replace(choice, credentials=replace(choice.credentials, server_end_point=None))
    return None


def _verified(profile: Profile) -> bool:
    """Tell whether certificate and host name were checked: by default, or by the given context."""
    given = profile.tls
    return given is None or bool(given.check_hostname and given.verify_mode)


def _may_renew(choice: Choice, profile: Profile, denial: Denial) -> bool:
    return choice.needs is Needs.TOKEN and callable(profile.token) and denial.renewable


def _refusal(carrier: Carrier, denial: Denial, choice: Choice, words: str) -> Refused:
    """Name the refusal: a transient one says nothing about the password (RFC 4954, 6)."""
    kind = Refused if denial.transient else Unauthorised
    message = f"the server refused {choice.name}: {denial.shown}"
    return kind(
        f"{message} ({words})" if words else message,
        operation=_OPERATION,
        hint=_hint(carrier, denial, choice),
        code=denial.code,
        enhanced=denial.enhanced,
        condition=denial.condition,
        text=denial.text,
        command=carrier.verb,
    )


def _hint(carrier: Carrier, denial: Denial, choice: Choice) -> str:
    if denial.hint:
        return denial.hint
    if denial.transient:
        return "Try again later; the credentials may be right."
    if choice.needs is Needs.TOKEN:
        return (
            f"The token may have expired or lack the scope for {carrier.service}; fetch a new one."
        )
    return "Check user and password; many providers want an app password or a token instead."
