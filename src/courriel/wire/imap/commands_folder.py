"""Commands that choose a folder, make one, rename it, or remove it.

Folders that these commands name are ``name``, in Unicode; ``folder`` would be one that must be
selected. Selecting waits until nobody depends on the old selection, and whoever depends on the
selection waits for it: a server that refuses to select may keep the old folder, and a STORE behind
it would hit the wrong messages.

Only values that encode themselves live here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from courriel.errors import Misused
from courriel.model.characters import excerpt
from courriel.model.folder import USES
from courriel.model.uids import UidSet
from courriel.wire.imap.arguments import (
    astring,
    number,
)
from courriel.wire.imap.fragments import (
    Dialect,
    Fragment,
    Part,
    parenthesised,
    spaced,
)
from courriel.wire.imap.names import encoded
from courriel.wire.imap.sets import encoded_set
from courriel.wire.imap.traits import Command, Does, Need

_SELECTING = frozenset({Does.SELECTS, Does.MAY_EXPUNGE})
_MOST = 2**63 - 1
_MOST_32 = 2**32 - 1


def mailbox(name: str, dialect: Dialect) -> Fragment:
    """Return a folder's name as an argument; INBOX in any case is the inbox (RFC 3501, 5.1)."""
    if not name:
        raise Misused("a folder's name is empty", operation="folder")
    return astring(encoded(name, utf8=dialect.utf8), dialect, "a folder's name")


@dataclass(frozen=True, slots=True)
class Resync:
    """What we knew of a folder when we last saw it, for QRESYNC (RFC 7162, 3.2.5).

    ``known``: the UIDs held, None for all. ``sample_numbers`` and
    ``sample_uids``: some messages by both their numbers, of equal length,
    from which the server guesses what has gone.
    """

    uid_validity: int
    modseq: int
    known: UidSet | None = None
    sample_numbers: UidSet | None = None
    sample_uids: UidSet | None = None

    def encode(self) -> list[Fragment]:
        words: list[Part] = [
            number(self.uid_validity, "UIDVALIDITY", least=1, most=_MOST_32),
            number(self.modseq, "a mod-sequence", least=1, most=_MOST),
        ]
        if self.known:
            words.append(encoded_set(self.known))
        if self.sample_numbers and self.sample_uids:
            if len(self.sample_numbers) != len(self.sample_uids):
                raise Misused("QRESYNC's samples differ in length", operation="SELECT")
            words.append(
                parenthesised((encoded_set(self.sample_numbers), encoded_set(self.sample_uids)))
            )
        return spaced(b"QRESYNC", parenthesised(words))


@dataclass(frozen=True, slots=True)
class Select(Command):
    """SELECT, or EXAMINE when ``read_only`` (RFC 3501, 6.3.1; RFC 7162, 3.1.8 and 3.2.5)."""

    name: str
    read_only: bool = False
    condstore: bool = False
    qresync: Resync | None = None

    NEEDS: ClassVar[frozenset[Need]] = frozenset({Need.IDLE_SELECTION})
    DOES: ClassVar[frozenset[Does]] = _SELECTING

    @property
    def verb(self) -> str:
        return "EXAMINE" if self.read_only else "SELECT"

    def encode(self, dialect: Dialect) -> list[Fragment]:
        words: list[Part] = [self.verb.encode(), mailbox(self.name, dialect)]
        if self.qresync is not None:
            # It implies CONDSTORE (RFC 7162, 3.2.5).
            words.append(parenthesised((self.qresync.encode(),)))
        elif self.condstore:
            words.append(b"(CONDSTORE)")
        return spaced(*words)


@dataclass(frozen=True, slots=True)
class Unselect(Command):
    """UNSELECT: leave the folder, expunge nothing (RFC 3691, 2)."""

    VERB: ClassVar[str] = "UNSELECT"
    NEEDS: ClassVar[frozenset[Need]] = frozenset({Need.IDLE_SELECTION})
    DOES: ClassVar[frozenset[Does]] = _SELECTING

    def encode(self, dialect: Dialect) -> list[Fragment]:
        return [b"UNSELECT"]


@dataclass(frozen=True, slots=True)
class Close(Command):
    """CLOSE: leave the folder, and expunge what is deleted unless it is read-only (6.4.2)."""

    VERB: ClassVar[str] = "CLOSE"
    NEEDS: ClassVar[frozenset[Need]] = frozenset({Need.IDLE_SELECTION})
    DOES: ClassVar[frozenset[Does]] = _SELECTING

    def encode(self, dialect: Dialect) -> list[Fragment]:
        return [b"CLOSE"]


@dataclass(frozen=True, slots=True)
class Create(Command):
    r"""CREATE; ``use`` is what the folder is for, one of ``model.folder.USES`` (RFC 6154, 3)."""

    name: str
    use: str | None = None

    VERB: ClassVar[str] = "CREATE"

    def encode(self, dialect: Dialect) -> list[Fragment]:
        words: list[Part] = [b"CREATE", mailbox(self.name, dialect)]
        if self.use is not None:
            if self.use not in USES:
                raise Misused(
                    f"a folder cannot be for {excerpt(self.use)}",
                    operation="CREATE",
                    hint=f"Use one of {', '.join(USES)}.",
                )
            words.append(b"(USE (\\%b))" % self.use.capitalize().encode())
        return spaced(*words)


@dataclass(frozen=True, slots=True)
class Delete(Command):
    """DELETE a folder (RFC 3501, 6.3.4); it might be the selected one."""

    name: str

    VERB: ClassVar[str] = "DELETE"
    NEEDS: ClassVar[frozenset[Need]] = frozenset({Need.IDLE_SELECTION})

    def encode(self, dialect: Dialect) -> list[Fragment]:
        return spaced(b"DELETE", mailbox(self.name, dialect))


@dataclass(frozen=True, slots=True)
class Rename(Command):
    """RENAME a folder (RFC 3501, 6.3.5); it might be the selected one."""

    name: str
    new_name: str

    VERB: ClassVar[str] = "RENAME"
    NEEDS: ClassVar[frozenset[Need]] = frozenset({Need.IDLE_SELECTION})

    def encode(self, dialect: Dialect) -> list[Fragment]:
        return spaced(b"RENAME", mailbox(self.name, dialect), mailbox(self.new_name, dialect))


@dataclass(frozen=True, slots=True)
class Subscribe(Command):
    """SUBSCRIBE (RFC 3501, 6.3.6)."""

    name: str

    VERB: ClassVar[str] = "SUBSCRIBE"

    def encode(self, dialect: Dialect) -> list[Fragment]:
        return spaced(b"SUBSCRIBE", mailbox(self.name, dialect))


@dataclass(frozen=True, slots=True)
class Unsubscribe(Command):
    """UNSUBSCRIBE (RFC 3501, 6.3.7)."""

    name: str

    VERB: ClassVar[str] = "UNSUBSCRIBE"

    def encode(self, dialect: Dialect) -> list[Fragment]:
        return spaced(b"UNSUBSCRIBE", mailbox(self.name, dialect))
