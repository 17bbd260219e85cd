"""Read the addresses of a mail that arrived, however they are written.

Groups lose their names, comments and words become the name, encoded words are decoded even inside
quotes, quotes and brackets that never close are ordinary characters. Whatever stands between two
commas and holds something is given: an address that nobody can reach is still what the mail says.
Nothing raises and time is linear: a mark whose partner was missing once is not looked for again.

Only this reader lives here. What is sent goes through the strict one, in ``mailboxes``.
"""

from __future__ import annotations

import re

from courriel.model.address import Address
from courriel.model.decoding import decoded_words
from courriel.model.limits import DEFAULT
from courriel.model.mailboxes import unquoted

ADDRESSES = DEFAULT.mail_addresses

_ATOM = r"[^\s\"(),:;<>@\[\\\]]+"
# Entries as nearly all are, with the comma behind them: [name] <address>, or the address alone. The
# words of the name are apart, so that there is one way to read them.
_NAME, _SPEC, _END = rf"(?:{_ATOM}[ \t]+)*", rf"{_ATOM}@{_ATOM}", r"[ \t]*(?:,[ \t]*|\Z)"
_USUAL = re.compile(
    rf'(?:"([^"\\]*)"[ \t]*|({_NAME}))<({_SPEC})>{_END}|({_SPEC}){_END}|(.)', re.DOTALL
)
_QUOTED = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_ENCODED = re.compile(r"=\?[^?\s]{1,70}\?[bBqQ]\?[^?<>@]{0,900}\?=")
_PLAIN = re.compile(r'[^\s"(),:;<>\[]+')
_LITERAL = re.compile(r"\[[^\[\]\s,<>]*\]")
_PAREN = re.compile(r"[()\\]")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ROUTE = re.compile(r"@[^:<>]*:|mailto:", re.IGNORECASE)
_REMARK = re.compile(r"\([^()]*\)")


def read_addresses(text: str, most: int = ADDRESSES) -> tuple[list[Address], bool]:
    """Return the addresses of a header value, at most so many, and whether those are all."""
    reader = _Reader(text.strip(), most)
    reader.read()
    return reader.found, reader.complete


class _Reader:
    """Walks the text once; an entry is collected until a comma ends it."""

    def __init__(self, text: str, most: int) -> None:
        self.text = text
        self.most = most
        self.plain = text.isascii() and text.isprintable() and "=?" not in text
        self.position = 0
        self.found: list[Address] = []
        self.complete = True
        # Pieces that touch make one word, as shown and as written: "a b"@example.org.
        self.words: list[tuple[list[str], list[str]]] = []
        self.comments: list[str] = []
        self.glued = False
        self.addressed = False
        self.addressed_at = 0
        self.dotted = False
        self.missing: set[str] = set()

    def read(self) -> None:
        """Collect every address into ``found``."""
        text = self.text
        while self.position < len(text):
            if not (self.words or self.comments):
                self._usual()
                if self.position == len(text):
                    return
            if len(self.found) >= self.most:
                self.complete = False
                return
            character = text[self.position]
            if character.isspace():
                self.position += 1
                self.glued = False
            elif character in ",;":
                self._finish()
                self.position += 1
            elif character == ":":
                self._colon()
            elif character in '<>"' and not (
                (character == "<" and self._angle()) or (character == '"' and self._quoted())
            ):
                # Its partner is missing.
                self.position += 1
                self.glued = False
            elif character not in '<"' and not (character == "(" and self._comment()):
                self._word()
        self._finish()

    def _usual(self) -> None:
        """Take the entries that are as nearly all are."""
        found, most = self.found, self.most
        make = Address.as_scrubbed if self.plain else Address.as_read
        for entry in _USUAL.finditer(self.text, self.position):
            quoted, name, inside, alone, other = entry.groups("")
            if other or len(found) == most:
                self.position = entry.start()
                return
            name = (quoted or name).strip()
            found.append(make(name if self.plain else decoded_words(name), inside or alone))
        self.position = len(self.text)

    def _add(self, shown: str, raw: str) -> None:
        # An address may be written with spaces around its dots (RFC 5322, 4.4).
        dotted = self.addressed_at == len(self.words) and (raw == "." or self.dotted)
        if not ((self.glued or dotted) and self.words):
            self.words.append(([], []))
        self.words[-1][0].append(shown)
        self.words[-1][1].append(raw)
        if "@" in raw:
            self.addressed = True
            self.addressed_at = len(self.words)
        self.dotted = raw.endswith(".")
        self.glued = True

    def _joined(self) -> list[tuple[str, str]]:
        return [("".join(shown), "".join(raw)) for shown, raw in self.words]

    def _word(self) -> None:
        character = self.text[self.position]
        found = None
        if character == "=":
            # A comma in an encoded word ends no entry, though it should not be there.
            found = _ENCODED.match(self.text, self.position)
        if found is None:
            pattern = _LITERAL if character == "[" else _PLAIN
            found = pattern.match(self.text, self.position)
        raw = character if found is None else found[0]
        self.position += len(raw)
        self._add(raw, raw)

    def _quoted(self) -> bool:
        if '"' in self.missing:
            return False
        found = _QUOTED.match(self.text, self.position)
        if found is None:
            self.missing.add('"')
            return False
        self.position = found.end()
        self._add(unquoted(found[0]), found[0])
        return True

    def _comment(self) -> bool:
        if "(" in self.missing:
            return False
        start, position, depth = self.position, self.position, 0
        while True:
            mark = _PAREN.search(self.text, position)
            if mark is None:
                self.missing.add("(")
                return False
            position = mark.end()
            if mark[0] == "\\":
                position += 1
                continue
            depth += 1 if mark[0] == "(" else -1
            if not depth:
                break
        self.comments.append(_ESCAPED.sub(r"\1", self.text[start + 1 : position - 1]).strip())
        self.position = position
        self.glued = False
        return True

    def _colon(self) -> None:
        self.position += 1
        if self.addressed:
            self._add(":", ":")
            return
        # What came before was the name of a group.
        self._forget()

    def _angle(self) -> bool:
        if "<" in self.missing:
            return False
        end = self.text.find(">", self.position)
        if end < 0:
            self.missing.add("<")
            return False
        inside = self.text[self.position + 1 : end].rpartition("<")[2].strip()
        route = _ROUTE.match(inside)
        if route is not None:
            inside = inside[route.end() :]
        if "(" in inside and '"' not in inside:
            inside = _REMARK.sub("", inside).strip()
        self.position = end + 1
        name = self._name([shown for shown, _ in self._joined()])
        if inside or name:
            self.found.append(Address.as_read(name, inside))
        self._forget()
        return True

    def _finish(self) -> None:
        words = self._joined()
        for at, (_, raw) in enumerate(words):
            if "@" in raw and raw != "@":
                others = [shown for place, (shown, _) in enumerate(words) if place != at]
                self.found.append(Address.as_read(self._name(others), raw))
                self._forget()
                return
        joined = "".join(raw for _, raw in words)
        if len(words) == 1 or "@" in joined:
            self.found.append(Address.as_read(self._name([]), joined))
        elif words:
            self.found.append(Address.as_read(self._name([shown for shown, _ in words]), ""))
        self._forget()

    def _name(self, words: list[str]) -> str:
        # A comment is the name in the old style: ada@example.org (Ada).
        chosen = words or self.comments[:1]
        return decoded_words(" ".join(chosen))

    def _forget(self) -> None:
        self.words = []
        self.comments = []
        self.glued = False
        self.addressed = False
        self.addressed_at = 0
        self.dotted = False
