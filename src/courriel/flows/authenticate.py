"""Signing in to an SMTP server: the words of RFC 4954 for ``signing`` and ``carrying``."""

from __future__ import annotations

from courriel.faces import Flow
from courriel.flows.carrying import Carrier, Denial, Response, Verdict
from courriel.flows.effects import Secured
from courriel.flows.signing import sign_in
from courriel.model.options import Security
from courriel.model.profile import Profile
from courriel.model.receipt import Reply
from courriel.protocol.smtp import SmtpMachine
from courriel.wire.sasl.echo import Echo
from courriel.wire.smtp.commands import Auth, AuthResponse
from courriel.wire.smtp.quirks import MECHANISM


def authenticate(machine: SmtpMachine, profile: Profile, tls: Secured | None) -> Flow[None]:
    """Sign in as the profile says, or go on without where that is allowed.

    Raises what ``signing.sign_in`` raises.
    """
    yield from sign_in(SmtpCarrier(machine, profile.security), profile, tls)


class SmtpCarrier(Carrier):
    """AUTH and 334 (RFC 4954, 4)."""

    __slots__ = ("_machine", "_security")

    service = "SMTP"
    verb = "AUTH"

    def __init__(self, machine: SmtpMachine, security: Security) -> None:
        self._machine = machine
        self._security = security

    @property
    def mechanisms(self) -> tuple[str, ...]:
        return self._machine.capabilities.mechanisms

    @property
    def secured(self) -> bool:
        return self._machine.secured

    @property
    def usable(self) -> bool:
        return self._machine.usable

    def fits(self, mechanism: str, response: Response) -> bool:
        return Auth(mechanism, response.octets).fits

    def begin(self, mechanism: str, response: Response | None, echo: Echo) -> Flow[Verdict]:
        command = Auth(mechanism, None if response is None else response.octets, echo)
        return _verdict((yield from self._machine.submit(command)))

    def respond(self, response: Response | None, echo: Echo) -> Flow[Verdict]:
        command = AuthResponse(None if response is None else response.octets, echo)
        return _verdict((yield from self._machine.submit(command)))

    def advice(self) -> str:
        if self._security is Security.PLAINTEXT:
            return "Many servers offer it only under TLS: try security='starttls'."
        return "Try the submission port (465 or 587), or auth='optional' to go on without."


def _verdict(reply: Reply) -> Verdict:
    if reply.code == 334:
        return Verdict(challenge="".join(reply.lines))
    if reply.positive:
        return Verdict()
    denial = Denial(
        str(reply),
        reply.text,
        reply.code,
        reply.enhanced,
        transient=reply.transient,
        unimplemented=MECHANISM.seen_in(reply),
        renewable=reply.code == 535,
        hint=_hint(reply),
    )
    return Verdict(denial=denial)


def _hint(reply: Reply) -> str:
    switched_off = (
        "5.7.139" in f"{reply.enhanced} {reply.text}" or "SmtpClientAuthentication" in reply.text
    )
    if switched_off and not reply.transient:
        return "Sign-in with a password is switched off for this mailbox; use a token (OAuth)."
    return ""
