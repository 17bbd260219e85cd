"""Keep what arrived, in memory, for every user of the sandbox.

A ``Store`` holds one ``Mailbox`` a user and bounds them all together: what would grow beyond its
capacity is refused whole, so that a runaway test ends with a refusal and not with a dead machine.
Everything is guarded by the store's one lock; the server writes from its own thread while the test
reads. Messages are frozen and keep for ever the number they got: that number is what a POP3 UIDL
or an IMAP UID can be made of, and flags and folders belong beside the messages, not in them.

Nothing here knows a protocol.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import overload

from courriel.errors import Misused, Refused, TimedOut
from courriel.sandbox.envelope import SmtpEnvelope

__all__ = ["Mailbox", "Store", "StoredMessage"]


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One message as it was received, octet for octet: no trace header is added.

    ``id`` counts up from 1 in its mailbox and is never used twice; ``content``
    is the message, ``envelope`` what came around it, ``arrived`` when, in UTC.
    """

    id: int
    content: bytes
    envelope: SmtpEnvelope
    arrived: datetime

    @property
    def sender(self) -> str:
        """The reverse-path, ``""`` for a bounce or a message put in by hand."""
        return self.envelope.sender

    @property
    def recipients(self) -> tuple[str, ...]:
        """Every accepted recipient of the envelope, those of other users included."""
        return tuple(recipient.address for recipient in self.envelope.recipients)


class Store:
    """Hold the mailboxes of ``users``, at most ``capacity`` octets of messages in all.

    A message that goes to two mailboxes counts twice.
    """

    def __init__(self, users: Iterable[str], *, capacity: int) -> None:
        self.capacity = capacity
        self.changed = threading.Condition(threading.RLock())
        self._octets = 0
        self._mailboxes = {user: Mailbox(user, self) for user in users}

    def mailbox(self, user: str) -> Mailbox:
        """Return the mailbox of ``user``; Misused if there is no such user."""
        try:
            return self._mailboxes[user]
        except KeyError:
            raise Misused(
                f"there is no user {user!r}",
                operation="sandbox",
                hint=f"The users are: {', '.join(self._mailboxes) or 'none'}.",
            ) from None

    def deliver(
        self, users: Iterable[str], content: bytes, envelope: SmtpEnvelope
    ) -> list[StoredMessage]:
        """Put a message into the mailboxes of ``users``, or into none of them.

        Raises Refused (452 4.3.1) when it would grow beyond the capacity.
        """
        targets = [self.mailbox(user) for user in dict.fromkeys(users)]
        with self.changed:
            if self._octets + len(content) * len(targets) > self.capacity:
                raise Refused(
                    f"the mailboxes hold {self._octets} of {self.capacity} octets",
                    operation="sandbox",
                    hint="Clear a mailbox or give the server a larger capacity.",
                    code=452,
                    enhanced="4.3.1",
                    text="Insufficient system storage",
                )
            self._octets += len(content) * len(targets)
            arrived = datetime.now(UTC)
            stored = [mailbox._append(content, envelope, arrived) for mailbox in targets]
            self.changed.notify_all()
        return stored

    def _release(self, octets: int) -> None:
        self._octets -= octets
        self.changed.notify_all()


class Mailbox(Sequence[StoredMessage]):
    """The messages of one user, oldest first. May be used from any thread.

    Indexing and iteration see a snapshot.
    """

    def __init__(self, user: str, store: Store) -> None:
        self.user = user
        self._store = store
        self._changed = store.changed
        self._messages: dict[int, StoredMessage] = {}
        self._next_id = 1

    @property
    def messages(self) -> tuple[StoredMessage, ...]:
        """All messages there are now."""
        with self._changed:
            return tuple(self._messages.values())

    def __len__(self) -> int:
        return len(self._messages)

    @overload
    def __getitem__(self, index: int) -> StoredMessage: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[StoredMessage, ...]: ...
    def __getitem__(self, index: int | slice) -> StoredMessage | tuple[StoredMessage, ...]:
        return self.messages[index]

    def __iter__(self) -> Iterator[StoredMessage]:
        return iter(self.messages)

    def __repr__(self) -> str:
        return f"<Mailbox of {self.user!r}, {len(self)} messages>"

    def find(self, id: int) -> StoredMessage | None:  # noqa: A002 - The field's own name.
        """Return the message with this ``id``, or None if it is not there any more."""
        return self._messages.get(id)

    def wait(self, count: int = 1, *, timeout: float = 10) -> tuple[StoredMessage, ...]:
        """Return all messages once there are at least ``count`` of them.

        Raises TimedOut after ``timeout`` seconds.
        """
        end = monotonic() + timeout
        with self._changed:
            while len(self._messages) < count:
                rest = end - monotonic()
                if rest <= 0:
                    raise TimedOut(
                        f"{len(self._messages)} of {count} messages came in {timeout} s",
                        operation=f"waiting for mail of {self.user}",
                        hint="See what the server answered to whoever should have sent them.",
                        session_usable=True,
                    )
                self._changed.wait(rest)
            return self.messages

    def remove(self, id: int) -> None:  # noqa: A002 - The field's own name.
        """Remove one message; Misused if it is not there."""
        with self._changed:
            message = self._messages.pop(id, None)
            if message is None:
                raise Misused(
                    f"there is no message {id} in the mailbox of {self.user}",
                    operation="sandbox",
                    hint="Take the id from a message that the mailbox holds.",
                )
            self._store._release(len(message.content))

    def clear(self) -> None:
        """Remove all messages; their ids are not used again."""
        with self._changed:
            octets = sum(len(message.content) for message in self._messages.values())
            self._messages.clear()
            self._store._release(octets)

    def _append(self, content: bytes, envelope: SmtpEnvelope, arrived: datetime) -> StoredMessage:
        message = StoredMessage(self._next_id, content, envelope, arrived)
        self._messages[message.id] = message
        self._next_id += 1
        return message
