"""What the functions and the session variable have in common: opening an SMTP session, sending.

Only these two steps live here, as they are for a name and a variable alike. Errors pass through;
``outcome`` turns them into what WLanguage answers.
"""

from __future__ import annotations

from email.message import Message
from typing import TypeAlias

from courriel.errors import NotSupported
from courriel.model.email import Email as ModelEmail
from courriel.model.options import Auth
from courriel.model.receipt import Receipt
from courriel.sessions.smtp import SMTPSession
from courriel.wlanguage.arguments import SmtpArguments
from courriel.wlanguage.compose import composed
from courriel.wlanguage.constants import SendingOption
from courriel.wlanguage.faults import WLanguageError
from courriel.wlanguage.state import process
from courriel.wlanguage.structure import EmailStructure

__all__ = ["Sendable", "check_options", "opened", "sent"]

Sendable: TypeAlias = "EmailStructure | ModelEmail | Message | bytes | bytearray | memoryview"

_OWN = (ModelEmail, Message, bytes, bytearray, memoryview)
_OPERATION = "EmailSendMessage"


def opened(arguments: SmtpArguments) -> SMTPSession:
    """Open an SMTP session as WLanguage does and return it.

    With a password or token it signs in, if the server knows how: Auth.OPTIONAL. Without
    encryption a password goes in clear to any host, because the option says so by name.
    """
    if arguments.asynchronous:
        raise NotSupported(
            "asynchronous sending needs a queue, and courriel's outbox does not exist yet",
            capability="outbox",
            operation=arguments.operation,
            hint="Open the session with emailSynchronous.",
        )
    session = SMTPSession(
        arguments.server.strip(" "),
        port=arguments.port,
        user=arguments.user or None,
        password=arguments.secret,
        token=arguments.token,
        security=arguments.security,
        auth=Auth.OPTIONAL,
        timeout=process.timeout,
        tls=process.tls,
    )
    session.open()
    return session


def sent(session: SMTPSession, email: Sendable, options: SendingOption) -> str:
    """Send ``email`` and return a text about the recipients that were refused, blank for none."""
    check_options(options, _OPERATION)
    if isinstance(email, EmailStructure):
        receipt = session.send(composed(email, options))
        email.MailIdentifier = process.number()
        return _refusals(receipt)
    if isinstance(email, _OWN):
        return _refusals(session.send(email))
    raise WLanguageError(
        f"the message must be an Email, not {type(email).__name__}", operation=_OPERATION
    )


def check_options(options: object, operation: str) -> None:
    """Raise WLanguageError for anything but options of sending."""
    if not isinstance(options, SendingOption):
        raise WLanguageError(
            "the options must be constants emailOption… for sending", operation=operation
        )


def _refusals(receipt: Receipt) -> str:
    return "\n".join(
        f"{_OPERATION}: the server refused {recipient}: {refusal}"
        for recipient, refusal in receipt.refused.items()
    )
