"""Hold a command as text and counted literals.

A command is a list of fragments without its tag and its last CRLF. Text stands on the line as it
is; a literal is announced by its count at the end of a line, and its octets follow. Whether they
wait for the server's word is the dialect's affair: fragments only say which octets.

::

    literal  = "{" number ["+"] "}" CRLF *CHAR8                      RFC 7888, 8
    literal8 = "~{" number "}" CRLF *OCTET                           RFC 3516, 7

Only the fragments and how they are put together live here; ``arguments`` makes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from courriel.errors import Misused
from courriel.model.characters import excerpt, scrubbed
from courriel.model.limits import MIB

COMMAND_LINE = 8_000
"""Octets a command line should stay below: servers take 8192 (RFC 7162, 4)."""
SET_OCTETS = 7_000
"""Octets of a set of numbers in it, for ``UidSet.pieces``; the rest is for the other arguments."""

_LITERAL_MINUS = 4_096
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Literal:
    """Octets that are sent behind their count; ``binary`` ones as literal8 (RFC 3516)."""

    data: bytes = field(repr=False)
    binary: bool = False

    @property
    def octets(self) -> int:
        """How many octets follow the count."""
        return len(self.data)


@dataclass(frozen=True, slots=True)
class StreamLiteral:
    """A literal whose octets somebody else brings later: exactly ``octets`` of them."""

    octets: int
    binary: bool = False

    def __post_init__(self) -> None:
        octets: Any = self.octets
        if not isinstance(octets, int) or octets < 0:
            raise Misused(f"a literal cannot have {excerpt(octets)} octets", operation="APPEND")


Fragment: TypeAlias = bytes | Literal | StreamLiteral
"""A piece of a command: ``bytes`` stand on the line as they are."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """What the server's capabilities change in how a command is written.

    ``utf8``: UTF8=ACCEPT is enabled (RFC 6855). ``literal_plus`` and
    ``literal_minus``: literals need not wait for the server (RFC 7888), under
    ``literal_minus`` only up to 4096 octets; ``eager`` is how many octets are
    worth sending before the server has agreed.
    """

    utf8: bool = False
    literal_plus: bool = False
    literal_minus: bool = False
    eager: int = 1 * MIB


PLAIN = Dialect()
"""RFC 3501 without extensions."""


def waits(literal: Literal | StreamLiteral, dialect: Dialect) -> bool:
    """Return whether the server must say ``+`` before the octets are sent (RFC 7888, 3 to 5)."""
    if literal.binary:
        return True
    if dialect.literal_plus:
        return literal.octets > dialect.eager
    return not dialect.literal_minus or literal.octets > _LITERAL_MINUS


def marker(literal: Literal | StreamLiteral, dialect: Dialect) -> bytes:
    """Return what announces a literal: ``{n}``, ``{n+}`` or ``~{n}``, without the CRLF."""
    if literal.binary:
        return b"~{%d}" % literal.octets
    return (b"{%d}" if waits(literal, dialect) else b"{%d+}") % literal.octets


Part: TypeAlias = Fragment | Sequence[Fragment]
"""A fragment, or several that belong together."""


def together(parts: Iterable[Part], *, between: bytes = b"") -> list[Fragment]:
    """Return the parts as one list of fragments, neighbouring text joined."""
    whole: list[Fragment] = []
    text: list[bytes] = []
    for place, part in enumerate(parts):
        if place and between:
            text.append(between)
        for piece in (part,) if isinstance(part, (bytes, Literal, StreamLiteral)) else part:
            if isinstance(piece, bytes):
                text.append(piece)
            else:
                if text:
                    whole.append(b"".join(text))
                    text.clear()
                whole.append(piece)
    if text:
        whole.append(b"".join(text))
    return whole


def spaced(*parts: Part) -> list[Fragment]:
    """Return the parts with one space between them."""
    return together(parts, between=b" ")


def parenthesised(parts: Iterable[Part]) -> list[Fragment]:
    """Return the parts in parentheses, one space between them."""
    return together((b"(", together(parts, between=b" "), b")"))


def readable(fragments: Iterable[Fragment]) -> str:
    """Return a command for the log: one line, cut short, literals as their counts."""
    text = b"".join(
        part if isinstance(part, bytes) else marker(part, PLAIN) for part in fragments
    ).decode(errors="replace")
    text = scrubbed(text)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
