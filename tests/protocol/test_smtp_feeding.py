"""Bodies that are fed in chunks, and messages that are given up at every stage."""

from __future__ import annotations

import pytest

from courriel.errors import Disconnected, Garbled, Uncertain
from courriel.protocol.transaction import Transaction
from courriel.wire.smtp.commands import NOOP
from tests.protocol.line import Line, codes

ENVELOPE = ["MAIL FROM:<ada@example.org>", "RCPT TO:<bob@example.org>"]
GROUP = [*ENVELOPE, "DATA"]


def hungry(line: Line, message: Transaction) -> bool | None:
    """Return whether more of the body is welcome; None while that is open."""
    ticket = line.machine.hungry(message)
    return ticket.value is message if ticket.done else None


class TestData:
    def test_the_body_follows_the_354_and_the_next_group_the_dot(self) -> None:
        line = Line("PIPELINING")
        message, _ = line.send(body=None), line.send()
        assert None is hungry(line, message)
        assert GROUP == line.said()
        line.hear("250 ok", "250 ok")
        assert None is hungry(line, message)
        line.hear("354 go on")
        assert [] == line.said()
        assert hungry(line, message)
        line.machine.feed(message, b"Hi.\r\n", last=False)
        assert None is hungry(line, message)
        assert ["Hi."] == line.said()
        assert hungry(line, message)
        line.machine.feed(message, b"Bye.\r\n", last=True)
        assert ["Bye.", ".", *GROUP] == line.said()
        line.hear("250 taken")
        assert (250, [250], None, [250]) == codes(message)

    def test_a_waiting_feeder_is_woken_by_the_transport(self) -> None:
        line = Line()
        message = line.send(body=None)
        for answer in ("250 ok", "250 ok", "354 go on"):
            line.said()
            line.hear(answer)
        line.machine.feed(message, b"Hi.\r\n", last=False)
        ticket = line.machine.hungry(message)
        line.machine.data_to_send()
        line.machine.data_sent(4)
        assert not ticket.done
        line.machine.data_sent(1)
        assert ticket.value

    @pytest.mark.parametrize(
        "replies",
        [
            ["550 not you", "503 mail first", "503 mail first"],
            ["250 ok", "550 nobody", "554 nobody"],
            ["250 ok", "250 ok", "451 no room"],
        ],
    )
    def test_a_refused_message_is_not_fed(self, replies: list[str]) -> None:
        line = Line("PIPELINING")
        message, _ = line.send(body=None), line.send()
        line.said()
        ticket = line.machine.hungry(message)
        line.hear(*replies)
        assert ticket.value is None
        assert message.done
        assert GROUP == line.said()[-3:]
        line.machine.feed(message, b"Hi.\r\n", last=True)
        assert [] == line.said()

    def test_a_354_after_nobody_was_accepted_gets_the_lone_dot(self) -> None:
        line = Line("PIPELINING")
        message, _ = line.send(body=None), line.send()
        line.said()
        line.hear("250 ok", "550 nobody", "354 go on")
        assert hungry(line, message) is False
        assert [".", "RSET", *GROUP] == line.said()
        line.hear("554 nobody")
        assert (250, [550], None, [554]) == codes(message)

    def test_two_feeders_take_turns(self) -> None:
        line = Line("PIPELINING")
        first, second = line.send(body=None), line.send(body=None)
        one, other = line.machine.hungry(first), line.machine.hungry(second)
        line.said()
        line.hear("250 ok", "250 ok", "354 go on")
        assert (one.done, other.done) == (True, False)
        line.machine.feed(first, b"Hi.\r\n", last=True)
        line.said()
        assert not other.done
        line.hear("250 taken", "250 ok", "250 ok", "354 go on")
        assert other.value

    def test_two_feeders_are_both_told_of_the_end(self) -> None:
        line = Line("PIPELINING")
        messages = line.send(body=None), line.send(body=None)
        tickets = [line.machine.hungry(message) for message in messages]
        line.said()
        line.machine.receive_eof()
        assert [None, None] == [ticket.value for ticket in tickets]
        assert all(isinstance(message.error, Disconnected) for message in messages)

    def test_what_is_half_fed_was_not_sent(self) -> None:
        line = Line("PIPELINING")
        message = line.send(body=None)
        line.said()
        line.hear("250 ok", "250 ok", "354 go on")
        line.machine.feed(message, b"Hi.\r\n", last=False)
        line.said()
        ticket = line.machine.hungry(message)
        assert ticket.done
        line.machine.feed(message, b"more\r\n", last=False)
        ticket = line.machine.hungry(message)
        line.machine.receive_eof()
        assert isinstance(message.error, Disconnected)
        assert ticket.value is None
        assert hungry(line, message) is False

    def test_what_is_wholly_fed_is_uncertain(self) -> None:
        line = Line("PIPELINING")
        message = line.send(body=None)
        line.said()
        line.hear("250 ok", "250 ok", "354 go on")
        line.machine.feed(message, b"Hi.\r\n", last=True)
        line.said()
        line.machine.receive_eof()
        assert isinstance(message.error, Uncertain)


class TestRefusedMidway:
    """A server that answers before the message has ended: it has heard enough of it."""

    def midway(self, *offers: str, names: tuple[str, ...] = ("bob",)) -> tuple[Line, Transaction]:
        """Return a line in the middle of a message's body."""
        line = Line(*offers)
        message = line.send(*names, body=None, lmtp=len(names) > 1)
        if offers:
            line.said()
            line.hear("250 ok", *["250 ok"] * len(names), "354 go on")
        else:
            for reply in ("250 ok", "250 ok", "354 go on"):
                line.said()
                line.hear(reply)
        line.machine.feed(message, b"Hi.\r\n", last=False)
        line.said()
        return line, message

    @pytest.mark.parametrize("offers", [(), ("PIPELINING",)])
    @pytest.mark.parametrize("code", [451, 452, 500, 503, 552, 554])
    def test_that_is_its_answer_and_the_end(self, code: int, offers: tuple[str, ...]) -> None:
        line, message = self.midway(*offers)
        behind, command = line.send(), line.machine.submit(NOOP)
        line.machine.feed(message, b"more\r\n", last=False)
        ticket = line.machine.hungry(message)
        line.hear(f"{code} heard enough")
        assert (250, [250], None, [code]) == codes(message)
        assert (True, None) == (ticket.done, ticket.value)
        assert hungry(line, message) is False
        assert isinstance(line.machine.error, Disconnected)
        for late in (behind, command):
            assert f"{code} heard enough" in str(late.error)
        assert "the message was not sent" in str(behind.error)
        line.machine.feed(message, b"more\r\n", last=True)
        line.machine.withdraw(message)
        assert [] == line.said()
        assert line.machine.idle

    def test_it_may_come_in_pieces(self) -> None:
        line, message = self.midway("PIPELINING")
        line.send()
        line.hear("552-5.3.4 much")
        line.machine.receive_data(b"552 5.3.4 too")
        line.send()
        assert not message.done
        line.hear(" much")
        assert (250, [250], None, [552]) == codes(message)

    def test_it_may_come_with_the_354(self) -> None:
        line = Line("PIPELINING")
        message = line.send(body=None)
        line.said()
        line.hear("250 ok", "250 ok", "354 go on", "451 4.7.1 or rather not")
        assert (250, [250], None, [451]) == codes(message)
        assert hungry(line, message) is False
        assert [] == line.said()

    def test_under_lmtp_it_holds_for_everybody(self) -> None:
        line, message = self.midway("PIPELINING", names=("bob", "eve"))
        ticket = line.machine.hungry(message)
        line.hear("452 4.3.1 full")
        assert (250, [250, 250], None, [452, 452]) == codes(message)
        assert (True, False) == (ticket.done, hungry(line, message))

    @pytest.mark.parametrize("code", [200, 250, 354])
    def test_anything_else_is_out_of_step(self, code: int) -> None:
        line, message = self.midway("PIPELINING")
        line.hear(f"{code} taken")
        assert isinstance(line.machine.error, Garbled)
        assert isinstance(message.error, Garbled)
        assert hungry(line, message) is False

    def test_a_421_is_the_end_of_the_session(self) -> None:
        line, message = self.midway("PIPELINING")
        line.hear("421 4.3.2 going down")
        assert isinstance(message.error, Disconnected)
        assert "not sent" in str(message.error)
        assert "421 4.3.2 going down" in str(message.error)

    def test_a_chunk_that_was_not_sent_gets_no_answer(self) -> None:
        line = Line("PIPELINING", "CHUNKING")
        message = line.send(body=None)
        line.said()
        line.hear("250 ok", "250 ok", "552 too much")
        assert isinstance(message.error, Garbled)


class TestChunks:
    def test_chunks_follow_as_soon_as_somebody_is_accepted(self) -> None:
        line = Line("PIPELINING", "CHUNKING")
        message = line.send("bob", "eve", body=None)
        line.said()
        line.hear("250 ok")
        assert None is hungry(line, message)
        line.hear("250 ok")
        assert hungry(line, message)
        line.machine.feed(message, b"Hi.\r\n", last=False)
        assert ["BDAT 5", "Hi."] == line.said()
        assert hungry(line, message)
        line.machine.feed(message, b"", last=True)
        assert ["BDAT 0 LAST"] == line.said()
        line.hear("550 no eve", "250 5 octets", "250 taken")
        assert (250, [250, 550], None, [250]) == codes(message)

    def test_without_pipelining_each_chunk_waits(self) -> None:
        line = Line("CHUNKING")
        message = line.send(body=None)
        for _ in range(2):
            line.said()
            assert None is hungry(line, message)
            line.hear("250 ok")
        assert hungry(line, message)
        line.machine.feed(message, b"Hi.\r\n", last=False)
        line.said()
        ticket = line.machine.hungry(message)
        assert not ticket.done
        line.hear("250 5 octets")
        assert ticket.value

    def test_a_refused_chunk_ends_the_message(self) -> None:
        line = Line("PIPELINING", "CHUNKING")
        message, _ = line.send(body=None), line.send()
        line.said()
        line.hear("250 ok", "250 ok")
        line.machine.feed(message, b"Hi.\r\n", last=False)
        line.said()
        line.hear("552 too much")
        assert hungry(line, message) is False
        assert (250, [250], 552, []) == codes(message)
        assert ["RSET", *ENVELOPE, "BDAT 5 LAST", "Hi."] == line.said()

    def test_under_lmtp_only_the_last_chunk_is_answered_for_each(self) -> None:
        line = Line("PIPELINING", "CHUNKING")
        message = line.send("bob", "eve", body=None, lmtp=True)
        line.said()
        line.hear("250 ok", "250 ok", "250 ok")
        line.machine.feed(message, b"Hi.\r\n", last=False)
        line.machine.feed(message, b"Bye.\r\n", last=True)
        line.said()
        line.hear("250 5 octets", "250 bob")
        assert not message.done
        line.hear("452 eve")
        assert (250, [250, 250], None, [250, 452]) == codes(message)


class TestOthers:
    """Who waits behind a body brings it, where nobody else does."""

    def streaming(self, *offers: str) -> tuple[Line, Transaction]:
        """Return a line on which a body is welcome, and nobody is there to bring it."""
        line = Line("PIPELINING", *offers)
        message = line.send(body=None)
        line.said()
        line.hear("250 ok", "250 ok", *(() if offers else ("354 go on",)))
        return line, message

    def test_who_waits_behind_is_called(self) -> None:
        line, message = self.streaming()
        behind = line.machine.submit(NOOP)
        assert message is line.machine.hungry(behind).value
        line.machine.feed(message, b"Hi.\r\n", last=True)
        call = line.machine.hungry(behind)
        assert ["Hi.", ".", "NOOP"] == line.said()
        assert not line.machine.feeds
        line.hear("250 taken")
        assert not call.done
        line.hear("250 here")
        assert call.value is None
        assert "here" == behind.value.text

    def test_whose_message_it_is_comes_first(self) -> None:
        line = Line("PIPELINING", "CHUNKING")
        message, behind = line.send(body=None), line.machine.submit(NOOP)
        other, own = line.machine.hungry(behind), line.machine.hungry(message)
        line.said()
        line.hear("250 ok", "250 ok")
        assert (own.value, other.done) == (message, False)

    def test_who_has_begun_goes_on(self) -> None:
        line, message = self.streaming("CHUNKING")
        behind = line.machine.submit(NOOP)
        assert line.machine.hungry(behind).done
        own = line.machine.hungry(message)
        line.machine.feed(message, b"Hi.\r\n", last=False)
        call = line.machine.hungry(behind)
        line.said()
        assert (call.value, own.done) == (message, False)

    def test_one_is_called_at_a_time(self) -> None:
        line, message = self.streaming()
        one, other = line.machine.submit(NOOP), line.machine.submit(NOOP)
        calls = [line.machine.hungry(waiting) for waiting in (one, other, message)]
        assert [True, False, False] == [call.done for call in calls]

    def test_a_body_that_is_refused_calls_nobody(self) -> None:
        line, message = self.streaming("CHUNKING")
        behind, following = line.machine.submit(NOOP), line.send(body=None)
        assert line.machine.hungry(behind).value is message
        line.machine.feed(message, b"Hi.\r\n", last=False)
        line.said()
        # He is still bringing the next piece when it is refused.
        assert line.machine.hungry(behind).value is message
        call = line.machine.hungry(following)
        line.hear("552 too much")
        assert ["NOOP"] == line.said()
        line.hear("250 here")
        assert ["RSET", *ENVELOPE] == line.said()
        line.hear("250 ok", "250 ok", "250 ok")
        assert call.value is following
        assert line.machine.hungry(behind).value is None

    def test_who_deserts_another_s_message_gives_it_up(self) -> None:
        line, message = self.streaming("CHUNKING")
        behind = line.machine.submit(NOOP)
        assert line.machine.hungry(behind).done
        own = line.machine.hungry(message)
        line.machine.desert(behind)
        assert message.deserted
        assert ["NOOP"] == line.said()
        assert own.value is None
        assert message.done

    def test_who_deserts_it_in_the_middle_of_data_ends_the_connection_for_all(self) -> None:
        line, message = self.streaming()
        behind = line.machine.submit(NOOP)
        assert line.machine.hungry(behind).done
        own = line.machine.hungry(message)
        line.machine.desert(behind)
        assert own.done
        assert isinstance(message.error, Disconnected)
        assert isinstance(behind.error, Disconnected)

    def test_who_was_not_called_may_go(self) -> None:
        line = Line("PIPELINING", "CHUNKING")
        message, behind = line.send(body=None), line.machine.submit(NOOP)
        call = line.machine.hungry(behind)
        line.machine.desert(behind)
        line.said()
        line.hear("250 ok", "250 ok")
        assert not call.done
        assert line.machine.hungry(message).value is message
        assert not message.deserted

    def test_what_is_welcome_and_not_begun_is_not_recalled(self) -> None:
        line, message = self.streaming()
        line.machine.recall(message)
        assert line.machine.usable
        assert hungry(line, message)
        line.machine.recall(message)
        assert isinstance(line.machine.error, Disconnected)

    def test_the_end_is_told_to_all_who_wait(self) -> None:
        line = Line("PIPELINING")
        waiting = (line.send(body=None), line.send(), line.machine.submit(NOOP))
        calls = [line.machine.hungry(one) for one in waiting]
        line.said()
        line.machine.receive_eof()
        assert [None] * 3 == [call.value for call in calls]
        assert all(one.error for one in waiting)


class TestWithdrawal:
    def test_what_is_not_written_never_will_be(self) -> None:
        line = Line("PIPELINING")
        first, second = line.send(), line.send()
        line.machine.withdraw(second)
        assert GROUP == line.said()
        line.hear("250 ok", "250 ok", "354 go on")
        assert ["Hi.", "."] == line.said()
        line.hear("250 taken")
        assert (250, [250], None, [250]) == codes(first)
        assert second.done
        assert line.machine.idle

    def test_a_message_that_is_handed_over_swallows_its_answer(self) -> None:
        line = Line("PIPELINING", "CHUNKING")
        message, following = line.send(), line.send()
        line.said()
        line.machine.withdraw(message)
        line.hear("250 ok", "250 ok", "250 first", "250 rset", "250 ok", "250 ok", "250 second")
        assert "first" == message.value.final[0].text
        assert "second" == following.value.final[0].text

    def test_half_an_envelope_is_reset(self) -> None:
        line = Line()
        message, _ = line.send(), line.send(sender="eve")
        line.said()
        line.machine.withdraw(message)
        assert [] == line.said()
        line.hear("250 ok")
        assert ["RSET"] == line.said()
        line.hear("250 forgotten")
        assert ["MAIL FROM:<eve@example.org>"] == line.said()

    @pytest.mark.parametrize("body", [b"Hi.\r\n", None])
    def test_before_the_354_it_waits_for_that_and_drops_the_connection(
        self, body: bytes | None
    ) -> None:
        line = Line("PIPELINING")
        message = line.send(body=body)
        line.said()
        line.machine.withdraw(message)
        line.hear("250 ok", "250 ok")
        assert line.machine.usable
        line.hear("354 go on")
        assert isinstance(line.machine.error, Disconnected)
        assert [] == line.said()

    @pytest.mark.parametrize("body", [b"Hi.\r\n", None])
    def test_before_a_refusal_the_connection_lives_on(self, body: bytes | None) -> None:
        line = Line("PIPELINING")
        message = line.send(body=body)
        line.said()
        line.machine.withdraw(message)
        ticket = line.machine.submit(NOOP)
        line.hear("250 ok", "250 ok", "451 not now")
        assert ["NOOP"] == line.said()
        line.hear("250 here")
        assert "here" == ticket.value.text

    @pytest.mark.parametrize("body", [b"Hi.\r\n", None])
    def test_to_nobody_the_lone_dot_ends_it(self, body: bytes | None) -> None:
        line = Line("PIPELINING")
        message = line.send(body=body)
        line.said()
        line.machine.withdraw(message)
        line.hear("250 ok", "550 nobody", "354 go on")
        assert ["."] == line.said()
        line.hear("554 nobody")
        assert message.done
        assert line.machine.idle

    def test_in_the_middle_of_data_only_the_end_helps(self) -> None:
        line = Line("PIPELINING")
        message, behind = line.send(body=None), line.send()
        line.said()
        line.hear("250 ok", "250 ok", "354 go on")
        line.machine.feed(message, b"Hi.\r\n", last=False)
        line.machine.withdraw(message)
        assert isinstance(line.machine.error, Disconnected)
        assert isinstance(behind.error, Disconnected)
        assert [] == line.said()

    def test_between_chunks_a_rset_ends_it(self) -> None:
        line = Line("PIPELINING", "CHUNKING")
        message, behind = line.send(body=None), line.send()
        line.said()
        line.hear("250 ok", "250 ok")
        line.machine.feed(message, b"Hi.\r\n", last=False)
        line.machine.withdraw(message)
        assert ["BDAT 5", "Hi.", "RSET", *ENVELOPE, "BDAT 5 LAST", "Hi."] == line.said()
        line.hear("250 5 octets", "250 rset", "250 ok", "250 ok", "250 taken")
        assert (250, [250], None, [250]) == codes(behind)
        assert message.refused_for_certain
        assert line.machine.idle

    def test_a_feeder_that_goes_away_leaves_no_hunger_behind(self) -> None:
        line = Line("PIPELINING", "CHUNKING")
        message = line.send(body=None)
        ticket = line.machine.hungry(message)
        line.machine.desert(message)
        line.machine.withdraw(message)
        line.said()
        line.hear("250 ok", "250 ok")
        assert not ticket.done
        assert line.machine.idle
        assert not line.machine.feeds

    def test_what_is_done_stays_done(self) -> None:
        line = Line("PIPELINING", "CHUNKING")
        message = line.send()
        line.said()
        line.hear("250 ok", "250 ok", "250 taken")
        line.machine.withdraw(message)
        assert not message.over
        assert line.machine.usable
