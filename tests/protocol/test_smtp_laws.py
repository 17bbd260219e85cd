"""What holds for the SMTP machine whatever the server says, and however it is cut into pieces."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from courriel.errors import Broken, CourrielError, Disconnected, Garbled, Uncertain
from courriel.model.receipt import Reply
from courriel.protocol.ticket import Ticket
from courriel.wire.smtp.commands import NOOP, RSET, Auth
from tests.protocol.line import Line

OFFERS = st.sampled_from([(), ("PIPELINING",), ("CHUNKING",), ("PIPELINING", "CHUNKING")])
LIKELY = st.sampled_from(
    [b"250 ok\r\n", b"250-a\r\n", b"354 go\r\n", b"334 YQ==\r\n", b"550 no\r\n", b"421 bye\r\n"]
)
NOISE = st.lists(LIKELY | st.binary(max_size=6), max_size=25).map(b"".join)
# Every reply has a text of its own, so that it is known again.
WELL_FORMED = st.lists(st.sampled_from([250, 250, 250, 354, 450, 550]), max_size=20)


def tickets(line: Line) -> Sequence[Ticket[Any]]:
    """Put all kinds of commands and messages in flight."""
    machine = line.machine
    return [
        machine.submit(RSET),
        line.send("bob", "eve"),
        machine.submit(Auth("PLAIN")),
        line.send("bob", lmtp=True),
        line.send("bob", body=None),
        machine.submit(NOOP),
    ]


def story(line: Line, flying: Sequence[Ticket[Any]]) -> list[object]:
    """Return all that one can know of a machine from outside."""
    fates = [type(t.error) if t.error else t.value if t.done else None for t in flying]
    return [fates, type(line.machine.error), line.machine.answers, line.machine.idle]


@given(offers=OFFERS, noise=NOISE)
def test_whatever_arrives_nothing_is_raised_and_every_ticket_ends(
    offers: tuple[str, ...], noise: bytes
) -> None:
    line = Line(*offers)
    flying = tickets(line)
    line.machine.receive_data(noise)
    line.said()
    line.machine.receive_eof()
    assert isinstance(line.machine.error, Broken)
    for ticket in flying:
        assert ticket.done
        assert ticket.error is None or isinstance(ticket.error, CourrielError)


@given(noise=NOISE, data=st.data())
def test_it_does_not_matter_how_octets_are_cut(noise: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(noise)), max_size=10)))
    stories = []
    for places in ([0, len(noise)], [0, *cuts, len(noise)]):
        line = Line("PIPELINING", "CHUNKING")
        # All of it can be written at once, so that no piece comes before its command.
        flying: list[Ticket[Any]] = [line.machine.submit(RSET), line.send("bob", "eve")]
        flying += [line.send(lmtp=True), line.machine.submit(NOOP)]
        line.said()
        for start, end in pairwise(places):
            line.machine.receive_data(noise[start:end])
        stories.append(story(line, flying))
    assert stories[0] == stories[1]


@given(answers=WELL_FORMED)
def test_an_answer_is_given_to_its_own_command(answers: list[int]) -> None:
    line = Line("PIPELINING")
    flying = [line.machine.submit(RSET) for _ in range(10)]
    for place, code in enumerate(answers):
        line.hear(f"{code} number {place}")
    for place, ticket in enumerate(flying):
        if ticket.done and ticket.error is None:
            assert Reply(answers[place], (f"number {place}",)) == ticket.value


@given(answers=WELL_FORMED, recipients=st.integers(1, 3))
def test_so_is_every_answer_of_a_message(answers: list[int], recipients: int) -> None:
    line = Line("PIPELINING", "CHUNKING")
    names = ["bob", "eve", "dan"][:recipients]
    messages = [line.send(*names) for _ in range(4)]
    for place, code in enumerate(answers):
        line.said()
        line.hear(f"{code} number {place}")
    # MAIL, its RCPTs and BDAT, then a RSET in front of the next.
    size = recipients + 3
    for place, message in enumerate(messages):
        if message.done and message.error is None:
            told = message.value
            replies = [told.mail, *told.recipients, *told.final]
            first = place * size
            for number, reply in enumerate(replies, first):
                assert reply is None or f"number {number}" == reply.text


@given(offers=OFFERS, codes=WELL_FORMED, taken=st.integers(0, 40))
def test_whoever_is_told_uncertain_was_handed_over_and_no_other(
    offers: tuple[str, ...], codes: list[int], taken: int
) -> None:
    line = Line(*offers)
    messages = [line.send("bob", "eve") for _ in range(3)]
    for code in codes:
        line.said()
        line.hear(f"{code} x")
    line.machine.data_sent(min(taken, len(line.machine.data_to_send())))
    line.machine.receive_eof()
    for message in messages:
        over = message.end is not None and message.end <= line.machine.octets_sent
        if isinstance(message.error, Disconnected):
            assert not over
        elif isinstance(message.error, Uncertain):
            assert over
        else:
            assert message.error is None or isinstance(message.error, Garbled)
