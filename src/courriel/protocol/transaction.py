r"""A mail transaction (RFC 5321, 3.3) as one ticket: MAIL, its RCPTs, and the message.

The machine writes its lines as far as the grouping rules allow and hands it each reply by slot;
the transaction remembers them and knows when its outcome is certain. It neither reads nor writes.

Life of a transaction::

    envelope --> body --> settled        the server took the message, or refused it after the data
        \____________/
              over                       refused: MAIL, every RCPT, DATA, or a chunk
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from courriel.faces import Flow
from courriel.model.receipt import Reply
from courriel.protocol.ticket import Ticket
from courriel.wire.smtp.commands import Mail, Rcpt

# Slots: which reply of the transaction this is. RCPTs are counted from 0.
MAIL, DATA, CHUNK, BODY = -1, -2, -3, -4


@dataclass(frozen=True, slots=True)
class Outcome:
    """All the replies of one transaction; None where no answer is owed."""

    mail: Reply | None
    recipients: tuple[Reply | None, ...]
    data: Reply | None
    final: tuple[Reply, ...]

    @property
    def accepted(self) -> tuple[int, ...]:
        """The places of the recipients that RCPT accepted."""
        return tuple(
            place
            for place, reply in enumerate(self.recipients)
            if reply is not None and reply.positive
        )


class Meal(Protocol):
    """Where a fed body comes from. Whoever waits behind it may serve it."""

    def serve(self) -> Flow[None]:
        """Bring the next piece."""
        ...


class Transaction(Ticket[Outcome]):
    """One message on its way through a machine.

    ``body`` is what goes on the wire (normalised, and dot-stuffed when
    ``chunked`` is false), or None for a body that is fed in chunks.
    """

    __slots__ = (
        "_accepted",
        "_data",
        "_final",
        "_mail",
        "_recipients",
        "begun",
        "body",
        "chunked",
        "deserted",
        "end",
        "mail",
        "meal",
        "outstanding",
        "over",
        "per_recipient",
        "pipelined",
        "recipients",
        "unreset",
        "welcome",
        "written",
    )

    def __init__(
        self,
        mail: Mail,
        recipients: Sequence[Rcpt],
        body: bytes | None,
        *,
        chunked: bool,
        per_recipient: bool = False,
    ) -> None:
        super().__init__()
        self.mail = mail
        self.recipients = recipients
        self.body = body
        self.chunked = chunked
        self.per_recipient = per_recipient
        self.meal: Meal | None = None
        """Where the body comes from when it is fed."""
        self.begun = False
        """Whether somebody was called to bring it: if he stops, what is there of it is torn."""
        self.deserted = False
        """Whether it was given up because somebody stopped who brought it for another."""
        self.unreset = False
        """Whether MAIL went out behind a message in flight without a RSET between them."""
        self.pipelined = False
        """Whether its commands go out in a group (RFC 2920)."""
        self.written = False
        """Whether MAIL has gone out: the server has a transaction open."""
        self.welcome = False
        """Whether the server waits for the message: DATA was answered with 354."""
        self.outstanding = 0
        """Replies that are owed for what was written."""
        self.over = False
        """Whether the message is refused for certain, so that no more of it is written."""
        self.end: int | None = None
        """The machine's octet count just behind the message, once its end is queued."""
        self._mail: Reply | None = None
        self._recipients: list[Reply | None] = [None] * len(recipients)
        self._data: Reply | None = None
        self._final: list[Reply] = []
        self._accepted = 0

    @property
    def accepted(self) -> int:
        """How many recipients RCPT accepted so far."""
        return self._accepted

    @property
    def outcome(self) -> Outcome:
        """The replies so far."""
        return Outcome(self._mail, tuple(self._recipients), self._data, tuple(self._final))

    def take(self, slot: int, reply: Reply) -> None:
        """Remember the reply to the line of that slot."""
        self.outstanding -= 1
        if slot >= 0:
            self._take_recipient(slot, reply)
        elif slot == MAIL:
            self._mail = reply
            self.over |= not reply.positive
        elif slot == BODY:
            self._final.append(reply)
        else:
            self._take_data(slot, reply)

    def _take_recipient(self, slot: int, reply: Reply) -> None:
        self._recipients[slot] = reply
        if reply.positive:
            self._accepted += 1
        elif not self._accepted and slot == len(self._recipients) - 1:
            self.over = True

    def _take_data(self, slot: int, reply: Reply) -> None:
        if slot == DATA and reply.intermediate:
            self.welcome = True
        elif slot == DATA or not reply.positive:
            # Only the first refusal says why; those of the chunks behind it refer to it.
            self._data = self._data or reply
            self.over = True

    def cut_short(self, reply: Reply) -> None:
        """Take a refusal in the middle of the message for the answer that the whole would get.

        Nobody gets a message without an end, so under LMTP it holds for every recipient.
        """
        self._final = [reply] * self.finals_missing
        self.over = True

    @property
    def finals_missing(self) -> int:
        """How many replies to the message itself are still to come, LMTP's one a recipient."""
        owed = max(1, self._accepted) if self.per_recipient else 1
        return owed - len(self._final)

    @property
    def settled(self) -> bool:
        """Whether the outcome is certain."""
        if self.outstanding:
            return False
        return self.over or bool(self._final)

    @property
    def refused_for_certain(self) -> bool:
        """Whether nobody can get this message, whatever else the server may answer."""
        return self.over or (
            not self.per_recipient and any(not reply.positive for reply in self._final)
        )
