"""Answers without end (security.md, 1.7: H03): memory stays within bounds, and time."""

from __future__ import annotations

from typing import Any

import pytest

from courriel import CourrielError, Limits, Timeout, where
from tests.faces import Face
from tests.hostile.bounds import MIB, WHOLE, fetching, hi, in_little, session_at
from tests.hostile.imap_sink import ImapSink

pytestmark = [pytest.mark.virtual, pytest.mark.slow]

KIB = 1024


def pieces(octets: int) -> dict[str, bytes]:
    """Return what a server may say again and again, each about so long."""
    words = b" ".join(b"%06d" % number for number in range(octets // 7))
    literal = octets // 5
    return {
        "no line end": b"a" * octets,
        "a line": b"* LIST () NIL " + b"a" * octets,
        "NUL": b"\0" * octets,
        "returns": b"\r" * octets,
        "empty lines": b"\r\n" * (octets // 2),
        "quoted": b'* LIST () "/" "' + b"\xc3\xa9" * (octets // 2),
        "parentheses": b"* 1 FETCH (BODYSTRUCTURE " + b"(" * octets,
        "literals in one": b"{%d}\r\n" % literal + b"a" * literal,
        "tiny literals": b"{1}\r\na" * (octets // 6),
        "empty literals": b"{0}\r\n" * (octets // 5),
        "invitations": b"+ go on\r\n" * (octets // 9),
        "tagged": b"A9 OK\r\n" * (octets // 7),
        "EXISTS": b"* 3 EXISTS\r\n" * (octets // 12),
        "unknown": b"* X-WHO KNOWS\r\n" * (octets // 15),
        "alerts": b"* OK [ALERT] " + b"!" * 1_000 + b"\r\n",
        "capabilities": b"* CAPABILITY " + words + b"\r\n",
        "enabled": b"* ENABLED " + words + b"\r\n",
        "flags": b"* FLAGS (" + words + b")\r\n",
        "expunges": b"* 1 EXPUNGE\r\n" * (octets // 13),
        "vanishing": b"* VANISHED 1:4294967295\r\n" * (octets // 25),
        "bodies": b"* 9 FETCH (UID 9 BODY[] {%d}\r\n" % literal + b"a" * literal + b")\r\n",
    }


# Everything is a sixteenth of what it really is, as tracing every allocation takes its time.
PIECES = pieces(64 * KIB)
LIMITS = Limits(
    response_line=256 * KIB,
    literal=256 * MIB,
    literal_memory=16 * KIB,
    answers=50_000,
    answers_held=1 * MIB,
    imap_text=64 * KIB,
    imap_words=600,
)


class Endless:
    """A server that behaves until it hears ``verb``, and then does not end, for sixteen pieces."""

    def __init__(self, verb: bytes, piece: bytes) -> None:
        self._sink = ImapSink()
        self._verb = verb
        self._piece = piece
        self.pieces = 0
        self._streaming = False

    def __call__(self, heard: bytes) -> bytes:
        self._streaming = self._streaming or self._verb in heard
        if not self._streaming:
            return self._sink(heard)
        self.pieces += 1
        return self._piece if self.pieces <= 16 else b""


@pytest.mark.parametrize("piece", list(PIECES.values()), ids=list(PIECES))
@pytest.mark.parametrize("verb", [b"CAPABILITY", b"EXAMINE", b"UID FETCH"])
async def test_h03_an_answer_without_end_takes_little_memory(
    face: Face, verb: bytes, piece: bytes
) -> None:
    endless = Endless(verb, piece)
    if verb == b"CAPABILITY":
        endless._sink = ImapSink(greeting="* OK hi")
    # Modules that are loaded when they are first needed are not the server's doing.
    async with session_at(face, fetching(f"{WHOLE}\r\nTAG OK")) as session:
        await hi(session)
    session = session_at(face, endless, limits=LIMITS)
    with in_little(4 * MIB), pytest.raises(CourrielError):
        await _opened(session)
    assert not session.usable
    await session.close()


async def _opened(session: Any) -> None:
    await session.open()
    await session.fetch(1)


@pytest.mark.parametrize(
    "line",
    [
        b'* LIST () "/" a\r\n',
        b"* 1 FETCH (UID 1 FLAGS ())\r\n",
        b"* 1 FETCH (UID 1 BODY[] {1}\r\na)\r\n",
        b"* SEARCH 1 2 3\r\n",
        b"* STATUS INBOX (MESSAGES 1)\r\n",
    ],
)
@pytest.mark.parametrize("call", ["folders", "fetch", "status", "search"])
async def test_h03_answers_are_counted(face: Face, call: str, line: bytes) -> None:
    verb = {"folders": b"LIST", "fetch": b"UID FETCH", "status": b"STATUS", "search": b"UID SEARCH"}
    session = session_at(
        face,
        Endless(verb[call], line * 1_000),
        limits=Limits(answers=2_000),
        timeout=Timeout(connect=5, read=7, total=20),
    )
    await session.open()
    arguments: dict[str, tuple[Any, ...]] = {"fetch": (1,), "search": (where.unseen,)}
    with in_little(), pytest.raises(CourrielError):
        await getattr(session, call)(*arguments.get(call, ()))
    await session.close()
