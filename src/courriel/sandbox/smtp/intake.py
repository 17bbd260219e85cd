"""Cut what the client sends into lines, dot-terminated content and counted chunks.

::

    line    = up to CRLF, nothing else
    content = up to CRLF "." CRLF, nothing else; the CRLF before it may be that of DATA itself

A bare LF never ends anything (RFC 5321, 2.3.8 and 4.1.1.4): taken as an end, it would let a message
smuggle a second one past us. However the octets are cut on their way, the result is the same, and
no more is held than the bounds allow; what is beyond them is read and dropped, and then refused.
"""

from __future__ import annotations

from courriel.errors import Refused
from courriel.sandbox.smtp.replies import refused

_END = b"\r\n.\r\n"


class Intake:
    """Collect octets; give back lines, contents and chunks, whichever is asked for."""

    __slots__ = ("_buffer", "_dropped", "_dropping", "_scanned")

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._buffer = bytearray()
        self._scanned = 0
        self._dropping = False
        self._dropped = 0

    @property
    def waiting(self) -> int:
        """How many octets are held."""
        return len(self._buffer)

    def feed(self, data: bytes) -> None:
        """Add what arrived."""
        self._buffer += data

    def line(self, limit: int) -> bytes | None:
        """Return the next line without its CRLF, or None when more octets are needed.

        Raises Refused: 521 for a bare LF, after which nothing can be trusted;
        500 for a line beyond ``limit`` octets, once it has ended.
        """
        buffer = self._buffer
        end = buffer.find(b"\n", self._scanned)
        if end < 0:
            if len(buffer) > limit:
                # The last octet stays: it may be the CR that makes the LF behind it right.
                del buffer[:-1]
                self._dropping = True
            self._scanned = len(buffer)
            return None
        line = bytes(buffer[: end + 1])
        del buffer[: end + 1]
        self._scanned = 0
        overlong, self._dropping = self._dropping or len(line) > limit, False
        if not line.endswith(b"\r\n"):
            raise refused(521, "5.5.2", "A line ends with CRLF, not with a bare LF")
        if overlong:
            raise refused(500, "5.5.2", f"A line has at most {limit} octets")
        return line[:-2]

    def begin_content(self) -> None:
        """Prepare for ``content()``, behind a line that has been read."""
        # An empty message ends with ".CRLF" right behind the CRLF of the command.
        self._buffer[:0] = b"\r\n"
        self._scanned = 0
        self._dropped = 0

    def content(self, limit: int) -> bytes | None:
        """Return the content without end mark and dot-stuffing (RFC 5321, 4.5.2), or None.

        Raises Refused (552) at its end when it is larger than ``limit`` octets.
        """
        buffer = self._buffer
        end = buffer.find(_END, self._scanned)
        if end < 0:
            # At worst every line is ".." CRLF: then four octets came for three of content.
            if len(buffer) > limit + limit // 3 + 8:
                self._dropped += len(buffer) - 4
                del buffer[:-4]
            self._scanned = max(0, len(buffer) - 4)
            return None
        content = bytes(buffer[: end + 2])
        del buffer[: end + 5]
        self._scanned = 0
        if b"\r\n." in content:
            content = content.replace(b"\r\n.", b"\r\n")
        content = content[2:]
        if self._dropped or len(content) > limit:
            raise too_large(limit)
        return content

    def chunk(self, octets: int) -> bytes | None:
        """Return exactly so many octets, or None when more are needed."""
        if len(self._buffer) < octets:
            return None
        chunk = bytes(self._buffer[:octets])
        del self._buffer[:octets]
        return chunk

    def drop(self, octets: int) -> int:
        """Drop at most so many octets and return how many there were to drop."""
        there = min(octets, len(self._buffer))
        del self._buffer[:there]
        return there


def too_large(limit: int) -> Refused:
    """Return the error for a message beyond ``limit`` octets (RFC 1870, 6)."""
    return refused(552, "5.3.4", f"A message has at most {limit} octets")


def flaw(content: bytes, body: str | None) -> str:
    """Return what is wrong with a content declared as ``body``, "" if nothing is.

    Only BINARYMIME may hold NUL, or CR and LF alone (RFC 3030, 3; RFC 6152, 2).
    """
    if body == "BINARYMIME":
        return ""
    ends = content.count(b"\r\n")
    if ends != content.count(b"\n"):
        return "The message has a bare LF in it"
    if ends != content.count(b"\r"):
        return "The message has a bare CR in it"
    if b"\0" in content:
        return "The message has a NUL in it"
    if body == "7BIT" and not content.isascii():
        return "The message has 8-bit octets in it, and was declared as BODY=7BIT"
    return ""
