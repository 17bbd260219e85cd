"""Conversations fed to the IMAP machine, without driver, socket or clock."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel import Disconnected, Garbled, InsecureConnection, Limits, Refused
from courriel.model.query import where
from courriel.model.uids import UidSet
from courriel.protocol.imap.machine import ImapMachine
from courriel.wire.imap import commands
from courriel.wire.imap.answers import Exists, Found, Identity
from courriel.wire.imap.fetched import Fetched
from courriel.wire.imap.fragments import StreamLiteral
from tests.protocol.imap.line import Line, uids


class TestGreeting:
    @pytest.mark.parametrize("word", ["OK", "PREAUTH", "BYE"])
    def test_is_a_condition(self, word: str) -> None:
        machine = ImapMachine(Limits())
        assert machine.awaiting
        machine.receive_data(f"* {word} hello\r\n".encode())
        assert (word, "hello") == (machine.greeted.value.status, machine.greeted.value.text)

    def test_tells_what_the_server_offers(self) -> None:
        machine = ImapMachine(Limits())
        machine.receive_data(b"* OK [CAPABILITY IMAP4rev1 Idle LITERAL+] hello\r\n")
        assert {"IMAP4REV1", "IDLE", "LITERAL+"} == set(machine.words)
        assert machine.dialect.literal_plus

    @pytest.mark.parametrize("line", [b"220 mx ESMTP\r\n", b"* NO\r\n", b"+OK ready\r\n", b"\r\n"])
    def test_anything_else_is_no_imap(self, line: bytes) -> None:
        machine = ImapMachine(Limits())
        machine.receive_data(line)
        assert isinstance(machine.error, Garbled)
        assert machine.greeted.error is not None


class TestTags:
    def test_commands_are_in_flight_together_and_ended_in_any_order(self) -> None:
        line = Line()
        one, two = line.machine.submit(commands.Noop()), line.machine.submit(commands.Capability())
        assert ["A1 NOOP", "A2 CAPABILITY"] == line.said()
        line.hear("A2 OK done")
        assert two.done
        assert not one.done
        line.hear("A1 OK [ALERT] watch out")
        assert ("OK", "watch out") == (one.value.tagged.status, one.value.tagged.text)
        assert ["watch out"] == line.machine.alerts

    @pytest.mark.parametrize("word", ["NO", "BAD"])
    def test_a_refusal_says_what_was_refused(self, word: str) -> None:
        line = Line()
        ticket = line.machine.submit(commands.Noop())
        line.hear(f"A1 {word} [UNAVAILABLE] not now")
        assert isinstance(ticket.error, Refused)
        assert "NOOP" in str(ticket.error)
        assert ("UNAVAILABLE", "not now") == (ticket.error.condition, ticket.error.text)
        assert line.machine.usable

    @pytest.mark.parametrize("said", ["A9 OK what", "B1 OK", "A2 BAD", "a1 OK"])
    def test_a_tag_that_no_command_has_ends_it(self, said: str) -> None:
        line = Line()
        ticket = line.machine.submit(commands.Noop())
        line.hear(said)
        assert isinstance(line.machine.error, Garbled)
        assert isinstance(ticket.error, Garbled)

    def test_an_abandoned_command_swallows_its_own_answer(self) -> None:
        line = Line()
        line.select()
        one, two = line.fetch((1,)), line.fetch((2,))
        one.give_up()
        line.hear("* 1 FETCH (UID 1 FLAGS ())", "A2 OK", "* 2 FETCH (UID 2 FLAGS ())", "A3 OK")
        assert [] == one.answers
        assert [2] == uids(two.value.answers)

    def test_one_that_was_not_written_is_never_written(self) -> None:
        line = Line()
        line.select()
        line.machine.submit(commands.Select("Other"))
        one, two = line.fetch((1,), folder="Other"), line.fetch((2,), folder="Other")
        one.give_up()
        line.said()
        line.hear("A2 OK")
        assert ["A3 UID FETCH 2 (FLAGS)"] == line.said()
        assert not two.done

    def test_no_more_are_in_flight_than_the_window_holds(self) -> None:
        line = Line(limits=Limits(window_messages=2))
        for _ in range(3):
            line.machine.submit(commands.Noop())
        assert ["A1 NOOP", "A2 NOOP"] == line.said()
        line.hear("A1 OK")
        assert ["A3 NOOP"] == line.said()


class TestUntagged:
    def test_what_cannot_be_read_costs_one_answer(self) -> None:
        line = Line()
        line.select()
        ticket = line.fetch((1, 2))
        line.hear(
            "* 1 FETCH (UID (((", "* WHAT IS THIS", "*", "* 2 FETCH (UID 2 FLAGS ())", "A2 OK"
        )
        assert line.machine.usable or "not even" in str(line.machine.error)
        if line.machine.usable:
            assert 2 in uids(ticket.value.answers)

    @pytest.mark.parametrize(
        "said", ["* XYZZY", "* 5 XYZZY a b", "* FETCH", "* 1 FETCH", "* LIST (((", "* ESEARCH ("]
    )
    def test_unknown_answers_are_passed_over(self, said: str) -> None:
        line = Line()
        line.select()
        ticket = line.fetch((1,))
        line.hear(said, "* 1 FETCH (UID 1 FLAGS ())", "A2 OK")
        assert [1] == uids(ticket.value.answers)

    def test_capabilities_may_come_unasked(self) -> None:
        line = Line()
        line.hear("* CAPABILITY IMAP4rev1 IDLE")
        assert {"IMAP4REV1", "IDLE"} == set(line.machine.words)

    def test_bye_is_the_end_unless_we_said_goodbye(self) -> None:
        line = Line()
        ticket = line.machine.submit(commands.Noop())
        line.hear("* BYE tired", "A1 OK")
        assert isinstance(line.machine.error, Disconnected)
        assert "tired" in str(ticket.error)
        line = Line()
        ticket = line.machine.submit(commands.Logout())
        line.hear("* BYE see you", "A1 OK")
        assert ticket.error is None
        assert line.machine.usable

    def test_answers_to_one_command_are_bounded(self) -> None:
        line = Line(limits=Limits(answers=3))
        ticket = line.machine.submit(commands.List())
        line.hear(*['* LIST () "/" x'] * 4)
        assert isinstance(ticket.error, Garbled)
        assert "Limits.answers" in ticket.error.hint

    def test_so_is_what_is_held_of_them(self) -> None:
        line = Line(limits=Limits(answers_held=10_000))
        line.select()
        ticket = line.fetch((1,), "BODY.PEEK[]")
        line.hear(*["* 1 FETCH (UID 1 BODY[] {999}", "x" * 999 + ")"] * 11)
        assert isinstance(ticket.error, Garbled)
        assert "Limits.answers_held" in ticket.error.hint

    def test_what_is_taken_is_not_held(self) -> None:
        line = Line(limits=Limits(answers_held=10_000))
        line.select()
        ticket = line.fetch((1,), "BODY.PEEK[]")
        for _ in range(20):
            line.hear("* 1 FETCH (UID 1 BODY[] {999}", "x" * 999 + ")")
            with pytest.raises(StopIteration) as stop:
                ticket.more().send(None)
            assert [1] == uids(stop.value.value)
        assert line.machine.usable

    def test_a_disk_that_is_full_is_told_as_what_it_is(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("courriel.model.spool.Spool.write", full)
        line = Line()
        line.select()
        ticket = line.fetch((1,), "BODY.PEEK[]")
        line.hear("* 1 FETCH (UID 1 BODY[] {100000}", "half")
        assert isinstance(ticket.error, Disconnected)
        assert "No space left" in str(ticket.error)


class TestSelecting:
    def test_commands_wait_for_their_folder(self) -> None:
        line = Line()
        line.machine.submit(commands.Select("INBOX", read_only=True))
        ticket = line.fetch((1,))
        assert ["A1 EXAMINE INBOX"] == line.said()
        line.hear("* 5 EXISTS", "* OK [UIDVALIDITY 7] ids", "A1 OK [READ-ONLY] done")
        assert ["A2 UID FETCH 1 (FLAGS)"] == line.said()
        selected = line.machine.selected
        assert selected is not None
        assert ("INBOX", 5, 7, True) == (
            selected.folder,
            selected.exists,
            selected.uid_validity,
            selected.read_only,
        )
        assert not ticket.done

    def test_a_select_waits_for_who_depends_on_the_old_folder(self) -> None:
        line = Line()
        line.select()
        line.fetch((1,))
        line.machine.submit(commands.Select("Other"))
        line.machine.submit(commands.Noop())
        assert ["A2 UID FETCH 1 (FLAGS)"] == line.said()
        line.hear("A2 OK")
        assert ["A3 SELECT Other", "A4 NOOP"] == line.said()

    def test_its_refusal_is_that_of_every_command_behind_it(self) -> None:
        line = Line()
        line.machine.submit(commands.Select("Nowhere"))
        tickets = [line.fetch((uid,), folder="Nowhere") for uid in (1, 2)]
        other = line.machine.submit(commands.Noop())
        line.hear("A1 NO [NONEXISTENT] no such folder")
        errors = [ticket.error for ticket in tickets]
        assert ["NONEXISTENT"] * 2 == [getattr(error, "condition", None) for error in errors]
        assert errors[0] is not errors[1]
        assert line.machine.selected is None
        assert ["A1 SELECT Nowhere", "A2 NOOP"] == line.said()
        assert not other.done

    def test_what_is_heading_where(self) -> None:
        assert Line().machine.heading is None
        line = Line()
        line.select(read_only=True)
        assert ("INBOX", True) == line.machine.heading
        line.machine.submit(commands.Select("A"))
        line.machine.submit(commands.Select("B", read_only=True))
        assert ("B", True) == line.machine.heading
        line.machine.submit(commands.Unselect())
        assert line.machine.heading is None

    def test_one_that_nobody_waits_for_counts_all_the_same(self) -> None:
        line = Line()
        ticket = line.machine.submit(commands.Select("INBOX"))
        line.hear("* 2 EXISTS")
        ticket.give_up()
        line.hear("* OK [UIDVALIDITY 7] ids", "* 3 EXISTS", "A1 OK")
        selected = line.machine.selected
        assert selected is not None
        assert (3, 7) == (selected.exists, selected.uid_validity)

    def test_what_comes_before_closed_is_about_the_folder_before(self) -> None:
        line = Line()
        line.select("INBOX", 9)
        line.machine.submit(commands.Select("Other"))
        line.hear("* 10 EXISTS", "* VANISHED 4", "* OK [CLOSED] gone", "* 3 EXISTS", "A2 OK")
        selected = line.machine.selected
        assert selected is not None
        assert ("Other", 3) == (selected.folder, selected.exists)

    def test_a_folder_that_was_made_anew_voids_what_was_submitted(self) -> None:
        line = Line()
        for validity, expected in (("7", None), ("8", Refused), ("8", None)):
            select = line.machine.submit(commands.Select("INBOX"))
            ticket = line.fetch((1,))
            line.hear(f"* OK [UIDVALIDITY {validity}] ids", f"{select.tag.decode()} OK")
            assert expected is (None if ticket.error is None else type(ticket.error))
            if expected is None:
                line.hear(f"{ticket.tag.decode()} OK")
            line.machine.submit(commands.Unselect())
            line.hear(f"{line.said()[-1].split()[0]} OK")

    def test_expunges_never_shift_an_answer_by_uid(self) -> None:
        line = Line()
        line.select("INBOX", 5)
        tickets = [line.fetch((uid,)) for uid in (1, 3, 5)]
        line.hear(
            "* 2 EXPUNGE",
            "* 1 FETCH (UID 1 FLAGS ())",
            "* 1 EXPUNGE",
            "A2 OK",
            "* 1 FETCH (UID 3 FLAGS ())",
            "A3 OK",
            "* 3 EXPUNGE",
            "* 2 EXPUNGE",
            "A4 OK",
        )
        assert [[1], [3], []] == [uids(ticket.value.answers) for ticket in tickets]
        assert line.machine.selected is not None
        assert 1 == line.machine.selected.exists


class TestTls:
    def test_octets_behind_the_ok_are_an_attack(self) -> None:
        line = Line()
        ticket = line.machine.submit(commands.StartTls())
        line.hear("A1 OK go", "* CAPABILITY EVIL")
        assert isinstance(line.machine.error, InsecureConnection)
        assert ticket.done

    def test_so_is_half_a_line(self) -> None:
        line = Line()
        line.machine.submit(commands.StartTls())
        line.machine.receive_data(b"A1 OK go\r\n* CAPA")
        assert isinstance(line.machine.error, InsecureConnection)

    def test_and_half_a_line_before_it(self) -> None:
        line = Line()
        line.machine.receive_data(b"A1 OK ")
        ticket = line.machine.submit(commands.StartTls())
        assert isinstance(ticket.error, InsecureConnection)
        assert [] == line.said()

    def test_what_was_heard_before_is_forgotten(self) -> None:
        line = Line("LITERAL+")
        line.machine.submit(commands.StartTls())
        line.hear("A1 OK go")
        line.machine.seal()
        line.machine.begin_secured()
        assert line.machine.capabilities is None
        assert not line.machine.dialect.literal_plus


class TestTheEnd:
    def test_every_ticket_learns_of_it(self) -> None:
        line = Line()
        line.machine.submit(commands.Select("INBOX"))
        written, queued = line.machine.submit(commands.Noop()), line.fetch((1,))
        upload = commands.Upload(StreamLiteral(10))
        streamed = line.machine.submit(commands.Append("INBOX", (upload,)))
        room = line.machine.room(streamed)
        line.machine.receive_eof()
        for ticket in (written, queued, streamed):
            assert isinstance(ticket.error, Disconnected)
        assert room.done
        assert isinstance(line.machine.submit(commands.Noop()).error, Disconnected)
        assert line.machine.heading is None or not line.machine.usable


SELECTED = b"* 5 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\nA1 OK [READ-WRITE] done\r\n"
DIALOGUE = (
    b"* 2 EXPUNGE\r\n* 3 FETCH (UID 14 BODY[] {12}\r\nA2 OK\r\n* X\r\n FLAGS ())\r\n"
    b'* 1 FETCH (FLAGS (\\Seen))\r\n* ID ("name" "x")\r\nA3 OK\r\n'
    b'* ESEARCH (TAG "A4") UID ALL 14\r\nA2 OK\r\nA4 NO [LIMIT] enough\r\n'
)


@given(st.lists(st.integers(1, 60)))
def test_it_does_not_matter_how_answers_are_cut(sizes: list[int]) -> None:
    line = Line()
    select = line.machine.submit(commands.Select("INBOX"))
    whole = line.fetch((14,), "BODY.PEEK[]")
    identity = line.machine.submit(commands.Id())
    search = line.machine.submit(
        commands.Search(where.all, return_options=("ALL",), folder="INBOX")
    )
    for data in (SELECTED, DIALOGUE):
        for size in (*sizes, len(data)):
            line.machine.receive_data(data[:size])
            data = data[size:]
    assert line.machine.usable
    assert select.value.last(Exists) == Exists(5)
    (fetched,) = whole.value.all(Fetched)
    assert b"A2 OK\r\n* X\r\n" == fetched.sections[""]
    assert {"name": "x"} == dict(identity.value.all(Identity)[0].fields)
    assert [UidSet.of([14])] == [
        found.numbers for found in search.answers if isinstance(found, Found)
    ]
    assert isinstance(search.error, Refused)
    assert line.machine.selected is not None
    assert 4 == line.machine.selected.exists
