"""Arguments: bare, quoted or literal, and never with what could end a line."""

from __future__ import annotations

import locale
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.errors import Misused
from courriel.wire.imap.arguments import (
    astring,
    atom,
    date_text,
    date_time,
    flag_list,
    nstring,
    number,
    partial_range,
    quoted,
    string,
)
from courriel.wire.imap.fragments import (
    PLAIN,
    Dialect,
    Fragment,
    Literal,
    StreamLiteral,
    marker,
    parenthesised,
    readable,
    spaced,
    together,
    waits,
)

UTF8 = Dialect(utf8=True)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("INBOX", b"INBOX"),
        ("", b'""'),
        ("NIL", b'"NIL"'),
        ("nil", b'"nil"'),
        ("a b", b'"a b"'),
        ('a"b\\c', b'"a\\"b\\\\c"'),
        ("a\tb", b'"a\tb"'),
        ("a]b", b'"a]b"'),
        ("(*%{", b'"(*%{"'),
        ("é", Literal("é".encode())),
        (b"\xff", Literal(b"\xff")),
        ("x" * 1_001, Literal(b"x" * 1_001)),
    ],
)
def test_an_astring_takes_the_first_form_that_holds_it(value: str, written: Fragment) -> None:
    assert written == astring(value)


def test_enabled_utf8_is_quoted_but_nothing_else_is() -> None:
    assert '"é"'.encode() == astring("é", UTF8)
    assert Literal(b"\xff") == astring(b"\xff", UTF8)


def test_no_value_is_nil() -> None:
    assert b"NIL" == nstring(None)
    assert b'"NIL"' == nstring("NIL")


WRITERS: list[Callable[[str | bytes], object]] = [astring, string, quoted, nstring]


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize(
    "value", ["a\rb", "a\nb", "a\0b", b"\r\n", "\r", "x" * 2_000 + "\n", "\ud800"]
)
def test_what_could_end_a_line_has_no_form(
    write: Callable[[str | bytes], object], value: str | bytes
) -> None:
    with pytest.raises(Misused):
        write(value)


@given(st.one_of(st.text(), st.binary()), st.booleans())
def test_an_argument_never_breaks_its_line(value: str | bytes, utf8: bool) -> None:
    try:
        written = astring(value, Dialect(utf8=utf8))
    except Misused:
        return
    octets = written.data if isinstance(written, Literal) else written
    assert isinstance(octets, bytes)
    assert not set(octets) & {0, 10, 13}
    if written is octets and octets.startswith(b'"'):
        inner = octets[1:-1].replace(b"\\\\", b"").replace(b'\\"', b"")
        assert b'"' not in inner and b"\\" not in inner


@pytest.mark.parametrize(
    "word", ["", "a b", "a)", "(", "{5}", "é", "a\r", "\\x", "]", "%", None, 5]
)
def test_what_is_no_atom_is_refused(word: object) -> None:
    with pytest.raises(Misused):
        atom(word)


@pytest.mark.parametrize("value", [-1, 2**63, True, "5", None, 1.5])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(Misused):
        number(value, "a size")


def test_parts_of_a_result_are_counted_from_either_end() -> None:
    assert b"1:100" == partial_range((1, 100))
    assert b"-1:-100" == partial_range((-1, -100))
    for bounds in ((0, 5), (1, -5), (-1, 5), (1, 2**32)):
        with pytest.raises(Misused):
            partial_range(bounds)


def test_flags_are_spelt_in_one_way() -> None:
    assert b"(\\Seen $Junk)" == flag_list(("seen", "$Junk", "\\Recent"))
    assert b"()" == flag_list(())
    with pytest.raises(Misused):
        flag_list(("a b",))


def test_days_have_english_months_whatever_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locale, "getlocale", lambda *_: ("fr_FR", "UTF-8"))
    assert b"1-Feb-2026" == date_text(date(2026, 2, 1))
    assert b"31-Dec-0099" == date_text(datetime(99, 12, 31, 23, 59, tzinfo=UTC))


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (datetime(2026, 11, 1, 2, 3, 4, tzinfo=UTC), b'" 1-Nov-2026 02:03:04 +0000"'),
        (
            datetime(2026, 2, 17, 2, 3, 4, tzinfo=timezone(timedelta(hours=-3, minutes=-30))),
            b'"17-Feb-2026 02:03:04 -0330"',
        ),
        (
            datetime(2026, 2, 17, tzinfo=timezone(timedelta(hours=5, minutes=45))),
            b'"17-Feb-2026 00:00:00 +0545"',
        ),
    ],
)
def test_moments_have_fixed_width(moment: datetime, written: bytes) -> None:
    assert written == date_time(moment)


def test_a_moment_without_a_zone_is_local_time() -> None:
    moment = datetime(2026, 6, 1, 12)  # noqa: DTZ001 - That it has no zone is the case.
    assert date_time(moment.astimezone()) == date_time(moment)


@pytest.mark.parametrize("moment", [None, "now", date(2026, 1, 1), 5])
def test_what_is_no_moment_is_refused(moment: object) -> None:
    with pytest.raises(Misused):
        date_time(moment)  # type: ignore[arg-type]  # Wrong on purpose.


PLUS = Dialect(literal_plus=True, eager=10_000)
MINUS = Dialect(literal_minus=True)


@pytest.mark.parametrize(
    ("literal", "dialect", "announced"),
    [
        (Literal(b"abc"), PLAIN, b"{3}"),
        (Literal(b"abc"), PLUS, b"{3+}"),
        (Literal(b"x" * 10_001), PLUS, b"{10001}"),
        (Literal(b"x" * 4_096), MINUS, b"{4096+}"),
        (Literal(b"x" * 4_097), MINUS, b"{4097}"),
        (StreamLiteral(5), MINUS, b"{5+}"),
        (StreamLiteral(5, binary=True), PLUS, b"~{5}"),
        (Literal(b"", binary=True), PLAIN, b"~{0}"),
    ],
)
def test_a_literal_waits_unless_the_server_lets_it_go(
    literal: Literal | StreamLiteral, dialect: Dialect, announced: bytes
) -> None:
    assert announced == marker(literal, dialect)
    assert (b"+" not in announced) is waits(literal, dialect)


def test_fragments_are_joined_around_literals() -> None:
    x = Literal(b"x")
    assert [b"A b ", x, b" (c d)"] == spaced(b"A", b"b", x, parenthesised((b"c", b"d")))
    assert [x, x] == together((x, (x,)))
    assert [] == together(())


def test_a_log_line_is_one_short_line() -> None:
    assert "SEARCH {3} x" == readable([b"SEARCH ", Literal(b"abc"), b" x"])
    assert 201 == len(readable([b"x" * 10_000]))
    assert "\t" not in readable([b"a\tb"])


@pytest.mark.parametrize("octets", [-1, None, "5", 1.0])
def test_a_stream_has_a_number_of_octets(octets: object) -> None:
    with pytest.raises(Misused):
        StreamLiteral(octets)  # type: ignore[arg-type]  # Wrong on purpose.
