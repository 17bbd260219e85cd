"""Write header fields: words in, folded lines out.

A field is a name and words; a line may be folded between two words (RFC 5322, 2.2.3) and is kept
within 78 characters where the words allow it, within 76 in a field with encoded words (RFC 2047,
2), within 998 octets always. Text that is not plain becomes encoded words (RFC 2047), parameters
are extended (RFC 2231). What looks like an encoded word although nobody encoded it is encoded, so
that it is read as what it is.

``block`` looks at the bytes once more when all is done: every line is a field that was meant, or
folded. A header nobody asked for cannot come out of here, even if the code above it is wrong.

Only the shaping of fields lives here; which fields a message has is ``compose``'s business.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Sequence

from courriel.errors import Misused
from courriel.model.address import Address, escaped

COLUMNS = 78
_ENCODED_COLUMNS = 76
LINE_OCTETS = 998
ENCODED_WORD = 75
_FIRST_WORD = 40
_QUOTABLE = 64
_OPERATION = "Email"

Field = tuple[str, Sequence[str]]

NAME = re.compile(r"[!-9;-~]{1,76}")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_BLOCK = re.compile(rb"(?:[!-9;-~]+:[^\r\n\0]*\r\n(?:[ \t]+[^\s\0][^\r\n\0]*\r\n)*)*")
_NAMES = re.compile(rb"^([!-9;-~]+):", re.MULTILINE)
_Q_SAFE = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!*+-/")
_Q = [
    chr(octet) if octet in _Q_SAFE else "_" if octet == 32 else f"={octet:02X}"
    for octet in range(256)
]
_ATTRIBUTE_SAFE = _Q_SAFE - frozenset(b"*/") | frozenset(b"#$&.^_`|~")
_PERCENT = [chr(octet) if octet in _ATTRIBUTE_SAFE else f"%{octet:02X}" for octet in range(256)]
_Q_COST = bytes(1 if octet in _Q_SAFE or octet == 32 else 3 for octet in range(256))
_SEGMENT = 50


def text_words(name: str, text: str, *, utf8: bool = False) -> list[str]:
    """Return the words of an unstructured value such as a subject."""
    if not text:
        return []
    if _is_plain(text, utf8) and text[0] != " " != text[-1]:
        words = text.split(" ")
        longest = LINE_OCTETS if utf8 else LINE_OCTETS - len(name) - 2
        if "" not in words and all(len(word) * (4 if utf8 else 1) <= longest for word in words):
            return words
    return encoded_words(text, first=_room_behind(name))


def _room_behind(field: str) -> int:
    """Return the room for an encoded word behind a field's name; all of it on the next line."""
    room = ENCODED_WORD - len(field) - 1
    return room if room >= _FIRST_WORD else ENCODED_WORD


def phrase_words(name: str, *, utf8: bool = False, room: int = ENCODED_WORD) -> list[str]:
    """Return the words of a display name: atoms, a quoted string, or encoded words.

    ``room`` is what an encoded word has left on the line it begins.
    """
    if len(name) <= _QUOTABLE and _is_plain(name, utf8):
        return name.split(" ") if _ATOMS.fullmatch(name) else [f'"{escaped(name)}"']
    return encoded_words(name, first=room)


def address_words(field: str, addresses: Sequence[Address], *, utf8: bool = False) -> list[str]:
    """Return the words of an address list in a field of that name, commas included."""
    words: list[str] = []
    room = _room_behind(field)
    for address in addresses:
        if words:
            words[-1] += ","
        if address.name:
            words += phrase_words(address.name, utf8=utf8, room=room)
            words.append(f"<{address.wire}>")
        else:
            words.append(address.wire)
        room = ENCODED_WORD
    return words


def parameter_words(name: str, value: str) -> list[str]:
    """Return ``name="value"``, or its extended form in segments (RFC 2231, 3 and 4)."""
    # A backslash in quotes is an escape to some readers and a Windows path to others.
    if len(value) <= _QUOTABLE and "\\" not in value and _is_plain(value, False):
        return [f'{name}="{escaped(value)}"']
    # No character is cut in two: some readers decode every segment alone.
    characters = ["".join([_PERCENT[octet] for octet in letter.encode()]) for letter in value]
    segments, line, length = [""], "utf-8''", 7
    for character in characters:
        if length + len(character) > _SEGMENT:
            segments[-1] = line
            segments.append("")
            line, length = "", 0
        line += character
        length += len(character)
    segments[-1] = line
    if len(segments) == 1:
        return [f"{name}*={segments[0]}"]
    last = len(segments) - 1
    return [
        f"{name}*{number}*={segment}{';' if number < last else ''}"
        for number, segment in enumerate(segments)
    ]


def fallback_words(name: str, value: str) -> list[str]:
    """Return a parameter in encoded words, which old Outlook reads and RFC 2231 not."""
    if len(value) <= _QUOTABLE and _is_plain(value, False):
        return [f'{name}="{escaped(value)}"']
    words = encoded_words(value, first=ENCODED_WORD - len(name) - 2)
    words[0] = f'{name}="{words[0]}'
    words[-1] += '"'
    return words


def encoded_words(text: str, *, first: int = ENCODED_WORD) -> list[str]:
    """Return ``text`` in encoded words of at most 75 characters (RFC 2047, 2).

    No character is cut in two. ``first`` is the room for the first word.
    """
    data = text.encode()
    room = max(first, _FIRST_WORD) - 12
    by_q = sum(data.translate(_Q_COST)) <= (len(data) + 2) // 3 * 4
    words: list[str] = []
    start = 0
    while start < len(data):
        end = _end_of_q(data, start, room) if by_q else _end_of_b(data, start, room)
        while end < len(data) and data[end] & 0xC0 == 0x80:
            end -= 1
        piece = data[start:end]
        if by_q:
            words.append(f"=?utf-8?q?{''.join([_Q[octet] for octet in piece])}?=")
        else:
            words.append(f"=?utf-8?b?{binascii.b2a_base64(piece, newline=False).decode()}?=")
        start, room = end, ENCODED_WORD - 12
    return words


def _end_of_q(data: bytes, start: int, room: int) -> int:
    end, length = start, 0
    while end < len(data):
        length += _Q_COST[data[end]]
        if length > room:
            break
        end += 1
    return end


def _end_of_b(data: bytes, start: int, room: int) -> int:
    octets = room // 4 * 3
    end = start + octets
    if end >= len(data):
        return len(data)
    # GMime (notmuch, Balsa) reads neighbours as one, and stops where base64 is filled up with "=".
    for whole in range(end, start + octets // 2, -3):
        if data[whole] & 0xC0 != 0x80:
            return whole
    return end


def block(fields: Sequence[Field]) -> bytes:
    """Return the header block of ``fields``, folded and checked, without the empty line.

    Raises Misused when a line would be longer than 998 octets, or a field would
    become anything but itself.
    """
    data = "".join([_folded(name, words) for name, words in fields]).encode()
    names = [name.encode() for name, _ in fields]
    if _BLOCK.fullmatch(data) is None or _NAMES.findall(data) != names:
        raise Misused(
            "a header value would break out of its line",
            operation=_OPERATION,
            hint="Remove line ends and control characters from it.",
        )
    return data


def _folded(name: str, words: Sequence[str]) -> str:
    encoded = "=?" in "".join(words)
    columns = _ENCODED_COLUMNS if encoded else COLUMNS
    lines: list[str] = []
    line = f"{name}:"
    for number, word in enumerate(words):
        # What looks for a name and a value on one line finds them, unless the word could break.
        if len(line) + len(word) >= columns and (number or word.startswith("=?")):
            lines.append(line)
            line = ""
        line = f"{line} {word}"
    lines.append(line)
    for line in lines:
        if len(line) > LINE_OCTETS // 4 and len(line.encode()) > LINE_OCTETS:
            raise Misused(
                f"the header {name} holds a word that no line can carry",
                operation=_OPERATION,
                hint=f"Keep every part of it under {LINE_OCTETS} octets.",
            )
    return "\r\n".join(lines) + "\r\n"


def _is_plain(text: str, utf8: bool) -> bool:
    if "=?" in text:
        return False
    return text.isprintable() and (utf8 or text.isascii())
