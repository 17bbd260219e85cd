"""What the IMAP machine says and when: literals, streams, IDLE."""

from __future__ import annotations

import pytest

from courriel import Disconnected, Garbled, Misused, Refused
from courriel.protocol.imap.tickets import ImapTicket
from courriel.wire.imap import commands
from courriel.wire.imap.fragments import Literal, StreamLiteral
from tests.protocol.imap.line import Line


def append(line: Line, content: Literal | StreamLiteral) -> ImapTicket:
    return line.machine.submit(commands.Append("INBOX", (commands.Upload(content),)))


def stream(line: Line, octets: int) -> ImapTicket:
    return append(line, StreamLiteral(octets))


class TestLiterals:
    def test_wait_for_the_invitation_and_so_does_everybody(self) -> None:
        line = Line()
        ticket = append(line, Literal(b"Hi.\r\n"))
        line.machine.submit(commands.Noop())
        assert ["A1 APPEND INBOX {5}"] == line.said()
        line.hear("+ go on")
        assert ["Hi.", "", "A2 NOOP"] == line.said()
        line.hear("A1 OK [APPENDUID 7 9] done")
        assert ticket.error is None

    def test_may_be_refused_instead(self) -> None:
        line = Line()
        ticket = append(line, Literal(b"Hi.\r\n"))
        line.machine.submit(commands.Noop())
        line.said()
        line.hear("A1 NO [OVERQUOTA] full")
        assert isinstance(ticket.error, Refused)
        assert ["A2 NOOP"] == line.said()
        assert line.machine.usable

    @pytest.mark.parametrize("word", ["LITERAL+", "LITERAL-"])
    def test_need_not_wait_where_the_server_says_so(self, word: str) -> None:
        line = Line(word)
        append(line, Literal(b"Hi.\r\n"))
        line.machine.submit(commands.Noop())
        assert ["A1 APPEND INBOX {5+}", "Hi.", "", "A2 NOOP"] == line.said()

    def test_large_ones_wait_under_literal_minus(self) -> None:
        line = Line("LITERAL-")
        append(line, Literal(b"x" * 5000))
        assert ["A1 APPEND INBOX {5000}"] == line.said()

    def test_several_wait_each_for_its_own(self) -> None:
        line = Line()
        line.machine.submit(commands.Append("b\x80x", (commands.Upload(Literal(b"Hi.\r\n")),)))
        line.machine.submit(
            commands.Append("INBOX", tuple(commands.Upload(Literal(b"%d" % n)) for n in (1, 2)))
        )
        said = line.said()
        assert 1 == len(said)
        line.hear("+", "A1 OK")
        assert ["Hi.", "", "A2 APPEND INBOX {1}"] == line.said()
        line.hear("+")
        assert ["1 {1}"] == line.said()
        line.hear("+")
        assert ["2"] == line.said()

    @pytest.mark.parametrize("said", ["+ go on", "+"])
    def test_an_invitation_that_nobody_waits_for_ends_it(self, said: str) -> None:
        line = Line()
        line.machine.submit(commands.Noop())
        line.hear(said)
        assert isinstance(line.machine.error, Garbled)

    def test_an_ok_to_half_a_command_ends_it(self) -> None:
        line = Line()
        append(line, Literal(b"Hi.\r\n"))
        line.hear("A1 OK already")
        assert isinstance(line.machine.error, Garbled)

    def test_what_cannot_be_expressed_is_refused_before_it_is_queued(self) -> None:
        line = Line()
        with pytest.raises(Misused):
            line.machine.submit(commands.Id({"name": "a\r\nb"}))
        line.machine.submit(commands.Noop())
        assert ["A1 NOOP"] == line.said()


class TestStreams:
    def test_octets_are_brought_when_there_is_room(self) -> None:
        line = Line()
        ticket = stream(line, 10)
        room = line.machine.room(ticket)
        assert ["A1 APPEND INBOX {10}"] == line.said()
        before = room.done
        line.hear("+")
        assert [False, True] == [before, room.done]
        line.machine.feed(ticket, b"01234")
        line.machine.submit(commands.Noop())
        assert ["01234"] == line.said()
        line.machine.feed(ticket, b"56789")
        assert ["56789", "A2 NOOP"] == line.said()

    def test_more_than_was_announced_is_misuse(self) -> None:
        line = Line("LITERAL+")
        ticket = stream(line, 3)
        assert line.machine.room(ticket).done
        with pytest.raises(Misused, match="longer"):
            line.machine.feed(ticket, b"0123")

    def test_one_that_is_refused_has_room_for_nothing(self) -> None:
        line = Line()
        ticket = stream(line, 10)
        room = line.machine.room(ticket)
        line.hear("A1 NO full")
        assert room.done
        line.machine.feed(ticket, b"0123456789")
        assert ["A1 APPEND INBOX {10}"] == line.said()
        assert line.machine.room(ticket).done

    def test_rooms_of_what_is_over_are_not_kept(self) -> None:
        line = Line()
        ticket = stream(line, 10)
        line.machine.room(ticket)
        line.hear("A1 NO full")
        line.machine.room(ticket)
        assert {} == line.machine._rooms

    def test_an_answer_in_the_middle_ends_it(self) -> None:
        line = Line("LITERAL+")
        ticket = stream(line, 10)
        line.machine.feed(ticket, b"01234")
        line.hear("A1 NO full")
        assert not line.machine.usable

    def test_one_that_is_given_up_in_the_middle_ends_it(self) -> None:
        line = Line("LITERAL+")
        ticket = stream(line, 10)
        line.machine.cut(ticket)
        assert isinstance(line.machine.error, Disconnected)

    def test_one_that_waits_in_the_queue_may_be_given_up(self) -> None:
        line = Line()
        append(line, Literal(b"Hi.\r\n"))
        ticket = stream(line, 10)
        line.machine.cut(ticket)
        assert line.machine.usable
        line.hear("+", "A1 OK")
        assert ["A1 APPEND INBOX {5}", "Hi.", ""] == line.said()


class TestIdle:
    def idling(self) -> tuple[Line, ImapTicket]:
        line = Line("IDLE")
        line.select()
        ticket = line.machine.submit(commands.Idle(folder="INBOX"))
        assert ["A2 IDLE"] == line.said()
        return line, ticket

    def test_nobody_is_awaited_while_it_lasts(self) -> None:
        line, _ = self.idling()
        before = line.machine.awaiting
        line.hear("+ idling")
        assert [True, False] == [before, line.machine.awaiting]
        assert line.machine.idle

    def test_is_left_for_whoever_wants_to_speak(self) -> None:
        line, ticket = self.idling()
        line.hear("+ idling")
        line.machine.submit(commands.Noop())
        assert ["DONE"] == line.said()
        assert line.machine.awaiting
        line.machine.submit(commands.Noop())
        assert [] == line.said()
        line.hear("A2 OK done")
        assert ["A3 NOOP", "A4 NOOP"] == line.said()
        assert ticket.error is None

    def test_who_speaks_before_it_has_begun_waits_for_that(self) -> None:
        line, _ = self.idling()
        line.machine.submit(commands.Noop())
        assert [] == line.said()
        line.hear("+ idling")
        assert ["DONE"] == line.said()

    def test_is_ended_by_who_wanted_it(self) -> None:
        line, ticket = self.idling()
        line.hear("+ idling")
        line.machine.end_idle(ticket)
        assert ["DONE"] == line.said()
        line.machine.end_idle(ticket)
        assert [] == line.said()

    def test_ended_before_it_has_begun_it_ends_then(self) -> None:
        line, ticket = self.idling()
        line.machine.end_idle(ticket)
        assert [] == line.said()
        line.hear("+ idling")
        assert ["DONE"] == line.said()

    def test_refused_it_lets_the_others_go_on(self) -> None:
        line, ticket = self.idling()
        line.machine.submit(commands.Noop())
        line.hear("A2 NO not here")
        assert isinstance(ticket.error, Refused)
        assert ["A3 NOOP"] == line.said()

    def test_any_number_of_invitations_is_one(self) -> None:
        line, ticket = self.idling()
        line.hear(*["+ idling"] * 50)
        assert [] == ticket.turns
        line.machine.submit(commands.Noop())
        assert ["DONE"] == line.said()

    def test_goodbye_leaves_it_too(self) -> None:
        line, _ = self.idling()
        line.hear("+ idling")
        line.machine.part()
        assert ["DONE"] == line.said()
        line.hear("A2 OK")
        assert ["A3 LOGOUT"] == line.said()


class TestWhatCannotBeWrittenAnyMore:
    def test_a_folder_that_utf_8_cannot_name_is_not_selected_by_those_behind(self) -> None:
        line = Line("UTF8=ACCEPT")
        line.select("Old")
        enabling = line.machine.submit(commands.Enable(("UTF8=ACCEPT",)))
        # Modified UTF-7 can hide a line end, UTF-8 cannot (RFC 9755, 3).
        odd = line.machine.submit(commands.Select("x\ny"))
        inside = line.fetch((1,), folder="x\ny")
        line.said()
        line.hear("* ENABLED UTF8=ACCEPT", f"{enabling.tag.decode()} OK")
        assert isinstance(odd.error, Misused)
        assert isinstance(inside.error, Misused)
        assert [] == line.said()
        assert ("Old", False) == line.machine.heading
