"""The gate: which commands may be under way together (RFC 3501, 5.5 and 7.4.1; RFC 9051, 5.5).

What a command needs and does is declared by it, and what rules out what is the table of
``wire.imap.traits``. Here is only the check, against counts, so that it costs the same for one
command in flight and for a hundred.
"""

from __future__ import annotations

from collections import Counter

from courriel.wire.imap.traits import RULED_OUT, Command, Does, Need


class InFlight:
    """The commands that were written and are not answered."""

    __slots__ = ("_does", "count")

    def __init__(self) -> None:
        self._does: Counter[Does] = Counter()
        self.count = 0

    def add(self, command: Command) -> None:
        """Take note of a command that is written."""
        self.count += 1
        self._does.update(command.does)

    def remove(self, command: Command) -> None:
        """Take note of its answer."""
        self.count -= 1
        self._does.subtract(command.does)

    def allows(self, command: Command) -> bool:
        """Whether a command may be written behind those in flight."""
        if not self.count:
            return True
        if self._does[Does.BARRIER]:
            return False
        for need in command.needs:
            if need is Need.SILENCE or any(self._does[deed] for deed in RULED_OUT[need]):
                return False
        return True
