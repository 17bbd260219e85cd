"""The selected folder as the server tells of it, and which message has which number.

Sequence numbers change with every EXPUNGE, so they never leave this room: where somebody watches
the folder, ``uids`` holds the UID of each, in order, and what is told by number is passed on by
UID (RFC 9051, 7.5.1). What cannot be right is ignored.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

from courriel.wire.imap.answers import (
    Answer,
    Condition,
    Exists,
    Expunged,
    FlagList,
    Recent,
    Vanished,
)
from courriel.wire.imap.fetched import Fetched


@dataclass(slots=True)
class Selected:
    """One folder, selected."""

    folder: str
    examined: bool = False
    """Whether we asked for no more than reading."""
    read_only: bool = False
    """Whether nothing can be changed in it, whoever wanted that."""
    exists: int = 0
    recent: int = 0
    uid_validity: int | None = None
    uid_next: int | None = None
    highest_modseq: int | None = None
    flags: frozenset[str] = frozenset()
    permanent_flags: frozenset[str] | None = None
    uids: array[int] | None = field(default=None, repr=False)
    """The UIDs by sequence number, None where nobody has asked for them, or count was lost."""
    shifts: int = field(default=0, repr=False)
    """How often numbers have moved, so that who asks for UIDs knows whether they still do."""

    def take(self, answer: Answer) -> None:
        """Take what an untagged answer says of the folder."""
        match answer:
            case Exists(number):
                self.exists = number
            case Recent(number):
                self.recent = number
            case FlagList(flags):
                self.flags = flags
            case Expunged():
                self.exists = max(0, self.exists - 1)
                self.shifts += 1
            case Vanished(False, uids):
                self.exists = max(0, self.exists - len(uids))
                self.shifts += 1
            case Condition(code=code) if code is not None:
                self._take_code(code.name, code.value)

    def _take_code(self, name: str, value: object) -> None:
        match name, value:
            case "UIDVALIDITY", int():
                self.uid_validity = value
            case "UIDNEXT", int():
                self.uid_next = value
            case "HIGHESTMODSEQ", int():
                self.highest_modseq = value
            case "NOMODSEQ", _:
                self.highest_modseq = None
            case "PERMANENTFLAGS", frozenset():
                self.permanent_flags = value
            case "READ-ONLY", _:
                self.read_only = True
            case "READ-WRITE", _:
                self.read_only = False

    def uid_at(self, number: int) -> int | None:
        """Return the UID of a sequence number, or None where it is not known."""
        if self.uids is None or not 0 < number <= len(self.uids):
            return None
        return self.uids[number - 1]

    def expunged(self, number: int) -> int | None:
        """Let the messages behind a number move up; return the UID that is gone, or None."""
        uid = self.uid_at(number)
        if uid is not None and self.uids is not None:
            del self.uids[number - 1]
        return uid

    def vanished(self, answer: Vanished) -> tuple[int, ...]:
        """Forget UIDs that are gone; return those that were known."""
        if self.uids is None:
            return ()
        gone = tuple(uid for uid in self.uids if uid in answer.uids)
        if gone:
            self.uids = array("I", [uid for uid in self.uids if uid not in answer.uids])
        return gone

    def uid_of(self, answer: Fetched) -> int | None:
        """Return the UID of a FETCH, said or known."""
        return answer.uid if answer.uid is not None else self.uid_at(answer.number)
