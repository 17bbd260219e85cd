"""Which FETCH has asked for this? Among several in flight, the one that lacks just this.

An untagged FETCH tells of a message and names no command. Several may have asked about that
message, and all answers may come before the first tag: of commands that arrive together Dovecot
says the tags behind the answers to all of them. So an answer goes to the first command that has
asked for just what it holds and has not been told that of this message yet. Only where there is
none may it be a part of what a command has asked for, since some servers tell it in pieces, or more
than that, or the same once more; or about the last message, which ``n:*`` names in any case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from courriel.model.uids import UidSet
from courriel.protocol.imap.tickets import ImapTicket
from courriel.wire.imap.commands import Fetch
from courriel.wire.imap.fetched import Fetched
from courriel.wire.imap.sets import From, NumberSet

_FACTS = (
    ("ENVELOPE", "envelope"),
    ("BODYSTRUCTURE", "structure"),
    ("RFC822.SIZE", "size"),
    ("INTERNALDATE", "arrival"),
)
_FLAGS = frozenset({"FLAGS"})
_PASSING = frozenset({"UID", "FLAGS", "MODSEQ"})
"""What any answer may hold, whoever has asked: it tells of a command only what asks for no more."""
_SECTION = re.compile(rb"(?:BODY|(BINARY))\.PEEK\[([^]]*)\](<[0-9]+)?", re.IGNORECASE)


def asker_of(answer: Fetched, flying: Iterable[ImapTicket]) -> ImapTicket | None:
    """Return the ticket of the FETCH that an answer is for, or None; it is told from now on."""
    told = _told(answer)
    if not told:
        return None
    number = answer.number if answer.uid is None else answer.uid
    best, rank, share = None, 6, frozenset[str]()
    for ticket in flying:
        command = ticket.command
        if not isinstance(command, Fetch) or not named(command, answer):
            continue
        asked = ticket.asked or _asked(ticket, command)
        place = answer.number if command.by_sequence else number
        below = isinstance(command.uids, From) and place < command.uids.first
        if asked == told and not below and ticket.tell(number, asked):
            # The usual case: nobody else can have a better claim.
            return ticket
        common = asked.intersection(told)
        if not common:
            continue
        fit = 5 if below else _place(asked, told, ticket.lacks(number, common))
        if fit < rank:
            best, rank, share = ticket, fit, common
    if best is not None:
        best.tell(number, share)
    return best


def _place(asked: frozenset[str], told: AbstractSet[str], lacking: bool) -> int:
    """Return how well what is told fits what is asked, where it was not just what is lacking."""
    if asked == told:
        return 3
    if not lacking:
        return 4
    return 1 if told < asked else 2


def named(command: Fetch, answer: Fetched) -> bool:
    """Whether a FETCH names the message that an answer is about."""
    number = answer.number if command.by_sequence else answer.uid
    return number is not None and within(number, command.uids)


def within(number: int, numbers: NumberSet) -> bool:
    """Whether a set may name a message."""
    # What only the server can resolve names any message: the last one answers to every number
    # beyond it (RFC 9051, 9).
    return number in numbers if isinstance(numbers, UidSet) else True


def _told(answer: Fetched) -> AbstractSet[str]:
    """Return what an answer tells, in the words of ``_asked``."""
    told = [name for name, of in _FACTS if getattr(answer, of) is not None]
    if not told:
        if answer.sections:
            return answer.sections.keys()
        return _FLAGS if answer.flags is not None else frozenset()
    return {*told, *answer.sections}


def _asked(ticket: ImapTicket, command: Fetch) -> frozenset[str]:
    """Return what a FETCH asks for: facts, and sections as ``Fetched.sections`` writes them."""
    asked = ticket.asked
    if asked is None:
        facts = {name for name, _ in _FACTS if name in command.items}
        sections = {section for item in command.items if (section := _section(item)) is not None}
        if _PASSING.issuperset(command.items):
            facts.add("FLAGS")
        asked = ticket.asked = frozenset(facts | sections)
    return asked


def _section(item: bytes | str) -> str | None:
    """Return the section that an item asks for, or None."""
    found = _SECTION.match(item if isinstance(item, bytes) else item.encode())
    if found is None:
        return None
    binary, section, start = (group.decode().upper() for group in found.groups(b""))
    return ("BINARY:" if binary else "") + section + (f"{start}>" if start else "")
