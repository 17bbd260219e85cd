"""The constants of the family that sending uses, as symbols.

Nearly all of the vendor's numeric values are unpublished, so no number is accepted or given: each
constant is a member of an enumeration. ``False`` and ``True`` stand for emailSynchronous and
emailAsynchronous, as they do in WLanguage.

English and French names stand side by side. Nothing in this file does anything.
"""

from __future__ import annotations

from enum import Enum, Flag
from typing import Final

from courriel.model.options import Security
from courriel.model.priority import Priority, Sensitivity

__all__ = [
    "ErrorSelector",
    "OptionSSL",
    "SendingOption",
    "SessionOption",
    "Transmission",
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
]


class Transmission(Enum):
    """Whether a sending function waits for the server."""

    SYNCHRONOUS = False
    ASYNCHRONOUS = True

    def __bool__(self) -> bool:
        return self is Transmission.ASYNCHRONOUS


class SessionOption(Enum):
    """How a session is protected; the value is what courriel calls it."""

    DEFAULT = Security.PLAINTEXT
    SECURED_TLS = Security.STARTTLS
    SSL = Security.TLS

    @property
    def security(self) -> Security:
        """What courriel calls it."""
        return self.value


class SendingOption(Flag):
    """What EmailSendMessage may be told besides; combined with ``|`` or, as there, with ``+``."""

    NONE = 0
    ENCODE_HEADER = 1
    MESSAGE_ID = 2
    REFERENCE = 4

    def __add__(self, other: SendingOption) -> SendingOption:
        return self | other


class ErrorSelector(Enum):
    """What ErrorInfo is asked for."""

    MESSAGE = "message"
    SUMMARY = "summary"
    CODE = "code"
    INFO = "info"
    FULL_DETAILS = "full"
    SYSTEM_CODE = "system_code"
    SYSTEM_MESSAGE = "system_message"
    DEBUG = "debug"


emailSynchronous: Final = Transmission.SYNCHRONOUS
"""Sending waits until the server has taken the message. The default."""
emailAsynchronous: Final = Transmission.ASYNCHRONOUS
"""Sending goes through a queue; refused until courriel's outbox exists."""

emailOptionDefault: Final = SessionOption.DEFAULT
"""No encryption: everything, the password too, goes in clear."""
emailOptionSecuredTLS: Final = SessionOption.SECURED_TLS
"""Starts clear, then TLS is required (STARTTLS, RFC 3207)."""
emailProtocolSMTPS: Final = SessionOption.SECURED_TLS
"""The newer name of the same: the vendor's page says that it is STARTTLS."""
optionSSL: Final = SessionOption.SSL
"""TLS from the first octet (RFC 8314, 3.3), commonly on port 465."""
OptionSSL: Final = SessionOption.SSL
"""The other spelling of optionSSL."""

emailOptionEncodeHeader: Final = SendingOption.ENCODE_HEADER
"""Encode headers that are not ASCII. We always do; accepted and without effect."""
emailOptionMessageID: Final = SendingOption.MESSAGE_ID
"""Use Email.MessageID as the Message-ID, where one is given."""
emailOptionReference: Final = SendingOption.REFERENCE
"""Write References and In-Reply-To from Email.Reference, where it is given."""

emailLowPriority: Final = Priority.LOW
emailNormalPriority: Final = Priority.NORMAL
emailHighPriority: Final = Priority.HIGH

emailNormal: Final = Sensitivity.NORMAL
emailPersonal: Final = Sensitivity.PERSONAL
emailPrivate: Final = Sensitivity.PRIVATE
emailCompanyConfidential: Final = Sensitivity.CONFIDENTIAL

errMessage: Final = ErrorSelector.MESSAGE
"""The text. What ErrorInfo answers when it is not told."""
errSummary: Final = ErrorSelector.SUMMARY
"""The text without the operation and without advice."""
errCode: Final = ErrorSelector.CODE
"""The server's reply code, or 0."""
errInfo: Final = ErrorSelector.INFO
"""The server's own words, or blank."""
errFullDetails: Final = ErrorSelector.FULL_DETAILS
"""Everything known, several lines."""
errSystemCode: Final = ErrorSelector.SYSTEM_CODE
"""The operating system's error number, or 0."""
errSystemMessage: Final = ErrorSelector.SYSTEM_MESSAGE
"""The operating system's words, or blank."""
errInfoDebug: Final = ErrorSelector.DEBUG
"""The class of the courriel error and the operation that failed."""

emailSynchrone: Final = emailSynchronous
emailAsynchrone: Final = emailAsynchronous
emailOptionDéfaut: Final = emailOptionDefault
emailOptionSécuriséTLS: Final = emailOptionSecuredTLS
emailOptionEncodeEntête: Final = emailOptionEncodeHeader
emailOptionRéférence: Final = emailOptionReference
emailPrioritéBasse: Final = emailLowPriority
emailPrioritéNormale: Final = emailNormalPriority
emailPrioritéHaute: Final = emailHighPriority
emailPersonnel: Final = emailPersonal
emailPrivé: Final = emailPrivate
emailConfidentiel: Final = emailCompanyConfidential
errRésumé: Final = errSummary
errComplet: Final = errFullDetails
errCodeSystème: Final = errSystemCode
errMessageSystème: Final = errSystemMessage
