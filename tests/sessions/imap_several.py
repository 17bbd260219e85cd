"""A scripted IMAP server with MULTIAPPEND: it takes several messages in one command, or none."""

from __future__ import annotations

import re

_LITERAL = re.compile(rb"\{(\d+)(\+?)\}$")


class Several:
    """A server that stores the messages of each command together, under ids from 1.

    ``refused`` are the numbers of the commands, from 1, that it says NO to;
    from command ``silent`` on it says nothing.
    """

    def __init__(
        self,
        words: str = "LITERAL+ UIDPLUS MULTIAPPEND",
        *,
        refused: tuple[int, ...] = (),
        silent: int = 1_000,
    ) -> None:
        self.messages: list[bytes] = []
        self.commands: list[int] = []
        """How many messages each command has stored."""
        self._words = words
        self._refused = refused
        self._silent = silent
        self._heard = b""
        self._said = b"* OK [CAPABILITY IMAP4rev1 %b] ready\r\n" % words.encode()
        self._group: list[bytes] = []
        self._missing: int | None = None
        self._tag = b""
        self._number = 0

    def __call__(self, data: bytes) -> bytes:
        self._heard += data
        while self._step():
            pass
        said, self._said = self._said, b""
        return said

    def _step(self) -> bool:
        if self._missing is not None:
            if len(self._heard) < self._missing:
                return False
            self._group.append(self._heard[: self._missing])
            self._heard = self._heard[self._missing :]
            self._missing = None
        line, end, rest = self._heard.partition(b"\r\n")
        if not end:
            return False
        self._heard = rest
        if not self._group:
            self._tag = line.partition(b" ")[0]
        literal = _LITERAL.search(line)
        if literal is None:
            self._end()
        else:
            self._missing = int(literal[1])
            self._said += b"" if literal[2] else b"+ go on\r\n"
        return True

    def _end(self) -> None:
        group, self._group = self._group, []
        said = b"OK done"
        if group:
            self._number += 1
            if self._number in self._refused:
                said = b"NO [OVERQUOTA] full"
            else:
                first = len(self.messages) + 1
                self.messages += group
                self.commands.append(len(group))
                said = b"OK [APPENDUID 7 %d:%d] done" % (first, len(self.messages))
        if self._number < self._silent:
            self._said += self._tag + b" " + said + b"\r\n"
