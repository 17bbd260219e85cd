"""What holds for every client, however it behaves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.dialogue import Dialogue

PIECES = st.sampled_from(
    [
        b"EHLO client.example\r\n",
        b"HELO client.example\r\n",
        b"MAIL FROM:<bob@example.com>\r\n",
        b"MAIL FROM:<> BODY=BINARYMIME\r\n",
        b"RCPT TO:<ada@example.org>\r\n",
        b"RCPT TO:<eve@example.org>\r\n",
        b"DATA\r\n",
        b"hello\r\n",
        b"..\r\n",
        b".\r\n",
        b"BDAT 7\r\nhello\r\n",
        b"BDAT 7 LAST\r\nhello\r\n",
        b"BDAT 2 LAST\r\n\0\n",
        b"BDAT 99999999999999999999\r\n",
        b"RSET\r\n",
        b"NOOP\r\n",
        b"VRFY ada\r\n",
        b"STARTTLS\r\n",
        b"AUTH PLAIN\r\n",
        b"AUTH PLAIN AGFkYQBzZWNyZXQ=\r\n",
        b"AUTH LOGIN\r\n",
        b"AUTH XOAUTH2 =\r\n",
        b"*\r\n",
        b"QUIT\r\n",
        b"\n",
        b"\r",
        b"x" * 300 + b"\r\n",
    ]
)
CLIENTS = st.lists(st.one_of(PIECES, PIECES, PIECES, st.binary(max_size=20)), max_size=30).map(
    b"".join
)
SIZE = 50


def limited() -> Dialogue:
    return Dialogue(message_size=SIZE, command_line=100, auth_line=200, errors=5, recipients=3)


@given(CLIENTS)
def test_no_client_breaks_the_machine(octets: bytes) -> None:
    dialogue = limited()
    dialogue.sends(octets)
    for line in dialogue.hears():
        assert line[:3].isdigit()
        assert line[3] in " -"
    for message in dialogue.messages:
        assert len(message.content) <= SIZE
        assert 1 <= len(message.envelope.recipients) <= 3


@given(CLIENTS)
def test_no_client_makes_the_machine_hold_more_than_its_bounds(octets: bytes) -> None:
    dialogue = limited()
    for start in range(0, len(octets), 10):
        dialogue.sends(octets[start : start + 10])
        dialogue.hears()
        assert dialogue.machine.waiting <= 210


@given(CLIENTS.filter(lambda octets: b"STARTTLS" not in octets), st.integers(1, 40))
def test_it_does_not_matter_how_the_octets_are_cut(octets: bytes, cut: int) -> None:
    whole, pieces = limited(), limited()
    pieces.cut = cut
    whole.sends(octets)
    pieces.sends(octets)
    assert whole.hears() == pieces.hears()
    assert whole.messages == pieces.messages
    assert whole.events == pieces.events


@given(st.binary(max_size=SIZE).map(lambda octets: octets.replace(b"\r\n", b"")))
def test_a_chunk_arrives_as_it_was_sent(content: bytes) -> None:
    dialogue = Dialogue.begun()
    dialogue.says("MAIL FROM:<> BODY=BINARYMIME", "RCPT TO:<ada@example.org>")
    dialogue.sends(b"BDAT %d LAST\r\n" % len(content) + content)
    assert [content] == [message.content for message in dialogue.messages]


@given(st.lists(st.text(".ab", max_size=4), max_size=8))
def test_stuffed_lines_arrive_as_they_were(lines: list[str]) -> None:
    dialogue = Dialogue.begun(cut=3)
    dialogue.says("MAIL FROM:<>", "RCPT TO:<ada@example.org>", "DATA")
    dialogue.says(*[f".{line}" if line.startswith(".") else line for line in lines], ".")
    expected = "".join(f"{line}\r\n" for line in lines).encode()
    assert [expected] == [message.content for message in dialogue.messages]
