"""Provide the WLanguage email family: sessions by name, one Email structure per thread.

A thin façade over courriel for programs that come from PC SOFT's WLanguage (WINDEV, WEBDEV), with
its names, English and French, and its ways: functions answer True or False, ErrorOccurred and
ErrorInfo tell why, wrong use raises WLanguageError. What is there and what was decided is in
``docs/wlanguage.md``::

    from courriel.wlanguage import *

    if EmailStartSMTPSession("ada", "secret", "smtp.example.org", 587, False,
                             emailOptionSecuredTLS):
        EmailReset()
        Email.SenderAddress = "ada@example.org"
        Email.Recipient[1] = "bob@example.org"
        Email.Subject = "Lunch"
        Email.Message = "At noon?"
        if not EmailSendMessage("ada"):
            print(ErrorInfo(errMessage))
        EmailCloseSession("ada")

New programs are better served by ``courriel`` itself. Only re-exports live here.
"""

from __future__ import annotations

from courriel.wlanguage.closing import (
    EmailCloseSession,
)
from courriel.wlanguage.constants import (
    ErrorSelector,
    OptionSSL,
    SendingOption,
    SessionOption,
    Transmission,
    emailAsynchrone,
    emailAsynchronous,
    emailCompanyConfidential,
    emailConfidentiel,
    emailHighPriority,
    emailLowPriority,
    emailNormal,
    emailNormalPriority,
    emailOptionDefault,
    emailOptionDéfaut,
    emailOptionEncodeEntête,
    emailOptionEncodeHeader,
    emailOptionMessageID,
    emailOptionReference,
    emailOptionRéférence,
    emailOptionSecuredTLS,
    emailOptionSécuriséTLS,
    emailPersonal,
    emailPersonnel,
    emailPrioritéBasse,
    emailPrioritéHaute,
    emailPrioritéNormale,
    emailPrivate,
    emailPrivé,
    emailProtocolSMTPS,
    emailSynchrone,
    emailSynchronous,
    errCode,
    errCodeSystème,
    errComplet,
    errFullDetails,
    errInfo,
    errInfoDebug,
    errMessage,
    errMessageSystème,
    errRésumé,
    errSummary,
    errSystemCode,
    errSystemMessage,
    optionSSL,
)
from courriel.wlanguage.faults import (
    WLanguageError,
)
from courriel.wlanguage.french import (
    EmailChangeTimeOut,
    EmailConstruitSource,
    EmailEnvoieMessage,
    EmailFermeSession,
    EmailLitTimeOut,
    EmailOuvreSession,
    EmailOuvreSessionSMTP,
    EmailRAZ,
    EmailRaz,
    ErreurDétectée,
    ErreurInfo,
)
from courriel.wlanguage.opening import (
    EmailStartSession,
    EmailStartSMTPSession,
)
from courriel.wlanguage.outcome import (
    ErrorInfo,
    ErrorOccurred,
)
from courriel.wlanguage.reading import (
    EmailNbMessage,
)
from courriel.wlanguage.sending import (
    EmailBuildSource,
    EmailReset,
    EmailSendMessage,
)
from courriel.wlanguage.session import (
    emailSessionSMTP,
    emailSMTPSession,
)
from courriel.wlanguage.state import (
    Email,
    set_tls_context,
)
from courriel.wlanguage.structure import (
    EmailStructure,
)
from courriel.wlanguage.timeouts import (
    EmailGetTimeOut,
    EmailSetTimeOut,
)

__all__ = [
    "Email",
    "EmailBuildSource",
    "EmailChangeTimeOut",
    "EmailCloseSession",
    "EmailConstruitSource",
    "EmailEnvoieMessage",
    "EmailFermeSession",
    "EmailGetTimeOut",
    "EmailLitTimeOut",
    "EmailNbMessage",
    "EmailOuvreSession",
    "EmailOuvreSessionSMTP",
    "EmailRAZ",
    "EmailRaz",
    "EmailReset",
    "EmailSendMessage",
    "EmailSetTimeOut",
    "EmailStartSMTPSession",
    "EmailStartSession",
    "EmailStructure",
    "ErreurDétectée",
    "ErreurInfo",
    "ErrorInfo",
    "ErrorOccurred",
    "ErrorSelector",
    "OptionSSL",
    "SendingOption",
    "SessionOption",
    "Transmission",
    "WLanguageError",
    "emailAsynchrone",
    "emailAsynchronous",
    "emailCompanyConfidential",
    "emailConfidentiel",
    "emailHighPriority",
    "emailLowPriority",
    "emailNormal",
    "emailNormalPriority",
    "emailOptionDefault",
    "emailOptionDéfaut",
    "emailOptionEncodeEntête",
    "emailOptionEncodeHeader",
    "emailOptionMessageID",
    "emailOptionReference",
    "emailOptionRéférence",
    "emailOptionSecuredTLS",
    "emailOptionSécuriséTLS",
    "emailPersonal",
    "emailPersonnel",
    "emailPrioritéBasse",
    "emailPrioritéHaute",
    "emailPrioritéNormale",
    "emailPrivate",
    "emailPrivé",
    "emailProtocolSMTPS",
    "emailSMTPSession",
    "emailSessionSMTP",
    "emailSynchrone",
    "emailSynchronous",
    "errCode",
    "errCodeSystème",
    "errComplet",
    "errFullDetails",
    "errInfo",
    "errInfoDebug",
    "errMessage",
    "errMessageSystème",
    "errRésumé",
    "errSummary",
    "errSystemCode",
    "errSystemMessage",
    "optionSSL",
    "set_tls_context",
]
