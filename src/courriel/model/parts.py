"""Number the parts of a mail as IMAP does, describe them, and decode one of them.

::

    section-part = nz-number *("." nz-number)                    RFC 3501, 9

    * a message that is no multipart has one part, ``1``;
    * the parts of a multipart are 1, 2, … ; those of a multipart that is part 2 are 2.1, 2.2, …
    * the parts of a message/rfc822 that is part 3 are 3.1, 3.2, … when it holds a multipart, else
      the one part 3.1                                            RFC 3501, 6.4.5

So a part has the same number whether a server named it or the mail was read here. Nothing raises,
whatever the bytes are; the bounds of ``structure`` hold for all levels together, messages inside
messages included, and what lies beyond them is one opaque part.

Only the numbering lives here; the bytes are split by ``structure``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from courriel.errors import Misused
from courriel.model import structure
from courriel.model.characters import excerpt
from courriel.model.decoding import from_transfer, unfolded
from courriel.model.email import Email
from courriel.model.filename import safe_name
from courriel.model.parameters import parsed
from courriel.model.structure import DEPTH, PARTS, split
from courriel.model.summary import Part

__all__ = ["part_of", "parts_of"]

MESSAGES = frozenset({"message/rfc822", "message/global"})
"""What holds a whole message (RFC 2046, 5.2.1; RFC 6532, 3.7)."""

_PATH = re.compile(r"[1-9][0-9]{0,9}(?:\.[1-9][0-9]{0,9}){0,200}")
_ENCODED = frozenset({"base64", "quoted-printable"})


def parts_of(email: Email) -> tuple[Part, ...]:
    """Return the parts of a message in order, as ``Summary.parts`` lists those of a server.

    Multiparts are not listed; a message inside the message is, followed by
    its own parts. ``size`` is octets before decoding.
    """
    source = source_of(email)
    return tuple(_described(path, part, source) for path, part in placed(source) if not part.parts)


def part_of(email: Email, part: str | Part) -> bytes:
    """Return the octets of one part, decoded; of a multipart, its whole inside as it stands.

    ``part`` is a path such as ``"2.1"``, or a ``Part``. Raises Misused when
    it is no path, or there is no such part in the message.
    """
    path: object = part.path if isinstance(part, Part) else part
    if not isinstance(path, str) or _PATH.fullmatch(path) is None:
        raise Misused(
            f"{excerpt(path)} is no place of a part",
            operation="part",
            hint='Give a Part of summary.parts, or its path, such as "2.1".',
        )
    source = source_of(email)
    for place, found in placed(source):
        if place == path:
            return octets_of(source, found)
    raise Misused(
        f"the message has no part {path[:80]}",
        operation="part",
        hint="summary.parts lists the parts that there are.",
    )


def source_of(email: Email) -> bytes:
    """Return the octets of a message, with the line ends of an old Macintosh made readable."""
    source = email.source
    return source.replace(b"\r", b"\n") if b"\n" not in source and b"\r" in source else source


def placed(source: bytes) -> Iterator[tuple[str, structure.Part]]:
    """Yield every part with its number, a parent before its children, multiparts included."""
    waiting = _inside("", split(source)[0])
    count = 0
    while waiting:
        path, part = waiting.pop()
        yield path, part
        count += 1
        if part.parts:
            waiting += _numbered(path, part)
        elif _opens(part) and part.depth < DEPTH and count < PARTS:
            message, _ = split(
                source, part.start, part.end, depth=part.depth + 1, room=PARTS - count
            )
            message.parent_kind = "message/rfc822"
            waiting += _inside(path, message)


def _opens(part: structure.Part) -> bool:
    """Tell whether a message can be read in a part: RFC 2046, 5.2.1 forbids to encode it."""
    return part.kind in MESSAGES and transfer_of(part) not in _ENCODED


def _inside(path: str, message: structure.Part) -> list[tuple[str, structure.Part]]:
    """Return the first level of a message whose own number is ``path``, the last one first."""
    if message.parts:
        return _numbered(path, message)
    return [(f"{path}.1" if path else "1", message)]


def _numbered(path: str, part: structure.Part) -> list[tuple[str, structure.Part]]:
    dotted = f"{path}." if path else ""
    numbered = [(f"{dotted}{number}", child) for number, child in enumerate(part.parts, 1)]
    numbered.reverse()
    return numbered


def transfer_of(part: structure.Part) -> str:
    """Return the Content-Transfer-Encoding of a part in lower case, empty when it has none."""
    raw = unfolded(part.header.first("content-transfer-encoding") or b"")
    return raw.partition(";")[0].strip().lower()


def octets_of(source: bytes, part: structure.Part) -> bytes:
    """Return what a part holds, decoded; garbage in it is skipped."""
    encoding = transfer_of(part)
    if part.kind.startswith("multipart/") or _opens(part):
        encoding = ""
    return from_transfer(source[part.start : part.end], encoding)[0]


def _described(path: str, part: structure.Part, source: bytes) -> Part:
    disposition, parameters = parsed(unfolded(part.header.first("content-disposition") or b""))
    name = parameters.get("filename") or part.parameters.get("name")
    inline_id = unfolded(part.header.first("content-id") or b"").strip().strip("<>")
    counted = part.kind.startswith("text/") or part.kind == "message/rfc822" or _opens(part)
    return Part(
        path=path,
        content_type=part.kind,
        name=safe_name(name) if name else None,
        size=part.end - part.start,
        encoding=transfer_of(part) or "7bit",
        charset=part.parameters.get("charset") or None,
        disposition=disposition or None,
        inline_id=inline_id or None,
        parameters=part.parameters,
        lines=source.count(b"\n", part.start, part.end) if counted else None,
        around=part.parent_kind,
    )
