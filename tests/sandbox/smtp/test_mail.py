"""Messages on their way in: MAIL, RCPT, DATA, BDAT, alone and in groups."""

from __future__ import annotations

import pytest

from courriel.errors import Misused
from courriel.model.receipt import Reply
from courriel.sandbox.envelope import Recipient, SmtpEnvelope
from tests.sandbox.dialogue import Dialogue


def test_one_group_and_one_answer() -> None:
    dialogue = Dialogue.begun()
    dialogue.play("""
        C: MAIL FROM:<bob@example.com>
        C: RCPT TO:<ada@example.org>
        C: RCPT TO:<eve@example.org>
        C: RCPT TO:<bob@elsewhere.example>
        C: DATA
        S: 250 2.1.0 OK
        S: 250 2.1.5 OK
        S: 550 5.1.1 There is no such user
        S: 250 2.1.5 OK
        S: 354 End the message with CRLF.CRLF
        C: hello
        C: .
        C: MAIL FROM:<>
        C: RCPT TO:<ada@example.org>
        C: DATA
        S: 250 2.0.0 Kept
        S: 250 2.1.0 OK
        S: 250 2.1.5 OK
        S: 354 End the message with CRLF.CRLF
        C: .
        S: 250 2.0.0 Kept
    """)
    first, second = dialogue.messages
    assert b"hello\r\n" == first.content
    assert ["ada@example.org", "bob@elsewhere.example"] == [
        recipient.address for recipient in first.envelope.recipients
    ]
    assert (b"", "") == (second.content, second.envelope.sender)


@pytest.mark.parametrize("cut", [None, 1, 2, 5, 64])
def test_many_messages_with_bdat_in_one_write(cut: int | None) -> None:
    dialogue = Dialogue.begun(cut=cut)
    group = b"MAIL FROM:<bob@example.com>\r\nRCPT TO:<ada@example.org>\r\n"
    dialogue.sends(
        group
        + b"BDAT 5 LAST\r\none\r\n"
        + group
        + b"BDAT 4\r\ntwo\r"
        + b"BDAT 0\r\n"
        + b"bdat 1 last\r\n\n"
        + group
        + b"BDAT 7\r\nthree\r\nBDAT 0 LAST\r\n"
        + b"QUIT\r\n"
    )
    codes = [line[:3] for line in dialogue.hears()]
    assert [*["250"] * 3, *["250"] * 5, *["250"] * 4, "221"] == codes
    assert [b"one\r\n", b"two\r\n", b"three\r\n"] == [each.content for each in dialogue.messages]


def test_a_chunk_says_how_much_of_it_came(dialogue: Dialogue) -> None:
    dialogue.says("MAIL FROM:<bob@example.com>", "RCPT TO:<ada@example.org>")
    dialogue.hears()
    dialogue.play("""
        C: BDAT 7
        C: hello
        S: 250 2.0.0 7 octets
        C: BDAT 7 LAST
        C: world
        S: 250 2.0.0 Kept
    """)


def test_binary_content_needs_bdat(dialogue: Dialogue) -> None:
    dialogue.play("""
        C: MAIL FROM:<bob@example.com> BODY=BINARYMIME
        C: RCPT TO:<ada@example.org>
        C: DATA
        S: 250 2.1.0 OK
        S: 250 2.1.5 OK
        S: 503 5.5.1 BODY=BINARYMIME goes with BDAT only (RFC 3030, 3)
    """)
    dialogue.sends(b"BDAT 6 LAST\r\n\n\r\0\xff.\n")
    assert [b"\n\r\0\xff.\n"] == [each.content for each in dialogue.messages]


def test_bdat_and_data_do_not_mix(dialogue: Dialogue) -> None:
    dialogue.play("""
        C: MAIL FROM:<bob@example.com>
        C: RCPT TO:<ada@example.org>
        C: BDAT 2
        C:
        C: DATA
        C: RCPT TO:<bob@example.org>
        C: MAIL FROM:<bob@example.com>
        C: RSET
        C: BDAT 0 LAST
        S: 250 2.1.0 OK
        S: 250 2.1.5 OK
        S: 250 2.0.0 2 octets
        S: 503 5.5.1 A message begun with BDAT goes on with BDAT
        S: 503 5.5.1 The message itself has begun; it is too late for RCPT
        S: 503 5.5.1 There is a message begun already; RSET forgets it
        S: 250 2.0.0 OK
        S: 503 5.5.1 MAIL comes first
    """)


def test_a_refused_chunk_is_read_all_the_same(dialogue: Dialogue) -> None:
    dialogue.play("""
        C: BDAT 6
        C: QUIT
        C: NOOP
        S: 503 5.5.1 MAIL comes first
        S: 250 2.0.0 OK
    """)


def test_the_chunks_behind_a_refused_one_are_refused_until_the_last() -> None:
    dialogue = Dialogue.begun(message_size=10)
    group = b"MAIL FROM:<bob@example.com>\r\nRCPT TO:<ada@example.org>\r\n"
    dialogue.sends(
        group
        + b"BDAT 6\r\n1234\r\n"
        + b"BDAT 6\r\n1234\r\n"
        + b"BDAT 2\r\n\r\n"
        + b"BDAT 2 LAST\r\n\r\n"
        + group
        + b"BDAT 2 LAST\r\n\r\n"
    )
    dialogue.play("""
        S: 250 2.1.0 OK
        S: 250 2.1.5 OK
        S: 250 2.0.0 6 octets
        S: 552 5.3.4 A message has at most 10 octets
        S: 503 5.5.1 A chunk before this one was refused
        S: 503 5.5.1 A chunk before this one was refused
        S: 250 2.1.0 OK
        S: 250 2.1.5 OK
        S: 250 2.0.0 Kept
    """)


@pytest.mark.parametrize("argument", ["", "x", "-1", "1 FIRST", "1  LAST", "1" * 21, "1LAST"])
def test_a_chunk_of_unknown_size_ends_the_conversation(dialogue: Dialogue, argument: str) -> None:
    dialogue.says(f"BDAT {argument}", "MAIL FROM:<eve@example.com>")
    dialogue.play("S: 521 5.5.4 BDAT wants a number of octets and perhaps LAST")
    assert dialogue.machine.closed


def test_an_enormous_chunk_is_dropped_as_it_comes(dialogue: Dialogue) -> None:
    dialogue.says("MAIL FROM:<bob@example.com>", "RCPT TO:<ada@example.org>")
    dialogue.hears()
    dialogue.says(f"BDAT {10**20 - 1} LAST")
    for _ in range(100):
        dialogue.sends(b"x" * 10_000)
        assert 0 == dialogue.machine.waiting
    assert [] == dialogue.hears()


def test_commands_at_the_wrong_time() -> None:
    dialogue = Dialogue()
    dialogue.hears()
    dialogue.play("""
        C: MAIL FROM:<bob@example.com>
        S: 503 5.5.1 EHLO comes first
        C: RCPT TO:<ada@example.org>
        S: 503 5.5.1 MAIL comes first
        C: DATA
        S: 503 5.5.1 MAIL comes first
    """)
    dialogue.says("EHLO client.example")
    dialogue.hears()
    dialogue.play("""
        C: MAIL FROM:<bob@example.com>
        S: 250 2.1.0 OK
        C: MAIL FROM:<bob@example.com>
        S: 503 5.5.1 There is a message begun already; RSET forgets it
        C: DATA
        S: 554 5.5.1 There are no valid recipients
        C: DATA now
        S: 501 5.5.4 The command has no argument
        C: AUTH PLAIN
        S: 503 5.5.1 AUTH cannot come inside a message (RFC 4954, 4)
        C: BDAT 2 LAST
        C:
        S: 554 5.5.1 There are no valid recipients
        C: MAIL FROM:<bob@example.com>
        S: 250 2.1.0 OK
    """)


def test_who_has_not_signed_in_may_not_send() -> None:
    dialogue = Dialogue.begun(require_auth=True)
    dialogue.play("""
        C: MAIL FROM:<bob@example.com>
        S: 530 5.7.0 AUTH comes first
        C: AUTH PLAIN AGFkYQBzZWNyZXQ=
        S: 235 2.7.0 You are signed in
        C: MAIL FROM:<bob@example.com>
        S: 250 2.1.0 OK
    """)


def test_in_lmtp_nobody_signs_in() -> None:
    dialogue = Dialogue.begun(require_auth=True, lmtp=True)
    dialogue.play("""
        C: MAIL FROM:<bob@example.com>
        S: 250 2.1.0 OK
    """)


def test_lmtp_answers_for_each_recipient() -> None:
    dialogue = Dialogue.begun(lmtp=True)
    dialogue.verdict = [
        Reply(250, ("Kept",), "2.0.0"),
        Reply(452, ("The mailbox is full",), "4.2.2"),
    ]
    dialogue.play("""
        C: MAIL FROM:<bob@example.com>
        C: RCPT TO:<ada@example.org>
        C: RCPT TO:<eve@example.org>
        C: RCPT TO:<bob@example.org>
        C: DATA
        S: 250 2.1.0 OK
        S: 250 2.1.5 OK
        S: 550 5.1.1 There is no such user
        S: 250 2.1.5 OK
        S: 354 End the message with CRLF.CRLF
        C: hello
        C: .
        C: NOOP
        S: 250 2.0.0 Kept
        S: 452 4.2.2 The mailbox is full
        S: 250 2.0.0 OK
    """)


def test_lmtp_answers_for_each_recipient_of_a_message_it_cannot_read() -> None:
    dialogue = Dialogue.begun(lmtp=True, message_size=10)
    group = (
        b"MAIL FROM:<bob@example.com>\r\nRCPT TO:<ada@example.org>\r\nRCPT TO:<bob@example.org>\r\n"
    )
    dialogue.sends(
        group
        + b"DATA\r\na\nb\r\n.\r\n"
        + group
        + b"DATA\r\n12345678901\r\n.\r\n"
        + group
        + b"BDAT 11 LAST\r\n123456789\r\n"
    )
    begun = ["250", "250", "250"]
    assert [
        *[*begun, "354", "550", "550"],
        *[*begun, "354", "552", "552"],
        *[*begun, "552", "552"],
    ] == [line[:3] for line in dialogue.hears()]


def test_lmtp_without_recipients_refuses_data_with_503() -> None:
    dialogue = Dialogue.begun(lmtp=True)
    dialogue.play("""
        C: MAIL FROM:<bob@example.com>
        C: DATA
        S: 250 2.1.0 OK
        S: 503 5.5.1 There are no valid recipients (RFC 2033, 4.2)
        C: BDAT 0 LAST
        S: 503 5.5.1 There are no valid recipients (RFC 2033, 4.2)
    """)


def test_smtp_answers_once_and_truly() -> None:
    dialogue = Dialogue.begun()
    dialogue.verdict = [Reply(250, ("Kept",)), Reply(452, ("Full",), "4.3.1")]
    dialogue.says("MAIL FROM:<bob@example.com>", "RCPT TO:<ada@example.org>")
    dialogue.says("RCPT TO:<bob@example.org>", "BDAT 0 LAST")
    assert "452 4.3.1 Full" == dialogue.hears()[-1]


def test_the_envelope_holds_all_that_was_said() -> None:
    dialogue = Dialogue.begun(secured=True)
    dialogue.says(
        "AUTH PLAIN AGFkYQBzZWNyZXQ=",
        "MAIL FROM:<Ada@example.org> SIZE=2 BODY=8BITMIME SMTPUTF8 RET=hdrs ENVID=a+2Bb"
        " AUTH=ada+3D REQUIRETLS",
        "RCPT TO:<@relay.example,@other.example:ada@example.org>"
        " NOTIFY=success,DELAY ORCPT=rfc822;ada+2Bx@example.org",
        "RCPT TO:<BOB+tag@example.org> NOTIFY=NEVER",
        "RCPT TO:<postmaster>",
        "BDAT 2 LAST",
        "",
    )
    (message,) = dialogue.messages
    assert (
        SmtpEnvelope(
            "Ada@example.org",
            (
                Recipient(
                    "ada@example.org", "ada", ("SUCCESS", "DELAY"), "rfc822;ada+x@example.org"
                ),
                Recipient("BOB+tag@example.org", "bob", ("NEVER",)),
                Recipient("postmaster", "ada"),
            ),
            body="8BITMIME",
            size=2,
            utf8=True,
            return_="HDRS",
            envelope_id="a+b",
            submitter="ada=",
            require_tls=True,
            client="client.example",
            user="ada",
            protocol="ESMTPSA",
        )
        == message.envelope
    )


@pytest.mark.parametrize(
    ("options", "hello", "expected"),
    [
        ({}, "HELO", "SMTP"),
        ({}, "EHLO", "ESMTP"),
        ({"secured": True}, "EHLO", "ESMTPS"),
        ({"lmtp": True}, "LHLO", "LMTP"),
        ({"lmtp": True, "secured": True}, "LHLO", "LMTPS"),
    ],
)
def test_the_word_for_the_protocol(options: dict[str, bool], hello: str, expected: str) -> None:
    dialogue = Dialogue(**options)  # type: ignore[arg-type]  # Only flags are in it.
    dialogue.says(f"{hello} client.example", "MAIL FROM:<>", "RCPT TO:<ada@example.org>", "DATA")
    dialogue.says(".")
    assert [expected] == [message.envelope.protocol for message in dialogue.messages]


@pytest.mark.parametrize(
    ("extension", "parameter"),
    [
        ("SIZE", "SIZE=1"),
        ("8BITMIME", "BODY=8BITMIME"),
        ("SMTPUTF8", "SMTPUTF8"),
        ("DSN", "RET=FULL"),
        ("DSN", "ENVID=x"),
        ("AUTH", "AUTH=<>"),
        ("REQUIRETLS", "REQUIRETLS"),
        ("PIPELINING", "FROB=1"),
    ],
)
def test_a_parameter_that_was_not_offered_is_unknown(extension: str, parameter: str) -> None:
    dialogue = Dialogue.begun(secured=True, without={extension})
    dialogue.says(f"MAIL FROM:<bob@example.com> {parameter}")
    dialogue.play("S: 555 5.5.4 A parameter of an extension that was not offered")


def test_other_parameters_that_were_not_offered() -> None:
    dialogue = Dialogue.begun(without={"BINARYMIME", "DSN"})
    dialogue.play("""
        C: MAIL FROM:<bob@example.com> REQUIRETLS
        S: 555 5.5.4 A parameter of an extension that was not offered
        C: MAIL FROM:<bob@example.com> BODY=BINARYMIME
        S: 501 5.5.4 BINARYMIME was not offered
        C: MAIL FROM:<bob@example.com>
        S: 250 2.1.0 OK
        C: RCPT TO:<ada@example.org> NOTIFY=NEVER
        S: 555 5.5.4 A parameter of an extension that was not offered
    """)


def test_a_message_that_is_announced_too_large_is_refused_at_once() -> None:
    dialogue = Dialogue.begun(message_size=100)
    dialogue.play("""
        C: MAIL FROM:<bob@example.com> SIZE=101
        S: 552 5.3.4 A message has at most 100 octets
        C: MAIL FROM:<bob@example.com> SIZE=100
        S: 250 2.1.0 OK
    """)


def test_an_address_beyond_ascii_needs_smtputf8(dialogue: Dialogue) -> None:
    dialogue.play("""
        C: MAIL FROM:<zoë@example.org>
        S: 553 5.6.7 Such an address needs SMTPUTF8 with MAIL (RFC 6531, 3.5)
        C: MAIL FROM:<bob@example.com>
        S: 250 2.1.0 OK
        C: RCPT TO:<zoë@example.org>
        S: 553 5.6.7 Such an address needs SMTPUTF8 with MAIL (RFC 6531, 3.5)
        C: RSET
        S: 250 2.0.0 OK
        C: MAIL FROM:<zoë@example.org> SMTPUTF8
        S: 250 2.1.0 OK
        C: RCPT TO:<ada@bücher.example>
        S: 250 2.1.5 OK
    """)


def test_recipients_are_bounded() -> None:
    dialogue = Dialogue.begun(recipients=2)
    dialogue.play("""
        C: MAIL FROM:<bob@example.com>
        C: RCPT TO:<ada@example.org>
        C: RCPT TO:<ada@example.org>
        C: RCPT TO:<ada@example.org>
        S: 250 2.1.0 OK
        S: 250 2.1.5 OK
        S: 250 2.1.5 OK
        S: 452 4.5.3 At most 2 recipients
    """)


def test_unknown_recipients() -> None:
    dialogue = Dialogue.begun()
    dialogue.play("""
        C: MAIL FROM:<bob@example.com>
        C: RCPT TO:<eve@Example.ORG>
        C: RCPT TO:<eve@elsewhere.example>
        C: RCPT TO:<"eve"@example.org>
        S: 250 2.1.0 OK
        S: 550 5.1.1 There is no such user
        S: 550 5.7.1 The sandbox relays nothing, and has no user of that name
        S: 550 5.1.1 There is no such user
    """)


def test_a_catch_all_gets_what_is_for_nobody() -> None:
    dialogue = Dialogue.begun(catch_all="bob")
    dialogue.says("MAIL FROM:<>", "RCPT TO:<eve@elsewhere.example>", "BDAT 0 LAST")
    (message,) = dialogue.messages
    assert (Recipient("eve@elsewhere.example", "bob"),) == message.envelope.recipients


def test_addresses_to_refuse() -> None:
    dialogue = Dialogue.begun(
        refuse={
            "spam@example.com": Reply(554, ("We do not like you",), "5.7.1"),
            "ada@example.org": Reply(450, ("Later",)),
        }
    )
    dialogue.play("""
        C: MAIL FROM:<Spam@example.com>
        S: 554 5.7.1 We do not like you
        C: MAIL FROM:<bob@example.com>
        S: 250 2.1.0 OK
        C: RCPT TO:<ADA@example.org>
        S: 450 Later
    """)


def test_a_client_that_leaves_in_the_middle_leaves_nothing(dialogue: Dialogue) -> None:
    dialogue.says("MAIL FROM:<bob@example.com>", "RCPT TO:<ada@example.org>", "DATA", "hello")
    dialogue.machine.receive_eof()
    dialogue.works()
    dialogue.says(".")
    assert [] == dialogue.messages
    assert dialogue.machine.closed


def test_each_message_is_answered_once() -> None:
    dialogue = Dialogue.begun()
    machine = dialogue.machine
    with pytest.raises(Misused, match="no message to answer"):
        machine.answer([Reply(250)])
    machine.receive_data(b"MAIL FROM:<>\r\nRCPT TO:<ada@example.org>\r\nBDAT 0 LAST\r\nNOOP\r\n")
    assert machine.next_event() is not None
    with pytest.raises(Misused, match="no answer yet"):
        machine.next_event()
    assert ["250", "250"] == [line[:3] for line in dialogue.hears()]
    machine.answer([Reply(250)])
    assert None is machine.next_event()
    assert ["250 ", "250 2.0.0 OK"] == dialogue.hears()
