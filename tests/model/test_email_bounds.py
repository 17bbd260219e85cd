"""Past every bound that a mail can meet, the rest is one opaque part, or a defect says so.

One mail for each number in ``limits`` that is about messages, just beyond it; and the headers of
ten thousand mails are read without a look at their bodies.
"""

from __future__ import annotations

import base64
from dataclasses import fields

import pytest

from courriel.model import bodyparts
from courriel.model.email import Email
from courriel.model.limits import DEFAULT, Limits
from courriel.model.report import DeliveryReport
from tests.hostile.bounds import MIB, in_little
from tests.model import winmail
from tests.model.asking import ask_everything

MIXED = b"Content-Type: multipart/mixed; boundary=b\n\n"
TNEF = b"Content-Type: application/ms-tnef\nContent-Transfer-Encoding: base64\n\n"


def in_tnef(*attributes: bytes) -> bytes:
    return TNEF + base64.encodebytes(winmail.stream(*attributes))


def rtf(octets: int) -> bytes:
    text = b"{\\rtf1 " + b"a" * octets
    return winmail.properties({winmail.PR_RTF: winmail.compressed(text)})


NESTED = b"".join(
    b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (depth, depth)
    for depth in range(DEFAULT.mail_depth + 1)
)
STATUS = b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
BEYOND: dict[str, tuple[bytes, str]] = {
    "mail_header": (
        b"Subject: s\n" + b"X-A: b\n" * (DEFAULT.mail_header // 7) + b"To: a@x\n\nbody",
        f"the header is longer than {DEFAULT.mail_header} octets",
    ),
    "mail_fields": (
        b"Subject: s\n" + b"A:\n" * DEFAULT.mail_fields + b"To: a@x\n\nbody",
        f"the header has more than {DEFAULT.mail_fields} fields",
    ),
    "mail_depth": (NESTED + b"\ninnermost", f"parts nested deeper than {DEFAULT.mail_depth}"),
    "mail_parts": (MIXED + b"--b\n\nx\n" * 10_001, f"more than {DEFAULT.mail_parts} parts"),
    "mail_addresses": (b"To: " + b"a@x," * 50_001 + b"\n\nbody", "too many addresses in To"),
    "mail_html": (
        b"Content-Type: text/html\n\n" + b"x" * (DEFAULT.mail_html + 1),
        f"HTML longer than {DEFAULT.mail_html} characters and no text",
    ),
    "mail_enclosed": (
        b"\n" + b"begin 644 x\n#0V%T\n`\nend\n" * 1_001,
        f"{DEFAULT.mail_enclosed} uuencoded files, and perhaps more",
    ),
    "mail_tnef": (
        MIXED + (b"--b\n" + in_tnef() + b"\n") * 11 + b"--b--\n",
        f"more than {DEFAULT.mail_tnef} winmail.dat",
    ),
    "mail_rtf": (
        in_tnef(winmail.attribute(winmail.PROPERTIES, rtf(DEFAULT.mail_rtf))),
        "compressed RTF that is not as long as it says",
    ),
    "mail_references": (
        b"References: " + b"<a@x> " * 1_001 + b"\n\n",
        f"more than {DEFAULT.mail_references} References",
    ),
    "mail_segments": (
        b"Content-Type: a/b" + b"".join(b";\n name*%d=a" % at for at in range(1_001)) + b"\n\n",
        "more parameters, or pieces of one, than are read",
    ),
    "mail_links": (
        b"List-Unsubscribe: " + b"<https://a.example>,\n " * 101 + b"\n\n",
        f"more than {DEFAULT.mail_links} links in List-Unsubscribe",
    ),
    "report_recipients": (
        STATUS + b"Final-Recipient: rfc822; a@x\n\n" * 10_001,
        f"more than {DEFAULT.report_recipients} recipients in a report",
    ),
}


def test_every_bound_of_a_message_is_tried() -> None:
    bounds = {field.name for field in fields(Limits) if field.name.startswith(("mail_", "report_"))}
    assert bounds == BEYOND.keys()


@pytest.mark.parametrize("name", BEYOND)
def test_a_mail_beyond_the_bound_has_a_defect(name: str) -> None:
    source, defect = BEYOND[name]
    email = Email.from_source(source)
    assert defect in email.defects
    assert source == email.source


@pytest.mark.parametrize("name", ["mail_header", "mail_fields"])
def test_a_header_beyond_the_bound_is_read_up_to_it(name: str) -> None:
    email = Email.from_source(BEYOND[name][0])
    assert "s" == email.subject
    assert () == email.to
    # What the body is may stand in what was not read.
    (body,) = email.attachments
    assert (None, "application/octet-stream", b"body") == (
        email.text,
        body.content_type,
        body.content,
    )


@pytest.mark.parametrize("name", ["mail_header", "mail_fields"])
def test_a_body_whose_type_stands_before_the_bound_is_read(name: str) -> None:
    mail = b"Content-Type: text/plain; charset=utf-8\n" + BEYOND[name][0]
    assert ("body", ()) == (Email.from_source(mail).text, Email.from_source(mail).attachments)


def test_parts_beyond_the_depth_are_one_opaque_part() -> None:
    (rest,) = Email.from_source(BEYOND["mail_depth"][0]).attachments
    assert "application/octet-stream" == rest.content_type
    assert rest.content.endswith(b"innermost")


def test_parts_beyond_the_number_are_one_opaque_part() -> None:
    email = Email.from_source(BEYOND["mail_parts"][0])
    (rest,) = email.attachments
    assert "application/octet-stream" == rest.content_type
    assert 10_001 == (email.text or "").count("x") + rest.content.count(b"x")


def test_addresses_beyond_the_number_are_left_out() -> None:
    assert DEFAULT.mail_addresses == len(Email.from_source(BEYOND["mail_addresses"][0]).to)


def test_html_beyond_the_bound_is_whole_where_it_is_not_turned_into_text() -> None:
    email = Email.from_source(BEYOND["mail_html"][0])
    assert DEFAULT.mail_html + 1 == len(email.html or "")
    assert DEFAULT.mail_html == len(email.text or "")


def test_files_in_a_text_beyond_the_number_stay_text() -> None:
    email = Email.from_source(BEYOND["mail_enclosed"][0])
    assert [b"Cat"] * 1_000 == [file.content for file in email.attachments]
    assert "begin 644 x\n#0V%T\n`\nend\n" == email.text


def test_rtf_beyond_the_bound_is_cut() -> None:
    text = Email.from_source(BEYOND["mail_rtf"][0]).text or ""
    assert DEFAULT.mail_rtf - 100 < len(text) <= DEFAULT.mail_rtf


def test_recipients_of_a_report_beyond_the_number_are_left_out() -> None:
    report = Email.from_source(BEYOND["report_recipients"][0]).report
    assert report is not None
    assert isinstance(report, DeliveryReport)
    assert DEFAULT.report_recipients == len(report.recipients)


@pytest.mark.parametrize("line", [b"A:\n", b"X-%d: y\n"])
def test_many_fields_take_little_memory(line: bytes) -> None:
    count = DEFAULT.mail_header // len(line)
    source = b"".join([line % n if b"%" in line else line for n in range(count)]) + b"\nbody"
    with in_little(40 * MIB):
        email = Email.from_source(source)
        assert DEFAULT.mail_fields == len(email.headers.fields)
        assert email.defects


MAIL = b"From: Ada <ada@x>\nTo: Bob <bob@y>\nSubject: s\nDate: Sat, 21 Nov 2026 12:00:00 +0000\n"


def test_the_outside_of_a_mail_is_read_without_its_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    def split(source: bytes) -> None:
        raise AssertionError(f"a body of {len(source)} octets was split")

    monkeypatch.setattr(bodyparts, "split", split)
    mails = [
        Email.from_source(b"X-Number: %d\n%s%s--b\n\nx\n--b--\n" % (number, MAIL, MIXED))
        for number in range(10_000)
    ]
    for email in mails:
        assert ("s", "ada@x") == (email.subject, email.sender and email.sender.address)
    email = mails[-1]
    assert ("bob@y",) == tuple(address.address for address in email.to)
    assert "9999" == email.headers["X-Number"]
    assert (None, None, ()) == (email.message_id, email.in_reply_to, email.references)
    assert email.date is not None
    assert "Email(sender='ada@x', subject='s')" == repr(email)
    with pytest.raises(AssertionError, match="was split"):
        email.text  # noqa: B018 - Asking is what splits.


def test_a_bomb_for_a_body_is_not_touched_by_questions_about_the_outside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bomb = Email.from_source(MAIL + MIXED + b"--b\n" * 2_000_000)
    monkeypatch.setattr(bodyparts, "split", None)
    assert ("s", "Ada") == (bomb.subject, bomb.sender and bomb.sender.name)


@pytest.mark.parametrize("name", ["mail_header", "mail_depth", "mail_enclosed", "mail_tnef"])
def test_a_mail_beyond_the_bound_answers_everything(name: str) -> None:
    ask_everything(Email.from_source(BEYOND[name][0]))
