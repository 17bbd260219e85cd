"""Mailboxes in memory: what they hold, how much, and for how long."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from courriel.errors import Misused, Refused, TimedOut
from courriel.sandbox.envelope import Recipient, SmtpEnvelope
from courriel.sandbox.mailbox import Mailbox
from courriel.sandbox.store import Store

ENVELOPE = SmtpEnvelope(
    "bob@example.org", (Recipient("ada@example.org", "ada"), Recipient("eve@example.org", "eve"))
)


@pytest.fixture
def store() -> Store:
    return Store(["ada", "bob"], capacity=100)


@pytest.fixture
def mailbox(store: Store) -> Mailbox:
    return store.mailbox("ada")


def test_a_message_is_kept_as_it_came(store: Store, mailbox: Mailbox) -> None:
    (stored,) = store.deliver(["ada"], b"hello", ENVELOPE)
    assert (stored,) == mailbox.messages
    assert (1, b"hello", ENVELOPE) == (stored.id, stored.content, stored.envelope)
    assert "bob@example.org" == stored.sender
    assert ("ada@example.org", "eve@example.org") == stored.recipients
    assert timedelta(0) == stored.arrived.utcoffset()


def test_a_mailbox_is_a_sequence(store: Store, mailbox: Mailbox) -> None:
    assert not mailbox
    for content in (b"a", b"b", b"c"):
        store.deliver(["ada"], content, ENVELOPE)
    assert [b"a", b"b", b"c"] == [message.content for message in mailbox]
    assert b"c" == mailbox[-1].content
    assert [b"a", b"b"] == [message.content for message in mailbox[:2]]
    assert mailbox[1] in mailbox
    assert "<Mailbox of 'ada', 3 messages>" == repr(mailbox)
    assert mailbox[2] == mailbox.find(3)
    assert None is mailbox.find(4)


def test_each_user_gets_one_copy(store: Store) -> None:
    stored = store.deliver(["ada", "bob", "ada"], b"hello", ENVELOPE)
    assert 2 == len(stored)
    assert stored[0].content is stored[1].content
    assert [1, 1] == [len(store.mailbox("ada")), len(store.mailbox("bob"))]


def test_ids_are_not_used_twice(store: Store, mailbox: Mailbox) -> None:
    store.deliver(["ada"], b"a", ENVELOPE)
    store.deliver(["ada"], b"b", ENVELOPE)
    mailbox.remove(2)
    store.deliver(["ada"], b"c", ENVELOPE)
    assert [1, 3] == [message.id for message in mailbox]
    mailbox.clear()
    store.deliver(["ada"], b"d", ENVELOPE)
    assert [4] == [message.id for message in mailbox]


def test_what_is_beyond_the_capacity_goes_to_nobody(store: Store) -> None:
    store.deliver(["ada"], b"x" * 60, ENVELOPE)
    with pytest.raises(Refused, match="60 of 100 octets") as caught:
        store.deliver(["bob", "ada"], b"x" * 21, ENVELOPE)
    assert (452, "4.3.1") == (caught.value.code, caught.value.enhanced)
    assert 0 == len(store.mailbox("bob"))
    store.deliver(["bob", "ada"], b"x" * 20, ENVELOPE)


def test_removing_makes_room(store: Store, mailbox: Mailbox) -> None:
    store.deliver(["ada"], b"x" * 60, ENVELOPE)
    store.deliver(["ada"], b"x" * 40, ENVELOPE)
    mailbox.remove(1)
    store.deliver(["ada"], b"x" * 60, ENVELOPE)
    mailbox.clear()
    store.deliver(["ada"], b"x" * 100, ENVELOPE)


def test_waiting_ends_with_the_message(store: Store, mailbox: Mailbox) -> None:
    sender = threading.Thread(
        target=lambda: [store.deliver(["ada"], content, ENVELOPE) for content in (b"a", b"b")]
    )
    sender.start()
    assert [b"a", b"b"] == [message.content for message in mailbox.wait(2)]
    sender.join()


def test_waiting_for_nothing_ends_too(mailbox: Mailbox) -> None:
    with pytest.raises(TimedOut, match=r"0 of 1 messages came in 0\.01 s"):
        mailbox.wait(timeout=0.01)


def test_what_is_not_there(store: Store, mailbox: Mailbox) -> None:
    with pytest.raises(Misused, match="no user 'eve'"):
        store.mailbox("eve")
    with pytest.raises(Misused, match="no message 1"):
        mailbox.remove(1)


def test_many_threads_at_once(mailbox: Mailbox) -> None:
    store = Store(["ada"], capacity=10_000)
    threads = [
        threading.Thread(
            target=lambda: [store.deliver(["ada"], b"x", ENVELOPE) for _ in range(100)]
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    assert 800 == len(store.mailbox("ada").wait(800))
    for thread in threads:
        thread.join()
    assert list(range(1, 801)) == sorted(message.id for message in store.mailbox("ada"))


def test_flags_stand_beside_messages(store: Store, mailbox: Mailbox) -> None:
    (stored,) = store.deliver(["ada"], b"hello", ENVELOPE)
    assert set() == mailbox.flags(1)
    mailbox.mark(1, "\\seen", "$Label")
    mailbox.mark(1, "$LABEL")
    assert {"\\Seen", "$Label"} == mailbox.flags(1)
    assert ("$Label",) == mailbox.keywords
    mailbox.unmark(1, "$label", "\\Draft")
    (entry,) = mailbox.entries()
    assert entry == mailbox.entry(1)
    assert (stored, True, 1) == (entry.message, entry.seen, entry.id)
    assert {"\\Seen"} == entry.flags


def test_flags_of_what_is_not_there(mailbox: Mailbox) -> None:
    for act in (mailbox.flags, mailbox.mark, mailbox.unmark):
        with pytest.raises(Misused, match="no message 1"):
            act(1)
    assert None is mailbox.change_flags(1, lambda before: before)
    assert None is mailbox.entry(1)


def test_changes_are_counted(mailbox: Mailbox) -> None:
    for content in (b"a", b"b", b"c"):
        mailbox.append(content)
    before = mailbox.modseq
    assert () == mailbox.changes(before).changed
    mailbox.mark(2, "\\Seen")
    mailbox.mark(2, "\\Seen")
    mailbox.mark(1, "\\Seen")
    mailbox.remove(3)
    mailbox.append(b"d")
    changes = mailbox.changes(before)
    assert [1, 2, 4] == [entry.id for entry in changes.changed]
    assert (3,) == changes.vanished
    assert before + 4 == changes.modseq == mailbox.modseq
    assert [4] == [entry.id for entry in mailbox.changes(before + 3).changed]
    assert () == mailbox.changes(before + 3).vanished


def test_listeners_are_called_at_each_change(mailbox: Mailbox) -> None:
    called: list[int] = []

    def listener() -> None:
        called.append(mailbox.modseq)

    mailbox.listen(listener)
    mailbox.append(b"a")
    mailbox.mark(1, "\\Seen")
    mailbox.mark(1, "\\Seen")
    assert [1] == mailbox.expunge([1, 2, 1])
    assert [] == mailbox.expunge([1])
    assert 3 == len(called)
    mailbox.unlisten(listener)
    mailbox.append(b"b")
    assert 3 == len(called)


def test_a_folder_says_its_name(store: Store) -> None:
    assert "<Mailbox of 'ada' in 'Sent', 0 messages>" == repr(store.mailbox("ada", "Sent"))
