"""Read a list of mailboxes that somebody means to send to, and refuse what is not plain.

::

    list    = [entry] *("," [entry])
    entry   = mailbox / group                       RFC 5322, 3.4
    group   = phrase ":" [mailboxes] ";"            one level; a group never holds a group
    mailbox = addr-spec / [phrase] "<" addr-spec ">"
    phrase  = 1*(word / comment / ".")              obs-phrase: a name may hold dots

Comments may stand between words and around an address, never inside it; nothing that was written
is dropped: a comment becomes part of the name. Whatever follows an address other than a comma is
an error, because the two programs that read it next would disagree about where the mail goes.

Only the strict reader lives here; mail that arrived is read by ``tolerant``. It walks the text
once, without recursion.
"""

from __future__ import annotations

import re

from courriel.errors import Misused
from courriel.model.addrspec import ADDR_SPEC, QUOTED, refusal, wire_addr_spec
from courriel.model.characters import single_line

_WORD = re.compile(rf'({QUOTED})|[^\s"(),:;<>@\[\\\]]+')
_SPACE = re.compile(r"\s*")
_PAREN = re.compile(r"[()\\]")
_ESCAPED = re.compile(r"\\(.)")
_COMMENT_DEPTH = 20


def unquoted(quoted: str) -> str:
    """Return what a quoted string says, without its quotes and backslashes."""
    inside = quoted[1:-1]
    return _ESCAPED.sub(r"\1", inside) if "\\" in inside else inside


class MailboxReader:
    """Reads one text from left to right; ``position`` never turns back."""

    def __init__(self, text: str, *, operation: str = "Address") -> None:
        self.text = single_line(text, what="an address", operation=operation)
        self.position = 0
        self.operation = operation
        self.in_group = False
        self.groups = 0

    def read(self) -> list[tuple[str, str]]:
        """Return every (name, address), members of groups included, in order."""
        found: list[tuple[str, str]] = []
        while True:
            named, words = self._phrase()
            head = self._peek()
            if head in {"", ",", ";"}:
                self._end_entry(named, head)
                if not head:
                    return found
            elif head == ":":
                self._open_group(named)
            else:
                found.append(self._mailbox(named, words, head))

    def _mailbox(self, named: bool, words: list[str], head: str) -> tuple[str, str]:
        if head == "<":
            self.position += 1
        elif named:
            raise self._error()
        spec = ADDR_SPEC.match(self.text, self.position)
        if spec is None:
            raise self._error()
        self.position = spec.end()
        if head == "<":
            if self.text[self.position : self.position + 1] != ">":
                raise self._error()
            self.position += 1
        # What follows may only be a comment, then the end of the entry.
        words += self._comments()
        if self._peek() not in {"", ",", ";"}:
            raise self._error()
        wire_addr_spec(spec[0], operation=self.operation)
        return " ".join(words), spec[0]

    def _phrase(self) -> tuple[bool, list[str]]:
        named, words = False, self._comments()
        if ADDR_SPEC.match(self.text, self.position):
            return False, words
        while True:
            word = _WORD.match(self.text, self.position)
            if word is None:
                return named, words
            named = True
            self.position = word.end()
            words.append(unquoted(word[1]) if word[1] else word[0])
            words += self._comments()

    def _comments(self) -> list[str]:
        found: list[str] = []
        while self._peek() == "(":
            found.append(self._comment())
        return found

    def _comment(self) -> str:
        start, depth = self.position, 0
        while True:
            mark = _PAREN.search(self.text, self.position)
            if mark is None or depth > _COMMENT_DEPTH:
                raise self._error()
            self.position = mark.end()
            if mark[0] == "\\":
                self.position += 1
            else:
                depth += 1 if mark[0] == "(" else -1
            if not depth:
                return _ESCAPED.sub(r"\1", self.text[start : self.position])

    def _open_group(self, named: bool) -> None:
        if self.in_group or not named:
            raise self._error()
        self.in_group = True
        self.groups += 1
        self.position += 1

    def _end_entry(self, named: bool, head: str) -> None:
        # A name without an address, a group never opened, a group never closed.
        if named or (head == ";" and not self.in_group) or (not head and self.in_group):
            raise self._error()
        self.position += 1
        if head == ";":
            self.in_group = False
            self._comments()
            if self._peek() not in {"", ","}:
                raise self._error()

    def _peek(self) -> str:
        space = _SPACE.match(self.text, self.position)
        if space is not None:
            self.position = space.end()
        return self.text[self.position : self.position + 1]

    def _error(self) -> Misused:
        return refusal(self.text, operation=self.operation)
