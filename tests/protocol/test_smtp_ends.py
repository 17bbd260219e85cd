"""A 421 or the end of the line at every place of a conversation: each message learns its fate."""

from __future__ import annotations

import pytest

from courriel.errors import Disconnected, Uncertain
from courriel.protocol.transaction import Transaction
from tests.protocol.line import Line

DATA = ["250 mail", "250 rcpt", "354 data", "250 taken"]
CHUNK = ["250 mail", "250 rcpt", "250 taken"]


def fate(message: Transaction) -> str:
    """Say in one word what became of a message."""
    assert message.done
    if isinstance(message.error, Uncertain):
        return "uncertain"
    if message.error is not None:
        assert isinstance(message.error, Disconnected)
        assert "the message was not sent" in str(message.error)
        return "not sent"
    final = message.value.final
    if message.value.accepted and final and final[0].positive:
        return "sent"
    return "refused"


def converse(offers: tuple[str, ...], replies: list[str]) -> list[str]:
    """Send two messages, let the server say the replies and go; return the fates."""
    line = Line(*offers)
    messages = [line.send(), line.send()]
    for reply in replies:
        line.said()
        line.hear(reply)
    line.said()
    line.machine.receive_eof()
    assert line.machine.idle
    return [fate(message) for message in messages]


@pytest.mark.parametrize(
    ("replies", "fates"),
    [
        ([], ["not sent", "not sent"]),
        (DATA[:1], ["not sent", "not sent"]),
        (DATA[:2], ["not sent", "not sent"]),
        (DATA[:3], ["uncertain", "not sent"]),
        (DATA, ["sent", "not sent"]),
        ([*DATA, *DATA[:3]], ["sent", "uncertain"]),
        ([*DATA, *DATA], ["sent", "sent"]),
        (["421 bye"], ["refused", "not sent"]),
        ([*DATA[:1], "421 bye"], ["refused", "not sent"]),
        ([*DATA[:2], "421 bye"], ["refused", "not sent"]),
        ([*DATA[:3], "421 bye"], ["refused", "not sent"]),
        ([*DATA, "421 bye"], ["sent", "refused"]),
    ],
)
@pytest.mark.parametrize("offers", [(), ("PIPELINING",)])
def test_with_data_a_message_is_with_the_server_behind_the_dot(
    offers: tuple[str, ...], replies: list[str], fates: list[str]
) -> None:
    assert fates == converse(offers, replies)


@pytest.mark.parametrize(
    ("replies", "fates"),
    [
        ([], ["uncertain", "uncertain"]),
        (CHUNK[:2], ["uncertain", "uncertain"]),
        (CHUNK, ["sent", "uncertain"]),
        ([*CHUNK, "250 rset", *CHUNK[:2]], ["sent", "uncertain"]),
        (["550 no", "503 no", "503 no"], ["refused", "uncertain"]),
        (["250 mail", "550 no"], ["refused", "uncertain"]),
        (["421 bye"], ["refused", "uncertain"]),
        ([*CHUNK[:2], "421 bye"], ["refused", "uncertain"]),
        ([*CHUNK, "421 bye"], ["sent", "uncertain"]),
        ([*CHUNK, "250 rset", "250 mail", "421 bye"], ["sent", "refused"]),
    ],
)
def test_with_chunking_it_is_there_as_soon_as_it_is_written(
    replies: list[str], fates: list[str]
) -> None:
    assert fates == converse(("PIPELINING", "CHUNKING"), replies)


@pytest.mark.parametrize("missing", [1, 2, 5, 30, 70])
def test_a_message_that_the_transport_has_not_wholly_taken_was_not_sent(missing: int) -> None:
    line = Line("PIPELINING", "CHUNKING")
    message = line.send(body=b"x" * 64 + b"\r\n")
    written = line.machine.data_to_send()
    line.machine.data_sent(len(written) - missing)
    line.machine.receive_eof()
    assert "not sent" == fate(message)


def test_the_end_of_the_first_is_no_end_of_the_second() -> None:
    line = Line("PIPELINING", "CHUNKING")
    first, second = line.send(), line.send()
    written = line.machine.data_to_send()
    line.machine.data_sent(len(written) - 1)
    line.machine.receive_eof()
    assert ["uncertain", "not sent"] == [fate(first), fate(second)]


def test_a_421_for_one_of_two_recipients_leaves_the_other_in_doubt() -> None:
    line = Line("PIPELINING", "CHUNKING")
    message = line.send("bob", "eve")
    line.said()
    line.hear("250 mail", "250 bob", "421 bye")
    assert "uncertain" == fate(message)
