"""What holds for every client, however it behaves, and for every message, whatever is in it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from courriel.sandbox.pop3.replies import content
from tests.sandbox.pop3.dialogue import Pop3Dialogue

PIECES = st.sampled_from(
    [
        b"USER ada\r\n",
        b"PASS secret\r\n",
        b"PASS wrong\r\n",
        b"APOP ada 0\r\n",
        b"AUTH PLAIN\r\n",
        b"AUTH PLAIN AGFkYQBzZWNyZXQ=\r\n",
        b"AUTH XOAUTH2 =\r\n",
        b"*\r\n",
        b"CAPA\r\n",
        b"STAT\r\n",
        b"LIST\r\n",
        b"LIST 1\r\n",
        b"UIDL\r\n",
        b"RETR 1\r\n",
        b"TOP 1 1\r\n",
        b"DELE 1\r\n",
        b"RSET\r\n",
        b"UTF8\r\n",
        b"LANG\r\n",
        b"STLS\r\n",
        b"QUIT\r\n",
        b"\n",
        b"\r",
        b"x" * 300 + b"\r\n",
    ]
)
CLIENTS = st.lists(st.one_of(PIECES, PIECES, PIECES, st.binary(max_size=20)), max_size=30).map(
    b"".join
)


def answer(octets: bytes, cut: int | None = None) -> tuple[bytes, list[object], list[bytes]]:
    dialogue = Pop3Dialogue(cut=cut, auth_line=100, errors=5, output=50)
    dialogue.sends(octets)
    heard = dialogue.takes()
    dialogue.pop3.receive_eof()
    return heard, dialogue.events, dialogue.contents


@given(CLIENTS)
def test_no_client_breaks_the_machine(octets: bytes) -> None:
    heard, events, contents = answer(octets)
    assert heard.startswith(b"+OK example.org POP3")
    assert heard.endswith(b"\r\n")
    assert len(events) <= 2
    assert len(contents) in (1, 2)


@given(CLIENTS.filter(lambda octets: b"STLS" not in octets.upper()), st.integers(1, 20))
def test_it_does_not_matter_how_the_octets_are_cut(octets: bytes, cut: int) -> None:
    assert answer(octets) == answer(octets, cut)


@given(st.lists(st.sampled_from([b".", b"\r\n", b"\r", b"\n", b"x", b"\r\n.\r\n"])).map(b"".join))
def test_a_message_comes_back_as_it_was(message: bytes) -> None:
    reply = content("here", message)
    assert reply.startswith(b"+OK here\r\n")
    assert reply.endswith(b"\r\n.\r\n")
    body = reply[len(b"+OK here") :]
    # The end mark stands nowhere but at the end.
    assert len(body) - 5 == body.index(b"\r\n.\r\n")
    unstuffed = body[:-3].replace(b"\r\n.", b"\r\n")[2:]
    assert unstuffed == (message if message.endswith(b"\r\n") or not message else message + b"\r\n")
