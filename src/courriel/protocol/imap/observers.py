"""Those who watch a folder: what happened to it, kept until they look.

What the server says unasked is told here in the words of ``model.events``. The queue is bounded:
who falls too far behind is told to look anew, instead of everything that he has missed.
"""

from __future__ import annotations

from collections import deque

from courriel.model.events import Event, Resynchronise
from courriel.protocol.ticket import Ticket

_EVENTS = 10_000


class Observer:
    """Somebody who watches one folder. ``news`` is resolved when there is something to look at."""

    __slots__ = ("events", "folder", "grown", "lost", "news")

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.events: deque[Event] = deque()
        self.grown = False
        """Whether the folder has messages that nobody knows the UIDs of."""
        self.lost = False
        """Whether the folder must be looked at anew: it was left, or too much has happened."""
        self.news: Ticket[None] = Ticket()

    def tell(self, event: Event) -> None:
        """Add what happened."""
        if len(self.events) >= _EVENTS:
            self.events.clear()
            self.lost = True
            self.events.append(Resynchronise(self.folder, "more happened than could be kept"))
        else:
            self.events.append(event)
        self.stir()

    def grow(self) -> None:
        """Say that there are new messages."""
        self.grown = True
        self.stir()

    def lose(self) -> None:
        """Say that the folder must be looked at anew."""
        self.lost = True
        self.stir()

    def stir(self) -> None:
        """Wake who waits for news."""
        if not self.news.done:
            self.news.resolve(None)

    def calm(self) -> None:
        """Wait for news again, unless there are some."""
        if self.news.done and not (self.events or self.grown or self.lost):
            self.news = Ticket()
