"""SMTP replies out of a stream of octets (RFC 5321, 4.2; RFC 2034).

::

    Reply-line = *( Reply-code "-" [ textstring ] CRLF )
                 Reply-code [ SP textstring ] CRLF
    Reply-code = %x32-35 %x30-35 %x30-39

A bare LF is taken as a line end, as some servers write it; no attack follows from it on this side,
since a reply is matched by its place. Everything else that does not fit raises ``Garbled``, and
every size is bounded before anything is kept.
"""

from __future__ import annotations

import re

from courriel.errors import Garbled
from courriel.model.limits import Limits
from courriel.model.receipt import Reply
from courriel.wire.words import readable

# Nothing in it can be matched in two ways, so that a line full of CRs costs no more than any other.
_REPLY_LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])([^\n]*)|\r*+)\n")
# RFC 2034, 4: status-code = class "." subject "." detail, in front of the text.
_ENHANCED = re.compile(rb"([245]\.[0-9]{1,3}\.[0-9]{1,3})(?: |$)")
# One-line replies that a reader remembers.
_KNOWN = 16


class ReplyReader:
    """Collect octets and give back complete replies, one at a time."""

    __slots__ = (
        "_buffer",
        "_code",
        "_enhanced",
        "_known",
        "_limits",
        "_lines",
        "_position",
        "_size",
    )

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._buffer = b""
        self._position = 0
        self._known: dict[bytes, Reply] = {}
        self._clear()

    def _clear(self) -> None:
        self._code = b""
        self._enhanced: str | None = None
        self._lines: list[str] = []
        self._size = 0

    def feed(self, data: bytes) -> None:
        """Add what arrived."""
        if self._position == len(self._buffer):
            self._buffer = data
        else:
            self._buffer = self._buffer[self._position :] + data
        self._position = 0

    @property
    def leftover(self) -> bool:
        """Whether octets are held that belong to no complete reply."""
        return bool(self._lines) or self._position < len(self._buffer)

    def next_reply(self) -> Reply | None:
        """Return the next complete reply, or None when more octets are needed.

        Raises Garbled for anything that is not a reply, or is larger than the limits.
        """
        if not self._lines:
            # A server says the same few things again and again.
            end = self._buffer.find(b"\n", self._position) + 1
            known = self._known.get(self._buffer[self._position : end])
            if known is not None:
                self._position = end
                return known
        while True:
            start = self._position
            match = _REPLY_LINE.match(self._buffer, self._position)
            if match is None or match.end() - match.start() > self._limits.reply_line:
                self._check_incomplete()
                return None
            self._position = match.end()
            code, separator, text = match.groups(b"")
            text = text.rstrip(b"\r")
            if not self._lines and separator == b" ":
                # The common case, a reply of one line, needs none of the bookkeeping.
                enhanced = _ENHANCED.match(text)
                if enhanced is None:
                    reply = Reply(int(code), (readable(text),))
                else:
                    rest = readable(text[enhanced.end() :])
                    reply = Reply(int(code), (rest,), enhanced[1].decode())
                if len(self._known) < _KNOWN:
                    self._known[self._buffer[start : self._position]] = reply
                return reply
            self._add(code, text, match.end() - match.start())
            if separator != b"-":
                reply = Reply(int(self._code), tuple(self._lines), self._enhanced)
                self._clear()
                return reply

    def _add(self, code: bytes, text: bytes, octets: int) -> None:
        if not self._lines:
            self._code = code
        elif code != self._code:
            raise _garbled(
                "the code changes inside a reply",
                f"{self._code.decode()} again",
                code + b" " + text,
            )
        self._size += octets
        if self._size > self._limits.reply_size or len(self._lines) >= self._limits.reply_lines:
            raise _garbled(
                "the reply is too long",
                f"at most {self._limits.reply_lines} lines and {self._limits.reply_size} octets",
                text,
            )
        enhanced = _ENHANCED.match(text)
        if enhanced is not None:
            self._enhanced = enhanced[1].decode()
            text = text[enhanced.end() :]
        self._lines.append(readable(text))

    def _check_incomplete(self) -> None:
        """Raise Garbled when no further octets can make a reply line of what is held."""
        start = self._position
        held = len(self._buffer) - start
        end = self._buffer.find(b"\n", start)
        if held > self._limits.reply_line and not 0 <= end - start < self._limits.reply_line:
            raise _garbled(
                "a reply line is too long",
                f"a line of at most {self._limits.reply_line} octets",
                self._buffer[start : start + 40],
            )
        head = self._buffer[start : start + 4]
        plausible = head[:3].isdigit() and head[:1] in b"2345" and head[3:4] in b" -\r\n"
        if end >= 0 or (len(head) == 4 and not plausible):
            raise _garbled("the server's answer is no reply", "a reply code", head)


def _garbled(message: str, expected: str, excerpt: bytes) -> Garbled:
    return Garbled(
        message,
        expected=expected,
        excerpt=readable(excerpt[:40]),
        hint="Check that host and port are those of an SMTP server, and the TLS mode.",
    )
