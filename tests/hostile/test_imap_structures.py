"""Many, wide and deep answers (security.md, 1.7: H04 to H06): nothing is expanded."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from courriel import CourrielError, where
from tests.faces import Face
from tests.hostile.bounds import GOOD, LEAF, WHOLE, drained, fetching, hi, in_little, session_at
from tests.hostile.imap_sink import ImapSink
from tests.toil import linear

pytestmark = pytest.mark.virtual

# H04, H05: many, and many in a few words.


async def test_h04_200_000_tiny_literals_take_linear_time(face: Face) -> None:
    answer = b"* X (" + b"{1}\r\na" * 200_000 + b")\r\n" + WHOLE.encode() + b"\r\nTAG OK\r\n"
    async with session_at(face, fetching(answer)) as session:
        with linear():
            await hi(session)


WIDE = {
    "COPYUID": "* OK [COPYUID 1 1:4294967295 1:4294967295] ok",
    "VANISHED": "* VANISHED 1:4294967295",
    "VANISHED EARLIER": "* VANISHED (EARLIER) 1:4294967295",
    "ESEARCH": "* ESEARCH ALL 1:4294967295",
    "ESEARCH of a tag": '* ESEARCH (TAG "A2") UID ALL 1:4294967295',
    "MODIFIED": "* OK [MODIFIED 1:4294967295] ok",
    "APPENDUID": "* OK [APPENDUID 1 1:4294967295] ok",
    "SEARCH": "* SEARCH " + " ".join(str(number) for number in range(1, 40_000, 2)),
    "EXISTS": "* 4294967295 EXISTS",
    "EXPUNGE": "* 4294967295 EXPUNGE",
}


@pytest.mark.parametrize("answer", list(WIDE.values()), ids=list(WIDE))
@pytest.mark.parametrize("offer", ["ESEARCH", "QRESYNC", "UIDPLUS"])
async def test_h05_sets_are_never_expanded(face: Face, answer: str, offer: str) -> None:
    sink = ImapSink(
        offer,
        *("ENABLE", "MOVE", "UIDPLUS"),
        answers={
            "EXAMINE": f"* 3 EXISTS\r\n{answer}\r\nTAG OK ok",
            "SELECT": f"* 3 EXISTS\r\n{answer}\r\nTAG OK ok",
            "UID FETCH": f"{answer}\r\n{WHOLE}\r\nTAG OK",
            "UID SEARCH": f"{answer}\r\nTAG OK",
            "UID COPY": f"TAG {answer[2:]}" if answer.startswith("* OK") else "TAG OK",
            "UID MOVE": f"{answer}\r\nTAG OK",
            "UID STORE": f"{answer}\r\nTAG OK",
        },
    )
    async with session_at(face, sink) as session:
        with in_little():
            await hi(session)
            for call in (
                lambda: session.copy(1, "Archive"),
                lambda: session.move(1, "Archive"),
                lambda: session.flag(1, add="\\Seen"),
                lambda: session.search(where.unseen),
                lambda: drained(session.messages(unread=True, limit=3)),
                lambda: drained(session.watch(timeout=1)),
            ):
                with suppress(CourrielError):
                    await call()
                assert session.usable
        await hi(session)


# H06: deep, and wide.

STRUCTURES = {
    "open": "(" * 100_000,
    "deep": "(" * 50_000 + ")" * 50_000,
    "deep and whole": "(" * 20_000
    + '("text" "plain" NIL NIL NIL "7bit" 1 1)'
    + ' "mixed")' * 20_000,
    "parameters": '("text" "plain" (' + '"a" "b" ' * 30_000 + ') NIL NIL "7bit" 1 1)',
    "parts": "(" + '("text" "plain" NIL NIL NIL "7bit" 1 1)' * 12_000 + ' "mixed")',
    "numbers": '("text" "plain" NIL NIL NIL "7bit" ' + "9" * 1_000 + " -1)",
    "NIL": "NIL",
    "all NIL": "(NIL NIL NIL NIL NIL NIL NIL NIL)",
    "empty": "()",
    "string": '"x"',
    "negative": '("text" "plain" NIL NIL NIL "7bit" -1 -1)',
    "no type": "(1 2 3)",
    "one": '("text")',
}
ADDRESS = '("x" NIL "y" "example.org")'
ENVELOPES = {
    "20,000 addresses": f'(NIL "s" ({ADDRESS * 20_000}) NIL NIL NIL NIL NIL NIL NIL)',
    "deep": "(" * 50_000 + ")" * 50_000,
    "deep groups": f'(NIL "s" ({"(NIL NIL NIL NIL)" * 10_000}) NIL NIL NIL NIL NIL NIL NIL)',
    "too short": '(NIL "s")',
    "too long": "(" + "NIL " * 1_000 + ")",
    "all NIL": "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)",
    "empty": "()",
    "string": '"x"',
    "numbers": "(1 2 3 4 5 6 7 8 9 10)",
    "odd date": '("Thu, 99 Foo 99999 99:99:99 +9999" "s" NIL NIL NIL NIL NIL NIL NIL NIL)',
    "8 bit": '(NIL "\udcff\udcfe" NIL NIL NIL NIL NIL NIL NIL NIL)',
    "bomb": '(NIL "' + "=?utf-8?q?x?= " * 50_000 + '" NIL NIL NIL NIL NIL NIL NIL NIL)',
}


def listed(number: int, envelope: str, structure: str) -> bytes:
    text = f"* {number} FETCH (UID {number} FLAGS () RFC822.SIZE 9 ENVELOPE {envelope} "
    text += f"BODYSTRUCTURE {structure})\r\n"
    return text.encode("utf-8", "surrogateescape")


async def listing(face: Face, envelope: str, structure: str, **more: Any) -> list[Any]:
    """List three messages of which the second is odd; read all of each summary."""
    said = listed(1, GOOD, LEAF) + listed(2, envelope, structure) + listed(3, GOOD, LEAF)
    sink = ImapSink(
        answers={
            "UID FETCH": said + b"TAG OK\r\n",
            "FETCH": said + b"TAG OK\r\n",
            "UID SEARCH": "* SEARCH 1 2 3\r\nTAG OK",
        }
    )
    async with session_at(face, sink) as session:
        with in_little():
            found = [summary async for summary in session.messages(**more)]
            for summary in found:
                assert summary.envelope is not None
                assert isinstance(summary.parts, tuple)
                assert len(summary.parts) <= 10_000
                assert len(summary.envelope.authors) <= 10_000
                assert isinstance(summary.attachments, tuple)
        await session.noop()
        assert session.usable
    good = [summary for summary in found if summary.id in (1, 3)]
    assert ["good", "good"] == [summary.envelope.subject for summary in good]
    assert [1, 1] == [len(summary.parts) for summary in good]
    return found


@pytest.mark.parametrize("structure", list(STRUCTURES.values()), ids=list(STRUCTURES))
async def test_h06_a_structure_that_cannot_be_costs_at_most_its_own_message(
    face: Face, structure: str
) -> None:
    found = await listing(face, GOOD, structure)
    assert len(found) in (2, 3)


@pytest.mark.parametrize("envelope", list(ENVELOPES.values()), ids=list(ENVELOPES))
async def test_h06_an_envelope_that_cannot_be_costs_at_most_its_own_message(
    face: Face, envelope: str
) -> None:
    found = await listing(face, envelope, LEAF, limit=3)
    assert len(found) in (2, 3)


@pytest.mark.parametrize(
    "answer", ["* THREAD " + "(" * 100_000 + "1" + ")" * 100_000, "* THREAD " + "(1)" * 100_000]
)
async def test_h06_threads_may_be_deep(face: Face, answer: str) -> None:
    sink = ImapSink("THREAD=REFERENCES", answers={"UID THREAD": f"{answer}\r\nTAG OK"})
    async with session_at(face, sink) as session:
        with in_little(), suppress(CourrielError):
            await session.threads(where.unseen)
        assert session.usable
        await session.noop()
