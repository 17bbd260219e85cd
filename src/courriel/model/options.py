"""The choices that describe a session: how it is secured, how it signs in, how long it waits.

Only enumerations and frozen values live here; nothing in this file does anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import inf

from courriel.errors import Misused
from courriel.model.characters import excerpt

LONGEST = 100_000_000
"""The longest timeout in seconds, three years: the system's calls cannot wait for ever longer."""


class Security(str, Enum):
    """How the connection is protected. The strings are accepted everywhere."""

    TLS = "tls"
    """TLS from the first octet (RFC 8314, 3). The default."""
    STARTTLS = "starttls"
    """Starts clear, then TLS is required (RFC 3207): without it nothing secret is sent."""
    PLAINTEXT = "plaintext"
    """No protection, asked for by name."""


class Auth(str, Enum):
    """What happens when the server offers no authentication mechanism that we know."""

    REQUIRED = "required"
    """The session does not open. The default."""
    OPTIONAL = "optional"
    """The session opens without authentication, as WLanguage does."""


class SessionState(str, Enum):
    """Where a session stands."""

    CLOSED = "closed"
    OPEN = "open"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Timeout:
    """How long to wait, in seconds on a monotonic clock; None waits for ever.

    ``connect`` covers name resolution, TLS and the greeting. ``read`` is the
    wait for a complete answer, not for an octet; a bulk transfer must advance
    by at least ``Limits.minimum_rate`` octets a second over it. ``total``
    bounds a whole operation.
    """

    connect: float | None = 30
    read: float | None = 60
    total: float | None = None

    def __post_init__(self) -> None:
        for name in ("connect", "read", "total"):
            value = getattr(self, name)
            if value is None:
                continue
            if not isinstance(value, (int, float)) or not 0 < value <= LONGEST:
                raise Misused(
                    f"{name} must be a positive number of seconds or None, not {excerpt(value)}",
                    operation="Timeout",
                    hint="None waits for ever." if value == inf else "",
                )

    @classmethod
    def of(cls, value: Timeout | float | None) -> Timeout:
        """Return a Timeout: itself, or one number for all three fields."""
        if isinstance(value, Timeout):
            return value
        return cls(value, value, value)
