"""Bring fields and bodies into the form that is signed (RFC 6376, 3.4).

``simple`` lets nothing be changed on the way but empty lines at the end of the body; ``relaxed``
lets white space come and go as relays have it. Lines end in CRLF already (``split``). All of it is
done by whole-string replacements, in linear time.

Only the four algorithms live here, and the choice of the fields that a signature names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from courriel.crypto.dkim.split import Field

_SPACES = re.compile(rb"[ \t]+")


def field(octets: bytes, *, relaxed: bool) -> bytes:
    """Return one header field as it is signed, without its last CRLF (RFC 6376, 3.4.1, 3.4.2)."""
    if not relaxed:
        return octets
    name, _, value = octets.partition(b":")
    value = _SPACES.sub(b" ", value.replace(b"\r\n", b""))
    return name.rstrip(b" \t").lower() + b":" + value.strip(b" ")


def body(octets: bytes, *, relaxed: bool) -> bytes:
    """Return the body as it is signed (RFC 6376, 3.4.3 and 3.4.4).

    An empty one is CRLF when simple, nothing when relaxed. A last line without
    its end gets one: transport would give it one too.
    """
    if octets and not octets.endswith(b"\r\n"):
        octets += b"\r\n"
    if relaxed:
        octets = _SPACES.sub(b" ", octets).replace(b" \r\n", b"\r\n")
    octets = octets[: _without_empty_lines(octets)]
    return b"" if relaxed and not octets else octets + b"\r\n"


def _without_empty_lines(octets: bytes) -> int:
    """Return where the last line with something on it ends, before its CRLF."""
    end = len(octets.rstrip(b"\r\n"))
    # A CR of its own is something: only pairs are cut off. Each LF has its CR before it.
    return max(end, octets.rfind(b"\r\r", end) + 1)


def chosen(fields: Iterable[Field], names: Sequence[str]) -> list[Field]:
    """Return the fields that ``h=`` names, in its order (RFC 6376, 5.4.2).

    A name that comes again means the next field of that name from the bottom;
    one for which there is no field means none, and keeps anybody from adding it.
    """
    waiting: dict[str, list[Field]] = {}
    for each in fields:
        waiting.setdefault(each.name, []).append(each)
    return [waiting[name].pop() for name in names if waiting.get(name)]
