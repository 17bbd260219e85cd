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
LONG = 16 * 1024
"""Characters from which a list is read at once; a few entries are read faster one by one."""

# What stands in no atom, and the white space that stands in no name: written out, since a class
# such as \s makes every look at a character twice as slow.
_WHITE = r"\t-\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_NO_ATOM = rf"\"(),:;<>@\[\\\]{_WHITE}"
_ATOM = rf"[^ {_NO_ATOM}]+"
# Entries as nearly all are, with the comma behind them: [name] <address>, or the address alone; or
# one that is not, with all that follows.
_NAME, _SPEC, _END = rf"(?! )[^{_NO_ATOM}]*", rf"{_ATOM}@{_ATOM}", r"[ \t]*(?:,[ \t]*|\Z)"
_USUAL = re.compile(
    rf'(?:({_NAME})<|"([^"\\]*)"[ \t]*<)({_SPEC})>{_END}|({_SPEC}){_END}|(.+)', re.DOTALL
)
_OTHER = 5
# A round fails at its first two characters, so that it may be possessive (see wire/imap/lexis about
# Python 3.11): else every backslash is remembered, at a hundred octets each.
_QUOTED = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_ENCODED = re.compile(r"=\?[^?\s]{1,70}\?[bBqQ]\?[^?<>@]{0,900}\?=")
_PLAIN = re.compile(r'[^\s"(),:;<>\[]+')
_LITERAL = re.compile(r"\[[^\[\]\s,<>]*\]")
_PAREN = re.compile(r"[()\\]")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ROUTE = re.compile(r"@[^:<>]*:|mailto:", re.IGNORECASE)
_REMARK = re.compile(r"\([^()]*\)")
_AROUND = re.compile(r"(?<!\s)\s*([.@])\s*")


def read_addresses(text: str, most: int = ADDRESSES) -> tuple[list[Address], bool]:
    """Return the addresses of a header value, at most so many, and whether those are all."""
    reader = _Reader(text.strip(), most)
    reader.read()
    return reader.found, reader.complete


class _Reader:
    """Walks the text once; an entry is collected until a comma ends it."""

    def __init__(self, text: str, most: int, *, outer: bool = True) -> None:
        self.text = text
        self.most = most
        self.outer = outer
        self.plain = text.isascii() and text.isprintable() and "=?" not in text
        self.position = 0
        self.found: list[Address] = []
        self.complete = True
        # The words of an entry, as shown and as written, and the pieces of the last one: those that
        # touch make one word, "a b"@example.org.
        self.words: list[str] = []
        self.written: list[str] = []
        self.pieces: tuple[list[str], list[str]] = ([], [])
        self.comments: list[str] = []
        self.glued = False
        self.addressed = False
        self.addressed_at = 0
        self.dotted = False
        # Whether the address of an entry has been found, and what follows is its rest.
        self.answered = False
        self.missing: set[str] = set()

    def read(self) -> None:
        """Collect every address into ``found``."""
        text = self.text
        if len(text) > LONG and self.plain:
            self._at_once()
        while self.position < len(text):
            if not (self.words or self.comments):
                before = self.position
                self._usual()
                self.answered = self.answered and before == self.position
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
            if entry.lastindex == _OTHER or len(found) == most:
                self.position = entry.start()
                return
            name, quoted, inside, alone, _ = entry.groups("")
            if alone.startswith("=?"):
                self.position = entry.start()
                return
            name = (quoted or name).strip()
            found.append(make(name if self.plain else decoded_words(name), inside or alone))
        self.position = len(self.text)

    def _at_once(self) -> None:
        """Take all entries if they are as nearly all are."""
        # Of each there is what stands before it, which is nothing, and the five groups.
        pieces = _USUAL.split(self.text)
        if pieces[-2] is not None or len(pieces) > 6 * self.most:
            return
        named = zip(pieces[1::6], pieces[2::6], strict=True)
        names = [(name or quoted or "").strip() for name, quoted in named]
        written = zip(pieces[3::6], pieces[4::6], strict=True)
        self.found = Address.all_scrubbed(names, [inside or alone for inside, alone in written])
        self.position = len(self.text)

    def _add(self, shown: str, raw: str) -> None:
        # An address may be written with spaces around its dots (RFC 5322, 4.4).
        dotted = self.addressed_at == len(self.words) and (raw == "." or self.dotted)
        if not ((self.glued or dotted) and self.words):
            self._join()
            self.words.append("")
            self.written.append("")
        self.pieces[0].append(shown)
        self.pieces[1].append(raw)
        if "@" in raw:
            self.addressed = True
            self.addressed_at = len(self.words)
        self.dotted = raw.endswith(".")
        self.glued = True

    def _join(self) -> None:
        """Make the pieces of the last word one."""
        shown, raw = self.pieces
        if raw:
            self.written[-1] = "".join(raw)
            self.words[-1] = self.written[-1] if shown == raw else "".join(shown)
            self.pieces = ([], [])

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
        if not inside.isprintable() or " " in inside:
            # White space may stand around the dots of an address (RFC 5322, 4.4).
            inside = _AROUND.sub(r"\1", inside) if '"' not in inside else inside
        self.position = end + 1
        self._join()
        if "@" not in inside and len(self.words) == 1 and "@" in self.words[0].strip("@"):
            # The brackets hold something else: ada@example.org <None>.
            inside = self.words[0]
        name = self._name(self.words)
        if inside or name:
            self.found.append(Address.as_read(name, inside))
        self._forget()
        self.answered = bool(inside or name)
        return True

    def _finish(self) -> None:
        self._join()
        if self.answered and not any("@" in word for word in self.written):
            # Behind an address in brackets stands a name at most.
            if not self.found[-1].name:
                name = self._name(self.words)
                self.found[-1] = Address.as_read(name, self.found[-1].address)
            self._forget()
            return
        joined = "".join(self.written)
        addresses = [at for at, word in enumerate(self.written) if _is_address(word)]
        if len(addresses) > 1:
            # What stands in quotes is the name, where there is another.
            addresses = [at for at in addresses if self.written[at][-1] != '"'] or addresses
        if 1 < len(addresses) == len(self.written):
            # The commas between them are missing.
            self.found += [Address.as_read("", word) for word in self.written[: self._room()]]
        elif addresses:
            word = self.written[addresses[0]]
            del self.words[addresses[0]]
            self.found.append(Address.as_read(self._name(self.words), word))
        elif joined.startswith("=?") and joined.endswith("?="):
            self._encoded(self._name(self.words))
        elif len(self.words) == 1 or "@" in joined:
            self.found.append(Address.as_read(self._name([]), joined))
        elif self.words:
            self.found.append(Address.as_read(self._name(self.words), ""))
        self._forget()

    def _room(self) -> int:
        self.complete = self.complete and len(self.found) + len(self.written) <= self.most
        return self.most - len(self.found)

    def _encoded(self, text: str) -> None:
        """Take an entry that is encoded as a whole, which RFC 2047, 5 forbids."""
        if self.outer and "<" in text and "@" in text:
            inner = _Reader(text, self.most - len(self.found), outer=False)
            inner.read()
            self.found += inner.found
            self.complete = self.complete and inner.complete
        elif text:
            # Without brackets nobody has said that it is more than a name.
            self.found.append(Address.as_read(text, ""))

    def _name(self, words: list[str]) -> str:
        # A comment is the name in the old style: ada@example.org (Ada).
        chosen = words or self.comments[:1]
        return decoded_words(" ".join(chosen))

    def _forget(self) -> None:
        self.words = []
        self.written = []
        self.pieces = ([], [])
        self.comments = []
        self.glued = False
        self.addressed = False
        self.addressed_at = 0
        self.dotted = False
        self.answered = False


def _is_address(word: str) -> bool:
    return "@" in word and word != "@" and not (word.startswith("=?") and word.endswith("?="))
