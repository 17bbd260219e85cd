"""Read one part that holds no others: what it is, how long, how encoded, and what it is called.

::

    body-type-basic = media-basic SP body-fields                       RFC 9051, 9
    body-type-text  = media-text SP body-fields SP body-fld-lines
    body-fields     = body-fld-param SP body-fld-id SP body-fld-desc SP body-fld-enc SP
                      body-fld-octets
    body-ext-1part  = body-fld-md5 [SP body-fld-dsp [SP body-fld-lang [SP body-fld-loc
                      *(SP body-extension)]]]
    body-fld-dsp    = "(" string SP body-fld-param ")" / nil

Servers leave fields out, write NIL for numbers and strings for lists. So a leaf that does not fit
is read as a list of values first, and then each field is looked for by its place and its looks.
Names are decoded as those of a whole mail are, so that both ways give the same name.

Only what concerns one leaf lives here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from courriel.model.decoding import unfolded
from courriel.model.filename import safe_name
from courriel.model.parameters import assembled
from courriel.model.summary import Part
from courriel.wire.imap.cursor import Cursor, Tree
from courriel.wire.imap.lexis import QUOTED, SIGNED, unescaped, whole

OPAQUE = "application/octet-stream"
MESSAGE = "message/rfc822"

_QUOTE = rb'"([^"\\]*+(?:\\.[^"\\]*+)*)"'
_STRING = rb"(?:NIL|" + _QUOTE + rb")"
_SKIPPED = rb"(?:NIL|" + QUOTED + rb")"
# What these match costs memory with every repetition; real lists have a few dozen.
_FLAT = rb'(NIL|\((?>(?:[^()"{]++|' + QUOTED + rb"){0,1000})\))"
_VALUE = rb'(?:NIL|[0-9]++|\((?>(?:[^()"{]++|' + QUOTED + rb"){0,1000})\)|" + QUOTED + rb")"
# A type, a disposition: nothing in it needs decoding.
_TOKEN = rb'"([A-Za-z0-9!#$&^_.+-]++)"'
_USUAL = re.compile(
    rb"\(" + _TOKEN + rb" " + _TOKEN + rb" " + _FLAT
    # id, description, encoding, octets, lines
    + rb" " + _STRING + rb" " + _SKIPPED + rb" " + _TOKEN + rb" ([0-9]{1,19})(?: ([0-9]{1,19}))?"
    # md5, disposition, and the rest
    + rb"(?: " + _SKIPPED + rb"(?: (?:NIL|\(" + _TOKEN + rb" " + _FLAT + rb"\))"
    + rb"(?>(?: " + _VALUE + rb")*))?)?\)",
    re.DOTALL,
)  # fmt: skip
MULTIPART_END = re.compile(rb" ?" + _TOKEN + rb"(?>(?: " + _VALUE + rb")*)\)", re.DOTALL)
"""What stands behind the parts of a multipart: its subtype, and fields that say nothing here."""
_PAIR = re.compile(_QUOTE + rb" " + _STRING, re.DOTALL)
# One parameter that needs no decoding, as most parts have it.
_USUAL_PAIRS = re.compile(rb'\("([A-Za-z0-9_-]++)" "([A-Za-z0-9_.+/:()-]++)"\)')
_TYPE = re.compile(r"[^\s/;,]+")
_MULTIPARTS = frozenset({"mixed", "alternative", "related", "digest", "report", "signed"})
_DISPOSITIONS = frozenset({b"attachment", b"inline"})


@dataclass(slots=True)
class Leaf:
    """What is known of a part before that which is around it has been read to its end."""

    path: str
    kind: str = OPAQUE
    parameters: dict[str, str] = field(default_factory=dict)
    identifier: str | None = None
    encoding: str = "7bit"
    size: int = 0
    lines: int | None = None
    disposition: str | None = None
    disposed: dict[str, str] = field(default_factory=dict)
    defects: list[str] = field(default_factory=list)

    def part(self, around: str) -> Part:
        """Return the value that users see."""
        name = self.disposed.get("filename") or self.parameters.get("name")
        return Part(
            self.path,
            self.kind,
            safe_name(name) if name else None,
            self.size,
            self.encoding,
            self.parameters.get("charset") or None,
            self.disposition,
            self.identifier,
            self.parameters,
            self.lines,
            around,
        )


def skip_usual(cursor: Cursor, path: str) -> Leaf | None:
    """Return the leaf that stands here when it is as the grammar has it, else None."""
    found = _USUAL.match(cursor.text, cursor.position)
    if found is None:
        return None
    cursor.position = found.end()
    kind, subtype, pairs, identifier, encoding, octets, lines, disposition, disposed = (
        found.groups()
    )
    return Leaf(
        path,
        f"{kind.decode()}/{subtype.decode()}".lower(),
        _pairs(pairs),
        None if identifier is None else identifier_of(unescaped(identifier)),
        encoding.decode().lower(),
        int(octets),
        None if lines is None else int(lines),
        None if disposition is None else disposition.decode().lower(),
        _pairs(disposed),
    )


def leaf_of(path: str, items: list[Tree]) -> Leaf:
    """Return what a list of values says of a part, each field by its place and its looks."""
    leaf = Leaf(path)
    kind, subtype, pairs, rest = _front(items, leaf)
    leaf.kind = _kind(kind, subtype)
    if kind and subtype is None and leaf.kind == OPAQUE and _lower(kind) in _MULTIPARTS:
        # A multipart without parts has no subtype, but its name in the place of a type.
        leaf.kind = "multipart/" + _lower(kind)
    leaf.parameters = _listed_pairs(pairs)
    at = _octets_at(rest)
    if at is None:
        leaf.defects.append("a part without its size")
        at = min(3, len(rest))
    before = [_octets(item) for item in rest[:at]]
    leaf.identifier = identifier_of(before[0] if before else None)
    leaf.encoding = _lower(before[-1] if len(before) > 1 else None) or "7bit"
    size = (_number(rest[at]) or 0) if at < len(rest) else 0
    leaf.size = max(size, 0)
    if size < 0:
        leaf.defects.append("a part of less than no octets")
    _ending(leaf, rest[at + 1 :])
    return leaf


def _front(
    items: list[Tree], leaf: Leaf
) -> tuple[bytes | None, bytes | None, list[Tree], list[Tree]]:
    """Return type, subtype, parameters, and what follows."""
    rest = list(items)
    kind = _octets(rest.pop(0)) if rest else None
    subtype: bytes | None = None
    if rest and not isinstance(rest[0], list):
        subtype = _octets(rest.pop(0))
    if not subtype:
        leaf.defects.append("a part without its type")
    pairs: list[Tree] = []
    if rest and isinstance(rest[0], list):
        pairs = rest[0]
        del rest[0]
    elif rest and rest[0] is None:
        del rest[0]
    elif rest:
        leaf.defects.append("a part without its parameters")
        if not _is_identifier(rest[0]) and _octets_at(rest) == 4:
            # A text in the place of the list.
            del rest[0]
    return kind, subtype, pairs, rest


def _octets_at(rest: list[Tree]) -> int | None:
    """Return the place of the size: behind id, description and encoding, if nothing is missing."""
    if len(rest) > 3 and (rest[3] is None or _number(rest[3]) is not None):
        return 3
    for at, item in enumerate(rest[:8]):
        if _number(item) is not None:
            return at
    return None


def _ending(leaf: Leaf, rest: list[Tree]) -> None:
    """Read the lines (behind the envelope and body of a message) and the disposition."""
    if leaf.kind.startswith("message/"):
        while rest[:2] == [None, None] and len(rest) > 2:
            del rest[0]
        while rest and isinstance(rest[0], list) and not _is_disposition(rest[0]):
            del rest[0]
        if rest and rest[0] is None and len(rest) > 1 and _number(rest[1]) is not None:
            del rest[0]
    if rest:
        lines = _number(rest[0])
        if lines is not None:
            leaf.lines = lines if lines >= 0 else None
            del rest[0]
    for item in rest[:3]:
        if _is_disposition(item):
            first = item[0] if isinstance(item, list) else item
            leaf.disposition = _lower(_octets(first)) or None
            rest_of_it = item[1:] if isinstance(item, list) else []
            inner = rest_of_it[0] if rest_of_it else None
            leaf.disposed = _listed_pairs(inner if isinstance(inner, list) else rest_of_it)
            return


def _is_disposition(item: Tree) -> bool:
    if isinstance(item, list):
        return (
            0 < len(item) <= 2
            and isinstance(item[0], bytes)
            and (len(item) == 1 or item[1] is None or isinstance(item[1], list))
        ) or (bool(item) and isinstance(item[0], bytes) and item[0].lower() in _DISPOSITIONS)
    return item is not None and item.lower() in _DISPOSITIONS


def _kind(kind: bytes | None, subtype: bytes | None) -> str:
    main, sub = _lower(kind), _lower(subtype)
    if main and sub:
        return f"{main}/{sub}"
    return "text/plain" if main in {"", "text"} else OPAQUE


def _pairs(text: bytes | None) -> dict[str, str]:
    """Return the parameters of a list as it stands."""
    if text is None or text == b"NIL":
        return {}
    usual = _USUAL_PAIRS.fullmatch(text)
    if usual is not None:
        name, value = usual.groups()
        return {name.decode().lower(): value.decode()}
    return assembled(
        (unfolded(unescaped(name)), unfolded(unescaped(value)))
        for name, value in _PAIR.findall(text)
    )


def _listed_pairs(values: list[Tree]) -> dict[str, str]:
    """Return the parameters of a list of values; one without its value is none."""
    flat: list[Tree] = []
    for value in values:
        # Some servers put each pair in a list of its own.
        flat.extend(value if isinstance(value, list) else (value,))
    octets = [_octets(value) for value in flat]
    return assembled(
        (unfolded(name), unfolded(value or b""))
        for name, value in zip(octets[::2], octets[1::2], strict=False)
        if name
    )


def identifier_of(octets: bytes | None) -> str | None:
    """Return a Content-ID without its angle brackets, or None."""
    if not octets:
        return None
    return unfolded(octets).strip().strip("<>") or None


def _is_identifier(item: Tree) -> bool:
    return isinstance(item, bytes) and item.startswith(b"<")


def _octets(item: Tree) -> bytes | None:
    return item if isinstance(item, bytes) else None


def _number(item: Tree) -> int | None:
    if isinstance(item, bytes) and SIGNED.fullmatch(item):
        return whole(item)
    return None


def _lower(octets: bytes | None) -> str:
    if not octets:
        return ""
    found = _TYPE.match(unfolded(octets))
    return "" if found is None else found[0].lower()
