r"""Unpack the compressed RTF that Outlook writes into ``winmail.dat`` ([MS-OXRTFCP]).

::

    RTF = compressed-size raw-size ("LZFu" / "MELA") checksum contents          2.1.3.1
    contents = *(control 8*(literal / reference)), bits from the lowest up
    reference = offset in a ring of 4096 octets (12 bits), length - 2 (4 bits)  2.1.3.1.4

The ring begins with a text that most RTF holds. A reference to where the next octet will be put
ends it. The sizes are only claims: what comes out is at most ten times what goes in, whatever they
say, and bounded besides.

Nothing here raises, time is linear. Only the unpacking lives here.
"""

from __future__ import annotations

import binascii
import struct

from courriel.model.limits import DEFAULT

OCTETS = DEFAULT.mail_rtf

_HEADER = struct.Struct("<II4sI")
_RING = 4096
_BEGINNING = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript "
    rb"\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)


def unpacked(octets: bytes, most: int = OCTETS) -> tuple[bytes, str | None]:
    """Return the RTF, at most so many octets of it, and what is wrong with it or None."""
    if len(octets) < _HEADER.size:
        return b"", "compressed RTF without its header"
    size, raw_size, kind, checksum = _HEADER.unpack_from(octets)
    contents = octets[_HEADER.size : max(_HEADER.size, size + 4)]
    if kind == b"MELA":
        text = octets[_HEADER.size :][:raw_size]
        return text[:most], None if len(text) <= most else f"RTF longer than {most} octets"
    if kind != b"LZFu":
        return b"", "RTF in an unknown compression"
    defect = None
    # The usual CRC without its inversions at both ends (2.1.3.2).
    if binascii.crc32(contents, 0xFFFFFFFF) ^ 0xFFFFFFFF != checksum:
        defect = "compressed RTF with a wrong checksum"
    text, complete = _decompressed(contents, most)
    if not complete or len(text) != raw_size:
        defect = defect or "compressed RTF that is not as long as it says"
    return text[:most], defect


def _decompressed(contents: bytes, room: int) -> tuple[bytes, bool]:
    """Return what the contents say, and whether their end was found."""
    out = bytearray(_BEGINNING)
    most = room + len(_BEGINNING)
    position, end = 0, len(contents)
    while position < end and len(out) < most:
        control = contents[position]
        position += 1
        for _ in range(8):
            if not control & 1:
                out += contents[position : position + 1]
                position += 1
            elif position + 2 > end:
                return bytes(out[len(_BEGINNING) :]), False
            else:
                reference = contents[position] << 8 | contents[position + 1]
                position += 2
                distance = (len(out) - (reference >> 4)) % _RING
                if not distance or distance > len(out):
                    return bytes(out[len(_BEGINNING) :]), not distance
                _repeat(out, distance, (reference & 15) + 2)
            control >>= 1
    return bytes(out[len(_BEGINNING) : most]), False


def _repeat(out: bytearray, distance: int, length: int) -> None:
    start = len(out) - distance
    if distance >= length:
        out += out[start : start + length]
    else:
        out += (out[start:] * (length // distance + 1))[:length]
