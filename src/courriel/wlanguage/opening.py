"""EmailStartSMTPSession and EmailStartSession: opening a session under a name, or a variable's.

Only these two functions live here.
"""

from __future__ import annotations

from typing import overload

from courriel.model.secret import Secret
from courriel.sessions.smtp import SMTPSession
from courriel.wlanguage.arguments import SmtpArguments, arguments
from courriel.wlanguage.constants import SessionOption, Transmission
from courriel.wlanguage.conversation import opened
from courriel.wlanguage.faults import WLanguageError
from courriel.wlanguage.outcome import reported
from courriel.wlanguage.session import emailSMTPSession
from courriel.wlanguage.state import process

__all__ = ["EmailStartSMTPSession", "EmailStartSession"]


@overload
def EmailStartSMTPSession(
    user: str,
    server: str,
    port: int = ...,
    asynchronous: bool | Transmission = ...,
    option: SessionOption = ...,
    *,
    password: str | Secret | None = ...,
) -> bool: ...
@overload
def EmailStartSMTPSession(
    user: str,
    password: str | Secret | None,
    server: str,
    port: int = ...,
    asynchronous: bool | Transmission = ...,
    option: SessionOption = ...,
) -> bool: ...
def EmailStartSMTPSession(*positional: object, **named: object) -> bool:
    """Open a session that sends over SMTP; return whether it worked.

    French: EmailOuvreSessionSMTP.

    ``EmailStartSMTPSession(user [, password], server [, port=25 [, asynchronous=False [,
    option=emailOptionDefault]]])``: two texts are user and server, three are user, password and
    server. ``user`` names the session in the functions that follow and is the login name.
    ``option`` is emailOptionDefault (no encryption), emailOptionSecuredTLS (STARTTLS, required)
    or optionSSL (TLS from the first octet). The timeout is that of EmailSetTimeOut before this
    call. False: ErrorOccurred is true and ErrorInfo(errMessage) has the text.

    Authentication is tried only with a password. A server that offers a mechanism we know and
    refuses: False. A server that offers none: the session opens without authentication; the
    original connects a second time for this, ours goes on with the connection it has. The
    original knows LOGIN and PLAIN, ours those that SMTPSession knows.

    Reading through the name is a WLanguageError until a session that reads is opened under it;
    both may exist at once. Ours, where the vendor's page is silent:

    * A missing, blank or None password means no authentication.
    * A session of the same kind that is open under the name is closed first.
    * ``asynchronous`` True is accepted and fails: False, and ErrorInfo says that the queue is
      still to come.
    * Without encryption the password goes in clear to any host, as in the original.
    * The port is 25 whatever the option, as its syntax says: give 587 or 465 with the others.

    Raises WLanguageError for arguments of the wrong type or shape and for a blank server.
    """
    return reported(lambda: _start(arguments(positional, named)))


def EmailStartSession(session: emailSMTPSession, *strings: object) -> bool:
    """Open the session that a variable describes; return whether it worked.

    French: EmailOuvreSession; prefix form ``session.StartSession()``. False: ErrorOccurred is
    true and ErrorInfo(errMessage) has the text. A variable that is open is closed first (ours).

    The vendor's older syntaxes open POP3 with SMTP, or a Windows mail profile, from texts. They
    raise WLanguageError: POP3 sessions are still to come, profiles exist on Windows only.
    """
    given: object = session
    if isinstance(given, emailSMTPSession) and not strings:
        return given.StartSession()
    if isinstance(given, str):
        raise WLanguageError(
            "opening from texts needs POP3 sessions, which do not exist yet",
            operation="EmailStartSession",
            hint="To send, use EmailStartSMTPSession or an emailSMTPSession variable.",
        )
    raise WLanguageError(
        f"expects one emailSMTPSession variable, not {type(given).__name__}",
        operation="EmailStartSession",
    )


def _start(arguments: SmtpArguments) -> str:
    process.drop(arguments.user, SMTPSession)
    process.add(opened(arguments))
    return ""
