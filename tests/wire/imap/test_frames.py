"""Frames: where a response ends, whatever the network cuts it into, and never too much of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel import Garbled, Limits
from courriel.model.spool import Spool
from courriel.wire.imap.frames import Frame, FrameReader

CONVERSATION = (
    b"* OK ready\r\n"
    b"* 1 FETCH (UID 5 BODY[] {5}\r\nhello FLAGS ())\r\n"
    b"* LIST () {1}\r\n/ {3}\r\nbox\r\n"
    b"* 2 FETCH (BODY[] {0}\r\n)\r\n"
    b"* 3 FETCH (BINARY[1] ~{4}\r\n\r\n\0\n)\r\n"
    b"A1 OK done\r\n"
)
FRAMES = [
    Frame(b"* OK ready"),
    Frame(b"* 1 FETCH (UID 5 BODY[] {5} FLAGS ())", (b"hello",)),
    Frame(b"* LIST () {1} {3}", (b"/", b"box")),
    Frame(b"* 2 FETCH (BODY[] {0})", (b"",)),
    Frame(b"* 3 FETCH (BINARY[1] ~{4})", (b"\r\n\0\n",)),
    Frame(b"A1 OK done"),
]


def reader(**bounds: int) -> FrameReader:
    return FrameReader(Limits(**bounds))


def read(frames: FrameReader, pieces: Iterable[bytes]) -> list[Frame]:
    """Return the frames in what arrives, their literals as octets."""
    found: list[Frame] = []
    for piece in pieces:
        frames.feed(piece)
        while (frame := frames.next_frame()) is not None:
            literals = tuple(
                each if isinstance(each, bytes) else each.read() for each in frame.literals
            )
            found.append(Frame(frame.text, literals))
    return found


def cut(data: bytes, sizes: Iterable[int]) -> Iterable[bytes]:
    for size in sizes:
        yield data[:size]
        data = data[size:]
    yield data


class TestChunking:
    def test_all_at_once(self) -> None:
        assert FRAMES == read(reader(), [CONVERSATION])

    def test_octet_by_octet(self) -> None:
        assert FRAMES == read(reader(), (bytes((octet,)) for octet in CONVERSATION))

    def test_with_the_beginning_of_the_next_behind_it(self) -> None:
        frames = reader()
        assert FRAMES == read(frames, [CONVERSATION + b"* 4 FETCH (BODY[] {9}\r\nabc"])
        assert frames.leftover
        assert [Frame(b"* 4 FETCH (BODY[] {9})", (b"abcdefghi",))] == read(frames, [b"defghi)\r\n"])
        assert not frames.leftover

    @given(st.lists(st.integers(1, 40)))
    def test_in_any_pieces(self, sizes: list[int]) -> None:
        assert FRAMES == read(reader(), cut(CONVERSATION, sizes))

    @given(
        st.lists(
            st.lists(st.binary(max_size=40), max_size=4),
            max_size=6,
        ),
        st.lists(st.integers(1, 30)),
        st.integers(1, 30),
    )
    def test_any_literals_in_any_pieces(
        self, responses: list[list[bytes]], sizes: list[int], memory: int
    ) -> None:
        wire = b"".join(
            b"* X" + b"".join(b" {%d}\r\n" % len(each) + each for each in literals) + b" end\r\n"
            for literals in responses
        )
        expected = [
            Frame(
                b"* X" + b"".join(b" {%d}" % len(each) for each in literals) + b" end",
                tuple(literals),
            )
            for literals in responses
        ]
        assert expected == read(reader(literal_memory=memory), cut(wire, sizes))


class TestLines:
    def test_a_lone_lf_ends_a_line_too(self) -> None:
        assert [Frame(b"* OK a"), Frame(b""), Frame(b"A1 OK")] == read(
            reader(), [b"* OK a\n\nA1 OK\r\n"]
        )

    def test_a_cr_in_the_middle_is_part_of_the_line(self) -> None:
        assert [Frame(b"* OK a\rb\r")] == read(reader(), [b"* OK a\rb\r\r\n"])

    def test_a_cr_at_the_end_of_a_piece_is_taken_off_with_its_lf(self) -> None:
        assert [Frame(b"* OK")] == read(reader(), [b"* OK\r", b"\n"])

    @pytest.mark.parametrize(
        "line", [b"* OK see {12}", b"A7 NO because {3}", b"+ go on {5}", b"* BYE {1}", b"+ {2}"]
    )
    def test_what_is_said_to_people_announces_no_literal(self, line: bytes) -> None:
        assert [Frame(line), Frame(b"A8 OK")] == read(reader(), [line + b"\r\nA8 OK\r\n"])

    @pytest.mark.parametrize("line", [b"* X {}", b"* X {a}", b"* X {5+}", b"* X }", b"* X {5} "])
    def test_braces_that_count_nothing(self, line: bytes) -> None:
        assert [Frame(line)] == read(reader(), [line + b"\r\n"])

    def test_behind_a_literal_words_are_no_conditions(self) -> None:
        wire = b"* LIST () {1}\r\n/ OK {2}\r\nab\r\n"
        assert [Frame(b"* LIST () {1} OK {2}", (b"/", b"ab"))] == read(reader(), [wire])

    def test_what_lies_behind_can_be_taken_away(self) -> None:
        frames = reader()
        frames.feed(b"A1 OK\r\nnot ours")
        assert Frame(b"A1 OK") == frames.next_frame()
        assert b"not ours" == frames.rest()
        assert not frames.leftover


class TestBounds:
    @pytest.mark.parametrize("piece", [1, 7, 1000])
    def test_a_line_without_an_end(self, piece: int) -> None:
        data = b"* OK " + b"x" * 200
        with pytest.raises(Garbled, match="100 octets"):
            read(reader(response_line=100), cut(data, [piece] * (len(data) // piece)))

    def test_a_line_of_just_that_size(self) -> None:
        line = b"x" * 100
        assert [Frame(line), Frame(line)] == read(
            reader(response_line=100), [line + b"\r\n" + line[:50], line[50:] + b"\r\n"]
        )
        assert [Frame(line)] == read(
            reader(response_line=100), (bytes((octet,)) for octet in line + b"\n")
        )

    def test_a_response_of_many_lines(self) -> None:
        with pytest.raises(Garbled, match="100 octets"):
            read(reader(response_line=100), [b"* X {1}\r\na" + b" {1}\r\na" * 100])

    def test_the_size_begins_anew_with_each_response(self) -> None:
        wire = b"* X {1}\r\na" + b"y" * 60 + b"\r\n"
        assert 50 == len(read(reader(response_line=100), [wire * 50]))

    @pytest.mark.parametrize("size", [b"101", b"99999999999", b"9" * 40])
    def test_a_literal_that_is_not_believed(self, size: bytes) -> None:
        with pytest.raises(Garbled, match="literal"):
            read(reader(literal=100), [b"* 1 FETCH (BODY[] {%b}\r\n" % size])

    def test_a_number_that_is_too_long_to_be_one(self) -> None:
        line = b"* X {" + b"9" * 41 + b"}"
        assert [Frame(line)] == read(reader(), [line + b"\r\n"])

    def test_no_memory_is_taken_for_what_was_only_announced(self) -> None:
        frames = reader()
        assert [] == read(frames, [b"* 1 FETCH (BODY[] {4000000000}\r\nabc"])
        assert 3 == frames.octets_of_literals

    def test_one_response_cannot_hold_any_number_of_literals_in_memory(self) -> None:
        frames = reader(literal_memory=1000)
        piece = b" {999}\r\n" + b"x" * 999
        with pytest.raises(Garbled, match="literals"):
            read(frames, [b"* X"] + [piece[:500], piece[500:]] * 10_000)


class TestSpool:
    def test_a_large_literal_waits_in_a_file(self) -> None:
        frames = reader(literal_memory=10)
        frame: Frame | None = None
        for piece in (b"* 1 FETCH (BODY[] {30}\r\n", b"0123456789" * 2, b"0123456789)\r\n"):
            frames.feed(piece)
            frame = frames.next_frame()
        assert frame is not None
        (spool,) = frame.literals
        assert isinstance(spool, Spool)
        assert not spool.in_memory
        assert b"0123456789" * 3 == spool.read() == spool.read()

    def test_a_small_one_does_not_however_it_comes(self) -> None:
        frames = reader(literal_memory=10)
        frames.feed(b"* 1 FETCH (BODY[] {10}\r\n01234")
        assert frames.next_frame() is None
        frames.feed(b"56789)\r\n")
        assert Frame(b"* 1 FETCH (BODY[] {10})", (b"0123456789",)) == frames.next_frame()

    def test_octets_are_counted_as_they_come(self) -> None:
        frames = reader(literal_memory=10)
        frames.feed(b"* 1 FETCH (BODY[] {30}\r\n0123")
        assert frames.next_frame() is None
        assert 4 == frames.octets_of_literals
        frames.feed(b"x" * 26 + b" {2}\r\nab)\r\n")
        assert frames.next_frame() is not None
        assert 32 == frames.octets_of_literals


class CountedBytes(bytes):
    """Octets that count how many of them were copied or searched."""

    looked_at = 0

    def find(self, *arguments: Any) -> int:
        place = super().find(*arguments)
        start = arguments[1] if len(arguments) > 1 else 0
        CountedBytes.looked_at += (len(self) if place < 0 else place + 1) - start
        return place


class TestLinearTime:
    def test_no_octet_is_looked_at_twice(self) -> None:
        CountedBytes.looked_at = 0
        frames = reader()
        wire = b"* OK " + b"x" * 100_000 + b"\r\n"
        frame: Frame | None = None
        for place in range(0, len(wire), 10):
            frames.feed(CountedBytes(wire[place : place + 10]))
            frame = frames.next_frame()
        assert Frame(wire[:-2]) == frame
        assert len(wire) >= CountedBytes.looked_at

    def test_many_lines_in_one_piece(self) -> None:
        CountedBytes.looked_at = 0
        frames = reader()
        wire = CountedBytes(b"* OK x\r\n" * 10_000)
        assert 10_000 == len(read(frames, [wire]))
        assert len(wire) >= CountedBytes.looked_at
