"""Servers that never end, and servers that never answer (security.md, 1.7: H03, H08).

Everything here happens on virtual time; what needs real sockets is in ``test_dead_lines``.
"""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from courriel import (
    CourrielError,
    Disconnected,
    Garbled,
    Limits,
    SendRefused,
    SessionState,
    TimedOut,
    Timeout,
    Uncertain,
)
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.sink import Sink
from tests.transcripts import GREETED, OPEN

pytestmark = pytest.mark.virtual

ADA, BOB = "ada@example.org", "bob@example.org"
MAIL = b"Subject: hello\r\n\r\nHi.\r\n"
MIB = 1024 * 1024
PATIENCE = Timeout(connect=5, read=7)

ENVELOPE = """
C: MAIL FROM:<*>
C: RCPT TO:<*>
C: DATA
"""
ACCEPTED = """
S: 250 ok
S: 250 ok
S: 354 go on
C: <message>
"""

Action = Callable[[Any], Any]
ACTIONS: dict[str, Action] = {
    "open": lambda session: session.open(),
    "noop": lambda session: session.noop(),
    "send": lambda session: session.send(MAIL, sender=ADA, recipients=[BOB]),
}


async def send(session: Any) -> Any:
    return await session.send(MAIL, sender=ADA, recipients=[BOB])


# H03: endless.

PIECES = {
    "continued": b"250-endless\r\n" * (MIB // 13),
    "no line end": b"250 " + b"a" * MIB,
    "digits": b"2" * MIB,
    "empty lines": b"\r\n" * (MIB // 2),
    "returns": b"250 \r" + b"\r" * MIB,
    "NUL": b"\0" * MIB,
    "wide": b"250-" + b"\xc3\xa9" * (MIB // 2),
}


class Endless:
    """A server that behaves until it hears ``verb``, and then never ends: 1.2 GB, if taken."""

    def __init__(self, verb: str, piece: bytes) -> None:
        self._sink = Sink("PIPELINING")
        self._verb = verb
        self._piece = piece
        self.pieces = 0
        self._streaming = False

    def __call__(self, heard: bytes) -> bytes:
        self._streaming = self._streaming or self._verb.encode() in heard
        if not self._streaming:
            return self._sink(heard)
        self.pieces += 1
        return self._piece if self.pieces < 1_200 else b""


async def use(session: Any, verb: str) -> None:
    await session.open()
    await (session.noop() if verb == "NOOP" else send(session))


@pytest.mark.parametrize("piece", list(PIECES.values()), ids=list(PIECES))
@pytest.mark.parametrize("verb", ["EHLO", "NOOP", "MAIL", "Hi."])
async def test_h03_an_answer_without_end_is_refused_in_little_memory(
    face: Face, verb: str, piece: bytes
) -> None:
    endless = Endless(verb, piece)
    session = face.scripted(ScriptedServer(endless), timeout=PATIENCE)
    tracemalloc.start()
    try:
        with pytest.raises(CourrielError) as caught:
            await use(session, verb)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # What came of the message itself is known to nobody.
    assert isinstance(caught.value, Uncertain if verb == "Hi." else Garbled)
    assert not caught.value.session_usable
    assert not session.usable
    assert peak < 32 * MIB
    assert endless.pieces <= 2
    await session.close()


@pytest.mark.parametrize("chunk", [1, 7, 1000])
async def test_h03_the_end_comes_at_the_limit_however_it_is_cut(face: Face, chunk: int) -> None:
    limits = Limits(reply_lines=20, reply_line=100, reply_size=1_000)
    server = ScriptedServer(Endless("NOOP", b"250-endless\r\n" * 100), chunk=chunk)
    async with face.scripted(server, limits=limits, timeout=PATIENCE) as session:
        with pytest.raises(Garbled, match="too long"):
            await session.noop()


async def test_h03_answers_that_nobody_asked_for_are_not_collected(face: Face) -> None:
    async with face.scripted(ScriptedServer(Endless("NOOP", b"250 ok\r\n" * 100_000))) as session:
        tracemalloc.start()
        try:
            await session.noop()
            with pytest.raises(CourrielError):
                await session.noop()
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert SessionState.BROKEN is session.state
    assert peak < 32 * MIB


# H08: silence, octet by octet, and the end in the middle.


class Watch:
    """The virtual clock of whichever colour."""

    def __init__(self, face: Face, server: ScriptedServer) -> None:
        self._face = face
        self._server = server
        self._start = self._now()

    def _now(self) -> float:
        return self._server.clock if self._face.blocking else asyncio.get_running_loop().time()

    @property
    def elapsed(self) -> float:
        return round(self._now() - self._start, 3)


# Where the server falls silent, what is being done then, and how long it may be held up.
SILENCES: dict[str, tuple[str, Action, float, type[CourrielError]]] = {
    "greeting": ("", ACTIONS["open"], 5, TimedOut),
    "EHLO": (GREETED, ACTIONS["open"], 7, TimedOut),
    "NOOP": (OPEN + "C: NOOP", ACTIONS["noop"], 7, TimedOut),
    "MAIL": (OPEN + ENVELOPE, ACTIONS["send"], 7, TimedOut),
    "RCPT": (OPEN + ENVELOPE + "S: 250 ok", ACTIONS["send"], 7, TimedOut),
    "DATA": (OPEN + ENVELOPE + "S: 250 ok\nS: 250 ok", ACTIONS["send"], 7, TimedOut),
    "message": (OPEN + ENVELOPE + ACCEPTED, ACTIONS["send"], 7, Uncertain),
}
PLACES = pytest.mark.parametrize("place", list(SILENCES))
ENDS = pytest.mark.parametrize(
    "end",
    ["-- stall", "S- 2\n-- stall", "S- 250-more\n-- stall", "-- drip 1\nS: 220 " + "a" * 1000],
    ids=["silence", "half a code", "half a reply", "octet by octet"],
)


@PLACES
@ENDS
async def test_h08_a_server_that_does_not_answer_holds_nobody(
    face: Face, place: str, end: str
) -> None:
    script, action, seconds, expected = SILENCES[place]
    server = ScriptedServer(f"{script}\n{end}")
    session = face.scripted(server, timeout=PATIENCE)
    if action is not ACTIONS["open"]:
        await session.open()
    watch = Watch(face, server)
    with pytest.raises(expected) as caught:
        await action(session)
    assert seconds == watch.elapsed
    assert not caught.value.session_usable
    assert not session.usable
    # Nor does closing: there is nobody to say QUIT to.
    await session.close()
    assert seconds == watch.elapsed
    assert b"QUIT" not in server.sent


@PLACES
@pytest.mark.parametrize("end", ["-- cut", "S- 2\n-- cut", "S- 250-more\n-- cut"])
async def test_h08_the_end_in_the_middle_is_noticed_at_once(
    face: Face, place: str, end: str
) -> None:
    script, action, _, expected = SILENCES[place]
    server = ScriptedServer(f"{script}\n{end}")
    session = face.scripted(server, timeout=PATIENCE)
    if action is not ACTIONS["open"]:
        await session.open()
    watch = Watch(face, server)
    with pytest.raises(Uncertain if expected is Uncertain else Disconnected) as caught:
        await action(session)
    assert 0 == watch.elapsed
    assert not caught.value.session_usable
    assert not session.usable
    await session.close()


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize(
    "said", ["", "-- wait 1\nS- <client", "-- wait 1\n-- drip 1\nS: <client hello>"]
)
async def test_h08_a_handshake_that_stalls_ends_with_the_connect_timeout(
    face: Face, security: str, said: str
) -> None:
    before = GREETED + "S: 250-mx\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\n"
    server = ScriptedServer((before if security == "starttls" else "") + said + "\n-- stall")
    watch = Watch(face, server)
    session = face.scripted(server, security=security, timeout=PATIENCE)
    with pytest.raises(TimedOut):
        await session.open()
    assert 5 == watch.elapsed
    assert SessionState.CLOSED is session.state
    assert not session.secured


async def test_h08_a_server_that_never_says_goodbye_does_not_hold_the_end_up(face: Face) -> None:
    server = ScriptedServer(OPEN + "C: QUIT\n-- stall")
    session = face.scripted(server, timeout=PATIENCE)
    await session.open()
    watch = Watch(face, server)
    await session.close()
    assert 2 == watch.elapsed
    assert SessionState.CLOSED is session.state


async def test_h08_total_bounds_the_whole_operation(face: Face) -> None:
    # Each answer comes in time, but there are many.
    waits = "\n".join("-- wait 4\nS: 250 ok" for _ in range(10))
    server = ScriptedServer(OPEN + ENVELOPE + waits)
    session = face.scripted(server, timeout=Timeout(connect=5, read=7, total=6))
    await session.open()
    watch = Watch(face, server)
    with pytest.raises((TimedOut, SendRefused)):
        await send(session)
    assert 6 == watch.elapsed
    await session.close()


async def test_h08_one_server_that_stalls_does_not_hold_another_up(face: Face) -> None:
    slow, quick = ScriptedServer(GREETED + "-- stall"), ScriptedServer(Sink())
    stalled = face.scripted(slow, timeout=PATIENCE)
    with pytest.raises(TimedOut):
        await stalled.open()
    async with face.scripted(quick, timeout=PATIENCE) as session:
        await session.noop()
