"""A conversation: messages that answer each other, as a folder's server or we see it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Thread:
    """One conversation, each message behind the one that it answers.

    ``members`` are pairs (id, depth): the first has depth 0, an answer to it
    depth 1. The id is None for a message that is answered but not there. The
    pairs are flat, since a conversation may be deeper than any recursion.
    """

    members: tuple[tuple[int | None, int], ...]

    @property
    def ids(self) -> tuple[int, ...]:
        """The messages that are there, in the order of the conversation."""
        return tuple(uid for uid, _ in self.members if uid is not None)
