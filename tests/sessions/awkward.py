"""Servers that offer what they do not honour: one class for each deviation of ``wire.smtp.quirks``.

They are sinks, so that a test sees what each of them took.
"""

from __future__ import annotations

from typing import Any

from tests.sink import Sink

KNOWN = {"EHLO", "LHLO", "HELO", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "QUIT", "STARTTLS", "AUTH"}


class WithoutBdat(Sink):
    """Offers CHUNKING and does not know BDAT, so it reads the message behind it as commands."""

    def __init__(self, *capabilities: str, code: int = 502, **more: Any) -> None:
        super().__init__("CHUNKING", *capabilities, **more)
        self._code = code

    def _obey(self, line: str) -> bytes:
        verb = line.split(" ", 1)[0].upper()
        if verb in KNOWN:
            return super()._obey(line)
        self.commands.append(line)
        return b"%d 5.5.1 what is that?\r\n" % (self._code if verb == "BDAT" else 500)


class WithoutPipelining(Sink):
    """Offers PIPELINING and refuses every command that has another one right behind it."""

    def __init__(self, *capabilities: str, refusal: str, **more: Any) -> None:
        super().__init__("PIPELINING", *capabilities, **more)
        self._refusal = refusal.encode()

    def _obey(self, line: str) -> bytes:
        if self._buffer and not line.startswith("BDAT"):
            self.commands.append(line)
            return self._refusal + b"\r\n"
        return super()._obey(line)


class WithoutParameters(Sink):
    """Refuses MAIL with any of the parameters that it is told to dislike."""

    def __init__(self, *capabilities: str, refusal: str, disliked: tuple[str, ...]) -> None:
        super().__init__(*capabilities, answers=self._judge)
        self._refusal = refusal
        self._disliked = disliked

    def _judge(self, line: str) -> str | None:
        if line.startswith("MAIL ") and any(word in line for word in self._disliked):
            return self._refusal
        return None


class Tiring(Sink):
    """Takes so many messages on one connection, and refuses the next MAIL with ``refusal``.

    Behind a 421 it reads no more.
    """

    def __init__(self, *capabilities: str, most: int, refusal: str) -> None:
        super().__init__(*capabilities, answers=self._judge)
        self._most = most
        self._refusal = refusal
        self._deaf = False

    def _judge(self, line: str) -> str | None:
        if not line.startswith("MAIL ") or len(self.wire) < self._most:
            return None
        self._deaf = self._refusal.startswith("421")
        return self._refusal

    def _next(self) -> bytes | None:
        return None if self._deaf else super()._next()


class Deaf(Sink):
    """Loses what arrives together with the end of a message."""

    def _take(self, octets: bytes) -> bytes:
        self._buffer = b""
        return super()._take(octets)


class KeepingTransactions(Sink):
    """Refuses every message that holds ``spam`` at its end, and keeps its transaction open."""

    def __init__(self, *capabilities: str) -> None:
        super().__init__("PIPELINING", *capabilities, answers=self._judge)
        self.stained: list[tuple[str, ...]] = []

    def _judge(self, line: str) -> str | None:
        if line.startswith("MAIL ") and self._sender is not None:
            return "503 5.5.1 nested MAIL command"
        return None

    def _take(self, octets: bytes) -> bytes:
        if b"spam" not in octets:
            return super()._take(octets)
        self.stained.append(tuple(self._recipients))
        return b"554 5.7.1 spam\r\n"
