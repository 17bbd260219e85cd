"""Every reader three ways: whole, byte by byte, with a tail behind."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from courriel.errors import Refused
from courriel.sandbox.smtp.intake import Intake, flaw

Read = Callable[[Intake], object]
Feed = Callable[[Intake, bytes, Read], object]

LIMIT = 20


def whole(intake: Intake, octets: bytes, read: Read) -> object:
    intake.feed(octets)
    return read(intake)


def byte_by_byte(intake: Intake, octets: bytes, read: Read) -> object:
    for index in range(len(octets) - 1):
        intake.feed(octets[index : index + 1])
        assert None is read(intake), octets[: index + 1]
    intake.feed(octets[-1:])
    return read(intake)


def with_a_tail(intake: Intake, octets: bytes, read: Read) -> object:
    intake.feed(octets + b"\r\n.\r\ntail\r\n")
    result = read(intake)
    assert b"\r\n.\r\ntail\r\n" == intake.chunk(intake.waiting)
    return result


ways = pytest.mark.parametrize("feed", [whole, byte_by_byte, with_a_tail])


def line(intake: Intake) -> object:
    return intake.line(LIMIT)


def content(intake: Intake) -> object:
    return intake.content(LIMIT)


@ways
@pytest.mark.parametrize("octets", [b"", b"NOOP", b" ", b"a" * 18, b"a\rb", b"\xff\x00"])
def test_a_line_ends_with_crlf(feed: Feed, octets: bytes) -> None:
    assert octets == feed(Intake(), octets + b"\r\n", line)


@ways
@pytest.mark.parametrize("octets", [b"a" * 19, b"a" * 500, b"\r" * 500])
def test_a_line_beyond_the_limit_is_refused_once_it_has_ended(feed: Feed, octets: bytes) -> None:
    with pytest.raises(Refused, match="at most 20 octets") as caught:
        feed(Intake(), octets + b"\r\n", line)
    assert 500 == caught.value.code


@ways
@pytest.mark.parametrize("octets", [b"\n", b"NOOP\n", b"a" * 500 + b"\n", b"\r\r\n\n"])
def test_a_bare_lf_is_no_line_end(feed: Feed, octets: bytes) -> None:
    intake = Intake()
    if octets.startswith(b"\r\r\n"):
        assert b"\r" == whole(intake, octets[:3], line)
        octets = octets[3:]
    with pytest.raises(Refused, match="bare LF") as caught:
        feed(intake, octets, line)
    assert 521 == caught.value.code


def test_an_endless_line_is_not_kept() -> None:
    intake = Intake()
    for _ in range(100):
        intake.feed(b"a" * 100)
        assert None is intake.line(LIMIT)
        assert intake.waiting <= LIMIT


@ways
@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b".\r\n", b""),
        (b"\r\n.\r\n", b"\r\n"),
        (b"hello\r\n.\r\n", b"hello\r\n"),
        (b"..\r\n.\r\n", b".\r\n"),
        (b".a\r\n.\r\n", b"a\r\n"),
        (b"...\r\n..\r\na.\r\n.\r\n", b"..\r\n.\r\na.\r\n"),
        (b"a\r\n\r\n..b\r\n.\r\n", b"a\r\n\r\n.b\r\n"),
        (b"a\n.\nb\r.\rc\r\n.\r\n", b"a\n.\nb\r.\rc\r\n"),
    ],
)
def test_content_ends_with_a_dot_on_its_own_line(feed: Feed, sent: bytes, expected: bytes) -> None:
    intake = Intake()
    intake.begin_content()
    assert expected == feed(intake, sent, content)


@ways
@pytest.mark.parametrize("sent", [b"a" * 18 + b"\r\n", b"..\r\n" * 6 + b"\r\n"])
def test_content_may_be_as_large_as_the_limit(feed: Feed, sent: bytes) -> None:
    intake = Intake()
    intake.begin_content()
    result = feed(intake, sent + b".\r\n", content)
    assert isinstance(result, bytes)
    assert LIMIT == len(result)


@ways
@pytest.mark.parametrize("sent", [b"a" * 19 + b"\r\n", b"..\r\n" * 7, b"a" * 999 + b"\r\n"])
def test_content_beyond_the_limit_is_refused_at_its_end(feed: Feed, sent: bytes) -> None:
    intake = Intake()
    intake.begin_content()
    with pytest.raises(Refused, match="at most 20 octets") as caught:
        feed(intake, sent + b".\r\n", content)
    assert (552, "5.3.4") == (caught.value.code, caught.value.enhanced)


def test_endless_content_is_not_kept() -> None:
    intake = Intake()
    intake.begin_content()
    for _ in range(100):
        intake.feed(b"a" * 98 + b"\r\n")
        assert None is intake.content(LIMIT)
        assert intake.waiting <= 2 * LIMIT


def test_a_message_after_a_large_one_is_taken() -> None:
    intake = Intake()
    intake.begin_content()
    intake.feed(b"a" * 500)
    assert None is intake.content(LIMIT)
    intake.feed(b"\r\n.\r\n")
    with pytest.raises(Refused):
        intake.content(LIMIT)
    intake.begin_content()
    intake.feed(b"a\r\n.\r\n")
    assert b"a\r\n" == intake.content(LIMIT)


@ways
@pytest.mark.parametrize("octets", [b"\r\n.\r\n", b"\n\r\0\xff", b"QUIT\r\n"])
def test_a_chunk_is_counted_and_nothing_else(feed: Feed, octets: bytes) -> None:
    assert octets == feed(Intake(), octets, lambda intake: intake.chunk(len(octets)))


def test_an_empty_chunk_needs_nothing() -> None:
    assert b"" == Intake().chunk(0)


def test_dropping_takes_what_is_there() -> None:
    intake = Intake()
    intake.feed(b"abc")
    assert 2 == intake.drop(2)
    assert 1 == intake.drop(5)
    assert 0 == intake.waiting


@pytest.mark.parametrize(
    ("content", "body", "expected"),
    [
        (b"", None, ""),
        (b"a\r\nb\r\n", None, ""),
        (b"a\nb\r\n", None, "bare LF"),
        (b"a\r\nb\n", "8BITMIME", "bare LF"),
        (b"a\rb\r\n", None, "bare CR"),
        (b"a\r\r\n", None, "bare CR"),
        (b"a\n\r", None, "bare LF"),
        (b"a\0\r\n", None, "NUL"),
        (b"\xe4\r\n", None, ""),
        (b"\xe4\r\n", "8BITMIME", ""),
        (b"\xe4\r\n", "7BIT", "8-bit octets"),
        (b"a\n\rb\0\xe4", "BINARYMIME", ""),
    ],
)
def test_what_a_content_may_hold(content: bytes, body: str | None, expected: str) -> None:
    assert expected in flaw(content, body)
    assert bool(expected) == bool(flaw(content, body))
