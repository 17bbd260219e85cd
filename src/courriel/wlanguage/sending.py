"""EmailSendMessage, and the two functions that prepare for it: EmailReset and EmailBuildSource.

Only these three functions live here.
"""

from __future__ import annotations

from courriel.wlanguage.compose import composed
from courriel.wlanguage.constants import SendingOption
from courriel.wlanguage.conversation import Sendable, check_options, sent
from courriel.wlanguage.faults import WLanguageError
from courriel.wlanguage.outcome import reported
from courriel.wlanguage.session import emailSMTPSession
from courriel.wlanguage.state import Email, process
from courriel.wlanguage.structure import EmailStructure

__all__ = ["EmailBuildSource", "EmailReset", "EmailSendMessage"]


def EmailSendMessage(
    session: str | emailSMTPSession,
    email: Sendable = Email,
    options: SendingOption = SendingOption.NONE,
) -> bool:
    """Send a message; return whether the server took it.

    French: EmailEnvoieMessage; prefix form ``session.SendMessage(...)``. ``session`` is the name
    given to EmailStartSMTPSession, or a variable; ``email`` another Email structure than the
    thread's own (ours also takes what ``SMTPSession.send`` takes). ``options``:
    emailOptionEncodeHeader, emailOptionMessageID, emailOptionReference. False: ErrorOccurred is
    true, ErrorInfo(errMessage) and Email.Error have the text. True says nothing about delivery.
    Email.MailIdentifier is set to a number of its own.

    Ours, where the vendor's page is silent:

    * Some recipients refused: True, and ErrorInfo(errMessage) and Email.Error name them. All
      refused: False.
    * The message is sent at once; the vendor speaks of the moment of disconnection.
    * Headers are always encoded; the original does so only with emailOptionEncodeHeader.
    * A blank sender, recipient or counted element, or a missing attachment: False.

    Raises WLanguageError for a name or variable without an open SMTP session.
    """
    if isinstance(session, emailSMTPSession):
        return session.SendMessage(email, options)
    if not isinstance(session, str):
        raise WLanguageError(
            f"expects a name or an emailSMTPSession variable, not {type(session).__name__}",
            operation="EmailSendMessage",
        )
    smtp = process.smtp(session, "EmailSendMessage")
    target = email if isinstance(email, EmailStructure) else Email
    return reported(lambda: sent(smtp, email, options), target)


def EmailReset() -> None:
    """Give all members of the thread's Email structure their defaults (French: EmailRAZ).

    Without it a message keeps what the one before it left in the structure.
    """
    Email.reset()


def EmailBuildSource(
    email: EmailStructure = Email, options: SendingOption = SendingOption.NONE
) -> bool:
    """Write the complete MIME text into Email.Source; return whether it worked.

    French: EmailConstruitSource. ``options`` are those of EmailSendMessage. False: ErrorOccurred
    is true and ErrorInfo(errMessage) has the text.

    Ours: the text is the one that would be sent, so Bcc is not in it; octets that are not UTF-8
    appear as ``surrogateescape`` writes them. emailOptionHeaderBcc does not exist yet.

    Raises WLanguageError for anything but an Email structure and options of sending.
    """
    given: object = email
    if not isinstance(given, EmailStructure):
        raise WLanguageError(
            f"expects an Email structure, not {type(given).__name__}", operation="EmailBuildSource"
        )
    check_options(options, "EmailBuildSource")

    def build() -> str:
        source = composed(email, options).source
        email.Source = source.decode("utf-8", "surrogateescape")
        return ""

    return reported(build, email)
