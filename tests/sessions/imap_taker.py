"""A scripted IMAP server that takes messages as literals, whatever they hold."""

from __future__ import annotations


class Taker:
    """A server that takes messages as literals, and remembers them."""

    def __init__(self, words: str = "UIDPLUS") -> None:
        self.messages: list[bytes] = []
        self._words = words
        self._rest = b""
        self._greeted = False
        self._tag = b""
        self._missing: int | None = None

    def __call__(self, data: bytes) -> bytes:
        said = b""
        if not self._greeted:
            self._greeted = True
            said = b"* OK [CAPABILITY IMAP4rev1 %b] ready\r\n" % self._words.encode()
        self._rest += data
        while True:
            if self._missing is not None:
                if len(self._rest) < self._missing + 2:
                    return said
                self.messages.append(self._rest[: self._missing])
                self._rest = self._rest[self._missing + 2 :]
                self._missing = None
                said += self._tag + b" OK [APPENDUID 1 5] done\r\n"
            line, end, rest = self._rest.partition(b"\r\n")
            if not end:
                return said
            self._rest = rest
            self._tag = line.partition(b" ")[0]
            if line.endswith(b"}"):
                self._missing = int(line.rpartition(b"{")[2].rstrip(b"+}"))
                said += b"" if line.endswith(b"+}") else b"+ go on\r\n"
            else:
                said += self._tag + b" OK done\r\n"
