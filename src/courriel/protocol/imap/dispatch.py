"""Whose answer is it? The first command in flight that asks for things of its kind.

Servers answer commands in the order they like and add what nobody has asked for (RFC 9051, 7), so
an answer is given by what it is about: a FETCH to the command whose set holds the UID, a STATUS to
the command that named the folder. What no command wants is news about the selected folder. Which
of several FETCHes is meant is the business of ``telling``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from courriel.protocol.imap.telling import asker_of, named, within
from courriel.protocol.imap.tickets import ImapTicket
from courriel.wire.imap import commands
from courriel.wire.imap.answers import (
    Answer,
    CapabilityList,
    Condition,
    Copied,
    Enabled,
    Exists,
    Expunged,
    FlagList,
    Found,
    Identity,
    Listed,
    NamespaceList,
    QuotaOf,
    QuotaRoots,
    Recent,
    StatusOf,
    Threads,
    Vanished,
)
from courriel.wire.imap.fetched import Fetched
from courriel.wire.imap.names import encoded

Wants = Callable[[Any, Any, ImapTicket], bool]


def _always(command: Any, answer: Any, ticket: ImapTicket) -> bool:
    return True


def _stored(command: commands.Store, answer: Fetched, ticket: ImapTicket) -> bool:
    return answer.uid is not None and within(answer.uid, command.uids)


def _spoken_of(command: commands.Fetch, answer: Fetched, ticket: ImapTicket) -> bool:
    # Flags that nobody has asked for are news.
    return answer.flags is None and named(command, answer)


def _of_the_folder(command: commands.Status, answer: StatusOf, ticket: ImapTicket) -> bool:
    # One is enough; the next may be for a LIST. Octets are octets, however they are read.
    same = _same(command.name, answer.name) or encoded(command.name) == answer.raw
    return same and not ticket.count


def _with_status(command: commands.List, answer: StatusOf, ticket: ImapTicket) -> bool:
    return bool(command.status)


def _subscribed(command: Any, answer: Listed, ticket: ImapTicket) -> bool:
    return answer.subscribed_list


def _found(kind: str) -> Wants:
    def wanted(command: Any, answer: Found, ticket: ImapTicket) -> bool:
        if answer.kind == "ESEARCH":
            return answer.tag is None or answer.tag == ticket.tag
        return answer.kind == kind

    return wanted


def _while_vanishing(command: commands.Fetch, answer: Vanished, ticket: ImapTicket) -> bool:
    return answer.earlier and command.vanished


def _moved(command: commands.Move, answer: Condition, ticket: ImapTicket) -> bool:
    """Whether it says where the messages of this MOVE are now (RFC 6851, 4.3)."""
    copied = None if answer.code is None else answer.code.value
    return isinstance(copied, Copied) and any(
        within(number, command.uids) for pair in copied.source for number in pair
    )


_WANTED: dict[type[Any], tuple[tuple[type[Any], Wants], ...]] = {
    Fetched: ((commands.Store, _stored), (commands.Fetch, _spoken_of)),
    Found: ((commands.Search, _found("SEARCH")), (commands.Sort, _found("SORT"))),
    Threads: ((commands.Thread, _always),),
    # An LSUB is also what some servers answer to LIST (SUBSCRIBED), and the other way round.
    Listed: (
        (commands.Lsub, _subscribed),
        (commands.List, _always),
        (commands.Xlist, _always),
        (commands.Lsub, _always),
    ),
    StatusOf: ((commands.Status, _of_the_folder), (commands.List, _with_status)),
    NamespaceList: ((commands.Namespace, _always),),
    QuotaOf: ((commands.GetQuotaRoot, _always), (commands.GetQuota, _always)),
    QuotaRoots: ((commands.GetQuotaRoot, _always),),
    Identity: ((commands.Id, _always),),
    Enabled: ((commands.Enable, _always),),
    CapabilityList: ((commands.Capability, _always),),
    Vanished: ((commands.Select, _always), (commands.Fetch, _while_vanishing)),
    Exists: ((commands.Select, _always),),
    Recent: ((commands.Select, _always),),
    FlagList: ((commands.Select, _always),),
    Expunged: (),
    Condition: ((commands.Move, _moved), (commands.Select, _always)),
}


def claimant(answer: Answer, flying: Iterable[ImapTicket]) -> ImapTicket | None:
    """Return the ticket that an untagged answer belongs to, or None."""
    if isinstance(answer, Fetched) and (asker := asker_of(answer, flying)) is not None:
        return asker
    for kind, wants in _WANTED.get(type(answer), ()):
        for ticket in flying:
            if isinstance(ticket.command, kind) and wants(ticket.command, answer, ticket):
                return ticket
    return None


def _same(one: str, other: str) -> bool:
    """Whether two names mean one folder; INBOX is the same in any case (RFC 9051, 5.1)."""
    return one == other or (one.upper() == "INBOX" and other.upper() == "INBOX")
