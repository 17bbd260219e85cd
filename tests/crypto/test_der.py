"""The encoding of CMS: what is written is read, and nothing else is taken for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.crypto import der
from tests.toil import linear


@given(value=st.integers(0, 2**1_000))
def test_numbers_come_back(value: int) -> None:
    assert value == der.read(der.integer(value)).whole_number()


@given(first=st.integers(0, 2), second=st.integers(0, 39), others=st.lists(st.integers(0, 2**64)))
def test_identifiers_come_back(first: int, second: int, others: list[int]) -> None:
    dotted = ".".join(map(str, (first, second, *others[:10])))
    assert dotted == der.read(der.object_identifier(dotted)).identifier()


@given(value=st.binary(max_size=70_000))
def test_octets_come_back(value: bytes) -> None:
    assert value == der.read(der.octet_string(value)).octets()
    assert value == der.read(der.bit_string(value)).bits()


@given(pieces=st.lists(st.binary(max_size=300), max_size=10), definite=st.booleans())
def test_octet_strings_in_pieces_are_joined(pieces: list[bytes], definite: bool) -> None:
    inside = b"".join(map(der.octet_string, pieces))
    whole = der.element(0x24, inside) if definite else b"\x24\x80" + inside + b"\0\0"
    nested = b"\x24\x80" + whole + b"\0\0"
    assert b"".join(pieces) == der.read(whole).octets() == der.read(nested).octets()


def test_every_octet_string_may_come_in_pieces() -> None:
    """X.690, 8.7: a signature or a key too, though hardly anybody writes them so."""
    pieces = b"\x24\x80" + der.octet_string(b"ab") + der.octet_string(b"c") + b"\0\0"
    fields = der.Fields(der.read(der.sequence(pieces, der.octet_string(b"d"), der.null())))
    assert (b"abc", b"d") == (fields.octets(), fields.octets())
    with pytest.raises(der.Unreadable, match="octet string"):
        fields.octets()


def test_a_level_ends_where_it_says() -> None:
    inside = der.integer(1) + b"\x30\x80" + der.integer(2) + b"\0\0"
    element = der.read(b"\x30\x80" + inside + b"\0\0")
    assert not element.definite
    assert [2, 0x30] == [child.tag for child in element.children()]


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\x30",
        b"\x30\x01",
        b"\x30\x85\0\0\0\0\0",
        b"\x30\x84\xff\xff\xff\xff",
        b"\x04\x80\0\0",
        b"\x1f\x01\0",
        b"\0\0",
        b"\x30\x80",
        b"\x30\x80\x30\x80\0\0",
        b"\x30\x80" * 33 + b"\0\0" * 33,
    ],
)
def test_what_is_no_element_is_refused(octets: bytes) -> None:
    with pytest.raises(der.Unreadable):
        der.read(octets)


def test_depth_and_breadth_are_bounded() -> None:
    deep = b""
    for _ in range(40):
        deep = der.element(0x24, deep)
    with pytest.raises(der.Unreadable, match="pieces"):
        der.read(deep).octets()
    broad = der.sequence(der.null() * (der.ELEMENTS + 1))
    with pytest.raises(der.Unreadable, match="many"):
        der.read(broad).children()


@pytest.mark.parametrize(
    "wrong",
    [
        der.element(der.INTEGER),
        der.element(der.INTEGER, b"\1" * 200),
        der.element(der.OBJECT_IDENTIFIER),
        der.element(der.OBJECT_IDENTIFIER, b"\x80"),
        der.element(der.BIT_STRING),
        der.element(der.BIT_STRING, b"\3\0"),
        der.element(0x24, der.integer(1)),
    ],
)
def test_contents_that_mean_nothing_are_refused(wrong: bytes) -> None:
    element = der.read(wrong)
    for look in (element.whole_number, element.identifier, element.bits, element.octets):
        if element.tag & 0x20 or look != element.octets:
            with pytest.raises(der.Unreadable):
                look()


def test_an_element_that_ends_nowhere_takes_bounded_time() -> None:
    inside = der.octet_string(b"") * 2_000_000
    nested = b"\x24\x80" * 31 + inside + b"\0\0" * 31
    with linear():
        with pytest.raises(der.Unreadable, match="too many"):
            der.read(nested)
        pieces = der.element(0x24, der.octet_string(b"") * 90_000) * 20
        with pytest.raises(der.Unreadable, match="pieces"):
            der.read(der.element(0x24, pieces)).octets()


def test_fields_are_taken_in_order() -> None:
    fields = der.Fields(der.read(der.sequence(der.integer(1), der.null(), der.integer(2))))
    assert 1 == fields.take(der.INTEGER).whole_number()
    assert fields.maybe(der.INTEGER) is None
    assert fields.maybe(der.NULL) is not None
    assert 1 == len(fields.rest())
    fields.take()
    with pytest.raises(der.Unreadable, match="missing"):
        fields.take()


@given(parts=st.lists(st.binary(max_size=20), max_size=6))
def test_a_set_has_one_order(parts: list[bytes]) -> None:
    elements = [der.octet_string(part) for part in parts]
    assert der.set_of(elements) == der.set_of(reversed(elements))
