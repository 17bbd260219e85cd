r"""Take a value apart: its quoted strings, and what stands between them, which is its shape.

::

    (("text" "plain" NIL NIL NIL "7bit" 6 1)("text" "html" NIL NIL NIL "7bit" 20 2) "alternative")
    ((" " NIL NIL NIL " 6 1)(" " NIL NIL NIL " 20 2) ")

Thousands of mails have a handful of shapes between them. What a shape means (which of the strings
is the subject, which of the numbers a size) is found out when it is first seen, and remembered as
a plan; a value of a known shape is then read without looking for anything. A plan follows from its
shape alone and a shape holds nothing of a mail, so nobody can tell what was remembered, but by the
clock. Shapes without a plan are read by whoever walks (``envelope``, ``body``), with the same
result.

Only the cutting lives here; the plans are in ``envelope_shape`` and ``body_shape``.
"""

from __future__ import annotations

from typing import Any

from courriel.wire.imap.cursor import Raw
from courriel.wire.imap.lexis import QUOTED_STRING, unescaped

REMEMBERED = 256
"""Plans that are kept, of each kind: more than a mailbox has shapes."""
NIL = -1
"""The place of a string that is NIL; see ``cut``."""
_LONGEST = 1_000
"""Octets of a shape that may have a plan: some thirty addresses, or fifteen parts."""
_MARKS = 4 * _LONGEST
"""Quotation marks beyond which nothing is cut: two for each in the shape, and some in strings."""


def cut(raw: Raw) -> tuple[bytes, list[bytes | None]] | None:
    """Return the shape of a value, and its strings; None when it is not to be read in this way.

    String number n is at the place 2n + 1 of the list, and the last of the
    list is None.
    """
    text = raw.text
    if raw.literals or text.count(b'"') > _MARKS:
        return None
    escapes = b"\\" in text
    pieces: list[Any] = [*QUOTED_STRING.split(text)] if escapes else text.split(b'"')
    shape = b'"'.join(pieces[::2])
    if shape.count(b'"') * 2 != len(pieces) - 1:
        # A string without an end.
        return None
    if escapes:
        pieces[1::2] = map(unescaped, pieces[1::2])
    if len(shape) > _LONGEST:
        return None
    pieces.append(None)
    return shape, pieces


def place(shape: bytes, at: int) -> int:
    """Return the place of the string whose mark is at an octet of a shape, ``NIL`` for none."""
    return 2 * shape.count(b'"', 0, at) + 1 if shape.startswith(b'"', at) else NIL
