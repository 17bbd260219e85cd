"""Guess in which charset octets are written that say none, or a wrong one.

Only for octets that are not UTF-8. A sample is looked at: where most octets above 127 stand next to
each other, they are no Western letters but a script of their own, and its charset is known by
which octets are frequent in it:

    EUC-JP, Shift_JIS    hiragana is every third character of Japanese
    EUC-KR               first octets B0 to C8, words apart by spaces
    GB 18030             first octets B0 to D7: the common ideographs are sorted to the front
    KOI8-R               small Cyrillic letters are C0 to DF
    Windows-1251         small Cyrillic letters are E0 to FF

What is none of them is Windows-1252. The guess is bounded by the sample, and never raises.

Only the guess lives here; ``decoding`` decodes.
"""

from __future__ import annotations

import re

__all__ = ["likely_charset"]

SAMPLE = 4 * 1024
"""Octets that are looked at."""
FEWEST = 8
"""Octets above 127 without which nothing is said about a script."""

_RUN = re.compile(rb"[\x80-\xff]+")
_PAIRS = re.compile(rb"[\xa1-\xfe][\xa1-\xfe]")
_HIRAGANA_EUC = re.compile(rb"\xa4[\xa1-\xf3]")
_HIRAGANA_SJIS = re.compile(rb"\x82[\x9f-\xf1]")


def likely_charset(octets: bytes) -> str:
    """Return the name of the codec that most likely reads ``octets``."""
    sample = octets[:SAMPLE]
    runs = _RUN.findall(sample)
    high = sum(map(len, runs))
    if high < FEWEST or 2 * len(runs) > high:
        # Accents stand alone between letters of ASCII.
        return "cp1252"
    if _share(_HIRAGANA_SJIS.findall(sample), high) > 0.15 and _reads(sample, "cp932"):
        return "cp932"
    pairs = _PAIRS.findall(b" ".join(run for run in runs if len(run) % 2 == 0))
    if _share(pairs, high) > 0.8:
        charset = _east_asian(sample, pairs, high)
        if _reads(sample, charset):
            return charset
    return _cyrillic(runs, high)


def _east_asian(sample: bytes, pairs: list[bytes], high: int) -> str:
    if _share(_HIRAGANA_EUC.findall(sample), high) > 0.15:
        return "euc_jp"
    korean = sum(1 for pair in pairs if 0xB0 <= pair[0] <= 0xC8)
    chinese = sum(1 for pair in pairs if 0xB0 <= pair[0] <= 0xD7)
    if korean > 0.9 * len(pairs) and b" " in sample:
        return "cp949"
    # Cyrillic has few different first octets; ideographs have many, and half of them go beyond.
    spread = len({pair[0] for pair in pairs})
    return "gb18030" if chinese > 0.7 * len(pairs) and spread > min(8, len(pairs) // 2) else ""


def _cyrillic(runs: list[bytes], high: int) -> str:
    letters = b"".join(runs)
    koi = sum(1 for octet in letters if 0xC0 <= octet <= 0xDF)
    windows = sum(1 for octet in letters if octet >= 0xE0)
    if koi + windows < 0.9 * high:
        return "cp1252"
    return "koi8-r" if koi > windows else "cp1251"


def _share(found: list[bytes], high: int) -> float:
    return sum(map(len, found)) / high


def _reads(sample: bytes, charset: str) -> bool:
    """Tell whether all of the sample is text in a charset, but for a character cut at its end."""
    if not charset:
        return False
    try:
        sample.decode(charset)
    except UnicodeDecodeError as error:
        return error.start >= len(sample) - 3
    return True
