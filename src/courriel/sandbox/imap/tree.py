"""See a message as IMAP does: parts with numbers, messages inside messages included.

::

    section-part = nz-number *("." nz-number)                                RFC 3501, 6.4.5
    1       the first part of a multipart, or the body of what is none
    2.1     the first part of the multipart, or of the message, that is part 2

How a multipart is split is the model's business; here its parts, and those of attached messages,
become one tree. A tree is made once for each message and kept in its memo.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from courriel.model import structure
from courriel.model.structure import Part
from courriel.sandbox.stored import StoredMessage

__all__ = ["Node", "tree_of"]

# Levels of all kinds: the functions that walk the tree call themselves so often.
_DEPTH = 50


@dataclass(slots=True)
class Node:
    """One part of ``source``: ``header`` and ``body`` are its octets, ``kind`` what it is.

    ``children`` are the parts of a multipart, ``message`` the root of the
    message that a ``message/rfc822`` holds.
    """

    source: bytes
    part: Part
    kind: str
    children: list[Node] = field(default_factory=list)
    message: Node | None = None

    @property
    def header(self) -> bytes:
        """The header with the empty line behind it."""
        return self.source[self.part.begin : self.part.start]

    @property
    def body(self) -> bytes:
        """What is behind the header, as it stands."""
        return self.source[self.part.start : self.part.end]

    def find(self, path: tuple[int, ...]) -> Node | None:
        """Return the part with these numbers, counted from a message's root, or None."""
        node, at_message = self, True
        for number in path:
            if not at_message and node.message is not None:
                node, at_message = node.message, True
            if node.children:
                if number > len(node.children):
                    return None
                node = node.children[number - 1]
            elif not at_message or number != 1:
                return None
            at_message = False
        return node


def tree_of(message: StoredMessage) -> Node:
    """Return the root of a stored message."""
    tree = message.memo.get("tree")
    if tree is None:
        tree = message.memo["tree"] = _root(message.content, 0)
    assert isinstance(tree, Node)
    return tree


def _root(source: bytes, depth: int) -> Node:
    part, _ = structure.split(source)
    return _node(source, part, depth)


def _node(source: bytes, part: Part, depth: int) -> Node:
    """Return the node of a part; beyond the depth it is a leaf."""
    if depth >= _DEPTH:
        kind = part.kind if part.kind.partition("/")[0] not in _NESTING else structure.OPAQUE
        return Node(source, part, kind)
    node = Node(source, part, part.kind)
    node.children = [_node(source, each, depth + 1) for each in part.parts]
    if part.kind == "message/rfc822" and not _is_encoded(part):
        node.message = _root(node.body, depth + 1)
    elif part.kind.startswith("multipart/") and not node.children:
        node.kind = structure.OPAQUE
    return node


_NESTING = frozenset(("multipart", "message"))


def _is_encoded(part: Part) -> bool:
    encoding = (part.header.first("content-transfer-encoding") or b"7bit").strip().lower()
    return encoding not in (b"7bit", b"8bit", b"binary")
