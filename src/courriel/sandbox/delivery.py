"""Decide what becomes of a complete message: kept, or refused, for each recipient.

It stands between the SMTP machine, which asks, and the mailboxes, which keep.
"""

from __future__ import annotations

from collections.abc import Sequence

from courriel.errors import Refused
from courriel.model.receipt import Reply
from courriel.sandbox.envelope import Recipient
from courriel.sandbox.smtp import replies
from courriel.sandbox.smtp.events import MessageReceived
from courriel.sandbox.smtp.policy import SmtpPolicy
from courriel.sandbox.store import Store


class Delivery:
    """Put messages into the mailboxes of ``store``, as ``policy`` says."""

    def __init__(self, policy: SmtpPolicy, store: Store) -> None:
        self._policy = policy
        self._store = store

    def __call__(self, message: MessageReceived) -> Sequence[Reply]:
        """Return the reply for each recipient, in order.

        In SMTP a message goes to all of them or to none (RFC 5321, 4.2.5); in
        LMTP each stands for himself (RFC 2033, 4.2).
        """
        recipients = message.envelope.recipients
        refuse = self._policy.refuse_message
        refused = {
            recipient: refuse[recipient.address.casefold()]
            for recipient in recipients
            if refuse and recipient.address.casefold() in refuse
        }
        if refused and not self._policy.lmtp:
            return [next(iter(refused.values()))]
        kept = self._keep(message, [each for each in recipients if each not in refused])
        return [refused.get(recipient, kept) for recipient in recipients]

    def _keep(self, message: MessageReceived, recipients: Sequence[Recipient]) -> Reply:
        users = [recipient.user for recipient in recipients]
        try:
            stored = self._store.deliver(users, message.content, message.envelope)
        except Refused as error:
            return replies.of(error)
        return replies.ok("2.0.0", f"Kept as {'/'.join(str(each.id) for each in stored)}")
