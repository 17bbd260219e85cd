"""The first or last message that a query finds, in one round trip (SEARCHRES, RFC 5182).

The server saves what it has found under ``$``, and the FETCH of that goes out right behind the
search: what was found need not come here and go back. With MIN or MAX only that message is saved
(RFC 5182, 2.1).
"""

from __future__ import annotations

from courriel.errors import Refused
from courriel.faces import Flow
from courriel.flows.imap_dialogue import ImapDialogue
from courriel.flows.merging import merged
from courriel.flows.narrowing import fits
from courriel.flows.searching import askable, is_about_charset
from courriel.flows.selecting import submit_in
from courriel.model.querytree import NONE, Query
from courriel.protocol.imap.tickets import ImapTicket
from courriel.wire.imap.answers import Found
from courriel.wire.imap.commands import Fetch, Search
from courriel.wire.imap.fetched import Fetched
from courriel.wire.imap.sets import SAVED

_NEEDED = frozenset({"ESEARCH", "SEARCHRES"})


def saves(words: frozenset[str]) -> bool:
    """Whether a server can save what it finds."""
    return words >= _NEEDED or "IMAP4REV2" in words


def outermost(
    dialogue: ImapDialogue, query: Query, folder: str, items: tuple[bytes | str, ...], *, last: bool
) -> Flow[list[Fetched] | None]:
    """Return what is told of the first or last message that a query finds: one or none.

    None where the server must be asked in another way.
    """
    query = yield from askable(dialogue, query, folder)
    if query == NONE:
        return []
    if not fits(query):
        return None
    edge = "MAX" if last else "MIN"
    search = submit_in(
        dialogue, Search(query, return_options=("SAVE", edge), folder=folder), folder
    )
    # Right behind it: nobody else's search comes between.
    fetch = submit_in(dialogue, Fetch(SAVED, items, folder=folder), folder)
    try:
        return (yield from _met(search, fetch, last=last))
    except Refused as error:
        # Without room for another result (NOTSAVED) it can still search.
        if error.condition != "NOTSAVED" and not is_about_charset(error, query):
            raise
        return None
    finally:
        fetch.give_up()


def _met(search: ImapTicket, fetch: ImapTicket, *, last: bool) -> Flow[list[Fetched] | None]:
    found = (yield from search).last(Found)
    if found is None or found.kind != "ESEARCH":
        # Who answers in the old way has perhaps saved everything.
        return None
    uid = found.greatest if last else found.least
    completed = yield from fetch
    # Besides there may be news about its flags.
    return [each for each in merged(completed.all(Fetched)).values() if each.uid == uid]
