r"""A POP3 server in one function, for ``ScriptedServer``: a mailbox of given mails.

::

    sink = Pop3Sink([b"Subject: one\r\n\r\nHi.\r\n"])
    session = face.scripted(ScriptedServer(sink), "POP3Session", ...)

What it sends is dot-stuffed by lines that end in CRLF and by no others, as RFC 1939, 3 has it.
``commands`` are the lines heard, ``deleted`` what was deleted by QUIT; verbs in ``refused`` are not
known.
"""

from __future__ import annotations

from collections.abc import Sequence


class Pop3Sink:
    """One conversation."""

    def __init__(self, mails: Sequence[bytes], *capabilities: str) -> None:
        self.mails = [mail if mail.endswith(b"\r\n") else mail + b"\r\n" for mail in mails]
        self.capabilities = capabilities or ("TOP", "UIDL", "USER", "PIPELINING")
        self.commands: list[str] = []
        self.deleted: set[int] = set()
        self.refused: set[str] = set()
        self._marked: set[int] = set()
        self._buffer = b""
        self._greeted = False

    def __call__(self, heard: bytes) -> bytes:
        """Return what the server says to that."""
        said = b"" if self._greeted else b"+OK ready\r\n"
        self._greeted = True
        *lines, self._buffer = (self._buffer + heard).split(b"\r\n")
        return said + b"".join(map(self._obey, lines))

    def _obey(self, line: bytes) -> bytes:
        self.commands.append(line.decode())
        verb, _, rest = line.decode().partition(" ")
        numbers = [int(word) for word in rest.split() if word.isdigit()]
        if verb in self.refused:
            return b"-ERR unknown command\r\n"
        if verb == "CAPA":
            return many([tag.encode() for tag in self.capabilities])
        if verb == "LIST":
            return many([b"%d %d" % (n, len(self.mails[n - 1])) for n in self._numbers()])
        if verb == "UIDL":
            return many([b"%d uid-%d" % (n, n) for n in self._numbers()])
        if verb == "STAT":
            octets = sum(len(self.mails[n - 1]) for n in self._numbers())
            return b"+OK %d %d\r\n" % (len(self._numbers()), octets)
        if verb in ("RETR", "TOP"):
            mail = self.mails[numbers[0] - 1]
            head = mail.split(b"\r\n\r\n", 1)[0] + b"\r\n\r\n"
            return b"+OK\r\n" + stuffed(mail if verb == "RETR" else head) + b".\r\n"
        if verb == "DELE":
            self._marked.add(numbers[0])
        elif verb == "RSET":
            self._marked.clear()
        elif verb == "QUIT":
            self.deleted = self._marked
        return b"+OK\r\n"

    def _numbers(self) -> list[int]:
        return [n for n in range(1, len(self.mails) + 1) if n not in self._marked]


def many(lines: Sequence[bytes]) -> bytes:
    """Return an answer of many lines."""
    return b"\r\n".join([b"+OK", *lines, b".", b""])


def stuffed(mail: bytes) -> bytes:
    """Return a mail as it crosses the line."""
    lines = mail.split(b"\r\n")
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines)
