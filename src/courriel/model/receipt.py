"""What a server answered, and what became of a message: ``Reply``, ``Refusal``, ``Receipt``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from courriel.errors import CourrielError


@dataclass(frozen=True, slots=True)
class Reply:
    """One SMTP reply (RFC 5321, 4.2).

    ``code`` is the three digits, ``enhanced`` the enhanced status code such as
    ``"2.1.5"`` (RFC 2034) or None, ``lines`` the text of each line without
    code, enhanced code and line end.
    """

    code: int
    lines: tuple[str, ...] = ("",)
    enhanced: str | None = None

    @property
    def text(self) -> str:
        """All lines, joined by newlines."""
        return "\n".join(self.lines)

    @property
    def positive(self) -> bool:
        """Whether the server did what it was asked (2yz)."""
        return 200 <= self.code <= 299

    @property
    def intermediate(self) -> bool:
        """Whether the server waits for more (3yz)."""
        return 300 <= self.code <= 399

    @property
    def transient(self) -> bool:
        """Whether the server may say yes later (4yz)."""
        return 400 <= self.code <= 499

    def __str__(self) -> str:
        return " ".join(part for part in (str(self.code), self.enhanced, *self.lines) if part)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one recipient will not get the message: the server's ``reply`` to ``command``."""

    reply: Reply
    command: str = "RCPT"

    @property
    def code(self) -> int:
        """The three-digit reply code."""
        return self.reply.code

    @property
    def enhanced(self) -> str | None:
        """The enhanced status code, or None."""
        return self.reply.enhanced

    @property
    def text(self) -> str:
        """The server's words."""
        return self.reply.text

    @property
    def retryable(self) -> bool:
        """Whether the refusal is transient (4yz)."""
        return self.reply.transient

    def __str__(self) -> str:
        return str(self.reply)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one message.

    ``accepted`` are the recipients the server took responsibility for,
    ``refused`` the others with the reason. ``reply`` is the server's last
    answer about the message, None when none came. ``error`` is set only in
    receipts of ``send_many``, with ``accepted == ()``.
    """

    message_id: str | None
    accepted: tuple[str, ...] = ()
    refused: Mapping[str, Refusal] = field(default_factory=dict)
    reply: Reply | None = None
    error: CourrielError | None = None
