"""Hold a composed message as pieces: octets that are here, and files that are read on the way out.

So a message is as large in memory as its text, whatever files go with it, and yet its size is known
before the first octet is sent. A file that has another size by then is an error, never a message
that is not what its size announced.

::

    Draft.chunks()   the octets, some at a time
    Draft.joined()   the same, at once
    Draft.opened()   the same, as an open binary file

Only pieces and the ways to read them live here; ``compose`` makes them.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from courriel.errors import Misused
from courriel.model.attachment import Attachment
from courriel.model.store import FileAt
from courriel.model.transfer import Transfer

_LINE = 76
_OCTETS_OF_LINE = 57
_PIECE = 2_048 * _OCTETS_OF_LINE
"""Octets of a file that are read at a time: whole lines of base64, about 114 KiB."""


@dataclass(frozen=True, slots=True)
class FilePiece:
    """A file that is read when its turn comes; ``size`` is how large it was when it was named."""

    attachment: Attachment
    size: int
    encoded: bool = True
    """Whether in base64, or as it is."""

    @property
    def octets(self) -> int:
        """How many octets it takes in the message."""
        return base64_size(self.size) if self.encoded else self.size

    def check(self) -> None:
        """Raise Misused when the file is gone or has another size by now."""
        store = self.attachment.store
        if not isinstance(store, FileAt):
            return
        try:
            size = store.now()
        except OSError as error:
            raise unreadable(self.attachment, error) from error
        if size != self.size:
            raise changed(self.attachment)

    def chunks(self) -> Iterator[bytes]:
        """Yield its octets. Raises Misused when the file is gone or has changed its size."""
        try:
            yield from self._chunks()
        except OSError as error:
            raise unreadable(self.attachment, error) from error

    def _chunks(self) -> Iterator[bytes]:
        count = 0
        for piece in self.attachment.pieces(_PIECE):
            between = b"\r\n" if count and self.encoded else b""
            count += len(piece)
            if count > self.size:
                break
            yield between + base64_lines(piece) if self.encoded else piece
        if count != self.size:
            raise changed(self.attachment)


Piece: TypeAlias = "bytes | FilePiece"


class Draft:
    """A composed message, written but for the files. Never changes.

    Its files are looked at when it is made: Misused is raised for one that is gone or has changed
    its size, before anybody is told of the message.
    """

    __slots__ = ("eight_bit", "octets", "parts", "transfer")

    def __init__(self, pieces: Iterable[Piece], transfer: Transfer) -> None:
        self.parts = _merged(pieces)
        for piece in self.parts:
            if isinstance(piece, FilePiece):
                piece.check()
        self.transfer = transfer
        """The form that it was written in; it may need less."""
        self.octets = sum(
            len(piece) if isinstance(piece, bytes) else piece.octets for piece in self.parts
        )
        self.eight_bit = not all(
            piece.isascii() if isinstance(piece, bytes) else piece.encoded for piece in self.parts
        )
        """Whether it may hold octets above 127."""

    @property
    def size(self) -> int:
        """The number of octets, as an attachment calls it."""
        return self.octets

    def chunks(self) -> Iterator[bytes]:
        """Yield the octets in order, some at a time; files are opened when their turn comes."""
        for piece in self.parts:
            if isinstance(piece, bytes):
                for start in range(0, len(piece), _PIECE):
                    yield piece[start : start + _PIECE]
            else:
                yield from piece.chunks()

    def pieces(self, octets: int) -> Iterator[bytes]:
        """Yield the octets, that many at a time, fewer at the end."""
        file = self.opened()
        while piece := file.read(octets):
            yield piece

    def joined(self) -> bytes:
        """Return all octets."""
        return b"".join(self.chunks())

    def opened(self) -> DraftFile:
        """Return the message as a binary file that is open for reading."""
        return DraftFile(self)


class DraftFile:
    """The octets of a draft, read like a file, as often as wanted."""

    __slots__ = ("_at", "_chunks", "_draft", "_rest")

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._at = 0
        self._chunks: Iterator[bytes] | None = None
        self._rest = b""

    def seekable(self) -> bool:
        """Tell that one can go back."""
        return True

    def tell(self) -> int:
        """Return how many octets were read."""
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to an octet: counted from the start (0), from here (1) or from the end (2)."""
        start = (0, self._at, self._draft.octets)[whence]
        target = min(max(0, start + offset), self._draft.octets)
        if target != self._at:
            self._at, self._chunks, self._rest = target, None, b""
        return target

    def read(self, octets: int = -1) -> bytes:
        """Return that many octets, fewer only at the end; all that are left when negative."""
        if self._chunks is None:
            self._chunks = self._draft.chunks()
            self._skip(self._at)
        missing = self._draft.octets - self._at if octets < 0 else octets
        parts: list[bytes] = []
        while missing > 0:
            chunk = self._rest or next(self._chunks, b"")
            if not chunk:
                break
            parts.append(chunk[:missing])
            self._rest = chunk[missing:]
            missing -= len(parts[-1])
        data = b"".join(parts)
        self._at += len(data)
        return data

    def _skip(self, octets: int) -> None:
        assert self._chunks is not None  # It has just been set.
        self._rest = b""
        while octets:
            chunk = next(self._chunks)
            self._rest = chunk[octets:]
            octets -= min(octets, len(chunk))


def changed(attachment: Attachment) -> Misused:
    """Return the error for a file that is not as large as it was when it was attached."""
    return Misused(
        f"the file {attachment.name!r} has changed since it was attached",
        operation="Email",
        hint="Leave files alone until the message is sent, or hand over their bytes.",
    )


def unreadable(attachment: Attachment, error: OSError) -> Misused:
    """Return the error for a file that was there when it was attached."""
    return Misused(
        f"the file {attachment.name!r} cannot be read: {error.strerror}",
        operation="Email",
        hint="Leave files where they are until the message is sent.",
    )


def base64_lines(data: bytes) -> bytes:
    """Return ``data`` in base64, in lines of 76 characters (RFC 2045, 6.8)."""
    encoded = binascii.b2a_base64(data, newline=False)
    starts = range(0, len(encoded), _LINE)
    return b"\r\n".join([encoded[start : start + _LINE] for start in starts])


def base64_size(octets: int) -> int:
    """Return how many octets ``base64_lines`` makes of that many."""
    encoded = (octets + 2) // 3 * 4
    lines = (encoded + _LINE - 1) // _LINE
    return encoded + 2 * max(0, lines - 1)


def _merged(pieces: Iterable[Piece]) -> Sequence[Piece]:
    """Return the pieces with short neighbours in memory joined, and nothing empty among them."""
    merged: list[Piece] = []
    run: list[bytes] = []
    for piece in pieces:
        if isinstance(piece, bytes) and len(piece) <= _PIECE:
            run.append(piece)
            continue
        merged += [b"".join(run), piece]
        run = []
    merged.append(b"".join(run))
    return tuple(piece for piece in merged if not isinstance(piece, bytes) or piece)
