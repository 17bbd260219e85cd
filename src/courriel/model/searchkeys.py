"""Say which criteria a query can hold, and check the value of each when it is made.

::

    key                                          value
    seen unseen flagged answered deleted draft
    recent new old                               None
    sender to cc bcc subject body text           str
    header                                       (name, str); "" asks only for the field
    since before on                              date, of when the server took the message
    sent_since sent_before sent_on               date, of the field Date
    larger smaller                               int, octets
    younger older                                int, seconds (RFC 5032)
    keyword                                      str, a flag that is not a system flag
    ids                                          UidSet, not empty, or tuple of str, not empty
    modified_since                               int, a mod-sequence (RFC 7162)
    gmail                                        str, as typed into Gmail's search box

A text that could end a line is refused here, so that no writer of commands ever meets one.

Only this table and its checks live here; the tree is in ``query``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from courriel.errors import Misused
from courriel.model.address import Address
from courriel.model.characters import excerpt, single_line
from courriel.model.flags import SYSTEM, checked_flag
from courriel.model.uids import UidSet

__all__ = ["KEYS", "checked", "gathered"]

_OPERATION = "where"
_GREATEST_SIZE = 2**63 - 1
_GREATEST_INTERVAL = 2**32 - 1
_FIELD_NAME = re.compile(r"[!-9;-~]{1,200}")


def checked(key: str, value: Any) -> Any:
    """Return the value of a criterion as queries keep it; raises Misused when it cannot be one."""
    check = KEYS.get(key)
    if check is None:
        raise Misused(f"there is no criterion {excerpt(key)}", operation=_OPERATION)
    return check(key, value)


def gathered(ids: Iterable[Any]) -> UidSet | tuple[str, ...]:
    """Return ids given one by one, as lists, as ranges or as UidSets, as one set or one tuple.

    Numbers become a UidSet, where ranges are not expanded; texts keep their
    order. Raises Misused for anything else, and for both together.
    """
    numbers: list[Any] = []
    ranges = UidSet()
    texts: dict[str, None] = {}
    for each in ids:
        if isinstance(each, str):
            texts[each] = None
        elif isinstance(each, (UidSet, range)):
            ranges |= UidSet.of(each)
        elif isinstance(each, Iterable) and not isinstance(each, (bytes, bytearray)):
            for one in each:
                if isinstance(one, str):
                    texts[one] = None
                else:
                    numbers.append(one)
        else:
            numbers.append(each)
    if texts and (numbers or ranges):
        raise Misused("ids are either numbers or texts, not both", operation=_OPERATION)
    return tuple(texts) if texts else ranges | UidSet.of(numbers)


def _nothing(key: str, value: Any) -> None:
    if value is not None:
        raise Misused(f"{key} takes no value", operation=_OPERATION)


def _text(key: str, value: Any) -> str:
    if isinstance(value, Address):
        value = value.address
    return single_line(value, what=f"the text of {key}", operation=_OPERATION)


def _header(key: str, value: Any) -> tuple[str, str]:
    if not isinstance(value, tuple) or len(value) != 2:
        raise Misused(f"{key} takes a name and a text", operation=_OPERATION)
    name, text = value
    if not isinstance(name, str) or _FIELD_NAME.fullmatch(name) is None:
        raise Misused(
            f"{excerpt(name)} is no name of a header field",
            operation=_OPERATION,
            hint="Write it without the colon.",
        )
    return name, _text(key, text)


def _day(key: str, value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    if not isinstance(value, date):
        raise Misused(
            f"{key} takes a date, not {excerpt(value)}",
            operation=_OPERATION,
            hint="Write date(2026, 11, 1).",
        )
    return value


def _number(key: str, value: Any, least: int, greatest: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= greatest:
        raise Misused(
            f"{key} takes a whole number from {least} to {greatest}, not {excerpt(value)}",
            operation=_OPERATION,
        )
    return value


def _count(key: str, value: Any) -> int:
    return _number(key, value, 0, _GREATEST_SIZE)


def _interval(key: str, value: Any) -> int:
    if isinstance(value, timedelta):
        value = int(value.total_seconds())
    return _number(key, value, 1, _GREATEST_INTERVAL)


def _keyword(key: str, value: Any) -> str:
    flag = checked_flag(value)
    if flag in SYSTEM or flag.startswith("\\"):
        raise Misused(
            f"{flag} is a system flag, no keyword",
            operation=_OPERATION,
            hint="Write where.seen, where.flagged and so on.",
        )
    return flag


def _ids(key: str, value: Any) -> UidSet | tuple[str, ...]:
    if isinstance(value, UidSet) and value:
        return value
    if isinstance(value, tuple) and value:
        return tuple(single_line(each, what="an id", operation=_OPERATION) for each in value)
    raise Misused(f"{key} takes numbers, or texts, and at least one", operation=_OPERATION)


KEYS: dict[str, Callable[[str, Any], Any]] = {
    **dict.fromkeys(
        ("seen", "unseen", "flagged", "answered", "deleted", "draft", "recent", "new", "old"),
        _nothing,
    ),
    **dict.fromkeys(("sender", "to", "cc", "bcc", "subject", "body", "text", "gmail"), _text),
    **dict.fromkeys(("since", "before", "on", "sent_since", "sent_before", "sent_on"), _day),
    **dict.fromkeys(("larger", "smaller", "modified_since"), _count),
    **dict.fromkeys(("younger", "older"), _interval),
    "header": _header,
    "keyword": _keyword,
    "ids": _ids,
}
"""Every criterion, and what its value must be."""
