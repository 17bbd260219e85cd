"""The dialogue with one SMTP server: what outlives a single connection.

A session owns one. It knows the profile, the machine of the connection that is open now, and
which deviations this server has shown, so that a new connection does not walk into them again.
"""

from __future__ import annotations

from courriel.errors import CourrielError, Misused
from courriel.model.profile import Profile
from courriel.protocol.smtp import SmtpMachine
from courriel.protocol.ticket import Turn


class Dialogue:
    """One server, one account, at most one open connection."""

    __slots__ = (
        "closed",
        "current",
        "greeting",
        "lmtp",
        "opening",
        "profile",
        "queue",
        "quirks",
        "unreplaced",
    )

    def __init__(self, profile: Profile, *, lmtp: bool) -> None:
        self.profile = profile
        self.lmtp = lmtp
        self.current: SmtpMachine | None = None
        """The machine of the open connection, None when there is none."""
        self.opening: SmtpMachine | None = None
        """The machine of a connection that is being opened."""
        self.queue: list[Turn] | None = None
        """Those who wait while one of them replaces the connection; None when nobody does."""
        self.unreplaced: tuple[SmtpMachine, CourrielError] | None = None
        """A connection that could not be replaced, and why."""
        self.closed = False
        """Whether it was closed, and not opened again; one that was never opened is not."""
        self.greeting = ""
        self.quirks: frozenset[str] = frozenset()
        """Names from ``wire.smtp.quirks`` that this server has shown."""

    @property
    def usable(self) -> bool:
        """Whether a connection is open and, as far as is known, sound."""
        return self.current is not None and self.current.usable

    @property
    def machine(self) -> SmtpMachine:
        """The machine to talk to. Raises Misused when not open, Disconnected when broken."""
        if self.current is None:
            raise Misused("the session is not open", hint="Call open(), or use it in a with block.")
        self.current.check_usable()
        return self.current
