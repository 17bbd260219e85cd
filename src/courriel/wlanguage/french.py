"""The French names of the functions: the same functions, under the names French programs call.

Constants and members have theirs in ``constants``, ``structure`` and ``session``.
"""

from __future__ import annotations

from courriel.wlanguage.closing import EmailCloseSession
from courriel.wlanguage.opening import EmailStartSession, EmailStartSMTPSession
from courriel.wlanguage.outcome import ErrorInfo, ErrorOccurred
from courriel.wlanguage.sending import EmailBuildSource, EmailReset, EmailSendMessage
from courriel.wlanguage.timeouts import EmailGetTimeOut, EmailSetTimeOut

__all__ = [
    "EmailChangeTimeOut",
    "EmailConstruitSource",
    "EmailEnvoieMessage",
    "EmailFermeSession",
    "EmailLitTimeOut",
    "EmailOuvreSession",
    "EmailOuvreSessionSMTP",
    "EmailRAZ",
    "EmailRaz",
    "ErreurDétectée",
    "ErreurInfo",
]

EmailOuvreSession = EmailStartSession
EmailOuvreSessionSMTP = EmailStartSMTPSession
EmailEnvoieMessage = EmailSendMessage
EmailConstruitSource = EmailBuildSource
EmailFermeSession = EmailCloseSession
EmailChangeTimeOut = EmailSetTimeOut
EmailLitTimeOut = EmailGetTimeOut
EmailRAZ = EmailReset
EmailRaz = EmailReset
ErreurInfo = ErrorInfo
ErreurDétectée = ErrorOccurred
