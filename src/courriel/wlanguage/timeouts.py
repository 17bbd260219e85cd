"""EmailSetTimeOut and EmailGetTimeOut: how long a server may keep silent.

Only these two functions live here; the setting itself is in ``state``.
"""

from __future__ import annotations

import math
from datetime import timedelta

from courriel.wlanguage.state import process

__all__ = ["EmailGetTimeOut", "EmailSetTimeOut"]


def EmailSetTimeOut(timeout: float | timedelta) -> None:
    """Set how long a server may keep silent (French: EmailChangeTimeOut).

    ``timeout`` is in seconds, or a ``timedelta`` for WLanguage's Duration. It holds for the
    program, for the sessions opened after the call: it bounds the connection and each answer, not
    an operation as a whole. The original leaves name resolution out; ours counts it in.

    Raises WLanguageError for anything but a number above 0 (ours; the vendor says nothing).
    """
    process.seconds = timeout


def EmailGetTimeOut() -> int:
    """Return how long a server may keep silent, in seconds (French: EmailLitTimeOut).

    600 until EmailSetTimeOut is called. Never fails. A fraction is rounded up.
    """
    return math.ceil(process.seconds)
