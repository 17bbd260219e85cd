"""From a URL to the session that fits it."""

from __future__ import annotations

from typing import Any

from courriel.model.secret import discreet
from courriel.sessions.profile import read_url
from courriel.sessions.smtp import LMTPSession, SMTPSession

_KINDS: dict[str, type[SMTPSession | LMTPSession]] = {
    "smtp": SMTPSession,
    "lmtp": LMTPSession,
}


@discreet
def open_session(url: str, **overrides: Any) -> SMTPSession | LMTPSession:
    """Return the session that a URL describes, not yet open.

    ``overrides`` are arguments of its constructor. Raises Misused for a URL
    that describes none; the error never shows the URL.
    """
    service, _ = read_url(url)
    return _KINDS[service].from_url(url, **overrides)
