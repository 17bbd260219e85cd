"""Write a query of the model as the search keys of IMAP.

::

    search-key = "ALL" / "ANSWERED" / "BCC" SP astring / "BEFORE" SP date / … /
                 "NOT" SP search-key / "OR" SP search-key SP search-key /
                 sequence-set / "(" search-key *(SP search-key) ")"         RFC 3501, 9

NOT and OR take exactly one and two keys: what is more than one key stands in parentheses there. An
OR of many is a balanced tree, whose depth no server minds.

Only the translation lives here, and the questions about a query that decide how it is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from courriel.errors import Misused, NotSupported
from courriel.model.characters import excerpt
from courriel.model.querytree import (
    NONE,
    All,
    And,
    Criterion,
    Not,
    Or,
    Query,
    all_of,
    any_of,
    leaves,
)
from courriel.model.uids import UidSet
from courriel.wire.imap.arguments import (
    astring,
    atom,
    date_text,
    number,
    octets,
    string,
)
from courriel.wire.imap.fragments import (
    Dialect,
    Fragment,
    parenthesised,
    spaced,
    together,
)
from courriel.wire.imap.sets import encoded_set

_FLAGS = {
    "seen": b"SEEN",
    "unseen": b"UNSEEN",
    "flagged": b"FLAGGED",
    "answered": b"ANSWERED",
    "deleted": b"DELETED",
    "draft": b"DRAFT",
    "recent": b"RECENT",
    "new": b"NEW",
    "old": b"OLD",
}
_TEXTS = {
    "sender": b"FROM",
    "to": b"TO",
    "cc": b"CC",
    "bcc": b"BCC",
    "subject": b"SUBJECT",
    "body": b"BODY",
    "text": b"TEXT",
    "gmail": b"X-GM-RAW",
}
_DAYS = {
    "since": b"SINCE",
    "before": b"BEFORE",
    "on": b"ON",
    "sent_since": b"SENTSINCE",
    "sent_before": b"SENTBEFORE",
    "sent_on": b"SENTON",
}
_NUMBERS = {
    "larger": b"LARGER",
    "smaller": b"SMALLER",
    "younger": b"YOUNGER",
    "older": b"OLDER",
    "modified_since": b"MODSEQ",
}
_CAPABILITIES = {
    "younger": "WITHIN",
    "older": "WITHIN",
    "modified_since": "CONDSTORE",
    "gmail": "X-GM-EXT-1",
}
_ASCII_WORDS = re.compile(r"(?<!\S)[!-~]+(?:\s+[!-~]+)*(?!\S)")


def capabilities_for(query: Query) -> frozenset[str]:
    """Return the capabilities that the server must have to be asked this."""
    return frozenset(_CAPABILITIES[leaf.key] for leaf in leaves(query) if leaf.key in _CAPABILITIES)


def reads_flags(query: Query) -> bool:
    """Return whether the answer depends on flags."""
    return any(leaf.key in _FLAGS or leaf.key == "keyword" for leaf in leaves(query))


def charset_for(query: Query) -> str | None:
    """Return ``"UTF-8"`` when a text is not ASCII, else None."""
    return None if all(_text_of(leaf).isascii() for leaf in leaves(query)) else "UTF-8"


def _text_of(leaf: Criterion) -> str:
    if leaf.key == "header":
        return str(leaf.value[1])
    return leaf.value if leaf.key in _TEXTS else ""


def charset_among(query: Query, offered: Iterable[str]) -> str | None:
    """Return the first charset that BADCHARSET offers and all texts of ``query`` fit, or None."""
    texts = [_text_of(leaf) for leaf in leaves(query)]
    return next((charset for charset in offered if _fits(charset, texts)), None)


def _fits(charset: str, texts: Iterable[str]) -> bool:
    try:
        # Decoding tells encodings of characters from those that only look like it.
        return all(octets(text.encode(charset)).decode(charset) == text for text in texts)
    except (UnicodeError, LookupError, Misused):
        return False


def ascii_superset(query: Query) -> Query:
    """Return an ASCII query that finds all that ``query`` finds, and perhaps more.

    For a server that answers BADCHARSET even to UTF-8 (RFC 3501, 7.1 makes
    only US-ASCII sure). Of a text that is not ASCII the whole words that are
    remain, because some servers look only for words; what is found must be
    looked through here.
    """
    return _widened(query, wider=True)


def _widened(query: Query, *, wider: bool) -> Query:
    """Return an ASCII query that means at least as much, or at most when not ``wider``."""
    match query:
        case And(queries):
            return all_of(_widened(each, wider=wider) for each in queries)
        case Or(queries):
            return any_of(_widened(each, wider=wider) for each in queries)
        case Not(negated):
            return ~_widened(negated, wider=not wider)
        case Criterion() if not _text_of(query).isascii():
            if not wider:
                return NONE
            return all_of(
                Criterion(query.key, (query.value[0], text) if query.key == "header" else text)
                for text in _ASCII_WORDS.findall(_text_of(query))
            )
        case _:
            return query


def search_keys(query: Query, dialect: Dialect, charset: str = "UTF-8") -> list[Fragment]:
    """Return the keys of ``query``, its texts in ``charset``, as they end a SEARCH.

    Raises Misused for a text that the charset cannot express and for an
    unknown charset, NotSupported for what no IMAP server can be asked.
    """
    writer = _Writer(dialect, charset)
    # At the top, keys side by side are an AND without parentheses.
    queries = query.queries if isinstance(query, And) else (query,)
    return spaced(*map(writer.key, queries)) if queries else [b"ALL"]


class _Writer:
    """Write keys in one dialect and charset."""

    def __init__(self, dialect: Dialect, charset: str) -> None:
        self._dialect = dialect
        self._charset = charset

    def key(self, query: Query) -> list[Fragment]:
        """Return one search-key, in parentheses where it is several."""
        match query:
            case All():
                return [b"ALL"]
            case Not(negated):
                return spaced(b"NOT", self._grouped((negated,)))
            case And(queries):
                return self._all(queries)
            case Or(queries):
                return self._either(queries)
            case Criterion(key, value):
                return self._criterion(key, value)
        raise Misused(f"{excerpt(query)} is no query", operation="SEARCH")

    def _all(self, queries: Sequence[Query]) -> list[Fragment]:
        if len(queries) < 2:
            return self.key(queries[0]) if queries else [b"ALL"]
        return parenthesised(map(self.key, queries))

    def _either(self, queries: Sequence[Query]) -> list[Fragment]:
        if len(queries) < 2:
            return self.key(queries[0]) if queries else [b"NOT ALL"]
        middle = len(queries) // 2
        halves = (self._grouped(half) for half in (queries[:middle], queries[middle:]))
        return spaced(b"OR", *halves)

    def _grouped(self, queries: Sequence[Query]) -> list[Fragment]:
        """Return an OR of ``queries`` as an operand.

        The grammar takes it bare too, but not every server gets that right.
        """
        keys = self._either(queries)
        lone = queries[0] if len(queries) == 1 else None
        return (
            keys
            if lone is not None and not isinstance(lone, Or | Not)
            else together((b"(", keys, b")"))
        )

    def _criterion(self, key: str, value: Any) -> list[Fragment]:
        if key in _FLAGS:
            return [_FLAGS[key]]
        if key in _TEXTS:
            return spaced(_TEXTS[key], self._text(value))
        if key in _DAYS:
            return [_DAYS[key] + b" " + date_text(value)]
        if key in _NUMBERS:
            return [_NUMBERS[key] + b" " + number(value, key)]
        if key == "header":
            return spaced(b"HEADER", astring(value[0]), self._text(value[1]))
        if key == "keyword":
            return [b"KEYWORD " + atom(value, "a keyword")]
        if key == "ids" and isinstance(value, UidSet):
            return [b"UID " + encoded_set(value)]
        if key == "ids":
            raise Misused(
                "where.ids was given ids of another kind of session",
                operation="SEARCH",
                hint="Ids are numbers on IMAP, texts on POP3: take them from Summary.id.",
            )
        raise NotSupported(
            f"IMAP cannot look for {key} {excerpt(value)}",
            capability=f"SEARCH {key.upper()}",
            operation="SEARCH",
            hint="Leave it out of the query.",
        )

    def _text(self, text: str) -> Fragment:
        if text.isascii():
            return string(text, self._dialect, "a text")
        try:
            return string(text.encode(self._charset), self._dialect, "a text")
        except (UnicodeError, LookupError):
            raise Misused(
                f"{excerpt(text)} cannot be written in {excerpt(self._charset)}",
                operation="SEARCH",
                hint="Use UTF-8.",
            ) from None
