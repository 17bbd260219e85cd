"""The arrays of the Email structure: counted from 1, with a counter beside them.

In WLanguage a program writes ``Email.Recipient[1]`` and says with ``Email.NbRecipient`` how many
elements count. Elements may be written in any order; one that was never written reads as blank.

Only the array lives here; what its elements mean is the structure's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Generic, TypeVar

from courriel.errors import Misused
from courriel.wlanguage.faults import WLanguageError

__all__ = ["Array"]

T = TypeVar("T")

_HIGHEST: Final = 2**31 - 1
"""WLanguage's integers have four octets."""


class Array(Generic[T]):
    """Hold elements under 1, 2, 3… and know how many of them count.

    ``kinds`` are the types an element may have, ``blank`` is what an unwritten one reads as and
    ``name`` is used in errors.
    """

    def __init__(self, name: str, kinds: tuple[type, ...], blank: T) -> None:
        self._name = name
        self._kinds = kinds
        self._blank = blank
        self._elements: dict[int, T] = {}
        self._highest = 0
        self._count: int | None = None

    @property
    def count(self) -> int:
        """How many elements count: what the program set, else the highest one written."""
        return self._highest if self._count is None else self._count

    @count.setter
    def count(self, count: int) -> None:
        if not _whole(count, 0):
            raise WLanguageError(
                f"must be a whole number from 0 to {_HIGHEST}, not {count!r}",
                operation=f"Email.Nb{self._name}",
            )
        self._count = count

    def Add(self, element: T) -> int:
        """Add an element behind the last one that counts; return its number (French: Ajoute)."""
        number = self.count + 1
        self[number] = element
        if self._count is not None:
            self._count = number
        return number

    Ajoute = Add

    def replace(self, elements: Iterable[T]) -> None:
        """Put ``elements`` in the place of all others; the counter follows them again."""
        new = list(elements)
        self.clear()
        for element in new:
            self.Add(element)

    def clear(self) -> None:
        """Remove every element and forget the counter."""
        self._elements.clear()
        self._highest = 0
        self._count = None

    def __getitem__(self, number: int) -> T:
        return self._elements.get(self._number(number), self._blank)

    def __setitem__(self, number: int, element: T) -> None:
        if not isinstance(element, self._kinds):
            kinds = " or ".join(kind.__name__ for kind in self._kinds)
            raise WLanguageError(
                f"must be {kinds}, not {type(element).__name__}",
                operation=f"Email.{self._name}[{number}]",
            )
        self._elements[self._number(number)] = element
        self._highest = max(self._highest, number)

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[T]:
        """Iterate over the elements that count.

        Raises Misused, at once, when one of them was never written or is blank: often an empty
        input field, so an expected failure. A counter of a thousand million costs nothing.
        """
        counted = self._counted()
        for number, element in enumerate(counted, 1):
            if element == self._blank or number not in self._elements:
                raise self._is_blank(number)
        if len(counted) < self.count:
            raise self._is_blank(len(counted) + 1)
        return iter(counted)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Array):
            return self._counted() == other._counted()
        return isinstance(other, list) and self._counted() == other

    __hash__ = None  # type: ignore[assignment]  # A mutable value has no hash.

    def __repr__(self) -> str:
        return repr(self._counted())

    def _counted(self) -> list[T]:
        count = self.count
        return [self._elements[number] for number in sorted(self._elements) if number <= count]

    def _is_blank(self, number: int) -> Misused:
        return Misused(
            f"is blank although Email.Nb{self._name} is {self.count}",
            operation=f"Email.{self._name}[{number}]",
            hint=f"Write the element or lower Email.Nb{self._name}.",
        )

    def _number(self, number: int) -> int:
        if not _whole(number, 1):
            raise WLanguageError(
                f"{number!r} is no element number; they begin at 1", operation=f"Email.{self._name}"
            )
        return number


def _whole(value: object, lowest: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= _HIGHEST
