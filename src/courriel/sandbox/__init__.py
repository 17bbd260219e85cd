"""Try mail programs out: a mail server inside the process, for tests and demonstrations.

It is **not for production**: everything is held in memory and lost at the end, passwords are kept
as they are given, nothing is relayed, and its certificate authority dies with it. It binds to
loopback unless told otherwise. ::

    from courriel.sandbox import Server

    with Server(users={"ada": "secret"}) as server:
        ...  # any SMTP client: server.host, server.smtp_port, server.ssl_context
        (message,) = server.mailbox("ada").wait()

Names are looked up when they are first used, so that importing this package stays quick: the
pytest plugin lives in it and loads in every test run of whoever has courriel installed.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from courriel.sandbox.authority import Authority
    from courriel.sandbox.envelope import Recipient, SmtpEnvelope
    from courriel.sandbox.folders import Folders
    from courriel.sandbox.imap.policy import IMAP_CAPABILITIES
    from courriel.sandbox.mailbox import Mailbox
    from courriel.sandbox.pop3.policy import POP3_CAPABILITIES
    from courriel.sandbox.server import Server
    from courriel.sandbox.smtp.policy import CAPABILITIES, MECHANISMS
    from courriel.sandbox.stored import Entry, StoredMessage

__all__ = [
    "CAPABILITIES",
    "IMAP_CAPABILITIES",
    "MECHANISMS",
    "POP3_CAPABILITIES",
    "Authority",
    "Entry",
    "Folders",
    "Mailbox",
    "Recipient",
    "Server",
    "SmtpEnvelope",
    "StoredMessage",
]

_HOMES = {
    "Authority": "courriel.sandbox.authority",
    "CAPABILITIES": "courriel.sandbox.smtp.policy",
    "Entry": "courriel.sandbox.stored",
    "Folders": "courriel.sandbox.folders",
    "IMAP_CAPABILITIES": "courriel.sandbox.imap.policy",
    "MECHANISMS": "courriel.sandbox.smtp.policy",
    "POP3_CAPABILITIES": "courriel.sandbox.pop3.policy",
    "Mailbox": "courriel.sandbox.mailbox",
    "Recipient": "courriel.sandbox.envelope",
    "Server": "courriel.sandbox.server",
    "SmtpEnvelope": "courriel.sandbox.envelope",
    "StoredMessage": "courriel.sandbox.stored",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
