"""The searches that a query takes: as many as lines are needed, all in flight, and their results.

A server decides what it finds, but not how much of it is believed: no folder has more UIDs than
messages.
"""

from __future__ import annotations

from typing import NamedTuple

from courriel.errors import CourrielError, Garbled
from courriel.faces import Flow
from courriel.flows.imap_dialogue import ImapDialogue
from courriel.flows.narrowing import Plan, combined, pieces, plan
from courriel.flows.selecting import submit_in
from courriel.model.querytree import Query
from courriel.model.uids import UidSet
from courriel.protocol.imap.tickets import Completed, ImapTicket
from courriel.wire.imap.answers import Found
from courriel.wire.imap.commands import Search

_LATE = 1_000
"""Messages that may have come since the server last said how many there are."""


class Searches(NamedTuple):
    """Searches in flight, and how their results are put together."""

    plan: Plan
    tickets: list[ImapTicket]


def submit_searches(
    dialogue: ImapDialogue, query: Query, folder: str, *, charset: str | None = None
) -> Searches:
    """Put the searches in flight whose results together are those of ``query``."""
    words = dialogue.machine.words
    options = ("ALL",) if "ESEARCH" in words or "IMAP4REV2" in words else ()
    planned = plan(query)
    tickets = [
        submit_in(dialogue, Search(piece, charset, return_options=options, folder=folder), folder)
        for piece in pieces(planned)
    ]
    return Searches(planned, tickets)


def gathered(dialogue: ImapDialogue, searches: Searches, folder: str) -> Flow[UidSet]:
    """Wait for searches and return what they have found together."""
    found: list[UidSet] = []
    try:
        for ticket in searches.tickets:
            completed = yield from ticket
            found.append(_numbers(completed))
    except CourrielError:
        for ticket in searches.tickets:
            ticket.give_up()
        raise
    uids = combined(searches.plan, iter(found))
    check_size(dialogue, len(uids), folder)
    return uids


def _numbers(completed: Completed) -> UidSet:
    numbers = UidSet()
    for found in completed.all(Found):
        # A SORT would be a tuple in order.
        numbers |= UidSet.of(found.numbers)
    return numbers


def check_size(dialogue: ImapDialogue, count: int, folder: str) -> None:
    """Raise Garbled for more than the folder can hold: it would be expanded by whoever uses it."""
    machine = dialogue.machine
    most, selected = machine.limits.answers, machine.selected
    if selected is not None and selected.folder == folder:
        most = min(most, selected.exists + _LATE)
    if count > most:
        error = Garbled(
            f"the server has found {count} messages in a folder of at most {most}",
            hint="Limits.answers bounds them too.",
        )
        # The conversation itself is in step.
        error.session_usable = True
        raise error
