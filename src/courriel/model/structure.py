"""Find the parts of a MIME message without decoding any, within bounds.

::

    multipart = [preamble] 1*(delimiter part) close-delimiter [epilogue]     RFC 2046, 5.1.1

A part is a range of the source: nothing is copied until it is asked for. There is no recursion:
the source is walked once, line by line that begins with ``--``, and such a line belongs to the
outermost multipart that has its boundary (RFC 2046, 5.1.2: an inner one may lack its end). So time
does not grow with depth. A multipart whose boundary never comes is looked at once more, for a line
that plainly begins a part. What lies beyond a bound becomes one opaque part and a defect.

Only the splitting lives here; what parts mean is ``reading``'s business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from courriel.model.decoding import unfolded
from courriel.model.fieldblock import Header, read_header
from courriel.model.limits import DEFAULT, Limits
from courriel.model.parameters import parsed

__all__ = ["DEPTH", "OPAQUE", "PARTS", "Header", "Part", "content_type", "read_header", "split"]

DEPTH = DEFAULT.mail_depth
PARTS = DEFAULT.mail_parts
GUESSES = 3
"""Multiparts of one message whose boundary is guessed: each costs another look."""

OPAQUE = "application/octet-stream"

_BLANK = re.compile(rb"\n\r*\n")
_TYPE = re.compile(r"([!#-'*+.0-9a-z^-~-]{1,127})[ \t]*/[ \t]*([!#-'*+.0-9a-z^-~-]{1,127})")
_FILES = ("x-", "application", "image", "audio", "video", "font", "model")
# A line of dashes is only taken for a boundary when a field of a part follows.
_BEGINNING = re.compile(
    rb"\n--([^\r\n]{0,199}[^\s])[ \t]*\r*\n(?=content-[!-9;-~]{1,70}[ \t]*:)", re.IGNORECASE
)


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


def content_type(header: Header, parent_kind: str = "") -> tuple[str, dict[str, str]]:
    """Return the kind of a body, ``type/subtype`` in lower case, and the parameters."""
    raw = header.first("content-type")
    default = "message/rfc822" if parent_kind == "multipart/digest" else "text/plain"
    if raw is None:
        return default, {}
    kind, parameters = parsed(unfolded(raw))
    found = _TYPE.match(kind)
    if found is not None:
        return f"{found[1]}/{found[2]}", parameters
    if kind == "multipart":
        return "multipart/mixed", parameters
    if kind in {"", "text"}:
        return default, parameters
    # What cannot be read is a text (RFC 2045, 5.2), unless it plainly is a file.
    is_file = kind.startswith(_FILES) or "name" in parameters or _is_file(header)
    return (OPAQUE if is_file else "text/plain"), parameters


def has_kind(header: Header) -> bool:
    """Tell whether Content-Type holds a type and a subtype (RFC 2045, 5.1)."""
    return _TYPE.match(parsed(unfolded(header.first("content-type") or b""))[0]) is not None


def transfer_encoding(header: Header) -> str:
    """Return the Content-Transfer-Encoding in lower case, empty when there is none."""
    raw = unfolded(header.first("content-transfer-encoding") or b"")
    return raw.partition(";")[0].strip().lower()


def _is_file(header: Header) -> bool:
    """Tell whether a part of no known kind has a file's name, disposition or encoding."""
    disposition, parameters = parsed(unfolded(header.first("content-disposition") or b""))
    named = disposition == "attachment" or "filename" in parameters
    return named or transfer_encoding(header) == "base64"


def split(
    source: bytes,
    start: int = 0,
    end: int | None = None,
    *,
    depth: int = 0,
    room: int | None = None,
    limits: Limits = DEFAULT,
) -> tuple[Part, list[str]]:
    """Return the message as a tree of parts, and what is wrong with it.

    A message inside the message is read by its range, with its own ``depth``
    and what ``room`` is left of ``limits.mail_parts``.
    """
    splitter = _Splitter(source, len(source) if end is None else end, limits, room)
    return splitter.message(start, depth), splitter.defects


class _Splitter:
    """Walks the lines that begin with two dashes; ``open`` are the parts a line stands in."""

    def __init__(self, source: bytes, end: int, limits: Limits, room: int | None) -> None:
        self.source = source
        self.end = end
        self.limits = limits
        self.room = limits.mail_parts if room is None else room
        self.count = 1
        self.defects: list[str] = []
        self.open: list[Part] = []
        self.levels: dict[bytes, int] = {}
        self.boundaries: list[bytes] = []
        self.barren: list[Part] = []
        self.blank = -1

    def message(self, start: int, depth: int) -> Part:
        """Return the tree of the message that begins at ``start``."""
        root = self._part(start, self.end, depth, "")
        if not root.kind.startswith("multipart/"):
            return root
        if depth >= self.limits.mail_depth:
            self._too_deep(root)
            return root
        self._walk(root, _boundary_of(root))
        guesses = 0
        while self.barren:
            part = self.barren.pop()
            named = _boundary_of(part)
            guess = self._guessed(part) if guesses < GUESSES and self.count < self.room else b""
            if guess:
                guesses += 1
                self.defects.append(
                    "a multipart whose boundary is another than it names"
                    if named
                    else "a multipart without a boundary"
                )
                self._walk(part, guess)
                continue
            part.kind = "text/plain"
            self.defects.append(
                "a multipart whose boundary never comes"
                if named
                else "a multipart without a boundary"
            )
        return root

    def _walk(self, root: Part, boundary: bytes) -> None:
        """Find the parts inside a multipart, and inside those."""
        end = root.end
        position, at_line = root.start, True
        self.blank = -1
        self._push(root, boundary)
        while True:
            at = position
            if not (at_line and self.source.startswith(b"--", position, end)):
                at = self.source.find(b"\n--", position, end) + 1
                if not at:
                    break
            level, closing, behind = self._delimiter(at, end)
            if level < 0:
                position, at_line = at + 2, False
                continue
            self._close(level + 1, at)
            if closing:
                self._shut(level)
                position = behind
            elif self.count >= self.room - 1:
                self._overflow(level, behind, end)
                break
            else:
                position = self._child(level, behind, end)
            at_line = True
        self._close(0, end)

    def _delimiter(self, at: int, end: int) -> tuple[int, bool, int]:
        """Return the level that a line delimits, or -1, whether it closes, and the next line."""
        line_end = self.source.find(b"\n", at, end)
        behind = end if line_end < 0 else line_end + 1
        line = self.source[at + 2 : behind].rstrip(b" \t\r\n\v\f")
        level = self.levels.get(line, -1)
        if level >= 0 or not line.endswith(b"--"):
            return level, False, behind
        return self.levels.get(line[:-2], -1), True, behind

    def _child(self, level: int, begin: int, end: int) -> int:
        """Begin the part behind a delimiter; return where the walk goes on."""
        stop = self._header_end(begin, end)
        part = self._part(begin, stop, self.open[level].depth + 1, self.open[level].kind)
        part.end = end
        self.count += 1
        self.open[level].parts.append(part)
        if not part.kind.startswith("multipart/"):
            self._push(part, b"")
        elif part.depth >= self.limits.mail_depth:
            self._too_deep(part)
            self._push(part, b"")
        else:
            self._push(part, _boundary_of(part))
        # A header that a delimiter cuts off: the walk goes on with that line.
        return part.start if part.start < stop or stop == end else stop

    def _header_end(self, begin: int, end: int) -> int:
        """Return ``end``, or the delimiter that comes before the empty line behind a header."""
        if self.blank < begin:
            blank = _BLANK.search(self.source, begin - 1, end)
            self.blank = end if blank is None else blank.end()
        at = begin if self.source.startswith(b"--", begin, end) else 0
        while True:
            if at and self._delimiter(at, end)[0] >= 0:
                return at
            at = self.source.find(b"\n--", max(begin - 1, at), self.blank) + 1
            if not at:
                return end

    def _part(self, start: int, end: int, depth: int, parent_kind: str) -> Part:
        header = read_header(self.source, start, end, most=self.limits.mail_header)
        self.defects += header.defects
        kind, parameters = content_type(header, parent_kind)
        if header.cut and header.first("content-type") is None:
            # What the body is stands behind the bound.
            kind = OPAQUE
        part = Part(header, 0, end, depth, kind, parameters, parent_kind, begin=start)
        if kind.startswith("multipart/"):
            self._cut_header(part, parent_kind)
        part.start = min(part.header.body, end)
        return part

    def _cut_header(self, part: Part, parent_kind: str) -> None:
        """End a header where its own first delimiter comes before an empty line."""
        boundary = _boundary_of(part)
        at = self.source.find(b"\n--" + boundary, part.begin, part.header.body)
        if at >= 0 and boundary:
            self.defects.append("a header that a boundary cuts off")
            part.header = read_header(self.source, part.begin, at + 1, most=self.limits.mail_header)

    def _push(self, part: Part, boundary: bytes) -> None:
        if boundary:
            # An outer multipart with the same boundary has it first.
            self.levels.setdefault(boundary, len(self.open))
        self.boundaries.append(boundary)
        self.open.append(part)

    def _shut(self, level: int) -> None:
        """Forget the boundary of a multipart that has ended; its epilogue follows."""
        if self.levels.get(self.boundaries[level]) == level:
            del self.levels[self.boundaries[level]]
        self.boundaries[level] = b""

    def _close(self, level: int, at: int) -> None:
        """End every part from this level on; the line end before a delimiter belongs to it."""
        while len(self.open) > level:
            part = self.open.pop()
            boundary = self.boundaries.pop()
            if self.levels.get(boundary) == len(self.open):
                del self.levels[boundary]
            part.end = max(part.begin, at if not level else self._before_line_end(part.begin, at))
            part.start = min(part.start, part.end)
            if part.kind.startswith("multipart/"):
                if not part.parts:
                    self.barren.append(part)
                elif boundary:
                    self.defects.append("a multipart without its end")

    def _before_line_end(self, start: int, at: int) -> int:
        if at > start and self.source[at - 1] == 0x0A:
            at -= 1
            if at > start and self.source[at - 1] == 0x0D:
                at -= 1
        return at

    def _overflow(self, level: int, begin: int, end: int) -> None:
        """Give all that follows as one part."""
        parent = self.open[level]
        rest = Part(Header([], begin), begin, end, parent.depth + 1, OPAQUE, {}, parent.kind)
        rest.begin = begin
        parent.parts.append(rest)
        self.count += 1
        # What is cut has no end; that is no news.
        self.boundaries = [b""] * len(self.boundaries)
        self.levels.clear()
        self.defects.append(f"more than {self.limits.mail_parts} parts")

    def _too_deep(self, part: Part) -> None:
        part.kind = OPAQUE
        self.defects.append(f"parts nested deeper than {self.limits.mail_depth}")

    def _guessed(self, part: Part) -> bytes:
        """Return what the first line that begins a part has behind its dashes."""
        found = _BEGINNING.search(self.source, max(part.start - 1, 0), part.end)
        return b"" if found is None else found[1]


def _boundary_of(part: Part) -> bytes:
    return part.parameters.get("boundary", "").rstrip().encode("utf-8", "replace")
