"""Read the two dates of a message that IMAP sends: its own, and the day it arrived.

::

    date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE
                                                                       RFC 9051, 9
    env-date  = nstring ; the field Date, RFC 5322, 3.3

Both usual forms are read by one pattern each; everything else goes to the tolerant reader of
``model.dates``, which gives the same answer and takes its time.

Only these two functions live here.
"""

from __future__ import annotations

import re
from datetime import datetime

from courriel.model import dates
from courriel.model.decoding import unfolded

_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name: f"{number:02}" for number, name in enumerate(_NAMES, start=1)}
# Newer Pythons read 24:00 as the next day.
_CLOCK = r"([0-9]{4}) ((?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}) ([+-][0-9]{2}[0-5][0-9])"
_ARRIVAL = re.compile(r" ?([0-9]{1,2})-([A-Z][a-z]{2})-" + _CLOCK)
_DATE = re.compile(
    r"(?:[A-Z][a-z]{2}, )? ?([0-9]{1,2}) ([A-Z][a-z]{2}) " + _CLOCK + r"(?: \([A-Z]{1,5}\))?"
)
_LENGTH = 200


def arrival(text: bytes) -> datetime | None:
    """Return what an INTERNALDATE says, or None."""
    return _moment(_ARRIVAL.fullmatch(text.decode("latin-1")), text)


def written(text: bytes) -> datetime | None:
    """Return what a Date field says, or None."""
    return _moment(_DATE.fullmatch(text.decode("latin-1")), text)


def _moment(found: re.Match[str] | None, text: bytes) -> datetime | None:
    if found is not None:
        day, month, year, time, zone = found.groups()
        try:
            return datetime.fromisoformat(f"{year}-{_MONTHS[month]}-{day:0>2}T{time}{zone}")
        except (KeyError, ValueError):
            # A leap second, or no date at all.
            pass
    return dates.read(unfolded(text[:_LENGTH]))
