"""Find the files that stand in a text as uuencode, and decode them.

::

    "begin" SP mode SP name line-end          as uuencode(1) of POSIX writes it
    *(length *character line-end)
    ["`" line-end] "end" line-end

A file is taken for one only when its lines are what their length says: a text in which somebody
writes "begin 644 x" stays a text. Trailing spaces that were lost on the way are put back. yEnc is
not read.

Nothing here raises, time is linear: a line is looked at once. Only uuencode lives here.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

from courriel.model.limits import DEFAULT

FILES = DEFAULT.mail_enclosed
BROKEN = 10
"""Lines of one file that may be broken in two."""

_LONG = 20
"""Characters that a line of words in capitals hardly has, so that it is one of a file."""

_BEGIN = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,500})\r?\n", re.MULTILINE)
_FULL = re.compile(rb"(?>(?:M[ -`]{60,61}\r?\n)*)")
_LINE = re.compile(rb"([!-_])([ -`]{0,86})\r?(?:\n|\Z)")
# A line that was broken on the way: its second half begins with no length.
_BROKEN = re.compile(rb"[ -`]{1,86}\r?\n")
_END = re.compile(rb"(?:[` ]?[ \t]*\r?\n)?end[ \t]*\r?(?:\n|\Z)")


@dataclass(frozen=True, slots=True)
class UuFile:
    """A file in a text: its name as written, and its lines, still encoded."""

    name: bytes
    encoded: bytes
    complete: bool

    def content(self) -> bytes:
        """Return the octets of the file; what cannot be decoded is left out."""
        return b"".join([_decoded(line) for line in self.encoded.splitlines()])


def without_files(octets: bytes) -> tuple[bytes, list[UuFile]]:
    """Return a text without the files that stand in it, and the files."""
    if b"begin " not in octets:
        return octets, []
    kept: list[bytes] = []
    files: list[UuFile] = []
    position = 0
    begin = _BEGIN.search(octets)
    while begin is not None and len(files) < FILES:
        stop, behind = _extent(octets, begin.end())
        if behind:
            kept.append(octets[position : begin.start()])
            encoded = octets[begin.end() : stop]
            files.append(UuFile(begin[1].strip(), encoded, complete=behind > stop))
            position = behind
        begin = _BEGIN.search(octets, max(stop, begin.end()))
    kept.append(octets[position:])
    return b"".join(kept), files


def is_cut(octets: bytes) -> bool:
    """Tell whether a text without its files ends in what looks like the beginning of one."""
    begin = octets.rfind(b"begin ")
    found = _BEGIN.match(octets, begin) if begin >= 0 else None
    if found is None:
        return False
    position, sure = found.end(), False
    line = _LINE.match(octets, position)
    while line is not None:
        expected = _length_of(line[1][0])
        if len(line[2]) > expected + 1:
            return False
        # A line that is as long as it says, or one that is cut and has no end.
        sure = (
            sure or len(line[2]) == expected or (line.end() == len(octets) and _LONG < len(line[2]))
        )
        position = line.end()
        line = _LINE.match(octets, position)
    return sure and not octets[position:].strip()


def _extent(octets: bytes, start: int) -> tuple[int, int]:
    """Return where the lines of a file end, and the text goes on: 0 when it is no file."""
    full = _FULL.match(octets, start)
    stop = sure = full_end = start if full is None else full.end()
    broken = 0
    line = _LINE.match(octets, stop)
    while line is not None:
        expected = _length_of(line[1][0])
        if len(line[2]) > expected + 1:
            break
        if sure == stop and len(line[2]) == expected:
            sure = line.end()
        stop = line.end()
        line = _LINE.match(octets, stop)
        if line is None and broken < BROKEN and _END.match(octets, stop) is None:
            half = _BROKEN.match(octets, stop)
            stop = stop if half is None else half.end()
            line = _LINE.match(octets, stop)
            broken += 1
    end = _END.match(octets, stop)
    if end is not None:
        return stop, end.end()
    # Without its end it has to have a line that no text has, and only such lines are believed.
    return sure, sure if full_end > start else 0


def _length_of(mark: int) -> int:
    """Return how many characters follow the one that says how many octets a line holds."""
    return (mark - 32 + 2) // 3 * 4


def _decoded(line: bytes) -> bytes:
    try:
        # Some programs write a checksum behind; two octets more than needed are never there.
        return binascii.a2b_uu(line[: 1 + _length_of(line[0])])
    except (ValueError, IndexError):
        return b""
