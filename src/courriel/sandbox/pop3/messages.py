"""Obey the commands about the messages of a maildrop.

STAT, LIST, UIDL, RETR, TOP, DELE and RSET (RFC 1939, 5 and 7). Each is a function of the
conversation and the command's argument that returns the reply or raises Refused.
"""

from __future__ import annotations

import re

from courriel.sandbox.pop3.conversation import Conversation
from courriel.sandbox.pop3.greeting import without_argument
from courriel.sandbox.pop3.replies import content, listing, ok, refused
from courriel.sandbox.stored import StoredMessage

# More digits than any mailbox has messages are no number.
_NUMBER = re.compile(r"[0-9]{1,10}")


def stat(conversation: Conversation, argument: str) -> bytes:
    """Say how many messages there are, and their octets in all."""
    without_argument(argument)
    left = conversation.begun().left
    return ok(f"{len(left)} {sum(len(message.content) for _, message in left)}")


def list_(conversation: Conversation, argument: str) -> bytes:
    """Say how many octets one message has, or each."""
    maildrop = conversation.begun()
    if argument:
        number = _number(argument)
        return ok(f"{number} {len(maildrop.find(number).content)}")
    lines = [f"{number} {len(message.content)}" for number, message in maildrop.left]
    return listing(f"{len(lines)} messages", lines)


def uidl(conversation: Conversation, argument: str) -> bytes:
    """Say the unique-id of one message, or of each."""
    _check_offered(conversation, "UIDL")
    maildrop = conversation.begun()
    if argument:
        number = _number(argument)
        return ok(f"{number} {maildrop.uid(maildrop.find(number))}")
    lines = [f"{number} {maildrop.uid(message)}" for number, message in maildrop.left]
    return listing(f"{len(lines)} messages", lines)


def retr(conversation: Conversation, argument: str) -> bytes:
    """Give a whole message."""
    message = conversation.begun().find(_number(argument))
    _check_readable(conversation, message)
    return content(f"{len(message.content)} octets", message.content)


def top(conversation: Conversation, argument: str) -> bytes:
    """Give the header of a message, the empty line, and so many lines of the body."""
    _check_offered(conversation, "TOP")
    maildrop = conversation.begun()
    number, space, lines = argument.partition(" ")
    if not space:
        raise refused("TOP wants the number of a message and a number of lines")
    message = maildrop.find(_number(number))
    _check_readable(conversation, message)
    return content("The top of it", _top(message.content, _number(lines)))


def dele(conversation: Conversation, argument: str) -> bytes:
    """Mark a message, to be removed by QUIT."""
    maildrop = conversation.begun()
    number = _number(argument)
    maildrop.find(number)
    maildrop.deleted.add(number)
    return ok("Marked")


def rset(conversation: Conversation, argument: str) -> bytes:
    """Take all marks away."""
    without_argument(argument)
    maildrop = conversation.begun()
    maildrop.deleted.clear()
    return ok(f"{len(maildrop.messages)} messages")


def _number(argument: str) -> int:
    if _NUMBER.fullmatch(argument) is None:
        raise refused("That is no number")
    return int(argument)


def _top(octets: bytes, lines: int) -> bytes:
    end = 0 if octets.startswith(b"\r\n") else octets.find(b"\r\n\r\n") + 2
    if end == 1:
        # There is no empty line, so that all of it is header.
        return octets
    # The empty line is the first, the body's come behind it.
    for _ in range(lines + 1):
        end = octets.find(b"\r\n", end) + 2
        if end == 1:
            return octets
    return octets[:end]


def _check_offered(conversation: Conversation, capability: str) -> None:
    if not conversation.offers(capability):
        raise refused("There is no such command")


def _check_readable(conversation: Conversation, message: StoredMessage) -> None:
    """Refuse mail that came as UTF-8 to who has not said UTF8 (RFC 6856, 2.1)."""
    if conversation.utf8 or not message.envelope.utf8:
        return
    header, _, _ = message.content.partition(b"\r\n\r\n")
    if not header.isascii():
        raise refused("The message has UTF-8 in its header, and you did not say UTF8", "UTF8")
