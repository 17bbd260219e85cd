"""Queries as search keys: brackets, charsets, and what a server cannot be asked."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.errors import Misused
from courriel.model.query import And, Not, Or, Query, where
from courriel.model.querytree import NONE, All
from courriel.wire.imap.criteria import (
    ascii_superset,
    capabilities_for,
    charset_among,
    charset_for,
    reads_flags,
    search_keys,
)
from courriel.wire.imap.fragments import PLAIN, Dialect, Literal

A, B, C, D, E = where.subject("a"), where.seen, where.flagged, where.draft, where.deleted

KEYS: list[tuple[Query, bytes]] = [
    (where.all, b"ALL"),
    (where.unseen, b"UNSEEN"),
    (where.new, b"NEW"),
    (where.old, b"OLD"),
    (where.recent, b"RECENT"),
    (where.answered, b"ANSWERED"),
    (where.keyword("$Forwarded"), b"KEYWORD $Forwarded"),
    (where.sender("bob"), b'FROM "bob"'),
    (where.sender('"Bob"'), b'FROM "\\"Bob\\""'),
    (where.recipient("b"), b'OR TO "b" (OR CC "b" BCC "b")'),
    (where.body("x"), b'BODY "x"'),
    (where.text(""), b'TEXT ""'),
    (where.header("List-Id", "x y"), b'HEADER List-Id "x y"'),
    (where.header("List-Id"), b'HEADER List-Id ""'),
    (where.message_id("a@b"), b'HEADER Message-ID "<a@b>"'),
    (where.since(date(2026, 11, 1)), b"SINCE 1-Nov-2026"),
    (
        where.before(datetime(2026, 2, 28, 23, tzinfo=timezone(timedelta(hours=9)))),
        b"BEFORE 28-Feb-2026",
    ),
    (where.on(date(2026, 5, 9)), b"ON 9-May-2026"),
    (where.sent_since(date(2026, 11, 1)), b"SENTSINCE 1-Nov-2026"),
    (where.sent_before(date(2026, 11, 1)), b"SENTBEFORE 1-Nov-2026"),
    (where.sent_on(date(2026, 11, 1)), b"SENTON 1-Nov-2026"),
    (where.larger(1_000_000), b"LARGER 1000000"),
    (where.smaller(5), b"SMALLER 5"),
    (where.younger(3600), b"YOUNGER 3600"),
    (where.older(timedelta(days=2)), b"OLDER 172800"),
    (where.modified_since(620162338), b"MODSEQ 620162338"),
    (where.gmail("has:attachment"), b'X-GM-RAW "has:attachment"'),
    (where.ids(1, 2, 3, 9), b"UID 1:3,9"),
    (where.id_range(5), b"UID 5:4294967295"),
    (where.ids(), b"NOT ALL"),
    (~where.seen, b"NOT SEEN"),
    (B & C, b"SEEN FLAGGED"),
    (~(B & C), b"NOT (SEEN FLAGGED)"),
    (~(B | C), b"NOT (OR SEEN FLAGGED)"),
    (B | C, b"OR SEEN FLAGGED"),
    (~B | ~C, b"OR (NOT SEEN) (NOT FLAGGED)"),
    (B & C | D & E, b"OR (SEEN FLAGGED) (DRAFT DELETED)"),
    ((B | C) & D, b"OR SEEN FLAGGED DRAFT"),
    ((B | C) & (D | E), b"OR SEEN FLAGGED OR DRAFT DELETED"),
    (B | C | D, b"OR SEEN (OR FLAGGED DRAFT)"),
    (B | C | D | E, b"OR (OR SEEN FLAGGED) (OR DRAFT DELETED)"),
    (B & ~(C | D & A), b'SEEN NOT (OR FLAGGED (DRAFT SUBJECT "a"))'),
    (And(()), b"ALL"),
    (Or(()), b"NOT ALL"),
    (Not(And(())), b"NOT ALL"),
    (Or((And(()), B)), b"OR ALL SEEN"),
    (And((B,)), b"SEEN"),
]


@pytest.mark.parametrize(("query", "keys"), KEYS)
def test_a_query_has_keys(query: Query, keys: bytes) -> None:
    assert [keys] == search_keys(query, PLAIN)


def test_a_thousand_alternatives_stay_shallow() -> None:
    query = where.any_of(where.sender(f"user{n}") for n in range(1_000))
    (keys,) = search_keys(query, PLAIN)
    assert isinstance(keys, bytes)
    depth = deepest = 0
    for octet in keys:
        depth += (octet == ord("(")) - (octet == ord(")"))
        deepest = max(deepest, depth)
    assert 0 == depth
    assert deepest <= 10
    assert 999 == keys.count(b"OR ")


def test_text_beyond_ascii_is_a_literal_in_the_charset() -> None:
    query = where.subject("é")
    assert [b"SUBJECT ", Literal("é".encode())] == search_keys(query, PLAIN)
    assert [b"SUBJECT ", Literal(b"\xe9")] == search_keys(query, PLAIN, "ISO-8859-1")
    assert ['SUBJECT "é"'.encode()] == search_keys(query, Dialect(utf8=True))


@pytest.mark.parametrize("charset", ["US-ASCII", "nonsense", "utf-16", "rot13", "hex"])
def test_a_charset_that_cannot_say_it_is_refused(charset: str) -> None:
    with pytest.raises(Misused):
        search_keys(where.subject("é"), PLAIN, charset)


def test_the_charset_is_named_only_when_needed() -> None:
    assert charset_for(where.subject("a") & ~where.header("X", "b")) is None
    assert "UTF-8" == charset_for(B & ~where.header("X", "é"))
    assert "UTF-8" == charset_for(where.gmail("é"))


def test_of_the_offered_charsets_the_first_that_fits_is_taken() -> None:
    offered = ("US-ASCII", "utf-16", "nonsense", "ISO-8859-1", "UTF-8")
    assert "ISO-8859-1" == charset_among(where.subject("é"), offered)
    assert "UTF-8" == charset_among(where.subject("é") | where.body("日"), offered)
    assert charset_among(where.subject("日"), ("US-ASCII",)) is None
    assert "US-ASCII" == charset_among(B, offered)


@pytest.mark.parametrize(
    ("query", "wider"),
    [
        (where.subject("réunion budget plan"), where.subject("budget plan")),
        (where.subject("plan für das Budget"), where.subject("plan") & where.subject("das Budget")),
        (where.subject("日本"), All()),
        (where.header("X", "é b"), where.header("X", "b")),
        (B & where.subject("é"), B),
        (B | where.subject("é"), All()),
        (~where.subject("é b"), All()),
        (B & ~(where.subject("é") & C), B & ~(NONE & C)),
        (~(where.subject("é") | C), ~C),
        (B, B),
    ],
)
def test_without_a_charset_more_is_found(query: Query, wider: Query) -> None:
    assert wider == ascii_superset(query)
    assert charset_for(ascii_superset(query)) is None


def test_what_a_query_needs_of_the_server() -> None:
    query = ~where.younger(5) | where.gmail("x") & where.modified_since(1)
    assert {"WITHIN", "X-GM-EXT-1", "CONDSTORE"} == capabilities_for(query)
    assert frozenset() == capabilities_for(B | A)


def test_whether_flags_decide() -> None:
    assert reads_flags(A | ~B)
    assert reads_flags(where.keyword("x"))
    assert not reads_flags(A & where.larger(5))


def test_ids_of_other_backends_cannot_be_searched() -> None:
    with pytest.raises(Misused, match="another kind of session"):
        search_keys(where.ids("a", "b"), PLAIN)


LEAVES = st.one_of(
    st.sampled_from([where.all, B, C, where.larger(5), where.ids(1, 5)]),
    st.text(max_size=20).flatmap(lambda text: _texts(text)),
)


def _texts(text: str) -> st.SearchStrategy[Query]:
    try:
        return st.sampled_from([where.subject(text), where.header("X", text), where.gmail(text)])
    except Misused:
        return st.just(where.all)


TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(where.all_of),
        st.lists(inner, max_size=4).map(where.any_of),
        inner.map(lambda query: ~query),
    ),
    max_leaves=20,
)


@given(TREES, st.booleans())
def test_keys_never_break_their_line_and_brackets_match(query: Query, utf8: bool) -> None:
    fragments = search_keys(query, Dialect(utf8=utf8))
    text = b"".join(part if isinstance(part, bytes) else b"literal" for part in fragments)
    assert not set(text) & {0, 10, 13}
    plain = _without_strings(text)
    assert plain.count(b"(") == plain.count(b")")
    assert charset_for(ascii_superset(query)) is None


def _without_strings(text: bytes) -> bytes:
    unescaped = text.replace(b"\\\\", b"").replace(b'\\"', b"")
    return b"".join(unescaped.split(b'"')[::2])
