"""Write ``winmail.dat`` and compressed RTF, as Outlook would, right or wrong."""

from __future__ import annotations

import binascii
import struct
from collections.abc import Iterable
from dataclasses import dataclass

RENDERING = 0x00069002
TITLE = 0x00018010
DATA = 0x0006800F
FILE = 0x00069005
PROPERTIES = 0x00069003
CODE_PAGE = 0x00069007
BODY = 0x0002800C
SUBJECT = 0x00018004

LONG_NAME = 0x3707
SHORT_NAME = 0x3704
MIME_TYPE = 0x370E
CONTENT_ID = 0x3712
CONTENT = 0x3701
PR_BODY = 0x1000
PR_HTML = 0x1013
PR_RTF = 0x1009
PR_SUBJECT = 0x0037
PR_HTML_CODE_PAGE = 0x3FDE

MESSAGE_IID = bytes.fromhex("0703020000000000c000000000000046")


@dataclass(frozen=True)
class Inside:
    """A stream inside the stream."""

    octets: bytes


Value = str | bytes | int | Inside


def attribute(name: int, data: bytes, *, wrong: bool = False) -> bytes:
    """Write one attribute; ``wrong`` spoils its checksum."""
    checksum = (sum(data) + wrong) & 0xFFFF
    return struct.pack("<BII", 2, name, len(data)) + data + struct.pack("<H", checksum)


def stream(*attributes: bytes) -> bytes:
    """Write a whole stream."""
    return struct.pack("<IH", 0x223E9F78, 1) + b"".join(attributes)


def properties(values: dict[int, Value], *, before: Iterable[bytes] = ()) -> bytes:
    """Write MAPI properties, ``before`` them some ready-made ones."""
    ready = list(before)
    pieces = [struct.pack("<I", len(values) + len(ready)), *ready]
    for number, value in values.items():
        if isinstance(value, int):
            pieces.append(struct.pack("<HHI", 0x03, number, value))
            continue
        if isinstance(value, str):
            kind, octets = 0x1F, (value + "\0").encode("utf-16-le")
        elif isinstance(value, Inside):
            kind, octets = 0x0D, MESSAGE_IID + value.octets
        else:
            kind, octets = 0x102, value
        pieces.append(struct.pack("<HHII", kind, number, 1, len(octets)))
        pieces.append(octets + bytes(-len(octets) % 4))
    return b"".join(pieces)


def file(title: str, content: bytes, values: dict[int, Value] | None = None) -> bytes:
    """Write one file: its old name, its octets, its properties."""
    written = attribute(RENDERING, bytes(14))
    written += attribute(TITLE, title.encode("cp1252") + b"\0") + attribute(DATA, content)
    return written + (attribute(FILE, properties(values)) if values else b"")


def message(values: dict[int, Value]) -> bytes:
    """Write the properties of the message."""
    return attribute(PROPERTIES, properties(values))


def compressed(rtf: bytes, *, kind: bytes = b"LZFu", size: int | None = None) -> bytes:
    """Pack RTF, each octet as itself, with the mark that ends it."""
    contents = b""
    for at in range(0, len(rtf), 8):
        contents += b"\0" + rtf[at : at + 8]
    if kind == b"MELA":
        contents = rtf
    else:
        # The reference to where the next octet would be put.
        place = (207 + len(rtf)) % 4096 << 4
        used = len(rtf) % 8
        end = struct.pack(">H", place)
        if used:
            group = contents[-1 - used :]
            contents = contents[: -1 - used] + bytes([1 << used]) + group[1:] + end
        else:
            contents += b"\1" + end
    checksum = binascii.crc32(contents, 0xFFFFFFFF) ^ 0xFFFFFFFF
    size = len(rtf) if size is None else size
    return struct.pack("<II4sI", len(contents) + 12, size, kind, checksum) + contents
