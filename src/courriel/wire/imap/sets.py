"""Say which messages a command is about.

::

    sequence-set = (seq-number / seq-range) *("," sequence-set)         RFC 3501, 9
    seq-last-command = "$"                                              RFC 5182, 3

Besides sets of known numbers there are two that only the server can resolve: everything from a
number on, and what the last search saved. Whether numbers are UIDs or sequence numbers is the
command's affair.

Only these values and their comparison live here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from courriel.errors import Misused
from courriel.model.characters import excerpt
from courriel.model.uids import UidSet


@dataclass(frozen=True, slots=True)
class From:
    """Every message from ``first`` on: ``first:*``.

    When there is none so high, it names the last message all the same
    (RFC 3501, 9): an answer may be about a lower number.
    """

    first: int = 1

    def __post_init__(self) -> None:
        # It checks the number.
        UidSet.of((self.first,))


@dataclass(frozen=True, slots=True)
class Saved:
    """What the last search with ``SAVE`` found: ``$`` (RFC 5182)."""


EVERY = From(1)
"""All messages of the folder."""
SAVED = Saved()

NumberSet: TypeAlias = UidSet | From | Saved


def encoded_set(numbers: NumberSet) -> bytes:
    """Return the set as a command holds it; raises Misused for the empty set, which has no form."""
    match numbers:
        case UidSet():
            if numbers:
                return numbers.encode()
        case From(first):
            return b"%d:*" % first
        case Saved():
            return b"$"
    raise Misused(
        f"{excerpt(numbers)} names no message",
        operation="IMAP command",
        hint="Leave the command out when there is nothing to do.",
    )


def overlap(one: NumberSet, other: NumberSet) -> bool:
    """Return whether two sets of the same kind may name a message in common.

    Nobody here knows what ``$`` holds, nor which is the last message that
    ``n:*`` always names; they overlap with everything.
    """
    if not isinstance(one, UidSet) or not isinstance(other, UidSet):
        return True
    ours, theirs = one.ranges, other.ranges
    here = there = 0
    while here < len(ours) and there < len(theirs):
        if ours[here][1] < theirs[there][0]:
            here += 1
        elif theirs[there][1] < ours[here][0]:
            there += 1
        else:
            return True
    return False
