"""APPEND, with one message and with several."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.sandbox.imap.dialogue import ImapDialogue


def test_a_message_with_flags_and_date() -> None:
    dialogue = ImapDialogue.signed_in()
    dialogue.play(r"""
        C: a APPEND Sent (\Seen $Label) " 7-Feb-2024 21:52:25 -0800" {5}
        S: + Go on
        C: hello
        S: a OK [APPENDUID 5 1] Kept
    """)
    (entry,) = dialogue.folder("Sent").entries()
    assert b"hello" == entry.message.content
    assert {"\\Seen", "$Label"} == entry.flags
    assert datetime(2024, 2, 8, 5, 52, 25, tzinfo=UTC) == entry.message.arrived


def test_several_messages_at_once() -> None:
    dialogue = ImapDialogue.signed_in()
    dialogue.sends(b"a APPEND Sent {3+}\r\none (\\Draft) {3+}\r\ntwo ~{5+}\r\nthree\r\n")
    assert ["a OK [APPENDUID 5 1:3] Kept"] == dialogue.hears()
    assert [b"one", b"two", b"three"] == [each.content for each in dialogue.folder("Sent")]
    plain = ImapDialogue.signed_in(without=["MULTIAPPEND", "UIDPLUS"])
    plain.sends(b"a APPEND Sent {3+}\r\none\r\nb APPEND Sent {3+}\r\none {3+}\r\ntwo\r\n")
    assert ["a OK Kept", "b BAD MULTIAPPEND is not offered"] == plain.hears()


def test_it_is_seen_where_the_mailbox_is_open() -> None:
    dialogue = ImapDialogue.selected()
    dialogue.sends(b"a APPEND INBOX {3+}\r\none\r\n")
    assert ["* 1 EXISTS", "* 1 RECENT", "a OK [APPENDUID 1 1] Kept"] == dialogue.hears()


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"Nowhere {3+}\r\none", "a NO [TRYCREATE] There is no such mailbox"),
        (b"Sent {0+}\r\n", "a NO [CANNOT] The message is empty"),
        (b"Sent {3+}\r\no\0e", "a BAD There is a NUL in a literal (RFC 3501, 9: CHAR8)"),
        (b"Sent ~{3+}\r\no\0e", "a NO [UNKNOWN-CTE] …"),
        (b"Sent (\\Recent) {3+}\r\none", "a BAD There is no such system flag, …"),
        (b'Sent "32-Feb-2024 00:00:00 +0000" {3+}\r\none', "a BAD There is no such date"),
        (b'Sent "1-Feb-2024" {3+}\r\none', "a BAD A date is written as …"),
        (b"Sent", "a BAD The command wants a space …"),
        (b"Sent one", "a BAD The command wants a literal …"),
        (
            b"Sent {900001+}\r\n" + b"x" * 900_001,
            "a NO [TOOBIG] APPEND takes at most 900000 octets",
        ),
        (b"Sent {800000+}\r\n" + b"x" * 800_000, "a NO [OVERQUOTA] Insufficient system storage"),
    ],
)
def test_what_is_not_kept(octets: bytes, expected: str) -> None:
    dialogue = ImapDialogue.signed_in(b"x" * 500_000, message_size=900_000)
    dialogue.sends(b"a APPEND " + octets + b"\r\nb NOOP\r\n")
    said, last = dialogue.hears()
    assert said.startswith(expected.rstrip("…"))
    assert "b OK Nothing done" == last
    assert 0 == len(dialogue.folder("Sent"))


def test_a_message_that_is_too_large_is_refused_before_it_comes() -> None:
    dialogue = ImapDialogue.signed_in(message_size=10)
    dialogue.play("""
        C: a APPEND Sent {11}
        S: a NO [TOOBIG] APPEND takes at most 10 octets
        C: b NOOP
        S: b OK Nothing done
    """)


def test_utf8_has_a_form_of_its_own() -> None:
    dialogue = ImapDialogue.signed_in()
    dialogue.asks("ENABLE UTF8=ACCEPT")
    dialogue.sends("a APPEND Sent UTF8 (~{13+}\r\nSubject: é\r\n)\r\n".encode())
    assert ["a OK [APPENDUID 5 1] Kept"] == dialogue.hears()


def test_keywords_are_bounded() -> None:
    dialogue = ImapDialogue.signed_in(b"x", keywords=2)
    dialogue.play("""
        C: a APPEND INBOX (one two) {1+}
        C: x
        C: b APPEND INBOX (ONE three) {1+}
        C: x
        S: a OK …
        S: b NO [LIMIT] A mailbox has at most 2 keywords
    """)
