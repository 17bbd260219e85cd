"""What a server says to people, made fit to be shown: in a log, an error, on a screen.

Only that passage from octets to text lives here; what machines read is decoded where it is read.
"""

from __future__ import annotations

import re

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def readable(octets: bytes) -> str:
    """Return text for people: UTF-8, else Latin-1; control characters become U+FFFD."""
    if octets.isascii():
        text = octets.decode("ascii")
        if text.isprintable():
            return text
    else:
        try:
            text = octets.decode()
        except UnicodeDecodeError:
            text = octets.decode("latin-1")
    return _CONTROL.sub("\ufffd", text)
