"""Reading SMTP replies: every answer three ways, every bound, every kind of nonsense."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.errors import Garbled
from courriel.model.limits import Limits
from courriel.model.receipt import Reply
from courriel.wire.smtp.replies import ReplyReader
from tests.toil import linear

TAIL = b"221 bye\r\n"

Feed = Callable[[ReplyReader, bytes], Iterator[Reply]]


def replies(reader: ReplyReader) -> Iterator[Reply]:
    """Yield the replies that are complete."""
    while (reply := reader.next_reply()) is not None:
        yield reply


def whole(reader: ReplyReader, data: bytes) -> Iterator[Reply]:
    reader.feed(data)
    yield from replies(reader)


def byte_by_byte(reader: ReplyReader, data: bytes) -> Iterator[Reply]:
    for octet in data:
        reader.feed(bytes([octet]))
        yield from replies(reader)


def with_a_tail(reader: ReplyReader, data: bytes) -> Iterator[Reply]:
    reader.feed(data + TAIL)
    found = list(replies(reader))
    assert Reply(221, ("bye",)) == found.pop()
    yield from found


def read(feed: Feed, data: bytes, limits: Limits | None = None) -> list[Reply]:
    reader = ReplyReader(limits or Limits())
    found = list(feed(reader, data))
    assert not reader.leftover
    return found


WELL_FORMED = [
    pytest.param(b"250 ok\r\n", Reply(250, ("ok",)), id="one line"),
    pytest.param(b"250\r\n", Reply(250, ("",)), id="a bare code"),
    pytest.param(b"250 \r\n", Reply(250, ("",)), id="no text"),
    pytest.param(b"250-a\r\n250-b\r\n250 c\r\n", Reply(250, ("a", "b", "c")), id="three lines"),
    pytest.param(b"250-a\r\n250\r\n", Reply(250, ("a", "")), id="a bare last line"),
    pytest.param(b"250-\r\n250 \r\n", Reply(250, ("", "")), id="empty lines"),
    pytest.param(b"250 2.1.5 ok\r\n", Reply(250, ("ok",), "2.1.5"), id="enhanced"),
    pytest.param(b"550 5.1.1\r\n", Reply(550, ("",), "5.1.1"), id="enhanced without text"),
    pytest.param(
        b"550-5.7.1 no\r\n550 5.7.1 really\r\n",
        Reply(550, ("no", "really"), "5.7.1"),
        id="enhanced on each line",
    ),
    pytest.param(
        b"550-no\r\n550 5.7.1 so\r\n", Reply(550, ("no", "so"), "5.7.1"), id="on the last"
    ),
    pytest.param(b"421 4.7.1234 x\r\n", Reply(421, ("4.7.1234 x",)), id="not quite enhanced"),
    pytest.param(b"250 3.1.1 x\r\n", Reply(250, ("3.1.1 x",)), id="no such class"),
    pytest.param(b"250 2.1.5-x\r\n", Reply(250, ("2.1.5-x",)), id="text that looks like it"),
    pytest.param(b"250 ok\n", Reply(250, ("ok",)), id="a bare LF"),
    pytest.param(b"250-a\n250 b\r\n", Reply(250, ("a", "b")), id="mixed line ends"),
    pytest.param(b"250 ok\r\r\n", Reply(250, ("ok",)), id="a CR too many"),
    pytest.param("250 café\r\n".encode(), Reply(250, ("café",)), id="UTF-8"),
    pytest.param("250 café\r\n".encode("latin-1"), Reply(250, ("café",)), id="latin-1"),
    pytest.param(b"250 a\tb\r\n", Reply(250, ("a\tb",)), id="a tab"),
    pytest.param(b"250 a\rb\x00\x1b[31m\x7f\r\n", Reply(250, ("a\ufffdb\ufffd\ufffd[31m\ufffd",))),
    pytest.param("250 a\u202eb\u2028c\x85d\r\n".encode(), Reply(250, ("a\ufffdb\ufffdc\ufffdd",))),
    pytest.param(b"599 high\r\n", Reply(599, ("high",)), id="the highest code"),
    pytest.param(b"250 " + b"x" * 4090 + b"\r\n", Reply(250, ("x" * 4090,)), id="4 KiB"),
]


@pytest.mark.parametrize("feed", [whole, byte_by_byte, with_a_tail])
@pytest.mark.parametrize(("data", "reply"), WELL_FORMED)
def test_a_reply_is_read(feed: Feed, data: bytes, reply: Reply) -> None:
    assert [reply] == read(feed, data)


@pytest.mark.parametrize("feed", [whole, byte_by_byte])
def test_replies_come_one_at_a_time(feed: Feed) -> None:
    data = b"".join(case.values[0] for case in WELL_FORMED)  # type: ignore[misc]  # Bytes.
    assert [case.values[1] for case in WELL_FORMED] == read(feed, data)


NONSENSE = [
    b"25\r\n",
    b"25 ok\r\n",
    b"2500 ok\r\n",
    b"999 ok\r\n",
    b"150 ok\r\n",
    b"050 ok\r\n",
    b"600 ok\r\n",
    b"\r\n",
    b"\n",
    b"ok\r\n",
    b" 250 ok\r\n",
    b"250_ok\r\n",
    b"250+ok\r\n",
    b"-250 ok\r\n",
    b"25\xb2 ok\r\n",
    "٢٥٠ ok\r\n".encode(),
    b"* OK IMAP4rev1\r\n",
    b"+OK POP3\r\n",
    b"HTTP/1.1 400 Bad Request\r\n",
    b"SSH-2.0-OpenSSH_9.2\r\n",
    b"\x15\x03\x01\x00\x02\x02\x46",
    b"250-a\r\n550 b\r\n",
    b"250-a\r\n251-b\r\n250 c\r\n",
    b"250-a\r\nb\r\n",
    b"250-a\r\n\r\n",
]


@pytest.mark.parametrize("feed", [whole, byte_by_byte])
@pytest.mark.parametrize("data", NONSENSE)
def test_what_is_no_reply_is_garbled(feed: Feed, data: bytes) -> None:
    with pytest.raises(Garbled) as caught:
        read(feed, data)
    assert caught.value.expected
    assert caught.value.hint


@pytest.mark.parametrize("data", [b"SSH-", b"HTTP", b"\x15\x03\x01\x00", b"250x", b"6000"])
def test_nonsense_is_seen_before_its_line_ends(data: bytes) -> None:
    reader = ReplyReader(Limits())
    reader.feed(data)
    with pytest.raises(Garbled):
        reader.next_reply()


@pytest.mark.parametrize("data", [b"2", b"25", b"250", b"250-", b"250 ok", b"250 ok\r", b"250\r"])
def test_a_beginning_is_waited_out(data: bytes) -> None:
    reader = ReplyReader(Limits())
    assert not reader.leftover
    reader.feed(data)
    assert reader.next_reply() is None
    assert reader.leftover


class TestBounds:
    """A server decides what it says; we decide how much of it we keep."""

    @pytest.mark.parametrize("feed", [whole, byte_by_byte])
    @pytest.mark.parametrize("end", [b"", b"\r\n", b"\n"])
    def test_a_line_may_not_be_longer_than_allowed(self, feed: Feed, end: bytes) -> None:
        with pytest.raises(Garbled, match="line is too long"):
            read(feed, b"250 " + b"x" * 100 + end, Limits(reply_line=100))

    @pytest.mark.parametrize("feed", [whole, byte_by_byte])
    @pytest.mark.parametrize("separator", [b" ", b"-"])
    def test_just_as_long_is_fine(self, feed: Feed, separator: bytes) -> None:
        line = b"250" + separator + b"x" * 94 + b"\r\n"
        last = b"" if separator == b" " else b"250 \r\n"
        assert 1 == len(read(feed, line + last, Limits(reply_line=100)))
        with pytest.raises(Garbled):
            read(feed, line + last, Limits(reply_line=99))

    def test_a_thousand_lines_are_a_reply(self) -> None:
        data = b"250-x\r\n" * 999 + b"250 x\r\n"
        assert [Reply(250, ("x",) * 1000)] == read(whole, data)

    def test_one_more_is_not(self) -> None:
        with pytest.raises(Garbled, match="reply is too long"):
            read(whole, b"250-x\r\n" * 1000 + b"250 x\r\n")

    def test_an_endless_reply_ends(self) -> None:
        reader = ReplyReader(Limits())
        for _ in range(10):
            reader.feed(b"250-and so on\r\n" * 100)
            assert reader.next_reply() is None
        reader.feed(b"250-and so on\r\n")
        with pytest.raises(Garbled, match="reply is too long"):
            reader.next_reply()

    def test_all_lines_together_are_bounded(self) -> None:
        line = b"250-" + b"x" * 994 + b"\r\n"
        limits = Limits(reply_size=5000)
        assert 1 == len(read(whole, line * 4 + b"250 x\r\n", limits))
        with pytest.raises(Garbled, match="reply is too long"):
            read(whole, line * 5 + b"250 x\r\n", limits)

    @pytest.mark.parametrize("filler", [b"\r", b"x", b" ", b"-", b"5.1.1 "])
    def test_a_long_line_is_refused_as_quickly_as_it_comes(self, filler: bytes) -> None:
        # It takes milliseconds; a pattern that tries every end took minutes.
        with linear(), pytest.raises(Garbled):
            read(whole, b"250 " + filler * (256 * 1024))
        with linear(), pytest.raises(Garbled):
            read(byte_by_byte, b"250 " + filler * 5000)

    def test_what_is_shown_of_nonsense_is_short(self) -> None:
        with pytest.raises(Garbled) as caught:
            read(whole, b"x" * 10_000)
        assert len(caught.value.excerpt) <= 40


@given(data=st.binary(max_size=300))
def test_random_octets_raise_only_garbled(data: bytes) -> None:
    reader = ReplyReader(Limits(reply_line=64, reply_lines=4, reply_size=128))
    reader.feed(data)
    try:
        found = list(replies(reader))
    except Garbled:
        return
    assert all(200 <= reply.code <= 599 for reply in found)
    assert all("\n" not in line and "\r" not in line for reply in found for line in reply.lines)


LINES = st.lists(
    st.sampled_from([b"250-a\r\n", b"250 b\r\n", b"251 c\n", b"550-\r\n", b"550\r\n", b"2"])
    | st.binary(max_size=5),
    max_size=12,
).map(b"".join)


@given(data=LINES, cuts=st.lists(st.integers(0, 100), max_size=8))
def test_it_does_not_matter_how_octets_are_cut(data: bytes, cuts: list[int]) -> None:
    stories = []
    for places in ([0, len(data)], [0, *sorted(min(c, len(data)) for c in cuts), len(data)]):
        reader, story = ReplyReader(Limits()), list[object]()
        try:
            for start, end in pairwise(places):
                reader.feed(data[start:end])
                story.extend(replies(reader))
        except Garbled:
            story.append("garbled")
        stories.append(story)
    assert stories[0] == stories[1]
