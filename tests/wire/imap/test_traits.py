"""What commands need of one another (RFC 3501, 5.5 and 7.4.1), as a table of pairs."""

from __future__ import annotations

import pytest

from courriel.model.query import where
from courriel.model.secret import Secret
from courriel.model.uids import UidSet
from courriel.wire.imap.commands import (
    Append,
    Capability,
    Close,
    Command,
    Compress,
    Copy,
    Create,
    Delete,
    Enable,
    Expunge,
    Fetch,
    Idle,
    List,
    Login,
    Logout,
    Move,
    Noop,
    Rename,
    Search,
    Select,
    Sort,
    StartTls,
    Status,
    Store,
    Thread,
    Unselect,
    Upload,
)
from courriel.wire.imap.fragments import StreamLiteral
from courriel.wire.imap.sets import EVERY, SAVED, From, NumberSet, overlap
from courriel.wire.imap.traits import RULED_OUT, Does, Need

IDS = UidSet.of([1, 2])

FETCH = Fetch(IDS, ("UID", "ENVELOPE"))
FETCH_FLAGS = Fetch(IDS, ("UID", "FLAGS"))
FETCH_NUMBERS = Fetch(IDS, ("UID",), by_sequence=True)
STORE = Store(IDS, "+", "seen")
STORE_LOUD = Store(IDS, "+", "seen", silent=False)
SEARCH = Search(where.subject("x"))
SEARCH_FLAGS = Search(where.unseen)
SEARCH_NUMBERS = Search(where.subject("x"), uid=False)
APPEND = Append("a", (Upload(StreamLiteral(5)),))


def allowed(first: Command, second: Command) -> bool:
    """Whether the second may be sent while the first is under way."""
    ruled_out = {deed for need in second.needs for deed in RULED_OUT[need]} | {Does.BARRIER}
    return Need.SILENCE not in second.needs and not ruled_out & first.does


TOGETHER = [
    (FETCH, FETCH),
    (FETCH, STORE),
    (FETCH, SEARCH),
    (FETCH_FLAGS, FETCH_FLAGS),
    (FETCH_NUMBERS, FETCH_NUMBERS),
    (FETCH_NUMBERS, SEARCH_NUMBERS),
    (SEARCH_NUMBERS, FETCH_NUMBERS),
    # Numbers in front of what may expunge are safe: it is carried out after them.
    (FETCH_NUMBERS, Noop()),
    (FETCH_NUMBERS, FETCH),
    (STORE, STORE),
    (STORE, FETCH),
    (SEARCH_FLAGS, FETCH_FLAGS),
    (Copy(IDS, "a"), Copy(IDS, "b")),
    (Move(IDS, "a"), Move(IDS, "b")),
    (Expunge(), FETCH),
    (Noop(), FETCH),
    (APPEND, APPEND),
    (APPEND, FETCH),
    (Status("a", ("MESSAGES",)), Status("b", ("MESSAGES",))),
    (List(), Status("a", ("MESSAGES",))),
    (Create("a"), Create("b")),
    (Delete("a"), Delete("b")),
    (Rename("a", "b"), List()),
    (Capability(), Noop()),
    (Select("a"), Status("b", ("MESSAGES",))),
    (Noop(), Select("a")),
    (Sort(), Thread()),
]
APART = [
    # Numbers behind what may expunge could mean other messages.
    (Noop(), FETCH_NUMBERS),
    (FETCH, FETCH_NUMBERS),
    (STORE, FETCH_NUMBERS),
    (Copy(IDS, "a"), SEARCH_NUMBERS),
    (Expunge(), SEARCH_NUMBERS),
    (APPEND, Sort(uid=False)),
    (SEARCH, Thread(uid=False)),
    # Flags are read before or after they change, not while.
    (STORE, FETCH_FLAGS),
    (FETCH_FLAGS, STORE),
    (STORE, SEARCH_FLAGS),
    (SEARCH_FLAGS, STORE),
    (STORE, STORE_LOUD),
    (STORE_LOUD, STORE),
    (STORE_LOUD, STORE_LOUD),
    (Store(IDS, "+", "seen", unchanged_since=5), FETCH_FLAGS),
    (STORE, Copy(IDS, "a")),
    (Copy(IDS, "a"), STORE),
    (STORE, Move(IDS, "a")),
    (STORE, Expunge(IDS)),
    (STORE, Expunge()),
    # Nobody is taken to another folder, or acts in one that may not be there.
    *((Select("a"), second) for second in (FETCH, STORE, SEARCH, Expunge(), Idle(), Close())),
    *((Unselect(), second) for second in (FETCH, STORE, SEARCH, Expunge(), Idle())),
    *((first, Select("a")) for first in (FETCH, STORE, SEARCH, Copy(IDS, "a"), Select("b"))),
    *((first, Unselect()) for first in (FETCH, Select("a"), Close())),
    (FETCH, Delete("a")),
    (FETCH, Rename("a", "b")),
    # Nothing runs beside what changes the conversation itself.
    *((StartTls(), second) for second in (Noop(), Capability(), Login("a", Secret("b")))),
    *((Noop(), second) for second in (StartTls(), Compress(), Enable(("CONDSTORE",)))),
    (Login("a", Secret("b")), Capability()),
    (Idle(), FETCH),
    (Compress(), Noop()),
    (Logout(), Noop()),
]


@pytest.mark.parametrize(("first", "second"), TOGETHER)
def test_together(first: Command, second: Command) -> None:
    assert allowed(first, second)


@pytest.mark.parametrize(("first", "second"), APART)
def test_apart(first: Command, second: Command) -> None:
    assert not allowed(first, second)


def test_every_need_rules_something_out() -> None:
    assert set(Need) == set(RULED_OUT)
    assert all(RULED_OUT.values())


@pytest.mark.parametrize(
    ("one", "other", "common"),
    [
        (UidSet.of([1, 5, 9]), UidSet.of([2, 6, 10]), False),
        (UidSet.of([1, 5, 9]), UidSet.of([9]), True),
        (UidSet(((1, 4_294_967_295),)), UidSet.of([7]), True),
        (UidSet(), IDS, False),
        (EVERY, IDS, True),
        (SAVED, IDS, True),
        (From(500), IDS, True),
    ],
)
def test_sets_that_may_have_a_message_in_common(
    one: NumberSet, other: NumberSet, common: bool
) -> None:
    assert common is overlap(one, other)
    assert common is overlap(other, one)
