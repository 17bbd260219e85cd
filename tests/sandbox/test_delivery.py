"""What becomes of a complete message, in SMTP and in LMTP."""

from __future__ import annotations

from courriel.model.receipt import Reply
from courriel.sandbox.delivery import Delivery
from courriel.sandbox.envelope import Recipient, SmtpEnvelope
from courriel.sandbox.smtp.events import MessageReceived
from courriel.sandbox.smtp.policy import SmtpPolicy
from courriel.sandbox.store import Store

ADA = Recipient("Ada@example.org", "ada")
BOB = Recipient("bob@example.org", "bob")
MESSAGE = MessageReceived(SmtpEnvelope("eve@example.com", (ADA, BOB)), b"hello")
FULL = Reply(452, ("The mailbox is full",), "4.2.2")


def store(capacity: int = 100) -> Store:
    return Store(["ada", "bob"], capacity=capacity)


def sizes(mailboxes: Store) -> list[int]:
    return [len(mailboxes.mailbox(user)) for user in ("ada", "bob")]


def test_it_is_kept_for_everybody() -> None:
    mailboxes = store()
    outcome = Delivery(SmtpPolicy(), mailboxes)(MESSAGE)
    assert [Reply(250, ("Kept as 1/1",), "2.0.0")] * 2 == outcome
    assert [1, 1] == sizes(mailboxes)


def test_smtp_keeps_it_for_all_or_for_nobody() -> None:
    mailboxes = store()
    policy = SmtpPolicy(refuse_message={"ada@example.org": FULL})
    assert [FULL] == Delivery(policy, mailboxes)(MESSAGE)
    assert [0, 0] == sizes(mailboxes)


def test_lmtp_keeps_it_for_each() -> None:
    mailboxes = store()
    policy = SmtpPolicy(lmtp=True, refuse_message={"ada@example.org": FULL})
    assert [FULL, Reply(250, ("Kept as 1",), "2.0.0")] == Delivery(policy, mailboxes)(MESSAGE)
    assert [0, 1] == sizes(mailboxes)


def test_a_full_store_refuses() -> None:
    mailboxes = store(capacity=9)
    outcome = Delivery(SmtpPolicy(), mailboxes)(MESSAGE)
    assert [Reply(452, ("Insufficient system storage",), "4.3.1")] * 2 == outcome
    assert [0, 0] == sizes(mailboxes)
