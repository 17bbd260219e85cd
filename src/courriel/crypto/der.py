"""Read and write the ASN.1 of CMS, within bounds.

::

    element = tag length contents                                    X.690, 8.1
    length  = 0x00-7F / 0x81-84 1*4OCTET / 0x80 contents end-of-contents

DER is what is written. BER is what mail programs send too: a length that is not known when the
writing begins (0x80) and octet strings in pieces, so these two are read. Nothing else is: tags
above 30 and lengths of more than four octets stand in no CMS that carries mail.

An ``Element`` is a range of the source; nothing is copied or looked into before it is asked for.
Depth is counted, and so is what one level may hold.

Only the encoding lives here; what the elements mean is the business of ``signed_data`` and
``enveloped_data``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from courriel.model.limits import DEFAULT

INTEGER = 0x02
BIT_STRING = 0x03
OCTET_STRING = 0x04
NULL = 0x05
OBJECT_IDENTIFIER = 0x06
UTC_TIME = 0x17
GENERALIZED_TIME = 0x18
SEQUENCE = 0x30
SET = 0x31
CONSTRUCTED = 0x20

DEPTH = DEFAULT.cms_depth
ELEMENTS = DEFAULT.cms_elements
NUMBER_OCTETS = 128
"""One whole number. A serial number has 20 octets at most (RFC 5280, 4.1.2.2)."""

_END = b"\0\0"


class Unreadable(ValueError):
    """The octets are not what the grammar wants there. Never leaves this package."""


def context(number: int, *, constructed: bool = True) -> int:
    """Return the tag ``[number]`` of an element whose meaning depends on where it stands."""
    return 0x80 | number | (CONSTRUCTED if constructed else 0)


@dataclass(frozen=True, slots=True)
class Element:
    """One element: its tag, where it begins, where its contents are, and where it ends.

    ``ends`` is what is known of all elements of the source without a length:
    where they begin, and where their contents end.
    """

    source: bytes
    tag: int
    start: int
    first: int
    stop: int
    end: int
    ends: dict[int, int] = field(repr=False, compare=False)

    @property
    def raw(self) -> bytes:
        """The whole element."""
        return self.source[self.start : self.end]

    @property
    def contents(self) -> bytes:
        """What stands behind tag and length."""
        return self.source[self.first : self.stop]

    @property
    def definite(self) -> bool:
        """Whether its length was told before its contents."""
        return self.stop == self.end

    def children(self) -> list[Element]:
        """Return the elements inside."""
        if not self.tag & CONSTRUCTED:
            raise Unreadable("an element that holds no others")
        found: list[Element] = []
        at = self.first
        while at < self.stop:
            if len(found) >= ELEMENTS:
                raise Unreadable("too many elements")
            found.append(_element(self.source, at, self.stop, self.ends))
            at = found[-1].end
        return found

    def octets(self) -> bytes:
        """Return an octet string, its pieces joined (X.690, 8.7)."""
        if not self.tag & CONSTRUCTED:
            return self.contents
        pieces: list[bytes] = []
        waiting = [(self, 0)]
        while waiting:
            element, depth = waiting.pop()
            if not element.tag & CONSTRUCTED:
                pieces.append(element.contents)
                continue
            if depth >= DEPTH or len(waiting) + len(pieces) > ELEMENTS:
                raise Unreadable("an octet string in too many pieces")
            inside = element.children()
            if any(child.tag & ~CONSTRUCTED != OCTET_STRING for child in inside):
                raise Unreadable("a piece that is no octet string")
            waiting += [(child, depth + 1) for child in reversed(inside)]
        return b"".join(pieces)

    def whole_number(self) -> int:
        """Return an INTEGER."""
        self.expect(INTEGER)
        if not 1 <= self.stop - self.first <= NUMBER_OCTETS:
            raise Unreadable("a number of no sensible length")
        return int.from_bytes(self.contents, "big", signed=True)

    def identifier(self) -> str:
        """Return an OBJECT IDENTIFIER with dots: ``1.2.840.113549.1.7.2``."""
        self.expect(OBJECT_IDENTIFIER)
        octets = self.contents
        if not 1 <= len(octets) <= NUMBER_OCTETS or octets[-1] & 0x80:
            raise Unreadable("an object identifier that does not end")
        arcs, value = [], 0
        for octet in octets:
            value = value << 7 | octet & 0x7F
            if not octet & 0x80:
                arcs.append(value)
                value = 0
        top = min(arcs[0] // 40, 2)
        return ".".join(map(str, (top, arcs[0] - 40 * top, *arcs[1:])))

    def bits(self) -> bytes:
        """Return a BIT STRING of whole octets."""
        self.expect(BIT_STRING)
        if self.stop == self.first or self.source[self.first]:
            raise Unreadable("a bit string that is no octets")
        return self.contents[1:]

    def expect(self, tag: int) -> Element:
        """Return the element itself when it has that tag, else raise Unreadable."""
        if self.tag != tag:
            raise Unreadable(f"tag {self.tag:#04x} where {tag:#04x} is expected")
        return self


class Fields:
    """The elements inside another, taken in order."""

    def __init__(self, element: Element, tag: int = SEQUENCE) -> None:
        self._left = element.expect(tag).children()
        self._left.reverse()

    def take(self, tag: int | None = None) -> Element:
        """Return the next element, which must be there, with that tag when one is given."""
        if not self._left:
            raise Unreadable("an element is missing")
        element = self._left.pop()
        return element if tag is None else element.expect(tag)

    def maybe(self, *tags: int) -> Element | None:
        """Return the next element when it has one of these tags, else None."""
        if self._left and self._left[-1].tag in tags:
            return self._left.pop()
        return None

    def octets(self) -> bytes:
        """Return the next element, an octet string, its pieces joined."""
        element = self.take()
        if element.tag & ~CONSTRUCTED != OCTET_STRING:
            raise Unreadable(f"tag {element.tag:#04x} where an octet string is expected")
        return element.octets()

    def rest(self) -> list[Element]:
        """Return the elements that nobody has taken."""
        return self._left[::-1]


def read(source: bytes) -> Element:
    """Return the element that ``source`` begins with; what stands behind it is not looked at."""
    return _element(source, 0, len(source), {})


def _element(source: bytes, at: int, limit: int, ends: dict[int, int]) -> Element:
    tag, first, length = _head(source, at, limit)
    if length is not None:
        stop = first + length
        return Element(source, tag, at, first, stop, stop, ends)
    if not tag & CONSTRUCTED:
        raise Unreadable("a primitive element without a length")
    if at not in ends:
        _look_for_ends(source, at, first, limit, ends)
    return Element(source, tag, at, first, ends[at], ends[at] + len(_END), ends)


def _look_for_ends(source: bytes, at: int, first: int, limit: int, ends: dict[int, int]) -> None:
    """Tell where the contents of the element at ``at`` end, and of those inside it.

    All of them in one go, so that the same octets are not walked again on every
    level.
    """
    open_ = [at]
    position = first
    for _ in range(ELEMENTS):
        if source.startswith(_END, position, limit):
            ends[open_.pop()] = position
            position += len(_END)
            if not open_:
                return
            continue
        _, inside, length = _head(source, position, limit)
        if length is None:
            if len(open_) >= DEPTH:
                raise Unreadable("elements nested too deep")
            open_.append(position)
            position = inside
        else:
            position = inside + length
    raise Unreadable("too many elements")


def _head(source: bytes, at: int, limit: int) -> tuple[int, int, int | None]:
    """Return the tag of the element at ``at``, where its contents begin, and their length."""
    if at + 2 > limit:
        raise Unreadable("an element is cut off")
    tag, length = source[at], source[at + 1]
    if tag & 0x1F == 0x1F or not tag:
        raise Unreadable(f"a tag that CMS does not use: {tag:#04x}")
    first = at + 2
    if length == 0x80:
        return tag, first, None
    if length > 0x80:
        count = length & 0x7F
        if count > 4 or first + count > limit:
            raise Unreadable("a length that cannot be")
        length = int.from_bytes(source[first : first + count], "big")
        first += count
    if first + length > limit:
        raise Unreadable("an element is cut off")
    return tag, first, length


def element(tag: int, *parts: bytes) -> bytes:
    """Return an element in DER."""
    size = sum(map(len, parts))
    if size < 0x80:
        head = bytes((tag, size))
    else:
        length = size.to_bytes((size.bit_length() + 7) // 8, "big")
        head = bytes((tag, 0x80 | len(length))) + length
    return b"".join((head, *parts))


def sequence(*parts: bytes) -> bytes:
    """Return a SEQUENCE."""
    return element(SEQUENCE, *parts)


def set_of(parts: Iterable[bytes], tag: int = SET) -> bytes:
    """Return a SET OF, in the order that DER wants (X.690, 11.6)."""
    return element(tag, *sorted(parts))


def integer(value: int) -> bytes:
    """Return an INTEGER that is not negative."""
    return element(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def octet_string(value: bytes) -> bytes:
    """Return an OCTET STRING."""
    return element(OCTET_STRING, value)


def bit_string(value: bytes) -> bytes:
    """Return a BIT STRING of whole octets."""
    return element(BIT_STRING, b"\0", value)


def object_identifier(dotted: str) -> bytes:
    """Return an OBJECT IDENTIFIER."""
    first, second, *others = map(int, dotted.split("."))
    octets = b"".join(_base128(arc) for arc in (40 * first + second, *others))
    return element(OBJECT_IDENTIFIER, octets)


def _base128(value: int) -> bytes:
    octets = [value & 0x7F]
    while value := value >> 7:
        octets.append(0x80 | value & 0x7F)
    return bytes(reversed(octets))


def algorithm(dotted: str, parameters: bytes = b"") -> bytes:
    """Return an AlgorithmIdentifier (RFC 5280, 4.1.1.2)."""
    return sequence(object_identifier(dotted), parameters)


def null() -> bytes:
    """Return NULL."""
    return element(NULL)
