"""The examples of the RFCs, as conversations: what we say is what they say, and all is understood.

The traces are in the two files beside this one.
"""

from __future__ import annotations

import pytest

from courriel.protocol.imap.tickets import ImapTicket
from courriel.wire.imap.answers import Unknown
from tests.protocol.imap.line import Line
from tests.protocol.imap.traces import EARLY, Step
from tests.protocol.imap.traces_later import LATER

TRACES = {**EARLY, **LATER}


def played(words: str, steps: list[Step], octets: int | None) -> list[ImapTicket]:
    """Hold the conversation; the server's words come in pieces of ``octets``."""
    line = Line(*words.upper().split())
    tickets = []
    for command, said, answered in steps:
        ticket = line.machine.submit(command)
        tag = ticket.tag.decode()
        assert [text.replace("TAG", tag) for text in said] == line.said()
        data = "".join(f"{text}\r\n" for text in answered).replace("TAG", tag).encode("latin-1")
        for start in range(0, len(data), octets or len(data)):
            line.machine.receive_data(data[start : start + (octets or len(data))])
            line.said()
        assert line.machine.error is None
        assert ticket.done
        tickets.append(ticket)
    return tickets


@pytest.mark.parametrize("octets", [None, 1, 7])
@pytest.mark.parametrize("trace", list(TRACES))
def test_the_examples_of_the_rfcs_are_understood(trace: str, octets: int | None) -> None:
    words, steps = TRACES[trace]
    for ticket in played(words, steps, octets):
        assert not any(isinstance(answer, Unknown) for answer in ticket.answers)


@pytest.mark.parametrize("trace", list(TRACES))
def test_in_any_pieces_they_say_the_same(trace: str) -> None:
    words, steps = TRACES[trace]

    def outcomes(octets: int | None) -> list[str]:
        return [repr((t.tagged, t.answers)) for t in played(words, steps, octets)]

    assert outcomes(None) == outcomes(1) == outcomes(5)
