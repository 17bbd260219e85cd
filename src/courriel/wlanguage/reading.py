"""Reading through a session name: who may, and the error for those who may not.

A name can hold an SMTP session and one that reads. Reading functions pick the latter; where there
is only an SMTP session they raise WLanguageError. Reading itself comes with the POP3 and IMAP
sessions; EmailNbMessage is here already, because that rule can only be seen through a function
that reads.

Only functions that read live here.
"""

from __future__ import annotations

from courriel.wlanguage.faults import WLanguageError
from courriel.wlanguage.session import emailSMTPSession
from courriel.wlanguage.state import process

__all__ = ["EmailNbMessage"]


def EmailNbMessage(session: str) -> int:
    """Return how many messages have arrived (same name in French).

    ``session`` is a name under which a session that reads is open. Raises WLanguageError where
    there is none: a name that has an SMTP session only can send, not read. Errors of the server
    are raised as they are (ours; the vendor does not say what a failure returns).
    """
    if isinstance(session, emailSMTPSession):
        raise WLanguageError(
            "this variable is an SMTP session, which can only send", operation="EmailNbMessage"
        )
    return process.reader(session, "EmailNbMessage").count()
