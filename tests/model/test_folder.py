"""Folders answer from what the server said, and say None where it did not."""

from __future__ import annotations

import pytest

from courriel.model.events import Arrived, Event, FlagsChanged, Resynchronise, Vanished
from courriel.model.folder import Counters, Folder, Namespace, Namespaces, Quota


def test_a_folder_knows_its_place() -> None:
    folder = Folder("Archives/2026/Été", "/")
    assert "Archives/2026" == folder.parent
    assert "Été" == folder.short_name
    assert "Archives/2026/Été" == str(folder)


@pytest.mark.parametrize(
    ("name", "separator"),
    [("INBOX", "/"), ("a/b", None), ("a/b", "."), ("top/", "/"), ("/rooted", "/"), ("/", "/")],
)
def test_the_top_has_no_parent(name: str, separator: str | None) -> None:
    folder = Folder(name, separator)
    assert None is folder.parent
    assert folder.short_name
    assert folder.short_name in name


def test_attributes_are_read_in_any_case() -> None:
    folder = Folder("a", "/", frozenset({"\\NoSelect", "\\HASCHILDREN"}))
    assert not folder.selectable
    assert folder.has_children is True
    assert folder.has("\\Noselect")
    assert not Folder("a", "/", frozenset({"\\NonExistent"})).selectable


def test_what_was_not_said_is_none() -> None:
    folder = Folder("a")
    assert folder.selectable
    unsaid = (folder.has_children, folder.use, folder.subscribed, folder.counters)
    assert (None,) * 4 == unsaid
    assert Folder("a", "/", frozenset({"\\HasNoChildren"})).has_children is False
    assert Folder("a", "/", frozenset({"\\Noinferiors"})).has_children is False
    counters = Counters(messages=3)
    assert 3 == counters.messages
    assert (None, None) == (counters.unseen, counters.mailbox_id)


def test_storage_is_told_in_octets() -> None:
    quota = Quota("", {"STORAGE": (10, 512), "MESSAGE": (3, 100)})
    assert (10_240, 524_288) == quota.storage
    assert None is Quota("root").storage


def test_namespaces_are_empty_until_told() -> None:
    assert Namespaces((), (), ()) == Namespaces()
    assert "/" == Namespaces((Namespace("", "/"),)).personal[0].separator


def test_events_are_told_apart_by_match() -> None:
    def words(event: Event) -> str:
        match event:
            case Arrived(folder, ids):
                return f"{len(ids)} more in {folder}"
            case Vanished(folder, ids):
                return f"{len(ids)} fewer in {folder}"
            case FlagsChanged(_, id, flags):
                return f"{id} is {sorted(flags)}"
            case Resynchronise(folder, reason):
                return f"look at {folder} again: {reason}"

    assert "2 more in INBOX" == words(Arrived("INBOX", (5, 6)))
    assert "1 fewer in INBOX" == words(Vanished("INBOX", (5,)))
    assert "5 is ['\\\\Seen']" == words(FlagsChanged("INBOX", 5, frozenset({"\\Seen"})))
    assert "look at INBOX again: too much" == words(Resynchronise("INBOX", "too much"))
