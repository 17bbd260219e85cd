"""The errors that courriel raises, and what each of them answers.

::

    CourrielError
    ├── Refused             the server said no; the session is usable
    │   ├── Unauthorised    it said no to the credentials
    │   └── SendRefused     it said no to the message, or to every recipient
    ├── Broken              network or protocol; the session is finished
    │   ├── Disconnected    the connection could not be made, or ended
    │   ├── TimedOut        no complete answer in time (also a TimeoutError)
    │   ├── Garbled         the answer does not follow the protocol
    │   └── InsecureConnection  carrying on would have exposed a secret
    ├── Uncertain           the message was handed over, the answer never came
    ├── Misused             the caller: wrong state or bad argument
    │                       (also a ValueError and a RuntimeError)
    └── NotSupported        the server lacks a capability that is needed

Every error answers two questions: ``retryable`` (may the same call succeed
later, without a change by anybody here?) and ``session_usable`` (may this
session go on?). Its text starts with the operation and ends with what to try.
Errors can be pickled.

Only exception classes live here; they know nothing of the rest of the house.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = [
    "Broken",
    "CourrielError",
    "Disconnected",
    "Garbled",
    "InsecureConnection",
    "Misused",
    "NotSupported",
    "Refused",
    "SendRefused",
    "TimedOut",
    "Unauthorised",
    "Uncertain",
]


def _revive(cls: type[CourrielError], state: dict[str, Any]) -> CourrielError:
    error = cls.__new__(cls)
    error.__dict__.update(state)
    error.args = (state["message"],)
    return error


class CourrielError(Exception):
    """The root of all errors that courriel raises.

    ``message`` says what happened, ``operation`` what was being done, and
    ``hint`` what to try; ``str()`` joins the three.
    """

    _retryable = False
    _session_usable = True
    _named = False

    def __init__(self, message: str = "", *, operation: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.operation = operation
        self.hint = hint

    def raised_by(self, call: str) -> None:
        """Name the public call that raises this, whatever was being done inside of it.

        The first one stays: what a caller's own iterable has raised comes out
        of another call.
        """
        if not self._named:
            self.operation = call
            self._named = True

    @property
    def retryable(self) -> bool:
        """Whether the same call may succeed later without any change here."""
        return self._retryable

    @property
    def session_usable(self) -> bool:
        """Whether the session that raised this may be used again as it is."""
        return self._session_usable

    @session_usable.setter
    def session_usable(self, usable: bool) -> None:
        self._session_usable = usable

    def __str__(self) -> str:
        text = f"{self.operation}: {self.message}" if self.operation else self.message
        return f"{text.rstrip('.')}. {self.hint}" if self.hint else text

    def __reduce__(self) -> tuple[Any, ...]:
        return _revive, (type(self), self.__dict__.copy())


# What POP3 and IMAP servers say of a state that passes (RFC 2449, 8.1; RFC 3206, 4; RFC 5530, 3).
_PASSING = frozenset({"IN-USE", "LOGIN-DELAY", "SYS/TEMP", "INUSE", "UNAVAILABLE"})


class Refused(CourrielError):
    """The server said no. The session is usable.

    ``code`` is the three-digit reply code (RFC 5321, 4.2), or None for a
    protocol without numbers; ``enhanced`` the enhanced status code such as
    ``"5.1.1"`` (RFC 3463), or None; ``condition`` the response code of POP3
    and IMAP such as ``"IN-USE"`` (RFC 2449, 8; RFC 5530), or None; ``text``
    the server's words; ``command`` the verb it answered.
    """

    def __init__(
        self,
        message: str = "",
        *,
        operation: str = "",
        hint: str = "",
        code: int | None = None,
        enhanced: str | None = None,
        text: str = "",
        command: str = "",
        condition: str | None = None,
    ) -> None:
        super().__init__(message, operation=operation, hint=hint)
        self.code = code
        self.enhanced = enhanced
        self.text = text
        self.command = command
        self.condition = condition

    @property
    def retryable(self) -> bool:
        """True for a transient refusal: a reply code of 4yz, or a condition that passes."""
        if self.code is not None:
            return 400 <= self.code <= 499
        return self.condition in _PASSING


class Unauthorised(Refused):
    """The server refused the credentials."""


class SendRefused(Refused):
    """The server refused the message, or every one of its recipients.

    ``refused`` maps each recipient to its ``Refusal``; ``message_id`` is the
    message's own; ``reply`` is the server's last answer about the message,
    None when it was not asked. No recipient will get the message.
    """

    def __init__(
        self,
        message: str = "",
        *,
        operation: str = "",
        hint: str = "",
        code: int | None = None,
        enhanced: str | None = None,
        text: str = "",
        command: str = "",
        refused: Mapping[str, Any] | None = None,
        message_id: str | None = None,
        reply: Any = None,
    ) -> None:
        super().__init__(
            message,
            operation=operation,
            hint=hint,
            code=code,
            enhanced=enhanced,
            text=text,
            command=command,
        )
        self.accepted: tuple[str, ...] = ()
        self.refused = dict(refused or {})
        self.message_id = message_id
        self.reply = reply

    @property
    def retryable(self) -> bool:
        """True when at least one recipient was refused for the time being (4yz)."""
        if not self.refused:
            return super().retryable
        return any(refusal.retryable for refusal in self.refused.values())


class Broken(CourrielError):
    """Network or protocol failure. The session is finished; open a new one."""

    _retryable = True
    _session_usable = False


class Disconnected(Broken):
    """The connection could not be made, or ended."""


class TimedOut(Broken, TimeoutError):
    """No complete answer came in time. Also a ``TimeoutError``.

    ``session_usable`` is True when only the operation's own ``total`` ran out
    while the conversation stayed in step.
    """

    def __init__(
        self,
        message: str = "",
        *,
        operation: str = "",
        hint: str = "",
        session_usable: bool = False,
    ) -> None:
        super().__init__(message, operation=operation, hint=hint)
        self._session_usable = session_usable


class Garbled(Broken):
    """The server's answer does not follow the protocol.

    ``position`` is the offset in octets where reading stopped, ``expected``
    what the grammar wanted there, ``excerpt`` what came instead.
    """

    _retryable = False

    def __init__(
        self,
        message: str = "",
        *,
        operation: str = "",
        hint: str = "",
        position: int = 0,
        expected: str = "",
        excerpt: str = "",
    ) -> None:
        super().__init__(message, operation=operation, hint=hint)
        self.position = position
        self.expected = expected
        self.excerpt = excerpt

    def __str__(self) -> str:
        text = super().__str__()
        if not self.expected:
            return text
        return f"{text} (expected {self.expected} at octet {self.position}, got {self.excerpt!r})"


class InsecureConnection(Broken):
    """Carrying on would have exposed a secret or trusted an attacker."""

    _retryable = False


class Uncertain(CourrielError):
    """The message was handed over, but the answer never came.

    It may have been sent: sending it again may deliver it twice (RFC 1047).
    ``message_id`` helps to look for it.

    ``refused`` maps those who will not get it for certain to their
    ``Refusal``; ``accepted`` are those for whom an LMTP server took it before
    it fell silent; ``unknown`` are the others, whose fate is open.
    ``session_usable`` is True when only the caller's ``total`` ran out while
    the conversation stayed in step.
    """

    def __init__(
        self,
        message: str = "",
        *,
        operation: str = "",
        hint: str = "",
        message_id: str | None = None,
        session_usable: bool = False,
        accepted: tuple[str, ...] = (),
        refused: Mapping[str, Any] | None = None,
        unknown: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, operation=operation, hint=hint)
        self.message_id = message_id
        self.accepted = accepted
        self.refused = dict(refused or {})
        self.unknown = unknown
        self._session_usable = session_usable


class Misused(CourrielError, ValueError, RuntimeError):
    """The call was wrong: the session's state, or an argument."""


class NotSupported(CourrielError):
    """The server does not offer ``capability``, which this call needs."""

    def __init__(
        self,
        message: str = "",
        *,
        capability: str = "",
        operation: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(
            message or f"the server does not offer {capability}", operation=operation, hint=hint
        )
        self.capability = capability
