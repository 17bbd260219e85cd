"""Cut a message into header fields and body, every octet of them kept.

::

    field = name *WSP ":" value *(CRLF 1*WSP value) CRLF     RFC 5322, 2.2 and 4.5

A signature covers octets, so this is stricter than what shows a mail to people: a header that two
programs could cut in two ways has a ``fault``, and then no signature of it is believed or made.
Lines may end in LF alone, as stored mail does; they count as CRLF (RFC 6376, 5.3). Time is linear.

Only the cutting lives here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_BLANK = re.compile(rb"(?:\A|(?<=\n))\r?\n")
_POSTMARK = re.compile(rb"From (?![ \t]*:)")
_BARE_LF = re.compile(rb"(?<!\r)\n")
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:[^\r\n]*(?:\r\n[ \t][^\r\n]*)*\r\n")


@dataclass(frozen=True, slots=True)
class Field:
    """One header field: its name in lower case, and its octets without the last CRLF."""

    name: str
    octets: bytes

    @property
    def value(self) -> bytes:
        """What stands behind the colon, folding included."""
        return self.octets[self.octets.index(b":") + 1 :]


@dataclass(frozen=True, slots=True)
class Letter:
    """A message cut up. Lines end in CRLF; ``fault`` says why its header cannot be trusted."""

    fields: tuple[Field, ...]
    body: bytes
    fault: str = ""


def letter(source: bytes, *, most: int) -> Letter:
    """Return the message cut up; a header of more than ``most`` octets is not looked at."""
    blank = _BLANK.search(source, 0, most + 4)
    if blank is None and len(source) > most:
        return Letter((), b"", f"the header is longer than {most} octets")
    if blank is None:
        head, body = source, b""
    else:
        head, body = source[: blank.start()], source[blank.end() :]
    fields, fault = _fields(with_crlf(head))
    return Letter(fields, with_crlf(body), fault)


def with_crlf(octets: bytes) -> bytes:
    """Return ``octets`` with every bare LF as CRLF; a bare CR stays."""
    if octets.count(b"\n") == octets.count(b"\r\n"):
        return octets
    return _BARE_LF.sub(b"\r\n", octets)


def has_bare_cr(octets: bytes) -> bool:
    """Whether a CR stands there that no LF follows."""
    return octets.count(b"\r") != octets.count(b"\r\n")


def postmark(source: bytes) -> int:
    """Return how long the line is that an mbox file puts before each message; it is no field."""
    if not _POSTMARK.match(source):
        return 0
    return source.find(b"\n") + 1 or len(source)


def _fields(head: bytes) -> tuple[tuple[Field, ...], str]:
    if has_bare_cr(head):
        return (), "the header holds a carriage return that ends no line"
    if head and not head.endswith(b"\r\n"):
        head += b"\r\n"
    at = postmark(head)
    fields: list[Field] = []
    while at < len(head):
        found = _FIELD.match(head, at)
        if found is None:
            return (), "the header holds a line that is no field"
        fields.append(Field(found[1].decode("ascii").lower(), found[0][:-2]))
        at = found.end()
    return tuple(fields), ""
