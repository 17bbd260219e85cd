"""The language of transcripts: what the scripted server says, when, and what it notices."""

from __future__ import annotations

import pytest

from courriel.drive.conversation import HELLO, Conversation
from courriel.errors import Misused


def test_it_speaks_until_it_must_listen() -> None:
    conversation = Conversation("S: 220 mx\nS: 221 more\nC: NOOP\nS: 250 ok")
    assert b"220 mx\r\n221 more\r\n" == conversation.speak(0)
    assert b"" == conversation.speak(0)
    conversation.hear(b"NO")
    assert b"" == conversation.speak(0)
    conversation.hear(b"OP\r\n")
    assert b"250 ok\r\n" == conversation.speak(0)
    assert [] == conversation.rest
    assert b"NOOP\r\n" == conversation.sent


def test_it_notices_what_is_not_in_the_script() -> None:
    conversation = Conversation("C: NOOP")
    conversation.hear(b"RSET\r\n")
    with pytest.raises(AssertionError, match="'RSET' where the script has 'NOOP'"):
        conversation.speak(0)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("C: EHLO *", b"EHLO me\r\n"),
        ("C: RCPT TO:<*@example.org>", b"RCPT TO:<bob@example.org>\r\n"),
        ("C: EHLO [127.0.0.1]", b"EHLO [127.0.0.1]\r\n"),
        ("C: VRFY jürgen", "VRFY jürgen\r\n".encode()),
        ("C: VRFY \udcff", b"VRFY \xff\r\n"),
    ],
)
def test_a_star_stands_for_anything_and_nothing_else_does(script: str, said: bytes) -> None:
    conversation = Conversation(script)
    conversation.hear(said)
    conversation.speak(0)
    assert [] == conversation.rest


def test_a_message_ends_with_its_dot() -> None:
    conversation = Conversation("C: <message>\nS: 250 one\nC: <message>\nS: 250 empty\nC: QUIT")
    conversation.hear(b"Hi.\r\n..\r\n.")
    assert b"" == conversation.speak(0)
    conversation.hear(b"\r\n.\r\nQUIT\r\n")
    assert b"250 one\r\n250 empty\r\n" == conversation.speak(0)
    assert [] == conversation.rest


def test_a_chunk_has_the_octets_that_were_announced() -> None:
    conversation = Conversation("C: BDAT * LAST\nC: <chunk>\nS: 250 ok")
    conversation.hear(b"BDAT 5 LAST\r\nab\r\n")
    assert b"" == conversation.speak(0)
    conversation.hear(b"c")
    assert b"250 ok\r\n" == conversation.speak(0)


def test_a_pretended_handshake() -> None:
    conversation = Conversation("C: <tls>\nS: 220 mx")
    conversation.hear(HELLO + b"\r\n")
    assert HELLO + b"\r\n220 mx\r\n" == conversation.speak(0)


def test_a_line_may_stay_open() -> None:
    conversation = Conversation("S- 250 o\nS: k")
    assert b"250 ok\r\n" == conversation.speak(0)


def test_time_passes() -> None:
    conversation = Conversation("S: 220 a\n-- wait 5\nS: 220 b")
    assert b"220 a\r\n" == conversation.speak(10)
    assert 15 == conversation.next_time()
    assert b"" == conversation.speak(14)
    assert b"220 b\r\n" == conversation.speak(15)
    assert conversation.next_time() is None


def test_octets_drip() -> None:
    conversation = Conversation("-- drip 2\nS: ab")
    heard = []
    for now in range(11):
        heard.append(conversation.speak(now))
    assert [b"", b"", b"a", b"", b"b", b"", b"\r", b"", b"\n", b"", b""] == heard


def test_it_stalls_for_ever() -> None:
    conversation = Conversation("-- stall\nS: 220 never")
    assert b"" == conversation.speak(1e9)
    assert ["S: 220 never"] == conversation.rest


def test_it_hangs_up() -> None:
    conversation = Conversation("S: 421 bye\n-- cut\nS: 220 never")
    assert b"421 bye\r\n" == conversation.speak(0)
    assert conversation.ended
    assert b"" == conversation.speak(0)


def test_a_flight_is_something_said_and_then_waited_for() -> None:
    conversation = Conversation("C: A\nC: B\nS: x\nC: C")
    conversation.hear(b"A\r\n")
    conversation.hear(b"B\r\n")
    conversation.speak(0)
    conversation.speak(0)
    conversation.hear(b"C\r\n")
    conversation.speak(0)
    assert 2 == conversation.flights


def test_a_function_may_play_the_server() -> None:
    conversation = Conversation(lambda heard: heard.upper() or b"220 mx\r\n")
    assert b"220 mx\r\n" == conversation.speak(0)
    conversation.hear(b"noop\r\n")
    assert b"NOOP\r\n" == conversation.speak(0)


@pytest.mark.parametrize("line", ["220 mx", "X: hello", "-- dance", "S 220", "--"])
def test_what_cannot_be_played_is_refused(line: str) -> None:
    with pytest.raises(Misused, match="line 2"):
        Conversation(f"S: 220 mx\n{line}")
