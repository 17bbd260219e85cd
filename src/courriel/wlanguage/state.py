"""Everything that WLanguage keeps for the whole process or for a thread.

A WLanguage program has no objects to hold on to: sessions are known by a name, the timeout is one
setting, the last error and the Email structure are there without a declaration. That is process-
wide state, which courriel has nowhere else; all of it is in this file, behind one lock. Sessions,
timeout and TLS context are shared by all threads, the last error and the structure are each
thread's own.

The rule: state that outlives a call lives here and nowhere else, and nothing here talks to a
server while the lock is held.
"""

from __future__ import annotations

import itertools
import ssl
import threading
import weakref
from datetime import timedelta
from typing import Final, TypeVar

from courriel.model.options import Timeout
from courriel.sessions.registry import Registry
from courriel.sessions.smtp import SMTPSession
from courriel.wlanguage.faults import Details, WLanguageError
from courriel.wlanguage.structure import EmailStructure

__all__ = ["DEFAULT_TIMEOUT", "Email", "Process", "last", "process", "set_tls_context"]

DEFAULT_TIMEOUT: Final = 600.0
"""Seconds, from the vendor's page of EmailGetTimeOut."""

S = TypeVar("S")


class ThreadEmail(EmailStructure, threading.local):
    """Be the Email structure of whichever thread asks."""


class ThreadOutcome(threading.local):
    """Remember how the last function of this thread ended."""

    occurred: bool = False
    details: Details = Details()


class Process:
    """Hold what all threads of the program share."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._numbers = itertools.count(1)
        self._named = Registry()
        self._of_variables: weakref.WeakSet[SMTPSession] = weakref.WeakSet()
        self._seconds = DEFAULT_TIMEOUT
        self._tls: ssl.SSLContext | None = None

    @property
    def seconds(self) -> float:
        """How long a server may keep silent, for sessions opened from now on."""
        with self._lock:
            return self._seconds

    @seconds.setter
    def seconds(self, timeout: float | timedelta) -> None:
        seconds = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
        if not isinstance(seconds, (int, float)) or isinstance(seconds, bool) or not seconds > 0:
            raise WLanguageError(
                f"the timeout must be a number of seconds above 0, not {timeout!r}",
                operation="EmailSetTimeOut",
            )
        with self._lock:
            self._seconds = seconds

    @property
    def timeout(self) -> Timeout:
        """The same as courriel says it: silence is bounded, the whole of an operation is not."""
        seconds = self.seconds
        return Timeout(connect=seconds, read=seconds, total=None)

    @property
    def tls(self) -> ssl.SSLContext | None:
        """The TLS settings for sessions opened from now on; None for the system's."""
        with self._lock:
            return self._tls

    @tls.setter
    def tls(self, context: ssl.SSLContext | None) -> None:
        with self._lock:
            self._tls = context

    def number(self) -> int:
        """Return a number that no other message of this program has."""
        return next(self._numbers)

    def add(self, session: SMTPSession) -> None:
        """Make ``session`` the one of its kind under its user's name; close its predecessor."""
        raise NotImplementedError

    def adopt(self, session: SMTPSession) -> None:
        """Remember a session that a variable holds, so that its name can close it."""
        with self._lock:
            self._of_variables.add(session)

    def restart(self) -> None:
        """Close every session and forget every setting, as if the program had just begun."""

    def close(self, name: str) -> None:
        """Close every session opened under ``name``, through a function or a variable."""
        with self._lock:
            held = [session for session in self._of_variables if session.user == name]
            for session in held:
                self._of_variables.discard(session)
        self._named.close(name)
        for session in held:
            session.close()


Email: Final[EmailStructure] = ThreadEmail()
"""The Email structure of the current thread."""

last: Final = ThreadOutcome()
"""How the last function of the current thread ended."""

process: Final = Process()
"""What all threads share."""


def set_tls_context(context: ssl.SSLContext | None) -> None:
    """Have sessions opened from now on use ``context``; None for the system's certificates.

    Ours, not WLanguage's: the vendor has the program add a trusted certificate to the system
    instead. Certificates and names are verified unless the context says otherwise.
    """
    process.tls = context
