r"""An IMAP server in one function, byte-exact: what it heard is kept as it came.

::

    sink = ImapSink("IDLE", answers={"NOOP": "* 3 EXISTS\r\nTAG OK"})
    session = face.scripted(ScriptedServer(sink), "IMAPSession")

It behaves unless ``answers`` says otherwise, by the longest beginning of a command: ``TAG`` in an
answer stands for the command's tag, and an answer without it leaves the command open. Commands are
kept without their tags, literals in their places behind their counts.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping

from tests.sink import HELLO, SaslServer

Said = str | bytes
Answers = Mapping[str, "Said | None"] | Callable[[str], "Said | None"]

_LITERAL = re.compile(rb"~?\{(\d+)(\+?)\}\Z")
SELECTED = "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 10] ok\r\nTAG OK [READ-WRITE] ok"
INNOCENT = {
    "STARTTLS": "TAG OK go",
    "LOGOUT": "* BYE\r\nTAG OK bye",
    "SELECT": SELECTED,
    "EXAMINE": SELECTED,
    "ID": "* ID NIL\r\nTAG OK",
    "IDLE": "+ idling",
}


class ImapSink:
    """One conversation; ``commands`` are those heard, ``heard`` every octet."""

    def __init__(
        self,
        *capabilities: str,
        answers: Answers | None = None,
        sasl: Mapping[str, SaslServer] | None = None,
        greeting: Said | None = None,
        implicit: bool = False,
        invites: bool = True,
    ) -> None:
        self.capabilities = ("IMAP4rev1", *capabilities)
        self.commands: list[str] = []
        self.heard = b""
        self.secured = False
        self._answers = answers or {}
        self.sasl = dict(sasl or {})
        self._greeting = greeting
        self._greeted = implicit
        self._invites = invites
        self._buffer = b""
        self._line = b""
        self._missing = 0
        self._exchange: tuple[bytes, SaslServer, list[bytes]] | None = None
        self._tag = b""

    def __call__(self, heard: bytes) -> bytes:
        """Return what the server says to that."""
        self.heard += heard
        self._buffer += heard
        said = b"" if self._greeted else self._greet()
        while (reply := self._next()) is not None:
            said += reply
        return said

    def tried(self) -> list[str]:
        """The ways of signing in that were tried, in order."""
        return [
            line.split(" ")[1] if line.startswith("AUTH") else "LOGIN command"
            for line in self.commands
            if line.startswith(("AUTHENTICATE", "LOGIN"))
        ]

    def _greet(self) -> bytes:
        self._greeted = True
        offer = " ".join(self.capabilities)
        default = f"* OK [CAPABILITY {offer}] sink.example.org ready"
        return self._written(default if self._greeting is None else self._greeting, b"")

    def _next(self) -> bytes | None:
        """Use some of what was heard; None when it does not suffice."""
        if self._missing:
            if len(self._buffer) < self._missing:
                return None
            self._line += self._buffer[: self._missing]
            self._buffer = self._buffer[self._missing :]
            self._missing = 0
        line, end, rest = self._buffer.partition(b"\r\n")
        if not end:
            return None
        self._buffer = rest
        if line == HELLO:
            self.secured = True
            implicit = not self.commands
            return HELLO + b"\r\n" + (self._greet() if implicit else b"")
        if self._exchange is not None:
            return self._respond(line)
        if line == b"DONE":
            self.commands.append("DONE")
            return self._written("TAG OK done", self._tag)
        self._line += line
        literal = _LITERAL.search(line)
        if literal is not None:
            self._line += b"\r\n"
            self._missing = int(literal[1])
            return b"" if literal[2] or not self._invites else b"+ go on\r\n"
        line, self._line = self._line, b""
        return self._obey(line)

    def _obey(self, line: bytes) -> bytes:
        tag, _, said = line.partition(b" ")
        self._tag = tag
        command = said.decode("utf-8", "surrogateescape")
        self.commands.append(command)
        answer = self._answer(command)
        if answer is None and command.startswith("AUTHENTICATE "):
            return self._begin_exchange(tag, command)
        if answer is None and command == "CAPABILITY":
            answer = f"* CAPABILITY {' '.join(self.capabilities)}\r\nTAG OK"
        if answer is None and command.startswith("ENABLE "):
            answer = f"* ENABLED {command[7:]}\r\nTAG OK"
        if answer is None:
            verb = command.split(" ")[0]
            answer = INNOCENT.get(verb, "TAG OK done")
        return self._written(answer, tag)

    def _answer(self, command: str) -> Said | None:
        if callable(self._answers):
            return self._answers(command)
        fitting = [start for start in self._answers if command.startswith(start)]
        return self._answers[max(fitting, key=len)] if fitting else None

    @staticmethod
    def _written(answer: Said, tag: bytes) -> bytes:
        octets = answer if isinstance(answer, bytes) else answer.encode() + b"\r\n"
        return re.sub(rb"(?m)^TAG\b", tag, octets)

    def _begin_exchange(self, tag: bytes, command: str) -> bytes:
        _, mechanism, *initial = command.split(" ")
        server = self.sasl.get(mechanism)
        if server is None:
            return tag + b" NO unknown mechanism\r\n"
        self._exchange = (tag, server, [])
        if initial:
            return self._respond(b"" if initial[0] == "=" else initial[0].encode())
        return self._turn()

    def _respond(self, line: bytes) -> bytes:
        assert self._exchange is not None
        tag, _, responses = self._exchange
        if line == b"*":
            self._exchange = None
            return tag + b" BAD cancelled\r\n"
        responses.append(b64decode(line))
        return self._turn()

    def _turn(self) -> bytes:
        assert self._exchange is not None
        tag, server, responses = self._exchange
        said = server(responses)
        if isinstance(said, bytes):
            return b"+ " + b64encode(said) + b"\r\n"
        if not said.startswith("+"):
            self._exchange = None
            said = said if re.match(r"(?m)(?:.*\n)*TAG\b", said) else f"TAG {said}"
        return self._written(said, tag)
