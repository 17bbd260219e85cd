"""Commands that look for messages: SEARCH, SORT, THREAD.

::

    search = "SEARCH" [" RETURN (" options ")"] [" CHARSET " charset] 1*(SP search-key)
                                                                RFC 3501, 9; RFC 4731, 3.1
    sort   = "SORT" ["RETURN (" options ")"] sort-criteria charset search-keys
                                                                RFC 5256, 5; RFC 5267, 3
    thread = "THREAD" algorithm charset search-keys             RFC 5256, 5

UTF-8 is named as charset only when a text needs it, and in SEARCH not when the server has enabled
UTF-8, which forbids it (RFC 6855, 3).

Only values that encode themselves live here; search keys are made in ``criteria``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from courriel.errors import Misused
from courriel.model.characters import excerpt
from courriel.model.querytree import All, Query
from courriel.wire.imap.arguments import (
    astring,
    atom,
    partial_range,
)
from courriel.wire.imap.criteria import charset_for, reads_flags, search_keys
from courriel.wire.imap.fragments import (
    Dialect,
    Fragment,
    Part,
    parenthesised,
    spaced,
)
from courriel.wire.imap.traits import Command, Does, Need

RETURN_OPTIONS = frozenset({"MIN", "MAX", "COUNT", "ALL", "SAVE"})
"""What ESEARCH can return (RFC 4731, 3.1), and SAVE (RFC 5182, 2.1)."""
SORT_KEYS = frozenset(
    {"ARRIVAL", "CC", "DATE", "FROM", "SIZE", "SUBJECT", "TO", "DISPLAYFROM", "DISPLAYTO"}
)
"""What SORT can sort by (RFC 5256, 3; RFC 5957, 3)."""


EVERYTHING = All()


@dataclass(frozen=True, slots=True)
class _Looking(Command):
    """What the three have in common: the query, and by which numbers the answer names messages.

    ``charset`` None: whichever the query needs. ``uid``: the answer is UIDs.
    """

    query: Query = EVERYTHING
    charset: str | None = None
    uid: bool = field(default=True, kw_only=True)

    @property
    def verb(self) -> str:
        return f"UID {self.VERB}" if self.uid else self.VERB

    @property
    def needs(self) -> frozenset[Need]:
        needs = {Need.SETTLED_SELECTION}
        if not self.uid:
            needs.add(Need.STEADY_NUMBERS)
        if reads_flags(self.query):
            needs.add(Need.STEADY_FLAGS)
        return frozenset(needs)

    @property
    def does(self) -> frozenset[Does]:
        does = {Does.USES_SELECTION}
        does |= {Does.USES_UIDS, Does.MAY_EXPUNGE} if self.uid else {Does.USES_NUMBERS}
        if reads_flags(self.query):
            does.add(Does.READS_FLAGS)
        return frozenset(does)

    def _charset(self) -> str:
        return self.charset or charset_for(self.query) or "US-ASCII"

    def _named_charset(self, dialect: Dialect) -> str:
        """Return the charset of SORT and THREAD, which must name one (RFC 5256, 3).

        Where UTF-8 was enabled Courier takes no other.
        """
        return "UTF-8" if dialect.utf8 else self._charset()


def _returned(options: tuple[str, ...], partial: tuple[int, int] | None) -> list[Part]:
    words: list[Part] = []
    for option in options:
        if option not in RETURN_OPTIONS:
            raise Misused(f"a search cannot return {excerpt(option)}", operation="SEARCH")
        words.append(atom(option))
    if partial is not None:
        words.append(b"PARTIAL " + partial_range(partial))
    return [b"RETURN", parenthesised(words)] if words else []


def _unsigned(
    verb: str, options: tuple[str, ...], partial: tuple[int, int] | None
) -> frozenset[str]:
    """Return what answers without a tag: all but ESEARCH (RFC 4731, 3.1)."""
    return frozenset() if options or partial is not None else frozenset({verb})


@dataclass(frozen=True, slots=True)
class Search(_Looking):
    """UID SEARCH, or SEARCH (RFC 3501, 6.4.4).

    ``return_options``: any of ``RETURN_OPTIONS``, none for the old answer.
    ``partial``: only that part of the result, (1, 100) from its start or
    (-1, -100) from its end (RFC 9394, 3.1).
    """

    return_options: tuple[str, ...] = ()
    partial: tuple[int, int] | None = None

    VERB: ClassVar[str] = "SEARCH"

    @property
    def unsigned(self) -> frozenset[str]:
        return _unsigned(self.VERB, self.return_options, self.partial)

    def encode(self, dialect: Dialect) -> list[Fragment]:
        words: list[Part] = [self.verb.encode(), *_returned(self.return_options, self.partial)]
        charset = self._charset()
        if self.charset is not None or charset != "US-ASCII":
            if not dialect.utf8:
                words += (b"CHARSET", astring(charset, what="a charset"))
            else:
                charset = "UTF-8"
        return spaced(*words, search_keys(self.query, dialect, charset))


@dataclass(frozen=True, slots=True)
class Sort(_Looking):
    """UID SORT, or SORT (RFC 5256, 3).

    ``keys``: any of ``SORT_KEYS``, each perhaps behind ``REVERSE`` and a
    space, the most important first. ``return_options`` and ``partial`` need
    ESORT (RFC 5267, 3) and are those of SEARCH.
    """

    keys: tuple[str, ...] = ("ARRIVAL",)
    return_options: tuple[str, ...] = ()
    partial: tuple[int, int] | None = None

    VERB: ClassVar[str] = "SORT"

    @property
    def unsigned(self) -> frozenset[str]:
        return _unsigned(self.VERB, self.return_options, self.partial)

    def encode(self, dialect: Dialect) -> list[Fragment]:
        charset = self._named_charset(dialect)
        words: list[Part] = [self.verb.encode(), *_returned(self.return_options, self.partial)]
        words.append(parenthesised(map(_sort_key, self.keys)))
        words.append(astring(charset, what="a charset"))
        return spaced(*words, search_keys(self.query, dialect, charset))


def _sort_key(key: str) -> bytes:
    if str(key).removeprefix("REVERSE ") not in SORT_KEYS:
        raise Misused(
            f"messages cannot be sorted by {excerpt(key)}",
            operation="SORT",
            hint=f"Use {', '.join(sorted(SORT_KEYS))}, perhaps with REVERSE in front.",
        )
    return key.encode("ascii")


@dataclass(frozen=True, slots=True)
class Thread(_Looking):
    """UID THREAD, or THREAD; ``algorithm``: ``REFERENCES``, ``ORDEREDSUBJECT``… (RFC 5256, 3)."""

    algorithm: str = "REFERENCES"

    VERB: ClassVar[str] = "THREAD"
    UNSIGNED: ClassVar[frozenset[str]] = frozenset({"THREAD"})

    def encode(self, dialect: Dialect) -> list[Fragment]:
        charset = self._named_charset(dialect)
        return spaced(
            self.verb.encode(),
            atom(self.algorithm, "an algorithm"),
            astring(charset, what="a charset"),
            search_keys(self.query, dialect, charset),
        )
