"""Which messages of a folder belong to one conversation (THREAD, RFC 5256, 3)."""

from __future__ import annotations

from courriel.errors import NotSupported
from courriel.faces import Flow
from courriel.flows.imap_dialogue import ImapDialogue
from courriel.flows.searches import check_size
from courriel.flows.searching import askable
from courriel.flows.selecting import folder_of, submit_in
from courriel.model.folder import Folder
from courriel.model.query import Query
from courriel.model.thread import Thread as Conversation
from courriel.wire.imap.answers import Threads
from courriel.wire.imap.commands import Thread

_OPERATION = "threads"
_ALGORITHMS = ("REFS", "REFERENCES", "ORDEREDSUBJECT")
"""The best first; ORDEREDSUBJECT looks at nothing but the subject."""


def threads(dialogue: ImapDialogue, query: Query, folder: str | Folder) -> Flow[list[Conversation]]:
    """Return the conversations that hold messages which answer a query."""
    place = folder_of(dialogue, folder, operation=_OPERATION)
    algorithm = _algorithm(dialogue)
    query = yield from askable(dialogue, query, place)
    command = Thread(query, algorithm=algorithm, folder=place)
    completed = yield from submit_in(dialogue, command, place)
    answer = completed.last(Threads)
    members = () if answer is None else answer.members
    check_size(dialogue, sum(number > 0 for number, _ in members), place)
    return _conversations(members)


def _algorithm(dialogue: ImapDialogue) -> str:
    for name in _ALGORITHMS:
        if f"THREAD={name}" in dialogue.machine.words:
            return name
    raise NotSupported(
        "the server does not sort messages into conversations",
        capability="THREAD=REFERENCES",
        hint="Compare the Message-IDs of envelopes: envelope.in_reply_to.",
    )


def _conversations(members: tuple[tuple[int, int], ...]) -> list[Conversation]:
    found: list[Conversation] = []
    current: list[tuple[int | None, int]] = []
    for number, depth in members:
        if depth == 0 and current:
            found.append(Conversation(tuple(current)))
            current = []
        current.append((number or None, depth))
    if current:
        found.append(Conversation(tuple(current)))
    return found
