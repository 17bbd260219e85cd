"""How the structures of the family hold their members.

A WLanguage compiler rejects an unknown member and a value of the wrong type. Python finds out
when the program runs, here: a ``Member`` checks the type of what it is given, and a ``Structure``
has no members but the declared ones, so that a misspelt name is an error and not a lost line.

Only the means live here; the members themselves are declared in ``structure`` and ``session``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, overload

from courriel.wlanguage.arrays import Array
from courriel.wlanguage.faults import WLanguageError

__all__ = ["Alias", "ArrayMember", "Counter", "Member", "Structure"]

T = TypeVar("T")


class _NoMember(WLanguageError, AttributeError):
    """There is no such member; Python itself asks for some, and expects an AttributeError."""


class Structure:
    """Have the declared members and no others.

    The values are looked up in ``__dict__`` at each access, so that a subclass which is also a
    ``threading.local`` holds one set of values per thread.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_") and not hasattr(type(self), name):
            raise _NoMember(f"there is no member {name!r}", operation=type(self).__name__)
        super().__setattr__(name, value)

    if not TYPE_CHECKING:
        # A type checker shall go on finding what is misspelt.
        def __getattr__(self, name: str) -> Any:
            raise _NoMember(f"there is no member {name!r}", operation=type(self).__name__)


class Member(Generic[T]):
    """Hold one value of one type. ``True`` is not taken for a number."""

    def __init__(self, kind: type[T], default: T) -> None:
        self._kind = kind
        self._default = default

    def __set_name__(self, owner: type, name: str) -> None:
        self._owner = owner.__name__
        self._name = name

    @overload
    def __get__(self, instance: None, owner: Any) -> Member[T]: ...
    @overload
    def __get__(self, instance: Structure, owner: Any) -> T: ...
    def __get__(self, instance: Any, owner: Any) -> Any:
        if instance is None:
            return self
        return instance.__dict__.get(self._name, self._default)

    def __set__(self, instance: Structure, value: T) -> None:
        if not isinstance(value, self._kind) or (isinstance(value, bool) and self._kind is int):
            raise WLanguageError(
                f"must be {self._kind.__name__}, not {type(value).__name__}",
                operation=f"{self._owner}.{self._name}",
            )
        instance.__dict__[self._name] = value


class ArrayMember(Generic[T]):
    """Hold one array. Assigning to it replaces its elements; one element alone is enough."""

    def __init__(self, kinds: tuple[type, ...], blank: T) -> None:
        self._kinds = kinds
        self._blank = blank

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: Any) -> ArrayMember[T]: ...
    @overload
    def __get__(self, instance: Structure, owner: Any) -> Array[T]: ...
    def __get__(self, instance: Any, owner: Any) -> Any:
        if instance is None:
            return self
        if self._name not in instance.__dict__:
            instance.__dict__[self._name] = Array(self._name, self._kinds, self._blank)
        return instance.__dict__[self._name]

    def __set__(self, instance: Structure, value: Iterable[T] | T) -> None:
        array = self.__get__(instance, type(instance))
        if isinstance(value, self._kinds):
            array.replace([cast("T", value)])
        elif isinstance(value, Iterable):
            array.replace(value)
        else:
            # The array says what is wrong with it.
            array.replace([value])


class Counter:
    """Be the number of elements that count in the array called ``array``."""

    def __init__(self, array: str) -> None:
        self._array = array

    @overload
    def __get__(self, instance: None, owner: Any) -> Counter: ...
    @overload
    def __get__(self, instance: Structure, owner: Any) -> int: ...
    def __get__(self, instance: Any, owner: Any) -> Any:
        return self if instance is None else getattr(instance, self._array).count

    def __set__(self, instance: Structure, value: int) -> None:
        getattr(instance, self._array).count = value


class Alias(Generic[T]):
    """Be another name, the French one, of the member called ``name``."""

    def __init__(self, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: Any) -> Alias[T]: ...
    @overload
    def __get__(self, instance: Structure, owner: Any) -> T: ...
    def __get__(self, instance: Any, owner: Any) -> Any:
        return self if instance is None else getattr(instance, self._name)

    def __set__(self, instance: Structure, value: Any) -> None:
        setattr(instance, self._name, value)
