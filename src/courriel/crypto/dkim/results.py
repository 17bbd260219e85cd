"""What verifying a DKIM signature came to.

A signature says that a domain answers for a message. Whether that domain has anything to do with
the author is another question, and the caller's.

Only these values live here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

__all__ = ["DkimResult", "DkimStatus"]


class DkimStatus(str, Enum):
    """How a signature stands, in the words of RFC 8601, 2.7.1."""

    PASS = "pass"  # noqa: S105 - No password.
    FAIL = "fail"
    """It does not fit the message, or its time is over."""
    NEUTRAL = "neutral"
    """It says nothing: its domain only tries DKIM out, or it was not looked at."""
    TEMPERROR = "temperror"
    """The key could not be asked for; later it may be."""
    PERMERROR = "permerror"
    """The signature, the key or the message cannot be read as such."""


@dataclass(frozen=True, slots=True)
class DkimResult:
    """One signature, and whether it holds.

    ``domain`` answers for the message when ``status`` is PASS, and only then;
    in all other cases it is what somebody has written. ``reason`` says in
    words why it does not hold. ``identity`` is on whose behalf (``i=``),
    ``headers`` the names of the signed fields in lower case, in order.
    """

    domain: str
    selector: str
    status: DkimStatus
    reason: str = ""
    identity: str = ""
    algorithm: str = ""
    headers: tuple[str, ...] = ()
    covered: frozenset[str] = frozenset()
    """Names of fields that the message has, and of which it has none that is not signed."""
    body_length: int | None = None
    """How many octets of the body are signed (``l=``); None when all of it is."""
    body_length_limited: bool = False
    """Whether something stands behind those octets that nobody has signed."""
    signed_at: datetime | None = None
    expires: datetime | None = None
    testing: bool = False
    """Whether the domain says that it only tries DKIM out (``t=y``)."""

    @property
    def passed(self) -> bool:
        """Whether the signature holds."""
        return self.status is DkimStatus.PASS

    def covers(self, *names: str) -> bool:
        """Whether the signature holds, and the message has all these fields, each one signed."""
        return self.passed and all(name.lower() in self.covered for name in names)

    @property
    def covers_unsubscribe(self) -> bool:
        """Whether a one-click unsubscription may be believed (RFC 8058, 4)."""
        return self.covers("List-Unsubscribe", "List-Unsubscribe-Post")
