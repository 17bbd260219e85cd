"""What servers have taken for the end of a message, and is none (CVE-2023-51764 and its kin)."""

from __future__ import annotations

ENDS_THAT_ARE_NONE = [
    b"\n.\n",
    b"\r.\r",
    b"\r.\n",
    b"\n.\r",
    b"\n.\r\n",
    b"\r\n.\n",
    b"\r.\r\n",
    b"\r\n.\r",
    b"\r\n\0.\r\n",
]
