"""An SMTP server in one function, byte-exact: what it heard is kept as it came.

::

    sink = Sink("PIPELINING", "CHUNKING")
    session = face.scripted(ScriptedServer(sink))

It is called with what the client has said and returns what the server says, as ``ScriptedServer``
wants it. It takes everything unless ``answers`` says otherwise, and it reads as RFC 5321 says:
lines end in CRLF, data in CRLF.CRLF. Whatever a more careless server would see, a test finds in
``wire``, the octets of each message as they crossed.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping

HELLO = b"<client hello>"

Answers = Mapping[str, str] | Callable[[str], "str | None"]
SaslServer = Callable[[list[bytes]], "bytes | str"]
"""Takes the responses so far; returns the next challenge, or the final reply as text."""


class Sink:
    """One conversation: ``commands`` are the lines heard, ``wire`` each message's own octets."""

    def __init__(
        self,
        *capabilities: str,
        answers: Answers | None = None,
        sasl: Mapping[str, SaslServer] | None = None,
        implicit: bool = False,
        per_recipient: bool = False,
    ) -> None:
        self.capabilities = capabilities
        self.commands: list[str] = []
        self.wire: list[bytes] = []
        self.envelopes: list[tuple[str, tuple[str, ...]]] = []
        self.secured = False
        self._answers = answers if callable(answers) else (answers or {}).get
        self._sasl = dict(sasl or {})
        self._per_recipient = per_recipient
        self._chunked: list[bool] = []
        self._buffer = b""
        self._greeted = implicit
        self._exchange: tuple[SaslServer, list[bytes]] | None = None
        self._wanted: int | None = None
        self._last = False
        self._bdat = ""
        self._in_data = False
        self._chunks = b""
        self._sender: str | None = None
        self._recipients: list[str] = []

    def __call__(self, heard: bytes) -> bytes:
        """Return what the server says to that."""
        self._buffer += heard
        said = b"" if self._greeted else self._greet()
        while (reply := self._next()) is not None:
            said += reply
        return said

    @property
    def messages(self) -> list[bytes]:
        """The messages as a server stores them: what DATA brought without its dot-stuffing."""
        return [
            octets if chunked else re.sub(rb"(?m)^\.", b"", octets[:-3])
            for octets, chunked in zip(self.wire, self._chunked, strict=True)
        ]

    def _greet(self) -> bytes:
        self._greeted = True
        return self._reply("greeting", "220 sink.example.org ready")

    def _next(self) -> bytes | None:
        """Use some of what was heard; None when it does not suffice."""
        if self._in_data:
            return self._read_data()
        if self._wanted is not None:
            return self._read_chunk()
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
        return self._obey(line.decode("utf-8", "surrogateescape"))

    def _reply(self, line: str, default: str) -> bytes:
        said = self._answers(line)
        return (default if said is None else said).encode() + b"\r\n"

    def _obey(self, line: str) -> bytes:
        self.commands.append(line)
        verb = line.split(" ", 1)[0].upper()
        if verb in ("EHLO", "LHLO"):
            lines = ["sink.example.org", *self.capabilities]
            marks = ["-"] * (len(lines) - 1) + [" "]
            return self._reply(
                line, "\r\n".join(f"250{m}{t}" for m, t in zip(marks, lines, strict=True))
            )
        if verb == "AUTH":
            return self._begin_exchange(line)
        if verb == "DATA":
            return self._begin_data(line)
        if verb == "BDAT":
            self._wanted, self._last = int(line.split()[1]), line.endswith(" LAST")
            self._bdat = line
            return b""
        reply = self._reply(line, self._default(verb))
        if verb in ("RSET", "EHLO", "HELO"):
            self._forget()
        elif verb == "MAIL" and reply.startswith(b"2"):
            self._sender = line
        elif verb == "RCPT" and reply.startswith(b"2"):
            self._recipients.append(line)
        return reply

    def _default(self, verb: str) -> str:
        if verb == "RCPT" and self._sender is None:
            return "503 5.5.1 MAIL first"
        return {"STARTTLS": "220 go", "QUIT": "221 bye"}.get(verb, "250 ok")

    def _forget(self) -> None:
        self._sender, self._recipients, self._chunks = None, [], b""

    # The message.

    def _begin_data(self, line: str) -> bytes:
        reply = self._reply(line, "354 go on" if self._recipients else "554 no recipients")
        self._in_data, self._last = reply.startswith(b"354"), False
        return reply

    def _read_data(self) -> bytes | None:
        if self._buffer.startswith(b".\r\n"):
            octets, self._buffer = b"\r\n" + self._buffer[:3], self._buffer[3:]
        else:
            end = self._buffer.find(b"\r\n.\r\n")
            if end < 0:
                return None
            octets, self._buffer = self._buffer[: end + 5], self._buffer[end + 5 :]
        self._in_data = False
        return self._take(octets)

    def _read_chunk(self) -> bytes | None:
        assert self._wanted is not None
        if len(self._buffer) < self._wanted:
            return None
        octets, self._buffer = self._buffer[: self._wanted], self._buffer[self._wanted :]
        self._wanted = None
        if not self._recipients:
            return self._reply(self._bdat, "554 no recipients")
        self._chunks += octets
        if not self._last:
            return self._reply(self._bdat, "250 chunk")
        return self._take(self._chunks)

    def _take(self, octets: bytes) -> bytes:
        recipients = self._recipients if self._per_recipient else self._recipients[:1]
        text = octets.decode("utf-8", "surrogateescape")
        said = b"".join(self._reply(f"message {text}", "250 2.0.0 taken") for _ in recipients)
        if said.startswith(b"2"):
            self.wire.append(octets)
            self._chunked.append(self._last)
            self.envelopes.append((self._sender or "", tuple(self._recipients)))
        self._forget()
        return said

    # Signing in.

    def _begin_exchange(self, line: str) -> bytes:
        _, mechanism, *initial = line.split(" ")
        server = self._sasl.get(mechanism)
        if server is None:
            return self._reply(line, "504 5.5.4 unknown mechanism")
        self._exchange = server, []
        if initial:
            return self._respond(b"" if initial[0] == "=" else initial[0].encode())
        return self._challenge()

    def _respond(self, line: bytes) -> bytes:
        assert self._exchange is not None
        if line == b"*":
            self._exchange = None
            return b"501 5.0.0 cancelled\r\n"
        self._exchange[1].append(b64decode(line, validate=True))
        return self._challenge()

    def _challenge(self) -> bytes:
        assert self._exchange is not None
        server, responses = self._exchange
        said = server(responses)
        if isinstance(said, bytes):
            return b"334 " + b64encode(said) + b"\r\n"
        self._exchange = None
        return said.encode() + b"\r\n"
