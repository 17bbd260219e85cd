"""Read ISO-2022-JP as Windows writes it: with the characters of its code page 932.

The circled numbers, the Roman numerals and the abbreviations for companies stand in rows that
JIS X 0208 leaves empty. Every Japanese mail program writes them, and no codec of Python reads them
under this charset. A row and a cell of JIS have a fixed place in Shift_JIS, so the double octets
are moved there, and what they mean is known to the codec for 932.

Nothing here raises, time is linear. Only this reading lives here.
"""

from __future__ import annotations

import re
from itertools import chain

_DESIGNATED = re.compile(rb"\x1b(\$[@B]|\$\(D|\([BJI])")
_DOUBLE = frozenset({b"$@", b"$B"})
_PAIR = re.compile(rb"[!-~]{2}")


def from_windows(octets: bytes) -> tuple[str, bool]:
    """Return the text, and whether all of it could be read."""
    pieces: list[str] = []
    faithful = True
    charset, position = b"(B", 0
    for escape in chain(_DESIGNATED.finditer(octets), [None]):
        piece = octets[position : len(octets) if escape is None else escape.start()]
        if charset in _DOUBLE:
            piece = _PAIR.sub(_moved, piece)
        elif charset == b"(I":
            piece = bytes(octet | 0x80 if 0x21 <= octet <= 0x5F else octet for octet in piece)
        text = piece.decode("cp932", "replace")
        faithful = faithful and "\ufffd" not in text and charset != b"$(D"
        pieces.append(text)
        if escape is not None:
            charset, position = escape[1], escape.end()
    return "".join(pieces), faithful


def _moved(pair: re.Match[bytes]) -> bytes:
    """Return where a row and a cell of JIS X 0208 stand in Shift_JIS."""
    row, cell = pair[0]
    lead = (row - 0x21 >> 1) + (0x81 if row < 0x5F else 0xC1)
    if row % 2 == 0:
        return bytes((lead, cell + 0x7E))
    return bytes((lead, cell + (0x1F if cell < 0x60 else 0x20)))
