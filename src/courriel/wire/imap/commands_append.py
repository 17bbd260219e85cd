"""The command that puts messages into a folder.

::

    append         = "APPEND" SP mailbox 1*append-message               RFC 3502, 6.3.11
    append-message = append-opts SP append-data
    append-opts    = [SP flag-list] [SP date-time]
    append-data    = literal / literal8 / "UTF8" SP "(" literal8 ")"    RFC 3516, 7; RFC 6855, 4

A message's content is the only thing in any command that may hold CR, LF and NUL, and it is always
a counted literal.

Only APPEND and the messages that it carries live here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from courriel.errors import Misused
from courriel.wire.imap.arguments import (
    date_time,
    flag_list,
)
from courriel.wire.imap.commands_folder import mailbox
from courriel.wire.imap.fragments import (
    Dialect,
    Fragment,
    Literal,
    Part,
    StreamLiteral,
    spaced,
    together,
)
from courriel.wire.imap.traits import Command


@dataclass(frozen=True, slots=True)
class Upload:
    """One message to append, with the flags and the time of arrival it shall have.

    ``received`` None: the server's own time; one without a zone is local.
    ``utf8``: its header holds UTF-8, which is said where UTF8=ACCEPT is
    enabled when it is sent (RFC 6855, 4); other servers take it unsaid or not.
    A ``content`` that is ``binary`` needs BINARY (RFC 3516, 4.4).
    """

    content: Literal | StreamLiteral
    flags: str | tuple[str, ...] = ()
    received: datetime | None = None
    utf8: bool = False

    def encode(self, dialect: Dialect) -> list[Fragment]:
        content = self.content
        if content.octets == 0:
            # For MULTIAPPEND it means that the whole command is given up (RFC 3502, 6.3.11).
            raise Misused("an empty message cannot be appended", operation="APPEND")
        if isinstance(content, Literal) and b"\0" in content.data and not content.binary:
            raise Misused(
                "the message holds a NUL",
                operation="APPEND",
                hint="Encode that part in base64; few servers take binary messages.",
            )
        words: list[Part] = []
        flags = flag_list(self.flags)
        if flags != b"()":
            words.append(flags)
        if self.received is not None:
            words.append(date_time(self.received))
        if self.utf8 and dialect.utf8:
            words.append(together((b"UTF8 (", _as_literal8(content), b")")))
        else:
            words.append(content)
        return spaced(*words)


def _as_literal8(content: Literal | StreamLiteral) -> Literal | StreamLiteral:
    if isinstance(content, Literal):
        return Literal(content.data, binary=True)
    return StreamLiteral(content.octets, binary=True)


@dataclass(frozen=True, slots=True)
class Append(Command):
    """APPEND to the folder ``name``; more than one message needs MULTIAPPEND (RFC 3502)."""

    name: str
    messages: tuple[Upload, ...]

    VERB: ClassVar[str] = "APPEND"

    def encode(self, dialect: Dialect) -> list[Fragment]:
        if not self.messages:
            raise Misused("there is no message to append", operation="APPEND")
        uploads = (message.encode(dialect) for message in self.messages)
        return spaced(b"APPEND", mailbox(self.name, dialect), *uploads)
