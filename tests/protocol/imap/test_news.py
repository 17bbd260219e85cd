"""What observers are told, and when they are woken for it."""

from __future__ import annotations

from array import array

import pytest

from courriel.model.events import FlagsChanged, Resynchronise
from courriel.model.events import Vanished as Gone
from courriel.model.limits import Limits
from courriel.model.uids import UidSet
from courriel.protocol.imap.news import Newsroom
from courriel.protocol.imap.observers import Observer
from courriel.protocol.imap.selected import Selected
from courriel.wire.imap.answers import Answer, Exists, Expunged, Recent, Vanished
from courriel.wire.imap.fetched import Fetched


def flags(number: int, *words: str, uid: int | None = None) -> Fetched:
    answer = Fetched(number, Limits())
    answer.flags, answer.uid = frozenset(words), uid
    return answer


class Room:
    """A newsroom, a folder of three messages, and somebody who watches it."""

    def __init__(self, *uids: int) -> None:
        self.news = Newsroom()
        self.selected = Selected("INBOX", exists=3)
        if uids:
            self.selected.uids = array("I", uids)
        self.observer = self.news.watch("INBOX")

    def hear(self, *answers: Answer) -> Observer:
        for answer in answers:
            self.news.tell(self.selected, answer)
        return self.observer


def test_an_expunge_is_told_by_uid() -> None:
    observer = Room(11, 12, 13).hear(Expunged(2), Expunged(2))
    assert [Gone("INBOX", (12,)), Gone("INBOX", (13,))] == list(observer.events)
    assert observer.news.done
    assert not observer.lost


def test_one_whose_uid_nobody_knows_is_looked_for() -> None:
    room = Room()
    assert room.hear(Expunged(2)).lost
    assert [] == list(room.observer.events)
    assert 2 == room.selected.exists


def test_one_that_came_and_went_unseen_is_no_news() -> None:
    room = Room(11, 12, 13)
    observer = room.hear(Exists(4), Expunged(4))
    assert observer.grown
    assert not observer.lost
    assert [] == list(observer.events)
    assert array("I", (11, 12, 13)) == room.selected.uids


def test_what_vanished_is_told_as_far_as_it_was_known() -> None:
    room = Room(11, 12, 13)
    observer = room.hear(Vanished(False, UidSet(((12, 99),))))
    assert [Gone("INBOX", (12, 13))] == list(observer.events)
    assert array("I", (11,)) == room.selected.uids


@pytest.mark.parametrize(
    "answer", [Recent(5), Exists(3), Vanished(True, UidSet.of([11])), flags(9, "\\Seen")]
)
def test_what_is_no_news(answer: Answer) -> None:
    observer = Room(11, 12, 13).hear(answer)
    assert not observer.news.done


def test_flags_are_told_by_uid() -> None:
    observer = Room(11, 12, 13).hear(flags(2, "\\Seen"), flags(1, uid=99))
    assert [
        FlagsChanged("INBOX", 12, frozenset({"\\Seen"})),
        FlagsChanged("INBOX", 99, frozenset()),
    ] == list(observer.events)


def test_more_messages_are_to_be_looked_for() -> None:
    observer = Room(11, 12, 13).hear(Exists(4))
    assert observer.grown
    assert observer.news.done


def test_fewer_messages_without_a_word_are_a_lost_count() -> None:
    room = Room(11, 12, 13)
    observer = room.hear(Exists(2), Exists(1))
    assert observer.lost
    assert 1 == len(observer.events)
    assert isinstance(observer.events[0], Resynchronise)
    assert room.selected.uids is None


def test_only_the_folder_that_is_watched() -> None:
    room = Room(11, 12, 13)
    other = room.news.watch("Other")
    room.hear(Expunged(1))
    assert not other.news.done


def test_a_folder_that_is_left_is_to_be_looked_at_anew() -> None:
    room = Room()
    room.news.left("INBOX")
    assert room.observer.lost
    assert room.observer.news.done


def test_where_another_is_watched_too_it_has_its_turn_later() -> None:
    room = Room()
    other = room.news.watch("Other")
    room.news.left("INBOX")
    assert room.observer.lost
    assert not room.observer.news.done
    room.news.leave(other)
    assert room.observer.news.done


def test_whoever_leaves_is_told_nothing() -> None:
    room = Room(11, 12, 13)
    room.news.leave(room.observer)
    room.news.leave(room.observer)
    assert not room.hear(Expunged(1)).news.done


def test_the_end_wakes_everybody() -> None:
    room = Room()
    room.news.end()
    assert room.observer.news.done
    assert room.observer.lost


class TestObserver:
    def test_waits_only_when_there_is_nothing(self) -> None:
        observer = Observer("INBOX")
        observer.stir()
        observer.stir()
        observer.calm()
        assert not observer.news.done
        observer.grow()
        observer.calm()
        assert observer.news.done

    def test_keeps_only_so_much(self) -> None:
        observer = Observer("INBOX")
        for _ in range(25_000):
            observer.tell(Gone("INBOX", (1,)))
        assert len(observer.events) <= 10_001
        assert observer.lost
        assert any(isinstance(event, Resynchronise) for event in observer.events)
