"""See a mailbox as one session does: numbered, and changing only when the client is told.

RFC 3501, 7.4.1: a message that is gone keeps its number until the client hears EXPUNGE, and it may
hear that only where no answer to numbers is under way. So a ``View`` holds the ids in the order of
their numbers, and ``sync`` says what has happened since, with or without the messages that are
gone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from courriel.sandbox.imap import replies
from courriel.sandbox.imap.sets import SequenceSet
from courriel.sandbox.mailbox import Mailbox
from courriel.sandbox.stored import Entry

__all__ = ["SYSTEM_FLAGS", "View"]

SYSTEM_FLAGS = ("\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft")


class View:
    """A selected mailbox: ``uids[n - 1]`` is the id of the message with the number ``n``."""

    def __init__(self, mailbox: Mailbox, *, read_only: bool) -> None:
        self.mailbox = mailbox
        self.read_only = read_only
        with mailbox.lock:
            self.uids = [entry.id for entry in mailbox.entries()]
            self.modseq = mailbox.modseq
            self._recent_from = mailbox.recent_from
            self._recent_below = mailbox.next_id
            self._claim()
            self._keywords = len(mailbox.keywords)
        # What the client has been told of already, by the answer to its own command.
        self._told: dict[int, int] = {}
        self._gone: list[int] = []

    @property
    def stale(self) -> bool:
        """Whether messages are gone that the client has not been told of."""
        return bool(self._gone) or bool(self.mailbox.changes(self.modseq).vanished)

    def recent(self, uid: int) -> bool:
        """Tell whether this session is the first that was told of the message."""
        return self._recent_from <= uid < self._recent_below

    @property
    def recent_count(self) -> int:
        """How many messages are recent."""
        return len(self.uids) - bisect_left(self.uids, self._recent_from)

    def flags(self, entry: Entry) -> frozenset[str]:
        r"""Return the flags with ``\\Recent`` where it belongs."""
        return entry.flags | {"\\Recent"} if self.recent(entry.id) else entry.flags

    def chosen(self, numbers: SequenceSet, *, by_uid: bool) -> list[tuple[int, Entry]]:
        """Return the messages of a set that are still there, each with its number.

        UIDs that are not there are ignored; a number beyond the last is an error
        (RFC 3501, 9: seq-number).
        """
        if not by_uid and numbers.largest > len(self.uids):
            raise replies.bad("There is no message of that number")
        sequence: Sequence[int] = self.uids if by_uid else range(1, len(self.uids) + 1)
        found = []
        for place in numbers.places(sequence):
            entry = self.mailbox.entry(self.uids[place])
            if entry is not None:
                found.append((place + 1, entry))
        return found

    def every(self) -> list[tuple[int, Entry]]:
        """Return all messages that are still there, each with its number."""
        entries = ((number, self.mailbox.entry(uid)) for number, uid in enumerate(self.uids, 1))
        return [(number, entry) for number, entry in entries if entry is not None]

    def tell(self, entry: Entry) -> None:
        """Note that the client is being told of an entry as it is."""
        self._told[entry.id] = entry.modseq

    def sync(self, *, expunge: bool, modseq: bool = False) -> Iterator[bytes]:
        """Say what has happened since the last time (RFC 3501, 7.3 and 7.4).

        With ``expunge`` messages that are gone lose their numbers; ``modseq``
        adds it to flags (RFC 7162, 3.2).
        """
        changes = self.mailbox.changes(self.modseq)
        self.modseq = changes.modseq
        self._gone += changes.vanished
        if expunge and self._gone:
            gone, self._gone = self._gone, []
            yield from self._expunge(gone)
        last = self.uids[-1] if self.uids else 0
        told, self._told = self._told, {}
        fresh = [entry.id for entry in changes.changed if entry.id > last]
        if fresh:
            yield from self._extend(fresh)
        yield from self.new_keywords()
        for entry in changes.changed:
            known = entry.id <= last and told.get(entry.id, 0) < entry.modseq
            number = self._number(entry.id) if known else 0
            if number:
                yield b"%d FETCH (UID %d FLAGS %b%b)" % (
                    number,
                    entry.id,
                    replies.flag_list(self.flags(entry)),
                    b" MODSEQ (%d)" % entry.modseq if modseq else b"",
                )

    def new_keywords(self) -> Iterator[bytes]:
        """Say which flags there are, if there are new ones (RFC 3501, 7.2.6)."""
        keywords = self.mailbox.keywords
        if len(keywords) > self._keywords:
            self._keywords = len(keywords)
            yield f"FLAGS ({' '.join((*SYSTEM_FLAGS, *keywords))})".encode()

    def _extend(self, uids: Iterable[int]) -> Iterator[bytes]:
        self.uids += uids
        if self.mailbox.recent_from > self._recent_below:
            # Somebody else was told of some of them first.
            self._recent_from = self.mailbox.recent_from
        self._recent_below = self.uids[-1] + 1
        self._claim()
        yield b"%d EXISTS" % len(self.uids)
        yield b"%d RECENT" % self.recent_count

    def _expunge(self, gone: Iterable[int]) -> Iterator[bytes]:
        numbers = [number for uid in sorted(gone) if (number := self._number(uid))]
        without = set(gone)
        self.uids = [uid for uid in self.uids if uid not in without]
        for before, number in enumerate(numbers):
            # Each EXPUNGE counts at once for the numbers behind it.
            yield b"%d EXPUNGE" % (number - before)

    def _claim(self) -> None:
        if not self.read_only:
            self.mailbox.recent_from = max(self.mailbox.recent_from, self._recent_below)

    def _number(self, uid: int) -> int:
        """Return the number of a message, 0 if it has none."""
        place = bisect_left(self.uids, uid)
        return place + 1 if place < len(self.uids) and self.uids[place] == uid else 0
