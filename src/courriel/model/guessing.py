"""Guess in which charset octets are written that say none, or a wrong one.

Only for octets that are not UTF-8. A sample is looked at. Of some charsets the second octets may
be ASCII; elsewhere, where most octets above 127 stand next to each other, they are no Western
letters but a script of their own. Its charset is known by which octets are frequent in it:

    EUC-JP, Shift_JIS    kana are every third character of Japanese
    Big5                 first octets A4 to C6: the common ideographs are sorted to the front
    EUC-KR               first octets B0 to C8, words apart by spaces
    GB 18030             first octets B0 to D7: the common ideographs are sorted to the front
    KOI8-R               small Cyrillic letters are C0 to DF
    Windows-1251         small Cyrillic letters are E0 to FF

What begins with the mark of UTF-16 and has a zero in it is that; what is none of them is
Windows-1252. The guess is bounded by the sample, and never raises.

Only the guess lives here; ``decoding`` decodes.
"""

from __future__ import annotations

import codecs
import re

__all__ = ["likely_charset"]

SAMPLE = 4 * 1024
"""Octets that are looked at."""
FEWEST = 8
"""Octets above 127 without which nothing is said about a script."""

_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_WESTERN = frozenset("ÄÅÆÖØÜßäåæéöøü".encode("latin-1"))
_RUN = re.compile(rb"[\x80-\xff]+")
_PAIRS = re.compile(rb"[\xa1-\xfe][\xa1-\xfe]")
_HIRAGANA_EUC = re.compile(rb"\xa4[\xa1-\xf3]")
_SJIS = re.compile(rb"[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc]")
_KANA_SJIS = re.compile(rb"\x82[\x9f-\xf1]|\x83[\x40-\x96]")
_BIG5 = re.compile(rb"(?:[\xa4-\xc6\xc9-\xf9][\x40-\x7e\xa1-\xfe]){2,}")


def likely_charset(octets: bytes) -> str:
    """Return the name of the codec that most likely reads ``octets``."""
    sample = octets[:SAMPLE]
    if sample.startswith(_MARKS) and len(octets) % 2 == 0 and b"\0" in sample:
        return "utf-16"
    runs = _RUN.findall(sample)
    high = sum(map(len, runs))
    if high < FEWEST:
        return "cp1252"
    if _is_shift_jis(sample):
        return "cp932"
    if _is_big5(sample, high):
        return "big5hkscs"
    if 2 * len(runs) > high:
        # Accents stand alone between letters of ASCII.
        return "cp1252"
    pairs = _PAIRS.findall(b" ".join(run for run in runs if len(run) % 2 == 0))
    if _share(pairs, high) > 0.8:
        charset = _east_asian(sample, pairs, high)
        if _reads(sample, charset):
            return charset
    return _cyrillic(runs, high)


def _is_shift_jis(sample: bytes) -> bool:
    kana = len(_KANA_SJIS.findall(sample))
    return kana > 0.3 * len(_SJIS.findall(sample)) and kana > 3 and _reads(sample, "cp932")


def _is_big5(sample: bytes, high: int) -> bool:
    """Tell whether it is Big5: nowhere else do capitals and signs alternate with ASCII."""
    text = b"".join(_BIG5.findall(sample))
    first, second = text[::2], text[1::2]
    common = sum(1 for octet in first if octet <= 0xC6)
    low = sum(1 for octet in second if octet < 0x7F)
    found = 2 * len(first) - low
    return (
        found > 0.8 * high
        and common > 0.8 * len(first)
        and (low > 0.2 * len(first) and _reads(sample, "big5hkscs"))
    )


def _east_asian(sample: bytes, pairs: list[bytes], high: int) -> str:
    if _share(_HIRAGANA_EUC.findall(sample), high) > 0.15:
        return "euc_jp"
    korean = sum(1 for pair in pairs if 0xB0 <= pair[0] <= 0xC8)
    chinese = sum(1 for pair in pairs if 0xB0 <= pair[0] <= 0xD7)
    if korean > 0.9 * len(pairs) and b" " in sample and 5 * len(set(pairs)) >= len(pairs):
        return "cp949"
    # Cyrillic has few different first octets; ideographs have many, and half of them go beyond.
    spread = len({pair[0] for pair in pairs})
    return "gb18030" if chinese > 0.7 * len(pairs) and spread > min(8, len(pairs) // 2) else ""


def _cyrillic(runs: list[bytes], high: int) -> str:
    letters = b"".join(runs)
    koi = sum(1 for octet in letters if 0xC0 <= octet <= 0xDF)
    windows = sum(1 for octet in letters if octet >= 0xE0)
    if koi + windows < 0.9 * high or _WESTERN.issuperset(letters):
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
