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
# The beginnings of the months in German, French, Spanish, Italian, Dutch and Portuguese, where they
# are not those in English.
_FOREIGN = {
    **dict.fromkeys(("ene", "gen", "jän"), 1),
    **dict.fromkeys(("fév", "fev"), 2),
    **dict.fromkeys(("mär", "mrz", "mrt"), 3),
    **dict.fromkeys(("avr", "abr"), 4),
    **dict.fromkeys(("mai", "mei", "mag"), 5),
    **dict.fromkeys(("juin", "giu"), 6),
    **dict.fromkeys(("juil", "lug"), 7),
    **dict.fromkeys(("aoû", "aou", "ago"), 8),
    "set": 9,
    **dict.fromkeys(("okt", "out", "ott"), 10),
    **dict.fromkeys(("déc", "dez", "dic"), 12),
}
_MONTH_OF.update(_FOREIGN)
_PLAIN = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) "
    r"(\d\d):(\d\d):(\d\d) ([+-])(\d\d)([0-5]\d)"
    r"(?: \([^()]*\))?",
    re.ASCII,
)
_COMMENT = re.compile(r"\([^()]{0,200}\)")
# Behind a colon some programs leave out a zero.
_NEXT = r"(?::|\.(?=\d\d))(\d{1,2})"
_TIME = re.compile(
    rf"(?<!\d)(?<!\d:)(\d{{1,2}}){_NEXT}(?:{_NEXT}(?:[.,]\d{{1,9}})?)?(?!\d)\s*([ap]\.?m\b)?", re.I
)
_ISO = re.compile(r"(?<!\d)(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})")
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d{2})([01]\d)([0-3]\d)(?!\d)")
_COMPACT_TIME = re.compile(r"(?<=\d{8})T(\d{2})(\d{2})(\d{2})?()(?!\d)")
_NUMBERS = re.compile(r"(?<![\d.])(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
_DAY_MONTH = re.compile(
    r"(?<!\d)0?(\d{1,2})[\s.,/-]{0,9}(?:de\s)?([^\W\d_]{3,12})"
    r"(?=[\s.,/-]{0,9}(?:de\s)?(?:(\d{2,4})(?!\d))?)",
    re.I,
)
_MONTH_DAY = re.compile(r"\b([^\W\d_]{3,12})[\s.,/-]{1,9}(\d{1,2})(?!\d)", re.I)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
_OFFSET = re.compile(r"([+-])\s?(\d{1,2}):?(\d{2})(?!\d)")
_COLON = re.compile(r"(?<=\d)(?: :|: | : )(?=\d)")
_HOURS = re.compile(r"(?<![\d-])([+-])(\d{1,2})(?![\d:])")
_YEARS = range(1900, 10_000)
_LAST = (9999, 12, 31)
"""The last day there is: it cannot be told in every zone."""
_ZONE_NAME = re.compile(r"\b([a-z]{1,4})\b", re.I)
_LENGTH = 200
_FOLDED_LENGTH = 1_000


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
    plain = _PLAIN.fullmatch(text)
    moment = None if plain is None else _plain(plain)
    if moment is not None:
        return moment
    text = " ".join(text[:_FOLDED_LENGTH].split())[:_LENGTH]
    nested = 1
    while nested:
        text, nested = _COMMENT.subn(" ", text)
    text = _COLON.sub(":", " ".join(text.split()))
    day, span = _day(text)
    if day is None or day[0] not in _YEARS or day == _LAST:
        return None
    # The day may look like a time: 21.11.2026.
    beside = f"{text[: span[0]]}{' ' * (span[1] - span[0])}{text[span[1] :]}"
    time = _TIME.search(beside) or _COMPACT_TIME.search(text)
    hour, minute, second = 0, 0, 0
    rest = ""
    if time is not None:
        hour, minute, second = int(time[1]), int(time[2]), int(time[3] or 0)
        half = (time[4] or "").lower()[:1]
        if half:
            hour = hour % 12 + (12 if half == "p" else 0)
        rest = beside[time.end() :]
    try:
        # A leap second is written as the second before it, midnight sometimes as 24.
        moment = datetime(*day, hour % 24, minute, min(second, 59), tzinfo=_zone(rest))
    except (ValueError, OverflowError):
        return None
    return moment + timedelta(days=1) if hour == 24 else moment if hour < 24 else None


def _plain(found: re.Match[str]) -> datetime | None:
    day, name, year, hour, minute, second, sign, hours, minutes = found.groups()
    month = _MONTH_OF.get(name.lower())
    if month is None or int(year) not in _YEARS or (int(year), month, int(day)) == _LAST:
        return None
    offset = int(hours) * 60 + int(minutes)
    try:
        zone = timezone(timedelta(minutes=-offset if sign == "-" else offset))
        return datetime(
            int(year), month, int(day), int(hour), int(minute), min(int(second), 59), tzinfo=zone
        )
    except ValueError:
        return None


def _day(text: str) -> tuple[tuple[int, int, int] | None, tuple[int, int]]:
    """Return the day that a text names, and where it does."""
    iso = _ISO.search(text)
    if iso is not None:
        return (int(iso[1]), int(iso[2]), int(iso[3])), iso.span()
    for found in _DAY_MONTH.finditer(text):
        month = _month(found[2])
        if month is not None:
            year = found[3]
            if year is None:
                break
            return (_full_year(year), month, int(found[1])), (found.start(), found.end(3))
    year_alone = _YEAR.search(text)
    for found in _MONTH_DAY.finditer(text):
        month = _month(found[1])
        if month is not None and year_alone is not None:
            return (int(year_alone[1]), month, int(found[2])), found.span()
    return _numbers(text)


def _month(word: str) -> int | None:
    word = word.lower()
    return _MONTH_OF.get(word[:4]) or _MONTH_OF.get(word[:3])


def _numbers(text: str) -> tuple[tuple[int, int, int] | None, tuple[int, int]]:
    """Read 20261121, 21.11.2026 and 11/21/2026; with slashes the month comes first if it can."""
    compact = _COMPACT.search(text)
    if compact is not None:
        return (int(compact[1]), int(compact[2]), int(compact[3])), compact.span()
    found = _NUMBERS.search(text)
    if found is None:
        return None, (0, 0)
    first, second, year = int(found[1]), int(found[3]), _full_year(found[4])
    if second > 12 or (found[2] == "/" and first <= 12):
        return (year, first, second), found.span()
    return (year, second, first), found.span()


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
    hours = _HOURS.search(text)
    if hours is not None and int(hours[2]) < 24:
        return timezone(timedelta(hours=int(hours[1] + hours[2])))
    for name in _ZONE_NAME.findall(text):
        known = _ZONES.get(name.lower())
        if known is not None:
            return timezone(timedelta(hours=known))
    return UTC
