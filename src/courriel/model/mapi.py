"""Read the properties of MAPI as ``winmail.dat`` holds them ([MS-OXTNEF], 2.1.3.4).

::

    properties = count *(type id [name] value)                                2.1.3.4.1
    name  = guid kind (number / length text)           when id >= 0x8000
    value = fixed / count *fixed / count *(length octets padding-to-4)

Of several values the first is taken. Numbers are little-endian. Whatever a count or a length says,
it is believed only as far as there are octets.

Nothing here raises, time is linear. Only this reading lives here; what the properties mean is
``tnef``'s business.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from courriel.model.decoding import decoded

_WORD = struct.Struct("<I")
_TAG = struct.Struct("<HH")
_GUID = 16
_NAMED = 0x8000
_SEVERAL = 0x1000
_STRING8 = 0x1E
_UNICODE = 0x1F
_VARIABLE = frozenset({0x0D, _STRING8, _UNICODE, 0x102})
_SIZES = {
    **dict.fromkeys((0x02, 0x03, 0x04, 0x0A, 0x0B), 4),
    **dict.fromkeys((0x05, 0x06, 0x07, 0x14, 0x40), 8),
    0x48: 16,
}


@dataclass(frozen=True, slots=True)
class Property:
    """A value: its type, and where its octets are."""

    kind: int
    start: int
    end: int


def read_properties(octets: bytes, start: int, end: int) -> tuple[dict[int, Property], bool]:
    """Return the properties that stand in a range, by id, and whether all of it was read."""
    found: dict[int, Property] = {}
    if end - start < 4:
        return found, False
    (count,) = _WORD.unpack_from(octets, start)
    position = start + 4
    for _ in range(count):
        if position + 4 > end:
            return found, False
        kind, number = _TAG.unpack_from(octets, position)
        behind = position + 4
        if number >= _NAMED:
            behind = _behind_name(octets, behind, end)
        values, behind = _values(octets, behind, end, kind)
        if behind < 0:
            return found, False
        if values is not None and number < _NAMED:
            found.setdefault(number, values)
        position = behind
    return found, True


def _behind_name(octets: bytes, position: int, end: int) -> int:
    kind_at = position + _GUID
    if kind_at + 8 > end:
        return end + 1
    kind, number = struct.unpack_from("<II", octets, kind_at)
    # A number names itself; a text follows its length.
    return kind_at + 8 + (_padded(number) if kind else 0)


def _values(octets: bytes, position: int, end: int, kind: int) -> tuple[Property | None, int]:
    """Return the first value of a property, and where the next property begins, or -1."""
    single = kind & ~_SEVERAL
    size = _SIZES.get(single)
    count = 1
    if single in _VARIABLE or kind & _SEVERAL:
        if position + 4 > end:
            return None, -1
        (count,) = _WORD.unpack_from(octets, position)
        position += 4
    if size is not None:
        behind = position + size * count
        if behind > end:
            return None, -1
        return (Property(single, position, position + size) if count else None), behind
    if single not in _VARIABLE:
        return None, -1
    first: Property | None = None
    for _ in range(count):
        if position + 4 > end:
            return None, -1
        (length,) = _WORD.unpack_from(octets, position)
        position += 4
        if position + length > end:
            return None, -1
        first = first or Property(single, position, position + length)
        position += _padded(length)
    return first, position


def _padded(length: int) -> int:
    return length + -length % 4


def text_of(octets: bytes, value: Property | None, codec: str | None) -> str | None:
    """Return a property that is text, else None; ``codec`` is that of the 8-bit ones."""
    if value is None or value.kind not in {_STRING8, _UNICODE}:
        return None
    raw = octets[value.start : value.end]
    text = decoded(raw, "utf-16-le" if value.kind == _UNICODE else codec)[0]
    return text.partition("\0")[0]


def number_of(octets: bytes, value: Property | None) -> int | None:
    """Return a property that is a number, else None."""
    if value is None or value.kind not in {0x02, 0x03, 0x0B}:
        return None
    (number,) = _WORD.unpack_from(octets, value.start)
    return int(number) & (0xFFFFFFFF if value.kind == 0x03 else 0xFFFF)
