"""Take a word for a member of an enumeration.

Only how such a word is read, and how the error shows what may be said instead, lives here.
"""

from __future__ import annotations

from enum import Enum
from typing import TypeVar

from courriel.errors import Misused
from courriel.model.characters import excerpt

E = TypeVar("E", bound=Enum)


def choice(kind: type[E], value: object, *, what: str, operation: str) -> E:
    """Return a member of ``kind``, from itself or from its word; ``what`` names it in the error.

    Raises Misused for anything else.
    """
    try:
        return kind(value)
    except ValueError as error:
        words = ", ".join(repr(member.value) for member in kind)
        raise Misused(
            f"{what} cannot be {excerpt(value)}",
            operation=operation,
            hint=f"Use one of {words}.",
        ) from error
