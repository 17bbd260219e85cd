"""Say with a number how a command ended, for scripts.

Only the numbers and the way from an error to one of them live here.
"""

from __future__ import annotations

from enum import IntEnum

from courriel.errors import CourrielError, Misused, Uncertain

__all__ = ["Status", "status_of"]


class Status(IntEnum):
    """Exit statuses."""

    DONE = 0
    """Every recipient was accepted."""
    PARTLY = 1
    """Some recipients were accepted, some refused; or a check of the demonstration failed."""
    USAGE = 2
    """The command line, the account or the message is wrong; nothing was sent."""
    REFUSED = 3
    """Nothing was sent, and the same again will not help."""
    LATER = 4
    """Nothing was sent; the same again may succeed later."""
    UNCERTAIN = 5
    """The message was handed over and no answer came: it may have been sent."""


def status_of(error: CourrielError) -> Status:
    """Return the exit status that tells of ``error``."""
    if isinstance(error, Misused):
        return Status.USAGE
    if isinstance(error, Uncertain):
        return Status.UNCERTAIN
    return Status.LATER if error.retryable else Status.REFUSED
