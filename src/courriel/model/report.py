"""Read what became of a message out of the mail that reports it.

::

    delivery-status-content = per-message-fields 1*(CRLF per-recipient-fields)   RFC 3464, 2.1
    disposition-notification-content = *(field CRLF)                            RFC 8098, 3.1
    multipart/report = text, one of the two above, [the message or its header]  RFC 6522, 3

The kinds for addresses beyond ASCII (RFC 6533) are read as the older ones. A server that writes the
right part into a wrong multipart is understood; a report in words only is none. What a field does
not say, or says unreadably, is None. Nothing raises, whatever the bytes are.

Only reports live here; the parts are found by ``structure``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeAlias, TypeVar

from courriel.model import dates
from courriel.model.decoding import from_transfer, header_text, unfolded
from courriel.model.limits import DEFAULT
from courriel.model.structure import Header, Part, read_header, split, transfer_encoding

__all__ = ["DeliveryReport", "DispositionReport", "RecipientReport", "Report"]

M = TypeVar("M")

RECIPIENTS = DEFAULT.report_recipients

_DELIVERY = frozenset({"message/delivery-status", "message/global-delivery-status"})
_DISPOSITION = frozenset(
    {"message/disposition-notification", "message/global-disposition-notification"}
)
STATUSES = _DELIVERY | _DISPOSITION
_ORIGINAL = frozenset(
    {
        "message/rfc822",
        "message/global",
        "text/rfc822-headers",
        "message/rfc822-headers",
        "message/global-headers",
    }
)
_BLANK = re.compile(rb"\n[ \t\r\n]*\n")
_STATUS = re.compile(r"(?<![0-9.])([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9.])")
_TYPED = re.compile(r"\s*([A-Za-z0-9/-]{1,60})\s*;\s*(.*)", re.DOTALL)
_XTEXT = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
_WORD = re.compile(r"[A-Za-z-]{1,60}")


@dataclass(frozen=True, slots=True)
class RecipientReport:
    """What became of one recipient (RFC 3464, 2.3).

    ``final`` is the address that was delivered to, ``original`` the one that
    the sender wrote, where it is known. ``action`` is ``"failed"``,
    ``"delayed"``, ``"delivered"``, ``"relayed"``, ``"expanded"`` or what the
    server made up; ``status`` such as ``"5.1.1"`` (RFC 3463). ``diagnostic``
    are the words of ``remote_mta``.
    """

    final: str | None = None
    original: str | None = None
    action: str | None = None
    status: str | None = None
    diagnostic: str | None = None
    remote_mta: str | None = None
    last_attempt: datetime | None = None
    will_retry_until: datetime | None = None

    @property
    def failed(self) -> bool:
        """Whether the message will not reach this recipient any more."""
        return self.action == "failed" or (self.action is None and (self.status or "")[:1] == "5")


@dataclass(frozen=True, slots=True)
class DeliveryReport(Generic[M]):
    """A delivery status notification (RFC 3464): a bounce, a delay, or good news.

    ``reporting_mta`` is the server that reports, ``arrival`` when it had taken
    the message, ``envelope_id`` the ENVID that was sent along. ``original`` is
    the message, or as much of it as came back; ``text`` is what is said for
    people.
    """

    recipients: tuple[RecipientReport, ...]
    reporting_mta: str | None = None
    received_from: str | None = None
    arrival: datetime | None = None
    envelope_id: str | None = None
    original: M | None = None
    text: str | None = None

    @property
    def failed(self) -> tuple[RecipientReport, ...]:
        """The recipients whom the message will not reach."""
        return tuple(recipient for recipient in self.recipients if recipient.failed)


@dataclass(frozen=True, slots=True)
class DispositionReport(Generic[M]):
    """A message disposition notification (RFC 8098): somebody has, or has not, read a message.

    ``disposition`` is ``"displayed"``, ``"deleted"``, ``"dispatched"``,
    ``"processed"`` or what was made up, ``modifiers`` such as ``("error",)``.
    ``automatic`` is whether no person had a hand in it. ``message_id`` is that
    of the message in question.
    """

    disposition: str | None = None
    modifiers: tuple[str, ...] = ()
    automatic: bool = False
    final: str | None = None
    original_recipient: str | None = None
    message_id: str | None = None
    reporting_agent: str | None = None
    errors: tuple[str, ...] = ()
    original: M | None = None
    text: str | None = None

    @property
    def displayed(self) -> bool:
        """Whether the message was shown to somebody."""
        return self.disposition == "displayed"


Report: TypeAlias = DeliveryReport[M] | DispositionReport[M]


class Reporting(Protocol):
    """What is asked of a mail that may be a report."""

    @property
    def source(self) -> bytes: ...
    @property
    def text(self) -> str | None: ...


def read_report(email: Reporting, read: Callable[[bytes], M]) -> Report[M] | None:
    """Return what ``email`` reports, or None; ``read`` makes the original a message."""
    source = email.source
    if b"\n" not in source and b"\r" in source:
        source = source.replace(b"\r", b"\n")
    parts = _reported(split(source)[0])
    for status in parts:
        # Some servers label the words in front as a status too.
        groups = _groups(_octets(source, status)) if status.kind in STATUSES else []
        if groups:
            returned = next((part for part in parts if part.kind in _ORIGINAL), None)
            original = None if returned is None else read(_octets(source, returned))
            make = _delivery if status.kind in _DELIVERY else _disposition
            return make(groups, original, email.text)
    return None


def _reported(root: Part) -> list[Part]:
    """Return the parts of the first multipart/report, or else of the message itself."""
    waiting = [root]
    while waiting:
        part = waiting.pop()
        if part.kind == "multipart/report" and part.parts:
            return part.parts
        waiting.extend(reversed(part.parts))
    return root.parts or [root]


def _octets(source: bytes, part: Part) -> bytes:
    # The older kinds may not be encoded (RFC 3464, 2.1), but are; the global ones may.
    return from_transfer(source[part.start : part.end], transfer_encoding(part.header))[0]


def beyond(source: bytes, status: Part) -> bool:
    """Tell whether a report names more recipients than are read of it."""
    blocks = _BLANK.split(_octets(source, status).strip(b"\r\n"), RECIPIENTS + 1)
    return len(blocks) > RECIPIENTS + 1


def _groups(octets: bytes) -> list[Header]:
    blocks = _BLANK.split(octets.lstrip(b"\r\n"), RECIPIENTS + 1)[: RECIPIENTS + 1]
    headers = [read_header(block + b"\n\n") for block in blocks]
    return [header for header in headers if header.fields]


def _delivery(groups: list[Header], original: M | None, text: str | None) -> Report[M]:
    # Some servers leave out the empty line between the message and its only recipient.
    people = [group for group in groups if _names_somebody(group)]
    about = groups[0]
    return DeliveryReport(
        recipients=tuple(_recipient(group) for group in people),
        reporting_mta=_typed(about, "reporting-mta"),
        received_from=_typed(about, "received-from-mta"),
        arrival=_moment(about, "arrival-date"),
        envelope_id=_text(about, "original-envelope-id"),
        original=original,
        text=text,
    )


def _names_somebody(group: Header) -> bool:
    return any(
        group.first(name) is not None
        for name in ("final-recipient", "original-recipient", "action", "status")
    )


def _recipient(group: Header) -> RecipientReport:
    action = _WORD.search(_text(group, "action") or "")
    status = _STATUS.search(_text(group, "status") or "")
    return RecipientReport(
        final=_address(group, "final-recipient"),
        original=_address(group, "original-recipient"),
        action=action[0].lower() if action else None,
        status=status[1] if status else None,
        diagnostic=_typed(group, "diagnostic-code"),
        remote_mta=_typed(group, "remote-mta"),
        last_attempt=_moment(group, "last-attempt-date"),
        will_retry_until=_moment(group, "will-retry-until"),
    )


def _disposition(groups: list[Header], original: M | None, text: str | None) -> Report[M]:
    fields = Header([field for group in groups for field in group.fields], 0)
    mode, _, rest = (_text(fields, "disposition") or "").lower().rpartition(";")
    kind, _, modifiers = rest.partition("/")
    told = (_text_of(raw) for name in ("error", "failure") for raw in fields.every(name))
    return DispositionReport(
        disposition=kind.strip() or None,
        modifiers=tuple(word for word in (part.strip() for part in modifiers.split(",")) if word),
        automatic="automatic-action" in mode,
        final=_address(fields, "final-recipient"),
        original_recipient=_address(fields, "original-recipient"),
        message_id=_text(fields, "original-message-id"),
        reporting_agent=_text(fields, "reporting-ua"),
        errors=tuple(error for error in told if error),
        original=original,
        text=text,
    )


def _text_of(raw: bytes) -> str:
    return header_text(raw).strip()


def _text(group: Header, name: str) -> str | None:
    raw = group.first(name)
    return None if raw is None else _text_of(raw) or None


def _typed(group: Header, name: str) -> str | None:
    """Return a value without the kind in front of it: ``dns; mx.example.org``."""
    text = _text(group, name)
    found = _TYPED.fullmatch(text or "")
    return text if found is None else found[2].strip() or None


def _address(group: Header, name: str) -> str | None:
    text = _typed(group, name)
    if text is None:
        return None
    text = text.removeprefix("<").removesuffix(">")
    return _XTEXT.sub(_character, text) or None


def _character(found: re.Match[str]) -> str:
    r"""Return the character that ``\x{…}`` means (RFC 6533, 3), the text where it is none."""
    number = int(found[1], 16)
    # Controls and halves of characters stay as they are written.
    if number < 0x20 or 0x7F <= number < 0xA0 or 0xD800 <= number < 0xE000 or number > 0x10FFFF:
        return found[0]
    return chr(number)


def _moment(group: Header, name: str) -> datetime | None:
    raw = group.first(name)
    return None if raw is None else dates.read(unfolded(raw))
