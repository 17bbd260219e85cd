"""The machine's own part: literals, bounds, pipelines, and the ways to the end."""

from __future__ import annotations

import pytest

from courriel.sandbox.events import Closing
from tests.sandbox.imap.dialogue import ImapDialogue


@pytest.fixture
def dialogue() -> ImapDialogue:
    return ImapDialogue.selected(b"one", b"two")


@pytest.mark.parametrize("cut", [None, 1, 7])
def test_a_pipeline_is_answered_in_order(cut: int | None) -> None:
    dialogue = ImapDialogue(cut=cut)
    dialogue.arrives(b"one")
    dialogue.hears()
    dialogue.sends(
        b"a LOGIN {3+}\r\nada {6+}\r\nsecret\r\nb SELECT INBOX\r\nc UID FETCH 1 FLAGS\r\n"
        b"d STORE 1 +FLAGS (\\Deleted)\r\ne EXPUNGE\r\nf LOGOUT\r\n"
    )
    heard = dialogue.hears()
    assert ["a", "b", "c", "d", "e", "f"] == [line[0] for line in heard if line[0] != "*"]
    assert all(line[2:4] == "OK" for line in heard if line[0] != "*" and line[1] == " ")
    assert [Closing(clean=True)] == dialogue.events


def test_a_literal_waits_to_be_asked_for(dialogue: ImapDialogue) -> None:
    dialogue.play("""
        C: a STATUS {5}
        S: + Go on
        C: INBOX (MESSAGES)
        S: * STATUS INBOX (MESSAGES 2)
        S: a OK That is all
    """)


def test_braces_in_quotes_are_text(dialogue: ImapDialogue) -> None:
    dialogue.play("""
        C: a SEARCH SUBJECT "{3}" ALL
        S: * SEARCH
        S: a OK That is all
    """)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("a", "a BAD The command wants a space at octet 1"),
        ("a ", "a BAD The command wants an atom at octet 2"),
        ("", "* BAD A command begins with a tag"),
        ("a+ NOOP", "* BAD A command begins with a tag"),
        ("* NOOP", "* BAD A command begins with a tag"),
        ("a NOOP ", "a BAD There is something behind the last argument"),
        ("a NOOP\0", "a BAD There is a NUL or a bare CR in the command"),
        ("a NO\rOP", "a BAD There is a NUL or a bare CR in the command"),
        ('a STATUS "INBOX (MESSAGES)', "a BAD The command wants a quoted string at octet 9"),
        ("a STATUS {5+}x (MESSAGES)", "a BAD A literal stands at the end of a line"),
        ("a STATUS ~{5+}\r\nINBOX (MESSAGES)", "a BAD A literal8 stands only in APPEND"),
    ],
)
def test_what_is_no_command(dialogue: ImapDialogue, command: str, expected: str) -> None:
    dialogue.says(command, "b NOOP")
    assert [expected, "b OK Nothing done"] == dialogue.hears()


def test_a_bare_lf_ends_it(dialogue: ImapDialogue) -> None:
    dialogue.sends(b"a NOOP\nb NOOP\r\n")
    assert ["* BYE A line ends with CRLF, not with a bare LF"] == dialogue.hears()
    assert [Closing(clean=False)] == dialogue.events


def test_lines_are_bounded() -> None:
    dialogue = ImapDialogue.signed_in(command_line=100)
    dialogue.says("a SUBSCRIBE " + "x" * 86)
    dialogue.play("S: a OK Subscribed")
    dialogue.sends(b"x" * 101)
    assert ["* BYE A line has at most 100 octets"] == dialogue.hears()
    other = ImapDialogue.signed_in(command_line=100)
    other.sends(b"a LIST {40+}\r\n" + b"x" * 40 + b" " + b"x" * 100 + b"\r\n")
    assert other.hears()[-1].startswith("* BYE A line has at most ")


def test_strangers_get_less_room() -> None:
    dialogue = ImapDialogue(stranger_line=100)
    dialogue.hears()
    dialogue.sends(b"a LOGIN {60+}\r\n" + b"x" * 60 + b" {60+}\r\n" + b"x" * 60 + b"\r\n")
    assert ["a BAD Literals have at most 100 octets before the sign-in"] == dialogue.hears()
    dialogue.sends(b"a APPEND INBOX {1000}\r\n")
    assert ["a BAD Literals have at most 100 octets before the sign-in"] == dialogue.hears()
    dialogue.sends(b"x" * 101)
    assert ["* BYE A line has at most 100 octets"] == dialogue.hears()


def test_literals_are_bounded() -> None:
    dialogue = ImapDialogue.signed_in(literal=10, literals=2)
    dialogue.play("""
        C: a STATUS {11}
        S: a BAD The literals of a command have at most 10 octets
    """)
    for _ in range(100):
        dialogue.sends(b"a STATUS {1000+}\r\n" + b"x" * 999)
        assert dialogue.imap.waiting == 0
        dialogue.sends(b"x (MESSAGES)\r\n")
        assert ["a BAD The literals of a command have at most 10 octets"] == dialogue.hears()
        dialogue.inbox.clear()
        dialogue.imap._conversation.errors = 0
    dialogue.sends(b"a SEARCH {1+}\r\nx {1+}\r\nx {1+}\r\nx\r\n")
    assert ["a BAD A command has at most 2 literals"] == dialogue.hears()
    dialogue.sends(b"a STATUS {4294967297+}\r\n")
    assert ["* BYE A literal has at most 4 GiB"] == dialogue.hears()


def test_literal_plus_must_be_offered() -> None:
    dialogue = ImapDialogue.signed_in(without=["LITERAL+"])
    dialogue.says("a STATUS {5+}", "INBOX (MESSAGES)")
    assert ["a BAD LITERAL+ is not offered"] == dialogue.hears()


def test_errors_are_bounded() -> None:
    dialogue = ImapDialogue.signed_in(errors=2)
    dialogue.says("a FROB", "b SELECT Nowhere", "c FROB", "d FROB", "e NOOP")
    dialogue.play("""
        S: a BAD …
        S: b NO …
        S: c BAD …
        S: d BAD …
        S: * BYE Too many errors
    """)
    assert [Closing(clean=False)] == dialogue.events


def test_an_end_in_the_middle_drops_the_command(dialogue: ImapDialogue) -> None:
    dialogue.sends(b"a APPEND INBOX {5+}\r\nhel")
    dialogue.imap.receive_eof()
    dialogue.works()
    assert [Closing(clean=True)] == dialogue.events
    assert 2 == len(dialogue.inbox)
    dialogue.sends(b"lo\r\n")
    assert [] == dialogue.hears()


def test_many_answers_wait_to_be_taken() -> None:
    dialogue = ImapDialogue.selected(output=1_000)
    dialogue.says(*["a CAPABILITY"] * 100)
    first = dialogue.imap.data_to_send()
    assert len(first) < 2_500
    dialogue.works()
    assert 100 == (first + dialogue.takes()).count(b"a OK ")
