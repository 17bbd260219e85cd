"""Say what a mailbox holds: messages, what stands beside them, and what has changed.

A message is as it was received and never changes; flags and the like stand beside it, in an
``Entry``, which is replaced when they change. All three are frozen, so that they may be handed
from the server's thread to the test's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from courriel.sandbox.envelope import SmtpEnvelope


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One message as it was received, octet for octet: no trace header is added.

    ``id`` counts up from 1 in its mailbox and is never used twice: it is the
    UID of IMAP, and with the mailbox's ``uid_validity`` the UIDL of POP3.
    ``content`` is the message, ``envelope`` what came around it, ``arrived``
    when, in UTC: IMAP's internal date. ``memo`` is for what a protocol has
    worked out of the octets and does not want to work out again; copies share
    it.
    """

    id: int
    content: bytes
    envelope: SmtpEnvelope
    arrived: datetime
    memo: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def sender(self) -> str:
        """The reverse-path, ``""`` for a bounce or a message put in by hand."""
        return self.envelope.sender

    @property
    def recipients(self) -> tuple[str, ...]:
        """Every accepted recipient of the envelope, those of other users included."""
        return tuple(recipient.address for recipient in self.envelope.recipients)


@dataclass(frozen=True, slots=True)
class Entry:
    r"""A message and what stands beside it.

    ``flags`` are as IMAP writes them (``"\\Seen"``, ``"$Forwarded"``);
    ``modseq`` is the mailbox's count of changes when this entry last changed
    (RFC 7162, 3.1).
    """

    message: StoredMessage
    flags: frozenset[str]
    modseq: int

    @property
    def id(self) -> int:
        """The message's own ``id``."""
        return self.message.id

    @property
    def seen(self) -> bool:
        r"""Whether it has the flag ``\\Seen``."""
        return "\\Seen" in self.flags


@dataclass(frozen=True, slots=True)
class Changes:
    """What has happened in a mailbox since some moment, up to ``modseq``.

    ``changed`` are the entries that are new or have new flags, ``vanished`` the
    ids that are not there any more, both in the order of ids.
    """

    modseq: int
    changed: tuple[Entry, ...] = ()
    vanished: tuple[int, ...] = ()
