"""Bodies on the wire: one line end, one end of data, whatever was written and however it is cut."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.errors import Misused
from courriel.wire.lines import Normaliser, has_long_line, normalise
from courriel.wire.smtp.body import TERMINATOR, Stuffer, stuff
from tests.smuggling import ENDS_THAT_ARE_NONE

END_OF_DATA = b"\r\n.\r\n"

# The pieces that decide: line ends, dots, NULs, and a little text between them.
BODIES = st.lists(
    st.sampled_from([b"\r", b"\n", b"\r\n", b".", b"\0", b"a", b"\xe9"]) | st.binary(max_size=4),
    max_size=40,
).map(b"".join)
CUTS = st.lists(st.integers(0, 80), max_size=12)


def pieces(data: bytes, cuts: Iterable[int]) -> list[bytes]:
    """Cut a body at these places."""
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(places)]


def normalised(chunks: Iterable[bytes]) -> tuple[bytes, bool]:
    """Return what a Normaliser makes of the chunks, and whether it saw a long line."""
    normaliser = Normaliser()
    fed = b"".join(normaliser.feed(chunk) for chunk in chunks)
    return fed + normaliser.finish(), normaliser.long_line


def stuffed(chunks: Iterable[bytes]) -> bytes:
    """Return what a Stuffer makes of the chunks."""
    stuffer = Stuffer()
    return b"".join(stuffer.feed(chunk) for chunk in chunks)


def unstuffed(data: bytes) -> bytes:
    """Do as a server does (RFC 5321, 4.5.2)."""
    return re.sub(rb"(\A|\r\n)\.", rb"\1", data)


class TestNormalise:
    @pytest.mark.parametrize(
        ("written", "sent"),
        [
            (b"", b""),
            (b"a", b"a\r\n"),
            (b"a\r\n", b"a\r\n"),
            (b"a\n", b"a\r\n"),
            (b"a\r", b"a\r\n"),
            (b"a\n\rb", b"a\r\n\r\nb\r\n"),
            (b"a\r\r\nb", b"a\r\n\r\nb\r\n"),
            (b"a\r\n\nb\r\n", b"a\r\n\r\nb\r\n"),
            # As many CR as LF, but not in pairs.
            (b"a\nb\r", b"a\r\nb\r\n"),
            (b"\n\r\n\r", b"\r\n\r\n\r\n"),
        ],
    )
    def test_every_line_ends_in_crlf(self, written: bytes, sent: bytes) -> None:
        assert sent == normalise(written)
        assert sent == normalised([written])[0]
        assert sent == normalised(bytes([octet]) for octet in written)[0]

    @given(body=BODIES)
    def test_no_bare_cr_or_lf_is_left(self, body: bytes) -> None:
        sent = normalise(body)
        assert not re.search(rb"\r(?!\n)|(?<!\r)\n", sent)
        assert sent == b"" or sent.endswith(b"\r\n")
        assert sent == normalise(sent)

    @given(body=BODIES)
    def test_nothing_but_line_ends_changes(self, body: bytes) -> None:
        lines = re.split(rb"\r\n|\r|\n", body)
        if lines[-1] == b"":
            lines.pop()
        assert lines == normalise(body).split(b"\r\n")[:-1]

    @given(body=BODIES, cuts=CUTS)
    def test_chunks_make_the_same(self, body: bytes, cuts: list[int]) -> None:
        assert normalise(body) == normalised(pieces(body, cuts))[0]


class TestStuff:
    @pytest.mark.parametrize(
        ("body", "sent"),
        [
            (b"", b""),
            (b".\r\n", b"..\r\n"),
            (b"..\r\n", b"...\r\n"),
            (b"a.\r\n.b\r\n", b"a.\r\n..b\r\n"),
            (b"a\r\n.\r\n.\r\n", b"a\r\n..\r\n..\r\n"),
            (b".\0\r\n", b"..\0\r\n"),
        ],
    )
    def test_leading_dots_are_doubled(self, body: bytes, sent: bytes) -> None:
        assert sent == stuff(body)
        assert sent == stuffed([body])
        assert sent == stuffed(bytes([octet]) for octet in body)

    @pytest.mark.parametrize(
        "chunks",
        [
            [b"a\r\n", b".\r\n"],
            [b"a\r", b"\n.\r\n"],
            [b"a\r", b"\n", b".", b"\r\n"],
            [b"a", b"\r\n", b".\r\n"],
        ],
    )
    def test_a_dot_at_the_border_is_seen(self, chunks: list[bytes]) -> None:
        assert b"a\r\n..\r\n" == stuffed(chunks)

    @given(body=BODIES)
    def test_the_server_gets_the_body_and_one_end(self, body: bytes) -> None:
        body = normalise(body.replace(b"\0", b""))
        sent = stuff(body) + TERMINATOR
        assert 1 == (b"\r\n" + sent).count(END_OF_DATA)
        assert (b"\r\n" + sent).endswith(END_OF_DATA)
        assert body == unstuffed(sent.removesuffix(TERMINATOR))

    @given(body=BODIES, cuts=CUTS)
    def test_chunks_make_the_same(self, body: bytes, cuts: list[int]) -> None:
        body = normalise(body)
        try:
            whole = stuff(body)
        except Misused:
            with pytest.raises(Misused):
                stuffed(pieces(body, cuts))
        else:
            assert whole == stuffed(pieces(body, cuts))

    @given(body=BODIES, cuts=CUTS)
    def test_so_do_both_together(self, body: bytes, cuts: list[int]) -> None:
        body = body.replace(b"\0", b"")
        normaliser, stuffer = Normaliser(), Stuffer()
        sent = [stuffer.feed(normaliser.feed(piece)) for piece in pieces(body, cuts)]
        sent.append(stuffer.feed(normaliser.finish()))
        assert stuff(normalise(body)) == b"".join(sent)


class TestHiddenDot:
    """Some servers drop NUL before they look for the end of the data."""

    HIDDEN = (b"\0.\r\n", b"\0\0.", b"a\r\n\0.\r\n", b"a\r\n" + b"\0" * 3000 + b".\r\n")
    HARMLESS = (
        b"a\0.\r\n",
        b".\0\r\n",
        b"\0a.\r\n",
        b"a" + b"\0" * 3000 + b".\r\n",
        b"\0\r\n.\r\n",
    )

    @pytest.mark.parametrize("body", HIDDEN)
    def test_it_is_refused(self, body: bytes) -> None:
        with pytest.raises(Misused, match="NUL"):
            stuff(body)
        with pytest.raises(Misused, match="NUL"):
            stuffed([body])
        with pytest.raises(Misused, match="NUL"):
            stuffed(bytes([octet]) for octet in body)

    @pytest.mark.parametrize("body", HARMLESS)
    def test_other_nuls_are_not(self, body: bytes) -> None:
        assert stuff(body) == stuffed([body])
        assert stuff(body) == stuffed(bytes([octet]) for octet in body)

    def test_it_does_not_matter_where_a_chunk_ends(self) -> None:
        long = b"a\0\0." + b"z" * 1018
        assert stuff(long + b"\0.") == stuffed([long, b"\0."])


@pytest.mark.parametrize("end", ENDS_THAT_ARE_NONE)
@pytest.mark.parametrize("size", [None, 1, 2, 3])
def test_smtp_smuggling(end: bytes, size: int | None) -> None:
    body = b"innocent" + end + b"MAIL FROM:<eve@example.org>\r\n"
    chunks = [body] if size is None else [body[i : i + size] for i in range(0, len(body), size)]
    normaliser, stuffer = Normaliser(), Stuffer()
    if b"\0" in end:
        with pytest.raises(Misused):
            stuff(normalise(body))
        with pytest.raises(Misused):
            _ = [stuffer.feed(normaliser.feed(chunk)) for chunk in chunks]
        return
    streamed = b"".join(stuffer.feed(normaliser.feed(chunk)) for chunk in chunks)
    for sent in (stuff(normalise(body)), streamed):
        assert b"innocent\r\n..\r\nMAIL FROM:<eve@example.org>\r\n" == sent


class TestLongLines:
    @pytest.mark.parametrize("length", [0, 1, 997, 998, 999, 1000, 1001, 5000])
    @pytest.mark.parametrize("before", [b"", b"\r\n", b"a\r\n"])
    @pytest.mark.parametrize("after", [b"", b"\r\n", b"\r\na\r\n", b"\n", b"\r"])
    @pytest.mark.parametrize("size", [None, 1, 500, 999, 1000, 1001])
    def test_998_octets_are_a_line(
        self, length: int, before: bytes, after: bytes, size: int | None
    ) -> None:
        body = before + b"x" * length + after
        step = size or len(body) or 1
        chunks = [body[i : i + step] for i in range(0, len(body), step)]
        assert (length > 998) == has_long_line(normalise(body))
        assert (length > 998) == normalised(chunks)[1]

    @given(
        lengths=st.lists(st.sampled_from([0, 1, 500, 997, 998, 999, 1500]), max_size=5),
        cuts=st.lists(st.integers(0, 5000), max_size=6),
        ended=st.booleans(),
    )
    def test_chunks_tell_the_same(self, lengths: list[int], cuts: list[int], ended: bool) -> None:
        body = b"\r\n".join(b"x" * length for length in lengths) + b"\r\n" * ended
        expected = any(length > 998 for length in lengths)
        assert expected == has_long_line(normalise(body))
        assert expected == normalised(pieces(body, cuts))[1]
