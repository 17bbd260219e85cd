"""The envelope is read from what will be sent, and blind copies stay out of it."""

from __future__ import annotations

import os
import subprocess
import sys
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from typing import Any

import pytest

from courriel.errors import Misused
from courriel.model.address import Address, AddressesLike
from courriel.model.email import Email
from courriel.model.outgoing import peek, prepare

MAIL = (
    b"From: Ada <ada@example.org>\r\n"
    b"To: bob@example.org, Eve <eve@example.org>\r\n"
    b"Cc: Carl <carl@example.org>\r\n"
    b"Subject: Hello\r\n"
    b"Message-ID: <1@example.org>\r\n"
    b"\r\n"
    b"Hello\r\n"
    b"Bcc: this is text\r\n"
)


def test_bytes_go_out_byte_for_byte() -> None:
    outgoing = prepare(MAIL)
    assert "ada@example.org" == outgoing.sender
    assert ("bob@example.org", "eve@example.org", "carl@example.org") == outgoing.recipients
    assert outgoing.recipients == outgoing.labels
    assert MAIL == outgoing.content
    assert "<1@example.org>" == outgoing.message_id
    assert not outgoing.utf8


def test_arguments_replace_the_envelope_and_not_the_header() -> None:
    outgoing = prepare(MAIL, sender="", recipients="Zoe <zoe@example.org>, postmaster@x")
    assert "" == outgoing.sender
    assert ("zoe@example.org", "postmaster@x") == outgoing.recipients
    assert MAIL == outgoing.content


@pytest.mark.parametrize(
    ("recipients", "paths"),
    [
        ("a@x", ("a@x",)),
        ("postmaster", ("postmaster",)),
        (["postmaster", "a@x"], ("postmaster", "a@x")),
        (("Ada", "a@x"), ("a@x",)),
        (("a@x", "b@x"), ("a@x", "b@x")),
        (Address("Ada", "a@x"), ("a@x",)),
        ([Address("Ada", "a@x"), ("B", "b@x"), "C <c@x>"], ("a@x", "b@x", "c@x")),
        ((path for path in ("a@x", "b@x")), ("a@x", "b@x")),
        (["a@x", "A <a@X>", "A@x"], ("a@x", "A@x")),
    ],
    ids=str,
)
def test_recipients_in_every_form(recipients: object, paths: tuple[str, ...]) -> None:
    assert paths == prepare(MAIL, recipients=recipients).recipients  # type: ignore[arg-type]  # Each form is checked above.


def test_labels_are_what_the_caller_wrote() -> None:
    outgoing = prepare(MAIL, recipients=["ada@bücher.example", "b@x"])
    assert ("ada@xn--bcher-kva.example", "b@x") == outgoing.recipients
    assert ("ada@bücher.example", "b@x") == outgoing.labels
    assert not outgoing.utf8
    assert prepare(MAIL, recipients="ädä@example.org").utf8


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"], ids=ascii)
@pytest.mark.parametrize(
    "blind",
    [
        b"Bcc: zoe@example.org|",
        b"BCC : zoe@example.org|",
        b"bcc:| zoe@example.org|",
        b"Bcc: zoe@example.org,| \t|\tyan@example.org|",
        b"Resent-Bcc: zoe@example.org|",
        b"Bcc: zoe@example.org|Bcc: yan@example.org|",
        b"Bcc:|",
    ],
)
@pytest.mark.parametrize("before", [b"", b"From: a@x|", b"X: 1| 2|"])
def test_blind_copies_leave_the_header(end: bytes, blind: bytes, before: bytes) -> None:
    head = before + blind + b"Subject: Bcc: stays|"
    content = (head + b"|Bcc: body|").replace(b"|", end)
    kept = (before + b"Subject: Bcc: stays||Bcc: body|").replace(b"|", end)
    assert kept == prepare(content, sender="a@x", recipients="b@x").content


def test_blind_copies_are_recipients() -> None:
    mail = MAIL.replace(b"Subject:", b"Bcc: zoe@example.org\r\nSubject:")
    outgoing = prepare(mail)
    assert "zoe@example.org" in outgoing.recipients
    assert MAIL == outgoing.content


def test_a_bare_cr_hides_no_field() -> None:
    mail = b"From: a@x\r\nTo: b@x\r\nX: y\rBcc: zoe@example.org\r\n\r\n"
    outgoing = prepare(mail)
    assert ("b@x", "zoe@example.org") == outgoing.recipients
    assert b"zoe" not in outgoing.content


def test_the_sender_counts_when_there_are_several_authors() -> None:
    two = b"From: a@x, b@x\r\nTo: c@x\r\n"
    assert "s@x" == prepare(two + b"Sender: s@x\r\n\r\n").sender
    assert "a@x" == prepare(b"From: a@x\r\nSender: s@x\r\nTo: c@x\r\n\r\n").sender
    for mail in (two, b"From: a@x\r\nFrom: b@x\r\nTo: c@x\r\n", b"To: c@x\r\n", b""):
        with pytest.raises(Misused, match="sender"):
            prepare(mail + b"\r\n")


def test_without_a_recipient_nothing_is_sent() -> None:
    nobody: list[AddressesLike] = [None, (), "", []]
    for recipients in nobody:
        with pytest.raises(Misused, match="recipient"):
            prepare(b"From: a@x\r\nTo: undisclosed-recipients:;\r\n\r\n", recipients=recipients)
    with pytest.raises(Misused, match="recipient"):
        prepare(Email(sender="a@x"))
    with pytest.raises(Misused, match="sender"):
        prepare(Email(to="a@x"))


def test_resent_fields_are_ignored() -> None:
    mail = MAIL.replace(b"Subject:", b"Resent-To: zoe@example.org\r\nSubject:")
    assert "zoe@example.org" not in prepare(mail).recipients


def test_ambiguous_header_addresses_are_refused() -> None:
    for value in (b"Spoof <a@x> <b@x>", b"a@x)b@x", b"\xff\xfe@x", b"g: h: a@x;;"):
        with pytest.raises(Misused):
            prepare(b"From: a@x\r\nTo: " + value + b"\r\n\r\n")
    assert ("b@x",) == prepare(b"From: a@x\r\nTo: \xff\r\n\r\n", recipients="b@x").recipients


def test_i01_i02_no_line_end_in_the_envelope(breaker: str) -> None:
    wrong: list[dict[str, Any]] = [
        {"sender": f"{breaker}@x"},
        {"sender": f'"{breaker}"@x'},
        {"sender": (breaker, "a@x")},
        {"recipients": f"{breaker}@x"},
        {"recipients": [f'"{breaker}"@x']},
        {"recipients": [f"a@x>{breaker}"]},
        {"recipients": [breaker]},
        {"recipients": (breaker, "a@x")},
    ]
    for arguments in wrong:
        with pytest.raises(Misused):
            prepare(MAIL, **arguments)


def test_a_nul_in_the_header_is_refused() -> None:
    with pytest.raises(Misused, match="NUL"):
        prepare(b"From: a@x\r\nTo: b@x\r\nBc\x00c: z@x\r\n\r\n")


@pytest.mark.parametrize("wrong", ["From: a@x\r\n\r\n", None, 5, ["x"]])
def test_other_things_are_no_messages(wrong: object) -> None:
    with pytest.raises(Misused, match="message cannot be made"):
        prepare(wrong)  # type: ignore[arg-type]  # What callers do all the same.


def test_an_email_brings_its_own_envelope() -> None:
    email = Email(
        sender="Ada <ada@example.org>", to="b@x", cc=["c@x"], bcc="d@x, B <b@x>", text="Hi"
    )
    outgoing = prepare(email)
    assert "ada@example.org" == outgoing.sender
    assert ("b@x", "c@x", "d@x") == outgoing.recipients
    assert email.source == outgoing.content
    assert email.message_id == outgoing.message_id
    assert b"d@x" not in outgoing.content


def test_an_email_that_was_read_is_sent_as_it_is() -> None:
    outgoing = prepare(Email.from_source(MAIL))
    assert MAIL == outgoing.content
    assert 3 == len(outgoing.recipients)


def test_8_bit_headers_need_smtputf8_only_when_they_are_utf8() -> None:
    head = b"From: a@x\r\nTo: b@x\r\nSubject: "
    assert prepare(head + "é".encode() + b"\r\n\r\n").utf8
    assert not prepare(head + b"\xe9\r\n\r\n").utf8
    assert not prepare(head + b"e\r\n\r\n\xc3\xa9").utf8


def _standard() -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Adé <ada@example.org>"
    message["To"] = "bob@example.org"
    message["Bcc"] = "zoe@example.org"
    message["Message-ID"] = "<2@example.org>"
    message["Subject"] = "Grüße " * 30
    message.set_content("Hello")
    return message


def test_a_message_of_the_standard_library() -> None:
    message = _standard()
    outgoing = prepare(message)
    assert ("bob@example.org", "zoe@example.org") == outgoing.recipients
    assert b"zoe" not in outgoing.content
    assert b"\n" not in outgoing.content.replace(b"\r\n", b"")
    assert "<2@example.org>" == outgoing.message_id
    assert not outgoing.utf8
    assert "zoe@example.org" == message["Bcc"]
    read = message_from_bytes(outgoing.content, policy=policy.default)
    assert message["Subject"].strip() == read["Subject"].strip()


def test_an_old_message_of_the_standard_library() -> None:
    message = Message()
    message["From"] = "ada@example.org"
    message["To"] = "bob@example.org"
    message.set_payload("Hello\n")
    assert b"\r\n\r\nHello\r\n" == prepare(message).content[-11:]


def test_utf8_only_where_an_address_of_a_standard_message_needs_it() -> None:
    message = _standard()
    message.replace_header("To", "ädä@example.org")
    outgoing = prepare(message)
    assert outgoing.utf8
    assert "ädä@example.org" == outgoing.recipients[0]


def test_i03_an_encoded_newline_in_a_standard_message_starts_no_header() -> None:
    parsed = message_from_bytes(
        b"Subject: =?utf-8?q?a=0ABcc=3A_evil=40example.net?=\r\n\r\n", policy=policy.default
    )
    message = EmailMessage()
    message["From"] = "ada@example.org"
    message["To"] = "bob@example.org"
    try:
        message["Subject"] = parsed["Subject"]
    except ValueError:
        # Newer versions of Python refuse it themselves.
        return
    message.set_content("Hello")
    with pytest.raises(Misused, match="line end"):
        prepare(message)


class LeakyPolicy(policy.EmailPolicy):
    """Writes an encoded newline as a newline, as several versions of Python have done."""

    def fold_binary(self, name: str, value: str) -> bytes:
        return f"{name}: {value}\r\n".replace("=0A", "\r\n").encode()


def test_i03_a_message_that_would_be_written_with_other_headers_is_refused() -> None:
    message = EmailMessage(LeakyPolicy())
    message["From"] = "ada@example.org"
    message["To"] = "bob@example.org"
    message["Subject"] = "a=0ABcc: evil@example.net"
    with pytest.raises(Misused, match="other headers"):
        prepare(message)


def test_i03_a_line_end_in_a_part_of_a_standard_message_is_refused() -> None:
    message = _standard()
    message.add_attachment(b"x", maintype="image", subtype="png", filename="x.png")
    part = next(message.iter_attachments())
    part._headers.append(("X-Evil", "a\nContent-Type: text/html"))  # type: ignore[attr-defined]  # Behind the policy's back.
    with pytest.raises(Misused, match="line end"):
        prepare(message)


def test_i03_a_read_subject_with_a_newline_can_be_used_again() -> None:
    read = Email.from_source(b"Subject: =?utf-8?q?a=0ABcc=3A_evil=40example.net?=\r\n\r\n")
    assert "a Bcc: evil@example.net" == read.subject
    source = Email(sender="a@x", to="b@x", subject=read.subject).source
    assert b"Subject: a Bcc: evil@example.net\r\n" in source


def test_peek_finds_the_message_id() -> None:
    assert "<1@example.org>" == peek(MAIL[: MAIL.index(b"\r\n\r\n")])
    assert "<1@x>" == peek(b"message-id :\r\n <1@x>\r\n")
    assert "<1@x>" == peek(b"Message-ID: <1@x>")
    assert None is peek(b"Subject: Message-ID: <1@x>\r\n")
    assert None is peek(b"Message-ID: none\r\n")
    assert None is peek(b"")


def test_composing_and_preparing_import_no_email_package() -> None:
    script = (
        "import sys\n"
        "from courriel.model.email import Email\n"
        "from courriel.model.outgoing import prepare\n"
        "prepare(b'From: a@x\\nTo: b@x\\n\\nHi')\n"
        "prepare(Email(sender='a@x', to='b@x', text='Grüße', html='<p>'))\n"
        "found = {'email', 'html', 'mimetypes', 'asyncio', 'socket'} & set(sys.modules)\n"
        "sys.exit(str(found) if found else 0)\n"
    )
    environment = {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUTF8": "1"}
    subprocess.run([sys.executable, "-c", script], check=True, env=environment)
