"""The IMAP machine: messages that nobody wants in the folder any more."""

from __future__ import annotations

from courriel.errors import Disconnected
from courriel.model.query import where
from courriel.protocol.imap.tickets import ImapTicket
from courriel.wire.imap.commands import Append, Noop, Search, Upload
from courriel.wire.imap.fragments import Literal
from tests.protocol.imap.line import Line


def append(line: Line, *contents: bytes) -> ImapTicket:
    uploads = tuple(Upload(Literal(content)) for content in contents)
    return line.machine.submit(Append("a", uploads))


def test_an_invitation_that_nobody_wants_any_more_ends_the_conversation() -> None:
    line = Line()
    append(line, b"Hi.\r\n").give_up()
    waiting = line.machine.submit(Noop())
    assert ["A1 APPEND a {5}"] == line.said()
    line.hear("+ go on")
    assert [] == line.said()
    assert isinstance(waiting.error, Disconnected)


def test_before_it_the_server_may_still_refuse() -> None:
    line = Line()
    append(line, b"Hi.\r\n").give_up()
    line.machine.submit(Noop())
    line.said()
    line.hear("A1 NO none such")
    assert ["A2 NOOP"] == line.said()


def test_the_second_of_several_is_not_sent_either() -> None:
    line = Line()
    ticket = append(line, b"Hi.\r\n", b"Ho.\r\n")
    line.said()
    line.hear("+ go on")
    assert ["Hi.", " {5}"] == line.said()
    ticket.give_up()
    line.hear("+ go on")
    assert [] == line.said()
    assert not line.machine.usable


def test_what_changes_nothing_is_said_to_its_end() -> None:
    line = Line()
    line.select()
    ticket = line.machine.submit(Search(where.subject("\xfc"), folder="INBOX"))
    assert ["A2 UID SEARCH CHARSET UTF-8 SUBJECT {2}"] == line.said()
    ticket.give_up()
    line.hear("+ go on")
    assert ["\xc3\xbc"] == line.said()


def test_what_is_written_goes_out_as_long_as_the_connection_holds() -> None:
    line = Line("LITERAL+")
    ticket = append(line, b"Hi.\r\n")
    assert line.machine.handed_over(ticket)
    line.machine.receive_eof()
    assert not line.machine.handed_over(ticket)
