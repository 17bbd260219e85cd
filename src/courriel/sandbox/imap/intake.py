r"""Cut what the client sends into commands, with their literals.

::

    command  = line *( literal line )
    line     = up to CRLF, nothing else
    literal  = ["~"] "{" number ["+"] "}" CRLF *OCTET      RFC 3501, 4.3; RFC 7888; RFC 3516, 4.4

A ``Request`` keeps the lines in one text, without the CRLF behind a brace, and the literals beside
it, in order: ``a LOGIN {3} {6}`` with ``ada`` and ``secret``. However the octets are cut on their
way, the result is the same, and no more is held than the bounds allow; what is beyond them is read
and dropped, and then refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from courriel.errors import Misused, Refused
from courriel.sandbox.imap.replies import bad

__all__ = ["Intake", "Overlong", "Request"]

_LITERAL = re.compile(rb"~?\{([0-9]{1,20})(\+?)\}\Z")
_LITERAL_LENGTH = 24
_TAG_LENGTH = 100
# RFC 7888, 4: beyond 4 GiB nobody means it.
_MOST = 2**32


@dataclass(slots=True)
class Request:
    """One command; with an ``error`` it is only there to be refused."""

    text: bytes = b""
    literals: list[bytes] = field(default_factory=list)
    error: Refused | Misused | None = None


class Overlong(Exception):
    """The framing is lost: nothing that follows can be understood."""


class Intake:
    """Collect octets; give back commands, or lines where only a line can be.

    ``check`` is asked whether a command may have a literal of so many octets
    next, and raises Refused or Misused when not. ``ask`` sends the continuation
    that a synchronising literal waits for.
    """

    __slots__ = ("_ask", "_buffer", "_check", "_octets", "_request", "_scanned", "_skip")

    def __init__(self, check: Callable[[Request, int], None], ask: Callable[[], None]) -> None:
        self._check = check
        self._ask = ask
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._buffer = bytearray()
        self._scanned = 0
        self._request = Request()
        # The octets of the literal that is being read, and whether they are dropped.
        self._octets: int | None = None
        self._skip = False

    @property
    def waiting(self) -> int:
        """How many octets are held that belong to no command yet."""
        return len(self._buffer)

    def feed(self, data: bytes) -> None:
        """Add what arrived."""
        self._buffer += data

    def line(self, limit: int) -> bytes | None:
        """Return the next line without its CRLF, or None when more octets are needed.

        Raises Overlong when it has more than ``limit`` octets or ends with a
        bare LF.
        """
        buffer = self._buffer
        end = buffer.find(b"\n", self._scanned)
        if end < 0:
            self._scanned = len(buffer)
            if len(buffer) > limit:
                raise Overlong(f"A line has at most {limit} octets")
            return None
        if end + 1 > limit:
            raise Overlong(f"A line has at most {limit} octets")
        if end == 0 or buffer[end - 1] != 0x0D:
            raise Overlong("A line ends with CRLF, not with a bare LF")
        line = bytes(buffer[: end - 1])
        del buffer[: end + 1]
        self._scanned = 0
        return line

    def request(self, limit: int) -> Request | None:
        """Return the next command, or None when more octets are needed.

        Raises Overlong when its text has more than ``limit`` octets.
        """
        while True:
            if self._octets is not None and not self._read_literal():
                return None
            request = self._request
            line = self.line(limit - len(request.text))
            if line is None:
                return None
            request.text += line
            found = _LITERAL.search(line, max(0, len(line) - _LITERAL_LENGTH))
            if found is None or not self._begin_literal(int(found[1]), waits=not found[2]):
                self._request = Request()
                return request

    def _begin_literal(self, octets: int, *, waits: bool) -> bool:
        """Prepare for a literal; False when it will not come."""
        request = self._request
        if octets > _MOST:
            raise Overlong("A literal has at most 4 GiB")
        if request.error is None:
            try:
                self._check(request, octets)
            except (Refused, Misused) as error:
                request.error = error
        if request.error is not None and waits:
            # RFC 3501, 7.5: told NO or BAD, the client does not send it.
            return False
        if waits:
            self._ask()
        self._octets = octets
        self._skip = request.error is not None
        return True

    def _read_literal(self) -> bool:
        """Read the literal; False when more octets are needed."""
        assert self._octets is not None
        if self._skip:
            there = min(self._octets, len(self._buffer))
            del self._buffer[:there]
            self._octets -= there
            if self._octets:
                return False
        else:
            if len(self._buffer) < self._octets:
                return False
            self._request.literals.append(bytes(self._buffer[: self._octets]))
            del self._buffer[: self._octets]
        self._octets = None
        self._scanned = 0
        return True


def check_line(text: bytes) -> None:
    """Raise Misused for octets that no command has outside its literals (RFC 3501, 9)."""
    if b"\0" in text or b"\r" in text:
        raise bad("There is a NUL or a bare CR in the command")
