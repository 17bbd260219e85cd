"""Say what one SMTP service of the sandbox offers, demands, refuses and bears.

Every switch and every bound of the machine is a field here, with its reason; nothing in this file
does anything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from courriel.errors import Misused
from courriel.model.receipt import Reply
from courriel.sandbox.sasl import MECHANISMS as KNOWN_MECHANISMS

__all__ = ["CAPABILITIES", "MECHANISMS", "SmtpPolicy"]

CAPABILITIES = frozenset(
    {
        "8BITMIME",  # RFC 6152
        "AUTH",  # RFC 4954
        "BINARYMIME",  # RFC 3030, only with CHUNKING
        "CHUNKING",  # RFC 3030
        "DSN",  # RFC 3461
        "ENHANCEDSTATUSCODES",  # RFC 2034
        "HELP",  # RFC 5321, 4.1.1.8
        "PIPELINING",  # RFC 2920
        "REQUIRETLS",  # RFC 8689, only under TLS
        "SIZE",  # RFC 1870
        "SMTPUTF8",  # RFC 6531
        "STARTTLS",  # RFC 3207
    }
)
"""Every extension the sandbox knows. All are offered unless told otherwise."""

MECHANISMS = (
    "SCRAM-SHA-256-PLUS",
    "SCRAM-SHA-256",
    "CRAM-MD5",
    "XOAUTH2",
    "PLAIN",
    "LOGIN",
)
"""The SASL mechanisms offered unless told otherwise; ``sandbox.sasl`` knows a few more."""

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class SmtpPolicy:
    """One service's choices and bounds.

    ``domain`` is the server's own; ``lmtp`` makes it LMTP (RFC 2033).
    ``capabilities`` and ``mechanisms`` are what it offers. ``require_auth``
    wants a sign-in before MAIL, except in LMTP; ``auth_requires_tls`` and
    ``tls_required`` want TLS before AUTH, or before everything. ``refuse`` maps
    addresses to the reply that MAIL or RCPT gets for them, ``refuse_message``
    recipients to the reply that their message gets. Raises Misused for
    capabilities or mechanisms that the sandbox does not know.
    """

    domain: str = "example.org"
    lmtp: bool = False
    capabilities: frozenset[str] = CAPABILITIES
    mechanisms: tuple[str, ...] = MECHANISMS
    require_auth: bool = True
    auth_requires_tls: bool = False
    tls_required: bool = False
    refuse: Mapping[str, Reply] = field(default_factory=dict)
    refuse_message: Mapping[str, Reply] = field(default_factory=dict)

    command_line: int = 2_048
    """Octets of a command with its CRLF. RFC 5321, 4.5.3.1.4 allows 512, extensions add to it."""
    auth_line: int = 12_288
    """Octets of an AUTH command or a response: RFC 4954, 4.5 wants this many borne."""
    message_size: int = 64 * _MIB
    """Octets of a message, told with SIZE: all is in memory."""
    recipients: int = 1_000
    """Recipients of a message. RFC 5321, 4.5.3.1.8 wants at least 100."""
    errors: int = 100
    """Wrong commands on a connection before it is closed: whoever makes more never reads."""
    auth_failures: int = 10
    """Wrong credentials on a connection before it is closed."""

    def __post_init__(self) -> None:
        _check("capability", self.capabilities, CAPABILITIES)
        _check("mechanism", self.mechanisms, KNOWN_MECHANISMS)


def _check(kind: str, given: Iterable[str], known: Collection[str]) -> None:
    for word in given:
        if word not in known:
            raise Misused(
                f"the sandbox knows no {kind} {word!r}",
                operation="sandbox",
                hint=f"It knows {', '.join(sorted(known))}.",
            )
