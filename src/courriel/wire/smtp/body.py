"""Message bodies made safe for DATA (RFC 5321, 4.1.1.4 and 4.5.2).

When every line ends in CRLF (``wire.lines``), a leading dot is doubled, so that CRLF.CRLF can only
be ours. The work is done by ``bytes`` methods on whole chunks; ``Stuffer`` keeps the one thing that
a chunk border can hide: what came last.
"""

from __future__ import annotations

import re

from courriel.errors import Misused

# Some servers drop NUL before they look for the end of the data.
_HIDDEN_DOT = re.compile(rb"(?:^|\n)\0+\.")
_HIDDEN_OR_HIDING = re.compile(rb"\n\0+(?:\.|\Z)")

TERMINATOR = b".\r\n"


def stuff(data: bytes) -> bytes:
    """Return normalised ``data`` with the leading dots of its lines doubled (RFC 5321, 4.5.2).

    Raises Misused for a NUL between line start and dot, which some servers read as end of data.
    """
    if b"\0" in data and _HIDDEN_DOT.search(data):
        raise hidden_dot()
    if b"\r\n." in data:
        data = data.replace(b"\r\n.", b"\r\n..")
    return b"." + data if data.startswith(b".") else data


def hidden_dot() -> Misused:
    """Return the error for a NUL that hides a dot at the start of a line."""
    return Misused(
        "the message has a NUL between the start of a line and a dot",
        operation="send",
        hint="Some servers would end the message there; encode the part as base64.",
    )


class Stuffer:
    """``stuff`` for a normalised body that comes in chunks."""

    __slots__ = ("_hiding", "_tail")

    def __init__(self) -> None:
        # Whether nothing but NULs stands between the start of the line and the border.
        self._hiding = False
        # As if a line had just ended, so that a dot at the very start is seen.
        self._tail = b"\r\n"

    def feed(self, chunk: bytes) -> bytes:
        """Return the next octets for the wire."""
        if not chunk:
            return b""
        # Only the last octets decide whether a dot at the border starts a line.
        tail, self._tail = self._tail, (self._tail + chunk)[-2:]
        if self._hiding or b"\0" in chunk:
            found = _HIDDEN_OR_HIDING.search((b"\n\0" if self._hiding else tail) + chunk)
            if found is not None and found[0].endswith(b"."):
                raise hidden_dot()
            self._hiding = found is not None
        return (tail + chunk).replace(b"\r\n.", b"\r\n..")[len(tail) :]
