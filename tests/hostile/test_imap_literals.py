"""Literals of hostile IMAP servers (security.md, 1.7: H01, H02): sizes and odd markers."""

from __future__ import annotations

import pytest

from courriel import Garbled
from tests.faces import Face
from tests.hostile.bounds import CHUNKS, WHOLE, fetching, hi, in_little, session_at

pytestmark = pytest.mark.virtual

# H01, H02: literals.

HUGE = {
    "H01": "* OK {99999999999}\r\nabc",
    "untagged": "* LIST () NIL {99999999999}\r\nabc",
    "body": "* 1 FETCH (UID 1 BODY[] {99999999999}\r\nabc",
    "64 bits": "* 1 FETCH (UID 1 BODY[] {18446744073709551616}\r\nabc",
    "binary": "* 1 FETCH (UID 1 BINARY[1] ~{99999999999}\r\nabc",
    "tagged": "TAG OK {99999999999}\r\nabc",
    "40 digits": f"* LIST () NIL {{{'9' * 40}}}\r\nabc",
}


@CHUNKS
@pytest.mark.parametrize("answer", list(HUGE.values()), ids=list(HUGE))
async def test_h01_a_literal_is_refused_by_its_size(
    face: Face, answer: str, chunk: int | None
) -> None:
    session = session_at(face, fetching(answer), chunk=chunk)
    await session.open()
    with in_little(), pytest.raises(Garbled) as caught:
        await session.fetch(1)
    assert "literal" in str(caught.value)
    assert not session.usable
    await session.close()


ODD = [
    *(
        "{-1}",
        "{}",
        "{1+}",
        "{ 1}",
        "{1 }",
        "{0x1}",
        "{1",
        "1}",
        "{{1}",
        "{1}}x",
        "{1}x",
        "{\u0661}",
    ),
    "{" + "9" * 41 + "}",
    "{" + "9" * 1_000_000 + "}",
    "{" * 100_000,
    "}" * 100_000,
]


@pytest.mark.parametrize("marker", ODD, ids=lambda text: text[:8] + str(len(text)))
@pytest.mark.parametrize("start", ["* LIST () NIL ", "* 2 FETCH (UID 2 BODY[] ", "* X ", "* OK "])
async def test_h02_what_is_no_marker_is_text(face: Face, start: str, marker: str) -> None:
    if marker.endswith("{1}"):
        return
    sink = fetching(f"{start}{marker}\r\n{WHOLE}\r\nTAG OK")
    async with session_at(face, sink) as session:
        with in_little():
            await hi(session)


@CHUNKS
async def test_h02_leading_zeros_count_for_nothing(face: Face, chunk: int | None) -> None:
    sink = fetching("* 1 FETCH (UID 1 BODY[] {012}\r\nSubject: a\r\n)\r\nTAG OK")
    async with session_at(face, sink, chunk=chunk) as session:
        assert "a" == (await session.fetch(1)).subject


@CHUNKS
async def test_h02_binary_literals_are_literals(face: Face, chunk: int | None) -> None:
    sink = fetching(f"* LIST () NIL ~{{5}}\r\na\r\nTA\r\n{WHOLE}\r\nTAG OK")
    async with session_at(face, sink, chunk=chunk) as session:
        await hi(session)
