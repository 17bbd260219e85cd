"""Play conversations with the POP3 machine, written as those with the SMTP machine are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from courriel.sandbox.accounts import Accounts
from courriel.sandbox.pop3.machine import Pop3Machine
from courriel.sandbox.pop3.maildrop import Maildrops
from courriel.sandbox.pop3.policy import POP3_CAPABILITIES, Pop3Policy
from courriel.sandbox.store import Store
from tests.sandbox.dialogue import END_POINT, USERS, Dialogue

FIRST = b"Subject: first\r\n\r\none\r\n.two\r\nthree\r\n"
SECOND = b"Subject: second\r\n\r\n"


class Pop3Dialogue(Dialogue):
    """A client at a POP3 machine; ada's maildrop has two messages."""

    def __init__(
        self,
        *,
        secured: bool = False,
        tokens: dict[str, str] | None = None,
        without: Iterable[str] = (),
        cut: int | None = None,
        store: Store | None = None,
        maildrops: Maildrops | None = None,
        **policy: Any,
    ) -> None:
        self.store = store or filled()
        self.maildrops = maildrops or Maildrops(self.store.mailbox)
        self.pop3 = Pop3Machine(
            Pop3Policy(capabilities=POP3_CAPABILITIES - set(without), **policy),
            Accounts(USERS, tokens=tokens),
            self.maildrops,
            secured=secured,
            server_end_point=END_POINT,
            nonce=lambda: "nonce",
        )
        self.cut = cut
        self.events: list[Any] = []

    @classmethod
    def signed_in(cls, **options: Any) -> Pop3Dialogue:
        """Return one that ada has signed in to."""
        dialogue = cls(**options)
        dialogue.hears()
        dialogue.says("USER ada")
        dialogue.says("PASS secret")
        assert "+OK 2 messages" == dialogue.hears()[-1]
        return dialogue

    def sends(self, octets: bytes) -> None:
        """Send octets, cut as this client cuts them."""
        step = self.cut or len(octets) or 1
        for start in range(0, len(octets), step):
            self.pop3.receive_data(octets[start : start + step])
            self.works()

    def works(self) -> None:
        """Note what the machine wants done."""
        while (event := self.pop3.next_event()) is not None:
            self.events.append(event)

    def takes(self) -> bytes:
        """Return the octets that the server has sent since the last time."""
        taken: list[bytes] = []
        while octets := self.pop3.data_to_send():
            taken.append(octets)
            self.works()
        return b"".join(taken)

    def hears(self) -> list[str]:
        """Return the lines that the server has sent since the last time."""
        text = self.takes().decode()
        assert text.endswith("\r\n") or not text
        return text.split("\r\n")[:-1]

    @property
    def contents(self) -> list[bytes]:
        """What is in ada's mailbox now."""
        return [message.content for message in self.store.mailbox("ada")]


def filled() -> Store:
    """Return a store in which ada has two messages."""
    store = Store(USERS, capacity=100_000_000)
    for content in (FIRST, SECOND):
        store.mailbox("ada").append(content)
    return store
