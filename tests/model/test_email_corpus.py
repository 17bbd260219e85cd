"""Odd mails of every generation, each with what a careful person would read in it.

``tests/corpus/<name>.eml`` is the mail, octet for octet; ``<name>.json`` beside it says what it
is (``about``) and what is expected. Only what is written there is compared:

* addresses are ``[name, address]``, ``date`` is ISO 8601, ``priority`` and ``sensitivity`` words;
* ``text_has`` are pieces of the text, where its layout is not the point;
* of a file, ``name`` null stands for any name, because the mail gives none; ``content`` is its
  content as text, ``message`` what is expected of the mail that it holds;
* ``has_files`` are names of files that are there among others, with their content as text;
* of a ``report``, and of its recipients, what is written is compared;
* each word of ``defects`` stands in a defect; where there is no word, there is no defect.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from courriel.model.address import Address
from courriel.model.attachment import Attachment
from courriel.model.email import Email

CORPUS = Path(__file__).parent.parent / "corpus"
NAMES = sorted(path.stem for path in CORPUS.glob("*.eml"))


def as_written(value: Any) -> Any:
    """Return an answer of a mail in the words of JSON."""
    match value:
        case Address():
            return [value.name, value.address]
        case datetime():
            return value.isoformat()
        case tuple():
            return [as_written(one) for one in value]
        case _:
            return value


def compare_file(expected: dict[str, Any], file: Attachment) -> None:
    """Compare one file with what is expected of it."""
    assert file.safe_name
    for key, value in expected.items():
        match key:
            case "name":
                assert value in {None, file.name}
            case "type":
                assert value == file.content_type
            case "content":
                assert value == file.content.decode()
            case "message":
                compare(value, Email.from_source(file.content))
            case _:
                assert value == getattr(file, key), key


def compare_files(expected: list[dict[str, Any]], files: tuple[Attachment, ...]) -> None:
    """Compare all files, in their order."""
    assert [one["type"] for one in expected] == [file.content_type for file in files]
    for one, file in zip(expected, files, strict=True):
        compare_file(one, file)


def compare_defects(expected: list[str], defects: tuple[str, ...]) -> None:
    """Each word of ``expected`` stands in a defect."""
    assert bool(expected) is bool(defects), defects
    for word in expected:
        assert any(word in defect for defect in defects), (word, defects)


def compare_pieces(expected: list[str], email: Email) -> None:
    """Each of the pieces stands in the text."""
    for piece in expected:
        assert piece in (email.text or "")


def compare_some_files(expected: dict[str, str | None], email: Email) -> None:
    """Each of the names is that of a file, with its content where that is known."""
    found = {file.name: file for file in email.attachments}
    for name, content in expected.items():
        assert name in found
        assert content in {None, found[name].content.decode("latin-1")}


def compare_report(expected: dict[str, Any], email: Email) -> None:
    """Compare what a mail reports of another one."""
    recipients = expected.pop("recipients", [])
    for key, value in expected.items():
        assert value == as_written(getattr(email.report, key)), key
    for one, recipient in zip(recipients, getattr(email.report, "recipients", ()), strict=True):
        for key, value in one.items():
            assert value == as_written(getattr(recipient, key)), key


def about(expected: str, email: Email) -> None:
    """Say what the mail is; there is nothing to compare."""
    assert expected


SPECIAL: dict[str, Callable[[Any, Email], None]] = {
    "about": about,
    "attachments": lambda expected, email: compare_files(expected, email.attachments),
    "inline": lambda expected, email: compare_files(expected, email.inline),
    "defects": lambda expected, email: compare_defects(expected, email.defects),
    "text_has": compare_pieces,
    "has_files": compare_some_files,
    "report": compare_report,
}
"""What is not compared as one value with one value."""


def compare(expected: dict[str, Any], email: Email) -> None:
    """Compare a mail with what is expected of it."""
    for key, value in expected.items():
        if key in SPECIAL:
            SPECIAL[key](value, email)
        else:
            assert value == as_written(getattr(email, key)), key


@pytest.mark.parametrize("name", NAMES)
def test_a_mail_of_the_corpus(name: str) -> None:
    source = (CORPUS / f"{name}.eml").read_bytes()
    expected = json.loads((CORPUS / f"{name}.json").read_bytes())
    email = Email.from_source(source)
    assert source == email.source
    compare(expected, email)


def test_every_mail_has_its_expectations() -> None:
    assert 80 <= len(NAMES)
    assert NAMES == sorted(path.stem for path in CORPUS.glob("*.json"))
