"""The selected folder: what the server says of it, and which message has which number."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.model.limits import Limits
from courriel.model.uids import UidSet
from courriel.protocol.imap.selected import Selected
from courriel.wire.imap.answers import (
    Answer,
    Code,
    Condition,
    Exists,
    Expunged,
    FlagList,
    Recent,
    Unknown,
    Vanished,
)
from courriel.wire.imap.fetched import Fetched


def code(name: str, value: object = None) -> Condition:
    return Condition("OK", Code(name, value), "")


def numbered(*uids: int) -> Selected:
    return Selected("INBOX", exists=len(uids), uids=array("I", uids))


@pytest.mark.parametrize(
    ("answer", "name", "expected"),
    [
        (Exists(5), "exists", 5),
        (Recent(2), "recent", 2),
        (FlagList(frozenset({"\\Seen"})), "flags", frozenset({"\\Seen"})),
        (Expunged(1), "exists", 0),
        (code("UIDVALIDITY", 7), "uid_validity", 7),
        (code("UIDNEXT", 8), "uid_next", 8),
        (code("HIGHESTMODSEQ", 9), "highest_modseq", 9),
        (code("PERMANENTFLAGS", frozenset({"\\*"})), "permanent_flags", frozenset({"\\*"})),
        (code("READ-ONLY"), "read_only", True),
        (code("UIDVALIDITY", "nonsense"), "uid_validity", None),
        (code("UIDNEXT"), "uid_next", None),
        (code("ALERT"), "exists", 0),
        (Condition("OK", None, "still here"), "exists", 0),
        (Unknown(b"* XYZ"), "exists", 0),
    ],
)
def test_what_it_takes(answer: Answer, name: str, expected: object) -> None:
    selected = Selected("INBOX")
    selected.take(answer)
    assert expected == getattr(selected, name)


def test_what_is_taken_back() -> None:
    selected = Selected("INBOX", read_only=True, highest_modseq=5)
    selected.take(code("READ-WRITE"))
    selected.take(code("NOMODSEQ"))
    assert not selected.read_only
    assert selected.highest_modseq is None


def test_what_vanished_is_counted_without_being_expanded() -> None:
    selected = Selected("INBOX", exists=10)
    selected.take(Vanished(False, UidSet(((1, 3),))))
    assert 7 == selected.exists
    selected.take(Vanished(True, UidSet(((1, 3),))))
    assert 7 == selected.exists
    selected.take(Vanished(False, UidSet(((1, 2**32 - 1),))))
    assert 0 == selected.exists


def test_numbers_move_up() -> None:
    selected = numbered(10, 20, 30)
    assert [10, 20, 30] == [selected.uid_at(number) for number in (1, 2, 3)]
    assert 20 == selected.expunged(2)
    assert [10, 30, None] == [selected.uid_at(number) for number in (1, 2, 3)]


@pytest.mark.parametrize("number", [0, -1, 4, 2**32])
def test_numbers_that_no_message_has(number: int) -> None:
    selected = numbered(10, 20, 30)
    assert selected.uid_at(number) is None
    assert selected.expunged(number) is None
    assert array("I", (10, 20, 30)) == selected.uids


def test_nobody_has_asked_for_the_uids() -> None:
    selected = Selected("INBOX", exists=3)
    assert selected.uid_at(1) is None
    assert selected.expunged(1) is None
    assert () == selected.vanished(Vanished(False, UidSet.of([1])))


def test_what_vanished_was_known_or_not() -> None:
    selected = numbered(10, 20, 30)
    assert (10, 30) == selected.vanished(Vanished(False, UidSet(((1, 12), (25, 2**32 - 1)))))
    assert array("I", (20,)) == selected.uids


def test_a_fetch_says_its_uid_or_has_it_by_its_number() -> None:
    answer = Fetched(2, Limits())
    assert 20 == numbered(10, 20, 30).uid_of(answer)
    answer.uid = 99
    assert 99 == numbered(10, 20, 30).uid_of(answer)


@given(st.sets(st.integers(1, 1000), max_size=30), st.lists(st.integers(0, 40), max_size=30))
def test_it_counts_as_a_list_does(uids: set[int], expunges: list[int]) -> None:
    model = sorted(uids)
    selected = numbered(*model)
    for number in expunges:
        expected = model.pop(number - 1) if 0 < number <= len(model) else None
        assert expected == selected.expunged(number)
    assert model == list(selected.uids or ())
