"""Email sessions for Python: open one, send and read mail through it, close it.

Every public name lives here, whatever room it comes from. A name's room is entered when the name
is first asked for, so that importing courriel stays quick (docs/decisions/0002).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from courriel.errors import (
        Broken,
        CourrielError,
        Disconnected,
        Garbled,
        InsecureConnection,
        Misused,
        NotSupported,
        Refused,
        SendRefused,
        TimedOut,
        Unauthorised,
        Uncertain,
    )
    from courriel.model.address import Address
    from courriel.model.attachment import Attachment
    from courriel.model.email import Email
    from courriel.model.html_text import html_to_text
    from courriel.model.limits import Limits
    from courriel.model.options import Auth, Security, SessionState, Timeout
    from courriel.model.priority import Priority, Sensitivity
    from courriel.model.receipt import Receipt, Refusal, Reply
    from courriel.model.secret import Secret
    from courriel.model.sendoptions import SendOptions
    from courriel.sessions.opening import open_session
    from courriel.sessions.registry import AsyncRegistry, Registry
    from courriel.sessions.smtp import (
        AsyncLMTPSession,
        AsyncSMTPSession,
        LMTPSession,
        SMTPSession,
    )

__version__ = "0.1.0"

__all__ = [
    "Address",
    "AsyncLMTPSession",
    "AsyncRegistry",
    "AsyncSMTPSession",
    "Attachment",
    "Auth",
    "Broken",
    "CourrielError",
    "Disconnected",
    "Email",
    "Garbled",
    "InsecureConnection",
    "LMTPSession",
    "Limits",
    "Misused",
    "NotSupported",
    "Priority",
    "Receipt",
    "Refusal",
    "Refused",
    "Registry",
    "Reply",
    "SMTPSession",
    "Secret",
    "Security",
    "SendOptions",
    "SendRefused",
    "Sensitivity",
    "SessionState",
    "TimedOut",
    "Timeout",
    "Unauthorised",
    "Uncertain",
    "html_to_text",
    "open_session",
]

_ROOMS = {
    "courriel.errors": (
        "Broken CourrielError Disconnected Garbled InsecureConnection Misused NotSupported "
        "Refused SendRefused TimedOut Unauthorised Uncertain"
    ),
    "courriel.model.address": "Address",
    "courriel.model.attachment": "Attachment",
    "courriel.model.email": "Email",
    "courriel.model.html_text": "html_to_text",
    "courriel.model.limits": "Limits",
    "courriel.model.options": "Auth Security SessionState Timeout",
    "courriel.model.priority": "Priority Sensitivity",
    "courriel.model.receipt": "Receipt Refusal Reply",
    "courriel.model.secret": "Secret",
    "courriel.model.sendoptions": "SendOptions",
    "courriel.sessions.opening": "open_session",
    "courriel.sessions.registry": "AsyncRegistry Registry",
    "courriel.sessions.smtp": "AsyncLMTPSession AsyncSMTPSession LMTPSession SMTPSession",
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    room = _ROOM_OF.get(name)
    if room is None:
        raise AttributeError(f"module 'courriel' has no attribute {name!r}")
    value = getattr(import_module(room), name)
    value.__module__ = "courriel"
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
