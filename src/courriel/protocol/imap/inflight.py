"""The gate: which commands may be under way together (RFC 3501, 5.5 and 7.4.1; RFC 9051, 5.5).

What a command needs and does is declared by it, and what rules out what is the table of
``wire.imap.traits``. Here is only the check. It goes by counts, so that it costs the same for one
command in flight and for a hundred; only where flags are read and changed at once are the commands
compared, since those that are about other messages do not disturb each other. Commands whose
answers do not say whom they answer go one after the other.
"""

from __future__ import annotations

from collections import Counter

from courriel.wire.imap.commands import Fetch, Store
from courriel.wire.imap.sets import overlap
from courriel.wire.imap.traits import RULED_OUT, Command, Does, Need

_OF_THE_SAME = frozenset({Need.STEADY_FLAGS, Need.UNREAD_FLAGS})


class InFlight:
    """The commands that were written and are not answered."""

    __slots__ = ("_commands", "_does", "_unsigned")

    def __init__(self) -> None:
        self._does: Counter[Does] = Counter()
        self._commands: list[Command] = []
        self._unsigned: Counter[str] = Counter()

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._commands)

    def add(self, command: Command) -> None:
        """Take note of a command that is written."""
        self._commands.append(command)
        self._does.update(_deeds(command))
        self._unsigned.update(command.unsigned)

    def remove(self, command: Command) -> None:
        """Take note of its answer."""
        self._commands.remove(command)
        self._does.subtract(_deeds(command))
        # Those at nought go: the names of folders are among them.
        self._unsigned -= Counter(command.unsigned)

    def allows(self, command: Command) -> bool:
        """Whether a command may be written behind those in flight."""
        if not self._commands:
            return True
        if self._does[Does.BARRIER]:
            return False
        if command.folder is not None and self._does[Does.SELECTS]:
            return False
        if not command.unsigned.isdisjoint(self._unsigned):
            return False
        for need in command.needs:
            if need is Need.SILENCE:
                return False
            ruled_out = RULED_OUT[need]
            if any(self._does[deed] for deed in ruled_out) and not (
                need in _OF_THE_SAME and self._about_others(command, ruled_out)
            ):
                return False
        return True

    def _about_others(self, command: Command, ruled_out: frozenset[Does]) -> bool:
        """Whether whoever does that in flight does it to other messages."""
        return all(
            _apart(command, other)
            for other in self._commands
            if not ruled_out.isdisjoint(other.does)
        )


def _deeds(command: Command) -> frozenset[Does]:
    """Return what a command does; whatever runs in a folder depends on it, even a NOOP."""
    return command.does if command.folder is None else command.does | {Does.USES_SELECTION}


def _apart(one: Command, other: Command) -> bool:
    if not isinstance(one, Fetch | Store) or not isinstance(other, Fetch | Store):
        return False
    named = Does.USES_UIDS in one.does and Does.USES_UIDS in other.does
    return named and not overlap(one.uids, other.uids)
