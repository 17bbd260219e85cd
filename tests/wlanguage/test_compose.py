"""Hold the message to what the members of the Email structure say."""

from __future__ import annotations

from pathlib import Path

import pytest

from courriel.errors import Misused
from courriel.model.address import Address
from courriel.model.priority import Priority, Sensitivity
from courriel.wlanguage.compose import composed
from courriel.wlanguage.constants import (
    SendingOption,
    emailCompanyConfidential,
    emailHighPriority,
    emailOptionEncodeHeader,
    emailOptionMessageID,
    emailOptionReference,
)
from courriel.wlanguage.structure import EmailStructure


@pytest.fixture
def structure() -> EmailStructure:
    made = EmailStructure()
    made.SenderAddress = "ada@example.org"
    made.Recipient[1] = "bob@example.org"
    return made


def addresses(found: tuple[Address, ...]) -> list[str]:
    return [str(address) for address in found]


@pytest.mark.parametrize(
    ("sender", "address", "expected"),
    [
        ("", "ada@example.org", "ada@example.org"),
        ("Ada", "ada@example.org", "Ada <ada@example.org>"),
        (
            "Ada Lovelace, née Byron",
            "ada@example.org",
            '"Ada Lovelace, née Byron" <ada@example.org>',
        ),
        ("<ada@example.org>", "", "ada@example.org"),
        ("ada@example.org", "", "ada@example.org"),
        ("Ada <ada@example.org>", "", "Ada <ada@example.org>"),
        ("Ada <ada@home.example>", "ada@example.org", "Ada <ada@example.org>"),
        ("ada@home.example", "ada@example.org", "ada@example.org"),
        ("Ada @ work", "ada@example.org", '"Ada @ work" <ada@example.org>'),
        (" Ada ", " ada@example.org ", "Ada <ada@example.org>"),
    ],
)
def test_the_sender_is_in_two_members(
    structure: EmailStructure, sender: str, address: str, expected: str
) -> None:
    structure.Sender, structure.SenderAddress = sender, address
    assert expected == str(composed(structure, SendingOption.NONE).sender)


def test_without_a_sender_there_is_no_message(structure: EmailStructure) -> None:
    structure.SenderAddress = " "
    with pytest.raises(Misused, match=r"no sender.*Email\.SenderAddress"):
        composed(structure, SendingOption.NONE)


def test_without_a_recipient_there_is_no_message(structure: EmailStructure) -> None:
    structure.NbRecipient = 0
    with pytest.raises(Misused, match=r"no recipient.*Email\.Recipient\[1\]"):
        composed(structure, SendingOption.NONE)


@pytest.mark.parametrize("hostile", ["bob@example.org\r\nRCPT TO:<eve@example.org>", "bob", "\0"])
def test_what_is_no_address_makes_no_message(structure: EmailStructure, hostile: str) -> None:
    for member in ("Recipient", "Cc", "Bcc", "SenderAddress", "ReplyTo"):
        email = EmailStructure()
        email.SenderAddress = "ada@example.org"
        email.Recipient[1] = "bob@example.org"
        setattr(email, member, hostile)
        with pytest.raises(Misused):
            composed(email, SendingOption.NONE)


def test_recipients_go_where_they_were_written(structure: EmailStructure) -> None:
    structure.Recipient[2] = "Eve <eve@example.org>"
    structure.Cc = ["cc@example.org"]
    structure.Bcc = ["bcc@example.org"]
    email = composed(structure, SendingOption.NONE)
    assert ["bob@example.org", "Eve <eve@example.org>"] == addresses(email.to)
    assert ["cc@example.org"] == addresses(email.cc)
    assert ["bcc@example.org"] == addresses(email.bcc)
    assert b"bcc@example.org" not in email.source


def test_only_what_counts_gets_the_message(structure: EmailStructure) -> None:
    structure.Recipient = ["bob@example.org", "old@example.org"]
    structure.NbRecipient = 1
    assert ["bob@example.org"] == addresses(composed(structure, SendingOption.NONE).to)


def test_a_copy_alone_is_a_recipient(structure: EmailStructure) -> None:
    structure.NbRecipient = 0
    structure.Cc = ["cc@example.org"]
    assert ["cc@example.org"] == addresses(composed(structure, SendingOption.NONE).cc)


def test_text_and_subject_keep_their_accents_without_an_option(structure: EmailStructure) -> None:
    structure.Subject = "Déjeuner"
    structure.Message = "À midi ?\r\nDans la cour."
    for options in (SendingOption.NONE, emailOptionEncodeHeader):
        email = composed(structure, options)
        assert "Déjeuner" == email.subject
        assert "À midi ?" == (email.text or "").splitlines()[0]
        assert email.source.partition(b"\r\n\r\n")[0].isascii()


def test_html_alone_is_no_empty_text(structure: EmailStructure) -> None:
    structure.HTML = "<p>At noon?</p>"
    source = composed(structure, SendingOption.NONE).source
    assert b"text/html" in source
    assert b"multipart/alternative" not in source


def test_html_and_text_are_alternatives(structure: EmailStructure) -> None:
    structure.Message, structure.HTML = "At noon?", "<p>At noon?</p>"
    assert b"multipart/alternative" in composed(structure, SendingOption.NONE).source


def test_files_are_attached(structure: EmailStructure, tmp_path: Path) -> None:
    file = tmp_path / "menu.txt"
    file.write_bytes(b"Soup.")
    structure.Attach[1] = str(file)
    (attachment,) = composed(structure, SendingOption.NONE).attachments
    assert ("menu.txt", b"Soup.") == (attachment.name, attachment.content)


def test_a_missing_file_makes_no_message(structure: EmailStructure, tmp_path: Path) -> None:
    structure.Attach[1] = str(tmp_path / "none.pdf")
    with pytest.raises((Misused, OSError), match=r"none\.pdf"):
        composed(structure, SendingOption.NONE)


def test_wishes_are_carried(structure: EmailStructure) -> None:
    structure.Priority = emailHighPriority
    structure.Sensitivity = emailCompanyConfidential
    structure.ReplyTo = "office@example.org"
    email = composed(structure, SendingOption.NONE)
    assert (Priority.HIGH, Sensitivity.CONFIDENTIAL) == (email.priority, email.sensitivity)
    assert ["office@example.org"] == addresses(email.reply_to)


@pytest.mark.parametrize(
    ("read", "delivery", "expected"),
    [
        (False, False, (False, False)),
        (True, False, (True, False)),
        (False, True, (False, True)),
        (True, True, (True, False)),
    ],
)
def test_a_read_receipt_goes_before_a_delivery_receipt(
    structure: EmailStructure, read: bool, delivery: bool, expected: tuple[bool, bool]
) -> None:
    structure.DispositionNotification = read
    structure.AccuséRéception = delivery
    email = composed(structure, SendingOption.NONE)
    assert expected == (email.request_read_receipt, email.request_delivery_receipt)


def test_the_message_id_is_used_only_with_its_option(structure: EmailStructure) -> None:
    structure.MessageID = "<1@example.org>"
    assert "<1@example.org>" == composed(structure, emailOptionMessageID).message_id
    assert "<1@example.org>" != composed(structure, emailOptionReference).message_id


def test_references_are_used_only_with_their_option(structure: EmailStructure) -> None:
    structure.Reference = "<1@example.org> <2@example.org>"
    email = composed(structure, emailOptionReference + emailOptionEncodeHeader)
    assert ("<1@example.org>", "<2@example.org>") == tuple(email.references)
    assert "<2@example.org>" == email.in_reply_to
    assert () == tuple(composed(structure, emailOptionMessageID).references)
