"""One scripted conversation, as the server plays it: pure, with a clock of its own.

A transcript reads like the RFCs' examples::

    S: 220 mx.example.org ready
    C: EHLO *
    S: 250-mx.example.org
    S: 250 PIPELINING
    C: MAIL FROM:<ada@example.org>
    C: RCPT TO:<bob@example.org>
    C: DATA
    S: 250 ok
    S: 250 ok
    S: 354 go on
    C: <message>
    S: 250 taken

``C:`` lines are what the client must say; ``*`` stands for anything. ``C: <message>`` is data up
to the lone dot, ``C: <chunk>`` the octets that the BDAT before announced, ``C: <tls>`` a TLS
handshake (pretended). ``S:`` lines are said as soon as all before them has happened; ``S-`` says
its text without a line end. Between them: ``-- wait 5`` lets five seconds pass, ``-- drip 1`` lets
the octets behind it come one a second, ``-- stall`` says nothing more, ``-- cut`` ends the
connection. Time is virtual: no test ever sleeps.
"""

from __future__ import annotations

import fnmatch
from collections import deque
from collections.abc import Callable

from courriel.errors import Misused

HELLO = b"<client hello>"
"""What the pretended TLS layer sends first, and wants back."""

Responder = Callable[[bytes], bytes]


class Conversation:
    """The server's side of one connection, played from a transcript or by a function.

    A function is called with all that the client has sent since the last
    call, whenever the client waits, and returns what the server says.
    """

    def __init__(self, script: str | Responder) -> None:
        self._respond = script if callable(script) else None
        self._items = deque(_items(script) if isinstance(script, str) else ())
        self._inbox = b""
        self._outbox = b""
        self._announced = 0
        self._drip: float | None = None
        self._due: float | None = None
        self._waiting_until: float | None = None
        self.sent = b""
        """Everything the client has said."""
        self.flights = 0
        """How often the client said something and then waited for an answer."""
        self._fresh = False
        self.ended = False
        """Whether the server has ended the connection."""

    def hear(self, data: bytes) -> None:
        """Take what the client says."""
        self.sent += data
        self._inbox += data
        self._fresh = True

    def speak(self, now: float) -> bytes:
        """Return what the server says at this moment; the client is waiting for it."""
        if self._fresh:
            self._fresh = False
            self.flights += 1
        if self._respond is not None:
            heard, self._inbox = self._inbox, b""
            return self._respond(heard)
        while self._play(now):
            pass
        return self._dripped(now)

    def next_time(self) -> float | None:
        """Return when the server will say something by itself, None for never."""
        return self._due if self._outbox else self._waiting_until

    @property
    def rest(self) -> list[str]:
        """What has not been played, without what only lets time pass."""
        return [f"{kind} {text}" for kind, text in self._items if kind in ("C:", "S:", "S-")]

    def _play(self, now: float) -> bool:
        """Play one item; return whether the next may be tried."""
        if not self._items or self.ended:
            return False
        kind, text = self._items[0]
        if kind == "C:":
            if not self._heard(text):
                return False
        elif kind == "--":
            if not self._directed(text, now):
                return False
        elif self._outbox and self._drip is not None:
            return False
        else:
            self._outbox += text.encode("latin-1") + (b"" if kind == "S-" else b"\r\n")
        self._items.popleft()
        return True

    def _directed(self, text: str, now: float) -> bool:
        word, _, number = text.partition(" ")
        if word == "stall":
            return False
        if self._outbox and self._drip is not None:
            return False
        if word == "cut":
            self.ended = True
        elif word == "drip":
            self._drip = float(number) if number else None
        elif self._waiting_until is None:
            self._waiting_until = now + float(number)
            return False
        elif now < self._waiting_until:
            return False
        else:
            self._waiting_until = None
        return True

    def _heard(self, text: str) -> bool:
        if text == "<message>":
            return self._heard_until(b"\r\n.\r\n")
        if text == "<chunk>":
            if len(self._inbox) < self._announced:
                return False
            self._inbox = self._inbox[self._announced :]
            return True
        if text == "<tls>":
            text = HELLO.decode()
        line, end, rest = self._inbox.partition(b"\r\n")
        if not end:
            return False
        said = line.decode("utf-8", "surrogateescape")
        pattern = text.replace("[", "[[]")
        if not fnmatch.fnmatchcase(said, pattern):
            raise AssertionError(f"the client said {said!r} where the script has {text!r}")
        if said.upper().startswith("BDAT "):
            self._announced = int(said.split()[1])
        if line == HELLO:
            self._outbox += HELLO + b"\r\n"
        self._inbox = rest
        return True

    def _heard_until(self, end: bytes) -> bool:
        if self._inbox.startswith(end[2:]):
            self._inbox = self._inbox[len(end) - 2 :]
            return True
        place = self._inbox.find(end)
        if place < 0:
            return False
        self._inbox = self._inbox[place + len(end) :]
        return True

    def _dripped(self, now: float) -> bytes:
        if self._drip is None or not self._outbox:
            said, self._outbox = self._outbox, b""
            return said
        if self._due is None:
            self._due = now + self._drip
        if now < self._due:
            return b""
        said, self._outbox = self._outbox[:1], self._outbox[1:]
        self._due = now + self._drip if self._outbox else None
        return said


def _items(transcript: str) -> list[tuple[str, str]]:
    items: list[tuple[str, str]] = []
    for number, raw in enumerate(transcript.splitlines(), 1):
        line = raw.strip()
        if not line:
            continue
        kind, text = line[:2], line[3:]
        known = kind in ("C:", "S:", "S-", "--")
        if kind == "--":
            known = text.partition(" ")[0] in ("wait", "drip", "stall", "cut")
        if not known:
            raise Misused(
                f"line {number} of the transcript is not understood: {line!r}",
                operation="ScriptedServer",
                hint="Lines start with C:, S:, S- or --.",
            )
        items.append((kind, text))
    return items
