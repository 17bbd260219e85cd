"""Find the parts of a MIME message without decoding any, within bounds.

::

    multipart = [preamble] 1*(delimiter part) close-delimiter [epilogue]     RFC 2046, 5.1.1

A part is a range of the source: nothing is copied until it is asked for. There is no recursion;
every level looks at its own range once, so that time is at most size times depth, and depth is
bounded. What lies beyond a bound becomes one opaque part and a defect. Line ends may be CR LF or
LF, with stray CRs before the LF.

Only the splitting lives here; what parts mean is ``reading``'s business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from courriel.model.decoding import unfolded
from courriel.model.parameters import parsed

HEADER_OCTETS = 1024 * 1024
"""One header block. Servers take about 100 KiB."""
DEPTH = 100
"""Multiparts inside multiparts. Real mail stays under ten."""
PARTS = 10_000
"""Parts of one message, all levels together."""

OPAQUE = "application/octet-stream"

_BLANK = re.compile(rb"\n\r*\n")
_EMPTY_LINE = re.compile(rb"\r*\n")
_FIELD = re.compile(rb"^([!-9;-~]+)[ \t]*:((?:[^\n]*)(?:\n[ \t][^\n]*)*)(?:\n|\Z)", re.MULTILINE)
_TYPE = re.compile(r"[^\s/;,]+/[^\s/;,]+")


@dataclass(slots=True)
class Header:
    """The fields of one header block, raw, in order, and where its body starts."""

    fields: list[tuple[str, bytes]]
    body: int
    defects: list[str] = field(default_factory=list)

    def first(self, name: str) -> bytes | None:
        """Return the raw value of the first field of that name (in lower case), or None."""
        for key, value in self.fields:
            if len(key) == len(name) and key.lower() == name:
                return value
        return None

    def every(self, name: str) -> list[bytes]:
        """Return the raw values of all fields of that name (in lower case)."""
        return [value for key, value in self.fields if key.lower() == name]


@dataclass(slots=True)
class Part:
    """One part: its header, the range of its body in the source, and the parts inside.

    ``begin`` is where its header begins.
    """

    header: Header
    start: int
    end: int
    depth: int
    kind: str
    parameters: dict[str, str]
    parent_kind: str = ""
    parts: list[Part] = field(default_factory=list)
    begin: int = 0


def read_header(source: bytes, start: int = 0, end: int | None = None) -> Header:
    """Return the header block that begins at ``start``."""
    end = len(source) if end is None else end
    empty = _EMPTY_LINE.match(source, start, end)
    if empty is not None:
        return Header([], empty.end())
    if source.startswith(b"From ", start, end):
        # The line that an mbox file puts before each message is no field.
        line_end = source.find(b"\n", start, end)
        start = end if line_end < 0 else line_end + 1
    blank = _BLANK.search(source, start, end)
    stop, body = (end, end) if blank is None else (blank.start() + 1, blank.end())
    header = Header([], body)
    if stop - start > HEADER_OCTETS:
        header.defects.append(f"the header is longer than {HEADER_OCTETS} octets")
        stop = source.rfind(b"\n", start, start + HEADER_OCTETS) + 1 or start + HEADER_OCTETS
    head = source[start:stop]
    seen = 0
    for found in _FIELD.finditer(head):
        if blank is None and found.start() > seen:
            break
        seen += found.end() - found.start()
        header.fields.append((found[1].decode("ascii"), found[2]))
    if seen < len(head):
        header.defects.append("the header holds lines that are no fields")
        if blank is None:
            # Without an empty line the body starts where the fields stop.
            header.body = start + seen
    return header


def split(
    source: bytes, start: int = 0, end: int | None = None, *, depth: int = 0, room: int = PARTS
) -> tuple[Part, list[str]]:
    """Return the message as a tree of parts, and what is wrong with it.

    A message inside the message is read by its range, with its own ``depth``
    and what ``room`` is left of ``PARTS``.
    """
    defects: list[str] = []
    root = _part(source, start, len(source) if end is None else end, depth, "", defects)
    waiting, count = [root] if root.kind.startswith("multipart/") else [], 1
    while waiting:
        part = waiting.pop()
        boundary = part.parameters.get("boundary", "").rstrip()
        if not boundary:
            part.kind = "text/plain"
            defects.append("a multipart without a boundary")
            continue
        if part.depth >= DEPTH:
            part.kind = OPAQUE
            defects.append(f"parts nested deeper than {DEPTH}")
            continue
        ranges, closed = _ranges(source, part, boundary.encode("utf-8", "replace"), room - count)
        if not ranges:
            part.kind = "text/plain"
            defects.append("a multipart whose boundary never comes")
            continue
        cut = not closed and count + len(ranges) >= room
        if not closed and not cut:
            defects.append("a multipart without its end")
        for start, end in ranges:
            child = _part(source, start, end, part.depth + 1, part.kind, defects)
            part.parts.append(child)
            count += 1
            if child.kind.startswith("multipart/"):
                waiting.append(child)
        if count >= room:
            defects.append(f"more than {PARTS} parts")
            _make_opaque([*waiting, part.parts[-1]] if cut else waiting)
            waiting.clear()
    return root, defects


def _make_opaque(parts: list[Part]) -> None:
    for part in parts:
        part.kind = OPAQUE


def _part(
    source: bytes, start: int, end: int, depth: int, parent_kind: str, defects: list[str]
) -> Part:
    header = read_header(source, start, end)
    defects += header.defects
    kind, parameters = content_type(header, parent_kind)
    body = min(header.body, end)
    return Part(header, body, end, depth, kind, parameters, parent_kind, begin=start)


def content_type(header: Header, parent_kind: str = "") -> tuple[str, dict[str, str]]:
    """Return the kind of a body, ``type/subtype`` in lower case, and the parameters."""
    raw = header.first("content-type")
    default = "message/rfc822" if parent_kind == "multipart/digest" else "text/plain"
    if raw is None:
        return default, {}
    kind, parameters = parsed(unfolded(raw))
    found = _TYPE.match(kind)
    if found is not None:
        return found[0], parameters
    return (default if kind in {"", "text"} else OPAQUE), parameters


def _ranges(
    source: bytes, part: Part, boundary: bytes, limit: int
) -> tuple[list[tuple[int, int]], bool]:
    """Return the ranges of the parts inside, and whether the closing delimiter was there."""
    delimiter = b"--" + boundary
    ranges: list[tuple[int, int]] = []
    opened: int | None = None
    at = source.find(delimiter, part.start, part.end)
    while at >= 0:
        kind = _delimiter_at(source, part, at, at + len(delimiter))
        if kind is not None:
            closing, behind = kind
            if opened is not None:
                ranges.append((opened, _before_line_end(source, opened, at)))
            if closing:
                return ranges, True
            opened = behind
            if len(ranges) >= limit - 1:
                break
        at = source.find(delimiter, at + len(delimiter), part.end)
    if opened is not None:
        ranges.append((opened, part.end))
    return ranges, False


def _delimiter_at(source: bytes, part: Part, at: int, end: int) -> tuple[bool, int] | None:
    """Return (closing, start of the next line) when a delimiter line stands at ``at``."""
    if at > part.start and source[at - 1] != 0x0A:
        return None
    line_end = source.find(b"\n", end, min(part.end, end + 200))
    behind = part.end if line_end < 0 else line_end + 1
    rest = source[end : min(behind, end + 200)]
    closing = rest.startswith(b"--")
    if (rest[2:] if closing else rest).strip():
        # A longer boundary begins like this one.
        return None
    return closing, behind


def _before_line_end(source: bytes, start: int, at: int) -> int:
    """Return where a part ends: its last line end belongs to the delimiter."""
    if at > start and source[at - 1] == 0x0A:
        at -= 1
        if at > start and source[at - 1] == 0x0D:
            at -= 1
    return at
