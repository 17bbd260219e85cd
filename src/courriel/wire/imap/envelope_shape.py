"""Say which strings of an ENVELOPE are what, by its shape.

::

    (" " ((" NIL " ")) ((" NIL " ")) ((" NIL " ")) ((NIL NIL " ")(" NIL " ")) NIL NIL NIL ")

A quotation mark stands for a whole string (``shapes``). Only the plan lives here; ``envelope``
makes a value of what it names.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from courriel.wire.imap.shapes import NIL, REMEMBERED, place

People: TypeAlias = "tuple[tuple[int, int, int], ...]"
"""The places of name, mailbox and host of each address of a list."""

_STRING = rb'(NIL|")'
_SKIPPED = rb'(?:NIL|")'
_ADDRESS = rb"\(" + rb" ".join([_STRING, _SKIPPED, _STRING, _STRING]) + rb"\) ?"
_LIST = rb"(NIL|\((?>(?:\(" + rb" ".join([_SKIPPED] * 4) + rb"\) ?)+)\))"
_ENVELOPE = re.compile(
    rb"\(" + rb" ".join([_STRING, _STRING, *[_LIST] * 6, _STRING, _STRING]) + rb"\)"
)
_ONE = re.compile(_ADDRESS)


class EnvelopePlan(NamedTuple):
    """Where the strings of an ENVELOPE are.

    ``addresses``: how many there are in all. ``whole``: whether each has a mailbox and a host.
    """

    date: int
    subject: int
    lists: tuple[People, ...]
    in_reply_to: int
    message_id: int
    addresses: int
    whole: bool


@lru_cache(REMEMBERED)
def envelope_plan(shape: bytes) -> EnvelopePlan | None:
    """Return the plan of a shape, None when it is not that of the grammar."""
    found = _ENVELOPE.fullmatch(shape)
    if found is None:
        return None
    lists = tuple(
        tuple(
            (
                place(shape, one.start(1)),
                place(shape, one.start(2)),
                place(shape, one.start(3)),
            )
            for one in _ONE.finditer(shape, *found.span(group))
        )
        for group in range(3, 9)
    )
    date, subject, reply, identifier = (place(shape, found.start(n)) for n in (1, 2, 9, 10))
    people = [one for places in lists for one in places]
    whole = all(NIL not in one[1:] for one in people)
    return EnvelopePlan(date, subject, lists, reply, identifier, len(people), whole)
