"""Read a BODYSTRUCTURE: the parts of a message, without the message.

::

    body            = "(" (body-type-1part / body-type-mpart) ")"       RFC 9051, 9
    body-type-1part = (body-type-basic / body-type-msg / body-type-text) [SP body-ext-1part]
    body-type-mpart = 1*body SP media-subtype [SP body-ext-mpart]
    body-type-msg   = media-message SP body-fields SP envelope SP body SP body-fld-lines

Nearly all are read by their shape (``usual_parts``). The tree of any other is walked with a stack
of what is open, so that no depth of nesting can end the program; a leaf as the grammar has it is
one match of one pattern (``leaf``). Beyond the bounds of ``Limits`` a part is opaque. Where nothing
can be read any more, the parts that came before stand. Nothing raises.

Only the walk over the tree lives here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from courriel.errors import Garbled
from courriel.model.limits import Limits
from courriel.model.summary import Part
from courriel.wire.imap.cursor import Cursor, Raw, Tree
from courriel.wire.imap.leaf import MESSAGE, MULTIPART_END, Leaf, leaf_of, skip_usual
from courriel.wire.imap.lexis import word
from courriel.wire.imap.usual_parts import usual_parts


@dataclass(slots=True)
class _Multipart:
    """A multipart whose end has not come: its kind stands there."""

    prefix: str
    count: int = 0
    kind: list[str] = field(default_factory=lambda: [""])


@dataclass(slots=True)
class _Message:
    """A message inside the message, whose own body comes before its last fields."""

    place: int
    prefix: str
    items: list[Tree]
    entered: bool = False


def read(raw: Raw, limits: Limits) -> tuple[tuple[Part, ...], list[str]]:
    """Return the parts in order, and what was wrong."""
    usual = usual_parts(raw, limits)
    return by_walking(raw, limits) if usual is None else (usual, [])


def by_walking(raw: Raw, limits: Limits) -> tuple[tuple[Part, ...], list[str]]:
    """Return whatever parts can be read, and what was wrong."""
    walk = _Walk(Cursor(raw.text, raw.literals, limits, long_strings=True), limits)
    try:
        walk.run()
    except Garbled as error:
        walk.defects.append(f"a BODYSTRUCTURE that breaks off at octet {error.position}")
    parts = tuple(leaf.part(around[0]) for leaf, around in walk.leaves)
    defects = [*walk.defects, *(defect for leaf, _ in walk.leaves for defect in leaf.defects)]
    return parts, list(dict.fromkeys(defects))


class _Walk:
    """Goes through the octets once. ``leaves`` are in order, each with the kind that is around."""

    def __init__(self, cursor: Cursor, limits: Limits) -> None:
        self.cursor = cursor
        self.limits = limits
        self.leaves: list[tuple[Leaf, list[str]]] = []
        self.defects: list[str] = []
        self.open: list[_Multipart | _Message] = []

    def run(self) -> None:
        """Read the whole structure."""
        if self.cursor.skip_nil():
            self._note("NIL for a BODYSTRUCTURE")
            return
        self._body("1", "", [""])
        while self.open:
            inmost = self.open[-1]
            if isinstance(inmost, _Multipart):
                self._go_on(inmost)
            elif not inmost.entered:
                inmost.entered = True
                self._body(f"{inmost.prefix}1", inmost.prefix, [MESSAGE])
            else:
                self.open.pop()
                if self._items(inmost.items) is not None:
                    self.cursor.fail("the end of a message")
                place = inmost.place
                leaf, around = self.leaves[place]
                self.leaves[place] = leaf_of(leaf.path, inmost.items), around

    def _go_on(self, multipart: _Multipart) -> None:
        """Read the next part of a multipart, or its end."""
        cursor = self.cursor
        end = MULTIPART_END.match(cursor.text, cursor.position)
        if end is not None:
            cursor.position = end.end()
            multipart.kind[0] = f"multipart/{end[1].decode()}".lower()
            self.open.pop()
            return
        cursor.spaces()
        if cursor.text.startswith(b"(", cursor.position):
            multipart.count += 1
            path = f"{multipart.prefix}{multipart.count}"
            self._body(path, f"{path}.", multipart.kind)
            return
        self.open.pop()
        subtype: bytes | None = None
        if not cursor.text.startswith(b")", cursor.position):
            subtype = cursor.nstring()
        multipart.kind[0] = "multipart/" + (word(subtype).lower() if subtype else "mixed")
        cursor.spaces()
        while not cursor.skip(b")"):
            cursor.skip_value()
            cursor.spaces()

    def _body(self, path: str, prefix: str, around: list[str]) -> None:
        """Read one body, or the beginning of one that holds others.

        ``path`` is its number when it is a leaf, ``prefix`` stands before those of its parts.
        """
        cursor = self.cursor
        cursor.spaces()
        if len(self.leaves) >= self.limits.imap_parts:
            self._note(f"more than {self.limits.imap_parts} parts")
            cursor.skip_value()
            return
        usual = skip_usual(cursor, path)
        if usual is not None:
            self.leaves.append((usual, around))
            return
        if len(self.open) >= self.limits.imap_nesting:
            self._note(f"parts nested deeper than {self.limits.imap_nesting}")
            cursor.skip_value()
            self.leaves.append((Leaf(path), around))
            return
        cursor.insist(b"(")
        cursor.spaces()
        if cursor.text.startswith(b"(", cursor.position):
            self.open.append(_Multipart(prefix))
            return
        items: list[Tree] = []
        place = len(self.leaves)
        self.leaves.append((Leaf(path), around))
        message = self._items(items)
        self.leaves[place] = leaf_of(path, items), around
        if message is not None:
            self.open.append(_Message(place, f"{path}.", message))

    def _items(self, items: list[Tree]) -> list[Tree] | None:
        """Collect the fields of a leaf; stop before the body of a message, and return them."""
        cursor = self.cursor
        while True:
            cursor.spaces()
            if cursor.skip(b")"):
                return None
            if len(items) == _ENVELOPE_AT and _is_message(items):
                # The envelope of the message inside; its subject is in its own part.
                cursor.skip_value()
                cursor.spaces()
                items.append(None)
                if cursor.skip_pattern(_NO_BODY) is not None:
                    items.append(None)
                elif cursor.text.startswith(b"(", cursor.position):
                    items.append(None)
                    return items
            else:
                items.append(cursor.tree())

    def _note(self, defect: str) -> None:
        if defect not in self.defects:
            self.defects.append(defect)


_NO_BODY = re.compile(rb"\( *\)")
_ENVELOPE_AT = 7
"""Fields of a leaf before the envelope: type, subtype, parameters, id, description, encoding,
octets."""


def _is_message(items: list[Tree]) -> bool:
    kind, subtype = items[0], items[1]
    return (
        isinstance(kind, bytes)
        and isinstance(subtype, bytes)
        and kind.lower() == b"message"
        and subtype.lower() in (b"rfc822", b"global")
    )
