"""The conformance suite on sessions that keep it, and on some that do not."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from courriel.errors import CourrielError
from courriel.testing import ReadingSuite
from tests.testing.memory import AsyncMemorySession, Box, MemorySession

LACKS = {"flags": "FLAGS", "folders": "folders"}


class TestBlockingSessions(ReadingSuite):
    """A blocking session that does everything right."""

    lacks = LACKS

    @contextmanager
    def account(self, sources: Sequence[bytes]) -> Iterator[Callable[[], Any]]:
        box = Box(sources)
        yield lambda: MemorySession(box)


class TestAsyncSessions(ReadingSuite):
    """An asyncio session that does everything right."""

    lacks = LACKS

    @contextmanager
    def account(self, sources: Sequence[bytes]) -> Iterator[Callable[[], Any]]:
        box = Box(sources)
        yield lambda: AsyncMemorySession(box)


class Faulty(ReadingSuite):
    """A session with a fault."""

    lacks = LACKS

    def __init__(self, fault: str) -> None:
        self.fault = fault

    @contextmanager
    def account(self, sources: Sequence[bytes]) -> Iterator[Callable[[], Any]]:
        box = Box(sources)
        yield lambda: MemorySession(box, frozenset({self.fault}))


def failures(suite: ReadingSuite) -> set[str]:
    """Return which tests fail."""
    failed = set()
    for name, test in inspect.getmembers(suite, inspect.ismethod):
        if name.startswith("test_"):
            try:
                test()
            except (AssertionError, CourrielError):
                failed.add(name)
    return failed


@pytest.mark.parametrize(
    ("fault", "test"),
    [
        ("changes line ends", "test_a_message_comes_octet_for_octet"),
        ("conceals", "test_unknown_ids_do_not_stop_the_others"),
        ("deletes all", "test_deleting_nothing_deletes_nothing"),
        ("deletes nothing", "test_deleted_messages_are_gone_in_the_next_session"),
        ("does not decode", "test_parts_come_decoded"),
        ("does not know better", "test_an_unknown_id_is_an_error"),
        ("has every folder", "test_what_is_not_supported_is_named"),
        ("hides what it lacks", "test_calls_that_the_backend_lacks_are_refused_by_name"),
        ("ignores limits", "test_the_newest_come_first_when_wanted"),
        ("ignores queries", "test_queries_find_what_they_mean"),
        ("ignores unread", "test_what_is_not_supported_is_named"),
        ("keeps the order", "test_the_newest_come_first_when_wanted"),
        ("knows no summaries", "test_a_summary_stands_for_its_id"),
        ("looks anywhere", "test_a_message_is_looked_for_in_its_folder"),
        ("marks as read", "test_reading_marks_nothing_as_read"),
        ("renumbers", "test_ids_stay_the_same_in_the_next_session"),
        ("stops", "test_unknown_ids_do_not_stop_the_others"),
        ("sorts", "test_many_come_in_the_order_of_the_ids"),
    ],
)
def test_a_fault_is_noticed(fault: str, test: str) -> None:
    assert test in failures(Faulty(fault))


def test_without_a_fault_nothing_fails() -> None:
    assert set() == failures(Faulty(""))


def test_an_account_must_be_told() -> None:
    with pytest.raises(NotImplementedError):
        ReadingSuite().test_deleting_nothing_deletes_nothing()
