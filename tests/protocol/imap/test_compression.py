"""COMPRESS=DEFLATE: whole, octet by octet, bounded, damaged."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel import Garbled
from courriel.model.query import where
from courriel.protocol.imap.compression import Compression
from courriel.wire.imap import commands
from tests.protocol.imap.line import Line


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


class TestMachine:
    def compressed(self, data: bytes) -> bytes:
        return self._deflate.compress(data) + self._deflate.flush(zlib.Z_SYNC_FLUSH)

    @pytest.fixture(autouse=True)
    def _server(self) -> None:
        self._deflate = zlib.compressobj(wbits=-15)
        self._inflate = zlib.decompressobj(-15)

    @pytest.mark.parametrize("piece", [1, 5, 1000])
    def test_from_the_ok_on(self, piece: int) -> None:
        line = Line("COMPRESS=DEFLATE")
        line.machine.submit(commands.Compress())
        noop = line.machine.submit(commands.Noop())
        assert ["A1 COMPRESS DEFLATE"] == line.said()
        wire = b"A1 OK done\r\n" + self.compressed(b"* 5 EXISTS\r\nA2 OK noop\r\n")
        ok = b"A1 OK done\r\n"
        line.machine.receive_data(ok)
        assert b"A2 NOOP\r\n" == self._inflate.decompress(line.machine.data_to_send())
        rest = wire[len(ok) :]
        for place in range(0, len(rest), piece):
            line.machine.receive_data(rest[place : place + piece])
        assert noop.done

    def test_octets_behind_the_ok_are_compressed_already(self) -> None:
        line = Line("COMPRESS=DEFLATE")
        line.machine.submit(commands.Compress())
        line.machine.receive_data(
            b"A1 OK done\r\n" + self.compressed(b"* CAPABILITY IMAP4rev1 X\r\n")
        )
        assert {"IMAP4REV1", "X"} == set(line.machine.words)

    def test_damage_ends_it(self) -> None:
        line = Line("COMPRESS=DEFLATE")
        line.machine.submit(commands.Compress())
        line.machine.receive_data(b"A1 OK done\r\n\xff\xff\xff\xff")
        assert isinstance(line.machine.error, Garbled)

    def test_what_counts_as_sent_is_what_was_taken(self) -> None:
        line = Line("COMPRESS=DEFLATE")
        line.machine.submit(commands.Compress())
        line.said()
        line.hear("A1 OK done")
        line.machine.submit(commands.Search(where.subject("x" * 1000)))
        drained = line.machine.drained()
        data = line.machine.data_to_send()
        line.machine.data_sent(len(data))
        assert drained.done
