"""Walk over one frame with two families of methods: ``skip_x`` tries, ``x`` insists.

``skip_x`` returns None, or False, and stays where it is; ``x`` raises ``Garbled`` with position,
what was expected, and an excerpt. A position only ever grows, so that reading a frame is linear.

Only the reading of tokens lives here: what they mean is for the readers of single answers.
"""

from __future__ import annotations

import re
from typing import NamedTuple, NoReturn, TypeAlias

from courriel.errors import Garbled
from courriel.model.limits import Limits
from courriel.model.spool import Spool
from courriel.model.uids import UidSet
from courriel.wire.imap import lexis

EXCERPT = 40
"""Octets of an answer that an error shows."""


Tree: TypeAlias = "bytes | list[Tree] | None"
"""A value of any kind: octets, a list of values, or NIL."""


class Raw(NamedTuple):
    """A value that was stepped over: its text, and the literals that stand in it."""

    text: bytes
    literals: tuple[bytes | Spool, ...] = ()


class Cursor:
    """A place in the text of a frame, and how many of its literals are behind it.

    ``utf8``: names of folders are UTF-8 (RFC 6855). ``long_strings``: a literal may be as long as
    the fields of a header, not only as long as a word.
    """

    __slots__ = ("limits", "literals", "longest", "position", "text", "used", "utf8")

    def __init__(
        self,
        text: bytes,
        literals: tuple[bytes | Spool, ...],
        limits: Limits,
        position: int = 0,
        *,
        utf8: bool = False,
        long_strings: bool = False,
    ) -> None:
        self.text = text
        self.literals = literals
        self.limits = limits
        self.position = position
        self.used = 0
        self.utf8 = utf8
        self.longest = limits.imap_text if long_strings else limits.imap_token

    def fail(self, expected: str) -> NoReturn:
        """Raise Garbled about the place where the cursor stands."""
        rest = self.text[self.position : self.position + EXCERPT]
        raise Garbled(
            "the server's answer does not follow the protocol",
            position=self.position,
            expected=expected,
            excerpt=lexis.readable(rest),
        )

    @property
    def at_end(self) -> bool:
        """Whether nothing is left but white space."""
        return not self.text[self.position :].strip()

    def skip(self, octets: bytes) -> bool:
        """Go past ``octets`` when they are next."""
        if self.text.startswith(octets, self.position):
            self.position += len(octets)
            return True
        return False

    def insist(self, octets: bytes) -> None:
        """Go past ``octets``, which must be next but for spaces."""
        self.spaces()
        if not self.skip(octets):
            self.fail(repr(octets.decode("ascii")))

    def spaces(self) -> None:
        """Go past any spaces: some servers write two, some end a line with one."""
        found = lexis.SPACES.match(self.text, self.position)
        if found is not None:
            self.position = found.end()

    def skip_pattern(self, pattern: re.Pattern[bytes]) -> bytes | None:
        """Return what ``pattern`` matches here, or None."""
        found = pattern.match(self.text, self.position)
        if found is None:
            return None
        self.position = found.end()
        return found[0]

    def number(self) -> int:
        """Return a number (number64 of RFC 9051: below 2**63)."""
        found = self.skip_pattern(lexis.NUMBER)
        if found is None:
            self.fail("a number")
        value = int(found)
        if value >= 1 << 63:
            self.fail("a number below 2**63")
        return value

    def some_number(self) -> int | None:
        """Return a number; None for NIL and for a negative one, which no field of IMAP has."""
        if self.skip_nil():
            return None
        found = self.skip_pattern(lexis.SIGNED)
        if found is None:
            self.fail("a number")
        value = lexis.whole(found)
        return value if value >= 0 else None

    def atom(self, expected: str = "an atom") -> bytes:
        """Return an atom."""
        found = self.skip_pattern(lexis.ATOM)
        if found is None:
            self.fail(expected)
        return found

    def skip_nil(self) -> bool:
        """Go past NIL, in any case of letters."""
        return self.skip_pattern(lexis.NIL) is not None

    def skip_literal(self) -> bytes | Spool | None:
        """Return the octets of the literal that stands here, wherever they are kept."""
        found = lexis.LITERAL.match(self.text, self.position)
        if found is None:
            return None
        if self.used >= len(self.literals):
            self.fail("no literal where none was sent")
        literal = self.literals[self.used]
        if int(found[1]) != (len(literal) if isinstance(literal, bytes) else literal.octets):
            self.fail("the literal that was sent")
        self.used += 1
        self.position = found.end()
        return literal

    def skip_string(self) -> bytes | None:
        """Return a quoted string or a short literal, or None when neither is next."""
        found = lexis.QUOTED_STRING.match(self.text, self.position)
        if found is not None:
            self.position = found.end()
            return lexis.unescaped(found[1])
        start = self.position
        literal = self.skip_literal()
        if literal is None:
            return None
        octets = len(literal) if isinstance(literal, bytes) else literal.octets
        if octets > self.longest:
            self.position = start
            self.fail(f"a literal of at most {self.longest} octets")
        return literal if isinstance(literal, bytes) else literal.read()

    def string(self, expected: str = "a string") -> bytes:
        """Return a quoted string or a short literal."""
        found = self.skip_string()
        if found is None:
            self.fail(expected)
        return found

    def astring(self, expected: str = "a string or an atom") -> bytes:
        """Return a string or an atom."""
        found = self.skip_string()
        return self.atom(expected) if found is None else found

    def nstring(self) -> bytes | None:
        """Return a string or an atom; None for NIL."""
        return None if self.skip_nil() else self.astring("a string or NIL")

    def number_set(self) -> bytes:
        """Return the text of a sequence-set without ``*``."""
        found = self.skip_pattern(lexis.RANGES)
        if found is None:
            self.fail("a set of numbers")
        return found

    def uid_set(self) -> UidSet:
        """Return a sequence-set without ``*``, as ranges."""
        start = self.position
        try:
            return UidSet.parse(self.number_set())
        except ValueError:
            self.position = start
            self.fail("a set of numbers")

    def words(self) -> list[bytes]:
        """Return the strings and atoms of ``"(" [astring *(SP astring)] ")"``, or of NIL."""
        found: list[bytes] = []
        if self.skip_nil():
            return found
        self.insist(b"(")
        self.spaces()
        while not self.skip(b")"):
            found.append(self.astring())
            self.spaces()
            if len(found) > self.limits.imap_words:
                self.fail(f"at most {self.limits.imap_words} words")
        return found

    def bare_words(self, text: bytes) -> frozenset[str]:
        """Return words between spaces, in upper case; ``text`` is what was stepped over."""
        words = text.split(None, self.limits.imap_words)
        if len(words) > self.limits.imap_words:
            self.fail(f"at most {self.limits.imap_words} words")
        return frozenset([lexis.word(one).upper() for one in words])

    def tree(self) -> Tree:
        """Return one value as nested lists of octets and None.

        A number is the octets of its digits. Lists that are nested deeper than the
        limit come back empty.
        """
        if self.skip_nil():
            return None
        if not self.skip(b"("):
            return self.astring("a value")
        root: list[Tree] = []
        open_lists = [root]
        while open_lists:
            self.spaces()
            if self.skip(b")"):
                open_lists.pop()
            elif self.text.startswith(b"(", self.position):
                inner: list[Tree] = []
                open_lists[-1].append(inner)
                if len(open_lists) < self.limits.imap_nesting:
                    self.position += 1
                    open_lists.append(inner)
                else:
                    self.skip_value()
            else:
                open_lists[-1].append(self.nstring())
        return root

    def skip_value(self) -> Raw:
        """Step over one value of any kind: atom, number, string, literal, or a whole list."""
        start, first, depth = self.position, self.used, 0
        text = self.text
        while True:
            found = lexis.STEP.match(text, self.position)
            if found is None:
                if not depth:
                    break
                self.fail("the end of a value")
            step = text[found.start() : found.start() + 1]
            if step == b")" and not depth:
                break
            if step == b" " and not depth and self.position > start:
                break
            if step in b"{~" and self.skip_literal() is not None:
                continue
            if step == b'"' and found.end() - found.start() == 1:
                self.fail("a quoted string that ends")
            self.position = found.end()
            depth += (step == b"(") - (step == b")")
            if not depth and step in b'()"':
                break
        if self.position == start:
            self.fail("a value")
        return Raw(text[start : self.position], self.literals[first : self.used])
