"""Say which strings and numbers of a BODYSTRUCTURE are what, by its shape.

::

    ((" " (" ") NIL NIL "  NIL NIL NIL NIL)(" " (" ") NIL NIL "  NIL NIL NIL NIL) " (" ") NIL NIL)

A quotation mark stands for a whole string (``shapes``). The digits of numbers are taken out, so
that a number is the nothing behind a space and in front of what ends a value. Messages inside the
message have no plan: what they are depends on words.

Only the plan lives here; ``body`` makes parts of what it names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from courriel.wire.imap.shapes import NIL, REMEMBERED, place

Pairs: TypeAlias = "tuple[tuple[int, int], ...]"
"""The places of name and value of each parameter."""

_DIGITS = b"0123456789"
_NO_DIGITS = bytes(octet if octet in _DIGITS else 32 for octet in range(256))
"""Everything that is no digit becomes a space."""
_LONGEST_NUMBER = 19

_STRING = rb'(NIL|")'
_SKIPPED = rb'(?:NIL|")'
_PAIR = rb'" (?:NIL|")'
_PAIRS = rb"(?:NIL|\((" + _PAIR + rb"(?>(?: " + _PAIR + rb")*))\))"
_VALUE = rb'(?:NIL|"|\("(?>(?: ' + _SKIPPED + rb")*)\))"
_NUMBER = rb"(?=[ )])"
_LEAF = re.compile(
    rb'\((") (") ' + _PAIRS
    # id, description, encoding, octets, lines
    + rb" " + _STRING + rb" " + _SKIPPED + rb' (") ' + _NUMBER + rb"( " + _NUMBER + rb")?"
    # md5, disposition, and the rest
    + rb"(?: " + _SKIPPED + rb'(?: (?:NIL|\((") ' + _PAIRS + rb"\))"
    + rb"(?>(?: " + _VALUE + rb")*))?)?\)"
)  # fmt: skip
_END = re.compile(rb' ?(")(?>(?: ' + _VALUE + rb")*)\)")
_ONE_PAIR = re.compile(rb'(") (NIL|")')


class LeafPlan(NamedTuple):
    """Where the strings and the numbers of a part are; ``around``: the kind of its multipart."""

    path: str
    kind: int
    subtype: int
    parameters: Pairs
    identifier: int
    encoding: int
    octets: int
    lines: int
    disposition: int
    disposed: Pairs
    around: int


class BodyPlan(NamedTuple):
    """The parts of a structure in order, and how deeply multiparts are nested in it."""

    leaves: tuple[LeafPlan, ...]
    numbers: int
    depth: int


def without_numbers(shape: bytes) -> tuple[bytes, list[int | None]] | None:
    """Return the shape without its digits, and the numbers; None where they may be mistaken.

    The last of the list is None.
    """
    if b"  " in shape or b" )" in shape:
        # It would look like a number.
        return None
    digits = shape.translate(_NO_DIGITS).split()
    if max(map(len, digits), default=0) > _LONGEST_NUMBER:
        return None
    return shape.translate(None, _DIGITS), [*map(int, digits), None]


@lru_cache(REMEMBERED)
def body_plan(shape: bytes) -> BodyPlan | None:
    """Return the plan of a shape without digits, None when it is not that of the grammar."""
    return _Planning(shape).plan()


@dataclass(slots=True)
class _Multipart:
    """A multipart whose kind comes behind its parts; ``first`` is the place of those."""

    prefix: str
    first: int
    count: int = 1
    direct: list[int] = field(default_factory=list)


class _Planning:
    """Walks over one shape; it is bounded, and so are the multiparts that may be open."""

    def __init__(self, shape: bytes) -> None:
        self.shape = shape
        self.position = 0
        self.leaves: list[LeafPlan] = []
        self.open: list[_Multipart] = []
        self.numbers = 0
        self.depth = 0

    def plan(self) -> BodyPlan | None:
        """Return the plan."""
        shape, path = self.shape, "1"
        while True:
            found = _LEAF.match(shape, self.position)
            if found is not None:
                self._leaf(found, path)
            elif shape.startswith(b"((", self.position):
                prefix = f"{path}." if self.open else ""
                self.open.append(_Multipart(prefix, len(self.leaves)))
                self.depth = max(self.depth, len(self.open))
                self.position += 1
                path = f"{prefix}1"
                continue
            else:
                return None
            self._close()
            if not self.open:
                break
            inmost = self.open[-1]
            inmost.count += 1
            path = f"{inmost.prefix}{inmost.count}"
        if self.position != len(shape):
            return None
        return BodyPlan(tuple(self.leaves), self.numbers, self.depth)

    def _leaf(self, found: re.Match[bytes], path: str) -> None:
        shape = self.shape
        kind, subtype, identifier, encoding, disposition = (
            place(shape, found.start(n)) if found[n] is not None else NIL for n in (1, 2, 4, 5, 7)
        )
        lines = NIL if found[6] is None else self.numbers + 1
        if self.open:
            self.open[-1].direct.append(len(self.leaves))
        self.leaves.append(
            LeafPlan(
                path,
                kind,
                subtype,
                self._pairs(found, 3),
                identifier,
                encoding,
                self.numbers,
                lines,
                disposition,
                self._pairs(found, 8),
                NIL,
            )
        )
        self.numbers += 1 if found[6] is None else 2
        self.position = found.end()

    def _pairs(self, found: re.Match[bytes], group: int) -> Pairs:
        if found[group] is None:
            return ()
        return tuple(
            (place(self.shape, one.start(1)), place(self.shape, one.start(2)))
            for one in _ONE_PAIR.finditer(self.shape, *found.span(group))
        )

    def _close(self) -> None:
        """Go past the ends of multiparts."""
        while self.open:
            found = _END.match(self.shape, self.position)
            if found is None:
                return
            kind = place(self.shape, found.start(1))
            for at in self.open.pop().direct:
                self.leaves[at] = self.leaves[at]._replace(around=kind)
            self.position = found.end()
