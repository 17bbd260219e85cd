"""Hold what an IMAP server says, one value for each kind of answer.

::

    response      = *(continue-req / response-data) response-done       RFC 9051, 9
    response-data = "*" SP (resp-cond-state / resp-cond-bye / mailbox-data /
                    message-data / capability-data / enable-data) CRLF

Whoever receives one dispatches with ``match``; no value is subclassed. Sets of numbers stay ranges,
however many numbers they stand for. Names of folders come decoded and, beside that, as they stood
on the wire (``raw``), because a name that cannot be decoded must still be usable.

Only values live here; ``parse`` makes them, and ``fetched`` holds the one that is not frozen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from courriel.model.folder import Counters, Namespaces, Quota
from courriel.model.uids import UidSet
from courriel.wire.imap.fetched import Fetched

Ranges: TypeAlias = "tuple[tuple[int, int], ...]"
"""Ranges of numbers in the order in which they came; (5, 3) counts down."""


@dataclass(frozen=True, slots=True)
class Code:
    """A response code in brackets: its name in upper case, and what ``codes`` says it holds."""

    name: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Appended:
    """The value of APPENDUID (RFC 4315, 3): the new messages, in the folder of that validity."""

    validity: int
    uids: UidSet


@dataclass(frozen=True, slots=True)
class Copied:
    """The value of COPYUID (RFC 4315, 3): the n-th UID of ``source`` is the n-th of ``target``."""

    validity: int
    source: Ranges
    target: Ranges

    def target_of(self, uid: int) -> int | None:
        """Return the new UID of the message that was ``uid``, or None; no range is expanded."""
        place = 0
        for first, last in self.source:
            if min(first, last) <= uid <= max(first, last):
                place += abs(uid - first)
                break
            place += abs(last - first) + 1
        else:
            return None
        for first, last in self.target:
            size = abs(last - first) + 1
            if place < size:
                return first + place if first <= last else first - place
            place -= size
        return None

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Yield (old UID, new UID) one by one: a server may claim four thousand million."""
        return zip(_counted(self.source), _counted(self.target), strict=False)


@dataclass(frozen=True, slots=True)
class Tagged:
    """The end of a command: ``status`` is OK, NO or BAD."""

    tag: bytes
    status: str
    code: Code | None
    text: str


@dataclass(frozen=True, slots=True)
class Condition:
    """An untagged OK, NO, BAD, BYE or PREAUTH."""

    status: str
    code: Code | None
    text: str


@dataclass(frozen=True, slots=True)
class Continuation:
    """A ``+``: the server waits for more. ``text`` is what follows, a challenge or words."""

    text: bytes
    code: Code | None = None


@dataclass(frozen=True, slots=True)
class CapabilityList:
    """CAPABILITY: the words in upper case, AUTH= and all."""

    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Enabled:
    """ENABLED (RFC 5161): the words in upper case."""

    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Listed:
    """LIST, XLIST or (``subscribed_list``) LSUB.

    ``separator`` is None for a flat name space. ``extended`` maps the upper-case names of the
    extended data items (RFC 5258, 6) to a name for OLDNAME, a tuple of words for CHILDINFO, and
    the raw octets for all others.
    """

    attributes: frozenset[str]
    separator: str | None
    name: str
    raw: bytes
    extended: Mapping[str, Any] = field(default_factory=dict)
    subscribed_list: bool = False


@dataclass(frozen=True, slots=True)
class StatusOf:
    """STATUS of one folder."""

    name: str
    raw: bytes
    counters: Counters


@dataclass(frozen=True, slots=True)
class Slice:
    """PARTIAL of an ESEARCH (RFC 9394): the results from ``first`` to ``last``, in order."""

    first: int
    last: int
    numbers: UidSet
    order: Ranges = ()


@dataclass(frozen=True, slots=True)
class Found:
    """SEARCH, SORT or ESEARCH.

    ``numbers`` is a set, or for SORT the numbers in order; it is empty for an ESEARCH without ALL,
    which is how one says that it found nothing. COUNT, MIN, MAX, MODSEQ and PARTIAL are None where
    they are missing. ``order`` are the ranges of ALL as they came, for a SORT that returns them.
    ``by_uid`` is None where the answer does not say (RFC 3501 never does).
    """

    kind: str
    tag: bytes | None = None
    by_uid: bool | None = None
    numbers: UidSet | tuple[int, ...] = field(default_factory=lambda: UidSet(()))
    count: int | None = None
    least: int | None = None
    greatest: int | None = None
    modseq: int | None = None
    partial: Slice | None = None
    order: Ranges = ()


@dataclass(frozen=True, slots=True)
class Threads:
    """THREAD (RFC 5256, 4): every message as (number, depth), each after its parent.

    A parent that the folder does not hold has the number 0. The list is flat because a thread
    may be deeper than any recursion.
    """

    members: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class FlagList:
    """FLAGS: what the selected folder knows."""

    flags: frozenset[str]


@dataclass(frozen=True, slots=True)
class Exists:
    """EXISTS: how many messages the selected folder holds."""

    number: int


@dataclass(frozen=True, slots=True)
class Recent:
    """RECENT: how many of them are new."""

    number: int


@dataclass(frozen=True, slots=True)
class Expunged:
    """EXPUNGE: the message of that sequence number is gone; those behind it move up."""

    number: int


@dataclass(frozen=True, slots=True)
class Vanished:
    """VANISHED (RFC 7162, 3.2.10); ``earlier`` for those that went before this session looked."""

    earlier: bool
    uids: UidSet


@dataclass(frozen=True, slots=True)
class NamespaceList:
    """NAMESPACE (RFC 2342, 5)."""

    namespaces: Namespaces


@dataclass(frozen=True, slots=True)
class Identity:
    """ID (RFC 2971, 3.2): what the server says it is, names in lower case."""

    fields: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class QuotaOf:
    """QUOTA (RFC 9208, 4.1)."""

    quota: Quota


@dataclass(frozen=True, slots=True)
class QuotaRoots:
    """QUOTAROOT (RFC 9208, 4.1): the roots that count for a folder."""

    folder: str
    raw: bytes
    roots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """An answer that nobody here reads, or that could not be read."""

    text: bytes


Answer: TypeAlias = (
    Tagged
    | Condition
    | Continuation
    | CapabilityList
    | Enabled
    | Listed
    | StatusOf
    | Found
    | Threads
    | FlagList
    | Exists
    | Recent
    | Expunged
    | Vanished
    | NamespaceList
    | Identity
    | QuotaOf
    | QuotaRoots
    | Fetched
    | Unknown
)


def _counted(ranges: Ranges) -> Iterator[int]:
    for first, last in ranges:
        yield from range(first, last + 1) if first <= last else range(first, last - 1, -1)
