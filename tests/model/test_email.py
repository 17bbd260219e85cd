"""A composed message says what it was given, and nothing in it can start a header."""

from __future__ import annotations

import inspect
import io
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from courriel.errors import Misused
from courriel.model.address import Address
from courriel.model.attachment import Attachment
from courriel.model.email import Email
from courriel.model.folding import block
from courriel.model.priority import Priority, Sensitivity

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=timezone(timedelta(hours=1)))


def make(**arguments: Any) -> Email:
    """Compose with a fixed Date and Message-ID."""
    arguments = {"sender": "Ada <ada@example.org>", "to": "bob@example.org"} | arguments
    return Email(date=NOON, message_id="<1@example.org>", **arguments)


def tree(message: Any) -> Any:
    """Return the content types of a message as nested tuples."""
    kind = message.get_content_type()
    return (kind, *map(tree, message.iter_parts())) if message.is_multipart() else kind


def test_a_plain_message() -> None:
    assert (
        b"Date: Sat, 21 Nov 2026 12:00:00 +0100\r\n"
        b"From: Ada <ada@example.org>\r\n"
        b"To: bob@example.org\r\n"
        b"Subject: Hello\r\n"
        b"Message-ID: <1@example.org>\r\n"
        b"MIME-Version: 1.0\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: 7bit\r\n"
        b"\r\n"
        b"One\r\nTwo\r\n"
    ) == make(subject="Hello", text="One\nTwo\n").source


def test_the_right_tree_by_itself() -> None:
    image = Attachment("a.png", b"1", inline_id="a")
    file = Attachment("a.pdf", b"2")
    alternative = ("multipart/alternative", "text/plain", "text/html")
    related = ("multipart/related", "text/html", "image/png")
    for arguments, expected in (
        ({}, "text/plain"),
        ({"text": "x"}, "text/plain"),
        ({"html": "x"}, "text/html"),
        ({"text": "x", "html": "x"}, alternative),
        ({"html": "x", "attachments": [image]}, related),
        (
            {"text": "x", "html": "x", "attachments": [image]},
            ("multipart/alternative", "text/plain", related),
        ),
        (
            {"text": "x", "html": "x", "attachments": [file, image]},
            (
                "multipart/mixed",
                ("multipart/alternative", "text/plain", related),
                "application/pdf",
            ),
        ),
        ({"attachments": [file]}, ("multipart/mixed", "text/plain", "application/pdf")),
        ({"attachments": [image]}, ("multipart/mixed", "text/plain", "image/png")),
    ):
        assert expected == tree(make(**arguments).as_message())


def test_date_and_message_id_are_set_once() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    email = Email(sender="ada@bücher.example")
    assert email.date is not None
    assert before <= email.date <= datetime.now(UTC)
    assert email.message_id is not None
    assert email.message_id.endswith("@xn--bcher-kva.example>")
    assert email.source is email.source
    assert email.message_id.encode() in email.source
    assert email.message_id != Email(sender="ada@bücher.example").message_id


def test_the_result_depends_on_the_composition_alone() -> None:
    arguments = {"text": "é", "html": "<p>", "attachments": [Attachment("x", b"1")]}
    assert make(**arguments).source == make(**arguments).source


def test_a_boundary_never_stands_in_a_part() -> None:
    first = make(text="x", attachments=[Attachment("x", b"1")])
    boundary = first.as_message().get_boundary()
    second = make(text=f"a\n--{boundary}--\n", attachments=[Attachment("x", b"1")])
    assert boundary != second.as_message().get_boundary()
    assert f"a\n--{boundary}--\n" == Email.from_source(second.source).text


def test_bcc_is_never_written() -> None:
    email = make(bcc="Zoe <zoe@example.org>")
    assert (Address("Zoe", "zoe@example.org"),) == email.bcc
    assert b"zoe" not in email.source.lower()
    assert b"\nbcc:" not in email.source.lower()


FIELDS = [
    "sender",
    "to",
    "cc",
    "bcc",
    "reply_to",
    "subject",
    "message_id",
    "in_reply_to",
    "references",
    "priority",
    "sensitivity",
    "unsubscribe",
]


def test_i02_every_argument_is_tried() -> None:
    elsewhere = {"text", "html", "date", "attachments", "headers", "calendar"}
    receipts = {"request_read_receipt", "request_delivery_receipt"}
    assert {*FIELDS} | elsewhere | receipts == {*inspect.signature(Email).parameters}


@pytest.mark.parametrize("field", FIELDS)
def test_i02_no_line_end_in_any_field(field: str, breaker: str) -> None:
    with pytest.raises(Misused):
        make(**{field: breaker}) if field != "message_id" else Email(message_id=breaker)


@pytest.mark.parametrize("field", ["sender", "to", "cc", "bcc", "reply_to"])
def test_i02_no_line_end_in_any_address(field: str, breaker: str) -> None:
    for value in ((breaker, "a@x"), f'"{breaker}" <a@x>', f'"{breaker}"@x', f"a@x>{breaker}"):
        with pytest.raises(Misused):
            make(**{field: value})


def test_i04_no_line_end_in_a_header_of_the_callers(breaker: str) -> None:
    for headers in (
        {"List-Unsubscribe": f"<mailto:{breaker}@x>"},
        {"X-Test": breaker},
        {breaker: "x"},
        {f"X-{breaker}": "x"},
        [("Sender", f"{breaker} <a@x>")],
    ):
        with pytest.raises(Misused):
            make(headers=headers).source  # noqa: B018 - Making or writing it raises.


def test_i02_no_line_end_in_links_and_identifiers(breaker: str) -> None:
    for arguments in (
        {"unsubscribe": [f"https://x.org/{breaker}"]},
        {"unsubscribe": f"<mailto:a@x.org?subject={breaker}>"},
        {"references": ["<1@x.org>", f"<{breaker}@x.org>"]},
        {"references": f"<1@x.org>{breaker}"},
        {"in_reply_to": f"<1@x.org>{breaker}"},
    ):
        with pytest.raises(Misused):
            make(**arguments)


def test_i02_a_body_may_hold_anything_and_starts_no_header(breaker: str) -> None:
    breaker = breaker.replace("\ud800", "\ufffd")
    plain = make(text="x", html="x", attachments=[Attachment("x", b"x")])
    odd = make(text=breaker, html=breaker, attachments=[Attachment("x", breaker.encode())])
    assert [*plain.headers] == [*odd.headers]


def test_i02_no_line_end_in_an_answer(breaker: str) -> None:
    original = Email.from_source(b"From: bob@x.org\r\nSubject: x\r\n\r\nx\r\n")
    odd = (breaker, "a@x.org")
    with pytest.raises(Misused):
        original.forward(sender=odd)
    with pytest.raises(Misused):
        original.forward(to=odd)
    with pytest.raises(Misused):
        original.reply(sender=odd)


def test_i02_no_line_end_in_an_attachment(breaker: str) -> None:
    wrong: list[tuple[Any, ...]] = [
        (breaker, b""),
        ("x", b"", breaker),
        ("x", b"", f"text/plain; name={breaker}"),
        ("x", b"", f'text/plain; name="{breaker}"'),
        ("x", b"", None, breaker),
    ]
    for arguments in wrong:
        with pytest.raises(Misused):
            Attachment(*arguments)


def test_i02_the_bytes_are_looked_at_once_more() -> None:
    for words in (["a\r\nBcc: x"], ["a\nBcc: x"], ["a\r\n\r\nbody"], ["\0"], ["a\r\n \r\n b"]):
        with pytest.raises(Misused, match="break out"):
            block([("X-Test", words)])
    with pytest.raises(Misused, match="break out"):
        block([("X-Test: y\r\nBcc", ["x"])])


def test_i02_what_looks_encoded_is_encoded() -> None:
    trick = "=?utf-8?q?a=0ABcc=3A_evil?="
    email = make(subject=trick, to=(trick, "b@x"), attachments=[Attachment(trick, b"")])
    message = email.as_message()
    assert trick == message["Subject"]
    assert trick == message["To"].addresses[0].display_name
    assert trick == next(message.iter_attachments()).get_filename()


@pytest.mark.parametrize(
    "name",
    ["", "X Y", "X:", "Bcc", "bcc", "Subject", "Content-Type", "MIME-Version", "Ä", "x" * 99],
)
def test_headers_of_the_callers_have_proper_names_of_their_own(name: str) -> None:
    with pytest.raises(Misused):
        make(headers={name: "x"})


def test_headers_of_the_callers() -> None:
    email = make(headers=[("X-A", "1"), ("x-a", "Grüße"), ("Sender", "É <s@x>")])
    assert ("1", "Grüße") == email.headers.all("X-A")
    assert "É <s@x>" == email.headers["sender"]
    assert "1" == email.headers["x-A"]
    assert "X-a" in email.headers
    assert None is email.headers.get("Bcc")


def test_lines_are_folded_and_never_too_long() -> None:
    email = make(
        subject="word " * 100 + "x" * 900,
        to=[(f"Person {n}", f"person{n}@example.org") for n in range(100)],
        cc=[("Ä" * 200, "a@x")],
        references=[f"<{n}@example.org>" for n in range(100)],
        headers={"X-Long": "y" * 5_000, "X-Spaces": "a  b" * 50},
        text="z" * 5_000,
        attachments=[Attachment("ü" * 300 + ".txt", b"")],
    )
    head = email.source[: email.source.index(b"\r\n\r\n")]
    lines = head.split(b"\r\n")
    assert 78 >= max(len(line) for line in lines if b"x" * 100 not in line)
    assert 998 >= max(map(len, email.source.split(b"\r\n")))
    read = Email.from_source(email.source)
    for name in ("subject", "to", "cc", "references", "text", "attachments"):
        assert getattr(email, name) == getattr(read, name)
    assert "y" * 5_000 == read.headers["X-Long"]
    assert "a  b" * 50 == read.headers["X-Spaces"]


def test_a_word_that_no_line_can_carry_is_refused() -> None:
    email = make(to=f"{'é' * 120}@example.org", headers={"X-Long": "é" * 500})
    assert 998 >= max(map(len, email.source.split(b"\r\n")))
    with pytest.raises(Misused, match="no line can carry"):
        block([("References", ["x" * 2_000])])


def test_file_names_are_written_for_everyone() -> None:
    source = make(attachments=[Attachment("Grüße.txt", b"")]).source
    assert b"filename*=utf-8''Gr%C3%BC%C3%9Fe.txt" in source
    assert b'name="=?utf-8?b?R3LDvMOfZS50eHQ=?="' in source


def test_smtputf8_is_used_only_for_local_parts() -> None:
    plain = make(sender="Ä <ada@bücher.example>", subject="Ä")
    assert not plain.needs_utf8
    assert plain.source.isascii()
    email = make(to="Ö <ädä@bücher.example>", subject="Grüße")
    assert email.needs_utf8
    assert 'To: "Ö" <ädä@xn--bcher-kva.example>\r\n'.encode() in email.source
    assert "Subject: Grüße\r\n".encode() in email.source
    assert email.to[0].local == Email.from_source(email.source).to[0].local


def test_priority_sensitivity_and_receipts() -> None:
    email = make(
        priority="highest",
        sensitivity=Sensitivity.CONFIDENTIAL,
        request_read_receipt=True,
        request_delivery_receipt=True,
    )
    assert b"X-Priority: 1\r\nImportance: high\r\nSensitivity: Company-Conf" in email.source
    assert b"Disposition-Notification-To: Ada <ada@example.org>\r\n" in email.source
    read = Email.from_source(email.source)
    for side in (email, read):
        assert Priority.HIGHEST is side.priority
        assert Sensitivity.CONFIDENTIAL is side.sensitivity
        assert side.request_read_receipt
        assert side.request_delivery_receipt


@pytest.mark.parametrize(
    "arguments",
    [
        {"priority": "loud"},
        {"sensitivity": 7},
        {"text": b"bytes"},
        {"html": 5},
        {"text": "\ud800"},
        {"subject": b"bytes"},
        {"subject": None},
        {"date": "today"},
        {"attachments": "a.txt"},
        {"attachments": [5]},
        {"attachments": ["/no/such/file"]},
        {"attachments": 5},
        {"message_id": "a b"},
        {"message_id": ""},
        {"message_id": "<é@x>"},
    ],
    ids=str,
)
def test_arguments_of_the_wrong_kind_are_misused(arguments: dict[str, Any]) -> None:
    with pytest.raises(Misused):
        Email(**arguments)


def test_attachments_in_every_form(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_bytes(b"note")
    inner = make(subject="Inner", text="é")
    with path.open("rb") as file:
        email = make(attachments=[path, str(path), file, Attachment("n", path), inner])
    assert ["note.txt"] * 3 + ["n", "Inner.eml"] == [a.name for a in email.attachments]
    read = Email.from_source(email.source).attachments
    assert [b"note"] * 4 + [inner.source] == [a.content for a in read]
    assert "message/rfc822" == read[4].content_type
    text = io.StringIO("text")
    with pytest.raises(Misused, match="rb"):
        make(attachments=[text])


def test_a_message_that_cannot_be_nested_as_it_is_goes_as_a_file() -> None:
    inner = Email.from_source(b"Subject: x\r\n\r\n" + b"x" * 2_000)
    read = Email.from_source(make(attachments=[inner]).source).attachments[0]
    assert "application/octet-stream" == read.content_type
    assert inner.source == read.content


def test_text_is_encoded_as_it_needs() -> None:
    for text, encoding in (
        ("plain\n", b"7bit"),
        ("é and a long line of plain text", b"quoted-printable"),
        ("trailing \n" + "=" + "\x00", b"quoted-printable"),
        ("Привет", b"base64"),
        ("x" * 2_000, b"quoted-printable"),
        ("From here\n.\nthere", b"7bit"),
    ):
        email = make(text=text)
        assert b"Content-Transfer-Encoding: " + encoding in email.source
        assert text == Email.from_source(email.source).text
        assert b"\n" not in email.source.replace(b"\r\n", b"")


def test_line_ends_of_text_are_one_kind() -> None:
    assert "a\nb\nc\n" == Email.from_source(make(text="a\r\nb\rc\n").source).text


def test_a_reply_is_addressed_threaded_and_quoted() -> None:
    email = make(
        to=["bob@example.org", "eve@example.org"],
        cc="carl@example.org",
        subject="Hello",
        text="One\n> Two\n",
        references=["<0@example.org>"],
        attachments=[Attachment("x", b"")],
    )
    reply = Email.from_source(email.source).reply(sender="bob@example.org", text="Thanks")
    assert (Address("Ada", "ada@example.org"),) == reply.to
    assert "Re: Hello" == reply.subject
    assert "<1@example.org>" == reply.in_reply_to
    assert ("<0@example.org>", "<1@example.org>") == reply.references
    assert "Thanks\n\nOn 2026-11-21 12:00, Ada wrote:\n> One\n>> Two\n" == reply.text
    assert () == reply.cc == reply.attachments
    everybody = email.reply(all=True, sender="BOB@example.org")
    assert ["eve@example.org", "carl@example.org"] == [a.address for a in everybody.cc]
    assert "Re: Hello" == reply.reply().subject


def test_a_reply_goes_where_it_is_wanted() -> None:
    reply = make(reply_to="list@example.org").reply()
    assert ["list@example.org"] == [a.address for a in reply.to]


def test_a_reply_to_a_hostile_mail_is_harmless() -> None:
    read = Email.from_source(
        b'From: "a\x00" <a@x>\nReply-To: =?utf-8?q?x=0D=0ABcc:_e@x?= <not valid>, ok@x\n'
        b"Message-ID: <a\xe9b\rc>\nSubject: =?utf-8?q?x=0D=0ABcc=3A_evil?=\n"
        b"References: <1@x> <2\xff3@x>\nDate: never\n\ntext"
    )
    reply = read.reply(all=True)
    assert ["ok@x"] == [a.address for a in reply.to]
    assert None is reply.in_reply_to
    assert ("<1@x>",) == reply.references
    assert b"\nBcc" not in reply.source
    assert b"\nBcc" not in read.forward().source


def test_an_answer_to_oneself_goes_on_to_the_others() -> None:
    first = make(to=["bob@example.org", "eve@example.org"], text="x")
    follow = first.reply(sender="ADA@example.org", text="And another thing.")
    assert ["bob@example.org", "eve@example.org"] == [address.address for address in follow.to]
    assert () == follow.cc
    note = make(to="ada@example.org").reply(sender="ada@example.org")
    assert ["ada@example.org"] == [address.address for address in note.to]


def test_a_long_thread_is_named_by_its_ends() -> None:
    thread = [f"<{number}@x.org>" for number in range(200)]
    answer = make(references=thread).reply()
    assert ("<0@x.org>", "<199@x.org>", "<1@example.org>") == (
        answer.references[0],
        *answer.references[-2:],
    )
    assert 50 == len(answer.references)
    few = make(references=thread[:3]).reply()
    assert (*thread[:3], "<1@example.org>") == few.references


@pytest.mark.parametrize(
    ("field", "kind", "inline_id"),
    [
        (b"Content-Type: t\xc3\xa9xt/odd", "application/octet-stream", None),
        (b'Content-Type: x"y/z(', "application/octet-stream", None),
        (b"Content-Type: image/png\r\nContent-ID: <a b\xc3\xa9>", "image/png", None),
        (b"Content-Type: image/png\r\nContent-ID: <a>b@x>", "image/png", None),
        (b"Content-Type: image/png\r\nContent-ID: <a@x>", "image/png", None),
    ],
)
def test_a_file_of_a_hostile_mail_is_passed_on_with_proper_fields(
    field: bytes, kind: str, inline_id: str | None
) -> None:
    original = Email.from_source(
        b"From: eve@x.org\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n"
        b"--b\r\n"
        + field
        + b"\r\nContent-Disposition: attachment; filename=a.png\r\n\r\n1\r\n--b--\r\n"
    )
    passed_on = original.forward(sender="ada@example.org", to="bob@example.org")
    assert passed_on.source.isascii()
    (file,) = (*passed_on.attachments, *passed_on.inline)
    assert ("a.png", kind, inline_id, b"1") == (
        file.name,
        file.content_type,
        file.inline_id,
        file.content,
    )


def test_a_forwarded_message_keeps_its_files_and_not_its_html() -> None:
    email = make(
        subject="Hello", html="<p>Hi<script>x</script>", attachments=[Attachment("x", b"1")]
    )
    forward = email.forward(to="zoe@example.org", text="See below")
    assert "Fwd: Hello" == forward.subject
    assert email.attachments == forward.attachments
    assert None is forward.html
    assert (forward.text or "").startswith("See below\n\n-------- Forwarded")
    assert (forward.text or "").endswith("Hi\n")


def test_the_text_is_made_from_html_when_there_is_only_html() -> None:
    assert "Hi & bye" == make(html="<p>Hi &amp; bye</p>").text
    assert None is make().text


def test_sides_agree() -> None:
    email = make(
        subject="Grüße",
        cc="C <c@x>",
        reply_to="d@x",
        text="t",
        html="<p>h",
        in_reply_to="0@x",
        references="<0@x>",
        attachments=[Attachment("é.bin", bytes(range(256)))],
    )
    read = Email.from_source(email.source)
    names = (
        "sender to cc reply_to subject date text html attachments inline message_id in_reply_to "
        "references priority sensitivity size needs_utf8 source defects"
    )
    for name in names.split():
        assert getattr(email, name) == getattr(read, name), name
    assert dict(email.headers) == dict(read.headers)
    assert email.composed
    assert not read.composed


def test_repr_is_short() -> None:
    email = make(subject="x" * 1_000, text="secret")
    assert 150 > len(repr(email))
    assert "secret" not in repr(email)
    assert "Email(sender=None, subject='')" == repr(Email())


def test_the_standard_library_reads_the_same() -> None:
    email = make(subject="Grüße " * 20, text="é\n", attachments=[Attachment("ü.pdf", b"%PDF")])
    message = email.as_message()
    assert isinstance(message, EmailMessage)
    assert "Grüße " * 20 == message["Subject"]
    body = message.get_body()
    assert body is not None
    assert "é" == body.get_content().rstrip()
    part = next(message.iter_attachments())
    assert ("ü.pdf", b"%PDF") == (part.get_filename(), part.get_content())
    assert [] == message_from_bytes(email.source, policy=policy.default).defects


def test_what_the_standard_library_cannot_read_is_misused() -> None:
    bomb = b"".join(
        b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(3_000)
    )
    with pytest.raises(Misused, match="standard library"):
        Email.from_source(bomb).as_message()
