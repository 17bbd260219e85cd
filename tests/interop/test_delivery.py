"""What was composed is what is read, on the way through Postfix and Dovecot.

Each shape is sent by SMTP and fetched by IMAP and by POP3; every answer of the mail that arrives is
that of the mail that was composed, through doors that carry more and through those that carry less.
"""

from __future__ import annotations

from typing import Any

import pytest

from courriel import Email, IMAPSession, POP3Session, SendOptions, SMTPSession
from courriel.model.address import Address
from tests.interop.shapes import SHAPES
from tests.servers.maildir import Maildirs
from tests.servers.postfix import Postfix
from tests.servers.refusals import MAILDIR_DOMAIN
from tests.sessions.doors import through

pytestmark = pytest.mark.server

ADA = f"ada@{MAILDIR_DOMAIN}"
"""Where Postfix delivers by itself: to others it hands on no message with a header in UTF-8."""
QUESTIONS = """
    sender to cc reply_to subject date text html attachments inline calendar unsubscribe message_id
    in_reply_to references priority sensitivity request_read_receipt needs_utf8 defects
""".split()  # noqa: SIM905 - A list of twenty strings is twenty lines.


def answers(email: Email) -> dict[str, Any]:
    """Return what a mail says, with domains and types of files as they go over the wire."""
    return {name: on_the_wire(getattr(email, name)) for name in QUESTIONS}


def on_the_wire(value: Any) -> Any:
    if isinstance(value, Address):
        return (value.name, value.wire)
    if isinstance(value, tuple):
        return tuple(on_the_wire(one) for one in value)
    return value


def expected(email: Email) -> dict[str, Any]:
    said = answers(email)
    if email.text is None:
        said["text"] = ""
    return said


@pytest.mark.parametrize("door", ["open", "no CHUNKING", "no PIPELINING", "no extension"])
def test_what_arrives_is_what_was_composed(postfix: Postfix, mail: Maildirs, door: str) -> None:
    sent = {
        email.message_id: email
        for email in (shape.email for shape in SHAPES.values())
        if door != "no extension" or not email.needs_utf8
    }
    with SMTPSession("127.0.0.1", **through(postfix, door)) as session:
        options = SendOptions(binary=True)
        receipts = list(session.send_many(sent.values(), recipients=ADA, options=options))
    assert [None] * len(sent) == [receipt.error for receipt in receipts]
    mail.wait_for("ada", len(sent))
    dovecot = postfix.dovecot
    login: dict[str, Any] = {
        "user": "ada",
        "password": dovecot.passwords["ada"],
        "security": "plaintext",
    }
    with IMAPSession(dovecot.host, port=dovecot.imap_port, **login) as imap:
        summaries = list(imap.messages())
        for email in imap.fetch_many(summary.id for summary in summaries):
            assert expected(sent[email.message_id]) == answers(email), email.subject
    with POP3Session(dovecot.host, port=dovecot.pop3_port, **login) as pop3:
        found = [pop3.fetch(summary.id) for summary in pop3.messages()]
    assert {*sent} == {email.message_id for email in found}
    for email in found:
        assert expected(sent[email.message_id]) == answers(email), email.subject


def test_blind_copies_reach_their_readers_and_are_told_to_nobody(
    postfix: Postfix, mail: Maildirs
) -> None:
    email = Email(sender=ADA, to="bob@example.org", bcc=[ADA], text="Hello\n")
    with SMTPSession("127.0.0.1", **through(postfix)) as session:
        session.send(email)
        session.send(email.as_message(), recipients=["bob@example.org"])
        session.send(b"Bcc: eve@example.net\r\n" + email.source, recipients=["bob@example.org"])
    for user, count in (("ada", 1), ("bob", 3)):
        for stored in mail.wait_for(user, count):
            assert b"\nbcc:" not in stored.lower()
            assert b"eve@" not in stored
