"""Whatever arrives, the parser answers with a value or with Garbled; quick ways are only quick."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from courriel.errors import Garbled
from courriel.model.limits import Limits
from courriel.wire.imap.cursor import Cursor
from courriel.wire.imap.fetched import Fetched
from courriel.wire.imap.frames import Frame
from courriel.wire.imap.lexis import nested
from courriel.wire.imap.parse import parse
from courriel.wire.imap.quirks import QUIRKS

GOOD = [
    (
        b'* 12 FETCH (UID 4 FLAGS (\\Seen $X) INTERNALDATE "17-Jul-1996 02:44:25 -0700" '
        b"RFC822.SIZE 44 "
        b'ENVELOPE ("Wed, 17 Jul 1996 02:23:25 -0700" "=?utf-8?q?a=C3=A9?=" '
        b'(("T" NIL "g" "c.edu")) '
        b'NIL NIL ((NIL NIL "x" NIL)(NIL NIL "y" "z")(NIL NIL NIL NIL)) NIL NIL NIL "<B@c>") '
        b'BODYSTRUCTURE (("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "7BIT" 1 2 NIL NIL NIL)'
        b'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 9 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) '
        b'("A" "B" NIL NIL NIL "7BIT" 1) 3) "MIXED" ("BOUNDARY" "b") NIL NIL) BODY[1.2]<0> {3})'
    ),
    b"A1 OK [COPYUID 1 1:3,7 4:6,9] done",
    b"* OK [CAPABILITY IMAP4rev1] x",
    b'* ESEARCH (TAG "A") UID MIN 1 ALL 1:5,9 PARTIAL (1:9 4) COUNT 2',
    b"* THREAD (1 2 (3)(4 5))((6)(7))",
    b'* LIST (\\A) "/" {3} ("CHILDINFO" ("X") "OLDNAME" ("&U,BTFw-"))',
    b'* STATUS "a" (MESSAGES 1 MAILBOXID (F1) X (1))',
    b'* NAMESPACE (("" "/" "X" ("Y"))) NIL (("#" NIL))',
    b'* QUOTA "" (STORAGE 1 2)',
    b'* ID ("a" NIL "b" "c")',
    b"* VANISHED (EARLIER) 1:5",
    b"* SEARCH 1 2 3 (MODSEQ 5)",
    *(quirk.example for quirk in QUIRKS),
]
PIECES = re.compile(rb'[A-Za-z0-9.]+|"[^"]*"|.', re.DOTALL)


def survives(text: bytes, *literals: bytes) -> None:
    try:
        answer = parse(Frame(text, literals), Limits())
    except Garbled:
        return
    assert repr(answer)
    if isinstance(answer, Fetched):
        assert answer.read_envelope() == answer.read_envelope()
        assert answer.read_structure() == answer.read_structure()
        assert answer.received is None or answer.received.tzinfo


@given(st.binary(max_size=200), st.lists(st.binary(max_size=5), max_size=3))
def test_random_octets(text: bytes, literals: list[bytes]) -> None:
    survives(text, *literals)


@given(
    st.sampled_from(
        [b"* ", b"* 1 FETCH (", b"* 1 FETCH (BODYSTRUCTURE (", b"* 1 FETCH (ENVELOPE (", b"A1 OK ["]
    ),
    st.lists(st.sampled_from([*b'() "\\{}[]<>:,*1a\x00\xff\r\n']), max_size=40),
    st.binary(max_size=9),
)
def test_random_marks(start: bytes, marks: list[int], rest: bytes) -> None:
    survives(start + bytes(marks) + rest, b"abc")


@given(st.data())
def test_good_answers_with_a_few_changes(data: st.DataObject) -> None:
    pieces = PIECES.findall(data.draw(st.sampled_from(GOOD)))
    for _ in range(data.draw(st.integers(0, 4))):
        place = data.draw(st.integers(0, len(pieces)))
        change = data.draw(st.sampled_from(["drop", "double", "put", "swap"]))
        if change == "put":
            mark = st.sampled_from(
                [b"(", b")", b'"', b" ", b"NIL", b"{3}", b"[", b"]", b"-1", b"\\"]
            )
            pieces.insert(place, data.draw(mark))
        elif place < len(pieces):
            if change == "drop":
                del pieces[place]
            elif change == "double":
                pieces.insert(place, pieces[place])
            else:
                other = data.draw(st.integers(0, len(pieces) - 1))
                pieces[place], pieces[other] = pieces[other], pieces[place]
    survives(b"".join(pieces), b"abc")


@given(st.sampled_from(GOOD), st.data())
def test_good_answers_cut_short(text: bytes, data: st.DataObject) -> None:
    survives(text[: data.draw(st.integers(0, len(text)))], b"abc")


VALUES = st.recursive(
    st.sampled_from([b"NIL", b'"a b"', b'"(\\")"', b"12", b'""', b'"\\\\"']),
    lambda inner: st.lists(inner, max_size=4).map(lambda items: b"(" + b" ".join(items) + b")"),
    max_leaves=20,
)


@given(VALUES, st.sampled_from([b"", b")", b" x", b'"']))
def test_the_quick_way_over_a_list_stops_where_the_slow_one_does(value: bytes, tail: bytes) -> None:
    text = b"(" + value + b")"
    cursor = Cursor(text + tail, (), Limits())
    assert text == cursor.skip_value().text
    quick = re.match(nested(), text + tail, re.DOTALL)
    assert quick is not None
    assert text == quick[0]


@given(st.lists(st.sampled_from([b"(", b")", b'"', b"a", b"\\", b" "]), max_size=30))
def test_where_the_quick_way_matches_the_slow_one_agrees(marks: list[bytes]) -> None:
    text = b"(" + b"".join(marks)
    quick = re.match(nested(), text, re.DOTALL)
    try:
        slow = Cursor(text, (), Limits()).skip_value().text
    except Garbled:
        assert quick is None
        return
    assert quick is None or slow == quick[0]
