"""Play conversations with the IMAP machine, written as those with the SMTP machine are.

The UIDVALIDITY of ada's folders counts from 1: INBOX, Archive, Drafts, Junk, Sent, Trash.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from courriel.sandbox.accounts import Accounts
from courriel.sandbox.imap.machine import ImapMachine
from courriel.sandbox.imap.policy import IMAP_CAPABILITIES, ImapPolicy
from courriel.sandbox.mailbox import Mailbox
from courriel.sandbox.store import Store
from tests.sandbox.dialogue import END_POINT, USERS, Dialogue

ARRIVED = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)


class ImapDialogue(Dialogue):
    """A client at an IMAP machine."""

    def __init__(
        self,
        *,
        secured: bool = False,
        tokens: dict[str, str] | None = None,
        without: Iterable[str] = (),
        cut: int | None = None,
        store: Store | None = None,
        **policy: Any,
    ) -> None:
        self.store = store or empty()
        self.imap = ImapMachine(
            ImapPolicy(capabilities=IMAP_CAPABILITIES - set(without), **policy),
            Accounts(USERS, tokens=tokens),
            self.store,
            secured=secured,
            server_end_point=END_POINT,
            nonce=lambda: "nonce",
        )
        self.cut = cut
        self.events: list[Any] = []

    @classmethod
    def signed_in(cls, *contents: bytes, **options: Any) -> ImapDialogue:
        """Return one that ada has signed in to, with these messages in her INBOX."""
        dialogue = cls(**options)
        for content in contents:
            dialogue.arrives(content)
        dialogue.hears()
        dialogue.says("a LOGIN ada secret")
        assert dialogue.hears()[-1].startswith("a OK ")
        return dialogue

    @classmethod
    def selected(cls, *contents: bytes, **options: Any) -> ImapDialogue:
        """Return one in which INBOX is selected, too."""
        dialogue = cls.signed_in(*contents, **options)
        dialogue.selects()
        return dialogue

    @property
    def inbox(self) -> Mailbox:
        """What ada has in INBOX."""
        return self.store.mailbox("ada")

    def folder(self, name: str) -> Mailbox:
        """Return another folder of ada's."""
        return self.store.mailbox("ada", name)

    def arrives(self, content: bytes, *flags: str, at: datetime = ARRIVED) -> None:
        """Have a message arrive in INBOX."""
        self.inbox.append(content, flags=flags, arrived=at)

    def selects(self, word: str = "SELECT") -> None:
        """Select INBOX."""
        self.says(f"a {word} INBOX")
        assert self.hears()[-1].startswith("a OK ")

    def asks(self, command: str) -> list[str]:
        """Say one command with the tag ``a`` and return what is heard."""
        self.says(f"a {command}")
        return self.hears()

    def sends(self, octets: bytes) -> None:
        """Send octets, cut as this client cuts them."""
        step = self.cut or len(octets) or 1
        for start in range(0, len(octets), step):
            self.imap.receive_data(octets[start : start + step])
            self.works()

    def works(self) -> None:
        """Note what the machine wants done."""
        while (event := self.imap.next_event()) is not None:
            self.events.append(event)

    def takes(self) -> bytes:
        """Return the octets that the server has sent since the last time."""
        taken: list[bytes] = []
        while octets := self.imap.data_to_send():
            taken.append(octets)
            self.works()
        return b"".join(taken)

    def hears(self) -> list[str]:
        """Return the lines that the server has sent since the last time."""
        text = self.takes().decode()
        assert text.endswith("\r\n") or not text
        return text.split("\r\n")[:-1]


def empty() -> Store:
    """Return a store in which nobody has got anything."""
    store = Store(USERS, capacity=1_000_000)
    for number, mailbox in enumerate(store.folders("ada"), 1):
        mailbox.uid_validity = number
    return store
