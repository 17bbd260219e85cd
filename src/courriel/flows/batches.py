"""One command for each piece of a set that is too long for a line, all in flight.

The pieces are one call for whoever makes it, but the server may carry out some and refuse others.
So all are waited for, and the first refusal is raised behind them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from courriel.errors import CourrielError, Refused
from courriel.faces import Flow
from courriel.flows.imap_dialogue import ImapDialogue
from courriel.flows.selecting import submit_in
from courriel.model.uids import UidSet
from courriel.protocol.imap.tickets import Completed, ImapTicket
from courriel.wire.imap.commands import Command
from courriel.wire.imap.fragments import SET_OCTETS


def in_pieces(
    dialogue: ImapDialogue, uids: UidSet, make: Callable[[UidSet], Iterable[Command]]
) -> list[ImapTicket]:
    """Put in flight what ``make`` gives for each piece; its commands say in which folder.

    All of them may change that folder.
    """
    commands = [command for piece in uids.pieces(SET_OCTETS) for command in make(piece)]
    return [submit_in(dialogue, command, command.folder or "", write=True) for command in commands]


def outcomes(tickets: Sequence[ImapTicket]) -> Flow[list[Completed | Refused]]:
    """Wait for all and return what became of each. Raises only what ends the conversation."""
    found: list[Completed | Refused] = []
    try:
        for ticket in tickets:
            try:
                found.append((yield from ticket))
            except Refused as refusal:
                found.append(refusal)
    except BaseException:
        for ticket in tickets:
            ticket.give_up()
        raise
    return found


def all_done(tickets: Sequence[ImapTicket]) -> Flow[list[Completed]]:
    """Wait for all and return their ends; raise the first refusal behind them."""
    found = yield from outcomes(tickets)
    return [_granted(each) for each in found]


def _granted(outcome: Completed | CourrielError) -> Completed:
    if isinstance(outcome, CourrielError):
        raise outcome
    return outcome
