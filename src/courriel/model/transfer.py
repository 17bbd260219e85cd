"""Say how much of an octet a transport carries, and so how a message is written for it.

::

    7bit     lines of ASCII; every server takes it                RFC 2045, 2.7
    8bit     lines of any octets, under 8BITMIME                  RFC 2045, 2.8; RFC 6152
    binary   any octets at all, under CHUNKING and BINARYMIME     RFC 2045, 2.9; RFC 3030

Only the names live here; ``compose`` writes by them, flows choose.
"""

from __future__ import annotations

from enum import Enum

__all__ = ["Transfer"]


class Transfer(Enum):
    """What may stand in a body without being encoded; ``value`` is the word of MIME for it."""

    SEVEN_BIT = "7bit"
    EIGHT_BIT = "8bit"
    BINARY = "binary"
