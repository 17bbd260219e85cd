"""What holds for every client, however it behaves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.imap.dialogue import ImapDialogue

PIECES = st.sampled_from(
    [
        b"a NOOP\r\n",
        b"a CAPABILITY\r\n",
        b"a SELECT INBOX\r\n",
        b"a EXAMINE Sent\r\n",
        b"a FETCH 1:* (FLAGS BODY[])\r\n",
        b"a UID FETCH 1:* ALL\r\n",
        b"a STORE 1 +FLAGS (\\Deleted)\r\n",
        b"a UID STORE 1:* -FLAGS (x)\r\n",
        b"a EXPUNGE\r\n",
        b"a COPY 1:* INBOX\r\n",
        b"a UID MOVE 1:* Trash\r\n",
        b"a SEARCH RETURN () OR SEEN 1\r\n",
        b"a APPEND INBOX {5+}\r\nhello\r\n",
        b"a APPEND INBOX {5}\r\n",
        b"a STATUS {5+}\r\nINBOX (SIZE)\r\n",
        b"a IDLE\r\n",
        b"DONE\r\n",
        b'a LIST "" *\r\n',
        b"a CREATE x/y\r\n",
        b"a DELETE x\r\n",
        b"a RENAME INBOX x/z\r\n",
        b"a CLOSE\r\n",
        b"a LOGOUT\r\n",
        b"(",
        b'"',
        b"\n",
        b"{3+}\r\n",
        b"x" * 300,
    ]
)
CLIENTS = st.lists(st.one_of(PIECES, PIECES, PIECES, st.binary(max_size=20)), max_size=30).map(
    b"".join
)


def answer(octets: bytes, cut: int | None = None) -> tuple[bytes, list[object], list[bytes]]:
    dialogue = ImapDialogue.signed_in(
        b"Subject: one\r\n\r\n", b"two", cut=cut, command_line=200, errors=5, output=100
    )
    for number, mailbox in enumerate(dialogue.store.folders("ada"), 1):
        mailbox.uid_validity = number
    dialogue.sends(octets)
    heard = dialogue.takes()
    dialogue.imap.receive_eof()
    return heard, dialogue.events, [message.content for message in dialogue.inbox]


@given(CLIENTS)
def test_how_octets_are_cut_does_not_matter(octets: bytes) -> None:
    whole = answer(octets)
    assert whole == answer(octets, cut=1)
    assert whole == answer(octets, cut=7)


@given(CLIENTS)
def test_numbers_are_those_that_the_client_has(octets: bytes) -> None:
    """Follow EXISTS and EXPUNGE as a client does: no number is beyond what it knows of."""
    heard, _, _ = answer(octets)
    known = 0
    for line in heard.split(b"\r\n"):
        words = line.split(b" ", 3)
        if len(words) < 3 or words[0] != b"*" or not words[1].isdigit():
            continue
        number, what = int(words[1]), words[2]
        if what == b"EXISTS":
            known = number
        elif what == b"EXPUNGE":
            assert 1 <= number <= known
            known -= 1
        elif what == b"FETCH":
            assert 1 <= number <= known
