"""What folders are for: as servers say, and as names say in many languages."""

from __future__ import annotations

import pytest

from courriel.model.folder import USES, Folder
from courriel.model.use_names import NAMES
from courriel.model.uses import with_uses


def use_of(name: str, *attributes: str) -> tuple[str | None, str | None]:
    (folder,) = with_uses([Folder(name, "/", frozenset(attributes))])
    return folder.use, folder.use_source


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Sent", "sent"),
        ("SENT ITEMS", "sent"),
        ("INBOX/Gesendet", "sent"),
        ("Éléments envoyés", "sent"),
        ("Отправленные", "sent"),
        ("已发送", "sent"),
        ("送信済みメール", "sent"),
        ("Entwürfe", "drafts"),
        # Decomposed, as some file systems keep it.
        ("Entwu\u0308rfe", "drafts"),
        ("Brouillons", "drafts"),
        ("下書き", "drafts"),
        ("Papierkorb", "trash"),
        ("Corbeille", "trash"),
        ("Koš", "trash"),
        ("휴지통", "trash"),
        ("Junk E-Mail", "junk"),
        ("Спам", "junk"),
        ("[Gmail]/Spam", "junk"),
        ("Archiv", "archive"),
        ("[Gmail]/All Mail", "all"),
        ("[Gmail]/Starred", "flagged"),
        ("Important", "important"),
    ],
)
def test_a_name_says_what_a_folder_is_for(name: str, expected: str) -> None:
    assert (expected, "name") == use_of(name)


@pytest.mark.parametrize("name", ["Customers/Archive", "Sentences", "Trash can", "", "日記"])
def test_other_names_say_nothing(name: str) -> None:
    assert (None, None) == use_of(name)


def test_inbox_needs_no_guess() -> None:
    assert ("inbox", "server") == use_of("INBOX")


@pytest.mark.parametrize(
    ("attribute", "expected"),
    [("\\Sent", "sent"), ("\\JUNK", "junk"), ("\\AllMail", "all"), ("\\Spam", "junk")],
)
def test_the_server_knows_better_than_any_name(attribute: str, expected: str) -> None:
    assert (expected, "server") == use_of("Drafts", attribute)


def test_a_folder_that_cannot_be_selected_is_for_nothing() -> None:
    assert (None, None) == use_of("Trash", "\\Noselect")


def test_of_several_names_the_better_one_counts() -> None:
    found = with_uses([Folder(name, "/") for name in ("Sent Items", "Gesendet", "Sent")])
    assert [None, None, "sent"] == [folder.use for folder in found]


def test_no_name_is_a_guess_where_the_server_has_said_which_one_it_is() -> None:
    found = with_uses([Folder("Sent", "/"), Folder("x", "/", frozenset({"\\Sent"}))])
    assert [None, "sent"] == [folder.use for folder in found]


def test_every_name_is_for_one_use_only() -> None:
    assert set(NAMES) <= set(USES)
    names = [name for each in NAMES.values() for name in each.split("|")]
    assert len(set(names)) == len(names)
    assert all(name == name.strip() != "" for name in names)
