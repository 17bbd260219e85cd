"""What a command needs of the others in flight, and what it does to them.

Several commands may be under way at once only where no answer can be taken for another's and no
number can change its meaning (RFC 3501, 5.5). Each command declares two sets; a command may be
sent when none of those in flight ``Does`` what one of its ``Need``s rules out::

    Need.SETTLED_SELECTION   nobody  SELECTS
    Need.IDLE_SELECTION      nobody  SELECTS or USES_SELECTION
    Need.STEADY_NUMBERS      nobody  MAY_EXPUNGE
    Need.STEADY_FLAGS        nobody  CHANGES_FLAGS, of the same messages
    Need.UNREAD_FLAGS        nobody  READS_FLAGS, of the same messages
    Need.KNOWN_MESSAGES      nobody  TELLS_UNKNOWN
    Need.NO_MESSAGES         nobody  TELLS or TELLS_UNKNOWN
    Need.SILENCE             nothing is in flight
    (always)                 nobody  is a BARRIER

A server must not send EXPUNGE while it answers FETCH, STORE or SEARCH, nor SORT or THREAD, by
sequence numbers (RFC 3501, 7.4.1; RFC 5256, 3); behind every other command it may, and the UID
forms are others.

An answer to SEARCH says which numbers were found, and not by whose search: that was mended with the
tag in ESEARCH (RFC 4731, 3.1). No two commands with such ``unsigned`` answers in common are under
way together, since a server may answer both before it says the tag of either.

Only these words, the table above, and the class that all commands share live here; the check itself
is ``protocol.imap.inflight``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import ClassVar

from courriel.errors import CourrielError
from courriel.wire.imap.fragments import (
    PLAIN,
    Dialect,
    Fragment,
    readable,
)


class Does(Enum):
    """What a command in flight may do to the others."""

    SELECTS = "changes which folder is selected, or whether one is"
    USES_SELECTION = "depends on the selected folder"
    MAY_EXPUNGE = "lets the server send EXPUNGE"
    USES_UIDS = "names messages by UID"
    USES_NUMBERS = "names messages by sequence number"
    READS_FLAGS = "asks for flags"
    CHANGES_FLAGS = "changes flags"
    TELLS = "is answered by FETCH about messages that it names"
    TELLS_UNKNOWN = "is answered by FETCH about messages that only the server knows"
    BARRIER = "lets nothing be sent behind it until it is answered"


class Need(Enum):
    """What must not be under way when a command is sent."""

    SETTLED_SELECTION = "no command that changes the selection"
    IDLE_SELECTION = "no command that changes the selection or depends on it"
    STEADY_NUMBERS = "no command that lets the server send EXPUNGE"
    STEADY_FLAGS = "no command that changes flags of the same messages"
    UNREAD_FLAGS = "no command that reads flags of the same messages"
    KNOWN_MESSAGES = "no FETCH whose messages only the server knows"
    NO_MESSAGES = "no FETCH"
    SILENCE = "no command at all"


RULED_OUT: Mapping[Need, frozenset[Does]] = MappingProxyType(
    {
        Need.SETTLED_SELECTION: frozenset({Does.SELECTS}),
        Need.IDLE_SELECTION: frozenset({Does.SELECTS, Does.USES_SELECTION}),
        Need.STEADY_NUMBERS: frozenset({Does.MAY_EXPUNGE}),
        Need.STEADY_FLAGS: frozenset({Does.CHANGES_FLAGS}),
        Need.UNREAD_FLAGS: frozenset({Does.READS_FLAGS}),
        Need.KNOWN_MESSAGES: frozenset({Does.TELLS_UNKNOWN}),
        Need.NO_MESSAGES: frozenset({Does.TELLS, Does.TELLS_UNKNOWN}),
        Need.SILENCE: frozenset(Does),
    }
)
"""What each need forbids the commands in flight. SILENCE forbids also those that do nothing."""


@dataclass(frozen=True, slots=True)
class Command(ABC):
    """What every IMAP command can say of itself. Commands are values, one frozen class each.

    ``folder`` is the folder that must be selected when it runs, None when
    that does not matter; folders that a command names are other fields.
    """

    folder: str | None = field(default=None, kw_only=True)

    VERB: ClassVar[str] = ""
    NEEDS: ClassVar[frozenset[Need]] = frozenset()
    DOES: ClassVar[frozenset[Does]] = frozenset({Does.MAY_EXPUNGE})
    UNSIGNED: ClassVar[frozenset[str]] = frozenset()

    @property
    def verb(self) -> str:
        """The command's name as it is sent and shown: ``"UID FETCH"``."""
        return self.VERB

    @property
    def needs(self) -> frozenset[Need]:
        """What must not be under way when it is sent."""
        return self.NEEDS

    @property
    def does(self) -> frozenset[Does]:
        """What it may do to others while it is under way."""
        return self.DOES

    @property
    def unsigned(self) -> frozenset[str]:
        """The names of its answers that any command of that kind might have asked for."""
        return self.UNSIGNED

    @abstractmethod
    def encode(self, dialect: Dialect) -> list[Fragment]:
        """Return the command without tag and final CRLF.

        Raises Misused for what cannot be expressed.
        """

    def shown(self) -> str:
        """Return what a log may hold of it: one line, no secrets, cut short."""
        try:
            return readable(self.encode(PLAIN))
        except CourrielError:
            # The other dialect can say it; a log must not fail over that.
            return f"{self.verb} …"
