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
import math
import ssl
import threading
import weakref
from datetime import timedelta
from typing import Any, Final, Protocol, cast, runtime_checkable

from courriel.errors import Misused
from courriel.model.options import Timeout
from courriel.sessions.base import BlockingSession
from courriel.sessions.registry import Registry
from courriel.sessions.smtp import SMTPSession
from courriel.wlanguage.faults import Details, WLanguageError
from courriel.wlanguage.structure import EmailStructure

__all__ = ["DEFAULT_TIMEOUT", "Email", "Process", "last", "process", "set_tls_context"]

DEFAULT_TIMEOUT: Final = 600.0
"""Seconds, from the vendor's page of EmailGetTimeOut."""


@runtime_checkable
class Reader(Protocol):
    """Be a session that reads: one that can count what has arrived."""

    def count(self, folder: str = "INBOX") -> int:
        """Return the number of messages."""
        ...


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
        seconds: object = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
        # NaN compares false, infinity is no bound, and True is no number of seconds.
        if (
            not isinstance(seconds, (int, float))
            or isinstance(seconds, bool)
            or not 0 < seconds < math.inf
        ):
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

    def smtp(self, name: str, operation: str) -> SMTPSession:
        """Return the SMTP session under ``name``. Raises WLanguageError if there is none."""
        try:
            return self._named.find(name, SMTPSession)
        except Misused:
            raise WLanguageError(
                f"no SMTP session is open under the name {name!r}",
                operation=operation,
                hint="Open one with EmailStartSMTPSession.",
            ) from None

    def reader(self, name: str, operation: str) -> Reader:
        """Return the session under ``name`` that reads. Raises WLanguageError if there is none."""
        try:
            # A kind is a class to the registry; here it is whatever can count messages.
            found: Reader = self._named.find(name, cast("Any", Reader))
        except Misused:
            raise WLanguageError(
                f"no session that reads is open under the name {name!r}; SMTP can only send",
                operation=operation,
                hint="Open a POP3 or IMAP session under the same name.",
            ) from None
        return found

    def add(self, session: BlockingSession) -> None:
        """Make ``session`` the one of its kind under its user's name; close its predecessor."""
        while True:
            try:
                return self._named.add(session)
            except Misused:
                # Another thread may have been quicker: then that one is the predecessor.
                if not self.drop(session.user or "", type(session)):
                    raise

    def drop(self, name: str, kind: type[BlockingSession]) -> bool:
        """Close the session of one kind under ``name``; return whether there was one."""
        try:
            session = self._named.find(name, kind)
        except Misused:
            return False
        self._named.close(session)
        return True

    def adopt(self, session: SMTPSession) -> None:
        """Remember a session that a variable holds, so that its name can close it."""
        with self._lock:
            self._of_variables.add(session)

    def close(self, name: str) -> None:
        """Close every session opened under ``name``, through a function or a variable."""
        with self._lock:
            held = [session for session in self._of_variables if session.user == name]
            for session in held:
                self._of_variables.discard(session)
        self._named.close(name)
        for session in held:
            session.close()

    def restart(self) -> None:
        """Close every session and forget every setting, as if the program had just begun.

        The structure and the last error are forgotten for the current thread.
        """
        with self._lock:
            held = list(self._of_variables)
            self._of_variables.clear()
            self._seconds, self._tls = DEFAULT_TIMEOUT, None
        self._named.close_all()
        for session in held:
            session.close()
        last.occurred, last.details = False, Details()
        Email.reset()


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

    Raises WLanguageError for anything else.
    """
    given: object = context
    if not isinstance(given, (ssl.SSLContext, type(None))):
        raise WLanguageError(
            f"expects an ssl.SSLContext or None, not {type(given).__name__}",
            operation="set_tls_context",
        )
    process.tls = context
