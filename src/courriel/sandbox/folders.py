"""Hold the folders of one user: a tree by name, with special uses and subscriptions.

::

    INBOX        where mail arrives; always there
    Drafts, Sent, Trash, Junk, Archive        each with its special use (RFC 6154)

Names are plain Unicode with ``/`` between the levels; INBOX is the same in any case. A name may
stand for no mailbox: that is what is left of a folder that was deleted while it had others below it
(RFC 3501, 6.3.4). Nothing here knows how a protocol writes names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from courriel.errors import Misused
from courriel.sandbox.mailbox import Mailbox

__all__ = ["SEPARATOR", "SPECIAL_USES", "Folders"]

SEPARATOR = "/"
INBOX = "INBOX"
SPECIAL_USES = {
    "Drafts": "\\Drafts",
    "Sent": "\\Sent",
    "Trash": "\\Trash",
    "Junk": "\\Junk",
    "Archive": "\\Archive",
}
"""The folders that every user has besides INBOX, and what they are for."""

# More are a program that does not stop.
_FOLDERS = 1_000
_NAME_LENGTH = 500
_LEVELS = 50


@dataclass(slots=True)
class _Place:
    """What a name stands for; without a mailbox it only has others below it."""

    mailbox: Mailbox | None
    use: str | None = None


class Folders:
    """The folders of one user. ``make`` makes a mailbox for a name, with a new UIDVALIDITY.

    May be used from any thread. Raises Misused for what cannot be done.
    """

    def __init__(self, inbox: Mailbox, make: Callable[[str], Mailbox]) -> None:
        self._lock = inbox.lock
        self._make = make
        self._places = {INBOX: _Place(inbox)}
        for name, use in SPECIAL_USES.items():
            self._places[name] = _Place(make(name), use)
        self._subscribed = set(self._places)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name in the tree, INBOX first, then by the alphabet."""
        with self._lock:
            return tuple(sorted(self._places, key=_order))

    @property
    def subscribed(self) -> tuple[str, ...]:
        """Every subscribed name, whether or not there is such a folder."""
        with self._lock:
            return tuple(sorted(self._subscribed, key=_order))

    def __iter__(self) -> Iterator[Mailbox]:
        found = (self.find(name) for name in self.names)
        return iter([mailbox for mailbox in found if mailbox is not None])

    def __contains__(self, name: str) -> bool:
        return canonical(name) in self._places

    def find(self, name: str) -> Mailbox | None:
        """Return the mailbox of that name, or None."""
        place = self._places.get(canonical(name))
        return None if place is None else place.mailbox

    def use(self, name: str) -> str | None:
        r"""Return the special use of a name, such as ``"\\Sent"``, or None."""
        place = self._places.get(canonical(name))
        return None if place is None else place.use

    def below(self, name: str) -> tuple[str, ...]:
        """Return the names below ``name``, on all levels."""
        prefix = canonical(name) + SEPARATOR
        return tuple(each for each in self.names if each.startswith(prefix))

    def create(self, name: str, *, use: str | None = None) -> Mailbox:
        """Create a folder, and those above it that are missing."""
        name = checked(name)
        with self._lock:
            if self.find(name) is not None:
                raise _misused(f"there is a folder {name!r} already", "Choose another name.")
            for above in (*_above(name), name):
                place = self._places.get(above)
                if place is None:
                    self._check_room(1)
                    self._places[above] = _Place(self._make(above))
                elif above == name:
                    place.mailbox = self._make(name)
            self._places[name].use = use
            mailbox = self._places[name].mailbox
            assert mailbox is not None
            return mailbox

    def delete(self, name: str) -> None:
        """Delete a folder with its messages; those below it stay."""
        name = canonical(name)
        with self._lock:
            place = self._place(name)
            if name == INBOX:
                raise _misused("INBOX cannot be deleted", "Clear it.")
            if place.mailbox is None and self.below(name):
                raise _misused(f"{name!r} has folders below it", "Delete those first.")
            if place.mailbox is not None:
                place.mailbox.clear()
                place.mailbox.deleted = True
            if self.below(name):
                self._places[name] = _Place(None)
            else:
                del self._places[name]

    def rename(self, name: str, new: str) -> None:
        """Give a folder, with all below it, another name; INBOX stays, and loses its messages.

        The messages of INBOX are for the caller to move: RFC 3501, 6.3.5.
        """
        name, new = canonical(name), checked(new)
        with self._lock:
            self._place(name)
            if new in self._places:
                raise _misused(f"there is a folder {new!r} already", "Choose another name.")
            if name == INBOX:
                self.create(new)
                return
            if new.startswith(name + SEPARATOR):
                raise _misused("a folder cannot be below itself", "Choose another name.")
            for above in _above(new):
                if above not in self._places:
                    self.create(above)
            for each in (name, *self.below(name)):
                renamed = checked(new + each.removeprefix(name))
                place = self._places[renamed] = self._places.pop(each)
                if place.mailbox is not None:
                    place.mailbox.name = renamed

    def subscribe(self, name: str) -> None:
        """Subscribe to a name, whether or not there is such a folder."""
        name = checked(name)
        with self._lock:
            if len(self._subscribed) >= 2 * _FOLDERS:
                raise _misused("there are too many subscriptions", "Take some back.")
            self._subscribed.add(name)

    def unsubscribe(self, name: str) -> None:
        """Take a subscription back, if there is one."""
        with self._lock:
            self._subscribed.discard(canonical(name))

    def _place(self, name: str) -> _Place:
        place = self._places.get(name)
        if place is None:
            raise _misused(f"there is no folder {name!r}", f"There are: {', '.join(self.names)}.")
        return place

    def _check_room(self, more: int) -> None:
        if len(self._places) + more > _FOLDERS:
            raise _misused(f"a user has at most {_FOLDERS} folders", "Delete some.")


def canonical(name: str) -> str:
    """Return the name with INBOX in upper case, also where it is the first level."""
    first, separator, rest = name.partition(SEPARATOR)
    return INBOX + separator + rest if first.upper() == INBOX else name


def checked(name: str) -> str:
    """Return the canonical name; Misused when no folder can have it."""
    levels = name.split(SEPARATOR)
    if (
        not all(levels)
        or len(name) > _NAME_LENGTH
        or len(levels) > _LEVELS
        or not name.isprintable()
    ):
        raise _misused(
            "this is no name for a folder",
            f"It has up to {_LEVELS} levels, none of them empty, and no control characters.",
        )
    return canonical(name)


def _above(name: str) -> list[str]:
    levels = name.split(SEPARATOR)
    return [SEPARATOR.join(levels[:count]) for count in range(1, len(levels))]


def _order(name: str) -> tuple[bool, str, str]:
    return name.split(SEPARATOR)[0] != INBOX, name.casefold(), name


def _misused(message: str, hint: str) -> Misused:
    return Misused(message, operation="sandbox", hint=hint)
