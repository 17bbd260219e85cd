"""Messages through the machine: what is written when, and who is told what (RFC 2920, RFC 3030)."""

from __future__ import annotations

import pytest

from courriel.errors import Disconnected, Garbled, TimedOut, Uncertain
from courriel.model.limits import Limits
from courriel.wire.smtp.commands import NOOP
from courriel.wire.smtp.quirks import CHUNKING, NESTED
from tests.protocol.line import Line, codes

ENVELOPE = ["MAIL FROM:<ada@example.org>", "RCPT TO:<bob@example.org>"]
GROUP = [*ENVELOPE, "DATA"]
CHUNKED = [*ENVELOPE, "BDAT 5 LAST", "Hi."]


class TestOneByOne:
    def test_each_line_waits_for_its_answer(self) -> None:
        line = Line()
        message = line.send("bob", "eve")
        for said, answer in [
            ("MAIL FROM:<ada@example.org>", "250 ok"),
            ("RCPT TO:<bob@example.org>", "250 ok"),
            ("RCPT TO:<eve@example.org>", "550 no"),
            ("DATA", "354 go on"),
        ]:
            assert [said] == line.said()
            line.hear(answer)
        assert ["Hi.", "."] == line.said()
        assert not message.done
        line.hear("250 taken")
        assert (250, [250, 550], None, [250]) == codes(message)
        assert line.machine.idle

    def test_a_refused_mail_needs_nothing_more(self) -> None:
        line = Line()
        message = line.send()
        following = line.send(sender="eve")
        assert ENVELOPE[:1] == line.said()
        line.hear("550 not you")
        assert (550, [None], None, []) == codes(message)
        assert ["MAIL FROM:<eve@example.org>"] == line.said()
        assert not following.done

    def test_a_message_without_recipients_left_is_forgotten_before_the_next(self) -> None:
        line = Line()
        message = line.send()
        line.send(sender="eve")
        line.said()
        line.hear("250 ok")
        assert ENVELOPE[1:] == line.said()
        line.hear("550 nobody")
        assert (250, [550], None, []) == codes(message)
        assert ["RSET"] == line.said()
        line.hear("250 forgotten")
        assert ["MAIL FROM:<eve@example.org>"] == line.said()

    def test_chunks_go_without_pipelining_too(self) -> None:
        line = Line("CHUNKING")
        message = line.send()
        for answer in ("250 ok", "250 ok"):
            assert 1 == len(line.said())
            line.hear(answer)
        assert ["BDAT 5 LAST", "Hi."] == line.said()
        line.hear("250 taken")
        assert (250, [250], None, [250]) == codes(message)


class TestGroups:
    def test_the_envelope_goes_in_one_write_and_data_holds_the_line(self) -> None:
        line = Line("PIPELINING")
        line.send()
        line.machine.submit(NOOP)
        assert GROUP == line.said()
        line.hear("250 ok", "250 ok")
        assert [] == line.said()

    def test_the_next_group_goes_right_behind_the_dot(self) -> None:
        line = Line("PIPELINING")
        first, second, third = line.send(), line.send(), line.send()
        assert GROUP == line.said()
        line.hear("250 ok", "250 ok", "354 go on")
        assert ["Hi.", ".", *GROUP] == line.said()
        line.hear("250 first", "250 ok", "250 ok", "354 go on")
        assert ["Hi.", ".", *GROUP] == line.said()
        assert (250, [250], None, [250]) == codes(first)
        assert not second.done
        assert not third.done

    def test_nothing_may_have_come_behind_a_354(self) -> None:
        line = Line("PIPELINING")
        message = line.send()
        line.said()
        line.hear("250 ok", "250 ok", "354 go on", "250 taken")
        assert [] == line.said()
        assert isinstance(line.machine.error, Garbled)
        assert isinstance(message.error, Garbled)

    def test_the_window_counts_octets(self) -> None:
        line = Line("PIPELINING", limits=Limits(window_octets=9))
        line.send()
        line.send()
        line.said()
        line.hear("250 ok", "250 ok", "354 go on")
        assert ["Hi.", "."] == line.said()
        line.hear("250 taken")
        assert GROUP == line.said()


class TestChunking:
    def test_messages_follow_each_other_each_behind_a_rset(self) -> None:
        line = Line("PIPELINING", "CHUNKING")
        first, second = line.send(), line.send()
        assert [*CHUNKED, "RSET", *CHUNKED] == line.said()
        line.hear(
            "250 ok", "250 ok", "250 first", "250 forgotten", "250 ok", "250 ok", "250 second"
        )
        assert "first" == first.value.final[0].text
        assert "second" == second.value.final[0].text

    def test_a_message_that_follows_nothing_needs_no_rset(self) -> None:
        line = Line("PIPELINING", "CHUNKING")
        line.send()
        line.said()
        line.hear("250 ok", "250 ok", "250 first")
        line.send()
        assert CHUNKED == line.said()

    def test_the_window_counts_messages(self) -> None:
        line = Line("PIPELINING", "CHUNKING", limits=Limits(window_messages=2))
        for _ in range(3):
            line.send()
        assert [*CHUNKED, "RSET", *CHUNKED] == line.said()
        line.hear("250 ok", "250 ok")
        assert [] == line.said()
        line.hear("250 taken")
        assert ["RSET", *CHUNKED] == line.said()

    def test_the_window_counts_octets(self) -> None:
        line = Line("PIPELINING", "CHUNKING", limits=Limits(window_octets=10))
        for _ in range(3):
            line.send()
        assert [*CHUNKED, "RSET", *CHUNKED] == line.said()

    def test_a_message_larger_than_the_window_goes_alone(self) -> None:
        line = Line("PIPELINING", "CHUNKING", limits=Limits(window_octets=10))
        line.send(body=b"x" * 20 + b"\r\n")
        line.send()
        assert [*ENVELOPE, "BDAT 22 LAST", "x" * 20] == line.said()

    def test_a_refusal_in_the_middle_hits_only_its_own_message(self) -> None:
        line = Line("PIPELINING", "CHUNKING")
        first, second, third = line.send(), line.send(), line.send()
        line.said()
        ok = ["250 ok", "250 ok", "250 taken"]
        line.hear(*ok, "250 rset", "250 ok", "550 no", "503 nobody", "250 rset", *ok)
        assert (250, [250], None, [250]) == codes(first)
        assert (250, [550], None, [503]) == codes(second)
        assert (250, [250], None, [250]) == codes(third)
        assert line.machine.idle


class TestUnknownBdat:
    def test_the_reply_behind_a_500_tells_that_bdat_is_known(self) -> None:
        line = Line("PIPELINING", "CHUNKING")
        first, second = line.send(), line.send()
        line.said()
        line.hear("250 ok", "250 ok", "500 content rejected")
        assert not first.done
        line.hear("250 rset", "250 ok", "250 ok", "250 taken")
        assert (250, [250], None, [500]) == codes(first)
        assert (250, [250], None, [250]) == codes(second)
        assert line.machine.usable

    def test_the_reply_behind_a_500_tells_that_bdat_is_not_known(self) -> None:
        line = Line("PIPELINING", "CHUNKING")
        first, second = line.send(), line.send()
        line.said()
        line.hear("250 ok", "250 ok", "500 what is BDAT?", "500 what is Subject:?")
        assert first.done
        assert CHUNKING is line.machine.dropped
        assert isinstance(second.error, (Disconnected, Uncertain))

    def test_with_nothing_behind_it_the_connection_is_dropped_at_once(self) -> None:
        line = Line("PIPELINING", "CHUNKING")
        message = line.send()
        line.said()
        line.hear("250 ok", "250 ok", "502 what is BDAT?")
        assert message.done
        assert CHUNKING is line.machine.dropped

    def test_an_end_behind_a_500_leaves_the_next_in_doubt(self) -> None:
        line = Line("PIPELINING", "CHUNKING")
        first, second = line.send(), line.send()
        line.said()
        line.hear("250 ok", "250 ok", "500 content rejected")
        line.machine.receive_eof()
        assert first.refused_for_certain
        assert isinstance(second.error, Uncertain)
        assert line.machine.dropped is None


class TestRefusals:
    def test_each_recipient_has_its_own_answer(self) -> None:
        line = Line("PIPELINING")
        message = line.send("bob", "eve", "dan")
        line.said()
        line.hear("250 ok", "250 ok", "550 no", "450 later", "354 go on")
        assert ["Hi.", "."] == line.said()
        line.hear("250 taken")
        assert (250, [250, 550, 450], None, [250]) == codes(message)
        assert (0,) == message.value.accepted

    def test_when_all_are_refused_and_data_too_the_next_starts_afresh(self) -> None:
        line = Line("PIPELINING")
        message, _ = line.send(), line.send()
        line.said()
        line.hear("250 ok", "550 no", "554 no valid recipients")
        assert (250, [550], 554, []) == codes(message)
        assert ["RSET", *GROUP] == line.said()

    def test_a_354_after_nobody_was_accepted_gets_the_lone_dot(self) -> None:
        line = Line("PIPELINING")
        message, following = line.send(), line.send()
        line.said()
        line.hear("250 ok", "550 no", "354 go on")
        assert [".", "RSET", *GROUP] == line.said()
        assert not message.done
        line.hear("554 nobody to send it to")
        assert (250, [550], None, [554]) == codes(message)
        line.hear("250 forgotten", "250 ok", "250 ok", "354 go on")
        assert ["Hi.", "."] == line.said()
        line.hear("250 taken")
        assert (250, [250], None, [250]) == codes(following)

    def test_an_empty_message_to_nobody_may_even_be_taken(self) -> None:
        line = Line("PIPELINING")
        message = line.send()
        line.said()
        line.hear("250 ok", "550 no", "354 go on")
        line.said()
        line.hear("250 taken")
        assert () == message.value.accepted
        assert message.refused_for_certain

    def test_a_refused_mail_takes_its_group_with_it(self) -> None:
        line = Line("PIPELINING")
        message, _ = line.send(), line.send()
        line.said()
        line.hear("550 not you", "503 mail first", "503 mail first")
        assert (550, [503], 503, []) == codes(message)
        assert GROUP == line.said()

    def test_a_refused_data_leaves_a_transaction_to_forget(self) -> None:
        line = Line("PIPELINING")
        message, _ = line.send(), line.send()
        line.said()
        line.hear("250 ok", "250 ok", "451 no room")
        assert (250, [250], 451, []) == codes(message)
        assert ["RSET", *GROUP] == line.said()

    @pytest.mark.parametrize("offers", [("PIPELINING",), ()])
    @pytest.mark.parametrize("chunking", [(), ("CHUNKING",)])
    def test_a_message_that_is_refused_at_the_end_may_leave_its_transaction_open(
        self, offers: tuple[str, ...], chunking: tuple[str, ...]
    ) -> None:
        # Postfix with smtpd_end_of_data_restrictions calls the next MAIL nested.
        line = Line(*offers, *chunking)
        message = line.send()
        for answer in ("250 ok", "250 ok", *([] if chunking else ["354 go on"]), "554 spam"):
            line.said()
            line.hear(answer)
        assert [554] == codes(message)[3]
        line.send()
        assert "RSET" == line.said()[0]
        line.hear("250 forgotten")
        assert line.machine.usable

    def test_a_nested_mail_ends_the_connection_before_anything_is_added(self) -> None:
        line = Line("PIPELINING")
        first, second, third = line.send(), line.send(), line.send()
        line.said()
        line.hear("250 ok", "250 ok", "354 go on")
        line.said()
        line.hear("554 spam", "503 nested MAIL", "250 added to the old recipients", "354 go on")
        assert [] == line.said()
        assert (250, [250], None, [554]) == codes(first)
        assert (503, [None], None, []) == codes(second)
        assert isinstance(third.error, Disconnected)
        assert line.machine.dropped is NESTED

    def test_a_503_behind_a_message_that_was_taken_is_an_answer_like_any(self) -> None:
        line = Line("PIPELINING")
        _, second = line.send(), line.send()
        line.said()
        line.hear("250 ok", "250 ok", "354 go on")
        line.said()
        line.hear("250 taken", "503 sign in", "503 no", "503 no")
        assert (503, [503], 503, []) == codes(second)
        assert line.machine.usable

    def test_who_knows_of_nested_mails_sends_a_rset_in_front(self) -> None:
        line = Line("PIPELINING")
        line.machine.distrust([NESTED.name])
        line.send()
        line.send()
        line.said()
        line.hear("250 ok", "250 ok", "354 go on")
        assert ["Hi.", ".", "RSET", *GROUP] == line.said()

    def test_data_is_not_answered_by_a_250(self) -> None:
        line = Line("PIPELINING")
        message = line.send()
        line.said()
        line.hear("250 ok", "250 ok", "250 what")
        assert isinstance(message.error, Garbled)

    def test_a_recipient_is_not_answered_by_a_354(self) -> None:
        line = Line("PIPELINING")
        message = line.send()
        line.said()
        line.hear("250 ok", "354 go on")
        assert isinstance(message.error, Garbled)


class TestLmtp:
    def test_each_accepted_recipient_answers_for_itself(self) -> None:
        line = Line("PIPELINING")
        message = line.send("bob", "eve", "dan", lmtp=True)
        line.said()
        line.hear("250 ok", "250 ok", "550 no", "250 ok", "354 go on")
        line.said()
        line.hear("250 stored")
        assert not message.done
        line.hear("452 full")
        assert (250, [250, 550, 250], None, [250, 452]) == codes(message)

    def test_under_bdat_too_and_the_next_message_keeps_its_place(self) -> None:
        line = Line("PIPELINING", "CHUNKING")
        first, second = line.send("bob", "eve", lmtp=True), line.send("bob", lmtp=True)
        line.said()
        line.hear("250 ok", "250 ok", "250 ok", "250 bob", "250 eve")
        line.hear("250 rset", "250 ok", "250 ok", "250 again")
        assert ["bob", "eve"] == [reply.text for reply in first.value.final]
        assert ["again"] == [reply.text for reply in second.value.final]

    def test_the_lone_dot_has_one_answer(self) -> None:
        line = Line("PIPELINING")
        message = line.send("bob", "eve", lmtp=True)
        line.said()
        line.hear("250 ok", "550 no", "550 no", "354 go on")
        assert ["."] == line.said()
        line.hear("503 no valid recipients")
        assert (250, [550, 550], None, [503]) == codes(message)

    def test_what_is_half_answered_is_uncertain(self) -> None:
        line = Line("PIPELINING")
        message = line.send("bob", "eve", lmtp=True)
        line.said()
        line.hear("250 ok", "250 ok", "250 ok", "354 go on")
        line.said()
        line.hear("250 stored")
        line.machine.receive_eof()
        assert isinstance(message.error, Uncertain)


def test_a_cut_connection_is_told_as_it_was() -> None:
    line = Line("PIPELINING")
    handed_over, behind, waiting = line.send(), line.send(), line.send()
    line.said()
    line.hear("250 ok", "250 ok", "354 go on")
    line.said()
    line.machine.condemn(TimedOut("no complete answer came within 60 s"))
    assert isinstance(handed_over.error, Uncertain)
    assert isinstance(handed_over.error.__cause__, TimedOut)
    assert isinstance(behind.error, TimedOut)
    assert isinstance(waiting.error, TimedOut)


def test_a_message_that_comes_too_late_was_not_sent() -> None:
    line = Line("PIPELINING")
    line.machine.receive_eof()
    message = line.send()
    assert isinstance(message.error, Disconnected)
    assert "the message was not sent" in str(message.error)
    assert [] == line.said()
