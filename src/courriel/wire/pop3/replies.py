"""POP3 answers out of a stream of octets (RFC 1939, 3 and 9; RFC 2449, 8; RFC 5034, 4).

::

    single-line = status [SP text] CRLF                     status = "+OK" / "-ERR"
    multi-line  = single-line *dot-stuffed-line "." CRLF
    challenge   = "+" SP [base64] CRLF
    resp-code   = "[" resp-level *("/" resp-level) "]"      in front of the text

A body ends where CRLF, a dot and CRLF stand, and nowhere else: a mail with a bare LF in front of a
lone dot would end its own answer, and what follows it would pass for the server's words. Bodies are
found and unstuffed as a whole, not line by line; one that comes in pieces is looked at once, and
beyond a bound waits in a temporary file. Every size is bounded before anything is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from courriel.errors import Garbled
from courriel.model.limits import Limits
from courriel.model.spool import Spool
from courriel.wire.pop3.commands import Brings
from courriel.wire.words import readable

# Nothing in it can be matched in two ways, so that a line full of CRs costs no more than any other.
_STATUS = re.compile(rb"(?:(\+OK|-ERR)([^\n]*)|\+( [^\n]*|\r*+))\n", re.IGNORECASE)
_CONDITION = re.compile(r" *\[([!-Z\\^-~]{1,64})\] *")
_END, _BARE_END = b"\r\n.\r\n", b"\n.\n"
# One-line answers that a reader remembers.
_KNOWN = 16


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer.

    ``status``: ``"+OK"``, ``"-ERR"`` or ``"+"`` for a challenge. ``text``: what
    follows it, for a challenge in base64. ``condition``: the response code of a
    refusal, in upper case. ``body``: the lines of a multi-line answer,
    unstuffed, with their line ends.
    """

    status: str
    text: str = ""
    condition: str | None = None
    body: bytes | Spool = b""

    @property
    def positive(self) -> bool:
        """Whether the server did what it was asked."""
        return self.status == "+OK"

    @property
    def challenge(self) -> bool:
        """Whether the server waits for a response of an exchange."""
        return self.status == "+"

    @property
    def content(self) -> bytes:
        """The body, wherever it is."""
        return self.body.read() if isinstance(self.body, Spool) else self.body

    def __str__(self) -> str:
        code = f"[{self.condition}]" if self.condition else ""
        return " ".join(filter(None, (self.status, code, self.text)))


class AnswerReader:
    """Collect octets and give back complete answers, one at a time."""

    __slots__ = (
        "_bare",
        "_begun",
        "_buffer",
        "_known",
        "_limits",
        "_octets",
        "_pending",
        "_position",
        "_scanned",
        "_spool",
        "_status",
    )

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._buffer = b""
        self._position = 0
        self._known: dict[bytes, Answer] = {}
        self._status: Answer | None = None
        """The status line whose body has not all come."""
        self._pending = bytearray()
        """What has come of that body and is not unstuffed yet, behind a line end."""
        self._scanned = 0
        self._begun = False
        self._bare = False
        self._octets = 0
        self._spool: Spool | None = None

    def feed(self, data: bytes) -> None:
        """Take what has arrived."""
        if self._status is not None:
            self._pending += data
        elif self._position == len(self._buffer):
            self._buffer, self._position = data, 0
        else:
            self._buffer, self._position = self._buffer[self._position :] + data, 0

    @property
    def leftover(self) -> bool:
        """Whether octets are held that belong to no complete answer."""
        return self._status is not None or self._position < len(self._buffer)

    @property
    def inside(self) -> bool:
        """Whether a body has begun and not ended."""
        return self._status is not None

    def next_answer(self, brings: Brings = Brings.NOTHING, *, keep: bool = True) -> Answer | None:
        """Return the next complete answer, or None when more octets are needed.

        ``brings`` says what follows a positive status line; without ``keep``
        nothing of it is kept. Raises Garbled for anything that is no answer, or
        is larger than the limits.
        """
        status = self._status
        if status is None:
            status = self._next_status()
            if status is None or brings is Brings.NOTHING or not status.positive:
                return status
            body = self._whole_body() if keep else None
            if body is not None:
                return Answer("+OK", status.text, None, body)
            self._open(status)
        rest = self._rest_of_body(brings, keep=keep)
        if rest is None:
            return None
        self._status = None
        return replace(status, body=rest)

    # Status lines.

    def _next_status(self) -> Answer | None:
        start = self._position
        end = self._buffer.find(b"\n", start) + 1
        line = self._buffer[start:end]
        known = self._known.get(line)
        if known is not None:
            self._position = end
            return known
        found = _STATUS.match(line) if end - start <= self._limits.reply_line else None
        if found is None:
            self._check_incomplete(end)
            return None
        self._position = end
        status, said, challenge = found.groups()
        if status is None:
            return Answer("+", readable(challenge.strip()))
        text = readable(said.rstrip(b"\r"))
        answer = _refusal(text) if status[:1] == b"-" else Answer("+OK", text.strip())
        if len(self._known) < _KNOWN:
            self._known[line] = answer
        return answer

    def _check_incomplete(self, end: int) -> None:
        """Raise Garbled when no further octets can make a status line of what is held."""
        start = self._position
        most = self._limits.reply_line
        if (end or len(self._buffer)) - start > most:
            raise Garbled(
                "a status line is too long",
                expected=f"a line of at most {most} octets",
                excerpt=readable(self._buffer[start : start + 40]),
                hint="Limits.reply_line bounds it. Is this a POP3 server, and the TLS mode right?",
            )
        head = self._buffer[start : start + 5].upper()
        plausible = any(
            known.startswith(head[: len(known)]) for known in (b"+OK", b"-ERR", b"+ ", b"+\r")
        )
        if end or not plausible:
            raise _garbled("the server's answer is none", "+OK or -ERR", head)

    # Bodies.

    def _whole_body(self) -> bytes | None:
        """Return a body that is all here, the usual case."""
        data, start = self._buffer, self._position
        self._bare = data[start - 2 : start - 1] != b"\r"
        if self._bare:
            return None
        # The CRLF in front of the dot may be that of the status line.
        end = data.find(_END, start - 2)
        if end < 0:
            return None
        self._position = end + 5
        body = data[start : end + 2]
        if body[:1] == b".":
            body = body[1:]
        return body.replace(b"\r\n.", b"\r\n") if b"\r\n." in body else body

    def _open(self, status: Answer) -> None:
        """Begin a body that comes in pieces."""
        self._bare = self._buffer[self._position - 2 : self._position - 1] != b"\r"
        self._status = status
        self._pending = bytearray(b"\n" if self._bare else b"\r\n")
        self._pending += self._buffer[self._position :]
        self._buffer, self._position = b"", 0
        self._scanned = self._octets = 0
        self._begun = False
        self._spool = None

    def _rest_of_body(self, brings: Brings, *, keep: bool) -> bytes | Spool | None:
        pending = self._pending
        mark = _BARE_END if self._bare else _END
        end = pending.find(mark, max(0, self._scanned - 4))
        if end < 0:
            self._scanned = len(pending)
            self._relieve(brings, keep=keep)
            return None
        self._buffer, self._position = bytes(pending[end + len(mark) :]), 0
        piece = self._unstuffed(end + len(mark) - (2 if self._bare else 3))
        self._pending = bytearray()
        self._count(len(piece), brings)
        if self._spool is None:
            return piece if keep else b""
        self._spool.write(piece)
        spool, self._spool = self._spool, None
        return spool

    def _relieve(self, brings: Brings, *, keep: bool) -> None:
        """Put aside what has come of a large body."""
        pending = self._pending
        if brings is Brings.LISTING:
            self._count(0, brings, len(pending))
            return
        if len(pending) <= self._limits.literal_memory:
            return
        # The end, or a dot to unstuff, may lie across the cut: its line end stays in front of it.
        cut = len(pending) - 4
        while cut > 0 and pending[cut - 1] in b"\r\n" and len(pending) - cut < 8:
            cut -= 1
        if cut < len(_END):
            return
        piece = self._unstuffed(cut)
        del pending[:cut]
        self._scanned = len(pending)
        self._count(len(piece), brings)
        if not keep:
            return
        if self._spool is None:
            self._spool = Spool(self._limits.literal_memory)
        self._spool.write(piece)

    def _unstuffed(self, end: int) -> bytes:
        """Return the beginning of what is pending, without the dots that lines begin with."""
        line_end = b"\n" if self._bare else b"\r\n"
        piece = bytes(memoryview(self._pending)[:end]).replace(line_end + b".", line_end)
        if self._begun:
            return piece
        self._begun = True
        return piece[len(line_end) :]

    def _count(self, octets: int, brings: Brings, held: int = 0) -> None:
        self._octets += octets
        limits = self._limits
        name = "listing" if brings is Brings.LISTING else "literal"
        most: int = getattr(limits, name)
        if self._octets + held > most:
            raise Garbled(
                f"an answer has more than {most} octets", hint=f"Limits.{name} bounds it."
            )


def _refusal(text: str) -> Answer:
    found = _CONDITION.match(text)
    if found is None:
        return Answer("-ERR", text.strip())
    return Answer("-ERR", text[found.end() :].strip(), found[1].upper())


def _garbled(message: str, expected: str, excerpt: bytes) -> Garbled:
    return Garbled(
        message,
        expected=expected,
        excerpt=readable(excerpt[:40]),
        hint="Check that host and port are those of a POP3 server, and the TLS mode.",
    )
