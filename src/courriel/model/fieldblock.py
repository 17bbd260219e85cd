"""Read the header block of a message or of a part, without decoding any field.

::

    field = name *WSP ":" value *(line-end 1*WSP value) line-end      RFC 5322, 2.2 and 4.5

The block ends at the first empty line; without one, where the lines stop to be fields; so it does
behind a line of white space alone, which is a folded one else. Line ends may be CR LF or LF, with
stray CRs before the LF. Values stay raw, as octets. Time is linear.

Only the view of one received block lives here; blocks that will be sent are read by
``headerblock``, which is stricter about line ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from courriel.model.limits import DEFAULT

__all__ = ["Header", "read_header"]

FIELDS = DEFAULT.mail_fields

_BLANK = re.compile(rb"\n\r*\n")
_MARK = b"\xef\xbb\xbf"
_MBOX = re.compile(rb"From (?![ \t]*:)[^\n]*(?:\n|\Z)")
_PARAMETER = re.compile(rb"[A-Za-z][A-Za-z0-9*_-]{0,40}[ \t]*=")
_EMPTY_LINE = re.compile(rb"\r*\n")
# A round of folding fails at its first two octets, so that it may be possessive: else
# every fold is remembered, at a hundred octets each (wire/imap/lexis tells when that is safe).
_FIELD = re.compile(
    rb"(?:^|(?<=\A\xef\xbb\xbf))([!-9;-~]+)[ \t]*:([^\n]*+(?:\n[ \t][^\n]*+)*+)(?:\n|\Z)",
    re.MULTILINE,
)


@dataclass(slots=True)
class Header:
    """The fields of one header block, raw, in order, and where its body starts."""

    fields: list[tuple[str, bytes]]
    body: int
    defects: list[str] = field(default_factory=list)
    cut: bool = False
    """Whether there is more of it than what was read."""

    def first(self, name: str) -> bytes | None:
        """Return the raw value of the first field of that name (in lower case), or None."""
        length = len(name)
        for key, value in self.fields:
            if len(key) == length and key.lower() == name:
                return value
        return None

    def every(self, name: str) -> list[bytes]:
        """Return the raw values of all fields of that name (in lower case)."""
        length = len(name)
        return [v for key, v in self.fields if len(key) == length and key.lower() == name]


def read_header(
    source: bytes, start: int = 0, end: int | None = None, *, most: int = DEFAULT.mail_header
) -> Header:
    """Return the header block that begins at ``start``; of a longer one, the first ``most``.

    Fields beyond ``FIELDS`` are left out.
    """
    end = len(source) if end is None else end
    defects: list[str] = []
    if start == 0 and source.startswith(_MARK, start, end):
        defects.append("a byte order mark in front of the header")
        start += len(_MARK)
    mbox = _MBOX.match(source, start, end)
    if mbox is not None:
        # The line that an mbox file puts before each message is no field.
        start = mbox.end()
    empty = _EMPTY_LINE.match(source, start, end)
    if empty is not None:
        return Header([], empty.end(), defects)
    blank = _BLANK.search(source, start, end)
    stop, body = (end, end) if blank is None else (blank.start() + 1, blank.end())
    header = Header([], body, defects)
    if stop - start > most:
        header.defects.append(f"the header is longer than {most} octets")
        header.cut = True
        stop = source.rfind(b"\n", start, start + most) + 1 or start + most
    whole, behind = True, start
    for found in _FIELD.finditer(source, start, stop):
        if found.start() > behind:
            whole = False
            if _goes_on(header, source, behind):
                _extend(header, source[behind : found.start()])
            elif blank is None or _seems_empty(source, start, behind):
                break
        behind = found.end()
        if len(header.fields) == FIELDS:
            header.defects.append(f"the header has more than {FIELDS} fields")
            header.cut = True
            return header
        header.fields.append((str(found[1], "ascii"), found[2]))
    if not whole or behind < stop:
        header.defects.append("the header holds lines that are no fields")
        if behind < stop and blank is not None and _goes_on(header, source, behind):
            _extend(header, source[behind:stop])
        elif blank is None or not header.fields or _seems_empty(source, start, behind):
            # Without an empty line the body starts where the fields stop, or never were.
            header.body = behind
    return header


def _goes_on(header: Header, source: bytes, at: int) -> bool:
    """Tell whether a line is a parameter of the field before it, folded without white space."""
    if not header.fields or not header.fields[-1][1].rstrip().endswith(b";"):
        return False
    return _PARAMETER.match(source, at) is not None


def _extend(header: Header, lines: bytes) -> None:
    name, value = header.fields[-1]
    header.fields[-1] = (name, value + b"\n " + lines.rstrip())


def _seems_empty(source: bytes, start: int, end: int) -> bool:
    """Tell whether the last line of a block that goes on at ``end`` is of white space."""
    return end > start and not source[source.rfind(b"\n", start, end - 1) + 1 : end].strip()
