"""Hold the mailboxes of every user of the sandbox: INBOX, and the other folders.

A ``Store`` is what all services of one server share. Each user has a tree of ``Folders``; mail
arrives in INBOX, which is what ``mailbox(user)`` returns and all that POP3 knows. Messages are
delivered and copied here, since that concerns several mailboxes at once; what concerns one is done
on it. Everything is guarded by the one lock of the ``Room``.

Nothing here knows a protocol.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from itertools import count
from time import time

from courriel.errors import Misused
from courriel.sandbox.envelope import SmtpEnvelope
from courriel.sandbox.folders import INBOX, Folders
from courriel.sandbox.mailbox import Mailbox
from courriel.sandbox.room import Room
from courriel.sandbox.stored import StoredMessage

__all__ = ["Store"]


class Store:
    """Hold the mailboxes of ``users``, at most ``capacity`` octets of messages in all.

    A message that is in two mailboxes counts twice.
    """

    def __init__(self, users: Iterable[str], *, capacity: int) -> None:
        self._room = Room(capacity)
        # A client that kept what an earlier server had must see that this is another one.
        self._validities = count(int(time()))
        self._folders = {
            user: Folders(self._make(user, INBOX), partial(self._make, user)) for user in users
        }

    def folders(self, user: str) -> Folders:
        """Return the folders of ``user``; Misused if there is no such user."""
        try:
            return self._folders[user]
        except KeyError:
            raise Misused(
                f"there is no user {user!r}",
                operation="sandbox",
                hint=f"The users are: {', '.join(self._folders) or 'none'}.",
            ) from None

    def mailbox(self, user: str, folder: str = INBOX) -> Mailbox:
        """Return a folder of ``user``; Misused if there is no such user or folder."""
        folders = self.folders(user)
        mailbox = folders.find(folder)
        if mailbox is None:
            raise Misused(
                f"{user} has no folder {folder!r}",
                operation="sandbox",
                hint=f"The folders are: {', '.join(folders.names)}.",
            )
        return mailbox

    def deliver(
        self, users: Iterable[str], content: bytes, envelope: SmtpEnvelope
    ) -> list[StoredMessage]:
        """Put a message into INBOX of all ``users``, or of none of them.

        Raises Refused (452 4.3.1) when it would grow beyond the capacity.
        """
        targets = [self.mailbox(user) for user in dict.fromkeys(users)]
        arrived = datetime.now(UTC)
        with self._room.changed:
            self._room.check(len(content) * len(targets))
            entries = [
                mailbox.append(content, arrived=arrived, envelope=envelope) for mailbox in targets
            ]
        return [entry.message for entry in entries]

    def check(self, octets: int) -> None:
        """Raise Refused (452 4.3.1) when there is no room for so many octets more."""
        self._room.check(octets)

    def copy(
        self, source: Mailbox, ids: Iterable[int], target: Mailbox, *, move: bool = False
    ) -> list[tuple[int, int]]:
        """Copy those of the messages that are there, with flags and date; all or none.

        Returns pairs of old and new id. With ``move`` they leave ``source``, if
        it is another mailbox (RFC 6851, 3.3: also if it is the same). Raises
        Refused (452 4.3.1) when they would grow beyond the capacity, which
        a move cannot.
        """
        with self._room.changed:
            entries = [entry for each in ids if (entry := source.entry(each)) is not None]
            if not move:
                self._room.check(sum(len(entry.message.content) for entry in entries))
            pairs = []
            for entry in entries:
                if move:
                    source.expunge([entry.id])
                message = entry.message
                copy = target.append(
                    message.content,
                    flags=entry.flags,
                    arrived=message.arrived,
                    envelope=message.envelope,
                    memo=message,
                )
                pairs.append((entry.id, copy.id))
            return pairs

    def _make(self, user: str, name: str) -> Mailbox:
        return Mailbox(user, self._room, name=name, uid_validity=next(self._validities))
