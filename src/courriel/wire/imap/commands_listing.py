"""Commands that ask about folders: which there are, what they count, what they may hold.

None of them depends on what is selected, and none changes anything. Patterns are always quoted:
``*`` and ``%`` may stand nowhere else.

Only values that encode themselves live here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from courriel.errors import Misused
from courriel.wire.imap.arguments import astring, atom, string
from courriel.wire.imap.commands_folder import mailbox
from courriel.wire.imap.fragments import Dialect, Fragment, Part, parenthesised, spaced
from courriel.wire.imap.names import encoded
from courriel.wire.imap.traits import Command


def _status_items(items: tuple[str, ...]) -> list[Fragment]:
    if not items:
        raise Misused("STATUS asks for nothing", operation="STATUS")
    return parenthesised(atom(item, "a status item") for item in items)


@dataclass(frozen=True, slots=True)
class List(Command):
    """LIST, with the options of LIST-EXTENDED (RFC 3501, 6.3.8; RFC 5258, 3).

    ``patterns``: one without LIST-EXTENDED. ``selection_options``:
    ``SUBSCRIBED REMOTE RECURSIVEMATCH SPECIAL-USE``. ``return_options``:
    ``SUBSCRIBED CHILDREN SPECIAL-USE``. ``status``: items of STATUS to be
    returned too (RFC 5819).
    """

    reference: str = ""
    patterns: tuple[str, ...] = ("*",)
    selection_options: tuple[str, ...] = ()
    return_options: tuple[str, ...] = ()
    status: tuple[str, ...] = ()

    VERB: ClassVar[str] = "LIST"
    UNSIGNED: ClassVar[frozenset[str]] = frozenset({"LIST"})

    def encode(self, dialect: Dialect) -> list[Fragment]:
        words: list[Part] = [b"LIST"]
        if self.selection_options:
            words.append(parenthesised(atom(o, "an option") for o in self.selection_options))
        words.append(string(encoded(self.reference, utf8=dialect.utf8), dialect))
        patterns = [_pattern(pattern, dialect) for pattern in self.patterns]
        if not patterns:
            raise Misused("LIST needs a pattern", operation="LIST", hint='Use "*".')
        words.append(patterns[0] if len(patterns) == 1 else parenthesised(patterns))
        returned: list[Part] = [atom(option, "an option") for option in self.return_options]
        if self.status:
            returned.append(spaced(b"STATUS", _status_items(self.status)))
        if returned:
            words += (b"RETURN", parenthesised(returned))
        return spaced(*words)


def _pattern(pattern: str, dialect: Dialect) -> Fragment:
    """Return a pattern in quotes: ``*`` and ``%`` are printable, and survive modified UTF-7."""
    return string(encoded(pattern, utf8=dialect.utf8), dialect, "a pattern")


@dataclass(frozen=True, slots=True)
class Lsub(Command):
    """LSUB: the subscribed names (RFC 3501, 6.3.9)."""

    reference: str = ""
    pattern: str = "*"

    VERB: ClassVar[str] = "LSUB"
    UNSIGNED: ClassVar[frozenset[str]] = frozenset({"LSUB"})

    def encode(self, dialect: Dialect) -> list[Fragment]:
        reference = string(encoded(self.reference, utf8=dialect.utf8), dialect)
        return spaced(b"LSUB", reference, _pattern(self.pattern, dialect))


@dataclass(frozen=True, slots=True)
class Xlist(Command):
    """XLIST: Gmail's LIST that tells special uses, from before RFC 6154; some still copy it."""

    reference: str = ""
    pattern: str = "*"

    VERB: ClassVar[str] = "XLIST"
    UNSIGNED: ClassVar[frozenset[str]] = frozenset({"LIST"})

    def encode(self, dialect: Dialect) -> list[Fragment]:
        reference = string(encoded(self.reference, utf8=dialect.utf8), dialect)
        return spaced(b"XLIST", reference, _pattern(self.pattern, dialect))


@dataclass(frozen=True, slots=True)
class Status(Command):
    """STATUS with the names of what to count (RFC 3501, 6.3.10)."""

    name: str
    items: tuple[str, ...]

    VERB: ClassVar[str] = "STATUS"

    @property
    def unsigned(self) -> frozenset[str]:
        # INBOX is the same in any case (RFC 9051, 5.1).
        return frozenset({f"STATUS {self.name.upper()}"})

    def encode(self, dialect: Dialect) -> list[Fragment]:
        return spaced(b"STATUS", mailbox(self.name, dialect), _status_items(self.items))


@dataclass(frozen=True, slots=True)
class Namespace(Command):
    """NAMESPACE (RFC 2342, 5)."""

    VERB: ClassVar[str] = "NAMESPACE"
    UNSIGNED: ClassVar[frozenset[str]] = frozenset({"NAMESPACE"})

    def encode(self, dialect: Dialect) -> list[Fragment]:
        return [b"NAMESPACE"]


@dataclass(frozen=True, slots=True)
class GetQuotaRoot(Command):
    """GETQUOTAROOT of a folder (RFC 9208, 4.1.3)."""

    name: str

    VERB: ClassVar[str] = "GETQUOTAROOT"
    UNSIGNED: ClassVar[frozenset[str]] = frozenset({"QUOTA"})

    def encode(self, dialect: Dialect) -> list[Fragment]:
        return spaced(b"GETQUOTAROOT", mailbox(self.name, dialect))


@dataclass(frozen=True, slots=True)
class GetQuota(Command):
    """GETQUOTA of a quota root, whose name is no folder's (RFC 9208, 4.1.1)."""

    root: str = ""

    VERB: ClassVar[str] = "GETQUOTA"
    UNSIGNED: ClassVar[frozenset[str]] = frozenset({"QUOTA"})

    def encode(self, dialect: Dialect) -> list[Fragment]:
        return spaced(b"GETQUOTA", astring(self.root, dialect, "a quota root"))
