"""Give the header fields of a mail by name, in any case, in order, repeated ones included.

A read-only mapping of names to the first value of that name. Values are decoded and unfolded.

Only the mapping lives here; ``reading`` fills it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Headers"]


class Headers(Mapping[str, str]):
    """Header fields: ``headers["Subject"]`` is the first value, ``all`` gives every one.

    Names compare without case (RFC 5322, 1.2.2). Iteration gives every
    different name once, as first written.
    """

    __slots__ = ("_index", "fields")

    def __init__(self, fields: Sequence[tuple[str, str]]) -> None:
        self.fields = tuple(fields)
        self._index: dict[str, list[int]] = {}
        for position, (name, _) in enumerate(self.fields):
            self._index.setdefault(name.lower(), []).append(position)

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a name, in order; an empty tuple when there is none."""
        if name not in self:
            return ()
        return tuple(self.fields[at][1] for at in self._index[name.lower()])

    def __getitem__(self, name: str) -> str:
        if name not in self:
            raise KeyError(name)
        return self.fields[self._index[name.lower()][0]][1]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._index

    def __iter__(self) -> Iterator[str]:
        return (self.fields[positions[0]][0] for positions in self._index.values())

    def __len__(self) -> int:
        return len(self._index)

    def __repr__(self) -> str:
        return f"Headers({list(self)})"
