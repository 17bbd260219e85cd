"""Taking what a caller gives as an iterable: ids, recipients, whatever is wanted as a whole.

A generator of the caller may take its time, and may ask the very session that it is given to:
``session.fetch_many(session.messages(unread=True))``. The steps of a flow are no place for that,
since nobody else can take one meanwhile. So an operation takes such things before its flow begins
(``settled``), which keeps the calls of a pipeline in their order, and a stream when it is iterated,
as an effect (``taken``). What an asyncio session is given may be asynchronous too.

Items that are taken one by one are the business of ``Pull`` alone.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Iterator
from typing import Any, TypeVar, cast

from courriel.faces import Flow
from courriel.flows.effects import Pull
from courriel.model.uids import UidSet

T = TypeVar("T")

# What holds its items, or is one: nothing of the caller's runs when it is looked at, even twice.
_HELD = (str, bytes, bytearray, int, tuple, list, set, frozenset, range, UidSet)


def settled(given: T) -> T:
    """Return what a caller has given so that it can be looked at twice: iterables as a list.

    What is asynchronous is for ``taken``, what is no iterable for whoever knows what it should be.
    """
    if given is None or isinstance(given, _HELD) or not isinstance(given, Iterable):
        return given
    return cast("T", list(given))


def taken(given: Any) -> Flow[Any]:
    """Return the same inside a flow; an asynchronous iterable becomes a list too."""
    if given is None or isinstance(given, _HELD):
        return given
    if isinstance(given, Iterable):
        return (yield from Pull(map(list, (given,))))
    if isinstance(given, AsyncIterable):
        return (yield from Pull(cast("Iterator[Any]", _Gathered(given))))
    return given


class _Gathered:
    """An asynchronous iterable as an iterator of one item, a list, for ``Pull``."""

    __slots__ = ("_items",)

    def __init__(self, items: AsyncIterable[Any]) -> None:
        self._items = items

    async def __anext__(self) -> list[Any]:
        return [item async for item in self._items]
