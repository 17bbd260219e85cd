"""Taking a caller's items one by one, and telling what their iterable raises from what it gives.

An exception that is given is an item like any other, such as ``asyncio.gather`` returns; one that
is raised ends the iteration, and is raised again when all that went before is accounted for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from courriel.faces import Flow
from courriel.flows.effects import End, Pull

T = TypeVar("T")


class Raised:
    """What the caller's iterator raised."""

    __slots__ = ("error",)

    def __init__(self, error: Exception) -> None:
        self.error = error


def pulled(iterator: Iterator[T]) -> Flow[T | End | Raised]:
    """Return the next item, or what the iterator raised."""
    try:
        return (yield from Pull(iterator))
    except Exception as error:  # noqa: BLE001 - It is raised again by who asked.
        return Raised(error)
