"""Searching a folder: which messages answer a query, as a set of UIDs.

The server searches (RFC 9051, 6.4.4), and answers in ranges where it can (ESEARCH). A query that
is too long for one line is asked in several, all in flight. What no server offers is refused with
the name of what is missing; how old messages are can be found out of days (``ages``). A server that
knows no charset but ASCII is asked for more than is wanted, and the rest is done here
(``sifting``).
"""

from __future__ import annotations

from courriel.errors import Misused, NotSupported, Refused
from courriel.faces import Flow
from courriel.flows.imap_dialogue import ImapDialogue
from courriel.flows.narrowing import fits
from courriel.flows.searches import Searches, gathered, submit_searches
from courriel.flows.selecting import submit_in
from courriel.model.characters import excerpt
from courriel.model.querytree import NONE, Query
from courriel.model.uids import UidSet
from courriel.wire.imap.answers import Found
from courriel.wire.imap.commands import Search
from courriel.wire.imap.criteria import capabilities_for, charset_among, charset_for


def find(dialogue: ImapDialogue, query: Query, folder: str) -> Flow[UidSet]:
    """Return the UIDs of the messages that answer a query.

    Raises NotSupported with the capability that the query needs.
    """
    query = yield from askable(dialogue, query, folder)
    if query == NONE:
        return UidSet()
    return (yield from _found(dialogue, query, folder))


def newest(dialogue: ImapDialogue, query: Query, folder: str, limit: int) -> Flow[UidSet]:
    """Return the ``limit`` greatest UIDs among those that ``find`` would return."""
    query = yield from askable(dialogue, query, folder)
    if query == NONE or limit < 1:
        return UidSet()
    if "PARTIAL" in dialogue.machine.words and fits(query):
        command = Search(query, partial=(-1, -limit), folder=folder)
        ticket = submit_in(dialogue, command, folder)
        try:
            completed = yield from ticket
        except Refused as error:
            if not is_about_charset(error, query):
                raise
        else:
            found = completed.last(Found)
            if found is not None and found.partial is not None:
                return greatest(found.partial.numbers, limit)
    return greatest((yield from _found(dialogue, query, folder)), limit)


def greatest(uids: UidSet, count: int) -> UidSet:
    """Return the ``count`` greatest numbers of a set, without expanding its ranges."""
    ranges: list[tuple[int, int]] = []
    for first, last in reversed(uids.ranges):
        if count < 1:
            break
        first = max(first, last - count + 1)
        count -= last - first + 1
        ranges.append((first, last))
    return UidSet(tuple(reversed(ranges)))


def askable(dialogue: ImapDialogue, query: Query, folder: str) -> Flow[Query]:
    """Return a query that means the same, and that the server can be asked.

    Raises Misused for what is no query, NotSupported for what nobody but
    another server can answer.
    """
    _check(dialogue, query)
    if "WITHIN" not in dialogue.machine.words and "WITHIN" in capabilities_for(query):
        # Where the server knows how old messages are, this need not be loaded.
        from courriel.flows.ages import without_ages

        return (yield from without_ages(dialogue, query, folder))
    return query


def _check(dialogue: ImapDialogue, query: object) -> None:
    if not isinstance(query, Query):
        raise Misused(
            f"{excerpt(query)} is no query", hint="Make one with where, such as where.unseen."
        )
    words = dialogue.machine.words
    for capability in sorted(capabilities_for(query) - {"WITHIN"}):
        if capability not in words and not (capability == "CONDSTORE" and "QRESYNC" in words):
            raise NotSupported(
                f"the server does not offer {capability}, which the query needs",
                capability=capability,
                hint="Leave it out of the query.",
            )


def _found(dialogue: ImapDialogue, query: Query, folder: str) -> Flow[UidSet]:
    searches = submit_searches(dialogue, query, folder)
    try:
        return (yield from gathered(dialogue, searches, folder))
    except Refused as error:
        if not is_about_charset(error, query):
            raise
        offered = _offered(searches)
    charset = charset_among(query, offered)
    if charset is not None:
        searches = submit_searches(dialogue, query, folder, charset=charset)
        return (yield from gathered(dialogue, searches, folder))
    # Few servers are so poor that this is worth loading always.
    from courriel.flows.sifting import sift

    return (yield from sift(dialogue, query, folder))


def is_about_charset(error: Refused, query: Query) -> bool:
    """Whether a server refuses a search because of its charset (RFC 9051, 6.4.4)."""
    if charset_for(query) is None:
        return False
    return error.condition == "BADCHARSET" or "charset" in error.text.lower()


def _offered(searches: Searches) -> tuple[str, ...]:
    """Return the charsets that BADCHARSET names."""
    for ticket in searches.tickets:
        code = None if ticket.tagged is None else ticket.tagged.code
        if code is not None and code.name == "BADCHARSET" and isinstance(code.value, tuple):
            return code.value
    return ()
