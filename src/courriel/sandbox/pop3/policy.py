"""Say what the POP3 services of the sandbox offer, demand and bear.

Every switch and every bound of the machine is a field here, with its reason; nothing in this file
does anything.
"""

from __future__ import annotations

from dataclasses import dataclass

from courriel.errors import Misused
from courriel.sandbox.sasl import MECHANISMS as KNOWN_MECHANISMS
from courriel.sandbox.smtp.policy import MECHANISMS

__all__ = ["POP3_CAPABILITIES", "Pop3Policy"]

POP3_CAPABILITIES = frozenset(
    {
        "APOP",  # RFC 1939, 7: no capability by that name, but a timestamp in the greeting
        "AUTH-RESP-CODE",  # RFC 3206
        "CAPA",  # RFC 2449: not listed either; without it nobody can ask for the list
        "EXPIRE",  # RFC 2449, 6.7
        "IMPLEMENTATION",  # RFC 2449, 6.9, only after the sign-in
        "LANG",  # RFC 6856, 3
        "PIPELINING",  # RFC 2449, 6.6
        "RESP-CODES",  # RFC 2449, 6.4
        "SASL",  # RFC 5034
        "STLS",  # RFC 2595, 4
        "TOP",  # RFC 1939, 7
        "UIDL",  # RFC 1939, 7
        "USER",  # RFC 1939, 7
        "UTF8",  # RFC 6856, 2
    }
)
"""Every capability and optional command the sandbox knows. All are offered unless told not to."""

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Pop3Policy:
    """The services' choices and bounds.

    ``domain`` is the server's own. ``capabilities`` and ``mechanisms`` are what
    it offers. ``auth_requires_tls`` wants TLS before any sign-in. Raises
    Misused for capabilities or mechanisms that the sandbox does not know.
    """

    domain: str = "example.org"
    capabilities: frozenset[str] = POP3_CAPABILITIES
    mechanisms: tuple[str, ...] = MECHANISMS
    auth_requires_tls: bool = False

    command_line: int = 255
    """Octets of a command with its CRLF (RFC 2449, 4)."""
    auth_line: int = 12_288
    """Octets of an AUTH command or a response, as in SMTP (RFC 4954, 4.5)."""
    output: int = _MIB
    """Octets of answers that wait to be taken before the next command is obeyed: a flight of RETR
    would else have the whole maildrop in memory a second time. One answer may be larger."""
    errors: int = 100
    """Wrong commands on a connection before it is closed: whoever makes more never reads."""
    auth_failures: int = 10
    """Wrong credentials on a connection before it is closed."""

    def __post_init__(self) -> None:
        for kind, given, known in (
            ("capability", self.capabilities, POP3_CAPABILITIES),
            ("mechanism", self.mechanisms, KNOWN_MECHANISMS),
        ):
            for word in given:
                if word not in known:
                    raise Misused(
                        f"the sandbox's POP3 knows no {kind} {word!r}",
                        operation="sandbox",
                        hint=f"It knows {', '.join(sorted(known))}.",
                    )
