"""Keep the messages of one folder, in memory, for whoever reads and changes them.

``Mailbox`` is what every protocol and every test works on. It is guarded by the lock of its
``Room``, one for the whole server: the server writes from its own thread while the test reads. It
counts its changes (``modseq``) and remembers which came when, so that a protocol that has seen a
mailbox at some count asks ``changes(since)`` for the rest; who wants to be told that there is
something to ask for says ``listen(callback)``.

For a protocol without folders, INBOX is all there is: ``store.mailbox(user)``. POP3 takes
``entries()`` once, names them by ``uid_validity`` and ``id``, and calls ``expunge(ids)`` at its
end.

Nothing here knows a protocol.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from time import monotonic
from typing import overload

from courriel.errors import Misused, TimedOut
from courriel.sandbox.envelope import SmtpEnvelope
from courriel.sandbox.room import Room
from courriel.sandbox.stored import Changes, Entry, StoredMessage

__all__ = ["Mailbox"]

Flags = frozenset[str]
NO_ENVELOPE = SmtpEnvelope()


class Mailbox(Sequence[StoredMessage]):
    """The messages of one folder of one user, oldest first. May be used from any thread.

    Indexing and iteration see a snapshot. ``uid_validity`` tells it from every
    other mailbox that had or will have its name (RFC 3501, 2.3.1.1);
    ``next_id`` is the id of the message that comes next; ``modseq`` counts the
    changes; ``recent_from`` is the id from which on no session has been told of
    the messages (RFC 3501, 2.3.2).
    """

    def __init__(
        self, user: str, room: Room, *, name: str = "INBOX", uid_validity: int = 1
    ) -> None:
        self.user = user
        self.name = name
        self.uid_validity = uid_validity
        self.next_id = 1
        self.modseq = 1
        self.recent_from = 1
        self.deleted = False
        self._room = room
        self._changed = room.changed
        self._entries: dict[int, Entry] = {}
        # Ids in the order of their last change: the newest are at the end.
        self._touched: dict[int, None] = {}
        self._vanished: list[tuple[int, int]] = []
        # In lower case, with the spelling that came first (RFC 3501, 2.3.2).
        self._keywords: dict[str, str] = {}
        self._listeners: list[Callable[[], None]] = []

    @property
    def lock(self) -> threading.Condition:
        """The lock of all mailboxes, for whoever does several things at once."""
        return self._changed

    @property
    def messages(self) -> tuple[StoredMessage, ...]:
        """All messages there are now."""
        with self._changed:
            return tuple(entry.message for entry in self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, index: int) -> StoredMessage: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[StoredMessage, ...]: ...
    def __getitem__(self, index: int | slice) -> StoredMessage | tuple[StoredMessage, ...]:
        return self.messages[index]

    def __iter__(self) -> Iterator[StoredMessage]:
        return iter(self.messages)

    def __repr__(self) -> str:
        place = "" if self.name == "INBOX" else f" in {self.name!r}"
        return f"<Mailbox of {self.user!r}{place}, {len(self)} messages>"

    def find(self, id: int) -> StoredMessage | None:  # noqa: A002 - The field's own name.
        """Return the message with this ``id``, or None if it is not there any more."""
        entry = self._entries.get(id)
        return None if entry is None else entry.message

    def wait(self, count: int = 1, *, timeout: float = 10) -> tuple[StoredMessage, ...]:
        """Return all messages once there are at least ``count`` of them.

        Raises TimedOut after ``timeout`` seconds.
        """
        end = monotonic() + timeout
        with self._changed:
            while len(self._entries) < count:
                rest = end - monotonic()
                if rest <= 0:
                    raise TimedOut(
                        f"{len(self._entries)} of {count} messages came in {timeout} s",
                        operation=f"waiting for mail of {self.user}",
                        hint="See what the server answered to whoever should have sent them.",
                        session_usable=True,
                    )
                self._changed.wait(rest)
            return self.messages

    def entries(self) -> tuple[Entry, ...]:
        """Return all messages there are now, with their flags."""
        with self._changed:
            return tuple(self._entries.values())

    def entry(self, id: int) -> Entry | None:  # noqa: A002 - The field's own name.
        """Return the message with this ``id`` and its flags, or None if it is not there."""
        return self._entries.get(id)

    def flags(self, id: int) -> frozenset[str]:  # noqa: A002 - The field's own name.
        """Return the flags of one message; Misused if it is not there."""
        entry = self._entries.get(id)
        if entry is None:
            raise self._absent(id)
        return entry.flags

    def mark(self, id: int, *flags: str) -> None:  # noqa: A002 - The field's own name.
        r"""Add flags, such as ``"\\Seen"``, to one message; Misused if it is not there."""
        if self.change_flags(id, lambda before: before.union(flags)) is None:
            raise self._absent(id)

    def unmark(self, id: int, *flags: str) -> None:  # noqa: A002 - The field's own name.
        """Take flags away from one message; Misused if it is not there."""
        spelt = [self.spelt(flag) for flag in flags]
        if self.change_flags(id, lambda before: before.difference(spelt)) is None:
            raise self._absent(id)

    def change_flags(
        self,
        id: int,  # noqa: A002 - The field's own name.
        change: Callable[[Flags], Flags],
    ) -> Entry | None:
        """Replace the flags of one message by what ``change`` makes of them.

        Returns the entry as it is then, None if the message is not there. Flags
        that stay the same are no change.
        """
        with self._changed:
            entry = self._entries.get(id)
            if entry is None:
                return None
            flags = frozenset(self.spelt(flag) for flag in change(entry.flags))
            if flags == entry.flags:
                return entry
            entry = self._enter(entry.message, flags)
            self._tell()
            return entry

    def spelt(self, flag: str) -> str:
        """Return a flag as it was first written here; those of the system have one spelling."""
        if flag.startswith("\\"):
            return "\\" + flag[1:].capitalize()
        with self._changed:
            return self._keywords.setdefault(flag.lower(), flag)

    @property
    def keywords(self) -> tuple[str, ...]:
        """Every flag but those of the system that a message here has or had."""
        return tuple(self._keywords.values())

    def append(
        self,
        content: bytes,
        *,
        flags: Iterable[str] = (),
        arrived: datetime | None = None,
        envelope: SmtpEnvelope = NO_ENVELOPE,
        memo: StoredMessage | None = None,
    ) -> Entry:
        """Add a message; ``arrived`` is now unless given.

        ``memo`` is the message of which this is a copy. Raises Refused
        (452 4.3.1) when the server is full, Misused when the folder is deleted.
        """
        with self._changed:
            if self.deleted:
                raise Misused(f"the folder {self.name!r} is deleted", operation="sandbox")
            self._room.take(len(content))
            moment = datetime.now(UTC) if arrived is None else arrived.astimezone(UTC)
            known = {} if memo is None else memo.memo
            message = StoredMessage(self.next_id, content, envelope, moment, known)
            self.next_id += 1
            entry = self._enter(message, frozenset(self.spelt(flag) for flag in flags))
            self._tell()
            return entry

    def remove(self, id: int) -> None:  # noqa: A002 - The field's own name.
        """Remove one message; Misused if it is not there."""
        if not self.expunge([id]):
            raise self._absent(id)

    def clear(self) -> None:
        """Remove all messages; their ids are not used again."""
        with self._changed:
            self.expunge(tuple(self._entries))

    def expunge(self, ids: Iterable[int]) -> list[int]:
        """Remove those of the messages that are there, and return their ids."""
        with self._changed:
            gone = [each for each in dict.fromkeys(ids) if each in self._entries]
            if gone:
                self.modseq += 1
                octets = sum(len(self._entries.pop(each).message.content) for each in gone)
                for each in gone:
                    del self._touched[each]
                    self._vanished.append((self.modseq, each))
                self._room.release(octets)
                self._tell()
            return gone

    def changes(self, since: int) -> Changes:
        """Return what has changed after the count ``since``, a ``modseq`` of before."""
        with self._changed:
            if since >= self.modseq:
                return Changes(self.modseq)
            changed = []
            for touched in reversed(self._touched):
                entry = self._entries[touched]
                if entry.modseq <= since:
                    break
                changed.append(entry)
            changed.sort(key=lambda entry: entry.id)
            start = bisect_right(self._vanished, since, key=lambda each: each[0])
            vanished = sorted(gone for _, gone in self._vanished[start:])
            return Changes(self.modseq, tuple(changed), tuple(vanished))

    def listen(self, callback: Callable[[], None]) -> None:
        """Call back after every change, from whichever thread made it, under the lock.

        The callback may only note that there was something.
        """
        with self._changed:
            self._listeners.append(callback)

    def unlisten(self, callback: Callable[[], None]) -> None:
        """Call back no more."""
        with self._changed:
            self._listeners.remove(callback)

    def _enter(self, message: StoredMessage, flags: Flags) -> Entry:
        self.modseq += 1
        entry = Entry(message, flags, self.modseq)
        self._entries[message.id] = entry
        self._touched.pop(message.id, None)
        self._touched[message.id] = None
        return entry

    def _tell(self) -> None:
        self._changed.notify_all()
        for callback in self._listeners:
            callback()

    def _absent(self, id: int) -> Misused:  # noqa: A002 - The field's own name.
        return Misused(
            f"there is no message {id} in the mailbox of {self.user}",
            operation="sandbox",
            hint="Take the id from a message that the mailbox holds.",
        )
