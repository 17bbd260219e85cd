"""Signing in to an IMAP server: the words of RFC 9051, 6.2.2 and 6.2.3, for ``signing``."""

from __future__ import annotations

from courriel.errors import Refused
from courriel.faces import Flow
from courriel.flows.carrying import Carrier, Denial, Response, Verdict
from courriel.model.options import Security
from courriel.protocol.imap.machine import ImapMachine
from courriel.protocol.imap.tickets import ImapTicket
from courriel.wire.imap.commands import Authenticate, Login
from courriel.wire.sasl.choice import Choice, Strength, own_command
from courriel.wire.sasl.echo import Echo
from courriel.wire.sasl.exchange import Credentials

# Servers cut a line at 8192 octets; a token may be longer, and then goes behind the "+".
_INITIAL = 6_000
_PASSING = frozenset({"UNAVAILABLE", "INUSE", "LIMIT"})


class ImapCarrier(Carrier):
    """AUTHENTICATE, with an initial response where the server knows SASL-IR; LOGIN last of all."""

    __slots__ = ("_machine", "_security", "_ticket")

    service = "IMAP"
    verb = "AUTHENTICATE"

    def __init__(self, machine: ImapMachine, security: Security) -> None:
        self._machine = machine
        self._security = security
        self._ticket: ImapTicket | None = None

    @property
    def mechanisms(self) -> list[str]:
        words = sorted(self._machine.words)
        return [word.removeprefix("AUTH=") for word in words if word.startswith("AUTH=")]

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
        # LOGINDISABLED forbids the command, whoever wants it (RFC 9051, 6.2.3).
        fit = credentials.password is not None and "LOGINDISABLED" not in self._machine.words
        if fit and (self.secured or allow_clear):
            found.append(own_command("LOGIN command", credentials, Strength.CLEAR))
        return found

    def fits(self, mechanism: str, response: Response) -> bool:
        offered = self._machine.words & {"SASL-IR", "IMAP4REV2"}
        return bool(offered) and len(response.octets) <= _INITIAL

    def begin(self, mechanism: str, response: Response | None, echo: Echo) -> Flow[Verdict]:
        self._machine.echo = echo if response is None else echo.after(response.octets)
        # No name for the octets: a traceback shows the names of a frame.
        self._ticket = self._machine.submit(
            Authenticate(mechanism, None if response is None else response.octets)
        )
        return (yield from self._verdict())

    def respond(self, response: Response | None, echo: Echo) -> Flow[Verdict]:
        assert self._ticket is not None
        self._machine.echo = echo if response is None else echo.after(response.octets)
        self._machine.respond(self._ticket, None if response is None else response.octets)
        return (yield from self._verdict())

    def perform(self, choice: Choice, echo: Echo) -> Flow[Verdict]:
        self._machine.echo = echo
        credentials = choice.credentials
        assert credentials.password is not None
        self._ticket = self._machine.submit(Login(credentials.user, credentials.password))
        return (yield from self._verdict())

    def _verdict(self) -> Flow[Verdict]:
        ticket = self._ticket
        assert ticket is not None
        turn = yield from ticket.turn()
        if turn is not None:
            return Verdict(challenge=turn.text.decode("ascii", "replace"))
        self._machine.echo = None
        try:
            yield from ticket
        except Refused as error:
            return Verdict(denial=_denial(error))
        return Verdict()

    def advice(self) -> str:
        if self._security is Security.PLAINTEXT:
            return "Many servers let nobody sign in but under TLS: try security='starttls'."
        return "The server may want a token (OAuth), or let nobody sign in from here."


def _denial(error: Refused) -> Denial:
    words = f"[{error.condition}] {error.text}" if error.condition else error.text
    return Denial(
        words or "NO",
        error.text,
        condition=error.condition,
        transient=error.condition in _PASSING,
        renewable=True,
        unimplemented="mechanism" in error.text.lower() and "support" in error.text.lower(),
        hint=_hint(error),
    )


def _hint(error: Refused) -> str:
    if "not connected" in error.text.lower():
        return "IMAP is switched off for this mailbox, or it has no licence: ask its operator."
    return ""
