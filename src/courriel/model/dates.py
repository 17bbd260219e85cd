"""Write and read the dates of mail.

::

    date-time = [day-name ","] day month year hour ":" minute [":" second] zone
                                                             RFC 5322, 3.3 and 4.3

Written dates follow the grammar. Read dates are whatever mail programs wrote: the parts are found
by their looks, in any order, and what cannot be a date is None.

Only these two functions live here.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_OF = {name.lower(): number for number, name in enumerate(_MONTHS, 1)}
_ZONES = {
    "ut": 0,
    "utc": 0,
    "gmt": 0,
    "z": 0,
    "wet": 0,
    "west": 1,
    "bst": 1,
    "cet": 1,
    "cest": 2,
    "met": 1,
    "mest": 2,
    "eet": 2,
    "eest": 3,
    "msk": 3,
    "est": -5,
    "edt": -4,
    "cst": -6,
    "cdt": -5,
    "mst": -7,
    "mdt": -6,
    "pst": -8,
    "pdt": -7,
    "jst": 9,
    "kst": 9,
    "hkt": 8,
    "sgt": 8,
    "aest": 10,
    "aedt": 11,
    "nzst": 12,
    "nzdt": 13,
}
_COMMENT = re.compile(r"\([^()]{0,200}\)")
_TIME = re.compile(
    r"(?<!\d)(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d{1,9})?)?(?!\d)\s*([ap]\.?m\b)?", re.I
)
_ISO = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_DAY_MONTH = re.compile(
    r"(?<!\d)(\d{1,2})[\s.,-]{1,9}([a-z]{3})[a-z]{0,8}[\s.,-]{0,9}(\d{2,4})?", re.I
)
_MONTH_DAY = re.compile(r"\b([a-z]{3})[a-z]{0,8}[\s.,]{1,9}(\d{1,2})(?!\d)", re.I)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
_OFFSET = re.compile(r"([+-])\s?(\d{2}):?(\d{2})(?!\d)")
_ZONE_NAME = re.compile(r"\b([a-z]{1,4})\b", re.I)
_LENGTH = 200


def written(moment: datetime) -> str:
    """Return the value of a Date field; a moment without a zone is local time."""
    if moment.tzinfo is None:
        moment = moment.astimezone()
    offset = moment.utcoffset() or timedelta()
    minutes = int(offset.total_seconds() // 60)
    sign = "-" if minutes < 0 else "+"
    zone = f"{sign}{abs(minutes) // 60:02d}{abs(minutes) % 60:02d}"
    return (
        f"{_DAYS[moment.weekday()]}, {moment.day:02d} {_MONTHS[moment.month - 1]} "
        f"{moment.year:04d} {moment.hour:02d}:{moment.minute:02d}:{moment.second:02d} {zone}"
    )


def read(text: str) -> datetime | None:
    """Return the moment that a Date field names, with its zone (UTC when it names none)."""
    text = _COMMENT.sub(" ", text[:_LENGTH])
    day = _day(text)
    if day is None:
        return None
    time = _TIME.search(text)
    hour, minute, second = 0, 0, 0
    rest = text
    if time is not None:
        hour, minute, second = int(time[1]), int(time[2]), int(time[3] or 0)
        half = (time[4] or "").lower()[:1]
        if half:
            hour = hour % 12 + (12 if half == "p" else 0)
        rest = text[time.end() :]
    try:
        # A leap second is written as the second before it.
        return datetime(*day, hour, minute, min(second, 59), tzinfo=_zone(rest))
    except (ValueError, OverflowError):
        return None


def _day(text: str) -> tuple[int, int, int] | None:
    iso = _ISO.search(text)
    if iso is not None:
        return int(iso[1]), int(iso[2]), int(iso[3])
    for found in _DAY_MONTH.finditer(text):
        month = _MONTH_OF.get(found[2].lower())
        if month is not None:
            year = found[3]
            if year is None:
                break
            return _full_year(year), month, int(found[1])
    year_alone = _YEAR.search(text)
    for found in _MONTH_DAY.finditer(text):
        month = _MONTH_OF.get(found[1].lower())
        if month is not None and year_alone is not None:
            return int(year_alone[1]), month, int(found[2])
    return None


def _full_year(digits: str) -> int:
    """Apply RFC 5322, 4.3: two digits are 1950 to 2049, three count from 1900."""
    year = int(digits)
    if len(digits) == 2:
        return year + (2000 if year < 50 else 1900)
    return year + 1900 if len(digits) == 3 else year


def _zone(text: str) -> timezone:
    offset = _OFFSET.search(text)
    if offset is not None:
        minutes = int(offset[2]) * 60 + int(offset[3])
        if minutes < 24 * 60:
            return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
    for name in _ZONE_NAME.findall(text):
        hours = _ZONES.get(name.lower())
        if hours is not None:
            return timezone(timedelta(hours=hours))
    return UTC
