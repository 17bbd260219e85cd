"""Say what happened in a folder while somebody watched it.

Sequence numbers never leave the library: every message is named by its id. When that cannot be
known any more, or too much happened at once, ``Resynchronise`` says so, and the caller lists the
folder again.

Only frozen values live here; a caller tells them apart with ``match``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Arrived", "Event", "FlagsChanged", "Resynchronise", "Vanished"]


@dataclass(frozen=True, slots=True)
class Arrived:
    """Messages came into ``folder``; ``ids`` ascending."""

    folder: str
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Vanished:
    """Messages left ``folder``: deleted for good, or moved."""

    folder: str
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FlagsChanged:
    """The flags of message ``id`` are now ``flags``."""

    folder: str
    id: int
    flags: frozenset[str]


@dataclass(frozen=True, slots=True)
class Resynchronise:
    """What is known of ``folder`` may be wrong: list it again. ``reason`` says why, in words."""

    folder: str
    reason: str


Event: TypeAlias = "Arrived | Vanished | FlagsChanged | Resynchronise"
"""What ``watch`` yields."""
