"""Give the texts of a mail in which a search looks, made alike so that case does not count.

A server searches text as people see it: decoded from its charset, its transfer encoding and its
encoded words (RFC 3501, 6.4.4; RFC 5255, 4.6). So does this: header fields as they are shown, and
of the body every text, HTML without its tags, in attached messages too.

Only these texts live here, each made when first asked for; what is looked for is ``matching``'s
business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from courriel.model.address import Address
from courriel.model.decoding import decoded, header_text
from courriel.model.email import Email
from courriel.model.html_text import html_to_text
from courriel.model.parts import MESSAGES, octets_of, placed, source_of
from courriel.model.structure import Part, read_header


def folded(text: str) -> str:
    """Return a text without the differences that a search ignores.

    Case, and the several ways in which Unicode writes one character: what
    i;unicode-casemap (RFC 5051) does, but an accent still makes a difference.
    """
    if text.isascii():
        return text.lower()
    import unicodedata

    return unicodedata.normalize("NFKC", text.casefold())


class Haystack:
    """The searchable texts of one message, folded."""

    def __init__(self, email: Email) -> None:
        self._email = email
        self._fields: dict[str, tuple[str, ...]] = {}

    def field(self, name: str) -> tuple[str, ...]:
        """Return every value of a header field; of addresses, also as ``Name <address>``."""
        name = name.lower()
        if name not in self._fields:
            self._fields[name] = tuple(map(folded, self._values(name)))
        return self._fields[name]

    def _values(self, name: str) -> Iterator[str]:
        yield from self._email.headers.all(name)
        people: dict[str, Iterable[Address]] = {
            "from": () if self._email.sender is None else (self._email.sender,),
            "to": self._email.to,
            "cc": self._email.cc,
            # That of a message composed here is in no header.
            "bcc": self._email.bcc,
        }
        if name != "from" or name in self._email.headers:
            yield from (str(address) for address in people.get(name, ()))

    @cached_property
    def header(self) -> tuple[str, ...]:
        """Every line of the header."""
        blind = (f"Bcc: {address}" for address in self._email.bcc)
        lines = (f"{name}: {value}" for name, value in self._email.headers.fields)
        return tuple(map(folded, (*lines, *blind)))

    @cached_property
    def body(self) -> tuple[str, ...]:
        """Every text in the body, and the headers of messages inside it."""
        source = source_of(self._email)
        return tuple(folded(text) for _, part in placed(source) for text in _texts_of(source, part))


def _texts_of(source: bytes, part: Part) -> Iterator[str]:
    if part.kind in MESSAGES:
        for name, value in read_header(source, part.start, part.end).fields:
            yield f"{name}: {header_text(value)}"
    elif part.kind.startswith("text/"):
        text = decoded(octets_of(source, part), part.parameters.get("charset") or None)[0]
        yield html_to_text(text) if part.kind == "text/html" else text
