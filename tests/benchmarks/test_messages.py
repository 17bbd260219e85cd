"""Whoever is measured at reading and composing gives the same answers, for every goal."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy

import pytest

from benchmarks import messages, parsers
from benchmarks.composers import COMPOSERS
from benchmarks.letters import Letter, letter, written
from benchmarks.parsers import (
    PARSERS,
    courriel_header,
    courriel_whole,
    large_mail,
    modern_header,
    modern_whole,
    recipients_mail,
    recipients_of,
    subject_of,
    words_mail,
)
from benchmarks.scale import Scale
from courriel import Email

LETTERS = [letter(number, foreign=foreign) for foreign in (False, True) for number in range(20)]


def names(one: Letter) -> str:
    return f"{'plain' if one.subject.isascii() and one.text.isascii() else 'foreign'}-{one.number}"


def unified(parts: list[tuple[str | None, object]]) -> Iterator[tuple[str | None, object]]:
    for name, content in parts:
        yield name, content.replace("\r\n", "\n") if isinstance(content, str) else content


@pytest.mark.parametrize("said", LETTERS, ids=names)
def test_parsers_read_what_the_letter_says(said: Letter) -> None:
    source = written(said)
    header = (said.subject, *said.sender, said.date)
    assert modern_header(source) == header
    assert courriel_header(source) == header
    whole = [(None, said.text), (None, said.html), (said.file_name, said.file)]
    assert list(unified(modern_whole(source))) == whole
    assert list(unified(courriel_whole(source))) == whole


def test_parsers_read_the_same_in_a_large_mail() -> None:
    source = large_mail()
    assert 2_700_000 < len(source) < 2_900_000
    read = {name: list(unified(parser.whole(source))) for name, parser in PARSERS.items()}
    assert read[parsers.MODERN] == read[parsers.COURRIEL]
    assert [name for name, _ in read[parsers.COURRIEL]] == [
        None,
        *(f"minutes-{number}.pdf" for number in range(3)),
    ]
    assert len({content for _, content in read[parsers.COURRIEL]}) == 4
    assert [content for _, content in read[parsers.COMPAT]][1:] == [
        content for _, content in read[parsers.COURRIEL]
    ][1:]


@pytest.mark.parametrize("name", COMPOSERS)
@pytest.mark.parametrize("said", LETTERS, ids=names)
def test_composers_write_what_the_letter_says(name: str, said: Letter) -> None:
    source = COMPOSERS[name](said)
    assert source.count(b"\n") == source.count(b"\r\n")
    mail = Email.from_source(source)
    assert mail.sender is not None
    assert ((mail.sender.name, mail.sender.address), mail.subject) == (said.sender, said.subject)
    assert tuple((to.name, to.address) for to in mail.to) == said.to
    assert (mail.text, mail.html) == (said.text, said.html)
    assert [(file.name, file.content) for file in mail.attachments] == [(said.file_name, said.file)]
    assert mail.message_id
    assert mail.date is not None
    kinds = [part.get_content_type() for part in message_from_bytes(source).walk()]
    assert kinds == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/pdf",
    ]


@pytest.mark.parametrize("name", COMPOSERS)
def test_composers_make_every_mail_anew(name: str) -> None:
    compose = COMPOSERS[name]
    parser = policy.default
    first, second = (message_from_bytes(compose(LETTERS[0]), policy=parser) for _ in range(2))
    assert first["Message-ID"] != second["Message-ID"]


def test_lists_hold_as_many_as_asked_for() -> None:
    assert len(recipients_of(recipients_mail(160))) == 160
    assert subject_of(words_mail(200)).split() == [
        word for number in range(200) for word in ("wörd", str(number))
    ]


def test_the_goals_are_measured() -> None:
    sections = messages.measure(Scale(rounds=1, messages=2))
    goals = [
        (goal.required, goal.at_most, goal.measured is not None)
        for section in sections
        for goal in section.goals
    ]
    assert goals == [
        *[(15, False, True), (5, False, True)] * 2,
        (5, False, True),
        (2, False, True),
        *[(100, True, True)] * 2,
    ]
