"""A summary reads what takes long only when asked, and sorts parts as a whole mail does."""

from __future__ import annotations

import pickle
import weakref
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime

import pytest

from courriel.model.address import Address
from courriel.model.attachment import Attachment
from courriel.model.email import Email
from courriel.model.envelope import Envelope
from courriel.model.parts import parts_of
from courriel.model.summary import Part, Summary

TEXT = Part("1", "text/plain", size=100, charset="utf-8", lines=3)
PDF = Part("2", "application/pdf", name="report.pdf", size=9_000, encoding="base64")


def test_envelope_and_parts_are_read_once_when_asked() -> None:
    asked: list[str] = []

    def envelope() -> Envelope:
        asked.append("envelope")
        return Envelope(subject="Hello")

    def parts() -> tuple[Part, ...]:
        asked.append("parts")
        return TEXT, PDF

    summary = Summary(7, "INBOX", 9_500, envelope=envelope, parts=parts)
    assert "Summary(id=7, folder='INBOX', size=9500)" == repr(summary)
    assert [] == asked
    assert "Hello" == summary.envelope.subject == summary.envelope.subject
    assert ["envelope"] == asked
    assert (PDF,) == summary.attachments == summary.attachments
    assert ["envelope", "parts"] == asked


def test_summaries_are_equal_when_all_they_say_is() -> None:
    eager = Summary(7, "INBOX", 5, envelope=Envelope(subject="x"), parts=(TEXT,), modseq=3)
    lazy = Summary(
        7, "INBOX", 5, envelope=lambda: Envelope(subject="x"), parts=lambda: (TEXT,), modseq=3
    )
    assert eager == lazy
    assert hash(eager) == hash(lazy)
    assert eager != Summary(7, "INBOX", 5, envelope=Envelope(subject="y"), parts=(TEXT,), modseq=3)
    assert eager != Summary(7, "INBOX", 5, envelope=Envelope(subject="x"), parts=(TEXT,))
    assert eager != Summary(8, "INBOX")
    assert eager != "INBOX"


def test_a_summary_can_be_pickled_before_it_was_read() -> None:
    summary = Summary(
        "uidl",
        "INBOX",
        5,
        envelope=lambda: Envelope(subject="x"),
        parts=lambda: (PDF,),
        preview="p",
    )
    assert summary == pickle.loads(pickle.dumps(summary))


def test_defects_are_what_reading_has_found() -> None:
    found: list[str] = []

    def envelope() -> Envelope:
        found.append("an ENVELOPE of nonsense")
        return Envelope()

    def parts() -> tuple[Part, ...]:
        found.append("a part without its type")
        return (TEXT,)

    summary = Summary(7, "INBOX", envelope=envelope, parts=parts, defects=lambda: tuple(found))
    assert [] == found
    assert ("an ENVELOPE of nonsense", "a part without its type") == summary.defects
    again = pickle.loads(pickle.dumps(summary))
    assert summary == again
    assert summary.defects == again.defects
    assert summary != Summary(7, "INBOX", envelope=Envelope(), parts=(TEXT,))
    assert () == Summary(7, "INBOX").defects


def test_what_the_server_has_said_is_let_go_when_it_has_been_read() -> None:
    class Answer:
        def envelope(self) -> Envelope:
            return Envelope()

        def parts(self) -> tuple[Part, ...]:
            return ()

        def noted(self) -> tuple[str, ...]:
            return ("nonsense",)

    answer = Answer()
    held = weakref.ref(answer)
    summary = Summary(
        7, "INBOX", envelope=answer.envelope, parts=answer.parts, defects=answer.noted
    )
    del answer
    assert (Envelope(), ()) == (summary.envelope, summary.parts)
    assert held() is None
    assert ("nonsense",) == summary.defects


def test_a_summary_is_frozen() -> None:
    summary = Summary(7, "INBOX")
    with pytest.raises(FrozenInstanceError):
        summary.flags = frozenset({"\\Seen"})  # type: ignore[misc]  # Wrong on purpose.


def test_flags_have_words() -> None:
    summary = Summary(7, "INBOX", flags=frozenset({"\\Seen", "\\Flagged"}))
    assert not summary.unread
    assert summary.flagged
    assert not summary.answered
    assert Summary("uidl", "INBOX").unread


def test_what_was_not_asked_for_is_none() -> None:
    summary = Summary(7, "INBOX")
    unasked = (summary.received, summary.preview, summary.thread_id, summary.email_id)
    assert (None,) * 6 == (*unasked, summary.modseq, summary.labels)
    assert Envelope() == summary.envelope
    assert () == summary.parts == summary.attachments


def test_parts_of_a_message_inside_belong_to_it() -> None:
    parts = (
        TEXT,
        Part("2", "message/rfc822"),
        Part("2.1", "text/plain"),
        Part("2.2", "application/pdf", name="inner.pdf"),
        Part("20", "image/png", name="outer.png"),
    )
    assert ["2", "20"] == [part.path for part in Summary(1, "x", parts=parts).attachments]


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        (Part("1", "text/plain"), "text"),
        (Part("1", "text/html", disposition="inline"), "text"),
        (Part("1", "text/plain", name="notes.txt"), "attachment"),
        (Part("1", "text/plain", disposition="attachment"), "attachment"),
        (Part("1", "text/calendar"), "attachment"),
        (Part("1", "text/calendar", around="multipart/alternative"), ""),
        (Part("1", "text/calendar", name="a.ics", around="multipart/alternative"), "attachment"),
        (
            Part("1", "text/calendar", disposition="attachment", around="multipart/alternative"),
            "attachment",
        ),
        (Part("1", "application/ics", around="multipart/alternative"), "attachment"),
        (Part("1", "image/png"), "attachment"),
        (Part("1", "image/png", inline_id="x@y", disposition="inline"), "inline"),
        (Part("1", "image/png", inline_id="x@y", around="multipart/related"), "inline"),
        (Part("1", "image/png", inline_id="x@y", around="multipart/mixed"), "attachment"),
        (Part("1", "image/png", inline_id="x@y", disposition="attachment"), "attachment"),
        (Part("1", "multipart/mixed"), ""),
    ],
)
def test_a_part_is_text_or_shown_or_a_file(part: Part, kind: str) -> None:
    kinds = {"text": part.is_text, "inline": part.is_inline, "attachment": part.is_attachment}
    assert ([kind] if kind else []) == [name for name, holds in kinds.items() if holds]


def test_a_summary_and_the_mail_agree_on_the_attachments() -> None:
    email = Email(
        sender="ada@example.org",
        to="bob@example.org",
        text="see below",
        html='<img src="cid:logo@x">',
        attachments=[
            Attachment("report.pdf", b"%PDF"),
            Attachment("notes.txt", b"notes"),
            Attachment("logo.png", b"png", inline_id="logo@x"),
            Email(sender="eve@example.org", text="inner", attachments=[Attachment("a.bin", b"x")]),
        ],
    )
    read = Email.from_source(email.source)
    summary = Summary(1, "INBOX", email.size, parts=parts_of(read))
    assert [file.safe_name for file in read.attachments] == [
        part.name for part in summary.attachments
    ]
    assert ["logo.png"] == [part.name for part in summary.parts if part.is_inline]
    assert 1 == sum(part.content_type == "message/rfc822" for part in summary.parts)


def test_an_envelope_is_taken_from_a_mail_as_a_server_would() -> None:
    source = (
        b"Date: Mon, 2 Nov 2026 08:00:00 +0100\r\n"
        b"Subject: =?utf-8?q?=C3=89t=C3=A9?=\r\n"
        b'From: =?utf-8?q?Doe=2C_J=C3=BCrgen?= <j@example.org>, "Ada" <ada@example.org>\r\n'
        b"To: bob@example.org\r\n"
        b"Cc: eve@example.org\r\n"
        b"In-Reply-To: <one@example.org> <two@example.org>\r\n"
        b"Message-ID: <three@example.org>\r\n"
        b"\r\n"
    )
    authors = (Address("Doe, Jürgen", "j@example.org"), Address("Ada", "ada@example.org"))
    expected = Envelope(
        date=datetime(2026, 11, 2, 7, tzinfo=UTC),
        subject="Été",
        sender=authors[0],
        authors=authors,
        reply_to=authors,
        to=(Address("", "bob@example.org"),),
        cc=(Address("", "eve@example.org"),),
        in_reply_to="<one@example.org>",
        message_id="<three@example.org>",
    )
    assert expected == Envelope.of(Email.from_source(source))


def test_an_envelope_of_a_composed_message_holds_its_bcc() -> None:
    email = Email(
        sender="ada@example.org", bcc="eve@example.org", reply_to="b@example.org", subject="x"
    )
    envelope = Envelope.of(email)
    assert (Address("", "ada@example.org"),) == envelope.authors
    assert (Address("", "eve@example.org"),) == envelope.bcc
    assert (Address("", "b@example.org"),) == envelope.reply_to
    assert email.message_id == envelope.message_id


def test_an_envelope_of_nothing_is_empty() -> None:
    assert Envelope() == Envelope.of(Email.from_source(b""))
    assert () == Envelope.of(Email(to="bob@example.org")).authors
