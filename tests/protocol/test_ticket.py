"""Tickets: answered once, with an error of their own, and never answered to nobody."""

from __future__ import annotations

import pytest

from courriel.errors import Disconnected, Uncertain
from courriel.protocol.ticket import Ticket


def waited_for(ticket: Ticket[str]) -> tuple[list[object], str]:
    """Run a flow that waits for a ticket; return what it yielded, and its result."""
    yielded: list[object] = []
    waiting = iter(ticket)
    try:
        yielded.append(next(waiting))
        ticket.resolve("late")
        next(waiting)
    except StopIteration as stop:
        return yielded, stop.value
    raise AssertionError("a ticket is waited for once")


def test_a_ticket_yields_itself_and_returns_the_answer() -> None:
    ticket: Ticket[str] = Ticket()
    assert ([ticket], "late") == waited_for(ticket)
    assert not ticket.abandoned


def test_one_that_is_done_need_not_be_waited_for() -> None:
    ticket: Ticket[str] = Ticket()
    ticket.resolve("early")
    assert ([], "early") == waited_for(ticket)


def test_whoever_waits_is_woken_once() -> None:
    ticket: Ticket[str] = Ticket()
    woken: list[bool] = []
    ticket.wake = lambda: woken.append(ticket.done)
    ticket.resolve("now")
    assert [True] == woken
    assert ticket.wake is None


def test_an_error_is_raised_where_the_answer_would_be() -> None:
    ticket: Ticket[str] = Ticket()
    waiting = iter(ticket)
    next(waiting)
    ticket.fail(Disconnected("gone"))
    with pytest.raises(Disconnected, match="gone"):
        next(waiting)
    assert not ticket.abandoned


def test_one_cause_fails_many_each_with_its_own_error() -> None:
    cause = Disconnected("gone", operation="send", hint="Open it again.")
    cause.__cause__ = OSError("reset")
    tickets: list[Ticket[str]] = [Ticket(), Ticket()]
    for ticket in tickets:
        ticket.fail(cause)
    first, second = (ticket.error for ticket in tickets)
    assert first is not second
    assert first is not None
    assert str(cause) == str(first) == str(second)
    assert cause.__cause__ is first.__cause__
    first.operation = "other"
    assert "send" == cause.operation


def test_a_copy_keeps_what_the_error_knows() -> None:
    ticket: Ticket[str] = Ticket()
    ticket.fail(Uncertain("perhaps", message_id="<1@example.org>", session_usable=True))
    assert isinstance(ticket.error, Uncertain)
    assert "<1@example.org>" == ticket.error.message_id
    assert ticket.error.session_usable


@pytest.mark.parametrize("how", ["close", "throw"])
def test_a_flow_that_goes_away_abandons_its_ticket(how: str) -> None:
    ticket: Ticket[str] = Ticket()
    ticket.wake = lambda: pytest.fail("nobody waits")
    waiting = iter(ticket)
    next(waiting)
    if how == "close":
        waiting.close()
    else:
        with pytest.raises(TimeoutError):
            waiting.throw(TimeoutError())
    assert ticket.abandoned
    ticket.resolve("swallowed")
    assert "swallowed" == ticket.value
