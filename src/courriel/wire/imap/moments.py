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
from datetime import datetime, timedelta, timezone

from courriel.model import dates
from courriel.model.decoding import unfolded

_MONTHS = {
    name: number
    for number, name in enumerate(
        (b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec").split(), start=1
    )
}
_ARRIVAL = re.compile(
    rb" ?(\d\d?)-([A-Z][a-z]{2})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-]\d\d)([0-5]\d)"
)
_DATE = re.compile(
    rb"(?:[A-Z][a-z]{2}, )? ?(\d\d?) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) "
    rb"([+-]\d\d)([0-5]\d)(?: \([A-Z]{1,5}\))?"
)
_LENGTH = 200


def arrival(text: bytes) -> datetime | None:
    """Return what an INTERNALDATE says, or None."""
    return _moment(_ARRIVAL.fullmatch(text), text)


def written(text: bytes) -> datetime | None:
    """Return what a Date field says, or None."""
    return _moment(_DATE.fullmatch(text), text)


def _moment(found: re.Match[bytes] | None, text: bytes) -> datetime | None:
    if found is not None:
        day, month, year, hour, minute, second, hours, minutes = found.groups()
        number = _MONTHS.get(month)
        offset = int(hours) * 60
        offset += -int(minutes) if hours[:1] == b"-" else int(minutes)
        if number is not None and -1440 < offset < 1440:
            try:
                zone = timezone(timedelta(minutes=offset))
                return datetime(
                    int(year), number, int(day), int(hour), int(minute), int(second), tzinfo=zone
                )
            except ValueError:
                # A leap second, or no date at all.
                pass
    return dates.read(unfolded(text[:_LENGTH]))
