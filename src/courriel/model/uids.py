"""Hold a set of message numbers as the ranges it was written in, however many it names.

::

    sequence-set = (seq-number / seq-range) *("," sequence-set)      RFC 3501, 9
    seq-range    = seq-number ":" seq-number                         either end first
    nz-number    = digit-nz *DIGIT                                   0 < n < 4,294,967,296

A server can name four thousand million messages in twelve octets (security H05): a set stays
ranges, sorted and merged, from the wire to the caller. Only iteration gives single numbers, one
at a time. ``*`` names a different message every moment, so it is no member of a set.

Only the set and its text live here.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from courriel.errors import Misused
from courriel.model.characters import excerpt

__all__ = ["HIGHEST", "RANGES", "UidSet"]

HIGHEST = 4_294_967_295
"""The greatest nz-number (RFC 3501, 9)."""
RANGES = 1_000_000
"""Ranges of one set that are read: twice the scattered UIDs of the largest mailboxes known."""

_NUMBER = rb"0{0,9}[1-9][0-9]{0,9}"
_SET = re.compile(rb"%(n)s(?::%(n)s)?(?:,%(n)s(?::%(n)s)?)*+" % {b"n": _NUMBER})
_LONGEST_RANGE = 21
_OPERATION = "UidSet"

Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class UidSet:
    """A set of UIDs or message numbers, each from 1 to 2**32 - 1.

    ``ranges`` are pairs (first, last), both included, in any order when
    given, kept sorted and merged. ``len`` counts without expanding, ``in``
    searches by halves, iteration is lazy and ascending. ``str`` gives
    ``"1:5,9"``. Raises Misused for anything that is no such number.
    """

    ranges: Ranges = ()

    def __post_init__(self) -> None:
        if not _in_order(self.ranges):
            object.__setattr__(self, "ranges", _merged(self.ranges))

    @classmethod
    def of(cls, ids: Iterable[int]) -> UidSet:
        """Return the set of ``ids``: a UidSet itself, a ``range`` of step 1 without expanding it.

        Raises Misused for anything but whole numbers from 1 to 2**32 - 1.
        """
        if isinstance(ids, UidSet):
            return ids
        if isinstance(ids, range) and ids.step == 1:
            return cls(((ids[0], ids[-1]),)) if ids else cls()
        if isinstance(ids, (str, bytes)) or not isinstance(ids, Iterable):
            raise Misused(
                f"ids must be a list of numbers, not {type(ids).__name__}",
                operation=_OPERATION,
                hint="Write [5], even for one.",
            )
        numbers = list(ids)
        for number in numbers:
            _check(number)
        return cls(_runs(sorted(numbers)))

    @classmethod
    def parse(cls, text: bytes, *, most: int = RANGES) -> UidSet:
        """Return the set that a sequence-set without ``*`` names.

        Raises ValueError for anything else, for a number above 2**32 - 1, and
        for more than ``most`` ranges. Time is linear but for the sorting of
        what a server wrote out of order.
        """
        if _SET.fullmatch(text) is None:
            raise ValueError("no sequence-set")
        if text.count(b",") >= most:
            raise ValueError(f"a set of more than {most} ranges")
        ranges: list[tuple[int, int]] = []
        for piece in text.split(b","):
            first, colon, last = piece.partition(b":")
            start = int(first)
            end = int(last) if colon else start
            if start > HIGHEST or end > HIGHEST:
                raise ValueError("a number above 4294967295")
            ranges.append((start, end) if start <= end else (end, start))
        return cls(tuple(ranges))

    @property
    def least(self) -> int | None:
        """The smallest number, or None when the set is empty."""
        return self.ranges[0][0] if self.ranges else None

    @property
    def greatest(self) -> int | None:
        """The greatest number, or None when the set is empty."""
        return self.ranges[-1][1] if self.ranges else None

    def encode(self) -> bytes:
        """Return the set as IMAP writes it; empty for the empty set, which IMAP cannot write."""
        return str(self).encode("ascii")

    def pieces(self, octets: int) -> Iterator[UidSet]:
        """Yield the set in parts, ascending, whose texts are at most ``octets`` long.

        Nothing for the empty set. Raises Misused when ``octets`` is less than
        the 21 that one range may need.
        """
        if octets < _LONGEST_RANGE:
            raise Misused(f"pieces of {octets} octets cannot hold a range", operation=_OPERATION)
        return self._pieces(octets)

    def _pieces(self, octets: int) -> Iterator[UidSet]:
        start, length = 0, 0
        for at, pair in enumerate(self.ranges):
            size = len(_text(pair)) + 1
            if length + size > octets + 1:
                yield UidSet(self.ranges[start:at])
                start, length = at, 0
            length += size
        if self.ranges:
            yield UidSet(self.ranges[start:])

    def __str__(self) -> str:
        return ",".join(map(_text, self.ranges))

    def __repr__(self) -> str:
        text = str(UidSet(self.ranges[:10]))
        return f"UidSet({text + (',…' if len(self.ranges) > 10 else '')!r})"

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def __len__(self) -> int:
        return sum(last - first for first, last in self.ranges) + len(self.ranges)

    def __iter__(self) -> Iterator[int]:
        for first, last in self.ranges:
            yield from range(first, last + 1)

    def __contains__(self, number: object) -> bool:
        if not isinstance(number, int):
            return False
        at = bisect_right(self.ranges, (number, HIGHEST))
        return at > 0 and number <= self.ranges[at - 1][1]

    def __or__(self, other: UidSet) -> UidSet:
        if not isinstance(other, UidSet):
            return NotImplemented
        return UidSet(self.ranges + other.ranges)

    def __sub__(self, other: UidSet) -> UidSet:
        if not isinstance(other, UidSet):
            return NotImplemented
        return UidSet(tuple(_without(self.ranges, other.ranges)))

    def __and__(self, other: UidSet) -> UidSet:
        if not isinstance(other, UidSet):
            return NotImplemented
        return self - (self - other)


def _text(pair: tuple[int, int]) -> str:
    first, last = pair
    return str(first) if first == last else f"{first}:{last}"


def _check(number: object) -> None:
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= HIGHEST:
        raise Misused(
            f"{excerpt(number)} is no message number",
            operation=_OPERATION,
            hint="Give whole numbers from 1 to 4294967295.",
        )


def _in_order(ranges: object) -> bool:
    """Tell whether ranges are as they are kept; what is wrong otherwise, ``_merged`` finds out."""
    if type(ranges) is not tuple:
        return False
    before = -1
    for first, last in ranges:
        if type(first) is not int or type(last) is not int:
            return False
        # Neighbours that touch are one range.
        if not before + 1 < first <= last <= HIGHEST:
            return False
        before = last
    return True


def _merged(ranges: Iterable[tuple[int, int]]) -> Ranges:
    merged: list[tuple[int, int]] = []
    for first, last in _sorted(ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)


def _sorted(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    for first, last in ranges:
        _check(first)
        _check(last)
        pairs.append((first, last) if first <= last else (last, first))
    return sorted(pairs)


def _runs(numbers: list[int]) -> Ranges:
    """Return the ranges of sorted numbers, which may repeat."""
    found: list[tuple[int, int]] = []
    if not numbers:
        return ()
    first = last = numbers[0]
    for number in numbers:
        if number > last + 1:
            found.append((first, last))
            first = number
        last = number
    found.append((first, last))
    return tuple(found)


def _without(ranges: Ranges, taken: Ranges) -> Iterator[tuple[int, int]]:
    """Yield what is left of ``ranges``; both are sorted, each is walked once."""
    at = 0
    for first, last in ranges:
        while at < len(taken) and taken[at][1] < first:
            at += 1
        start, look = first, at
        while look < len(taken) and taken[look][0] <= last:
            if start < taken[look][0]:
                yield start, taken[look][0] - 1
            start = taken[look][1] + 1
            look += 1
        # The last one taken may reach into the next range.
        at = max(at, look - 1)
        if start <= last:
            yield start, last
