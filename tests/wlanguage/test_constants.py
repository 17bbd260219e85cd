"""Hold the constants to being symbols: right pairs, no numbers."""

from __future__ import annotations

import pytest

from courriel import wlanguage
from courriel.wlanguage.constants import SendingOption

PAIRS = [
    ("emailSynchronous", "emailSynchrone"),
    ("emailAsynchronous", "emailAsynchrone"),
    ("emailOptionDefault", "emailOptionDéfaut"),
    ("emailOptionSecuredTLS", "emailOptionSécuriséTLS"),
    ("optionSSL", "OptionSSL"),
    ("emailOptionEncodeHeader", "emailOptionEncodeEntête"),
    ("emailOptionReference", "emailOptionRéférence"),
    ("emailLowPriority", "emailPrioritéBasse"),
    ("emailNormalPriority", "emailPrioritéNormale"),
    ("emailHighPriority", "emailPrioritéHaute"),
    ("emailPersonal", "emailPersonnel"),
    ("emailPrivate", "emailPrivé"),
    ("emailCompanyConfidential", "emailConfidentiel"),
    ("errFullDetails", "errComplet"),
    ("errSummary", "errRésumé"),
    ("errSystemCode", "errCodeSystème"),
    ("errSystemMessage", "errMessageSystème"),
    ("EmailStartSession", "EmailOuvreSession"),
    ("EmailStartSMTPSession", "EmailOuvreSessionSMTP"),
    ("EmailSendMessage", "EmailEnvoieMessage"),
    ("EmailBuildSource", "EmailConstruitSource"),
    ("EmailCloseSession", "EmailFermeSession"),
    ("EmailSetTimeOut", "EmailChangeTimeOut"),
    ("EmailGetTimeOut", "EmailLitTimeOut"),
    ("EmailReset", "EmailRAZ"),
    ("ErrorInfo", "ErreurInfo"),
    ("ErrorOccurred", "ErreurDétectée"),
    ("emailSMTPSession", "emailSessionSMTP"),
]


@pytest.mark.parametrize(("english", "french"), PAIRS)
def test_the_french_name_is_the_same_thing(english: str, french: str) -> None:
    assert getattr(wlanguage, english) is getattr(wlanguage, french)


def test_every_public_name_is_there() -> None:
    assert [] == [name for name in wlanguage.__all__ if not hasattr(wlanguage, name)]


def test_the_modes_read_as_the_booleans_they_stand_for() -> None:
    assert not wlanguage.emailSynchronous
    assert wlanguage.emailAsynchronous


@pytest.mark.parametrize("number", range(-1, 10))
def test_no_constant_is_a_number(number: int) -> None:
    names = [name for name in wlanguage.__all__ if name.startswith(("email", "err", "option"))]
    assert [] == [name for name in names if getattr(wlanguage, name) == number]


def test_sending_options_combine_as_there_and_as_here() -> None:
    both = wlanguage.emailOptionEncodeHeader + wlanguage.emailOptionMessageID
    assert wlanguage.emailOptionEncodeHeader | wlanguage.emailOptionMessageID == both
    assert SendingOption.MESSAGE_ID in both
    assert SendingOption.REFERENCE not in both
