"""Evaluate a query on a message that is here, for servers that cannot search (POP3).

The answers are those an IMAP server would give (RFC 3501, 6.4.4): texts are found anywhere in
their field without regard to case, dates compare by calendar day without time and zone. What only
a server can know raises NotSupported, wherever in the query it stands, before anything else is
looked at: a search that ignores half of its question is worse than none.

Only this evaluation lives here, one function for a key, in a table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from courriel.errors import Misused, NotSupported
from courriel.model import dates
from courriel.model.email import Email
from courriel.model.flags import ANSWERED, DELETED, DRAFT, FLAGGED, RECENT, SEEN
from courriel.model.haystack import Haystack, folded
from courriel.model.querytree import And, Criterion, Not, Or, Query, leaves
from courriel.model.uids import UidSet

__all__ = ["Reach", "matches", "reach"]

Reach = Literal["listing", "header", "body"]
"""How much of a message a query looks at: size and id, its header, or all of it."""

_SERVER_ONLY = {"gmail": "X-GM-EXT-1", "modified_since": "CONDSTORE"}
_OF_FLAGS = frozenset(
    "seen unseen flagged answered deleted draft recent new old keyword".split()  # noqa: SIM905 - Easier to compare with the table of keys.
)
_OF_LISTING = frozenset({"ids", "larger", "smaller"})
_OF_BODY = frozenset({"body", "text"})


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One message, and what is known of it beside its octets."""

    email: Email
    texts: Haystack
    flags: frozenset[str]
    received: datetime | None
    size: int | None
    id: int | str | None
    now: datetime | None

    def arrival(self) -> datetime | None:
        """Return when a server took the message, as well as can be known.

        The topmost Received field was written by the last server (RFC 5321,
        4.4); a message without any is as old as it says itself.
        """
        if self.received is not None:
            return self.received
        traces = self.email.headers.all("received")
        taken = dates.read(traces[0].rpartition(";")[2].strip()) if traces else None
        return taken or self.email.date

    def age(self) -> timedelta | None:
        """Return how long ago that was."""
        arrival = self.arrival()
        if arrival is None:
            return None
        now = datetime.now(UTC) if self.now is None else self.now
        return now - (arrival.astimezone() if arrival.tzinfo is None else arrival)


def matches(
    query: Query,
    email: Email,
    *,
    flags: frozenset[str] | None = None,
    received: datetime | None = None,
    size: int | None = None,
    id: int | str | None = None,  # noqa: A002 - The public API names it so.
    now: datetime | None = None,
) -> bool:
    """Tell whether a query means this message.

    ``flags`` are those of the message, None where there are none to know
    (POP3). ``received``: when the server took it; without it the topmost
    Received field says so, or the field Date. ``size``: octets of the whole
    message, for an ``email`` that is only a header. ``now``: what
    ``where.younger`` and ``where.older`` count from, the present when None.

    A date that nobody knows matches no criterion. Raises NotSupported for
    criteria that only a server can answer, and for flags and ids that were
    not given; Misused for numbers where ids are texts, or the reverse.
    """
    _check(query, flags is not None)
    known = flags or frozenset()
    candidate = _Candidate(email, Haystack(email), known, received, size, id, now)
    return _holds(query, candidate)


def reach(query: Query, *, flags: bool = False) -> Reach:
    """Return how much of each message must be downloaded before ``matches`` can answer.

    ``flags`` says whether they are known. Raises NotSupported as ``matches``
    does, so that a search fails before it downloads anything.
    """
    _check(query, flags)
    keys = {leaf.key for leaf in leaves(query)}
    if keys & _OF_BODY:
        return "body"
    return "listing" if keys <= _OF_LISTING | _OF_FLAGS else "header"


def _check(query: Query, flags: bool) -> None:
    for leaf in leaves(query):
        capability = _SERVER_ONLY.get(leaf.key)
        if capability is None and leaf.key in _OF_FLAGS and not flags:
            capability = "FLAGS"
        if capability is not None:
            raise NotSupported(
                f"where.{leaf.key} can only be answered by a server that offers {capability}",
                capability=capability,
                operation="search",
                hint="Leave it out of the query, or use an IMAP session.",
            )


def _holds(query: Query, candidate: _Candidate) -> bool:
    # The depth of a query is bounded when it is made.
    match query:
        case And(queries):
            return all(_holds(each, candidate) for each in queries)
        case Or(queries):
            return any(_holds(each, candidate) for each in queries)
        case Not(inner):
            return not _holds(inner, candidate)
        case Criterion(key, value):
            return _TESTS[key](value, candidate)
        case _:
            return True


def _has(flag: str) -> Callable[[Any, _Candidate], bool]:
    return lambda _, candidate: flag in candidate.flags


def _lacks(flag: str) -> Callable[[Any, _Candidate], bool]:
    return lambda _, candidate: flag not in candidate.flags


def _new(_: None, candidate: _Candidate) -> bool:
    return RECENT in candidate.flags and SEEN not in candidate.flags


def _keyword(flag: str, candidate: _Candidate) -> bool:
    return flag.lower() in {each.lower() for each in candidate.flags}


def _found(text: str, places: tuple[str, ...]) -> bool:
    needle = folded(text)
    return any(needle in place for place in places)


def _in_field(name: str) -> Callable[[str, _Candidate], bool]:
    # An empty text is in every message, whether it has the field or not.
    return lambda text, candidate: not text or _found(text, candidate.texts.field(name))


def _header(value: tuple[str, str], candidate: _Candidate) -> bool:
    name, text = value
    return _found(text, candidate.texts.field(name))


def _body(text: str, candidate: _Candidate) -> bool:
    return not text or _found(text, candidate.texts.body)


def _text(text: str, candidate: _Candidate) -> bool:
    return not text or _found(text, candidate.texts.header) or _found(text, candidate.texts.body)


def _arrived(compare: Callable[[date, date], bool]) -> Callable[[date, _Candidate], bool]:
    def test(day: date, candidate: _Candidate) -> bool:
        arrival = candidate.arrival()
        return arrival is not None and compare(arrival.date(), day)

    return test


def _dated(compare: Callable[[date, date], bool]) -> Callable[[date, _Candidate], bool]:
    def test(day: date, candidate: _Candidate) -> bool:
        sent = candidate.email.date
        return sent is not None and compare(sent.date(), day)

    return test


def _younger(seconds: int, candidate: _Candidate) -> bool:
    age = candidate.age()
    return age is not None and age <= timedelta(seconds=seconds)


def _older(seconds: int, candidate: _Candidate) -> bool:
    age = candidate.age()
    return age is not None and age >= timedelta(seconds=seconds)


def _size(candidate: _Candidate) -> int:
    return candidate.email.size if candidate.size is None else candidate.size


def _ids(wanted: UidSet | tuple[str, ...], candidate: _Candidate) -> bool:
    if candidate.id is None:
        raise NotSupported(capability="UIDL", operation="search", hint="Search by other criteria.")
    if isinstance(wanted, UidSet) != isinstance(candidate.id, int):
        raise Misused(
            "where.ids was given ids of another kind of session",
            operation="search",
            hint="Ids are numbers on IMAP, texts on POP3: take them from Summary.id.",
        )
    return candidate.id in wanted


_TESTS: dict[str, Callable[[Any, _Candidate], bool]] = {
    "seen": _has(SEEN),
    "unseen": _lacks(SEEN),
    "flagged": _has(FLAGGED),
    "answered": _has(ANSWERED),
    "deleted": _has(DELETED),
    "draft": _has(DRAFT),
    "recent": _has(RECENT),
    "old": _lacks(RECENT),
    "new": _new,
    "keyword": _keyword,
    "sender": _in_field("from"),
    "to": _in_field("to"),
    "cc": _in_field("cc"),
    "bcc": _in_field("bcc"),
    "subject": _in_field("subject"),
    "header": _header,
    "body": _body,
    "text": _text,
    "since": _arrived(date.__ge__),
    "before": _arrived(date.__lt__),
    "on": _arrived(date.__eq__),
    "sent_since": _dated(date.__ge__),
    "sent_before": _dated(date.__lt__),
    "sent_on": _dated(date.__eq__),
    "younger": _younger,
    "older": _older,
    "larger": lambda octets, candidate: _size(candidate) > octets,
    "smaller": lambda octets, candidate: _size(candidate) < octets,
    "ids": _ids,
}
