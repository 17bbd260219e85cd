"""The type ``emailSMTPSession``: an SMTP session as a variable.

A program declares one, fills its members and starts it with EmailStartSession or with the prefix
form. The variable is then the session, in the place of a name. It may be started again after it
was closed, with other values too.

Only the type lives here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from courriel.model.options import SessionState
from courriel.model.secret import Secret
from courriel.sessions.smtp import SMTPSession
from courriel.wlanguage.arguments import SmtpArguments
from courriel.wlanguage.constants import SendingOption, SessionOption, Transmission
from courriel.wlanguage.conversation import Sendable, opened, sent
from courriel.wlanguage.faults import WLanguageError
from courriel.wlanguage.members import Alias, Member, Structure
from courriel.wlanguage.outcome import reported
from courriel.wlanguage.state import Email, process
from courriel.wlanguage.structure import EmailStructure

__all__ = ["emailSMTPSession", "emailSessionSMTP"]

_USUAL_PORTS: Final = {
    SessionOption.DEFAULT: 25,
    SessionOption.SECURED_TLS: 587,
    SessionOption.SSL: 465,
}

_Bearer: TypeAlias = "str | Secret | Callable[[], str] | None"


class emailSMTPSession(Structure):
    """Describe an SMTP session, and be its handle once it is started.

    French: emailSessionSMTP. A member that does not exist and a value of the wrong type raise
    WLanguageError. Where it is closed by name (``EmailCloseSession(Name)``), the variable's
    session of that name is closed with the others.
    """

    ServerAddress = Member(str, "")
    """Name or IP address of the server."""
    Name = Member(str, "")
    """The user name, for authentication."""
    Option = Member(SessionOption, SessionOption.DEFAULT)
    """emailOptionDefault, emailOptionSecuredTLS (or emailProtocolSMTPS), optionSSL."""

    AdresseServeur = Alias[str]("ServerAddress")
    Nom = Alias[str]("Name")
    MotDePasse = Alias[Any]("Password")
    Asynchrone = Alias[Any]("Asynchronous")

    def __init__(self) -> None:
        self._password: Secret | None = None
        self._token: _Bearer = None
        self._port: int | None = None
        self._asynchronous: bool | Transmission = Transmission.SYNCHRONOUS
        self._session: SMTPSession | None = None

    @property
    def Password(self) -> Secret | None:
        """The password; None or blank: no authentication. Reading gives what does not show it."""
        return self._password

    @Password.setter
    def Password(self, password: str | Secret | None) -> None:
        if not isinstance(password, (str, Secret, type(None))):
            raise WLanguageError("Password must be a text", operation="emailSMTPSession")
        self._password = Secret(password) if password else None

    @property
    def AuthToken(self) -> _Bearer:
        """An OAuth 2 access token, or what returns one; takes the place of the password."""
        return self._token

    @AuthToken.setter
    def AuthToken(self, token: _Bearer) -> None:
        if not (token is None or isinstance(token, (str, Secret)) or callable(token)):
            raise WLanguageError(
                "AuthToken must be a text or a function", operation="emailSMTPSession"
            )
        self._token = Secret(token) if isinstance(token, str) and token else token or None

    @property
    def Port(self) -> int:
        """The port. The usual one of Option until it is set: 25, 587 for TLS, 465 for SSL."""
        return _USUAL_PORTS[self.Option] if self._port is None else self._port

    @Port.setter
    def Port(self, port: int) -> None:
        self._port = port

    @property
    def Asynchronous(self) -> bool | Transmission:
        """Whether sending is queued: emailSynchronous (or False), emailAsynchronous (or True)."""
        return self._asynchronous

    @Asynchronous.setter
    def Asynchronous(self, asynchronous: bool | Transmission) -> None:
        self._asynchronous = asynchronous

    def StartSession(self) -> bool:
        """Open the session; return whether it worked (French: OuvreSession).

        One that is open is closed first. See EmailStartSession.
        """
        return reported(self._start)

    def SendMessage(
        self, email: Sendable = Email, options: SendingOption = SendingOption.NONE
    ) -> bool:
        """Send a message through this session (French: EnvoieMessage). See EmailSendMessage."""
        session = self._open_session()
        target = email if isinstance(email, EmailStructure) else Email
        return reported(lambda: sent(session, email, options), target)

    def CloseSession(self) -> None:
        """Close the session (French: FermeSession). One that is not open stays so."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    OuvreSession = StartSession
    EnvoieMessage = SendMessage
    FermeSession = CloseSession

    def __repr__(self) -> str:
        state = "not open" if self._session is None else self._session.state.value
        return f"<emailSMTPSession {self.Name!r} at {self.ServerAddress}:{self.Port}, {state}>"

    def _start(self) -> str:
        arguments = SmtpArguments(
            server=self.ServerAddress,
            user=self.Name,
            password=self._password,
            token=self._token,
            port=self.Port,
            asynchronous=self._asynchronous,
            option=self.Option,
            operation="EmailStartSession",
        )
        self.CloseSession()
        session = opened(arguments)
        process.adopt(session)
        self._session = session
        return ""

    def _open_session(self) -> SMTPSession:
        session = self._session
        if session is None or session.state is SessionState.CLOSED:
            raise WLanguageError(
                "the session of this variable is not open",
                operation="EmailSendMessage",
                hint="Start it with EmailStartSession first.",
            )
        return session


emailSessionSMTP = emailSMTPSession
"""The French name of emailSMTPSession."""
