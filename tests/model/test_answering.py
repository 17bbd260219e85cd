"""Who answers a mail, or passes it on, says who is meant, what about, and nothing else.

What was read may be hostile: nothing of it starts a header of its own, and nothing that somebody
wrote to be run is sent on as HTML.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courriel.model.attachment import Attachment
from courriel.model.email import Email
from courriel.model.writing import draft_of

CORPUS = Path(__file__).parent.parent / "corpus"
MAILS = [path.read_bytes() for path in sorted(CORPUS.glob("*.eml"))]
SMALL = [mail for mail in MAILS if len(mail) <= 8_000]
KNOWN = {
    *(b"Date", b"From", b"To", b"Cc", b"Subject", b"Message-ID", b"In-Reply-To", b"References"),
    *(b"MIME-Version", b"Content-Type", b"Content-Transfer-Encoding"),
}
CALENDAR = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"


def read(head: str, body: str = "Hello\r\n") -> Email:
    """Return a mail with that header, one field a line."""
    return Email.from_source(f"{head.strip()}\n\n{body}".encode())


def paths(addresses: Any) -> list[str]:
    return [address.address for address in addresses]


def expect_plain(email: Email) -> None:
    """Its header has the fields that an answer has, and every line is one that servers carry."""
    head, _, body = email.source.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        assert line[:1] == b" " or line.partition(b":")[0] in KNOWN
        assert not {*line} & {0, 10, 13}
    for line in (*head.split(b"\r\n"), *body.split(b"\r\n")):
        assert 998 >= len(line)
    assert b"\n" not in head.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    ("head", "sender", "to", "cc"),
    [
        ("From: ada@x.org\nTo: me@x.org", None, ["ada@x.org"], ["me@x.org"]),
        ("From: ada@x.org\nTo: me@x.org", "me@x.org", ["ada@x.org"], []),
        (
            "From: ada@x.org\nTo: ME@x.org, eve@x.org\nCc: EVE@x.org, ada@x.org",
            "Me <me@X.org>",
            ["ada@x.org"],
            ["eve@x.org"],
        ),
        (
            "From: ada@x.org\nReply-To: list@x.org, me@x.org, list@X.ORG\nTo: list@x.org",
            "me@x.org",
            ["list@x.org"],
            [],
        ),
        ("From: me@x.org\nTo: bob@x.org\nCc: eve@x.org", "me@x.org", ["bob@x.org"], ["eve@x.org"]),
        ("From: me@x.org\nTo: me@x.org", "me@x.org", ["me@x.org"], []),
        ("From: me@x.org", "me@x.org", ["me@x.org"], []),
        ("Sender: robot@x.org\nTo: me@x.org", "me@x.org", ["robot@x.org"], []),
        ("From: nobody at all\nTo: me@x.org", "me@x.org", [], []),
        ("Subject: x", None, [], []),
    ],
)
def test_an_answer_goes_to_those_who_are_meant_and_not_to_oneself(
    head: str, sender: str | None, to: list[str], cc: list[str]
) -> None:
    answer = read(head).reply(all=True, sender=sender)
    assert (to, cc) == (paths(answer.to), paths(answer.cc))
    alone = read(head).reply(sender=sender)
    assert (to, []) == (paths(alone.to), paths(alone.cc))


@pytest.mark.parametrize(
    ("subject", "answered", "passed_on"),
    [
        ("Hello", "Re: Hello", "Fwd: Hello"),
        ("", "Re:", "Fwd:"),
        ("Re: Hello", "Re: Hello", "Fwd: Re: Hello"),
        ("RE : Hello", "RE : Hello", "Fwd: RE : Hello"),
        ("re[3]: Hello", "re[3]: Hello", "Fwd: re[3]: Hello"),
        ("AW: Hello", "AW: Hello", "Fwd: AW: Hello"),
        ("SV: Hello", "SV: Hello", "Fwd: SV: Hello"),
        ("Rép : Hello", "Rép : Hello", "Fwd: Rép : Hello"),
        ("回复：你好", "回复：你好", "Fwd: 回复：你好"),
        ("Fwd: Hello", "Re: Fwd: Hello", "Fwd: Hello"),
        ("FW: Hello", "Re: FW: Hello", "FW: Hello"),
        ("WG: Hello", "Re: WG: Hello", "WG: Hello"),
        ("[Fwd: Hello]", "Re: [Fwd: Hello]", "[Fwd: Hello]"),
        ("Reform: now", "Re: Reform: now", "Fwd: Reform: now"),
    ],
)
def test_a_subject_says_once_what_it_is(subject: str, answered: str, passed_on: str) -> None:
    email = Email.from_source(Email(sender="ada@x.org", subject=subject).source)
    assert answered == email.reply().subject
    assert passed_on == email.forward().subject


@pytest.mark.parametrize(
    ("head", "in_reply_to", "references"),
    [
        ("Message-ID: <3@x>\nReferences: <1@x> <2@x>", "<3@x>", ("<1@x>", "<2@x>", "<3@x>")),
        ("Message-ID: <3@x>\nIn-Reply-To: <2@x>", "<3@x>", ("<2@x>", "<3@x>")),
        (
            "Message-ID: <3@x>\nIn-Reply-To: <9@x>\nReferences: <1@x>",
            "<3@x>",
            ("<1@x>", "<3@x>"),
        ),
        ("References: <1@x>", None, ("<1@x>",)),
        ("Message-ID: none", None, ()),
        ("Message-ID: <\u00e9@x>\nReferences: <1@x> <\u00e9@x> <2@x>", None, ("<1@x>", "<2@x>")),
        (f"Message-ID: <{'x' * 950}@x>", None, ()),
    ],
)
def test_a_thread_goes_on(head: str, in_reply_to: str | None, references: tuple[str, ...]) -> None:
    """RFC 5322, 3.6.4."""
    answer = read(head).reply()
    assert (in_reply_to, references) == (answer.in_reply_to, answer.references)


def test_thousands_of_references_make_a_short_header() -> None:
    thread = " ".join(f"<{number}.{'x' * 800}@x.org>" for number in range(1_000))
    answer = read(f"Message-ID: <new@x.org>\nReferences: {thread}").reply()
    assert "<new@x.org>" == answer.references[-1]
    assert 50 == len(answer.references)
    assert 64 * 1024 > len(answer.source)
    expect_plain(answer)


def test_html_is_quoted_as_text() -> None:
    html = "<p>Hello<script>steal()</script><img src=https://evil.example/pixel.png></p><p>you</p>"
    original = Email.from_source(Email(sender="eve@x.org", html=html).source)
    for answer in (original.reply(), original.forward()):
        assert answer.html is None
        assert "Hello" in (answer.text or "")
        assert b"steal" not in answer.source
        assert b"evil.example" not in answer.source
    assert "> Hello\n> \n> you\n" in (original.reply().text or "")


def test_a_mail_that_says_nothing_is_answered_and_passed_on() -> None:
    for source in (b"", b"\r\n", b"From: ada@x.org\r\n"):
        original = Email.from_source(source)
        for answer in (original.reply(text="Hm?"), original.forward(text="Hm?")):
            assert (answer.text or "").startswith("Hm?\n\n")
            expect_plain(answer)


def test_what_is_passed_on_takes_everything_along_that_was_shown() -> None:
    image = Attachment("logo.png", b"1", inline_id="logo@x.org")
    original = Email(
        sender="ada@x.org",
        to="me@x.org",
        cc="eve@x.org",
        html="<img src=cid:logo@x.org>",
        attachments=[image, Attachment("a.pdf", b"2"), Email(text="inner")],
        calendar=CALENDAR,
    )
    for side in (original, Email.from_source(original.source)):
        passed_on = Email.from_source(side.forward(to="bob@x.org", sender="me@x.org").source)
        assert ["logo.png", "a.pdf", "message.eml", "invite.ics"] == [
            file.name for file in passed_on.attachments
        ]
        assert () == passed_on.inline
        assert [file.content for file in (*side.inline, *side.attachments)] == [
            file.content for file in passed_on.attachments
        ]
        assert "Cc: eve@x.org\n" in (passed_on.text or "")


def test_an_invitation_without_a_file_is_passed_on_as_one() -> None:
    original = Email.from_source((CORPUS / "calendar-invitation.eml").read_bytes())
    assert () == original.attachments
    (file,) = original.forward().attachments
    assert ("invite.ics", "text/calendar") == (file.name, file.content_type)
    assert original.calendar == file.content.decode()


def test_a_file_on_disk_stays_there_when_it_is_passed_on(tmp_path: Path) -> None:
    (tmp_path / "film.bin").write_bytes(b"film")
    (tmp_path / "logo.png").write_bytes(b"logo")
    original = Email(
        html="<img src=cid:1>",
        attachments=[
            tmp_path / "film.bin",
            Attachment("logo.png", tmp_path / "logo.png", inline_id="1"),
        ],
    )
    passed_on = original.forward()
    assert all(file.store is not None for file in passed_on.attachments)
    draft = draft_of(passed_on)
    assert draft is not None
    assert [b"logo", b"film"] == [
        file.content for file in Email.from_source(draft.joined()).attachments
    ]


def test_the_parts_of_a_report_are_passed_on_as_they_are() -> None:
    """RFC 2045, 6.4: what is a message is never encoded."""
    bounce = read(
        "Content-Type: multipart/report; boundary=b",
        "--b\r\n\r\nIt failed.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; x.org\r\n\r\nFinal-Recipient: rfc822; e@x.org\r\nAction: failed\r\n"
        "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: Lunch\r\n\r\nOne?\r\n--b--\r\n",
    )
    passed_on = bounce.forward()
    assert b"base64" not in passed_on.source
    assert bounce.attachments == Email.from_source(passed_on.source).attachments


def test_blind_copies_do_not_travel_in_a_message_that_is_a_file() -> None:
    sent = read("From: ada@x.org\nBCC: zoe@x.org,\n eve@x.org\nSubject: x")
    composed = Email(sender="ada@x.org", bcc="zoe@x.org", text="x")
    for each in (sent, composed):
        source = Email(attachments=[each]).source
        assert b"zoe" not in source
        assert b"eve" not in source
    assert (
        sent.source.replace(b"BCC: zoe@x.org,\n eve@x.org\n", b"") == sent.as_attachment().content
    )


def test_a_subject_may_be_long_or_odd_and_names_a_file() -> None:
    for subject, name in (
        ("x" * 5_000, "x" * 100 + ".eml"),
        ("=?utf-8?q?a=0D=0ABcc:_b?=", "a  Bcc: b.eml"),
        ("", "message.eml"),
    ):
        file = read(f"From: ada@x.org\nSubject: {subject}").as_attachment()
        assert name == file.name


def test_a_message_with_a_header_in_utf_8_is_of_the_type_for_that() -> None:
    """RFC 6532, 3.7: what is no message/rfc822 may be encoded, so every server carries it."""
    inner = Email(sender="ädä@x.org", subject="Grüße", text="Grüße")
    outer = Email(sender="ada@x.org", attachments=[inner])
    assert not outer.needs_utf8
    assert outer.source.isascii()
    (file,) = Email.from_source(outer.source).attachments
    assert ("message/global", inner.source) == (file.content_type, file.content)


@given(
    st.sampled_from(SMALL), st.sampled_from(["\r\nBcc: e@x.org\r\n", "\r", "\n", "\0", "\u2028"])
)
@settings(deadline=None, max_examples=30)
def test_law_every_mail_is_answered(mail: bytes, piece: str) -> None:
    place = len(mail) // 3
    for source in (mail, mail[:place] + piece.encode() + mail[place:]):
        original = Email.from_source(source)
        for answer in (
            original.reply(all=True, sender="me@example.org", text=piece.replace("\0", "")),
            original.forward(to="bob@example.org"),
            Email(sender="me@example.org", attachments=[original]),
        ):
            expect_plain(answer)
