"""The SMTP machine and its commands: grouping, matching by position, octets nobody asked for."""

from __future__ import annotations

import pytest

from courriel.errors import Disconnected, Garbled, InsecureConnection, Misused
from courriel.model.limits import Limits
from courriel.model.receipt import Reply
from courriel.protocol.smtp import SmtpMachine
from courriel.wire.smtp.commands import (
    NOOP,
    QUIT,
    RSET,
    STARTTLS,
    Auth,
    AuthResponse,
    Hello,
    Rcpt,
    Simple,
)
from courriel.wire.smtp.quirks import CHUNKING, PIPELINING
from tests.protocol.line import Line

HELP = Simple("HELP")


class TestGreeting:
    def test_the_first_reply_is_the_greeting(self) -> None:
        machine = SmtpMachine(Limits())
        before = machine.awaiting
        machine.receive_data(b"220 mx.example.org ready\r\n")
        assert Reply(220, ("mx.example.org ready",)) == machine.greeted.value
        assert (True, False) == (before, machine.awaiting)
        assert machine.idle

    def test_what_is_submitted_before_the_greeting_waits_for_it(self) -> None:
        machine = SmtpMachine(Limits())
        machine.submit(Hello("EHLO", "me"))
        assert b"" == machine.data_to_send()
        machine.receive_data(b"220 mx\r\n")
        assert b"EHLO me\r\n" == machine.data_to_send()

    def test_the_greeting_of_a_server_that_wants_nobody_is_a_reply_too(self) -> None:
        machine = SmtpMachine(Limits())
        machine.receive_data(b"554 no service here\r\n")
        assert 554 == machine.greeted.value.code
        assert machine.usable


class TestWithoutPipelining:
    def test_a_command_waits_for_the_answer_to_the_one_in_front(self) -> None:
        line = Line()
        first, second = line.machine.submit(RSET), line.machine.submit(HELP)
        assert ["RSET"] == line.said()
        assert [] == line.said()
        line.hear("250 forgotten")
        assert ["HELP"] == line.said()
        line.hear("214 read the RFC")
        assert (250, 214) == (first.value.code, second.value.code)

    def test_two_answers_to_one_command_end_the_connection(self) -> None:
        line = Line()
        first, second = line.machine.submit(NOOP), line.machine.submit(NOOP)
        assert ["NOOP"] == line.said()
        line.hear("250 ok", "250 ok again")
        assert 250 == first.value.code
        assert isinstance(line.machine.error, Garbled)
        assert isinstance(second.error, Garbled)
        assert [] == line.said()

    def test_half_an_answer_too_many_is_not_taken_for_the_next_one(self) -> None:
        line = Line()
        line.machine.submit(NOOP)
        second = line.machine.submit(NOOP)
        line.said()
        line.machine.receive_data(b"250 ok\r\n25")
        assert isinstance(second.error, Garbled)


class TestWithPipelining:
    def test_commands_go_in_one_write(self) -> None:
        line = Line("PIPELINING")
        tickets = [line.machine.submit(RSET) for _ in range(3)]
        assert ["RSET", "RSET", "RSET"] == line.said()
        line.hear("250 one", "250 two", "250 three")
        assert ["one", "two", "three"] == [ticket.value.text for ticket in tickets]

    @pytest.mark.parametrize("last", [NOOP, QUIT, STARTTLS, Simple("VRFY", "bob"), Auth("LOGIN")])
    def test_a_command_that_ends_its_group_holds_the_line(self, last: Simple | Auth) -> None:
        line = Line("PIPELINING")
        line.machine.submit(RSET)
        line.machine.submit(last)
        line.machine.submit(RSET)
        assert ["RSET", last.encode().decode().strip()] == line.said()
        line.hear("250 ok")
        assert [] == line.said()
        line.hear("454 not now")
        assert ["RSET"] == line.said()

    def test_an_abandoned_ticket_swallows_its_own_answer(self) -> None:
        line = Line("PIPELINING")
        gone, patient = line.machine.submit(RSET), line.machine.submit(HELP)
        waiting = iter(gone)
        next(waiting)
        waiting.close()
        assert gone.abandoned
        line.hear("250 forgotten", "214 read the RFC")
        assert 250 == gone.value.code
        assert 214 == patient.value.code

    def test_a_server_that_cannot_do_it_is_spoken_to_one_by_one(self) -> None:
        line = Line("PIPELINING", "CHUNKING")
        line.machine.distrust({PIPELINING.name, CHUNKING.name})
        line.machine.submit(RSET)
        line.machine.submit(RSET)
        assert ["RSET"] == line.said()
        assert "CHUNKING" not in line.machine.capabilities


def test_an_argument_that_cannot_be_sent_leaves_nothing_behind() -> None:
    line = Line("PIPELINING")
    with pytest.raises(Misused):
        line.machine.submit(Simple("VRFY", "bob\r\nRSET"))
    with pytest.raises(Misused):
        line.send("bob", "eve>\r\nDATA")
    assert line.machine.idle
    assert [] == line.said()
    assert line.machine.usable


class TestUnasked:
    def test_a_reply_that_nobody_asked_for_ends_the_connection(self) -> None:
        line = Line()
        line.hear("250 by the way")
        assert isinstance(line.machine.error, Garbled)

    def test_a_421_says_goodbye_at_any_time(self) -> None:
        line = Line()
        line.hear("421 4.4.2 idle for too long")
        assert isinstance(line.machine.error, Disconnected)
        assert "idle for too long" in str(line.machine.error)

    def test_a_421_may_come_octet_by_octet(self) -> None:
        line = Line()
        for octet in b"421 bye\r\n":
            assert line.machine.usable
            line.machine.receive_data(bytes([octet]))
        assert isinstance(line.machine.error, Disconnected)

    def test_a_reply_begun_before_the_command_does_not_answer_it(self) -> None:
        line = Line()
        line.machine.receive_data(b"250 o")
        ticket = line.machine.submit(NOOP)
        line.machine.receive_data(b"k\r\n")
        assert [] == line.said()
        assert isinstance(ticket.error, Garbled)

    def test_what_is_no_reply_ends_the_connection(self) -> None:
        line = Line()
        ticket = line.machine.submit(NOOP)
        line.hear("HTTP/1.1 400 Bad Request")
        assert isinstance(ticket.error, Garbled)

    @pytest.mark.parametrize("reply", ["334 dGVs", "354 go on", "300 what"])
    def test_a_3yz_answers_no_plain_command(self, reply: str) -> None:
        line = Line("PIPELINING")
        first, second = line.machine.submit(RSET), line.machine.submit(NOOP)
        line.hear(reply, "250 ok")
        assert isinstance(first.error, Garbled)
        assert isinstance(second.error, Garbled)

    def test_a_334_answers_auth(self) -> None:
        line = Line()
        first = line.machine.submit(Auth("LOGIN"))
        line.hear("334 VXNlcm5hbWU6")
        second = line.machine.submit(AuthResponse(b"ada"))
        line.hear("334 UGFzc3dvcmQ6")
        assert ["AUTH LOGIN", "YWRh"] == line.said()
        assert (334, 334) == (first.value.code, second.value.code)


class TestTheEnd:
    def test_every_ticket_fails_once_with_an_error_of_its_own(self) -> None:
        line = Line("PIPELINING")
        tickets = [line.machine.submit(RSET) for _ in range(3)]
        woken: list[int] = []
        for place, ticket in enumerate(tickets):
            ticket.wake = lambda place=place: woken.append(place)
        line.machine.receive_eof()
        line.machine.condemn(Garbled("too late"))
        assert [0, 1, 2] == woken
        assert all(isinstance(ticket.error, Disconnected) for ticket in tickets)
        assert 3 == len({id(ticket.error) for ticket in tickets})
        assert [] == line.said()

    def test_nothing_more_is_believed_or_sent(self) -> None:
        line = Line()
        line.machine.receive_eof()
        line.hear("250 ok")
        late = line.machine.submit(NOOP)
        assert isinstance(late.error, Disconnected)
        assert "the server closed the connection" == late.error.message
        assert [] == line.said()
        assert line.machine.drained().error is not None

    def test_a_421_answers_its_command_and_ends_those_behind(self) -> None:
        line = Line("PIPELINING")
        first, second, third = (line.machine.submit(RSET) for _ in range(3))
        line.hear("250 ok", "421 shutting down")
        assert 250 == first.value.code
        assert 421 == second.value.code
        assert isinstance(third.error, Disconnected)

    def test_a_late_caller_is_told_why(self) -> None:
        line = Line()
        line.machine.check_usable()
        line.hear("421 shutting down")
        with pytest.raises(Disconnected, match="shutting down") as caught:
            line.machine.check_usable()
        assert line.machine.error is caught.value.__cause__


class TestTls:
    def test_a_clean_line_may_be_secured(self) -> None:
        line = Line("STARTTLS", "PIPELINING")
        line.machine.submit(STARTTLS)
        line.said()
        line.hear("220 go ahead")
        line.machine.seal()
        line.machine.begin_secured()
        assert line.machine.secured
        assert "STARTTLS" not in line.machine.capabilities
        assert not line.machine.pipelining

    @pytest.mark.parametrize("injected", [b"250 ok\r\n", b"2", b"250-X AUTH XEVIL ", b"\x16\x03"])
    def test_octets_behind_the_220_are_an_attack(self, injected: bytes) -> None:
        line = Line("STARTTLS")
        line.machine.submit(STARTTLS)
        line.machine.receive_data(b"220 go ahead\r\n" + injected)
        with pytest.raises(InsecureConnection):
            line.machine.seal()
        assert isinstance(line.machine.error, InsecureConnection)

    def test_so_are_those_that_come_a_moment_later(self) -> None:
        line = Line("STARTTLS")
        line.machine.submit(STARTTLS)
        line.hear("220 go ahead")
        line.hear("250-mx", "250 AUTH PLAIN")
        assert isinstance(line.machine.error, InsecureConnection)

    def test_a_refused_starttls_leaves_the_line_as_it_was(self) -> None:
        line = Line("STARTTLS")
        line.machine.submit(STARTTLS)
        line.hear("454 not today")
        line.hear("250 stray")
        assert isinstance(line.machine.error, Garbled)


class TestOctets:
    def test_drained_waits_for_the_transport(self) -> None:
        line = Line()
        assert line.machine.drained().done
        line.machine.submit(NOOP)
        drained = line.machine.drained()
        woken: list[int] = []
        drained.wake = lambda: woken.append(line.machine.octets_sent)
        assert line.machine.has_data_to_send
        assert b"NOOP\r\n" == line.machine.data_to_send()
        line.machine.data_sent(3)
        line.machine.data_sent(3)
        assert [line.machine.octets_queued] == woken
        assert drained.error is None

    def test_drained_fails_with_the_connection(self) -> None:
        line = Line()
        line.machine.submit(NOOP)
        drained = line.machine.drained()
        line.machine.receive_eof()
        assert isinstance(drained.error, Disconnected)

    def test_each_complete_answer_counts(self) -> None:
        line = Line()
        before = line.machine.answers
        line.machine.submit(NOOP)
        line.machine.receive_data(b"250-half\r\n")
        assert before == line.machine.answers
        line.machine.receive_data(b"250 whole\r\n")
        assert before + 1 == line.machine.answers

    def test_a_server_that_takes_nothing_owes_us_something(self) -> None:
        line = Line()
        transaction = line.send(body=None)
        for reply in ("250 ok", "250 ok", "354 go on"):
            line.said()
            line.hear(reply)
        awaiting = [line.machine.awaiting]
        line.machine.feed(transaction, b"x" * 1000, last=False)
        awaiting.append(line.machine.awaiting)
        line.said()
        awaiting.append(line.machine.awaiting)
        assert [False, True, False] == awaiting


def test_a_path_is_checked_before_anything_is_written() -> None:
    with pytest.raises(Misused):
        Rcpt("a b@example.org").encode()
