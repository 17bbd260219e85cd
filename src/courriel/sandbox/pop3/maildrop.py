"""Lend a user's INBOX as a POP3 maildrop: locked, numbered, and deleted from at the end.

A maildrop is a snapshot (RFC 1939, 4): what arrives later is not in it, and what somebody takes
away by IMAP stays readable in it. At most one client has it at a time; the lock is among POP3
clients only, as with all servers that speak IMAP too. Used from the server's event loop alone.
"""

from __future__ import annotations

from collections.abc import Callable

from courriel.sandbox.mailbox import Mailbox
from courriel.sandbox.pop3.replies import refused
from courriel.sandbox.stored import StoredMessage

__all__ = ["Maildrop", "Maildrops"]


class Maildrops:
    """The maildrops of all users, found by ``mailbox``, and which of them somebody has."""

    def __init__(self, mailbox: Callable[[str], Mailbox]) -> None:
        self._mailbox = mailbox
        self._locked: set[str] = set()

    def open(self, user: str) -> Maildrop:
        """Return the maildrop of ``user``, locked; Refused ([IN-USE], RFC 2449, 8.1.2) if it is."""
        if user in self._locked:
            raise refused("Another client has the maildrop", "IN-USE")
        maildrop = Maildrop(self._mailbox(user), lambda: self._locked.discard(user))
        self._locked.add(user)
        return maildrop


class Maildrop:
    """One user's messages, numbered from 1. ``deleted`` are the numbers that DELE has marked."""

    def __init__(self, mailbox: Mailbox, release: Callable[[], None]) -> None:
        self._mailbox = mailbox
        self._release = release
        self.messages: tuple[StoredMessage, ...] = mailbox.messages
        self.deleted: set[int] = set()

    @property
    def left(self) -> list[tuple[int, StoredMessage]]:
        """The messages that are not marked, with their numbers."""
        return [
            (number, message)
            for number, message in enumerate(self.messages, 1)
            if number not in self.deleted
        ]

    def find(self, number: int) -> StoredMessage:
        """Return the message of that number; Refused if there is none, or it is marked."""
        if not 1 <= number <= len(self.messages):
            raise refused("There is no such message")
        if number in self.deleted:
            raise refused("That message is deleted")
        return self.messages[number - 1]

    def uid(self, message: StoredMessage) -> str:
        """Return the unique-id of a message (RFC 1939, 7: 1 to 70 of 0x21 to 0x7E)."""
        return f"{self._mailbox.uid_validity}.{message.id}"

    def close(self, *, update: bool) -> None:
        """Unlock it; remove what is marked if ``update`` (RFC 1939, 6), else nothing."""
        if update and self.deleted:
            self._mailbox.expunge([self.messages[number - 1].id for number in self.deleted])
        self._release()
