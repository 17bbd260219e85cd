"""Make the fields of an answer to a mail, or of one that passes it on.

An answer goes to Reply-To, else to the sender (RFC 5322, 3.6.2); it continues the thread by
In-Reply-To and References (3.6.4) and quotes the text. HTML is quoted as text: what is hostile in
a mail must not travel on under another name. What it showed goes along as files. Addresses and
identifiers that nobody can use are left out.

Only this step lives here; ``Email`` makes the message from the fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

from courriel.errors import Misused
from courriel.model.address import Address
from courriel.model.attachment import Attachment
from courriel.model.characters import scrubbed
from courriel.model.headers import Headers
from courriel.model.invitation import NAME, TYPES

_ANSWERED = re.compile(
    r"\s*(?:re|aw|sv|vs|antw|antwort|rép|ref|odp|回复|回覆|答复)\s*(?:\[\d{1,3}\])?\s*[:：]", re.I
)
_FORWARDED = re.compile(r"\s*\[?(?:fwd?|wg|tr|vb|rv|doorst|enc|转发|轉寄)\s*[:：]", re.I)
_IDENTIFIER = re.compile(r"<[!-;=?-~]{1,900}>")
_THREAD = 50
"""Identifiers of a thread that an answer names: the first, and the last ones. Some servers cut
headers of 100 KiB (Postfix), and a thread is put together from the ends (RFC 5537, 3.4.4)."""


_SIGNATURES = frozenset(
    {
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-signature",
    }
)


class Original(Protocol):
    """What an answer needs to know of the mail that it answers."""

    @property
    def headers(self) -> Headers: ...  # noqa: D102 - As in ``Email``, like the others.
    @property
    def sender(self) -> Address | None: ...  # noqa: D102
    @property
    def to(self) -> tuple[Address, ...]: ...  # noqa: D102
    @property
    def cc(self) -> tuple[Address, ...]: ...  # noqa: D102
    @property
    def reply_to(self) -> tuple[Address, ...]: ...  # noqa: D102
    @property
    def subject(self) -> str: ...  # noqa: D102
    @property
    def text(self) -> str | None: ...  # noqa: D102
    @property
    def date(self) -> datetime | None: ...  # noqa: D102
    @property
    def attachments(self) -> tuple[Attachment, ...]: ...  # noqa: D102
    @property
    def inline(self) -> tuple[Attachment, ...]: ...  # noqa: D102
    @property
    def calendar(self) -> str | None: ...  # noqa: D102
    @property
    def message_id(self) -> str | None: ...  # noqa: D102
    @property
    def in_reply_to(self) -> str | None: ...  # noqa: D102
    @property
    def references(self) -> tuple[str, ...]: ...  # noqa: D102


def reply_fields(
    email: Original, all_: bool, sender: Address | None, text: str | None
) -> dict[str, Any]:
    """Return the arguments of ``Email`` for an answer."""
    me = {sender.wire.lower()} if sender is not None else set[str]()
    wanted = usable(email.reply_to) or usable([email.sender] if email.sender else [])
    # Who answers his own message goes on talking to those he wrote to.
    to = _others(wanted, me) or _others(usable(email.to), me) or _others(wanted, set())
    cc = _others(usable([*email.to, *email.cc]), me | _paths(to)) if all_ else []
    known = email.message_id if email.message_id and _usable_id(email.message_id) else None
    thread = [item for item in email.references or _parent(email) if _usable_id(item)]
    if len(thread) >= _THREAD:
        thread = [thread[0], *thread[2 - _THREAD :]]
    return {
        "sender": sender,
        "to": to,
        "cc": cc,
        "subject": _subject("Re", _ANSWERED, email.subject),
        "text": _above(text, f"{_who(email)} wrote:\n{_quoted(email.text or '')}"),
        "in_reply_to": known,
        "references": [*thread, *([known] if known else [])],
    }


def forward_fields(email: Original, sender: Address | None, text: str | None) -> dict[str, Any]:
    """Return the arguments of ``Email`` for a message that passes another on."""
    lines = ["-------- Forwarded message --------"]
    if email.sender is not None:
        lines.append(f"From: {email.sender}")
    if email.date is not None:
        lines.append(f"Date: {email.date:%Y-%m-%d %H:%M %z}")
    if email.subject:
        lines.append(f"Subject: {email.subject}")
    if email.to:
        lines.append(f"To: {', '.join(str(address) for address in email.to)}")
    if email.cc:
        lines.append(f"Cc: {', '.join(str(address) for address in email.cc)}")
    files = [file.beside() for file in (*email.inline, *_unsigned(email))]
    if email.calendar is not None and not any(file.content_type in TYPES for file in files):
        files.append(Attachment(NAME, email.calendar.encode(), "text/calendar"))
    return {
        "sender": sender,
        "subject": _subject("Fwd", _FORWARDED, email.subject),
        "text": _above(text, "\n".join([*lines, "", email.text or ""])),
        "attachments": files,
    }


def _unsigned(email: Original) -> list[Attachment]:
    """Return the files without the signature of the message, which signs no other one."""
    kind = email.headers.get("Content-Type", "").lstrip().lower()
    if not kind.startswith("multipart/signed"):
        return [*email.attachments]
    return [file for file in email.attachments if file.content_type.lower() not in _SIGNATURES]


def usable(addresses: Iterable[Address]) -> list[Address]:
    """Return the addresses that something can be sent to."""
    found: list[Address] = []
    for address in addresses:
        try:
            found.append(Address.of(address))
        except Misused:
            continue
    return found


def _others(addresses: Iterable[Address], taken: set[str]) -> list[Address]:
    """Return the addresses that are not taken, each once."""
    taken = {*taken}
    found: list[Address] = []
    for address in addresses:
        path = address.wire.lower()
        if path not in taken:
            taken.add(path)
            found.append(address)
    return found


def _paths(addresses: Iterable[Address]) -> set[str]:
    return {address.wire.lower() for address in addresses}


def _usable_id(identifier: str) -> bool:
    return _IDENTIFIER.fullmatch(identifier) is not None


def _parent(email: Original) -> tuple[str, ...]:
    return (email.in_reply_to,) if email.in_reply_to else ()


def _subject(word: str, known: re.Pattern[str], subject: str) -> str:
    subject = scrubbed(subject).strip()
    return subject if known.match(subject) else f"{word}: {subject}".rstrip()


def _who(email: Original) -> str:
    name = (email.sender.name or email.sender.address) if email.sender else "Somebody"
    return name if email.date is None else f"On {email.date:%Y-%m-%d %H:%M}, {name}"


def _quoted(text: str) -> str:
    lines = text.rstrip("\n").split("\n")
    return "\n".join(f">{line}" if line.startswith(">") else f"> {line}" for line in lines)


def _above(text: str | None, quote: str) -> str:
    return f"{text.rstrip()}\n\n{quote}\n" if text else f"\n\n{quote}\n"
