"""Hold the Email structure to its members: typed, 1-based, in both languages, one per thread."""

from __future__ import annotations

import copy
import pickle
import threading
from pathlib import Path
from typing import Any

import pytest

from courriel.model.attachment import Attachment
from courriel.wlanguage import Email, EmailReset, emailHighPriority
from courriel.wlanguage.faults import WLanguageError
from courriel.wlanguage.structure import EmailStructure

DEFAULTS = [
    ("Sender", ""),
    ("SenderAddress", ""),
    ("ReplyTo", ""),
    ("Subject", ""),
    ("Message", ""),
    ("HTML", ""),
    ("Source", ""),
    ("MessageID", ""),
    ("Reference", ""),
    ("Error", ""),
    ("MailIdentifier", 0),
    ("NbRecipient", 0),
    ("NbCc", 0),
    ("NbBcc", 0),
    ("NbAttach", 0),
    ("DispositionNotification", False),
    ("AccuséRéception", False),
]

FRENCH = [
    ("Expéditeur", "Sender", "Ada"),
    ("AdresseExpéditeur", "SenderAddress", "ada@example.org"),
    ("Destinataire", "Recipient", ["bob@example.org"]),
    ("NbDestinataire", "NbRecipient", 1),
    ("Cci", "Bcc", ["eve@example.org"]),
    ("NbCci", "NbBcc", 1),
    ("AdresseRéponse", "ReplyTo", "office@example.org"),
    ("Sujet", "Subject", "Déjeuner"),
    ("Attache", "Attach", ["menu.pdf"]),
    ("NbAttache", "NbAttach", 1),
    ("Priorité", "Priority", emailHighPriority),
    ("Référence", "Reference", "<1@example.org>"),
    ("IdentifiantMail", "MailIdentifier", 7),
    ("Erreur", "Error", "non"),
]


@pytest.mark.parametrize(("member", "default"), DEFAULTS)
def test_a_member_has_its_default(member: str, default: Any) -> None:
    assert default == getattr(EmailStructure(), member)


@pytest.mark.parametrize(("french", "english", "value"), FRENCH)
def test_a_french_member_is_the_english_one(french: str, english: str, value: Any) -> None:
    email = EmailStructure()
    setattr(email, french, value)
    assert value == getattr(email, english)
    assert value == getattr(email, french)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("Subject", None),
        ("Subject", b"Lunch"),
        ("Message", 5),
        ("Priority", "high"),
        ("Priority", 1),
        ("DispositionNotification", 1),
        ("MailIdentifier", True),
        ("Recipient", 5),
        ("Recipient", [5]),
        ("NbRecipient", "1"),
        ("Attach", b"menu.pdf"),
    ],
)
def test_a_value_of_the_wrong_type_is_an_error_of_the_program(member: str, value: Any) -> None:
    email = EmailStructure()
    with pytest.raises(WLanguageError, match=r"^Email"):
        setattr(email, member, value)


@pytest.mark.parametrize("member", ["Subjet", "sender", "NbMessage"])
def test_a_misspelt_member_is_not_a_lost_line(member: str) -> None:
    with pytest.raises(WLanguageError, match=f"no member '{member}'"):
        setattr(Email, member, "Ada")
    with pytest.raises(WLanguageError, match=f"no member '{member}'"):
        getattr(Email, member)
    assert not hasattr(Email, member)


def test_a_structure_can_be_copied_like_any_object() -> None:
    email = Email()
    email.Recipient = "bob@example.org"
    assert ["bob@example.org"] == copy.deepcopy(email).Recipient


def test_one_text_alone_fills_an_array() -> None:
    email = EmailStructure()
    email.Recipient = "bob@example.org"
    assert ["bob@example.org"] == email.Recipient
    assert 1 == email.NbRecipient


def test_files_may_be_attached_by_name_path_or_value() -> None:
    email = EmailStructure()
    email.Attach[1] = "menu.pdf"
    email.Attach[2] = Path("plan.pdf")
    email.Attach[3] = Attachment("note.txt", b"At noon.")
    assert 3 == email.NbAttach


def test_reset_gives_every_member_its_default() -> None:
    Email.Subject = "Lunch"
    Email.Recipient[1] = "bob@example.org"
    Email.NbRecipient = 1
    Email.Priority = emailHighPriority
    EmailReset()
    assert ("", 0, "") == (Email.Subject, Email.NbRecipient, Email.Recipient[1])
    Email.Recipient.Add("eve@example.org")
    assert 1 == Email.NbRecipient


def test_each_thread_has_its_own_structure() -> None:
    Email.Subject = "mine"
    Email.Recipient[1] = "ada@example.org"
    seen: list[Any] = []

    def other() -> None:
        seen.extend([Email.Subject, Email.NbRecipient])
        Email.Subject = "yours"
        Email.Recipient[1] = "bob@example.org"

    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    assert ["", 0] == seen
    assert ("mine", "ada@example.org") == (Email.Subject, Email.Recipient[1])


def test_the_structure_makes_more_of_its_kind() -> None:
    first, second = Email(), Email()
    first.Subject = "first"
    assert ("first", "", "") == (first.Subject, second.Subject, Email.Subject)


def test_a_structure_can_be_pickled() -> None:
    email = EmailStructure()
    email.Subject = "Lunch"
    email.Recipient = ["bob@example.org"]
    again = pickle.loads(pickle.dumps(email))
    assert ("Lunch", ["bob@example.org"]) == (again.Subject, again.Recipient)


def test_its_repr_shows_who_not_what() -> None:
    email = EmailStructure()
    email.Sender = "Ada"
    email.Message = "between us"
    assert "<Email from 'Ada' to []>" == repr(email)
