"""Understand sets of sequence numbers and of UIDs.

::

    sequence-set = (seq-number / seq-range) *("," (seq-number / seq-range))      RFC 3501, 9
    seq-number   = nz-number / "*"
    seq-range    = seq-number ":" seq-number

A set stays the ranges that it was written as, however large they are; only what is in the mailbox
is ever counted out.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from courriel.sandbox.imap.replies import bad

__all__ = ["SequenceSet"]

# RFC 3501, 9: nz-number has 32 bits.
_MOST = 2**32


@dataclass(frozen=True, slots=True)
class SequenceSet:
    """Ranges of numbers; None stands for ``*``, the largest there is."""

    ranges: tuple[tuple[int | None, int | None], ...]

    @classmethod
    def read(cls, text: bytes) -> SequenceSet:
        """Read a sequence-set; raises Misused for anything else."""
        ranges = []
        for item in text.split(b","):
            first, colon, last = item.partition(b":")
            ranges.append((_number(first), _number(last if colon else first)))
        return cls(tuple(ranges))

    @property
    def largest(self) -> int:
        """The largest number that is written out."""
        return max((number or 0 for pair in self.ranges for number in pair), default=0)

    def places(self, numbers: Sequence[int]) -> list[int]:
        """Return the places in ``numbers``, which ascend, of those that are in the set."""
        if not numbers:
            return []
        largest = numbers[-1]
        chosen: set[int] = set()
        for one, other in self.ranges:
            low = largest if one is None else one
            high = largest if other is None else other
            if low > high:
                low, high = high, low
            chosen.update(range(bisect_left(numbers, low), bisect_right(numbers, high)))
            if len(chosen) == len(numbers):
                break
        return sorted(chosen)


def _number(text: bytes) -> int | None:
    if text == b"*":
        return None
    if not text.isdigit() or text.startswith(b"0") or int(text[:11]) >= _MOST or len(text) > 10:
        raise bad("A sequence set has numbers from 1, ranges with a colon, and *")
    return int(text)
