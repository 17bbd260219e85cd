"""The forms of RFC 6376, 3.4, and which fields a signature means."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.crypto.dkim import canonical
from courriel.crypto.dkim.split import Field, letter

BODY = st.lists(st.sampled_from([b"\r\n", b"\r", b" ", b"\t", b"a", b"."]), max_size=30).map(
    b"".join
)


def test_the_example_of_the_rfc() -> None:
    source = b"A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n"
    cut = letter(source, most=1000)
    assert [b"a:X", b"b:Y Z"] == [canonical.field(f.octets, relaxed=True) for f in cut.fields]
    assert b" C\r\nD E\r\n" == canonical.body(cut.body, relaxed=True)
    assert [b"A: X", b"B : Y\t\r\n\tZ  "] == [
        canonical.field(f.octets, relaxed=False) for f in cut.fields
    ]
    assert b" C \r\nD \t E\r\n" == canonical.body(cut.body, relaxed=False)


@pytest.mark.parametrize(
    ("body", "simple", "relaxed"),
    [
        (b"", b"\r\n", b""),
        (b"\r\n", b"\r\n", b""),
        (b"\r\n\r\n", b"\r\n", b""),
        (b"x", b"x\r\n", b"x\r\n"),
        (b"x ", b"x \r\n", b"x\r\n"),
        (b" \r\n\t\r\n", b" \r\n\t\r\n", b""),
        (b"x\r\n \r\n\r\n", b"x\r\n \r\n", b"x\r\n"),
        (b"\r\nx\r\n", b"\r\nx\r\n", b"\r\nx\r\n"),
        (b"x\r", b"x\r\r\n", b"x\r\r\n"),
        (b"x\r\r\n\r\n", b"x\r\r\n", b"x\r\r\n"),
        (b"\r\r\n", b"\r\r\n", b"\r\r\n"),
    ],
)
def test_odd_bodies(body: bytes, simple: bytes, relaxed: bytes) -> None:
    assert simple == canonical.body(body, relaxed=False)
    assert relaxed == canonical.body(body, relaxed=True)


@given(BODY)
def test_law_simple_is_what_the_rfc_says_in_one_pattern(body: bytes) -> None:
    ended = body if body.endswith(b"\r\n") or not body else body + b"\r\n"
    assert re.sub(rb"(?:\r\n)*\Z", b"", ended, count=1) + b"\r\n" == canonical.body(
        body, relaxed=False
    )


@given(BODY, st.booleans())
def test_law_a_form_stays_as_it_is(body: bytes, relaxed: bool) -> None:
    once = canonical.body(body, relaxed=relaxed)
    assert once == canonical.body(once, relaxed=relaxed)


def test_names_are_taken_from_the_bottom_and_missing_ones_are_nothing() -> None:
    fields = [Field("a", b"A: 1"), Field("b", b"B: 1"), Field("a", b"A: 2")]
    chosen = canonical.chosen(fields, ["a", "c", "a", "a", "b"])
    assert [b"A: 2", b"A: 1", b"B: 1"] == [field.octets for field in chosen]


def test_lines_may_end_in_lf() -> None:
    cut = letter(b"A: 1\n b\nB: 2\n\nx\n\n", most=100)
    assert [b"A: 1\r\n b", b"B: 2"] == [field.octets for field in cut.fields]
    assert b"x\r\n\r\n" == cut.body


@pytest.mark.parametrize(
    ("source", "count", "body"),
    [
        (b"", 0, b""),
        (b"\r\nbody", 0, b"body"),
        (b"\nbody", 0, b"body"),
        (b"A: 1", 1, b""),
        (b"A: 1\r\n", 1, b""),
        (b"A: 1\r\n\r\n", 1, b""),
        (b"A: 1\n\r\n\n", 1, b"\r\n"),
        (b"A: 1\r\n \r\nB: 2\r\n\r\nx", 2, b"x"),
        (b"From ada Sat Nov 21\r\nA: 1\r\n\r\nx", 1, b"x"),
    ],
)
def test_where_the_header_ends(source: bytes, count: int, body: bytes) -> None:
    cut = letter(source, most=100)
    assert ("", count, body) == (cut.fault, len(cut.fields), cut.body)


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        (b"A: 1\r\nno field\r\n\r\n", "a line that is no field"),
        (b" A: 1\r\n\r\n", "a line that is no field"),
        (b"A: 1\r\nF\xc3\xb6: 1\r\n\r\n", "a line that is no field"),
        (b"A: 1\rB: 2\r\n\r\n", "carriage return"),
        (b"A: 1\n\r\r\nB: 2\r\n\r\n", "carriage return"),
        (b"A: " + b"x" * 100 + b"\r\n\r\n", "longer than 100"),
    ],
)
def test_a_header_that_can_be_cut_in_two_ways_is_not_trusted(source: bytes, fault: str) -> None:
    assert fault in letter(source, most=100).fault


def test_the_header_is_bounded_and_the_body_is_not() -> None:
    head = b"A: " + b"x" * 95 + b"\r\n"
    assert "" == letter(head + b"\r\n" + b"x" * 1000, most=100).fault
