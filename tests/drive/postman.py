"""A small SMTP server for interruptions: it answers one line at a time, and names what it answers.

Each answer repeats its command, so that a session that has lost step gives itself away.
"""

from __future__ import annotations

import asyncio
from typing import Any

from courriel.drive.scripted import Conversation, ScriptedLink, ScriptedServer, ScriptedTransport


class Postman:
    """One connection's server: bytes in, answers out."""

    def __init__(self, offers: tuple[str, ...]) -> None:
        self._offers = offers
        self._heard = b""
        self._greeted = False
        self._message = False
        self._chunk: int | None = None
        self._last = False
        self.taken = 0
        """Messages that are ours now."""

    def __call__(self, heard: bytes) -> bytes:
        self._heard += heard
        said = [] if self._greeted else ["220 mx.example.org"]
        self._greeted = True
        while (answer := self._next()) is not None:
            said += answer
        return "".join(f"{line}\r\n" for line in said).encode()

    def _next(self) -> list[str] | None:
        if self._chunk is not None:
            return self._take_chunk(self._chunk)
        if self._message:
            return self._take_message()
        line, end, rest = self._heard.partition(b"\r\n")
        if not end:
            return None
        self._heard = rest
        return self._obey(line.decode())

    def _obey(self, line: str) -> list[str] | None:
        verb = line.split()[0].upper()
        if verb == "EHLO":
            lines = ["mx.example.org", *self._offers]
            return [*(f"250-{offer}" for offer in lines[:-1]), f"250 {lines[-1]}"]
        if verb == "DATA":
            self._message = True
            return ["354 go on"]
        if verb == "BDAT":
            self._chunk, self._last = int(line.split()[1]), line.endswith("LAST")
            return self._next()
        if verb == "QUIT":
            return ["221 bye"]
        return [f"250 {line}"]

    def _take_message(self) -> list[str] | None:
        _, end, rest = (b"\r\n" + self._heard).partition(b"\r\n.\r\n")
        if not end:
            return None
        self._heard, self._message = rest, False
        self.taken += 1
        return ["250 taken"]

    def _take_chunk(self, octets: int) -> list[str] | None:
        if len(self._heard) < octets:
            return None
        self._heard, self._chunk = self._heard[octets:], None
        self.taken += self._last
        return ["250 taken"]


class PostOffice(ScriptedServer):
    """A postman for every connection, who says a line a second."""

    def __init__(self, *offers: str) -> None:
        super().__init__()
        self._offers = offers
        self.postmen: list[Postman] = []
        self.waits = 0
        """How often a blocking client has rested."""
        self.interrupt_at: int | None = None
        """At which rest it is interrupted."""
        self.interrupt: type[BaseException] = KeyboardInterrupt
        """By what."""

    def _postman(self) -> Conversation:
        self.postmen.append(Postman(self._offers))
        conversation = Conversation(self.postmen[-1])
        self.conversations.append(conversation)
        return conversation

    def _link(self, host: str, port: int, **_: Any) -> ScriptedLink:
        return _Link(self, self._postman())

    async def _open(
        self, protocol: asyncio.BufferedProtocol, host: str, port: int, **_: Any
    ) -> ScriptedTransport:
        await asyncio.sleep(1)
        transport = _Transport(self._postman(), None, protocol)
        protocol.connection_made(transport)
        return transport


class _Link(ScriptedLink):
    """Hands over one line for each rest."""

    def __init__(self, office: PostOffice, conversation: Conversation) -> None:
        super().__init__(office, conversation, None)
        self._office = office
        self._late = b""

    def wait(self, *, read: bool, write: bool, seconds: float | None) -> None:
        self._office.waits += 1
        if self._office.waits - 1 == self._office.interrupt_at:
            raise self._office.interrupt
        self._late += self._conversation.speak(self._office.clock)
        line, end, self._late = self._late.partition(b"\r\n")
        assert end, "the client waits for ever"
        self._arrived += line + end
        self._office.clock += 1


class _Transport(ScriptedTransport):
    """Hands over one line a second."""

    _late = b""
    _busy = False

    def _turn(self) -> None:
        self._scheduled = False
        if not self._closing:
            self._late += self._conversation.speak(self._loop.time())
            self._deliver_later()

    def _deliver_later(self) -> None:
        if self._late and not self._busy:
            self._busy = True
            self._loop.call_later(1, self._say_a_line)

    def _say_a_line(self) -> None:
        self._busy = False
        if not self._closing:
            line, end, self._late = self._late.partition(b"\r\n")
            self._deliver(line + end)
            self._deliver_later()
