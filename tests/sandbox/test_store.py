"""What concerns several mailboxes at once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from courriel.errors import Misused, Refused
from courriel.sandbox.store import Store


@pytest.fixture
def store() -> Store:
    return Store(["ada", "bob"], capacity=100)


def test_folders_of_users(store: Store) -> None:
    assert "Sent" == store.mailbox("ada", "Sent").name
    assert store.mailbox("ada") is store.mailbox("ada", "inbox")
    assert store.mailbox("ada") is not store.mailbox("bob")
    with pytest.raises(Misused, match="ada has no folder 'Work'"):
        store.mailbox("ada", "Work")
    with pytest.raises(Misused, match="no user 'eve'"):
        store.folders("eve")


def test_copying(store: Store) -> None:
    inbox, sent = store.mailbox("ada"), store.mailbox("ada", "Sent")
    moment = datetime(2024, 1, 2, tzinfo=UTC)
    inbox.append(b"one")
    inbox.append(b"two", flags=["\\Seen", "$x"], arrived=moment)
    sent.append(b"there")
    assert [(2, 2)] == store.copy(inbox, [9, 2], sent)
    copy = sent.entry(2)
    assert copy is not None
    assert (b"two", moment) == (copy.message.content, copy.message.arrived)
    assert {"\\Seen", "$x"} == copy.flags
    assert copy.message.memo is inbox[1].memo


def test_a_copy_is_all_or_nothing_and_a_move_needs_no_room(store: Store) -> None:
    inbox, sent = store.mailbox("ada"), store.mailbox("ada", "Sent")
    inbox.append(b"x" * 30)
    inbox.append(b"x" * 30)
    with pytest.raises(Refused, match="60 of 100 octets"):
        store.copy(inbox, [1, 2], sent)
    assert 0 == len(sent)
    assert [(1, 1), (2, 2)] == store.copy(inbox, [1, 2], sent, move=True)
    assert [0, 2] == [len(inbox), len(sent)]
    store.check(40)
    with pytest.raises(Refused):
        store.check(41)
