"""The folders of a user: names, uses, subscriptions, and what cannot be done."""

from __future__ import annotations

import pytest

from courriel.errors import Misused
from courriel.sandbox.folders import Folders
from courriel.sandbox.store import Store


@pytest.fixture
def folders() -> Folders:
    return Store(["ada"], capacity=100).folders("ada")


def test_everybody_has_some(folders: Folders) -> None:
    expected = ("INBOX", "Archive", "Drafts", "Junk", "Sent", "Trash")
    assert expected == folders.names == folders.subscribed
    assert [None, "\\Sent"] == [folders.use(name) for name in ("INBOX", "Sent")]
    assert list(expected) == [mailbox.name for mailbox in folders]
    assert 6 == len({mailbox.uid_validity for mailbox in folders})


def test_inbox_is_the_same_in_any_case(folders: Folders) -> None:
    assert folders.find("inbox") is folders.find("INBOX")
    assert "Inbox" in folders
    folders.create("inbox/below")
    assert ("INBOX/below",) == folders.below("InBoX")
    assert None is folders.find("sent")


def test_those_above_are_made_too(folders: Folders) -> None:
    created = folders.create("a/b/c", use="\\Archive")
    assert "a/b/c" == created.name
    assert ("a/b", "a/b/c") == folders.below("a")
    assert [None, "\\Archive"] == [folders.use(name) for name in ("a/b", "a/b/c")]


def test_what_is_deleted_leaves_a_place_for_those_below(folders: Folders) -> None:
    deleted = folders.create("a")
    folders.create("a/b")
    deleted.append(b"x")
    folders.delete("a")
    assert (None, 0, True) == (folders.find("a"), len(deleted), "a" in folders)
    with pytest.raises(Misused, match="deleted"):
        deleted.append(b"x")
    again = folders.create("a")
    assert again.uid_validity > deleted.uid_validity
    folders.delete("a")
    with pytest.raises(Misused, match="has folders below it"):
        folders.delete("a")
    folders.delete("a/b")
    folders.delete("a")
    assert "a" not in folders


def test_renaming_takes_those_below_along(folders: Folders) -> None:
    below = folders.create("a/b")
    folders.rename("a", "x/y")
    assert ("x/y", "x/y/b") == folders.below("x")
    assert below is folders.find("x/y/b")
    assert "x/y/b" == below.name
    assert "a" not in folders


def test_subscriptions_are_names(folders: Folders) -> None:
    folders.subscribe("not/there")
    folders.unsubscribe("Sent")
    folders.unsubscribe("nowhere")
    assert "not/there" in folders.subscribed
    assert "Sent" not in folders.subscribed


@pytest.mark.parametrize(
    "name", ["", "/", "a//b", "a/", "a\r\nb", "a\0", "x" * 501, "a/" * 50 + "a"]
)
def test_what_cannot_be_a_name(folders: Folders, name: str) -> None:
    with pytest.raises(Misused, match="no name for a folder"):
        folders.create(name)


def test_what_cannot_be_done(folders: Folders) -> None:
    for act, words in (
        (lambda: folders.create("Sent"), "already"),
        (lambda: folders.delete("INBOX"), "cannot be deleted"),
        (lambda: folders.delete("nowhere"), "no folder 'nowhere'"),
        (lambda: folders.rename("nowhere", "x"), "no folder 'nowhere'"),
        (lambda: folders.rename("Sent", "Trash"), "already"),
        (lambda: folders.rename("Sent", "Sent/below"), "below itself"),
    ):
        with pytest.raises(Misused, match=words):
            act()


def test_they_are_bounded(folders: Folders) -> None:
    for number in range(994):
        folders.create(f"folder {number}")
    with pytest.raises(Misused, match="at most 1000 folders"):
        folders.create("one more")
    for number in range(1_994):
        folders.subscribe(f"folder {number}")
    with pytest.raises(Misused, match="too many subscriptions"):
        folders.subscribe("one more")
