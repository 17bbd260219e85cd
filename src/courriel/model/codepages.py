"""Name the charset that a number of a Windows code page means.

Only this table lives here; ``decoding`` does the rest.
"""

from __future__ import annotations

_NAMES = {
    0: "windows-1252",
    1200: "utf-16-le",
    10000: "macintosh",
    20127: "us-ascii",
    20866: "koi8-r",
    20932: "euc-jp",
    21866: "koi8-u",
    50220: "iso-2022-jp",
    50221: "iso-2022-jp",
    50222: "iso-2022-jp",
    51932: "euc-jp",
    51936: "gb18030",
    51949: "euc-kr",
    52936: "hz",
    54936: "gb18030",
    65000: "utf-7",
    65001: "utf-8",
}
_ISO_8859 = 28590


def codec_of(page: int) -> str:
    """Return the name of the charset of a code page, which nobody may know."""
    if _ISO_8859 < page <= _ISO_8859 + 16:
        return f"iso-8859-{page - _ISO_8859}"
    return _NAMES.get(page) or f"cp{page}"
