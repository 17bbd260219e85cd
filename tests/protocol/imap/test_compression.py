"""COMPRESS=DEFLATE: whole, octet by octet, bounded, damaged."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel import Garbled
from courriel.protocol.imap.compression import Compression


def deflated(data: bytes) -> bytes:
    """Return what a server sends: a block that is complete as far as it goes."""
    deflate = zlib.compressobj(wbits=-15)
    return deflate.compress(data) + deflate.flush(zlib.Z_SYNC_FLUSH)


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=5))
def test_both_ends_understand_each_other(pieces: list[bytes]) -> None:
    ours, theirs = Compression(), Compression()
    for piece in pieces:
        assert piece == b"".join(theirs.inflated(ours.deflated(piece)))


def test_octet_by_octet() -> None:
    compression, data = Compression(), b"* 1 FETCH (FLAGS (\\Seen))\r\n" * 20
    wire = deflated(data)
    assert data == b"".join(
        part for octet in wire for part in compression.inflated(bytes((octet,)))
    )


def test_a_bomb_comes_out_in_small_pieces() -> None:
    bomb = deflated(bytes(20_000_000))
    assert len(bomb) < 30_000
    sizes = [len(piece) for piece in Compression().inflated(bomb)]
    assert 20_000_000 == sum(sizes)
    assert max(sizes) <= 64 * 1024


@pytest.mark.parametrize("data", [b"\xff\xff\xff\xff", b"* OK not compressed\r\n"])
def test_what_is_not_compressed(data: bytes) -> None:
    with pytest.raises(Garbled, match="damaged"):
        list(Compression().inflated(data))


def test_a_stream_that_ends() -> None:
    deflate = zlib.compressobj(wbits=-15)
    wire = deflate.compress(b"* BYE\r\n") + deflate.flush()
    inflated = Compression().inflated(wire)
    assert b"* BYE\r\n" == next(inflated)
    with pytest.raises(Garbled, match="ended"):
        next(inflated)
