"""Tickets of commands: answers as they come, answers at the end, and nobody who wants them."""

from __future__ import annotations

import pytest

from courriel import Disconnected, Refused
from courriel.protocol.imap.tickets import Completed, ImapTicket
from courriel.wire.imap.answers import Condition, Continuation, Exists, Recent, Tagged
from courriel.wire.imap.commands import Authenticate, Noop, Select
from tests.protocol.imap.line import Stepped

END = Completed(Tagged(b"A1", "OK", None, ""), ())


def ticket() -> ImapTicket:
    return ImapTicket(Noop())


class TestCompleted:
    def test_answers_of_one_kind(self) -> None:
        completed = Completed(END.tagged, (Exists(1), Recent(0), Exists(2)))
        assert [Exists(1), Exists(2)] == completed.all(Exists)
        assert Exists(2) == completed.last(Exists)
        assert completed.last(Condition) is None


class TestMore:
    def test_answers_are_taken_as_they_come_then_the_end(self) -> None:
        one = ticket()
        one.add(Exists(1))
        one.add(Exists(2))
        assert [[Exists(1), Exists(2)]] == Stepped(one.more()).go().results
        waiting = Stepped(one.more()).go()
        assert not waiting.ended
        one.add(Exists(3))
        assert waiting.waiting.done
        assert [[Exists(3)]] == waiting.go().results
        last = Stepped(one.more()).go()
        one.resolve(END)
        assert [[]] == last.go().results
        assert 3 == one.count

    def test_what_came_before_the_end_is_taken_first(self) -> None:
        one = ticket()
        one.add(Exists(1))
        one.fail(Refused("no"))
        assert [[Exists(1)]] == Stepped(one.more()).go().results
        with pytest.raises(Refused):
            Stepped(one.more()).go()

    def test_who_waits_learns_of_a_failure(self) -> None:
        one = ticket()
        waiting = Stepped(one.more()).go()
        one.fail(Disconnected("gone"))
        with pytest.raises(Disconnected):
            waiting.go()

    def test_one_who_goes_away_gives_it_up(self) -> None:
        one = ticket()
        waiting = Stepped(one.more()).go()
        waiting.flow.close()
        assert one.given_up
        one.add(Exists(1))
        assert [] == one.answers
        assert 1 == one.count


class TestWaitingForTheEnd:
    def test_the_value_is_what_was_completed(self) -> None:
        one = ticket()
        waiting = Stepped(iter(one)).go()
        assert waiting.waiting is one
        one.resolve(END)
        assert [END] == waiting.go().results

    def test_it_may_be_there_already(self) -> None:
        one = ticket()
        one.resolve(END)
        assert [END] == Stepped(iter(one)).go().results

    def test_one_who_goes_away_gives_it_up(self) -> None:
        one = ticket()
        one.add(Exists(1))
        waiting = Stepped(iter(one)).go()
        waiting.flow.close()
        assert one.abandoned
        assert [] == one.answers


class TestGivenUp:
    def test_what_selects_keeps_its_answers_because_the_machine_needs_them(self) -> None:
        one = ImapTicket(Select("INBOX"))
        one.add(Exists(1))
        one.give_up()
        one.add(Exists(2))
        assert [Exists(1), Exists(2)] == one.answers


class TestTurns:
    def test_requests_are_taken_one_by_one(self) -> None:
        one = ImapTicket(Authenticate("LOGIN"))
        waiting = Stepped(one.turn()).go()
        one.ask(Continuation(b"VXNlcg=="))
        assert [Continuation(b"VXNlcg==")] == waiting.go().results
        last = Stepped(one.turn()).go()
        assert not last.ended
        one.resolve(END)
        assert [None] == last.go().results
