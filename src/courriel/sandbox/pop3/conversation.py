"""Remember where one POP3 conversation stands.

``Mode`` says how the next octets are to be read, the maildrop which of the states of RFC 1939 it
is in: AUTHORIZATION without one, TRANSACTION with one::

    COMMAND ──AUTH──▶ RESPONSE ──+OK, -ERR──▶ COMMAND
    COMMAND ──STLS──▶ TLS ──tls_started()──▶ COMMAND
    any ──QUIT, too many errors──▶ CLOSED

Only state lives here, and the questions that it answers by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from courriel.sandbox.accounts import Accounts
from courriel.sandbox.pop3.maildrop import Maildrop, Maildrops
from courriel.sandbox.pop3.policy import Pop3Policy
from courriel.sandbox.pop3.replies import refused
from courriel.sandbox.sasl import Exchange

# What each response code needs to be shown (RFC 2449, 8; RFC 3206; RFC 6856, 2.1).
_CODES = {
    "AUTH": "AUTH-RESP-CODE",
    "IN-USE": "RESP-CODES",
    "SYS/PERM": "AUTH-RESP-CODE",
    "SYS/TEMP": "AUTH-RESP-CODE",
    "UTF8": "UTF8",
}


class Mode(Enum):
    """What the next octets are."""

    COMMAND = auto()
    RESPONSE = auto()
    TLS = auto()
    CLOSED = auto()


@dataclass(slots=True)
class Conversation:
    """All that is remembered between two commands.

    ``timestamp`` is the greeting's, for APOP; ``name`` what USER said;
    ``behind`` whether octets were waiting behind the command that is being
    obeyed; ``utf8`` whether the client wants UTF-8 as it is.
    """

    policy: Pop3Policy
    accounts: Accounts
    maildrops: Maildrops
    nonce: Callable[[], str]
    secured: bool = False
    server_end_point: bytes | None = None
    mode: Mode = Mode.COMMAND
    timestamp: str = ""
    name: str = ""
    maildrop: Maildrop | None = None
    exchange: Exchange | None = None
    utf8: bool = False
    behind: bool = False
    errors: int = 0
    auth_failures: int = 0

    @property
    def may_sign_in(self) -> bool:
        """Whether signing in is allowed at this point."""
        return self.maildrop is None and (self.secured or not self.policy.auth_requires_tls)

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """The SASL mechanisms on offer at this point."""
        if not self.may_sign_in:
            return ()
        return tuple(
            name
            for name in self.policy.mechanisms
            if self.server_end_point or not name.endswith("-PLUS")
        )

    @property
    def codes(self) -> frozenset[str]:
        """The response codes that may be shown."""
        return frozenset(
            code for code, needed in _CODES.items() if needed in self.policy.capabilities
        )

    def offers(self, capability: str) -> bool:
        """Tell whether the capability is on offer, to this client and at this point."""
        if capability not in self.policy.capabilities:
            return False
        match capability:
            case "STLS":
                return not self.secured and self.maildrop is None
            case "USER" | "APOP":
                return self.may_sign_in
            case "SASL":
                return bool(self.mechanisms)
            case "IMPLEMENTATION":
                return self.maildrop is not None
        return True

    def enter(self, user: str) -> None:
        """Open the maildrop of ``user``; Refused when somebody has it."""
        self.name = ""
        self.maildrop = self.maildrops.open(user)

    def begun(self) -> Maildrop:
        """Return the maildrop; Refused before the sign-in."""
        if self.maildrop is None:
            raise refused("Sign in first")
        return self.maildrop

    def leave(self, *, update: bool) -> None:
        """Give the maildrop back, with what DELE said if ``update``."""
        maildrop, self.maildrop = self.maildrop, None
        if maildrop is not None:
            maildrop.close(update=update)
