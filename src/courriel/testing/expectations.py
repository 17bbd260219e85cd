"""Say what was expected and what came instead, without a test framework.

Failures are AssertionErrors, so that every runner counts them as such; ``assert`` itself would be
gone under ``python -O``, and pytest explains only what is written in test modules.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, TypeVar

from courriel.errors import CourrielError

E = TypeVar("E", bound=CourrielError)

__all__ = ["holds", "raises", "same"]


def same(expected: object, actual: object, what: str) -> None:
    """Raise AssertionError unless both are equal; ``what`` names them."""
    if expected != actual:
        raise AssertionError(f"{what}: expected {_shown(expected)}, got {_shown(actual)}")


def holds(condition: object, what: str) -> None:
    """Raise AssertionError unless the condition is true; ``what`` is how things should be."""
    if not condition:
        raise AssertionError(what)


async def raises(kind: type[E] | tuple[type[E], ...], call: Awaitable[Any], what: str) -> E:
    """Await a call that must raise such an error, and return it."""
    try:
        result = await call
    except kind as error:
        return error
    raise AssertionError(f"{what}: expected {kind}, got {_shown(result)}")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 500 else f"{text[:500]}… ({len(text)} characters)"
