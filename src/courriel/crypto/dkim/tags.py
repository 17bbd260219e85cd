"""Read the lists of ``name=value`` that DKIM writes fields and key records with.

::

    tag-list = tag-spec *( ";" tag-spec ) [ ";" ]                RFC 6376, 3.2
    tag-spec = [FWS] tag-name [FWS] "=" [FWS] tag-value [FWS]

Names keep their case and come once. A value may hold UTF-8 (RFC 8616). Where a value stands is
kept, because the one of ``b=`` is cut out before a signature is computed.

Only the list and what several tags are written with live here; the tags are ``signature``'s and
``records``'s.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

_NAME = re.compile(rb"[A-Za-z][A-Za-z0-9_]*")
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_FOLDING = re.compile(rb"[ \t\r\n]+")
_NUMBER = re.compile(rb"[0-9]{1,76}")
WHITE = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Tag:
    """A value without the white space around it; ``start`` and ``end`` are the place of both."""

    value: bytes
    start: int
    end: int


def tag_list(octets: bytes) -> dict[str, Tag]:
    """Return the tags by name. Raises ValueError when it is no tag list."""
    if _CONTROLS.search(octets):
        raise ValueError("a control character in a list of tags")
    tags: dict[str, Tag] = {}
    at = 0
    for spec in octets.split(b";"):
        end = at + len(spec)
        name, equals, value = spec.partition(b"=")
        if equals:
            word = name.strip(WHITE)
            if not _NAME.fullmatch(word):
                raise ValueError("a tag without a name")
            key = word.decode("ascii")
            if key in tags:
                raise ValueError(f"the tag {key}= stands there twice")
            tags[key] = Tag(value.strip(WHITE), at + len(name) + 1, end)
        elif spec.strip(WHITE):
            raise ValueError("a tag without a value")
        at = end + 1
    return tags


def word(tags: dict[str, Tag], name: str, default: str | None = None) -> str:
    """Return the value of a tag as text. Raises ValueError when it is missing, or no UTF-8."""
    tag = tags.get(name)
    if tag is None:
        if default is None:
            raise ValueError(f"no tag {name}=")
        return default
    try:
        return tag.value.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"the tag {name}= is not in UTF-8") from None


def words(tags: dict[str, Tag], name: str, default: str | None = None) -> tuple[str, ...]:
    """Return the value of a tag as a list apart by colons, in lower case."""
    return tuple(each.strip(" \t\r\n").lower() for each in word(tags, name, default).split(":"))


def octets_of(tags: dict[str, Tag], name: str) -> bytes:
    """Return the octets that a tag writes in base64, white space anywhere in it."""
    text = _FOLDING.sub(b"", word(tags, name).encode())
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error:
        raise ValueError(f"the tag {name}= is not in base64") from None


def number(tags: dict[str, Tag], name: str) -> int | None:
    """Return the number that a tag writes in decimal, or None when it is missing."""
    tag = tags.get(name)
    if tag is None:
        return None
    if not _NUMBER.fullmatch(tag.value):
        raise ValueError(f"the tag {name}= is no number")
    return int(tag.value)
