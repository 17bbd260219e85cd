"""Tell whoever drives the SMTP machine what it cannot do itself.

Events are pulled one at a time with ``SmtpMachine.next_event()``; these three are all there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from courriel.sandbox.envelope import SmtpEnvelope


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A message is complete: keep it, then call ``answer()``; until then nothing more is read."""

    envelope: SmtpEnvelope
    content: bytes


@dataclass(frozen=True, slots=True)
class TlsWanted:
    """Send what is to be sent, shake hands, then call ``tls_started()``."""


@dataclass(frozen=True, slots=True)
class Closing:
    """Send what is to be sent and close the connection; ``clean`` after QUIT or the peer's end."""

    clean: bool = True


Event: TypeAlias = "MessageReceived | TlsWanted | Closing"
