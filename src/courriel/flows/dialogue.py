"""The dialogue with one server: what outlives a single connection.

A session owns one. It knows the profile and the machine of the connection that is open now; each
protocol adds what it must remember, and how a connection is entered and left.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from courriel.errors import Misused
from courriel.faces import Flow
from courriel.model.profile import Profile
from courriel.protocol.machine import Machine

M = TypeVar("M", bound=Machine)


class Dialogue(Generic[M]):
    """One server, one account, at most one open connection."""

    __slots__ = ("closed", "current", "greeting", "opening", "profile")

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.current: M | None = None
        """The machine of the open connection, None when there is none."""
        self.opening: M | None = None
        """The machine of a connection that is being opened."""
        self.closed = False
        """Whether it was closed, and not opened again; one that was never opened is not."""
        self.greeting = ""

    @property
    def usable(self) -> bool:
        """Whether a connection is open and, as far as is known, sound."""
        return self.current is not None and self.current.usable

    @property
    def machine(self) -> M:
        """The machine to talk to. Raises Misused when not open, Disconnected when broken."""
        if self.current is None:
            raise Misused("the session is not open", hint="Call open(), or use it in a with block.")
        self.current.check_usable()
        return self.current

    # What each protocol does in its own way.

    def new_machine(self) -> M:
        """Return a machine for a new connection."""
        raise NotImplementedError

    def enter(self, machine: M) -> Flow[None]:
        """Connect, secure, greet and sign in."""
        raise NotImplementedError

    def leave(self, machine: M) -> Flow[Any]:
        """Say goodbye on a connection whose line is free, and wait for the answer."""
        raise NotImplementedError

    def may_leave(self, machine: M) -> bool:
        """Whether there is a goodbye to be said: usually when the line is free for it."""
        return machine.idle
