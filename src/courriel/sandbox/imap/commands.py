"""Find the command that a word names, and tell whether it is permitted here.

A command is a line in ``_COMMANDS``: the function that obeys it, the state that it wants (RFC 3501,
3), and the capability that brings it. ``expunge`` says whether messages that are gone may be told
of at its end: not behind FETCH, STORE, SEARCH and what is like them (RFC 3501, 7.4.1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial

from courriel.sandbox.imap import (
    appending,
    authentication,
    fetching,
    greeting,
    listing,
    mailboxes,
    searching,
    storing,
)
from courriel.sandbox.imap.arguments import Arguments
from courriel.sandbox.imap.conversation import Conversation
from courriel.sandbox.imap.replies import Outcome, bad

__all__ = ["Command", "command_of"]


class State(Enum):
    """Where in a conversation a command is permitted."""

    ANY = auto()
    STRANGER = auto()
    USER = auto()
    SELECTED = auto()


@dataclass(frozen=True, slots=True)
class Command:
    """What a word means."""

    obey: Callable[[Conversation, Arguments], Outcome | None]
    state: State = State.USER
    capability: str | None = None
    expunge: bool = True


def _selected(
    obey: Callable[[Conversation, Arguments], Outcome | None],
    capability: str | None = None,
    *,
    expunge: bool = True,
) -> Command:
    return Command(obey, State.SELECTED, capability, expunge)


_NUMBERED: Mapping[str, Command] = {
    "COPY": _selected(partial(storing.copy, by_uid=False)),
    "FETCH": _selected(partial(fetching.fetch, by_uid=False), expunge=False),
    "MOVE": _selected(partial(storing.move, by_uid=False), "MOVE"),
    "SEARCH": _selected(partial(searching.search, by_uid=False), expunge=False),
    "SORT": _selected(partial(searching.sort, by_uid=False), "SORT", expunge=False),
    "STORE": _selected(partial(storing.store, by_uid=False), expunge=False),
}
_BY_UID: Mapping[str, Command] = {
    "UID COPY": _selected(partial(storing.copy, by_uid=True)),
    "UID EXPUNGE": _selected(storing.uid_expunge, "UIDPLUS"),
    "UID FETCH": _selected(partial(fetching.fetch, by_uid=True)),
    "UID MOVE": _selected(partial(storing.move, by_uid=True), "MOVE"),
    "UID SEARCH": _selected(partial(searching.search, by_uid=True)),
    "UID SORT": _selected(partial(searching.sort, by_uid=True), "SORT"),
    "UID STORE": _selected(partial(storing.store, by_uid=True)),
}
_COMMANDS: Mapping[str, Command] = {
    **_NUMBERED,
    **_BY_UID,
    "APPEND": Command(appending.append),
    "AUTHENTICATE": Command(authentication.authenticate, State.STRANGER, "AUTH"),
    "CAPABILITY": Command(greeting.capability, State.ANY),
    "CHECK": _selected(greeting.noop),
    "CLOSE": _selected(storing.close),
    "CREATE": Command(mailboxes.create),
    "DELETE": Command(mailboxes.delete),
    "ENABLE": Command(greeting.enable, capability="ENABLE"),
    "EXAMINE": Command(partial(mailboxes.select, read_only=True)),
    "EXPUNGE": _selected(storing.expunge),
    "ID": Command(greeting.id_, State.ANY, "ID"),
    "IDLE": Command(greeting.idle, capability="IDLE"),
    "LIST": Command(listing.list_),
    "LOGIN": Command(authentication.login, State.STRANGER),
    "LOGOUT": Command(greeting.logout, State.ANY),
    "LSUB": Command(listing.lsub),
    "NAMESPACE": Command(listing.namespace, capability="NAMESPACE"),
    "NOOP": Command(greeting.noop, State.ANY),
    "RENAME": Command(mailboxes.rename),
    "SELECT": Command(partial(mailboxes.select, read_only=False)),
    "STARTTLS": Command(greeting.starttls, State.STRANGER, "STARTTLS"),
    "STATUS": Command(mailboxes.status),
    "SUBSCRIBE": Command(mailboxes.subscribe),
    "UNSELECT": _selected(storing.unselect, "UNSELECT"),
    "UNSUBSCRIBE": Command(mailboxes.unsubscribe),
}


def command_of(conversation: Conversation, arguments: Arguments) -> Command:
    """Take the command's words; raises Misused when there is none, or it is not permitted here."""
    word = arguments.word()
    if word == "UID":
        arguments.space()
        word = f"UID {arguments.word()}"
    command = _COMMANDS.get(word)
    if command is None:
        raise bad("There is no such command")
    if command.capability is not None and not conversation.has(command.capability):
        raise bad(f"{command.capability} is not offered")
    if command.state is State.STRANGER and conversation.user is not None:
        raise bad("You are signed in already")
    if command.state in (State.USER, State.SELECTED) and conversation.user is None:
        raise bad("Sign in first")
    if command.state is State.SELECTED and conversation.view is None:
        raise bad("Select a mailbox first")
    return command
