"""The POP3 machine, octet by octet: what goes out when, and whose each answer is."""

from __future__ import annotations

import pytest

from courriel.errors import Disconnected, Garbled, InsecureConnection, Misused
from courriel.model.limits import Limits
from courriel.protocol.pop3 import Pop3Machine
from courriel.protocol.ticket import Ticket
from courriel.wire.pop3.capabilities import Capabilities
from courriel.wire.pop3.commands import CAPA, NOOP, QUIT, STLS, Delete, Retrieve, Simple
from courriel.wire.pop3.replies import Answer

BODY = b"+OK\r\nSubject: x\r\n\r\n.\r\n"


def machine(*capabilities: bytes, limits: Limits | None = None) -> Pop3Machine:
    """Return a machine that was greeted."""
    made = Pop3Machine(limits or Limits())
    made.receive_data(b"+OK ready\r\n")
    assert "ready" == made.greeted.value.text
    made.learn(Capabilities.of(b"\r\n".join(capabilities)))
    return made


def said(made: Pop3Machine) -> bytes:
    """Return what goes out now; the transport takes all of it."""
    data = made.data_to_send()
    made.data_sent(len(data))
    return data


def test_without_pipelining_one_by_one() -> None:
    made = machine()
    first, second = made.submit(Delete(1)), made.submit(Delete(2))
    assert b"DELE 1\r\n" == said(made)
    made.receive_data(b"+OK one\r\n")
    assert [True, False] == [ticket.done for ticket in (first, second)]
    assert b"DELE 2\r\n" == said(made)
    made.receive_data(b"-ERR two\r\n")
    assert Answer("-ERR", "two") == second.value
    assert made.idle
    assert not made.awaiting


def test_with_pipelining_together() -> None:
    made = machine(b"PIPELINING")
    tickets = [made.submit(Delete(number)) for number in (1, 2, 3)]
    assert b"DELE 1\r\nDELE 2\r\nDELE 3\r\n" == said(made)
    made.receive_data(b"+OK 1\r\n+OK 2\r\n-ERR")
    assert [True, True, False] == [ticket.done for ticket in tickets]
    made.receive_data(b" 3\r\n")
    assert ["1", "2", "3"] == [ticket.value.text for ticket in tickets]


def test_a_command_that_ends_its_group_holds_the_line() -> None:
    made = machine(b"PIPELINING")
    user, follower = made.submit(Simple("USER", "ada")), made.submit(NOOP)
    assert b"USER ada\r\n" == said(made)
    made.receive_data(b"+OK\r\n")
    assert user.done
    assert b"NOOP\r\n" == said(made)
    made.receive_data(b"+OK\r\n")
    assert follower.done


def test_commands_in_flight_fit_into_small_buffers() -> None:
    made = machine(b"PIPELINING")
    for number in range(10_000, 11_000):
        made.submit(Delete(number))
    assert 4096 - 12 <= len(said(made)) <= 4096
    made.receive_data(b"+OK\r\n" * 100)
    assert 100 * 12 == len(said(made))


def test_answers_in_flight_fit_into_the_window() -> None:
    made = machine(b"PIPELINING", limits=Limits(window_octets=1000))
    for number in (1, 2, 3):
        made.submit(Retrieve(number), 500)
    assert b"RETR 1\r\nRETR 2\r\n" == said(made)
    made.receive_data(BODY)
    assert b"RETR 3\r\n" == said(made)


def test_one_answer_larger_than_the_window_goes_alone() -> None:
    made = machine(b"PIPELINING", limits=Limits(window_octets=1000))
    made.submit(Retrieve(1), 10**12)
    made.submit(NOOP)
    assert b"RETR 1\r\n" == said(made)
    made.receive_data(BODY)
    assert b"NOOP\r\n" == said(made)


def test_what_was_given_up_swallows_its_answer() -> None:
    made = machine(b"PIPELINING")
    given_up, kept = made.submit(Retrieve(1)), made.submit(Retrieve(2))
    said(made)
    made.withdraw([given_up])
    made.receive_data(BODY + BODY.replace(b"x", b"y"))
    assert b"Subject: y\r\n\r\n" == kept.value.content
    assert b"" == given_up.value.content


def test_what_was_given_up_before_it_was_said_never_is() -> None:
    made = machine()
    tickets: list[Ticket[Answer]] = [made.submit(Delete(number)) for number in range(1, 4)]
    assert b"DELE 1\r\n" == said(made)
    made.withdraw(tickets[:2])
    made.receive_data(b"+OK\r\n")
    assert b"DELE 3\r\n" == said(made)


def test_an_argument_that_cannot_be_sent_leaves_everything_in_step() -> None:
    made = machine(b"PIPELINING")
    with pytest.raises(Misused):
        made.submit(Simple("USER", "a\r\nDELE 1"))
    assert b"" == said(made)
    assert made.idle


def test_octets_that_nobody_asked_for_end_the_connection() -> None:
    made = machine()
    made.receive_data(b"+OK once more\r\n")
    assert isinstance(made.error, Garbled)
    assert isinstance(made.submit(NOOP).error, Garbled)


def test_half_a_line_that_nobody_asked_for_answers_nothing() -> None:
    made = machine()
    made.receive_data(b"+O")
    assert made.usable
    assert isinstance(made.submit(NOOP).error, Garbled)
    assert b"" == said(made)


def test_a_refusal_that_nobody_asked_for_is_the_end_of_the_session() -> None:
    made = machine()
    made.receive_data(b"-ERR idle for too long\r\n")
    assert isinstance(made.error, Disconnected)
    assert "idle for too long" in str(made.error)


def test_the_end_fails_everything_in_flight() -> None:
    made = machine()
    tickets = [made.submit(NOOP), made.submit(QUIT)]
    made.receive_eof()
    assert all(isinstance(ticket.error, Disconnected) for ticket in tickets)
    assert isinstance(made.submit(NOOP).error, Disconnected)
    assert made.idle


def test_a_challenge_is_no_answer_to_most_commands() -> None:
    made = machine()
    ticket = made.submit(NOOP)
    made.receive_data(b"+ eA==\r\n")
    assert isinstance(ticket.error, Garbled)
    assert not made.usable


def test_t14_begin_secured_forgets_what_was_heard() -> None:
    made = machine(b"PIPELINING", b"STLS")
    assert {"PIPELINING", "STLS"} == made.words
    made.submit(STLS)
    made.receive_data(b"+OK begin\r\n")
    made.seal()
    made.begin_secured()
    assert made.secured
    assert frozenset() == made.words
    assert not made.pipelining


@pytest.mark.parametrize("more", [b"+OK injected\r\n", b"\x16", b"\r\n"])
def test_t21_octets_behind_the_answer_to_stls(more: bytes) -> None:
    made = machine(b"STLS")
    made.submit(STLS)
    made.receive_data(b"+OK begin\r\n" + more)
    with pytest.raises(InsecureConnection):
        made.seal()
    assert isinstance(made.error, InsecureConnection)


def test_octets_of_a_body_are_counted_as_progress() -> None:
    made = machine()
    made.submit(Retrieve(1))
    made.receive_data(b"+OK\r\n" + b"x" * 100)
    made.receive_data(b"y" * 50)
    assert 155 == made.octets_of_bodies
    assert 1 == made.answers


def test_farewell_is_said_only_where_the_line_is_free() -> None:
    made = machine()
    made.part()
    assert b"QUIT\r\n" == said(made)
    made.part()
    assert b"" == said(made)


def test_capabilities_are_lines() -> None:
    made = machine()
    ticket = made.submit(CAPA)
    made.receive_data(b"+OK\r\nTOP\r\nUIDL\r\n.\r\n")
    assert {"TOP", "UIDL"} == Capabilities.of(ticket.value.content).words
