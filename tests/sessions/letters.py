"""Write ready-made messages, and read back from the mailbox what of them was sent.

A server may put lines of its own in front of a message and stores lines with a bare LF; everything
else must have arrived octet for octet. Only the making and the comparing of octets live here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

SENDER = "bob@example.org"
ADA = "ada@example.org"
_DATE = "Mon, 2 Nov 2026 10:00:00 +0000"

_OWN = re.compile(
    rb"\A(?:(?:Return-Path|Delivered-To|X-Original-To|Received):[^\n]*\n(?:[ \t][^\n]*\n)*)+",
    re.IGNORECASE,
)
_MESSAGE_ID = re.compile(rb"^Message-ID: (\S+)", re.IGNORECASE | re.MULTILINE)


def message_id(name: object) -> str:
    return f"<{name}@letters.example>"


def letter(name: object, body: bytes = b"Hello.\r\n", *, header: bytes = b"") -> bytes:
    """Write a message whose Message-ID holds ``name``; ``header`` is added to its own fields."""
    # Postfix would add a Date that is missing.
    head = f"From: {SENDER}\r\nDate: {_DATE}\r\nSubject: {name}\r\nMessage-ID: {message_id(name)}"
    return f"{head}\r\n".encode() + header + b"\r\n" + body


def as_sent(stored: bytes) -> bytes:
    """Take away what the servers added to a stored message, and give its lines their CR again."""
    return _OWN.sub(b"", stored).replace(b"\n", b"\r\n")


def ids(stored: Iterable[bytes]) -> list[str]:
    """Read the Message-ID of each stored message."""
    found: list[str] = []
    for content in stored:
        match = _MESSAGE_ID.search(content)
        assert match is not None, content
        found.append(match[1].decode())
    return found


def expect_once(expected: Iterable[object], stored: Iterable[bytes]) -> None:
    """Check that each expected message arrived exactly once, and no other did."""
    assert Counter(message_id(name) for name in expected) == Counter(ids(stored))
