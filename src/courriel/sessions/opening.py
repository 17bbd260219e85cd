"""From a URL to the session that fits it; only that kind's room is entered."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

from courriel.model.secret import discreet
from courriel.sessions.profile import read_url

if TYPE_CHECKING:
    from courriel.sessions.imap import IMAPSession
    from courriel.sessions.pop3 import POP3Session
    from courriel.sessions.smtp import LMTPSession, SMTPSession

    AnySession: TypeAlias = SMTPSession | LMTPSession | POP3Session | IMAPSession

_KINDS = {
    "smtp": ("courriel.sessions.smtp", "SMTPSession"),
    "lmtp": ("courriel.sessions.smtp", "LMTPSession"),
    "pop3": ("courriel.sessions.pop3", "POP3Session"),
    "imap": ("courriel.sessions.imap", "IMAPSession"),
}


@discreet
def open_session(url: str, **overrides: Any) -> AnySession:
    """Return the session that a URL describes, not yet open.

    ``overrides`` are arguments of its constructor. Raises Misused for a URL
    that describes none; the error never shows the URL.
    """
    service, _ = read_url(url)
    room, name = _KINDS[service]
    session: AnySession = getattr(import_module(room), name).from_url(url, **overrides)
    return session
