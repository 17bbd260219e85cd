"""Send from the command line, and look at what arrived and at what was said."""

from __future__ import annotations

from pathlib import Path

import pytest

from courriel import Email
from courriel.sandbox import Server
from tests.cli.conftest import Courriel

pytestmark = pytest.mark.usefixtures("account")

FROM_ADA = ("send", "--from", "Ada <ada@example.org>")
TO_BOB = (*FROM_ADA, "--to", "bob@example.org")


def test_a_letter_with_all_its_parts_arrives(
    courriel: Courriel, mail_server: Server, tmp_path: Path
) -> None:
    report, picture = tmp_path / "Übersicht.csv", tmp_path / "a.png"
    report.write_bytes(b"a;b\r\n1;2\r\n")
    picture.write_bytes(bytes(range(256)))
    ended = courriel(
        *FROM_ADA,
        *("--to", "Bob <bob@example.org>"),
        *("--bcc", "ada+copy@example.org"),
        *("--subject", "Müller & Söhne"),
        *("--text", "Plain text."),
        *("--html", "<p>Rich text.</p>"),
        *("--attach", str(report)),
        *("--attach", str(picture)),
        *("--header", "X-Campaign: spring: early"),
    )
    assert (0, "") == (ended.status, ended.err)
    (message,) = mail_server.mailbox("bob")
    email = Email.from_source(message.content)
    assert "Müller & Söhne" == email.subject
    assert "Plain text." == (email.text or "").strip()
    assert "<p>Rich text.</p>" == (email.html or "").strip()
    assert [report.name, picture.name] == [each.name for each in email.attachments]
    assert [report.read_bytes(), picture.read_bytes()] == [e.content for e in email.attachments]
    assert "spring: early" == email.headers["X-Campaign"]
    assert f"Message-ID: {email.message_id}" in ended.out


def test_a_blind_copy_is_delivered_and_not_written(courriel: Courriel, mail_server: Server) -> None:
    ended = courriel(*TO_BOB, "--bcc", "ada+copy@example.org", "--text", "Psst.")
    assert 0 == ended.status
    (blind,), (open_copy,) = mail_server.mailbox("ada"), mail_server.mailbox("bob")
    assert ("bob@example.org", "ada+copy@example.org") == blind.recipients
    assert b"ada+copy" not in open_copy.content


def test_the_text_may_come_from_stdin(courriel: Courriel, mail_server: Server) -> None:
    ended = courriel(*TO_BOB, "--text-file", "-", stdin="Grüße\nAda\n".encode())
    assert 0 == ended.status
    (message,) = mail_server.mailbox("bob")
    assert "Grüße\nAda\n" == Email.from_source(message.content).text


def test_bodies_may_come_from_files(
    courriel: Courriel, mail_server: Server, tmp_path: Path
) -> None:
    text, html = tmp_path / "letter.txt", tmp_path / "letter.html"
    text.write_text("In plain.\n")
    html.write_text("<p>In rich.</p>\n")
    assert 0 == courriel(*TO_BOB, "--text-file", str(text), "--html-file", str(html)).status
    email = Email.from_source(mail_server.mailbox("bob")[0].content)
    assert ("In plain.\n", "<p>In rich.</p>\n") == (email.text, email.html)


def test_json_tells_the_same(courriel: Courriel, mail_server: Server) -> None:
    ended = courriel(*TO_BOB, "--to", "nobody@example.org", "--text", "Hello.", "--json")
    assert 1 == ended.status
    (message,) = mail_server.mailbox("bob")
    outcome = ended.json
    assert (False, None) == (outcome["ok"], outcome["error"])
    receipt = outcome["receipt"]
    assert Email.from_source(message.content).message_id == receipt["message_id"]
    assert ["bob@example.org"] == receipt["accepted"]
    assert {"nobody@example.org": (550, "5.1.1", "RCPT", False)} == {
        address: (why["code"], why["enhanced"], why["command"], why["retryable"])
        for address, why in receipt["refused"].items()
    }


def test_some_refused_is_status_1_and_named(courriel: Courriel, mail_server: Server) -> None:
    ended = courriel(*TO_BOB, "--to", "nobody@example.org", "--text", "Hello.")
    assert 1 == ended.status
    assert "nobody@example.org refused 550 5.1.1" in ended.words
    assert 1 == len(mail_server.mailbox("bob"))


def test_all_refused_is_status_3_with_the_hint(courriel: Courriel) -> None:
    ended = courriel(*FROM_ADA, "--to", "nobody@example.org", "--text", "Hello.")
    assert (3, "") == (ended.status, ended.out)
    assert "550 5.1.1 There is no such user." in ended.words
    assert "Try: Check the address" in ended.words


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_wrong_password_is_status_3_and_not_shown(
    courriel: Courriel, mail_server: Server, form: tuple[str, ...]
) -> None:
    ended = courriel(*TO_BOB, "--text", "x", *form, COURRIEL_PASSWORD="pa55-for-nobody")
    assert 3 == ended.status
    assert "535" in ended.words
    assert "pa55" not in ended.words
    assert 0 == len(mail_server.mailbox("bob"))


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_password_in_the_url_is_not_shown_either(
    courriel: Courriel, mail_server: Server, form: tuple[str, ...]
) -> None:
    url = f"smtps://ada:pa55@{mail_server.host}:{mail_server.smtp_tls_port}/what?is=this"
    ended = courriel(*TO_BOB, "--text", "x", *form, COURRIEL_ACCOUNT=url)
    assert 2 == ended.status
    assert "pa55" not in ended.words


def test_an_authority_can_be_named(courriel: Courriel, mail_server: Server, tmp_path: Path) -> None:
    nothing, authority = tmp_path / "nothing.pem", tmp_path / "named.pem"
    nothing.touch()
    authority.write_text(mail_server.ca_pem)
    refused = courriel(*TO_BOB, "--text", "x", SSL_CERT_FILE=str(nothing))
    assert 3 == refused.status
    assert "is not trusted" in refused.words
    taken = courriel(*TO_BOB, "--text", "x", "--ca", str(authority), SSL_CERT_FILE=str(nothing))
    assert (0, "") == (taken.status, taken.err)


def test_a_ready_message_goes_out_byte_for_byte(
    courriel: Courriel, mail_server: Server, tmp_path: Path
) -> None:
    source = b"Subject: as it is\r\nX-Odd:   spaces\r\n\r\n.a dot\r\n"
    (tmp_path / "ready.eml").write_bytes(source)
    ended = courriel(*TO_BOB, "--eml", str(tmp_path / "ready.eml"))
    assert (0, "") == (ended.status, ended.err)
    (message,) = mail_server.mailbox("bob")
    assert source == message.content
    assert "ada@example.org" == message.sender


def test_a_ready_message_can_say_itself_who_gets_it(
    courriel: Courriel, mail_server: Server, tmp_path: Path
) -> None:
    (tmp_path / "ready.eml").write_bytes(
        b"From: ada@example.org\r\nTo: bob@example.org\r\nBcc: ada@example.org\r\n\r\nHello\r\n"
    )
    assert 0 == courriel("send", "--eml", str(tmp_path / "ready.eml")).status
    (message,) = mail_server.mailbox("bob")
    assert ("bob@example.org", "ada@example.org") == message.recipients
    assert b"Bcc" not in message.content


def test_notifications_and_tls_on_the_way_are_asked_for(
    courriel: Courriel, mail_server: Server
) -> None:
    options = ("--notify", "success,failure", "--notify", "delay", "--require-tls")
    assert 0 == courriel(*TO_BOB, "--text", "x", *options).status
    (message,) = mail_server.mailbox("bob")
    (recipient,) = message.envelope.recipients
    assert {"SUCCESS", "FAILURE", "DELAY"} == set(recipient.notify)
    assert message.envelope.require_tls


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("send", "--to", "bob@example.org"), "nobody was said to send it"),
        (FROM_ADA, "the message has no recipient"),
        ((*TO_BOB, "--header", "no colon"), "is no header"),
        ((*TO_BOB, "--header", "X: a\r\nBcc: eve@example.org"), "a carriage return"),
        ((*TO_BOB, "--subject", "a\nb"), "a line feed"),
        ((*TO_BOB, "--text", "a", "--text-file", "-"), "given twice"),
        ((*TO_BOB, "--text-file", "there-is-none"), "there-is-none cannot be read"),
        ((*TO_BOB, "--notify", "sometimes"), "'SOMETIMES'"),
        ((*TO_BOB, "--attach", "there-is-none"), "'there-is-none' does not exist"),
        ((*TO_BOB, "--no-such-option"), "--no-such-option"),
        ((*TO_BOB, "--account", "carrier-pigeon://x"), "scheme 'carrier-pigeon' is not known"),
    ],
)
def test_wrong_usage_is_status_2(
    courriel: Courriel, mail_server: Server, arguments: tuple[str, ...], complaint: str
) -> None:
    ended = courriel(*arguments)
    assert (2, "") == (ended.status, ended.out)
    assert complaint.casefold() in ended.words.casefold()
    assert 0 == len(mail_server.mailbox("bob"))


def test_the_parts_of_a_letter_cannot_be_given_to_a_ready_message(
    courriel: Courriel, tmp_path: Path
) -> None:
    (tmp_path / "ready.eml").write_bytes(b"Subject: x\r\n\r\n")
    ended = courriel(*TO_BOB, "--eml", str(tmp_path / "ready.eml"), "--subject", "y")
    assert 2 == ended.status
    assert "A ready message cannot be given subject." in ended.words


def test_text_that_is_not_utf_8_is_not_guessed_at(courriel: Courriel) -> None:
    ended = courriel(*TO_BOB, "--text-file", "-", stdin="Grüße".encode("latin-1"))
    assert 2 == ended.status
    assert "The text is not in UTF-8." in ended.words
