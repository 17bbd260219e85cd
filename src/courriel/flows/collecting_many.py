"""Reading many POP3 messages: in flight together, in order, and no more of each than is wanted.

Commands are asked for ahead of the caller, as many as ``Limits.retrievals`` and octets as
``Limits.window_octets``, and again when half of them are used up, so that they go out in few
pieces. What lies in between is bounded by the same numbers, and large messages wait in files
(``model.spool``). When the caller stops, what was not written yet never will be.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Any

from courriel.errors import Misused, NotSupported, Refused
from courriel.faces import Emit, Flow, Items
from courriel.flows.collecting import (
    Ids,
    check_folder,
    check_header,
    check_ids,
    header_answered,
    header_command,
    listed,
    number_of,
)
from courriel.flows.maildrop import Maildrop, header_of
from courriel.flows.pop3_opening import Pop3Dialogue
from courriel.flows.taking import taken
from courriel.model.characters import excerpt
from courriel.model.email import Email
from courriel.model.envelope import Envelope
from courriel.model.matching import Reach, matches, reach
from courriel.model.parts import parts_of
from courriel.model.query import Query
from courriel.model.summary import Summary
from courriel.protocol.pop3 import Pop3Machine
from courriel.protocol.ticket import Ticket
from courriel.wire.pop3.commands import Command, Retrieve
from courriel.wire.pop3.replies import Answer


class Ahead:
    """Messages asked for, in order, ahead of whoever takes them."""

    __slots__ = ("_drop", "_machine", "_most", "_numbers", "_queue", "_whole")

    def __init__(
        self,
        machine: Pop3Machine,
        drop: Maildrop,
        numbers: Iterator[int],
        *,
        whole: bool,
        most: int,
    ) -> None:
        self._machine = machine
        self._drop = drop
        self._numbers = numbers
        self._whole = whole
        self._most = most
        self._queue: deque[tuple[int, Command, int, Ticket[Answer]]] = deque()

    def take(self) -> Flow[tuple[int, bytes] | None]:
        """Return the next message's number and its octets, None when there is none.

        Raises Refused when the server does not give it; the next one may be taken.
        """
        if len(self._queue) <= self._most // 2:
            self._ask()
        if not self._queue:
            return None
        number, command, _, ticket = self._queue.popleft()
        answer = yield from ticket
        octets = yield from header_answered(self._machine, self._drop, number, command, answer)
        return number, octets

    def _ask(self) -> None:
        """Ask for as many as the window takes."""
        self._machine.check_usable()
        queue, submit = self._queue, self._machine.submit
        octets, room = sum(expected for _, _, expected, _ in queue), self._most - len(queue)
        while room and (octets < self._machine.limits.window_octets or not queue):
            number = next(self._numbers, None)
            if number is None:
                return
            command, expected = self._request(number)
            queue.append((number, command, expected, submit(command, expected)))
            octets += expected
            room -= 1

    def _request(self, number: int) -> tuple[Command, int]:
        if self._whole:
            return Retrieve(number), self._drop.sizes[number]
        return header_command(self._machine, self._drop, number)

    def close(self) -> None:
        """Give up what was asked for and not taken."""
        self._machine.withdraw(ticket for *_, ticket in self._queue)


def fetch_many(dialogue: Pop3Dialogue, ids: Ids, folder: str | None) -> Items[Email]:
    """Emit whole messages, in the order of their ids; raise behind them if one is not there."""
    check_folder(folder, "fetch_many")
    names = check_ids((yield from taken(ids)), "fetch_many")
    if not names:
        return
    drop = yield from listed(dialogue)
    machine = dialogue.machine
    found: list[tuple[str, int, bool]] = []
    absent: Refused | None = None
    for name in names:
        try:
            found.append((name, *number_of(machine, drop, name)))
        except Refused as error:
            absent = absent or error
    numbers = iter([number for _, number, _ in found])
    ahead = Ahead(machine, drop, numbers, whole=True, most=machine.limits.retrievals)
    try:
        for name, _, uncertain in found:
            try:
                message = yield from ahead.take()
                assert message is not None  # There is one for each id.
                number, octets = message
                if uncertain:
                    check_header(drop, name, number, header_of(octets))
            except Refused as error:
                absent = absent or error
                continue
            yield Emit(Email.from_source(octets))
    finally:
        ahead.close()
    if absent is not None:
        raise absent


def messages(
    dialogue: Pop3Dialogue,
    folder: str,
    unread: bool | None,
    query: Query | None,
    newest_first: bool,
    limit: int | None,
) -> Items[Summary]:
    """Emit summaries of what lies in the mailbox and answers to the query.

    Raise behind them if one could not be looked at.
    """
    wanted = _check(folder, unread, query, limit)
    if limit == 0:
        return
    drop = yield from listed(dialogue)
    machine = dialogue.machine
    sizes = reversed(drop.sizes) if newest_first else iter(drop.sizes)
    numbers = (number for number in sizes if number not in machine.marked)
    judge = _Judge(drop, query, wanted)
    most = machine.limits.retrievals
    chosen: Iterator[int] = filter(judge.listing, numbers)
    if limit is not None and judge.certain:
        chosen = islice(chosen, limit)
    elif limit is not None:
        # Of those that must be looked at first some will do, and nobody knows how many.
        most = min(most, 2 * limit + 16)
    ahead = Ahead(machine, drop, chosen, whole=wanted == "body", most=most)
    yield from _chosen(ahead, judge, -1 if limit is None else limit)


def _chosen(ahead: Ahead, judge: _Judge, left: int) -> Items[Summary]:
    """Emit so many summaries of what the judge lets pass, all of them if ``left`` is negative."""
    refused: Refused | None = None
    try:
        while left:
            try:
                message = yield from ahead.take()
            except Refused as error:
                refused = refused or error
                continue
            if message is None:
                break
            summary = judge.message(*message)
            if summary is not None:
                left -= 1
                yield Emit(summary)
    finally:
        ahead.close()
    if left and refused is not None:
        raise refused


def _check(folder: str, unread: Any, query: Query | None, limit: Any) -> Reach:
    """Return how much of each message must be here to choose from them."""
    check_folder(folder, "messages")
    if unread is not None:
        raise NotSupported(
            "a POP3 server does not know which messages were read",
            capability="FLAGS",
            hint="Leave unread out, and remember the ids that you have seen.",
        )
    if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 0):
        raise Misused(f"limit must be a number or None, not {excerpt(limit)}")
    if query is None:
        return "listing"
    if not isinstance(query, Query):
        raise Misused(
            f"query must be made with where, not {excerpt(query)}",
            hint='For example where.sender("bob") & where.since(day).',
        )
    return reach(query)


class _Judge:
    """The choice of messages, as early as it can be made, and what is told of the chosen."""

    __slots__ = ("_drop", "_query", "_reach", "certain")

    def __init__(self, drop: Maildrop, query: Query | None, wanted: Reach) -> None:
        self._drop = drop
        self._query = query
        self._reach = wanted
        self.certain = query is None or (
            wanted == "listing" and all(drop.name(number) for number in drop.sizes)
        )
        """Whether the listing decides."""

    def listing(self, number: int) -> bool:
        """Tell whether a message may be one of those, by number alone."""
        if self._query is None or not self.certain:
            return True
        return self._matches(self._query, Email.from_source(b""), number, self._drop.name(number))

    def message(self, number: int, octets: bytes) -> Summary | None:
        """Return the summary of a message that is here, None when it is not one of those."""
        whole = self._reach == "body"
        header = header_of(octets)
        name = self._drop.remember(number, header)
        email = Email.from_source(octets if whole else header)
        query = None if self.certain else self._query
        if query is not None and not self._matches(query, email, number, name):
            return None
        size = self._drop.sizes[number]
        if whole:
            # The message itself is not kept with its summary.
            return Summary(
                *(name, "INBOX", size),
                envelope=Envelope.of(email),
                parts=parts_of(email),
                defects=email.defects,
            )
        return Summary(name, "INBOX", size, envelope=lambda: Envelope.of(email))

    def _matches(self, query: Query, email: Email, number: int, name: str | None) -> bool:
        return matches(query, email, size=self._drop.sizes[number], id=name)
