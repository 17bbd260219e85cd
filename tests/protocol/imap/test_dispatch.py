"""Whose answer it is: a table of answers, and what is in flight when they come."""

from __future__ import annotations

import tracemalloc

import pytest

from courriel.model.folder import Counters
from courriel.model.limits import Limits
from courriel.model.query import where
from courriel.model.uids import UidSet
from courriel.protocol.imap.dispatch import claimant
from courriel.protocol.imap.tickets import ImapTicket
from courriel.wire.imap import commands
from courriel.wire.imap.answers import (
    Answer,
    CapabilityList,
    Code,
    Condition,
    Copied,
    Enabled,
    Exists,
    Expunged,
    Found,
    Identity,
    Listed,
    Recent,
    StatusOf,
    Threads,
    Unknown,
    Vanished,
)
from courriel.wire.imap.fetched import Fetched
from courriel.wire.imap.frames import Frame
from courriel.wire.imap.parse import parse
from courriel.wire.imap.sets import EVERY, From
from courriel.wire.imap.traits import Command

MANY = UidSet(((1, 9),))


def fetch(*uids: int, items: tuple[str, ...] = ("FLAGS",), by_sequence: bool = False) -> Command:
    return commands.Fetch(UidSet.of(uids), items, by_sequence=by_sequence)


def said(text: str) -> Answer:
    """Return the answer that a server's line is."""
    return parse(Frame(text.encode(), (b"x",) * text.count("{1}")), Limits())


def body(uid: int) -> Answer:
    """Return a message that came without any octets."""
    fetched = Fetched(1, Limits())
    fetched.uid, fetched.sections = uid, {"": b""}
    return fetched


def taker(answer: Answer, *flying: Command) -> int | None:
    """Return which of the commands in flight is given the answer, counted from 1."""
    tickets = [ImapTicket(command) for command in flying]
    for number, ticket in enumerate(tickets, 1):
        ticket.tag = b"A%d" % number
    taken = claimant(answer, tickets)
    return None if taken is None else tickets.index(taken) + 1


LISTED = Listed(frozenset(), "/", "INBOX", b"INBOX")
SUBSCRIBED = Listed(frozenset(), "/", "INBOX", b"INBOX", subscribed_list=True)
COUNTED = StatusOf("Inbox", b"Inbox", Counters())
NAMED = StatusOf("Größe", b"Gr&APYA3w-e", Counters())
LSUB, LIST = commands.Lsub(), commands.List()
SEARCH, SORT = commands.Search(where.all), commands.Sort(where.all)
SELECT = commands.Select("INBOX")
MOVE = commands.Move(UidSet.of([5]), "Other")
MOVED = Condition("OK", Code("COPYUID", Copied(1, ((5, 5),), ((9, 9),))), "")


@pytest.mark.parametrize(
    ("answer", "flying", "expected"),
    [
        (Exists(1), (SELECT,), 1),
        (Recent(1), (SELECT,), 1),
        (Condition("OK", Code("UIDVALIDITY", 1), ""), (commands.Noop(), SELECT), 2),
        (Exists(1), (fetch(1),), None),
        (Expunged(1), (SELECT, fetch(1)), None),
        (LISTED, (LSUB, LIST), 2),
        (LISTED, (LSUB,), 1),
        (SUBSCRIBED, (LIST, LSUB), 2),
        (SUBSCRIBED, (LIST,), 1),
        (COUNTED, (commands.Status("x", ()), commands.Status("INBOX", ())), 2),
        (COUNTED, (commands.Status("x", ()),), None),
        (NAMED, (commands.Status("Größe", ()),), 1),
        (Found("SEARCH"), (SORT, SEARCH), 2),
        (Found("SORT"), (SEARCH, SORT), 2),
        (Found("ESEARCH", tag=b"A2"), (SEARCH, SEARCH), 2),
        (Found("ESEARCH", tag=b"A3"), (SEARCH, SEARCH), None),
        (Found("ESEARCH"), (SEARCH, SEARCH), 1),
        (Threads(()), (SEARCH, commands.Thread(where.all)), 2),
        (CapabilityList(frozenset()), (commands.Capability(),), 1),
        (CapabilityList(frozenset()), (), None),
        (Identity({}), (commands.Id(),), 1),
        (Enabled(frozenset()), (commands.Enable(("QRESYNC",)),), 1),
        (Vanished(False, MANY), (fetch(1),), None),
        (Vanished(True, MANY), (fetch(1),), None),
        (
            Vanished(True, MANY),
            (commands.Fetch(EVERY, ("FLAGS",), changed_since=1, vanished=True),),
            1,
        ),
        (MOVED, (fetch(5), MOVE), 2),
        (MOVED, (commands.Move(UidSet.of([6]), "Other"),), None),
        (Unknown(b"* XYZ"), (SELECT, fetch(1), LIST), None),
    ],
)
def test_answers(answer: Answer, flying: tuple[Command, ...], expected: int | None) -> None:
    assert expected == taker(answer, *flying)


WHOLE = ("BODY.PEEK[]",)
HEADER = ("BODY.PEEK[HEADER]",)
SUMMARY = ("UID", "FLAGS", "RFC822.SIZE", "ENVELOPE", "BODYSTRUCTURE")


class TestFetch:
    def test_goes_to_whose_set_holds_the_uid(self) -> None:
        answer = said("* 7 FETCH (UID 12 FLAGS ())")
        assert 2 == taker(answer, fetch(10, 11), fetch(12), fetch(12, 13))
        assert taker(answer, fetch(7), fetch(11)) is None

    def test_without_a_uid_it_answers_no_command_by_uid(self) -> None:
        assert taker(said("* 7 FETCH (FLAGS ())"), fetch(7)) is None

    def test_one_by_number_takes_its_numbers(self) -> None:
        answer = said("* 7 FETCH (UID 12 FLAGS ())")
        assert 2 == taker(answer, fetch(12, by_sequence=True), fetch(7, by_sequence=True))

    def test_what_only_the_server_resolves_is_any_uid(self) -> None:
        answer = said("* 7 FETCH (UID 12 FLAGS ())")
        assert 1 == taker(answer, commands.Fetch(EVERY, ("FLAGS",)))

    def test_store_takes_the_flags_that_it_has_changed(self) -> None:
        store = commands.Store(UidSet.of([12]), "+", ("\\Seen",), silent=False)
        assert 1 == taker(said("* 7 FETCH (UID 12 FLAGS (\\Seen))"), store)
        assert taker(said("* 7 FETCH (UID 13 FLAGS (\\Seen))"), store) is None

    def test_each_of_several_is_told_before_any_is_told_twice(self) -> None:
        flying = [ImapTicket(fetch(*uids, items=WHOLE)) for uids in ((12, 13), (12,), (12, 14))]
        answer = said("* 7 FETCH (UID 12 BODY[] {1})")
        assert [*flying, flying[0]] == [claimant(answer, flying) for _ in range(4)]

    def test_who_asked_for_just_that_goes_before_who_asked_for_more(self) -> None:
        part = fetch(12, items=("BODYSTRUCTURE", "BODY.PEEK[1]"))
        whole = "RFC822.SIZE 5 ENVELOPE NIL BODYSTRUCTURE NIL"
        flying = part, fetch(12, items=("ENVELOPE",)), fetch(12, items=SUMMARY)
        assert 3 == taker(said(f"* 7 FETCH (UID 12 {whole})"), *flying)
        assert 3 == taker(said("* 7 FETCH (UID 12 ENVELOPE NIL)"), *flying[::2], flying[1])
        assert 1 == taker(said(f"* 7 FETCH (UID 12 BODY[1] {{1}} {whole})"), part)

    def test_what_is_told_in_pieces_goes_to_one(self) -> None:
        flying = [ImapTicket(fetch(12, items=SUMMARY)) for _ in range(2)]
        pieces = "RFC822.SIZE 5", "ENVELOPE NIL", "BODYSTRUCTURE NIL"
        for ticket in flying:
            for piece in pieces:
                assert ticket is claimant(said(f"* 7 FETCH (UID 12 {piece})"), flying)

    def test_what_was_told_of_very_many_is_not_kept_one_by_one(self) -> None:
        flying = [ImapTicket(commands.Fetch(EVERY, WHOLE)) for _ in range(2)]
        numbers = range(1, 20_001)
        tracemalloc.start()
        for ticket in flying:
            assert all(ticket is claimant(body(number), flying) for number in numbers)
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert 3_000_000 > held

    def test_a_message_below_an_open_range_is_the_last_one(self) -> None:
        answer = said("* 7 FETCH (UID 12 BODY[] {1})")
        below = commands.Fetch(From(13), WHOLE)
        assert 1 == taker(answer, below)
        assert 2 == taker(answer, below, fetch(12, items=WHOLE))
        assert 1 == taker(answer, commands.Fetch(From(12), WHOLE), fetch(12, items=WHOLE))

    def test_an_open_range_of_places_is_no_range_of_uids(self) -> None:
        newest = commands.Fetch(From(8), WHOLE, by_sequence=True)
        before = fetch(6, 7, items=WHOLE, by_sequence=True)
        assert 2 == taker(said("* 7 FETCH (UID 12 BODY[] {1})"), newest, before)
        assert 1 == taker(said("* 8 FETCH (UID 13 BODY[] {1})"), newest, before)

    @pytest.mark.parametrize("items", [WHOLE, HEADER, SUMMARY, ("BINARY.PEEK[1]",)])
    def test_flags_alone_are_news_to_who_asked_for_more(self, items: tuple[str, ...]) -> None:
        news = said("* 7 FETCH (UID 12 FLAGS (\\Seen) MODSEQ (5))")
        assert taker(news, fetch(12, items=items)) is None
        assert 2 == taker(news, fetch(12, items=items), fetch(12, items=("UID", "FLAGS")))

    @pytest.mark.parametrize(
        ("answer", "items"),
        [
            ("* 7 FETCH (UID 12 BODY[] {1})", WHOLE),
            ("* 7 FETCH (UID 12 BODY[] NIL)", WHOLE),
            ("* 7 FETCH (FLAGS (\\Seen) BODY[] {1} UID 12)", WHOLE),
            ("* 7 FETCH (UID 12 BODY[HEADER] {1})", HEADER),
            ("* 7 FETCH (UID 12 RFC822.SIZE 5)", SUMMARY),
            ("* 7 FETCH (UID 12 ENVELOPE NIL)", SUMMARY),
            ("* 7 FETCH (UID 12 BINARY[1] {1})", ("BINARY.PEEK[1]",)),
            ("* 7 FETCH (UID 12 BODY[1] {1})", ("BODYSTRUCTURE", "BODY.PEEK[1]")),
        ],
    )
    def test_the_order_of_answers_is_the_servers_affair(
        self, answer: str, items: tuple[str, ...]
    ) -> None:
        others = [fetch(12, items=each) for each in (WHOLE, HEADER, SUMMARY) if each != items]
        assert 3 <= (taker(said(answer), *others, fetch(12), fetch(12, items=items)) or 0)

    def test_what_nobody_has_asked_for_is_still_about_that_message(self) -> None:
        # RFC822 instead of BODY[], as some servers say: better read by the wrong one than lost.
        answer = said("* 7 FETCH (UID 12 X-SOMETHING 5)")
        assert 1 == taker(answer, fetch(12, items=WHOLE))
