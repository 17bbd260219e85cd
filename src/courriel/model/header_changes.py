"""Change fields of a header and leave every other octet of the message as it is.

::

    field = name *WSP ":" value *(line-end 1*WSP value) line-end     RFC 5322, 2.2 and 4.5

After a change the header holds exactly the values that were asked for: fields of that name are
rewritten where they stand, one after the other; those left over go, those missing follow the last
one, or close the header. A field that says already what it should keeps its octets. New lines end
as the lines of the message do.

Only this editing lives here; ``folding`` shapes the fields and refuses what would break out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import TypeAlias

from courriel.errors import Misused
from courriel.model.characters import excerpt, single_line
from courriel.model.decoding import header_text
from courriel.model.fieldblock import read_header
from courriel.model.folding import NAME, block
from courriel.model.limits import DEFAULT
from courriel.model.structured import field_words

__all__ = ["HeaderChanges", "changed"]

HeaderChanges: TypeAlias = "Mapping[str, str | Iterable[str] | None]"

_Edit: TypeAlias = tuple[int, int, bytes]

_OPERATION = "with_headers"
_FIELD = re.compile(rb"^([!-9;-~]+)[ \t]*:((?:[^\n]*)(?:\n[ \t][^\n]*)*)(?:\n|\Z)", re.MULTILINE)
_MARK = b"\xef\xbb\xbf"
_BEFORE = re.compile(rb"(?:\xef\xbb\xbf)?(?:From (?![ \t]*:)[^\n]*(?:\n|\Z))?")
_LINE_END = re.compile(rb"\r*\n")
_BLANK = re.compile(rb"\n\r*\n")


def checked(changes: HeaderChanges) -> list[tuple[str, list[str]]]:
    """Return each name with the values it shall have. Raises Misused."""
    if not isinstance(changes, Mapping):
        raise Misused(
            f"headers cannot be changed by {type(changes).__name__}",
            operation=_OPERATION,
            hint='Write {"Subject": "value", "X-Old": None}.',
        )
    found: dict[str, tuple[str, list[str]]] = {}
    for name, value in changes.items():
        single_line(name, what="a header's name", operation=_OPERATION)
        if NAME.fullmatch(name) is None or name.lower() in found:
            raise Misused(
                f"{excerpt(name)} cannot name a header, or was named before",
                operation=_OPERATION,
                hint="Use printable ASCII without spaces and colons, each name once.",
            )
        values: object = [] if value is None else [value] if isinstance(value, str) else value
        if not isinstance(values, Iterable) or isinstance(values, (bytes, bytearray, Mapping)):
            raise Misused(
                f"the header {name} cannot be {type(value).__name__}",
                operation=_OPERATION,
                hint="Give a string, a list of strings, or None to remove it.",
            )
        what = f"the header {name}"
        lines = [single_line(text, what=what, operation=_OPERATION) for text in values]
        found[name.lower()] = (name, lines)
    return list(found.values())


def changed(source: bytes, changes: HeaderChanges) -> bytes:
    """Return ``source`` with its header changed, and every other octet as it was.

    Raises Misused for what cannot stand in a header, and for a header that is
    longer than what is read of one.
    """
    wanted = checked(changes)
    try:
        return _changed(source, wanted)
    except Misused as error:
        # What is wrong with an address or a field was found by those who know them.
        raise Misused(error.message, operation=_OPERATION, hint=error.hint) from error


def _changed(source: bytes, wanted: list[tuple[str, list[str]]]) -> bytes:
    if b"\n" not in source and b"\r" in source:
        # Lines of an old Macintosh: they are read as lines, and stay what they are.
        return _changed(source.replace(b"\r", b"\n"), wanted).replace(b"\n", b"\r")
    header = read_header(source)
    if header.cut:
        raise _too_long()
    start, stop = _extent(source, header.body)
    line_end = _line_end_of(source)
    places: dict[str, list[re.Match[bytes]]] = {name.lower(): [] for name, _ in wanted}
    for found in _FIELD.finditer(source[start:stop]):
        # Only what is to be changed is kept: a header may have a million fields.
        known = places.get(found[1].decode("ascii").lower())
        if known is not None:
            known.append(found)
    edits: list[_Edit] = []
    for name, values in wanted:
        fields = places[name.lower()]
        end = start + fields[-1].end() if fields else stop
        for field, value in zip_longest(fields, values):
            if field is None:
                edits.append((end, end, _written(name, value, line_end)))
                continue
            if value is None or header_text(field[2]) != value:
                text = b"" if value is None else _written(name, value, line_end)
                edits.append((start + field.start(), start + field.end(), text))
    edits.sort(key=lambda edit: edit[:2])
    if start == stop and edits and source[stop:] and not _LINE_END.match(source, stop):
        # All of it was body; an empty line has to say so now.
        edits.append((stop, stop, line_end))
    made = _edited(source, edits, line_end)
    room = DEFAULT.mail_header - (header.body + len(made) - len(source))
    few = len(header.fields) + len(edits) <= DEFAULT.mail_fields
    blank = source[stop : header.body]
    if few and room >= 0 and not header.defects and not blank.strip(b"\r\n"):
        return made
    return _verified(made, blank, source[header.body :], line_end)


def _verified(made: bytes, blank: bytes, body: bytes, line_end: bytes) -> bytes:
    """Return a changed message whose header is read to its end, and no further.

    ``blank`` is what stood for the empty line: white space is none where no field is before it.
    """
    header = read_header(made)
    if header.cut:
        raise _too_long()
    place = len(made) - len(body)
    if header.body != place and not blank.strip():
        made = made[: place - len(blank)] + line_end + body
        place = len(made) - len(body)
        header = read_header(made)
    if header.body != place:
        raise Misused(
            "the header would end somewhere else then",
            operation=_OPERATION,
            hint="It holds lines that are no fields, or no empty line; leave a field in it.",
        )
    return made


def _too_long() -> Misused:
    return Misused(
        "the header is longer or has more fields than can be read",
        operation=_OPERATION,
        hint=f"That is {DEFAULT.mail_header} octets and {DEFAULT.mail_fields} fields.",
    )


def _edited(source: bytes, edits: Sequence[_Edit], line_end: bytes) -> bytes:
    pieces: list[bytes] = []
    position = 0
    ended = True
    for begin, end, text in edits:
        if begin > position:
            pieces.append(source[position:begin])
            ended = source.endswith(b"\n", position, begin) or source[:begin] == _MARK
        if text:
            # The header may be cut in the middle of its last line.
            pieces.append(text if ended else line_end + text)
            ended = True
        position = end
    return b"".join([*pieces, source[position:]])


def _extent(source: bytes, body: int) -> tuple[int, int]:
    """Return where the fields of a message begin, and where they are over.

    Without an empty line the header ends where the fields stop; lines of white space may stand
    for one, and belong to no field then.
    """
    before = _BEFORE.match(source)
    start = before.end() if before else 0
    if _LINE_END.match(source, start):
        return start, start
    blank = _BLANK.search(source, start)
    if blank and blank.end() == body:
        return start, blank.start() + 1
    stop = max(start, body)
    while stop > start:
        line = max(start, source.rfind(b"\n", start, stop - 1) + 1)
        if source[line:stop].strip():
            break
        stop = line
    return start, stop


def _line_end_of(source: bytes) -> bytes:
    first = source.find(b"\n")
    return b"\n" if first >= 0 and source[max(0, first - 1) : first] != b"\r" else b"\r\n"


def _written(name: str, value: str, line_end: bytes) -> bytes:
    field = block([(name, field_words(name, value, operation=_OPERATION))])
    return field if line_end == b"\r\n" else field.replace(b"\r\n", line_end)
