"""What lies in a POP3 mailbox: numbers, sizes, and the names that outlive a session.

A server counts messages anew in each session (RFC 1939, 3), so callers never see numbers: an id is
the UIDL. Where two messages share one, the second is called by it, a space and 2; a UIDL has no
space. Where a server has none, the id is the number and a digest of the header, which is checked
before the id is believed in another session.

Only the value, and how refusals of the server are told, live here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from courriel.errors import Garbled, Refused
from courriel.wire.pop3.replies import Answer

# One line each; what does not look like one is skipped.
_SIZE = re.compile(rb"^[ \t]*([0-9]{1,9})(?![0-9])(?:[ \t]+([0-9]{1,18})(?![0-9]))?", re.MULTILINE)
_NAME = re.compile(rb"^[ \t]*([0-9]{1,9})[ \t]+([^ \t\r\n][^\r\n]*)", re.MULTILINE)
_MADE_UP = re.compile(r"([1-9][0-9]{0,8})-([0-9a-f]{32})")

HINTS = {
    "IN-USE": "Another program has the mailbox open; try again when it has closed it.",
    "LOGIN-DELAY": "The server wants a pause between two sessions; try again later.",
    "SYS/TEMP": "Try again later.",
    "SYS/PERM": "Ask the server's operator.",
}


class Maildrop:
    """The messages of one session, by number and by name. It never changes."""

    __slots__ = ("_names", "_numbers", "sizes")

    def __init__(self, sizes: dict[int, int], names: dict[int, str]) -> None:
        self.sizes = sizes
        """Octets by number, in ascending order; 0 for what the server does not say."""
        self._names = names
        self._numbers = {name: number for number, name in names.items()}

    @classmethod
    def of(cls, listing: bytes, names: bytes, most: int) -> Maildrop:
        """Read the answers to LIST and UIDL. Raises Garbled for more messages than ``most``."""
        sizes: dict[int, int] = {}
        # Lines are counted, since the same message may be named without end.
        for line, found in enumerate(_SIZE.finditer(listing)):
            if line == most:
                raise out_of_reason(
                    f"the mailbox has more than {most} messages",
                    hint="Limits.answers bounds their number.",
                )
            number = int(found[1])
            if number and number not in sizes:
                sizes[number] = int(found[2] or 0)
        if any(number > following for number, following in _pairs(sizes)):
            sizes = dict(sorted(sizes.items()))
        return cls(sizes, _distinct(islice(_NAME.finditer(names), most), sizes))

    def name(self, number: int) -> str | None:
        """Return the id of a message, None when it has to be made up from its header."""
        return self._names.get(number)

    def number(self, name: str) -> int | None:
        """Return the number of the message with that id, None when there is none."""
        return self._numbers.get(name)

    def remember(self, number: int, header: bytes) -> str:
        """Return the id of a message, made up from its header if need be."""
        name = self._names.get(number)
        if name is None:
            name = self._names[number] = made_up(number, header)
            self._numbers[name] = number
        return name

    def perhaps(self, name: str) -> int | None:
        """Return the number that a made-up id speaks of; its header must still be compared."""
        found = _MADE_UP.fullmatch(name)
        if found is None:
            return None
        number = int(found[1])
        return number if number in self.sizes and number not in self._names else None


def _pairs(sizes: dict[int, int]) -> Iterator[tuple[int, int]]:
    following = iter(sizes)
    next(following, None)
    return zip(sizes, following, strict=False)


def _distinct(names: Iterable[re.Match[bytes]], sizes: dict[int, int]) -> dict[int, str]:
    """Return the UIDL of each message, told apart where two are the same."""
    found: dict[int, str] = {}
    taken: set[str] = set()
    copies: dict[str, int] = {}
    for match in names:
        number = int(match[1])
        if number not in sizes or number in found:
            continue
        # It is a key and nothing else: whatever octets it has, each gives another text.
        name = base = match[2].rstrip().decode("utf-8", "backslashreplace")
        while name in taken:
            copies[base] = copies.get(base, 1) + 1
            name = f"{base} {copies[base]}"
        taken.add(name)
        found[number] = name
    return found


def made_up(number: int, header: bytes) -> str:
    """Return an id for a message that the server has no name for."""
    import hashlib

    digest = hashlib.sha256(header.rstrip(b"\r\n")).hexdigest()
    return f"{number}-{digest[:32]}"


def header_of(source: bytes) -> bytes:
    """Return the header of a message, with the empty line behind it."""
    # The quirk "lines-end-in-lf".
    line_end = b"\r\n" if b"\r\n" in source else b"\n"
    if source.startswith(line_end):
        return line_end
    end = source.find(line_end * 2)
    return source if end < 0 else source[: end + 2 * len(line_end)]


def out_of_reason(message: str, *, excerpt: str = "", hint: str = "") -> Garbled:
    """Return the error for an answer that makes no sense, behind which the session goes on."""
    error = Garbled(message, excerpt=excerpt, hint=hint)
    error.session_usable = True
    return error


def refusal(answer: Answer, verb: str, message: str = "") -> Refused:
    """Return the error for a command that the server refused."""
    return Refused(
        f"{message or f'the server refused {verb}'}: {answer}",
        hint=HINTS.get(answer.condition or "", ""),
        condition=answer.condition,
        text=answer.text,
        command=verb,
    )
