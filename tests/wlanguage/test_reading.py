"""Hold reading to the name's reading session; sending alone does not let anybody read."""

from __future__ import annotations

import pytest

from courriel.sandbox import Server
from courriel.wlanguage import (
    EmailCloseSession,
    EmailNbMessage,
    EmailSendMessage,
    EmailStartSession,
    EmailStartSMTPSession,
    ErrorOccurred,
    WLanguageError,
    emailSMTPSession,
)
