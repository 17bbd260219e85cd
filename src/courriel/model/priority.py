"""How urgent a message is and how discreetly to treat it.

Both are only wishes of the sender, carried in headers that mail programs show: ``X-Priority``,
``Importance`` and ``Priority`` (RFC 2156, 5.3), ``Sensitivity`` (RFC 2156, 5.3.5).

The two enumerations live here, with the words that headers use for them.
"""

from __future__ import annotations

from enum import Enum

__all__ = ["Priority", "Sensitivity"]


class Priority(str, Enum):
    """How urgent the sender finds the message."""

    HIGHEST = "highest"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"
    LOWEST = "lowest"


class Sensitivity(str, Enum):
    """How discreetly the sender wants the message to be treated."""

    NORMAL = "normal"
    PERSONAL = "personal"
    PRIVATE = "private"
    CONFIDENTIAL = "confidential"


X_PRIORITY = {
    Priority.HIGHEST: "1",
    Priority.HIGH: "2",
    Priority.NORMAL: "3",
    Priority.LOW: "4",
    Priority.LOWEST: "5",
}
IMPORTANCE = {
    Priority.HIGHEST: "high",
    Priority.HIGH: "high",
    Priority.NORMAL: "normal",
    Priority.LOW: "low",
    Priority.LOWEST: "low",
}
SENSITIVITY = {
    Sensitivity.NORMAL: "Normal",
    Sensitivity.PERSONAL: "Personal",
    Sensitivity.PRIVATE: "Private",
    Sensitivity.CONFIDENTIAL: "Company-Confidential",
}

_READ_PRIORITY = {
    **{number: priority for priority, number in X_PRIORITY.items()},
    "urgent": Priority.HIGH,
    "high": Priority.HIGH,
    "normal": Priority.NORMAL,
    "non-urgent": Priority.LOW,
    "low": Priority.LOW,
}
_READ_SENSITIVITY = {
    **{word.lower(): value for value, word in SENSITIVITY.items()},
    "confidential": Sensitivity.CONFIDENTIAL,
}


def priority_of(word: str) -> Priority | None:
    """Return the priority that a header's value names, or None; ``1 (Highest)`` is usual."""
    words = word[:64].lower().split()
    return _READ_PRIORITY.get(words[0]) if words else None


def sensitivity_of(word: str) -> Sensitivity | None:
    """Return the sensitivity that a header's value names, or None."""
    return _READ_SENSITIVITY.get(word[:64].strip().lower())
