"""EmailCloseSession: closing one session, or all of a name.

Only this function lives here.
"""

from __future__ import annotations

from courriel.wlanguage.faults import WLanguageError
from courriel.wlanguage.session import emailSMTPSession
from courriel.wlanguage.state import process

__all__ = ["EmailCloseSession"]


def EmailCloseSession(session: str | emailSMTPSession) -> None:
    """Close a session, or every session of a name (French: EmailFermeSession).

    A name closes each SMTP, POP3 and IMAP session that was opened under it, the sessions of
    variables with that Name included; a variable closes its own session only. Sessions left open
    are closed when the program ends. There is no result, and a session that is broken, or whose
    server never answers, closes without an error.

    Ours, where the vendor's page is silent: an unknown name, or a variable that is not open, is
    harmless; ErrorOccurred and ErrorInfo stay as they were.

    Raises WLanguageError for anything but a name or a variable: the vendor's numbers for Windows
    mail profiles do not exist here.
    """
    if isinstance(session, emailSMTPSession):
        session.CloseSession()
    elif isinstance(session, str):
        process.close(session)
    else:
        raise WLanguageError(
            f"expects a name or an emailSMTPSession variable, not {type(session).__name__}",
            operation="EmailCloseSession",
        )
