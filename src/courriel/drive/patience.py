"""How long a driver waits: pure arithmetic on a clock that somebody else reads.

Two clocks run. ``Patience`` is the connection's: a complete answer must come within ``read``
seconds of the last sign of progress, where progress is a complete answer, or a bulk transfer that
keeps the minimum rate. An octet now and then is none: that is how smtplib and imaplib are held for
ever. ``Bounds`` is one operation's: its total, and the phase that its flow has set with ``Allow``.
"""

from __future__ import annotations

from courriel.errors import TimedOut
from courriel.protocol.machine import Machine

_MARKS = 8
"""Moments in a window at which it is remembered how far a transfer was."""
_LOOK = 0.25
"""Seconds between two looks at what a transport keeps."""
_INSTANT = 1e-6
"""Seconds that are none: clocks are added to and taken from, and lose as much."""


class Bounds:
    """What one operation may still take. Times are readings of the driver's clock."""

    __slots__ = ("_total", "hint", "pause_at", "phase", "total_at")

    def __init__(self, total: float | None, now: float) -> None:
        self._total = total
        self.total_at = None if total is None else now + total
        self.phase: float | None = None
        self.hint = ""
        self.pause_at: float | None = None
        """When a wait that nobody owes anything is over."""

    def allow(self, seconds: float | None, hint: str, now: float) -> None:
        """Begin a phase that must end in that many seconds, or end the phase."""
        self.phase = None if seconds is None else now + seconds
        self.hint = hint

    def pause(self, seconds: float, now: float) -> None:
        """Wait for what nobody owes, at most that long; the total does not run meanwhile."""
        self.pause_at = now + seconds

    def resume(self, now: float) -> None:
        """End that wait; the total begins anew, since what follows is a new piece of work."""
        self.pause_at = None
        if self._total is not None:
            self.total_at = now + self._total

    @property
    def until(self) -> float | None:
        """The earlier of both ends, None for no end."""
        if self.pause_at is not None:
            return self.pause_at
        if self.phase is None:
            return self.total_at
        if self.total_at is None:
            return self.phase
        return min(self.phase, self.total_at)

    def left(self, now: float) -> float | None:
        """Return the seconds left, None for no end. Raises TimedOut when there are none."""
        until = self.until
        if until is None:
            return None
        if now >= until:
            raise self.expired(now)
        return until - now

    def expired(self, now: float) -> TimedOut:
        """Return the error for bounds that have run out; a phase knows better what to try."""
        if self.phase is not None and now >= self.phase:
            return TimedOut("the server did not answer in time", hint=self.hint)
        if self.pause_at is not None:
            return TimedOut("nothing came in that time", session_usable=True)
        return TimedOut(
            f"the operation did not end within {self._total:g} s",
            hint="Raise Timeout.total, or try again.",
            session_usable=True,
        )


class Patience:
    """The read timeout of one connection.

    The window over which a bulk transfer must keep its rate slides: it begins
    where the transfer stood ``read`` seconds ago. So a server that stalls is
    given up that long after the last octet, whatever it took before. Where the
    transfer stood is known for a few moments only, the last of them exactly.
    """

    __slots__ = ("_answers", "_marks", "_moved", "_rate", "_read", "_seen", "_since", "_taken")

    def __init__(self, read: float | None, rate: int) -> None:
        self._read = read
        self._rate = rate
        self._since = 0.0
        self._answers = -1
        self._taken = -1
        self._moved = 0
        """How far the transfer was at ``_since``, where the window begins."""
        self._seen = 0
        """How far it was when somebody looked last."""
        self._marks: list[tuple[float, int]] = []
        """When it was seen to advance since then, and how far that was."""

    @property
    def step(self) -> float:
        """In how many seconds somebody should look again who is not told of every advance."""
        return _LOOK if self._read is None else min(_LOOK, self._read / _MARKS)

    def left(self, machine: Machine, now: float) -> float | None:
        """Return the seconds until the wait is over, None for no end, 0 when it is."""
        if self._read is None:
            return None
        sent, moved = machine.octets_sent, machine.octets_sent + machine.octets_of_bodies
        if machine.answers != self._answers or self._taken < 0:
            return self._restart(machine, now)
        if moved != self._seen:
            self._mark(moved, now)
        elapsed = now - self._since
        swift = moved - self._moved >= self._rate * min(elapsed, self._read)
        if swift and sent != self._taken and sent == machine.octets_queued:
            # The last of the output was taken: only now does the server owe its answer. A command
            # that somebody adds later is no such thing, and puts off no answer that is owed.
            return self._restart(machine, now)
        if elapsed < self._read - _INSTANT:
            return self._read - elapsed
        return self._slide(self._read, moved, now)

    def _mark(self, moved: int, now: float) -> None:
        """Note an advance; of those that are close together only the last is kept."""
        assert self._read is not None
        marks = self._marks
        before = marks[-2][0] if len(marks) > 1 else self._since
        if marks and marks[-1][0] - before < self._read / _MARKS:
            marks.pop()
        marks.append((now, moved))
        self._seen = moved

    def _slide(self, read: float, moved: int, now: float) -> float:
        """Have the window begin ``read`` seconds ago; return how long it may stay as it is."""
        marks = self._marks
        while marks and now - marks[0][0] >= read - _INSTANT:
            self._since, self._moved = marks.pop(0)
        if not marks or moved - self._moved < self._rate * read:
            return 0
        return read - (now - marks[0][0])

    def _restart(self, machine: Machine, now: float) -> float:
        assert self._read is not None
        self._since = now
        self._answers = machine.answers
        self._taken = machine.octets_sent
        self._moved = self._seen = machine.octets_sent + machine.octets_of_bodies
        if self._marks:
            self._marks.clear()
        return self._read

    def rest(self) -> None:
        """Take note that nothing is awaited, so that the next wait starts afresh."""
        self._taken = -1

    def error(self) -> TimedOut:
        """Return the error for a wait that is over."""
        return TimedOut(
            f"no complete answer came within {self._read:g} s",
            hint="The server may be overloaded; raise Timeout.read, or try again later.",
        )
