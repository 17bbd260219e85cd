"""COMPRESS=DEFLATE (RFC 4978) between the machine and the connection, bounded.

What is compressed may be a thousand times smaller than what it becomes. So it is inflated piece by
piece, each read before the next is made: the bounds of frames and literals hold, and nothing else
is kept.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from courriel.errors import Garbled

_PIECE = 64 * 1024
_RAW = -15


class Compression:
    """Both directions of one connection."""

    __slots__ = ("_deflate", "_inflate", "fresh")

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(_RAW)
        self._deflate = zlib.compressobj(wbits=_RAW)
        self.fresh = True
        """Whether it was agreed upon just now, and what follows was not looked at."""

    def inflated(self, data: bytes) -> Iterator[bytes]:
        """Yield what arrived, in pieces. Raises Garbled for what is not compressed data."""
        try:
            while data:
                piece = self._inflate.decompress(data, _PIECE)
                data = self._inflate.unconsumed_tail
                if piece:
                    yield piece
                if self._inflate.eof:
                    raise Garbled("the server ended its compressed stream")
            while piece := self._inflate.decompress(b"", _PIECE):
                yield piece
        except zlib.error:
            raise Garbled(
                "the server's compressed stream is damaged", hint="Open the session again."
            ) from None

    def deflated(self, data: bytes) -> bytes:
        """Return octets for the wire, complete up to here (RFC 4978, 3)."""
        return self._deflate.compress(data) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
