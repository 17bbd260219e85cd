"""Hold the message that everybody sends: the same 4 KiB for each client.

Only the workload lives here.
"""

from __future__ import annotations

SIZE = 4096
"""Octets of one message, header and body together."""
SENDER = "sender@bench.invalid"
RECIPIENT = "recipient@discard.example"
"""The tests' Postfix throws away what is for this domain."""

HEADER = (
    b"From: Sender <sender@bench.invalid>\r\n"
    b"To: Recipient <recipient@discard.example>\r\n"
    b"Subject: A message to be measured\r\n"
    b"Date: Sat, 21 Nov 2026 12:00:00 +0000\r\n"
    b"Message-ID: <measured@bench.invalid>\r\n"
    b"MIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=us-ascii\r\n"
    b"\r\n"
)
LINE = b"The quick brown fox jumps over the lazy dog, and so on to the end of line.\r\n"


def message(size: int = SIZE) -> bytes:
    """Return a message of exactly ``size`` octets, in CRLF lines."""
    room = size - len(HEADER) - 2
    if room < 0:
        raise ValueError(f"a message of {size} octets has no room for its header")
    lines, rest = divmod(room, len(LINE))
    return HEADER + LINE * lines + b"x" * rest + b"\r\n"
