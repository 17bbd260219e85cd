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
    from courriel.model.envelope import Envelope
    from courriel.model.events import Arrived, FlagsChanged, Resynchronise, Vanished
    from courriel.model.folder import Counters, Folder, Namespace, Namespaces, Quota
    from courriel.model.html_text import html_to_text
    from courriel.model.limits import Limits
    from courriel.model.options import Auth, Security, SessionState, Timeout
    from courriel.model.priority import Priority, Sensitivity
    from courriel.model.query import Query, where
    from courriel.model.receipt import Receipt, Refusal, Reply
    from courriel.model.report import DeliveryReport, DispositionReport, RecipientReport
    from courriel.model.secret import Secret
    from courriel.model.sendoptions import SendOptions
    from courriel.model.summary import Part, Summary
    from courriel.model.thread import Thread
    from courriel.sessions.imap import AsyncIMAPSession, IMAPSession
    from courriel.sessions.opening import open_session
    from courriel.sessions.pop3 import AsyncPOP3Session, POP3Session
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
    "Arrived",
    "AsyncIMAPSession",
    "AsyncLMTPSession",
    "AsyncPOP3Session",
    "AsyncRegistry",
    "AsyncSMTPSession",
    "Attachment",
    "Auth",
    "Broken",
    "Counters",
    "CourrielError",
    "DeliveryReport",
    "Disconnected",
    "DispositionReport",
    "Email",
    "Envelope",
    "FlagsChanged",
    "Folder",
    "Garbled",
    "IMAPSession",
    "InsecureConnection",
    "LMTPSession",
    "Limits",
    "Misused",
    "Namespace",
    "Namespaces",
    "NotSupported",
    "POP3Session",
    "Part",
    "Priority",
    "Query",
    "Quota",
    "Receipt",
    "RecipientReport",
    "Refusal",
    "Refused",
    "Registry",
    "Reply",
    "Resynchronise",
    "SMTPSession",
    "Secret",
    "Security",
    "SendOptions",
    "SendRefused",
    "Sensitivity",
    "SessionState",
    "Summary",
    "Thread",
    "TimedOut",
    "Timeout",
    "Unauthorised",
    "Uncertain",
    "Vanished",
    "html_to_text",
    "open_session",
    "where",
]

_ROOMS = {
    "courriel.errors": (
        "Broken CourrielError Disconnected Garbled InsecureConnection Misused NotSupported "
        "Refused SendRefused TimedOut Unauthorised Uncertain"
    ),
    "courriel.model.address": "Address",
    "courriel.model.attachment": "Attachment",
    "courriel.model.email": "Email",
    "courriel.model.envelope": "Envelope",
    "courriel.model.events": "Arrived FlagsChanged Resynchronise Vanished",
    "courriel.model.folder": "Counters Folder Namespace Namespaces Quota",
    "courriel.model.html_text": "html_to_text",
    "courriel.model.limits": "Limits",
    "courriel.model.options": "Auth Security SessionState Timeout",
    "courriel.model.priority": "Priority Sensitivity",
    "courriel.model.query": "Query where",
    "courriel.model.receipt": "Receipt Refusal Reply",
    "courriel.model.report": "DeliveryReport DispositionReport RecipientReport",
    "courriel.model.secret": "Secret",
    "courriel.model.sendoptions": "SendOptions",
    "courriel.model.summary": "Part Summary",
    "courriel.model.thread": "Thread",
    "courriel.sessions.imap": "AsyncIMAPSession IMAPSession",
    "courriel.sessions.opening": "open_session",
    "courriel.sessions.pop3": "AsyncPOP3Session POP3Session",
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
