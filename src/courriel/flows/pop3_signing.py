"""Signing in to a POP3 server: SASL (RFC 5034), and the commands from before it (RFC 1939, 7).

USER and PASS show the password, so they stand behind whatever does not. APOP hides it, but as a
bare MD5 over a text of the server's choice, which lets a false server work the password out bit by
bit: it goes only where a clear password might go, and under TLS only when there is nothing else.
"""

from __future__ import annotations

import re

from courriel.faces import Flow
from courriel.flows.carrying import Carrier, Denial, Response, Verdict
from courriel.flows.maildrop import HINTS
from courriel.model.secret import Secret
from courriel.protocol.pop3 import Pop3Machine
from courriel.wire.pop3.commands import Apop, Auth, AuthResponse, Pass, Simple
from courriel.wire.pop3.quirks import LOCKED, UNKNOWN_COMMAND
from courriel.wire.pop3.replies import Answer
from courriel.wire.sasl.choice import Choice, Strength, own_command
from courriel.wire.sasl.echo import Echo
from courriel.wire.sasl.exchange import Credentials
from courriel.wire.sasl.prep import verbatim

# RFC 1939, 7: the syntax of a timestamp is that of a msg-id (RFC 822). Only what is printable and
# short is hashed: the attacks on APOP need octets that no honest timestamp has.
_TIMESTAMP = re.compile(r"<[!-;=?A-~]{1,200}@[!-;=?A-~]{1,200}>")

_HINTS = HINTS | {"SYS/TEMP": "Try again later; the credentials may be right."}


def timestamp_in(greeting: str) -> str | None:
    """Return the timestamp by which a greeting offers APOP, or None."""
    found = _TIMESTAMP.search(greeting)
    return found[0] if found else None


class Pop3Carrier(Carrier):
    """AUTH and its continuations, APOP, USER and PASS."""

    __slots__ = ("_machine", "_timestamp")

    service = "POP3"
    verb = "AUTH"
    capability = "SASL"

    def __init__(self, machine: Pop3Machine, timestamp: str | None) -> None:
        self._machine = machine
        self._timestamp = timestamp

    @property
    def mechanisms(self) -> tuple[str, ...]:
        return self._machine.capabilities.mechanisms

    @property
    def secured(self) -> bool:
        return self._machine.secured

    @property
    def usable(self) -> bool:
        return self._machine.usable

    def choices(
        self, credentials: Credentials, *, allow_clear: bool, external: bool
    ) -> list[Choice]:
        found = super().choices(credentials, allow_clear=allow_clear, external=external)
        if not credentials.password or not allow_clear:
            return found
        if self._machine.capabilities.takes_user:
            found.append(own_command("USER", credentials, Strength.CLEAR))
        if self._timestamp is not None:
            found.append(own_command("APOP", credentials, Strength.DIGEST))
        if not self.secured:
            # On a clear line whatever hides the password goes first; the order stays otherwise.
            found.sort(key=lambda choice: choice.clear)
        return found

    def fits(self, mechanism: str, response: Response) -> bool:
        return Auth(mechanism, response.octets).fits

    def begin(self, mechanism: str, response: Response | None, echo: Echo) -> Flow[Verdict]:
        if response is None:
            return _verdict((yield from self._machine.submit(Auth(mechanism, None, echo))))
        verdict = _verdict(
            (yield from self._machine.submit(Auth(mechanism, response.octets, echo)))
        )
        if verdict.challenge == "":
            # The quirk "initial-response-unheard".
            return (yield from self.respond(response, echo))
        return verdict

    def respond(self, response: Response | None, echo: Echo) -> Flow[Verdict]:
        command = AuthResponse(None if response is None else response.octets, echo)
        return _verdict((yield from self._machine.submit(command)))

    def perform(self, choice: Choice, echo: Echo) -> Flow[Verdict]:
        credentials = choice.credentials
        password = credentials.password or Secret("")
        # Before the name is sent: what cannot be sent behind it shall not be half said.
        verbatim(password, "password", choice.name)
        if choice.name == "APOP":
            digest = _digest(self._timestamp or "", password)
            return _verdict((yield from self._machine.submit(Apop(credentials.user, digest))))
        answer = yield from self._machine.submit(Simple("USER", credentials.user))
        if answer.positive:
            answer = yield from self._machine.submit(Pass(password))
        return _verdict(answer)

    def advice(self) -> str:
        return "Many servers offer more under TLS: try security='tls' or 'starttls'."


def _digest(timestamp: str, password: Secret) -> Secret:
    import hashlib

    return Secret(
        hashlib.md5(
            timestamp.encode() + verbatim(password, "password", "APOP"), usedforsecurity=False
        ).hexdigest()
    )


def _verdict(answer: Answer) -> Verdict:
    if answer.challenge:
        return Verdict(challenge=answer.text)
    if answer.positive:
        return Verdict()
    condition = answer.condition
    if condition is None and LOCKED.seen_in(answer.text):
        condition = "IN-USE"
    unimplemented = condition is None and UNKNOWN_COMMAND.seen_in(answer.text)
    elsewhere = condition in _HINTS
    denial = Denial(
        str(answer),
        answer.text,
        condition=condition,
        transient=elsewhere,
        unimplemented=unimplemented,
        renewable=not elsewhere and not unimplemented,
        hint=_HINTS.get(condition or "", ""),
    )
    return Verdict(denial=denial)
