"""Tell whoever drives the SMTP machine what it cannot do itself.

Events are pulled one at a time with ``SmtpMachine.next_event()``; these three are all there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from courriel.sandbox.envelope import SmtpEnvelope
from courriel.sandbox.events import Closing, TlsWanted

__all__ = ["Closing", "Event", "MessageReceived", "TlsWanted"]


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A message is complete: keep it, then call ``answer()``; until then nothing more is read."""

    envelope: SmtpEnvelope
    content: bytes


Event: TypeAlias = MessageReceived | TlsWanted | Closing
