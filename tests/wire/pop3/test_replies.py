"""Reading POP3 answers: every answer three ways, every bound, every kind of nonsense."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.errors import Garbled
from courriel.model.limits import Limits
from courriel.model.spool import Spool
from courriel.wire.pop3.commands import Brings
from courriel.wire.pop3.replies import Answer, AnswerReader

TAIL = b"-ERR later\r\n"

Feed = Callable[[AnswerReader, bytes, Brings], Iterator[Answer]]


def answers(reader: AnswerReader, brings: Brings) -> Iterator[Answer]:
    """Yield the answers that are complete."""
    while (answer := reader.next_answer(brings)) is not None:
        yield answer


def whole(reader: AnswerReader, data: bytes, brings: Brings) -> Iterator[Answer]:
    reader.feed(data)
    yield from answers(reader, brings)


def byte_by_byte(reader: AnswerReader, data: bytes, brings: Brings) -> Iterator[Answer]:
    for octet in data:
        reader.feed(bytes([octet]))
        yield from answers(reader, brings)


def with_a_tail(reader: AnswerReader, data: bytes, brings: Brings) -> Iterator[Answer]:
    reader.feed(data + TAIL)
    found = list(answers(reader, brings))
    assert Answer("-ERR", "later") == found.pop()
    yield from found


def read(
    feed: Feed, data: bytes, brings: Brings = Brings.NOTHING, limits: Limits | None = None
) -> list[Answer]:
    reader = AnswerReader(limits or Limits())
    found = list(feed(reader, data, brings))
    assert not reader.leftover
    return found


FEEDS = pytest.mark.parametrize("feed", [whole, byte_by_byte, with_a_tail])

LINES = [
    pytest.param(b"+OK\r\n", Answer("+OK"), id="bare"),
    pytest.param(b"+OK \r\n", Answer("+OK"), id="no text"),
    pytest.param(b"+OK 2 320\r\n", Answer("+OK", "2 320"), id="text"),
    pytest.param(b"+ok Ready\r\n", Answer("+OK", "Ready"), id="small letters"),
    pytest.param(b"+OK ready\n", Answer("+OK", "ready"), id="a bare LF"),
    pytest.param(b"+OK ready\r\r\n", Answer("+OK", "ready"), id="a CR too many"),
    pytest.param(b"+OK [x] y\r\n", Answer("+OK", "[x] y"), id="brackets of a greeting stay"),
    pytest.param(b"-ERR\r\n", Answer("-ERR"), id="refused"),
    pytest.param(b"-ERR no\r\n", Answer("-ERR", "no"), id="refused with text"),
    pytest.param(b"-ERR [IN-USE] busy\r\n", Answer("-ERR", "busy", "IN-USE"), id="a code"),
    pytest.param(b"-ERR [sys/temp]\r\n", Answer("-ERR", "", "SYS/TEMP"), id="a code in small"),
    pytest.param(b"-ERR [AUTH]no\r\n", Answer("-ERR", "no", "AUTH"), id="a code without space"),
    pytest.param(b"-ERR [a b] no\r\n", Answer("-ERR", "[a b] no"), id="no code"),
    pytest.param(b"-ERR [] no\r\n", Answer("-ERR", "[] no"), id="an empty code"),
    pytest.param(b"+ \r\n", Answer("+"), id="an empty challenge"),
    pytest.param(b"+\r\n", Answer("+"), id="a challenge without space"),
    pytest.param(b"+ Zm9v\r\n", Answer("+", "Zm9v"), id="a challenge"),
    pytest.param("+OK café\r\n".encode(), Answer("+OK", "café"), id="UTF-8"),
    pytest.param("+OK café\r\n".encode("latin-1"), Answer("+OK", "café"), id="latin-1"),
    pytest.param(b"-ERR a\x1b[31m\r\n", Answer("-ERR", "a\ufffd[31m"), id="controls"),
]


@FEEDS
@pytest.mark.parametrize(("data", "expected"), LINES)
def test_status_lines(feed: Feed, data: bytes, expected: Answer) -> None:
    assert [expected] == read(feed, data)


BODIES = [
    pytest.param(b".\r\n", b"", id="empty"),
    pytest.param(b"one\r\n.\r\n", b"one\r\n", id="a line"),
    pytest.param(b"..\r\n.\r\n", b".\r\n", id="a dot"),
    pytest.param(b"..a\r\n..\r\n...b\r\n.\r\n", b".a\r\n.\r\n..b\r\n", id="dots"),
    pytest.param(b".a\r\nb\r\n.\r\n", b"a\r\nb\r\n", id="a dot that nobody doubled"),
    pytest.param(b"\r\n\r\n.\r\n", b"\r\n\r\n", id="empty lines"),
    pytest.param(b"a\n.\nb\r\n.\r\n", b"a\n.\nb\r\n", id="a dot between bare LFs"),
    pytest.param(b"a\n.\r\nb\r\n.\r\n", b"a\n.\r\nb\r\n", id="a dot behind a bare LF"),
    pytest.param(b"a\r.\r\nb\r\n.\r\n", b"a\r.\r\nb\r\n", id="a dot behind a bare CR"),
    pytest.param(b"a\r\r\n.\r\n", b"a\r\r\n", id="a CR too many"),
    pytest.param(b"\x00\xff\r\n.\r\n", b"\x00\xff\r\n", id="any octets"),
]


@FEEDS
@pytest.mark.parametrize("brings", [Brings.MESSAGE, Brings.LISTING])
@pytest.mark.parametrize(("data", "expected"), BODIES)
def test_bodies(feed: Feed, brings: Brings, data: bytes, expected: bytes) -> None:
    answer = Answer("+OK", "here", None, expected)
    assert [answer] == read(feed, b"+OK here\r\n" + data, brings)


@FEEDS
def test_where_status_lines_end_in_lf_so_do_bodies(feed: Feed) -> None:
    data = b"+OK\na\n..b\r\n.\n+OK\n.\n"
    expected = [Answer("+OK", "", None, b"a\n.b\r\n"), Answer("+OK")]
    assert expected == read(feed, data, Brings.MESSAGE)


@FEEDS
def test_a_refusal_brings_no_body(feed: Feed) -> None:
    assert [Answer("-ERR", "no"), Answer("-ERR", "no")] == read(
        feed, b"-ERR no\r\n-ERR no\r\n", Brings.MESSAGE
    )


def stuffed(message: bytes) -> bytes:
    """Return a message as a server sends it."""
    lines = message.split(b"\r\n")
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines)


PIECES = st.lists(st.sampled_from([b"a", b".", b"\r", b"\n", b"\r\n", b"\r\n.", b"\x00", b"bcd"]))


@given(
    pieces=PIECES,
    sizes=st.lists(st.integers(1, 9), max_size=40),
    memory=st.integers(1, 64),
)
def test_what_was_stuffed_comes_back_however_it_is_cut(
    pieces: list[bytes], sizes: list[int], memory: int
) -> None:
    message = b"".join(pieces)
    message += b"" if message.endswith(b"\r\n") or not message else b"\r\n"
    data = b"+OK\r\n" + stuffed(message) + b".\r\n" + TAIL
    reader = AnswerReader(Limits(literal_memory=memory))
    found: list[Answer] = []
    while data:
        size = sizes.pop() if sizes else len(data)
        reader.feed(data[:size])
        data = data[size:]
        found += answers(reader, Brings.MESSAGE)
    assert [message, b""] == [answer.content for answer in found]
    assert not reader.leftover


def test_a_large_message_waits_in_a_file() -> None:
    reader = AnswerReader(Limits(literal_memory=1000))
    line = b"..A line that begins with a dot.\r\n"
    reader.feed(b"+OK\r\n")
    for _ in range(100):
        reader.feed(line)
        assert reader.next_answer(Brings.MESSAGE) is None
        assert reader.inside
    reader.feed(b".\r\n")
    answer = reader.next_answer(Brings.MESSAGE)
    assert answer is not None
    assert isinstance(answer.body, Spool)
    assert not answer.body.in_memory
    assert line[1:] * 100 == answer.content


def test_what_nobody_wants_is_not_kept() -> None:
    reader = AnswerReader(Limits(literal_memory=1000))
    reader.feed(b"+OK\r\n")
    for _ in range(1000):
        reader.feed(b"A line of a message that nobody waits for.\r\n")
        assert reader.next_answer(Brings.MESSAGE, keep=False) is None
    reader.feed(b".\r\n" + TAIL)
    assert Answer("+OK") == reader.next_answer(Brings.MESSAGE, keep=False)
    assert Answer("-ERR", "later") == reader.next_answer()


@pytest.mark.parametrize(
    "data",
    [
        b"220 mx.example.org\r\n",
        b"HTTP/1.1 400 Bad Request\r\n",
        b"* OK IMAP4rev1\r\n",
        b"\x16\x03\x01\x02",
        b"+X\r\n",
        b"-ER\r\n",
        b"\r\n",
        b"OK\r\n",
        b" +OK\r\n",
        b"+\rx\n",
    ],
)
@pytest.mark.parametrize("feed", [whole, byte_by_byte])
def test_what_is_no_answer(feed: Feed, data: bytes) -> None:
    with pytest.raises(Garbled):
        list(feed(AnswerReader(Limits()), data, Brings.NOTHING))


@pytest.mark.parametrize("line", [b"+OK " + b"x" * 5000, b"+OK " + b"x" * 5000 + b"\r\n"])
def test_a_status_line_is_bounded(line: bytes) -> None:
    reader = AnswerReader(Limits())
    reader.feed(line)
    with pytest.raises(Garbled, match=r"too long.*Limits\.reply_line"):
        reader.next_answer()


@pytest.mark.parametrize(
    ("brings", "limits", "name"),
    [
        (Brings.LISTING, Limits(listing=1000), "Limits.listing"),
        (Brings.MESSAGE, Limits(literal=1000, literal_memory=100), "Limits.literal"),
    ],
)
@pytest.mark.parametrize("feed", [whole, byte_by_byte])
def test_a_body_is_bounded(feed: Feed, brings: Brings, limits: Limits, name: str) -> None:
    with pytest.raises(Garbled, match=name):
        list(feed(AnswerReader(limits), b"+OK\r\n" + b"1 1\r\n" * 300, brings))


def test_time_is_linear_in_what_comes_in_small_pieces() -> None:
    def seconds(octets: int) -> float:
        reader = AnswerReader(Limits())
        began = time.process_time()
        reader.feed(b"+OK\r\n")
        for _ in range(octets // 64):
            reader.feed(b"\r\n.a" * 16)
            assert reader.next_answer(Brings.MESSAGE) is None
        return time.process_time() - began

    small = min(seconds(200_000) for _ in range(3))
    assert seconds(800_000) < 12 * small + 0.05
