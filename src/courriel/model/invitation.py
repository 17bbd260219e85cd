"""Check an invitation of a calendar program before it is put into a mail (iMIP, RFC 6047).

::

    icalobject = "BEGIN:VCALENDAR" 1*line "END:VCALENDAR"        RFC 5545, 3.4
    method     = "METHOD:" iana-token                            RFC 5545, 3.7.2

The mail repeats the method in its Content-Type (RFC 6047, 2.4), so it must be there, and once. What
the object says is the calendar program's business and goes out as it is.

Only this check lives here; ``compose`` writes the parts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from courriel.errors import Misused

NAME = "invite.ics"
"""The name under which calendar programs send an invitation, and look for one."""

TYPES = frozenset({"text/calendar", "application/ics"})
"""What such a file is called."""

_OBJECT = re.compile(r"\s*BEGIN:VCALENDAR\r?\n.*\r?\nEND:VCALENDAR\s*", re.IGNORECASE | re.DOTALL)
_METHOD = re.compile(r"^METHOD:[ \t]*([A-Za-z-]{1,40})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_OPERATION = "Email"


@dataclass(frozen=True, slots=True)
class Invitation:
    """An iCalendar object and its ``method``, such as ``REQUEST``, in upper case."""

    text: str
    method: str


def checked_calendar(value: str | bytes | None) -> Invitation | None:
    """Return the invitation that an iCalendar object is; bytes are UTF-8 (RFC 5545, 3.1.4).

    Raises Misused for what is no such object, or has not one METHOD.
    """
    if value is None:
        return None
    text = _decoded(value).removeprefix("\ufeff")
    if _OBJECT.fullmatch(text) is None:
        raise Misused(
            "calendar is no iCalendar object",
            operation=_OPERATION,
            hint="It starts with BEGIN:VCALENDAR and ends with END:VCALENDAR (RFC 5545).",
        )
    methods = {method.upper() for method in _METHOD.findall(text)}
    if len(methods) != 1:
        raise Misused(
            "calendar does not have one METHOD",
            operation=_OPERATION,
            hint="Give it a line such as METHOD:REQUEST (RFC 6047, 2.4).",
        )
    return Invitation(text, methods.pop())


def _decoded(value: object) -> str:
    try:
        if isinstance(value, (bytes, bytearray, memoryview)):
            return bytes(value).decode()
        if isinstance(value, str):
            value.encode()
            return value
    except UnicodeError as error:
        raise Misused(
            "calendar cannot be written in UTF-8",
            operation=_OPERATION,
            hint="An iCalendar object is UTF-8 (RFC 5545, 3.1.4).",
        ) from error
    raise Misused(
        f"calendar must be a string or bytes, not {type(value).__name__}", operation=_OPERATION
    )
