"""What can be done with a maildrop, and what becomes of it."""

from __future__ import annotations

import pytest

from courriel.sandbox.envelope import SmtpEnvelope
from courriel.sandbox.events import Closing
from tests.sandbox.pop3.dialogue import FIRST, SECOND, Pop3Dialogue


@pytest.fixture
def dialogue() -> Pop3Dialogue:
    return Pop3Dialogue.signed_in()


@pytest.mark.parametrize("cut", [None, 1, 7])
def test_a_whole_conversation(cut: int | None) -> None:
    dialogue = Pop3Dialogue(cut=cut)
    validity = dialogue.store.mailbox("ada").uid_validity
    dialogue.play(f"""
        S: +OK example.org POP3 courriel sandbox <nonce@example.org>
        C: USER ada
        S: +OK Now the password
        C: PASS secret
        S: +OK 2 messages
        C: STAT
        S: +OK 2 {len(FIRST) + len(SECOND)}
        C: LIST
        S: +OK 2 messages
        S: 1 {len(FIRST)}
        S: 2 {len(SECOND)}
        S: .
        C: UIDL
        S: +OK 2 messages
        S: 1 {validity}.1
        S: 2 {validity}.2
        S: .
        C: RETR 1
        S: +OK {len(FIRST)} octets
        S: Subject: first
        S: …
        S: one
        S: ..two
        S: three
        S: .
        C: DELE 1
        S: +OK Marked
        C: NOOP
        S: +OK
        C: QUIT
        S: +OK example.org closes the connection
    """)
    assert [SECOND] == dialogue.contents
    assert [Closing(clean=True)] == dialogue.events
    assert dialogue.pop3.closed


def test_a_message_comes_octet_for_octet(dialogue: Pop3Dialogue) -> None:
    dialogue.says("RETR 1", "RETR 2")
    stuffed = FIRST.replace(b"\r\n.", b"\r\n..")
    expected = b"+OK %d octets\r\n%b.\r\n+OK %d octets\r\n%b.\r\n"
    assert expected % (len(FIRST), stuffed, len(SECOND), SECOND) == dialogue.takes()


def test_a_message_without_an_end_gets_one(dialogue: Pop3Dialogue) -> None:
    dialogue.store.mailbox("bob").append(b".half a line")
    other = Pop3Dialogue(store=dialogue.store)
    other.hears()
    other.says("USER bob", "PASS hunter2", "RETR 1")
    assert b"+OK 12 octets\r\n..half a line\r\n.\r\n" in other.takes()


def test_one_message_at_a_time(dialogue: Pop3Dialogue) -> None:
    validity = dialogue.store.mailbox("ada").uid_validity
    dialogue.play(f"""
        C: LIST 2
        C: UIDL 2
        C: LIST 3
        C: UIDL 0
        C: LIST two
        C: RETR
        C: DELE -1
        S: +OK 2 {len(SECOND)}
        S: +OK 2 {validity}.2
        S: -ERR There is no such message
        S: -ERR There is no such message
        S: -ERR That is no number
        S: -ERR That is no number
        S: -ERR That is no number
    """)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (0, b"Subject: first\r\n\r\n"),
        (1, b"Subject: first\r\n\r\none\r\n"),
        (2, b"Subject: first\r\n\r\none\r\n..two\r\n"),
        (3, FIRST.replace(b"\r\n.", b"\r\n..")),
        (1_000_000_000, FIRST.replace(b"\r\n.", b"\r\n..")),
    ],
)
def test_the_top_of_a_message(dialogue: Pop3Dialogue, lines: int, expected: bytes) -> None:
    dialogue.says(f"TOP 1 {lines}")
    assert b"+OK The top of it\r\n" + expected + b".\r\n" == dialogue.takes()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"Subject: no body\r\n", b"Subject: no body\r\n.\r\n"),
        (b"\r\nno header\r\nat all", b"\r\nno header\r\n.\r\n"),
        (b"", b".\r\n"),
        (b"no line", b"no line\r\n.\r\n"),
    ],
)
def test_the_top_of_odd_messages(dialogue: Pop3Dialogue, content: bytes, expected: bytes) -> None:
    dialogue.store.mailbox("bob").append(content)
    other = Pop3Dialogue(store=dialogue.store)
    other.says("USER bob", "PASS hunter2")
    other.takes()
    other.says("TOP 1 1")
    assert b"+OK The top of it\r\n" + expected == other.takes()


def test_top_wants_two_numbers(dialogue: Pop3Dialogue) -> None:
    dialogue.play("""
        C: TOP 1
        C: TOP 1 x
        C: TOP x 1
        C: TOP 1 1 1
        S: -ERR TOP wants the number of a message and a number of lines
        S: -ERR That is no number
        S: -ERR That is no number
        S: -ERR That is no number
    """)


def test_what_is_marked_is_gone_but_can_be_had_back(dialogue: Pop3Dialogue) -> None:
    dialogue.play(f"""
        C: DELE 1
        C: DELE 1
        C: RETR 1
        C: TOP 1 0
        C: UIDL 1
        C: STAT
        C: LIST
        S: +OK Marked
        S: -ERR That message is deleted
        S: -ERR That message is deleted
        S: -ERR That message is deleted
        S: -ERR That message is deleted
        S: +OK 1 {len(SECOND)}
        S: +OK 1 messages
        S: 2 {len(SECOND)}
        S: .
        C: RSET
        C: STAT
        S: +OK 2 messages
        S: +OK 2 {len(FIRST) + len(SECOND)}
        C: QUIT
        S: +OK example.org closes the connection
    """)
    assert [FIRST, SECOND] == dialogue.contents


@pytest.mark.parametrize("end", ["eof", "told to go"])
def test_without_quit_nothing_is_removed(dialogue: Pop3Dialogue, end: str) -> None:
    dialogue.says("DELE 1")
    if end == "eof":
        dialogue.pop3.receive_eof()
    else:
        dialogue.pop3.end("4.3.2", "The sandbox is closing")
        assert "-ERR [SYS/TEMP] The sandbox is closing" == dialogue.hears()[-1]
    assert [FIRST, SECOND] == dialogue.contents
    dialogue.works()
    assert [Closing(clean=end == "eof")] == dialogue.events


def test_a_maildrop_is_a_snapshot(dialogue: Pop3Dialogue) -> None:
    mailbox = dialogue.store.mailbox("ada")
    mailbox.append(b"Subject: third\r\n\r\n")
    mailbox.remove(1)
    dialogue.says("DELE 1", "DELE 2", "RETR 3")
    assert "-ERR There is no such message" == dialogue.hears()[-1]
    dialogue.says("QUIT")
    assert [b"Subject: third\r\n\r\n"] == dialogue.contents


def test_only_one_client_has_a_maildrop(dialogue: Pop3Dialogue) -> None:
    second = Pop3Dialogue(store=dialogue.store, maildrops=dialogue.maildrops)
    second.hears()
    second.play("""
        C: USER ada
        C: PASS secret
        C: USER bob
        C: PASS hunter2
        S: +OK Now the password
        S: -ERR [IN-USE] Another client has the maildrop
        S: +OK Now the password
        S: +OK 0 messages
    """)
    dialogue.pop3.receive_eof()
    third = Pop3Dialogue(store=dialogue.store, maildrops=dialogue.maildrops)
    third.hears()
    third.says("USER ada", "PASS secret")
    assert "+OK 2 messages" == third.hears()[-1]


def test_nothing_of_it_before_the_sign_in() -> None:
    dialogue = Pop3Dialogue()
    dialogue.hears()
    verbs = ("STAT", "LIST", "UIDL", "RETR 1", "TOP 1 0", "DELE 1", "RSET", "NOOP")
    dialogue.says(*verbs)
    assert ["-ERR Sign in first"] * len(verbs) == dialogue.hears()


def test_answers_wait_until_they_are_taken() -> None:
    dialogue = Pop3Dialogue.signed_in(output=100)
    dialogue.pop3.receive_data(b"RETR 1\r\n" * 1_000)
    dialogue.works()
    once = dialogue.pop3.data_to_send()
    assert 2 == once.count(b"three\r\n.\r\n")
    dialogue.works()
    assert 998 == dialogue.takes().count(b"three\r\n.\r\n")


def test_mail_in_utf_8_wants_who_can_read_it(dialogue: Pop3Dialogue) -> None:
    mailbox = dialogue.store.mailbox("bob")
    utf8 = SmtpEnvelope(utf8=True)
    mailbox.append("Subject: Grüße\r\n\r\n".encode(), envelope=utf8)
    mailbox.append("Subject: x\r\n\r\nGrüße\r\n".encode(), envelope=utf8)
    mailbox.append("Subject: Grüße\r\n\r\n".encode("latin-1"))
    for first, answers in (("UTF8", "+++"), ("NOOP", "-++")):
        other = Pop3Dialogue(store=dialogue.store)
        other.takes()
        other.says(first, "USER bob", "PASS hunter2")
        other.takes()
        for number, sign in enumerate(answers, 1):
            other.says(f"TOP {number} 0")
            heard = other.takes()
            assert heard.startswith(b"+OK" if sign == "+" else b"-ERR [UTF8] The message")
