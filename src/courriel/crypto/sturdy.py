"""Write the parts of a message so that no relay changes them, before they are signed.

::

    8-bit octets, long lines            not every server takes them        RFC 8551, 3.1.3
    white space at the end of a line    relays take it out                 RFC 3156, 5
    "From " at its begin                mailboxes put ">" in front         RFC 3156, 5
    binary                              CR and LF in it are no line ends   RFC 2045, 6.2

Text becomes quoted-printable and everything else base64; what these say is what was there. A part
that needs nothing stays as it is, to the octet. So do messages inside the message, which must not
be encoded (RFC 2046, 5.2.1), and what is signed already.

Only this choice lives here; ``model.recoding`` writes.
"""

from __future__ import annotations

import re

from courriel.model.draft import base64_lines
from courriel.model.recoding import encoded, leaves, replaced, with_body
from courriel.model.structure import Part, split, transfer_encoding
from courriel.model.transfer import Transfer

LINE = 998
"""Octets of a line without its end (RFC 5322, 2.1.1)."""

_PLAIN = frozenset({"", "7bit", "8bit"})
_FRAIL = re.compile(rb"[ \t](?=\r?\n|\Z)|^From ", re.MULTILINE)


def sturdy(source: bytes, form: Transfer) -> bytes:
    """Return a message whose parts survive: ``SEVEN_BIT`` any relay, ``EIGHT_BIT`` new line ends.

    It is the same octets when nothing in it is in danger.
    """
    parts = leaves(source, split(source)[0])
    return replaced(source, ((part, _written(source, part, form)) for part in parts))


def _written(source: bytes, part: Part, form: Transfer) -> bytes | None:
    """Return a part in another encoding, or None when it may stay as it is."""
    body = source[part.start : part.end]
    encoding = transfer_encoding(part.header).partition("(")[0].strip()
    if encoding == "binary":
        return with_body(source, part, b"base64", base64_lines(body))
    if form is not Transfer.SEVEN_BIT or encoding not in _PLAIN or not _is_frail(body):
        return None
    return encoded(source, part)


def _is_frail(body: bytes) -> bool:
    if not body.isascii() or b"\0" in body or _FRAIL.search(body):
        return True
    return len(body) > LINE and max(map(len, body.splitlines())) > LINE
