"""Read what stands between brackets, and cut it out of a message (RFC 3501, 6.4.5).

::

    section         = "[" [section-spec] "]"
    section-spec    = section-msgtext / (section-part ["." section-text])
    section-msgtext = "HEADER" / "HEADER.FIELDS" [".NOT"] SP header-list / "TEXT"
    section-text    = section-msgtext / "MIME"
    partial         = "<" number "." nz-number ">"
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from courriel.model.decoding import from_transfer
from courriel.sandbox.imap import replies
from courriel.sandbox.imap.arguments import Arguments
from courriel.sandbox.imap.replies import bad, no
from courriel.sandbox.imap.tree import Node, tree_of
from courriel.sandbox.stored import StoredMessage

__all__ = ["Section"]

_SPEC = re.compile(rb"[0-9A-Z.]*", re.IGNORECASE)
_PATH = re.compile(r"((?:[1-9][0-9]{0,5}\.)*[1-9][0-9]{0,5})?(\.|\Z)?(.*)")
_PARTIAL = re.compile(rb"<([0-9]{1,10})\.([0-9]{1,10})>")
_TEXTS = frozenset(("", "HEADER", "HEADER.FIELDS", "HEADER.FIELDS.NOT", "TEXT", "MIME"))
_LEVELS = 100
_FIELD = re.compile(rb"^([!-9;-~]+)[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a message: ``path`` are its numbers, ``text`` what of it, ``fields`` which fields.

    ``start`` and ``length`` are the partial, None without one.
    """

    path: tuple[int, ...] = ()
    text: str = ""
    fields: tuple[bytes, ...] = ()
    start: int | None = None
    length: int = 0

    @classmethod
    def read(cls, arguments: Arguments) -> Section:
        """Take a section with its brackets, and the partial behind it if there is one."""
        arguments.take(b"[")
        path, text = _split(arguments.matching(_SPEC).decode("ascii").upper())
        fields: list[bytes] = []
        if text.startswith("HEADER.FIELDS"):
            arguments.space()
            arguments.take(b"(")
            fields.append(arguments.astring())
            while not arguments.skip(b")"):
                arguments.space()
                fields.append(arguments.astring())
        arguments.take(b"]")
        start, length = None, 0
        if arguments.peek(b"<"):
            found = _PARTIAL.fullmatch(arguments.matching(_ANGLE))
            if found is None or int(found[2]) == 0:
                raise bad("A partial is <start.length>, with a length from 1")
            start, length = int(found[1]), int(found[2])
        return cls(path, text, tuple(fields), start, length)

    @property
    def label(self) -> bytes:
        """The section as the answer names it: brackets, and where a partial begins."""
        words = ".".join([*map(str, self.path), *([self.text] if self.text else [])]).encode()
        if self.fields:
            words += b" " + replies.parenthesised(map(replies.astring, self.fields))
        origin = b"" if self.start is None else b"<%d>" % self.start
        return b"[%b]%b" % (words, origin)

    def cut(self, message: StoredMessage) -> bytes | None:
        """Return the octets, or None when there is no such part."""
        if not self.path and not self.text:
            return self._partial(message.content)
        octets = self._octets(tree_of(message))
        return None if octets is None else self._partial(octets)

    def decoded(self, message: StoredMessage) -> bytes | None:
        """Return the octets without their transfer encoding (RFC 3516, 4.3)."""
        if not self.path:
            return self.cut(message)
        node = tree_of(message).find(self.path)
        if node is None or node.children:
            return None
        encoding = (node.part.header.first("content-transfer-encoding") or b"7bit").strip()
        octets, defect = from_transfer(node.body, encoding.decode("ascii", "replace").lower())
        if defect is not None:
            raise no("The part's transfer encoding is not known, or broken", "UNKNOWN-CTE")
        return self._partial(octets)

    def _octets(self, root: Node) -> bytes | None:
        node = root.find(self.path)
        if node is None:
            return None
        if self.text == "MIME":
            return node.header
        if not self.text:
            return node.body
        if self.path:
            if node.message is None:
                return None
            node = node.message
        if self.text == "TEXT":
            return node.body
        if self.text == "HEADER":
            return node.header
        return self._some_fields(node.header)

    def _some_fields(self, header: bytes) -> bytes:
        wanted = {name.lower() for name in self.fields}
        without = self.text.endswith(".NOT")
        chosen = [
            field[0]
            for field in _FIELD.finditer(header)
            if (field[1].lower() in wanted) is not without
        ]
        return b"".join(chosen) + b"\r\n"

    def _partial(self, octets: bytes) -> bytes:
        if self.start is None:
            return octets
        return octets[self.start : self.start + self.length]


_ANGLE = re.compile(rb"<[^>\s]*>")


def _split(spec: str) -> tuple[tuple[int, ...], str]:
    """Return the numbers and the words of a section-spec."""
    found = _PATH.fullmatch(spec)
    assert found is not None
    numbers, dot, text = found.groups()
    path = tuple(map(int, numbers.split("."))) if numbers else ()
    if (
        text not in _TEXTS
        or (numbers and text and dot != ".")
        or (dot == "." and not (numbers and text))
        or (text == "MIME" and not numbers)
        or len(path) > _LEVELS
    ):
        raise bad("There is no such section")
    return path, text
