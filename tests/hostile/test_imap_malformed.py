"""Malformed ENVELOPE and BODYSTRUCTURE: the other messages survive, and the caller is told."""

from __future__ import annotations

import pytest

from tests.faces import Face
from tests.hostile.bounds import GOOD, LEAF, drained, session_at
from tests.hostile.imap_sink import ImapSink

pytestmark = pytest.mark.virtual

ENVELOPES = {
    "NIL": "NIL for an ENVELOPE",
    "(NIL)": "an ENVELOPE without all of its fields",
    "5": "an ENVELOPE that breaks off at octet 0",
    '"text"': "an ENVELOPE that breaks off at octet 0",
    '(NIL "s" "nobody" NIL NIL NIL NIL NIL NIL NIL)': "a text where an ENVELOPE has addresses",
    '("the day before" "s" NIL NIL NIL NIL NIL NIL NIL NIL)': "a date that cannot be read",
    "(": "an ENVELOPE without all of its fields",
    "((((": "ENVELOPE without an end, and nothing behind it can be read",
    '(NIL "no end)': "ENVELOPE without an end, and nothing behind it can be read",
    '(NIL "a"b" NIL NIL NIL NIL NIL NIL NIL "x")': "no BODYSTRUCTURE",
}
STRUCTURES = {
    "NIL": "NIL for a BODYSTRUCTURE",
    "(": "a part without its type",
    "()": "a part without its type",
    '("TEXT")': "a part without its size",
    f'({LEAF} "MIXED" ("BOUNDARY" "x"': "a BODYSTRUCTURE that breaks off at octet 65",
    "(" * 300 + ")" * 300: "parts nested deeper than 100",
    '("TEXT" "PLAIN" NIL NIL NIL "7BIT" -1 1)': "a part of less than no octets",
}


def said(uid: int, envelope: str = GOOD, structure: str = LEAF) -> str:
    items = f"RFC822.SIZE 99 ENVELOPE {envelope} BODYSTRUCTURE {structure}"
    return f"* {uid} FETCH (UID {uid} FLAGS () {items})\r\n"


@pytest.mark.parametrize(
    ("envelope", "structure", "defect"),
    [
        *((bad, LEAF, defect) for bad, defect in ENVELOPES.items()),
        *((GOOD, bad, defect) for bad, defect in STRUCTURES.items()),
    ],
)
async def test_what_cannot_be_read_is_among_the_defects(
    face: Face, envelope: str, structure: str, defect: str
) -> None:
    answer = said(1) + said(2, envelope, structure) + said(3) + "TAG OK"
    sink = ImapSink(answers={"FETCH": answer})
    async with session_at(face, sink) as session:
        before, bad, behind = await drained(session.messages(limit=20))
    assert [1, 2, 3] == [one.id for one in (before, bad, behind)]
    assert defect in bad.defects
    assert bad.parts or any("BODYSTRUCTURE" in each for each in bad.defects)
    for good in (before, behind):
        assert ((), "good", 1) == (good.defects, good.envelope.subject, len(good.parts))


async def test_what_was_not_sent_at_all_is_a_defect_too(face: Face) -> None:
    sink = ImapSink(answers={"FETCH": "* 1 FETCH (UID 1 RFC822.SIZE 9)\r\nTAG OK"})
    async with session_at(face, sink) as session:
        (only,) = await drained(session.messages(limit=1))
    assert ("no ENVELOPE", "no BODYSTRUCTURE") == only.defects
