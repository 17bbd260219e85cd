"""Where a session goes and as whom: everything its constructor was told, as one value."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from courriel.model.limits import Limits
from courriel.model.options import Auth, Security, Timeout
from courriel.model.secret import Secret

TokenSource: TypeAlias = Callable[[], "str | Secret | Awaitable[str | Secret]"]


@dataclass(frozen=True, slots=True)
class Profile:
    """A server, an account, and how to deal with both.

    ``tls`` is an ``ssl.SSLContext`` or None for the verified default.
    ``plaintext_named`` says that the caller himself asked for no protection,
    so that a password may go in clear beyond this machine. ``ports`` are the
    usual ones of this kind of server, for whoever has tried a wrong one.
    """

    host: str
    port: int
    user: str | None = None
    password: Secret | None = field(default=None)
    token: Secret | TokenSource | None = field(default=None, repr=False)
    security: Security = Security.TLS
    plaintext_named: bool = False
    auth: Auth = Auth.REQUIRED
    timeout: Timeout = Timeout()
    tls: Any = field(default=None, repr=False)
    local_name: str | None = None
    proxy: Secret | None = field(default=None, repr=False)
    limits: Limits = Limits()
    ports: Mapping[Security, int] = field(default_factory=dict, repr=False)

    @property
    def on_loopback(self) -> bool:
        """Whether the server is this very machine, by name or address."""
        host = self.host.strip("[]").rstrip(".").lower()
        return host in ("localhost", "::1") or _is_loopback_v4(host)


def _is_loopback_v4(host: str) -> bool:
    parts = host.split(".")
    return len(parts) == 4 and parts[0] == "127" and all(_is_octet(part) for part in parts)


def _is_octet(part: str) -> bool:
    # Anything else is no address, so that whoever answers for the name could be anywhere.
    return part.isascii() and part.isdigit() and len(part) <= 3 and int(part) <= 255
