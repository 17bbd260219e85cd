"""Reading one POP3 message, and what else takes one answer: counting, deleting, taking that back.

POP3 has one folder, INBOX, and a message has a number there and, mostly, a name (``maildrop``). The
list of both is asked for once a session, in one flight, by the first who needs it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from courriel.errors import CourrielError, Garbled, Misused, NotSupported, Refused
from courriel.faces import Flow
from courriel.flows.maildrop import Maildrop, header_of, made_up, refusal
from courriel.flows.pop3_opening import Pop3Dialogue
from courriel.model.characters import excerpt
from courriel.model.email import Email
from courriel.model.summary import Part
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


def check_folder(folder: object, operation: str) -> None:
    """Raise NotSupported for any folder but INBOX (RFC 9051, 5.1: in any case)."""
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
    """Return ids as they were given, one or many. Raises Misused for what cannot be ids."""
    given = (ids,) if isinstance(ids, str) else ids
    if isinstance(given, (bytes, bytearray)) or not isinstance(given, Iterable):
        raise Misused(f"{excerpt(ids)} are no ids", operation=operation, hint=_ID_HINT)
    found = tuple(given)
    for one in found:
        if not isinstance(one, str):
            raise Misused(f"{excerpt(one)} is no id", operation=operation, hint=_ID_HINT)
    return found


_ID_HINT = "The ids of POP3 are texts: take them from Summary.id."


def listed(dialogue: Pop3Dialogue) -> Flow[Maildrop]:
    """Return what lies in the mailbox; of many who want to know, one asks."""
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


def number_of(dialogue: Pop3Dialogue, drop: Maildrop, name: str) -> tuple[int, bool]:
    """Return the number of a message, and whether its header must still be compared.

    Raises Refused when there is no such message, or not any more.
    """
    number = drop.number(name)
    certain = number is not None
    if number is None:
        number = drop.perhaps(name)
    if number is None:
        raise _nothing(name)
    if number in dialogue.deleted:
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
    )


def header_command(dialogue: Pop3Dialogue, number: int) -> Command:
    """Return what brings the header of a message, and with an old server all of it."""
    return Top(number) if dialogue.machine.capabilities.may("TOP") else Retrieve(number)


def kept(answer: Answer, verb: str) -> bytes:
    """Return the octets that an answer brought. Raises Refused when it brought none."""
    if not answer.positive:
        raise refusal(answer, verb)
    return answer.content


def without_top(dialogue: Pop3Dialogue, command: Command, answer: Answer) -> bool:
    """Whether a server that did not say what it can do turns out not to know TOP."""
    return (
        isinstance(command, Top)
        and not answer.positive
        and answer.condition is None
        and (not dialogue.machine.capabilities.known or UNKNOWN_COMMAND.seen_in(answer.text))
    )


def _retrieved(dialogue: Pop3Dialogue, name: str, operation: str, *, whole: bool) -> Flow[bytes]:
    """Return a message, or its header."""
    try:
        (name,) = check_ids((name,), operation)
        drop = yield from listed(dialogue)
        number, uncertain = number_of(dialogue, drop, name)
        machine = dialogue.machine
        command = Retrieve(number) if whole else header_command(dialogue, number)
        answer = yield from machine.submit(command, drop.sizes[number] if whole else HEADER)
        if without_top(dialogue, command, answer):
            answer = yield from machine.submit(Retrieve(number), drop.sizes[number])
        source = kept(answer, command.verb)
        if uncertain:
            check_header(drop, name, number, header_of(source))
        return source if whole else header_of(source)
    except CourrielError as error:
        error.operation = error.operation or operation
        raise


def fetch(dialogue: Pop3Dialogue, name: str) -> Flow[Email]:
    """Return a whole message."""
    return Email.from_source((yield from _retrieved(dialogue, name, "fetch", whole=True)))


def source(dialogue: Pop3Dialogue, name: str) -> Flow[bytes]:
    """Return the octets of a message."""
    return (yield from _retrieved(dialogue, name, "source", whole=True))


def headers(dialogue: Pop3Dialogue, name: str) -> Flow[Email]:
    """Return the header of a message."""
    return Email.from_source((yield from _retrieved(dialogue, name, "headers", whole=False)))


def part(dialogue: Pop3Dialogue, name: str, wanted: str | Part) -> Flow[bytes]:
    """Return one part of a message, decoded; POP3 can only bring all of them."""
    from courriel.model.parts import part_of

    return part_of(
        Email.from_source((yield from _retrieved(dialogue, name, "part", whole=True))), wanted
    )


def count(dialogue: Pop3Dialogue, folder: str) -> Flow[int]:
    """Return how many messages there are, without those that are marked for deletion."""
    check_folder(folder, "count")
    try:
        machine = dialogue.machine
        if dialogue.maildrop is not None:
            return len(dialogue.maildrop.sizes) - len(dialogue.deleted)
        answer = yield from machine.submit(STAT)
        if not answer.positive:
            raise refusal(answer, "STAT")
        word = answer.text.split(" ", 1)[0]
        if not (word.isascii() and word.isdigit() and len(word) <= 9):
            raise Garbled("the answer to STAT names no number", excerpt=answer.text[:40])
        return int(word)
    except CourrielError as error:
        error.operation = error.operation or "count"
        raise


def delete(dialogue: Pop3Dialogue, ids: str | Iterable[str]) -> Flow[None]:
    """Mark messages for deletion. When one is refused, the others are marked all the same."""
    try:
        names = check_ids(ids, "delete")
        drop = yield from listed(dialogue)
        numbers = yield from _numbers(dialogue, drop, dict.fromkeys(names))
        machine = dialogue.machine
        asked = [(number, machine.submit(Delete(number))) for number in numbers]
        refused: Refused | None = None
        for number, ticket in asked:
            answer = yield from ticket
            if answer.positive:
                dialogue.deleted.add(number)
            else:
                refused = refused or refusal(answer, "DELE")
        if refused is not None:
            raise refused
    except CourrielError as error:
        error.operation = error.operation or "delete"
        raise


def _numbers(dialogue: Pop3Dialogue, drop: Maildrop, names: Iterable[str]) -> Flow[list[int]]:
    """Return the numbers of messages that are not marked yet, all of them or none."""
    numbers: list[int] = []
    doubted: list[tuple[str, int, Command, Ticket[Answer]]] = []
    for name in names:
        known = drop.number(name)
        if known in dialogue.deleted:
            continue
        number, uncertain = number_of(dialogue, drop, name)
        numbers.append(number)
        if uncertain:
            command = header_command(dialogue, number)
            doubted.append((name, number, command, dialogue.machine.submit(command, HEADER)))
    for name, number, command, ticket in doubted:
        answer = yield from ticket
        if without_top(dialogue, command, answer):
            answer = yield from dialogue.machine.submit(Retrieve(number), drop.sizes[number])
        check_header(drop, name, number, header_of(kept(answer, command.verb)))
    return numbers


def reset(dialogue: Pop3Dialogue) -> Flow[None]:
    """Take back all deletions of the session."""
    yield from _said(dialogue, RSET, "reset")
    dialogue.deleted.clear()


def noop(dialogue: Pop3Dialogue) -> Flow[None]:
    """Do nothing, to keep the session alive."""
    yield from _said(dialogue, NOOP, "noop")


def languages(dialogue: Pop3Dialogue) -> Flow[dict[str, str]]:
    """Return the languages that the server can speak: tag and description (RFC 6856, 3)."""
    _check_language(dialogue, "languages")
    answer = yield from _said(dialogue, Listing("LANG"), "languages")
    lines = answer.content.decode("utf-8", "replace").split("\n", 1000)[:1000]
    pairs = [line.strip().partition(" ") for line in lines]
    return {tag: description.strip() for tag, _, description in pairs if tag}


def use_language(dialogue: Pop3Dialogue, tag: str) -> Flow[None]:
    """Have the server speak another language."""
    _check_language(dialogue, "use_language")
    if not isinstance(tag, str) or _TAG.fullmatch(tag) is None:
        raise Misused(
            f"{excerpt(tag)} is no language tag",
            operation="use_language",
            hint='Give one of languages(), such as "en", or "*" for what the server likes best.',
        )
    yield from _said(dialogue, Simple("LANG", tag), "use_language")


def _check_language(dialogue: Pop3Dialogue, operation: str) -> None:
    if "LANG" not in dialogue.machine.capabilities:
        raise NotSupported(capability="LANG", operation=operation)


def _said(dialogue: Pop3Dialogue, command: Command, operation: str) -> Flow[Answer]:
    """Send a command and return its answer. Raises Refused when the server says no."""
    try:
        answer = yield from dialogue.machine.submit(command)
        if not answer.positive:
            raise refusal(answer, command.verb)
        return answer
    except CourrielError as error:
        error.operation = error.operation or operation
        raise
