"""Reading one POP3 message, and what else takes one answer: counting, deleting, taking that back.

POP3 has one folder, INBOX, and a message has a number there and, mostly, a name (``maildrop``). The
list of both is asked for once a session, in one flight, by the first who needs it.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterable, Iterable
from typing import Any, TypeAlias

from courriel.errors import Misused, NotSupported, Refused
from courriel.faces import Flow
from courriel.flows.maildrop import Maildrop, header_of, made_up, out_of_reason, refusal
from courriel.flows.pop3_opening import Pop3Dialogue
from courriel.flows.taking import taken
from courriel.model.characters import excerpt
from courriel.model.email import Email
from courriel.model.summary import Part, Summary
from courriel.protocol.pop3 import Pop3Machine
from courriel.protocol.ticket import Ticket, Turn
from courriel.wire.pop3.commands import (
    LIST,
    NOOP,
    RSET,
    STAT,
    UIDL,
    Command,
    Delete,
    Listing,
    Retrieve,
    Simple,
    Top,
)
from courriel.wire.pop3.quirks import UNKNOWN_COMMAND
from courriel.wire.pop3.replies import Answer

# RFC 5646, 2.1, no closer; RFC 6856, 3.2 has "*".
_TAG = re.compile(r"[A-Za-z0-9-]{1,64}|\*")

HEADER = 4096
"""Octets that a header is expected to have, before it is here."""


Id: TypeAlias = "str | Summary"
Ids: TypeAlias = "str | Summary | Iterable[str | Summary] | AsyncIterable[str | Summary]"


def check_folder(folder: object, operation: str) -> None:
    """Raise NotSupported for any folder but INBOX (RFC 9051, 5.1: in any case); None means it."""
    if folder is None:
        return
    if not isinstance(folder, str):
        raise Misused("a folder is named by a string", operation=operation)
    if folder.upper() != "INBOX":
        raise NotSupported(
            f"POP3 knows only the folder INBOX, not {excerpt(folder)}",
            capability="FOLDERS",
            operation=operation,
            hint="Use an IMAP session.",
        )


def check_ids(ids: Any, operation: str) -> tuple[str, ...]:
    """Return ids in the order given, one or many. Raises Misused for what cannot be ids."""
    given = (ids,) if isinstance(ids, (str, Summary)) else ids
    if isinstance(given, (bytes, bytearray)) or not isinstance(given, Iterable):
        raise Misused(f"{excerpt(ids)} are no ids", operation=operation, hint=_ID_HINT)
    return tuple(id_of(one, operation) for one in given)


def id_of(one: object, operation: str) -> str:
    """Return one id; a ``Summary`` stands for its own. Raises Misused for what cannot be one."""
    if isinstance(one, Summary):
        check_folder(one.folder, operation)
        one = one.id
    if not isinstance(one, str):
        raise Misused(f"{excerpt(one)} is no id", operation=operation, hint=_ID_HINT)
    return one


_ID_HINT = "The ids of POP3 are texts: take them from Summary.id."


def listed(dialogue: Pop3Dialogue) -> Flow[Maildrop]:
    """Return what lies in the mailbox; of many who want to know, one asks.

    It belongs to the connection that is open when this returns: numbers of
    another would mean other messages.
    """
    while True:
        machine = dialogue.machine
        if dialogue.maildrop is not None:
            return dialogue.maildrop
        if dialogue.loading is not None:
            turn = Turn()
            dialogue.loading.append(turn)
            yield from turn
            continue
        dialogue.loading = []
        try:
            sizes, names = machine.submit(LIST), machine.submit(UIDL)
            listing = yield from sizes
            named = yield from names
            if not listing.positive:
                raise refusal(listing, "LIST")
            if not named.positive and "UIDL" in machine.capabilities:
                raise refusal(named, "UIDL")
            drop = Maildrop.of(listing.content, named.content, machine.limits.answers)
            if dialogue.current is machine:
                dialogue.maildrop = drop
                return drop
        finally:
            waiting, dialogue.loading = dialogue.loading, None
            for turn in waiting:
                turn.resolve(None)


def number_of(machine: Pop3Machine, drop: Maildrop, name: str) -> tuple[int, bool]:
    """Return the number of a message, and whether its header must still be compared.

    Raises Refused when there is no such message, or not any more.
    """
    number = drop.number(name)
    certain = number is not None
    if number is None:
        number = drop.perhaps(name)
    if number is None:
        raise _nothing(name)
    if number in machine.marked:
        raise Refused(
            f"the message {excerpt(name)} is marked for deletion",
            hint="reset() takes all deletions of the session back.",
        )
    return number, not certain


def check_header(drop: Maildrop, name: str, number: int, header: bytes) -> None:
    """Raise Refused unless a made-up id means the message with that header."""
    if made_up(number, header) != name:
        raise _nothing(name)
    drop.remember(number, header)


def _nothing(name: str) -> Refused:
    return Refused(
        f"there is no message {excerpt(name)}",
        hint="It may have been deleted: list the messages anew.",
        condition="NONEXISTENT",
    )


def header_command(machine: Pop3Machine, drop: Maildrop, number: int) -> tuple[Command, int]:
    """Return what brings the header of a message, and how many octets it may bring.

    With an old server it brings the whole message.
    """
    size = drop.sizes[number]
    if machine.capabilities.may("TOP"):
        return Top(number), min(size or HEADER, HEADER)
    return Retrieve(number), size


def kept(answer: Answer, verb: str) -> bytes:
    """Return the octets that an answer brought. Raises Refused when it brought none."""
    if not answer.positive:
        raise refusal(answer, verb)
    return answer.content


def header_answered(
    machine: Pop3Machine, drop: Maildrop, number: int, command: Command, answer: Answer
) -> Flow[bytes]:
    """Return what was brought; from a server that turns out not to know TOP, the whole message.

    Raises Refused when it brings neither.
    """
    capabilities = machine.capabilities
    unknown = (
        isinstance(command, Top)
        and not answer.positive
        and answer.condition is None
        and (not capabilities.known or UNKNOWN_COMMAND.seen_in(answer.text))
    )
    if unknown:
        answer = yield from machine.submit(Retrieve(number), drop.sizes[number])
        if answer.positive:
            machine.learn(capabilities.without("TOP"))
    return kept(answer, command.verb)


def _retrieved(
    dialogue: Pop3Dialogue, one: Id, folder: str | None, operation: str, *, whole: bool
) -> Flow[bytes]:
    """Return a message, or its header."""
    check_folder(folder, operation)
    name = id_of(one, operation)
    drop = yield from listed(dialogue)
    machine = dialogue.machine
    number, uncertain = number_of(machine, drop, name)
    command, expected = (
        (Retrieve(number), drop.sizes[number]) if whole else header_command(machine, drop, number)
    )
    answer = yield from machine.submit(command, expected)
    source = yield from header_answered(machine, drop, number, command, answer)
    if uncertain:
        check_header(drop, name, number, header_of(source))
    return source if whole else header_of(source)


def fetch(dialogue: Pop3Dialogue, one: Id, folder: str | None) -> Flow[Email]:
    """Return a whole message."""
    return Email.from_source((yield from source(dialogue, one, folder, "fetch")))


def source(
    dialogue: Pop3Dialogue, one: Id, folder: str | None, operation: str = "source"
) -> Flow[bytes]:
    """Return the octets of a message."""
    return _retrieved(dialogue, one, folder, operation, whole=True)


def headers(dialogue: Pop3Dialogue, one: Id, folder: str | None) -> Flow[Email]:
    """Return the header of a message."""
    return Email.from_source((yield from _retrieved(dialogue, one, folder, "headers", whole=False)))


def part(dialogue: Pop3Dialogue, one: Id, wanted: str | Part, folder: str | None) -> Flow[bytes]:
    """Return one part of a message, decoded; POP3 can only bring all of them."""
    from courriel.model.parts import part_of

    return part_of(Email.from_source((yield from source(dialogue, one, folder, "part"))), wanted)


def count(dialogue: Pop3Dialogue, folder: str) -> Flow[int]:
    """Return how many messages there are, without those that are marked for deletion."""
    check_folder(folder, "count")
    machine = dialogue.machine
    if dialogue.maildrop is not None:
        return len(dialogue.maildrop.sizes) - len(machine.marked)
    answer = yield from machine.submit(STAT)
    if not answer.positive:
        raise refusal(answer, "STAT")
    word = answer.text.split(" ", 1)[0]
    if not (word.isascii() and word.isdigit() and len(word) <= 9):
        raise out_of_reason("the answer to STAT names no number", excerpt=answer.text[:40])
    return int(word)


def delete(dialogue: Pop3Dialogue, ids: Ids, folder: str | None) -> Flow[None]:
    """Mark messages for deletion. When one is refused, the others are marked all the same."""
    check_folder(folder, "delete")
    names = check_ids((yield from taken(ids)), "delete")
    drop = yield from listed(dialogue)
    machine = dialogue.machine
    numbers = yield from _numbers(machine, drop, dict.fromkeys(names))
    asked = [(number, machine.submit(Delete(number))) for number in numbers]
    refused: list[Refused] = []
    try:
        for number, ticket in asked:
            answer = yield from ticket
            # Somebody else may have been quicker.
            if not answer.positive and number not in machine.marked:
                refused.append(refusal(answer, "DELE"))
    finally:
        machine.withdraw(ticket for _, ticket in asked)
    if refused:
        raise refused[0]


def _numbers(machine: Pop3Machine, drop: Maildrop, names: Iterable[str]) -> Flow[list[int]]:
    """Return the numbers of messages that are not marked yet, all of them or none."""
    numbers: list[int] = []
    doubted: list[tuple[str, int, Command, Ticket[Answer]]] = []
    try:
        for name in names:
            if drop.number(name) in machine.marked:
                continue
            number, uncertain = number_of(machine, drop, name)
            numbers.append(number)
            if uncertain:
                command, expected = header_command(machine, drop, number)
                doubted.append((name, number, command, machine.submit(command, expected)))
        for name, number, command, ticket in doubted:
            answer = yield from ticket
            octets = yield from header_answered(machine, drop, number, command, answer)
            check_header(drop, name, number, header_of(octets))
    finally:
        machine.withdraw(ticket for *_, ticket in doubted)
    return numbers


def reset(dialogue: Pop3Dialogue) -> Flow[None]:
    """Take back all deletions of the session."""
    yield from _said(dialogue, RSET)


def noop(dialogue: Pop3Dialogue) -> Flow[None]:
    """Do nothing, to keep the session alive."""
    yield from _said(dialogue, NOOP)


def languages(dialogue: Pop3Dialogue) -> Flow[dict[str, str]]:
    """Return the languages that the server can speak: tag and description (RFC 6856, 3)."""
    _check_language(dialogue, "languages")
    answer = yield from _said(dialogue, Listing("LANG"))
    lines = answer.content.decode("utf-8", "replace").split("\n", 1000)[:1000]
    pairs = [line.strip().partition(" ") for line in lines]
    return {tag: description.strip() for tag, _, description in pairs if tag}


def use_language(dialogue: Pop3Dialogue, tag: object) -> Flow[None]:
    """Have the server speak another language."""
    _check_language(dialogue, "use_language")
    if not isinstance(tag, str) or _TAG.fullmatch(tag) is None:
        raise Misused(
            f"{excerpt(tag)} is no language tag",
            operation="use_language",
            hint='Give one of languages(), such as "en", or "*" for what the server likes best.',
        )
    yield from _said(dialogue, Simple("LANG", tag))


def _check_language(dialogue: Pop3Dialogue, operation: str) -> None:
    if "LANG" not in dialogue.machine.capabilities:
        raise NotSupported(capability="LANG", operation=operation)


def _said(dialogue: Pop3Dialogue, command: Command) -> Flow[Answer]:
    """Send a command and return its answer. Raises Refused when the server says no."""
    answer = yield from dialogue.machine.submit(command)
    if not answer.positive:
        raise refusal(answer, command.verb)
    return answer
