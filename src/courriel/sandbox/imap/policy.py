"""Say what the IMAP services of the sandbox offer, demand and bear.

Every switch and every bound of the machine is a field here, with its reason; nothing in this file
does anything.
"""

from __future__ import annotations

from dataclasses import dataclass

from courriel.errors import Misused
from courriel.sandbox.sasl import MECHANISMS as KNOWN_MECHANISMS
from courriel.sandbox.smtp.policy import MECHANISMS

__all__ = ["IMAP_CAPABILITIES", "ImapPolicy"]

IMAP_CAPABILITIES = frozenset(
    {
        "APPENDLIMIT",  # RFC 7889
        "AUTH",  # RFC 3501, 6.2.2: AUTHENTICATE, with the mechanisms
        "BINARY",  # RFC 3516
        "CHILDREN",  # RFC 3348
        "CONDSTORE",  # RFC 7162
        "CREATE-SPECIAL-USE",  # RFC 6154
        "ENABLE",  # RFC 5161
        "ESEARCH",  # RFC 4731
        "ID",  # RFC 2971
        "IDLE",  # RFC 2177
        "LIST-EXTENDED",  # RFC 5258
        "LIST-STATUS",  # RFC 5819
        "LITERAL+",  # RFC 7888
        "LOGIN",  # RFC 3501, 6.2.3; without it there is LOGINDISABLED
        "MOVE",  # RFC 6851
        "MULTIAPPEND",  # RFC 3502
        "NAMESPACE",  # RFC 2342
        "SASL-IR",  # RFC 4959
        "SORT",  # RFC 5256
        "SPECIAL-USE",  # RFC 6154
        "STARTTLS",  # RFC 3501, 6.2.1
        "STATUS=SIZE",  # RFC 8438
        "UIDPLUS",  # RFC 4315
        "UNSELECT",  # RFC 3691
        "UTF8=ACCEPT",  # RFC 6855, only with ENABLE
        "WITHIN",  # RFC 5032
    }
)
"""Every capability the sandbox knows, besides IMAP4rev1. All are offered unless told otherwise."""

_KIB = 1024
_MIB = 1024 * _KIB


@dataclass(frozen=True, slots=True)
class ImapPolicy:
    """The services' choices and bounds.

    ``domain`` is the server's own. ``capabilities`` and ``mechanisms`` are what
    it offers. ``auth_requires_tls`` and ``tls_required`` want TLS before any
    sign-in, or before everything. Raises Misused for capabilities or mechanisms
    that the sandbox does not know.
    """

    domain: str = "example.org"
    capabilities: frozenset[str] = IMAP_CAPABILITIES
    mechanisms: tuple[str, ...] = MECHANISMS
    auth_requires_tls: bool = False
    tls_required: bool = False

    command_line: int = 64 * _KIB
    """Octets of a command without its literals, as Dovecot takes them. RFC 7162, 4 wants 8 KiB."""
    stranger_line: int = 16 * _KIB
    """The same, literals included, before the sign-in: room for SASL (RFC 4954, 4.5)."""
    literal: int = 64 * _KIB
    """Octets of the literals of a command, unless they are messages."""
    literals: int = 1_000
    """How many literals a command has."""
    message_size: int = 64 * _MIB
    """Octets of a message, told with APPENDLIMIT, and of all in one APPEND: all is in memory."""
    output: int = _MIB
    """Octets of answers that wait to be taken before one goes on: FETCH 1:* BODY[] would else have
    the whole mailbox in memory a second time."""
    search_depth: int = 50
    """Parentheses, NOT and OR inside each other in SEARCH."""
    flags: int = 100
    """Flags of one message, and in one STORE."""
    keywords: int = 1_000
    """Different keywords in one mailbox."""
    errors: int = 100
    """Wrong commands on a connection before it is closed: whoever makes more never reads."""
    auth_failures: int = 10
    """Wrong credentials on a connection before it is closed."""

    def __post_init__(self) -> None:
        for kind, given, known in (
            ("capability", self.capabilities, IMAP_CAPABILITIES),
            ("mechanism", self.mechanisms, KNOWN_MECHANISMS),
        ):
            for word in given:
                if word not in known:
                    raise Misused(
                        f"the sandbox's IMAP knows no {kind} {word!r}",
                        operation="sandbox",
                        hint=f"It knows {', '.join(sorted(known))}.",
                    )
