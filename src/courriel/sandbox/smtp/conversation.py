"""Remember where one SMTP conversation stands.

``Mode`` says how the next octets are to be read; commands switch it, the machine obeys it::

    COMMAND ──AUTH──▶ RESPONSE ──235, 535──▶ COMMAND
    COMMAND ──DATA──▶ CONTENT ──CRLF.CRLF──▶ VERDICT ──answer()──▶ COMMAND
    COMMAND ──BDAT──▶ CHUNK ──LAST──▶ VERDICT ──answer()──▶ COMMAND
                      CHUNK ──not LAST──▶ COMMAND
    COMMAND ──STARTTLS──▶ TLS ──tls_started()──▶ COMMAND
    any ──QUIT, 421, 521──▶ CLOSED

Only state lives here, and the questions that it answers by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto

from courriel.model.receipt import Reply
from courriel.sandbox.accounts import Accounts
from courriel.sandbox.envelope import Recipient, SmtpEnvelope
from courriel.sandbox.sasl import Exchange
from courriel.sandbox.smtp.policy import SmtpPolicy


class Mode(Enum):
    """What the next octets are."""

    COMMAND = auto()
    RESPONSE = auto()
    CONTENT = auto()
    CHUNK = auto()
    VERDICT = auto()
    TLS = auto()
    CLOSED = auto()


@dataclass(slots=True)
class Transaction:
    """A message on its way in: ``begun`` is what MAIL said, without recipients.

    ``chunks`` is None until the first BDAT; ``failed`` says that one of them
    was refused, so that the others are too (RFC 3030, 2).
    """

    begun: SmtpEnvelope
    recipients: list[Recipient] = field(default_factory=list)
    chunks: bytearray | None = None
    failed: bool = False


@dataclass(slots=True)
class Chunk:
    """A BDAT whose octets are being read; with a ``refusal`` they are dropped."""

    octets: int
    last: bool
    refusal: Reply | None = None


@dataclass(slots=True)
class Conversation:
    """All that is remembered between two commands.

    ``client`` is its name for itself, ``""`` before it said it; ``extended``
    whether with EHLO or LHLO; ``behind`` whether octets were waiting behind the
    command that is being obeyed.
    """

    policy: SmtpPolicy
    accounts: Accounts
    nonce: Callable[[], str]
    secured: bool = False
    server_end_point: bytes | None = None
    mode: Mode = Mode.COMMAND
    client: str = ""
    extended: bool = False
    user: str | None = None
    transaction: Transaction | None = None
    chunk: Chunk = field(default_factory=lambda: Chunk(0, last=False))
    exchange: Exchange | None = None
    behind: bool = False
    errors: int = 0
    auth_failures: int = 0

    def offers(self, extension: str) -> bool:
        """Tell whether the extension is on offer, to this client and at this point."""
        if not self.extended or extension not in self.policy.capabilities:
            return False
        match extension:
            case "STARTTLS":
                return not self.secured
            case "REQUIRETLS":
                return self.secured
            case "BINARYMIME":
                return "CHUNKING" in self.policy.capabilities
            case "AUTH":
                return bool(self.mechanisms)
        return True

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """The SASL mechanisms on offer at this point."""
        if self.policy.auth_requires_tls and not self.secured:
            return ()
        return tuple(
            name
            for name in self.policy.mechanisms
            if self.server_end_point or not name.endswith("-PLUS")
        )

    @property
    def protocol(self) -> str:
        """The word for this conversation in a trace (RFC 3848; RFC 6531, 3.7.3)."""
        if self.policy.lmtp:
            base = "LMTP"
        else:
            base = "ESMTP" if self.extended else "SMTP"
        return base + "S" * self.secured + "A" * (self.user is not None)

    def restart(self) -> None:
        """Forget what RFC 3207, 4.2 wants forgotten once TLS is there."""
        self.client = ""
        self.extended = False
        self.user = None
        self.transaction = None
        self.mode = Mode.COMMAND
