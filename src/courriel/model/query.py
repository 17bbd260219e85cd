"""Ask for messages in words: ``where.unseen & where.sender("bob") & ~where.larger(1_000_000)``.

Each word gives a leaf of the query tree; which messages it means is said beside it, for every
backend alike.

Only the words live here. The tree is in ``querytree``; its names are given out here too.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from courriel.model.address import Address
from courriel.model.characters import single_line
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
)
from courriel.model.searchkeys import gathered
from courriel.model.uids import HIGHEST, UidSet

__all__ = ["All", "And", "Criterion", "Not", "Or", "Query", "Where", "where"]


class Where:
    """The words of the query language; use the one instance, ``where``.

    Texts are looked for anywhere in the field, without regard to case (RFC
    3501, 6.4.4). Dates are calendar days: the time and the zone of a
    ``datetime`` do not count. Sizes are octets. Every word raises Misused for
    a value that it cannot have.
    """

    # Without __slots__: the package's door writes its name on what it hands out.

    @property
    def all(self) -> Query:
        """Every message."""
        return All()

    @property
    def seen(self) -> Query:
        """Has been read."""
        return Criterion("seen")

    @property
    def unseen(self) -> Query:
        """Has not been read."""
        return Criterion("unseen")

    @property
    def flagged(self) -> Query:
        """Was marked as important."""
        return Criterion("flagged")

    @property
    def answered(self) -> Query:
        """Was answered."""
        return Criterion("answered")

    @property
    def deleted(self) -> Query:
        """Is marked for deletion."""
        return Criterion("deleted")

    @property
    def draft(self) -> Query:
        """Is a draft."""
        return Criterion("draft")

    @property
    def recent(self) -> Query:
        """Came since the last session looked; IMAP4rev2 servers do not know it any more."""
        return Criterion("recent")

    @property
    def new(self) -> Query:
        """Is recent and has not been read."""
        return Criterion("new")

    @property
    def old(self) -> Query:
        """Is not recent."""
        return Criterion("old")

    def keyword(self, flag: str) -> Query:
        """Has a flag of the user's own, or one such as ``$Forwarded``."""
        return Criterion("keyword", flag)

    def sender(self, text: str | Address) -> Query:
        """Has ``text`` in From: name or address."""
        return Criterion("sender", text)

    def to(self, text: str | Address) -> Query:
        """Has ``text`` in To."""
        return Criterion("to", text)

    def cc(self, text: str | Address) -> Query:
        """Has ``text`` in Cc."""
        return Criterion("cc", text)

    def bcc(self, text: str | Address) -> Query:
        """Has ``text`` in Bcc."""
        return Criterion("bcc", text)

    def recipient(self, text: str | Address) -> Query:
        """Has ``text`` in To, Cc or Bcc."""
        return Or((self.to(text), self.cc(text), self.bcc(text)))

    def subject(self, text: str) -> Query:
        """Has ``text`` in its subject."""
        return Criterion("subject", text)

    def body(self, text: str) -> Query:
        """Has ``text`` in what it says, not in its header."""
        return Criterion("body", text)

    def text(self, text: str) -> Query:
        """Has ``text`` in its header or in what it says."""
        return Criterion("text", text)

    def header(self, name: str, text: str = "") -> Query:
        """Has ``text`` in the field ``name``; without ``text``: has the field."""
        return Criterion("header", (name, text))

    def message_id(self, identifier: str) -> Query:
        """Has this Message-ID; angle brackets are added when they are missing."""
        single_line(identifier, what="a Message-ID", operation="where")
        return self.header("Message-ID", f"<{identifier.strip().strip('<>')}>")

    def since(self, day: date) -> Query:
        """Was taken by the server on ``day`` or later."""
        return Criterion("since", day)

    def before(self, day: date) -> Query:
        """Was taken by the server before ``day``."""
        return Criterion("before", day)

    def on(self, day: date) -> Query:
        """Was taken by the server on ``day``."""
        return Criterion("on", day)

    def sent_since(self, day: date) -> Query:
        """Is dated ``day`` or later by its sender."""
        return Criterion("sent_since", day)

    def sent_before(self, day: date) -> Query:
        """Is dated before ``day`` by its sender."""
        return Criterion("sent_before", day)

    def sent_on(self, day: date) -> Query:
        """Is dated ``day`` by its sender."""
        return Criterion("sent_on", day)

    def younger(self, seconds: int | timedelta) -> Query:
        """Was taken by the server within the last ``seconds`` (RFC 5032).

        The server's clock counts, or this machine's where the server cannot be
        asked for ages (IMAP without WITHIN, POP3).
        """
        return Criterion("younger", seconds)

    def older(self, seconds: int | timedelta) -> Query:
        """Was taken by the server ``seconds`` ago or earlier; see ``younger`` for whose clock."""
        return Criterion("older", seconds)

    def larger(self, octets: int) -> Query:
        """Is larger than ``octets``."""
        return Criterion("larger", octets)

    def smaller(self, octets: int) -> Query:
        """Is smaller than ``octets``."""
        return Criterion("smaller", octets)

    def ids(self, *ids: int | str | Iterable[int] | Iterable[str]) -> Query:
        """Is one of ``ids``, given one by one or as lists; none given means no message."""
        value = gathered(ids)
        return Criterion("ids", value) if value else NONE

    def id_range(self, first: int, last: int | None = None) -> Query:
        """Has an id from ``first`` to ``last``, both included; None is the greatest there is.

        ``where.id_range(counters.uid_next)`` are the messages that came since.
        """
        return Criterion("ids", UidSet(((first, HIGHEST if last is None else last),)))

    def modified_since(self, modseq: int) -> Query:
        """Has changed since mod-sequence ``modseq``, that one included (RFC 7162, 3.1.5)."""
        return Criterion("modified_since", modseq)

    def gmail(self, text: str) -> Query:
        """Is what Gmail's own search finds for ``text``, such as ``"has:attachment"``."""
        return Criterion("gmail", text)

    def all_of(self, queries: Iterable[Query]) -> Query:
        """Is meant by every one of ``queries``; every message when there is none."""
        return all_of(queries)

    def any_of(self, queries: Iterable[Query]) -> Query:
        """Is meant by at least one of ``queries``; no message when there is none."""
        return any_of(queries)


where = Where()
"""The words that make queries: ``where.unseen & where.sender("bob")``."""
