"""Tell whoever drives a machine what it cannot do itself, whatever its protocol.

Events are pulled one at a time with ``next_event()``. A protocol may have others besides these two;
they live with it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TlsWanted:
    """Send what is to be sent, shake hands, then call ``tls_started()``."""


@dataclass(frozen=True, slots=True)
class Closing:
    """Send what is to be sent and close the connection; ``clean`` after a farewell or an end."""

    clean: bool = True
