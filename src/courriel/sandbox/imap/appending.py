"""Obey APPEND (RFC 3501, 6.3.11; RFC 3502; RFC 4315; RFC 6855, 4).

::

    append         = "APPEND" SP mailbox 1*append-message
    append-message = SP [flag-list SP] [date-time SP] append-data
    append-data    = literal / literal8 / "UTF8" SP "(" literal8 ")"
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from courriel.sandbox.imap import replies
from courriel.sandbox.imap.arguments import Arguments
from courriel.sandbox.imap.conversation import Conversation
from courriel.sandbox.imap.replies import Done, bad, no
from courriel.sandbox.imap.storing import check_flags

__all__ = ["append"]


@dataclass(frozen=True, slots=True)
class _Message:
    content: bytes
    flags: list[str]
    arrived: datetime | None


def append(conversation: Conversation, arguments: Arguments) -> Done:
    """Add messages to a mailbox, all or none."""
    arguments.space()
    name = arguments.astring()
    messages = [_message(conversation, arguments)]
    while not arguments.at_end():
        if not conversation.has("MULTIAPPEND"):
            raise bad("MULTIAPPEND is not offered")
        messages.append(_message(conversation, arguments))
    mailbox = conversation.mailbox(name, "TRYCREATE")
    check_flags(conversation, mailbox, [flag for message in messages for flag in message.flags])
    with mailbox.lock:
        conversation.store.check(sum(len(message.content) for message in messages))
        uids = [
            mailbox.append(message.content, flags=message.flags, arrived=message.arrived).id
            for message in messages
        ]
    if not conversation.has("UIDPLUS"):
        return Done("Kept")
    ids = replies.number_set(uids).decode()
    return Done("Kept", f"APPENDUID {mailbox.uid_validity} {ids}")


def _message(conversation: Conversation, arguments: Arguments) -> _Message:
    arguments.space()
    flags: list[str] = []
    arrived: datetime | None = None
    if arguments.peek(b"("):
        flags = arguments.flags()
        arguments.space()
    if arguments.peek(b'"'):
        arrived = arguments.date_time()
        arguments.space()
    in_utf8 = conversation.utf8 and arguments.rest[:6].upper() == b"UTF8 ("
    if in_utf8:
        arguments.word()
        arguments.space()
        arguments.take(b"(")
    content, binary = arguments.literal()
    if in_utf8:
        arguments.take(b")")
    if binary and not in_utf8 and not conversation.has("BINARY"):
        raise bad("BINARY is not offered")
    if b"\0" in content:
        raise no("The message has a NUL in it, which could not be read again", "UNKNOWN-CTE")
    if not content:
        raise no("The message is empty", "CANNOT")
    return _Message(content, flags, arrived)
